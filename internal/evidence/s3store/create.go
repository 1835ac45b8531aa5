package s3store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// conflictWait is the time until a request is sent again that met another one to the same object.
const conflictWait = 100 * time.Millisecond

// maxObject is the size in bytes above which an object is not part of a log.
const maxObject = 64 << 20

// Create implements evidence.Store. If an answer is lost, the request is sent again. Then the object
// is there, and is this one.
func (s *Store) Create(ctx context.Context, n int, text []byte) error {
	client, err := s.open(ctx)
	if err != nil {
		return err
	}
	for {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &s.bucket, Key: s.key(n), Body: bytes.NewReader(text),
			IfNoneMatch: aws.String("*"), ContentType: aws.String("application/jsonl"),
		})
		switch status(err) {
		case http.StatusConflict:
		case http.StatusPreconditionFailed:
			if there, err := s.get(ctx, client, n); there != nil || err != nil {
				return s.compare(n, there, text, err)
			}
		default:
			if err == nil {
				return nil
			}
			return s.explain(ctx, "write "+file(n)+" to", err)
		}
		if err := pause(ctx); err != nil { // another request for the object is under way
			return fmt.Errorf("cannot write %s to %s: other requests for it do not end: %w", file(n), s.Name(), err)
		}
	}
}

// compare returns an fs.ErrExist if the object that is there is not the one that was to be created.
func (s *Store) compare(n int, there, text []byte, err error) error {
	if err != nil || bytes.Equal(there, text) {
		return err
	}
	return fmt.Errorf("%s: the object %s: %w", s.Name(), file(n), fs.ErrExist)
}

// pause waits a moment.
func pause(ctx context.Context) error {
	select {
	case <-time.After(conflictWait):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// get returns the text of an object; nil if the server says that there is none.
func (s *Store) get(ctx context.Context, client *s3.Client, n int) ([]byte, error) {
	var last error
	for range maxAttempts { // the retries of the client end with the header of an answer
		answer, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key(n)})
		if codeOf(err) == "NoSuchKey" {
			return nil, nil
		}
		if err != nil {
			return nil, s.explain(ctx, "read "+file(n)+" from", err)
		}
		text, err := io.ReadAll(io.LimitReader(answer.Body, maxObject+1))
		answer.Body.Close()
		switch {
		case len(text) > maxObject:
			return nil, fmt.Errorf("%s: the object %s is too large for a log", s.Name(), file(n))
		case err == nil:
			return append([]byte{}, text...), nil
		case ctx.Err() != nil:
			return nil, s.explain(ctx, "read "+file(n)+" from", err)
		}
		last = err
	}
	return nil, s.explain(ctx, "read "+file(n)+" from", last)
}

// status returns the HTTP status of the answer behind an error; 0 if there is none.
func status(err error) int {
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}
