package s3store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// listing is what the server lists of the objects of a log.
type listing struct {
	last    int // the highest number; 0 for none
	objects map[int]*versions
}

// versions are those of one object: the IDs of what was written, and of delete markers. A server may
// repeat the last one of a page on the next page.
type versions struct{ written, deleted []string }

// asWritten reports whether there is one version alone.
func (v *versions) asWritten() bool { return len(v.written) < 2 && len(v.deleted) == 0 }

// withID returns the IDs with a further one.
func withID(ids []string, id *string) []string {
	if slices.Contains(ids, aws.ToString(id)) {
		return ids
	}
	return append(ids, aws.ToString(id))
}

// problem returns why an object is not as it was written; nil if nothing shows that.
func (l *listing) problem(n int) error {
	v := l.objects[n]
	if v == nil || v.asWritten() {
		return nil
	}
	what := fmt.Sprintf("it was replaced: the bucket has %d versions of it", len(v.written))
	if len(v.deleted) > 0 {
		what = fmt.Sprintf(
			"it was deleted: the bucket has %d versions of it and %d delete markers", len(v.written), len(v.deleted))
	}
	if others := l.others(n); others != "" {
		what += " (likewise " + others + ")"
	}
	return errors.New(what)
}

// maxOthers is how many further objects a problem names.
const maxOthers = 10

// others names the further objects that are not as they were written.
func (l *listing) others(n int) string {
	var names []string
	for _, other := range slices.Sorted(maps.Keys(l.objects)) {
		if other != n && !l.objects[other].asWritten() {
			names = append(names, file(other))
		}
	}
	if more := len(names) - maxOthers; more > 0 {
		names = append(names[:maxOthers], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// note returns the versions of the object with a key, to which an entry of a list is added.
func (s *Store) note(l *listing, key *string) *versions {
	n, ok := s.number(aws.ToString(key))
	if !ok {
		return &versions{} // it is not of the log
	}
	v := l.objects[n]
	if v == nil {
		v = &versions{}
		l.objects[n] = v
	}
	l.last = max(l.last, n)
	return v
}

// errPages says that a list does not end.
var errPages = errors.New("a page of the list does not say where the next one begins")

// list lists all objects of the log. Where the server shows no versions, to this key or at all, it
// lists the objects alone.
func (s *Store) list(ctx context.Context, client *s3.Client) (*listing, error) {
	l, err := s.listVersions(ctx, client)
	if slices.Contains([]string{"AccessDenied", "MethodNotAllowed", "NotImplemented"}, codeOf(err)) {
		l, err = s.listObjects(ctx, client)
	}
	if err != nil {
		return nil, s.explain(ctx, "list", err)
	}
	return l, nil
}

func (s *Store) listVersions(ctx context.Context, client *s3.Client) (*listing, error) {
	l := &listing{objects: map[int]*versions{}}
	in := &s3.ListObjectVersionsInput{Bucket: &s.bucket, Prefix: aws.String(s.prefix + "/")}
	for {
		page, err := client.ListObjectVersions(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Versions {
			v := s.note(l, entry.Key)
			v.written = withID(v.written, entry.VersionId)
		}
		for _, entry := range page.DeleteMarkers {
			v := s.note(l, entry.Key)
			v.deleted = withID(v.deleted, entry.VersionId)
		}
		if !aws.ToBool(page.IsTruncated) {
			return l, nil
		}
		key, version := aws.ToString(page.NextKeyMarker), aws.ToString(page.NextVersionIdMarker)
		if key < aws.ToString(in.KeyMarker) ||
			key == aws.ToString(in.KeyMarker) && version == aws.ToString(in.VersionIdMarker) {
			return nil, errPages
		}
		in.KeyMarker, in.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
}

func (s *Store) listObjects(ctx context.Context, client *s3.Client) (*listing, error) {
	l := &listing{objects: map[int]*versions{}}
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: aws.String(s.prefix + "/")}
	for {
		page, err := client.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			s.note(l, o.Key)
		}
		if !aws.ToBool(page.IsTruncated) {
			return l, nil
		}
		if next := aws.ToString(page.NextContinuationToken); next == "" || next == aws.ToString(in.ContinuationToken) {
			return nil, errPages
		}
		in.ContinuationToken = page.NextContinuationToken
	}
}
