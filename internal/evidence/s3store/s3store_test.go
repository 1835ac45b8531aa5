package s3store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store/s3test"
)

const address = "s3://evidence/acme/log"

// newServer is a server with the bucket of address.
func newServer(t *testing.T) *s3test.Server {
	t.Helper()
	server := s3test.Start(t)
	server.Bucket(t, "evidence", false)
	return server
}

// storeAt is the store of address at a URL.
func storeAt(t *testing.T, url string) *s3store.Store {
	t.Helper()
	store, err := s3store.New(address, s3test.Options(url)...)
	must(t, err)
	return store
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(n int) *string { return aws.String(fmt.Sprintf("acme/log/%020d.jsonl", n)) }

func anIntent(id string) evidence.Intent {
	account := evidence.Account{Vendor: "konstantly", Tenant: "acme.konstant.ly", ID: id}
	return evidence.Intent{Account: account, Action: evidence.Close, Email: id + "@acme.test", Status: "active"}
}

// closeOnce records a closure.
func closeOnce(t *testing.T, l *evidence.Log, id string) error {
	t.Helper()
	entry, err := l.Begin(t.Context(), anIntent(id))
	if err != nil {
		return err
	}
	return entry.End(t.Context(), evidence.Outcome{Result: evidence.Closed})
}

func TestNew_checksTheAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"s3://evidence/acme": "s3://evidence/acme", "s3://evidence/acme/log/": "s3://evidence/acme/log",
		"s3://evidence": "", "s3://evidence/": "", "s3:///acme": "", "s3://Evidence/acme": "", "s3://e/acme": "",
		"s3://evidence/a//b": "", "s3://evidence/a/../b": "", "s3://evidence/./b": "", "s3://evidence/a?b=c": "",
		"s3://key:secret@evidence/a": "", "evidence/acme": "", "s3://evidence/" + strings.Repeat("a", 901): "",
		"s3://evidence/a\nb": "", "s3://evidence/ä": "",
	} {
		store, err := s3store.New(address)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q: got %s, want an error", address, store.Name())
		case want != "" && (err != nil || store.Name() != want):
			t.Errorf("%q: got %v, want %s", address, err, want)
		}
	}
}

func TestStore_createsAnObjectOnce(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	one, two := storeAt(t, server.URL), storeAt(t, server.URL)
	must(t, one.Create(t.Context(), 1, []byte("one\n")))
	if err := two.Create(t.Context(), 1, []byte("two\n")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want that the object exists", err)
	}
	if err := one.Create(t.Context(), 1, []byte("one\n")); err != nil {
		t.Errorf("the same again: got %v, want that it is there, as after a lost answer", err)
	}
	var texts []string
	must(t, two.Read(t.Context(), 1, func(o evidence.Object) error {
		texts = append(texts, fmt.Sprint(o.Number, " ", o.Name, " ", string(o.Text), o.Problem))
		return nil
	}))
	if want := "1 00000000000000000001.jsonl one\n<nil>"; len(texts) != 1 || texts[0] != want {
		t.Errorf("got %q, want %q alone", texts, want)
	}
}

func TestStore_aLogInABucket(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	if _, err := evidence.ReadStore(t.Context(), storeAt(t, server.URL)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that there is no log yet", err)
	}
	for i := range 3 {
		must(t, closeOnce(t, evidence.NewInStore(storeAt(t, server.URL)), fmt.Sprint("u", i)))
	}
	h, err := evidence.ReadStore(t.Context(), storeAt(t, server.URL))
	if err != nil || h.Broken != nil || len(h.Closures) != 3 {
		t.Errorf("got %v, %v and %d closures, want three in an intact log", err, h.Broken, len(h.Closures))
	}
	l := evidence.NewInStore(storeAt(t, server.URL))
	l.Require(h.Head)
	must(t, closeOnce(t, l, "u3"))
}

// What a person with the right to delete or replace objects has done is found, and the object named.
func TestStore_findsWhatWasChangedInTheBucket(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client(t)
	remove := func(t *testing.T, bucket string, n int) {
		t.Helper()
		_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: key(n)})
		must(t, err)
	}
	put := func(t *testing.T, bucket string, n int, text string) {
		t.Helper()
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &bucket, Key: key(n), Body: strings.NewReader(text),
		})
		must(t, err)
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, bucket string, text string)
		want   string
	}{
		"deleted":  {func(t *testing.T, b, _ string) { t.Helper(); remove(t, b, 2) }, "02.jsonl, it was deleted"},
		"replaced": {func(t *testing.T, b, _ string) { t.Helper(); put(t, b, 2, "{}\n") }, "02.jsonl, it was replaced"},
		"replaced by the same": {
			func(t *testing.T, b, text string) { t.Helper(); put(t, b, 2, text) }, "02.jsonl, it was replaced",
		},
		"created again": {
			func(t *testing.T, b, text string) { t.Helper(); remove(t, b, 2); put(t, b, 2, text) }, "02.jsonl, it was deleted",
		},
		"the end deleted": {func(t *testing.T, b, _ string) { t.Helper(); remove(t, b, 4) }, "04.jsonl, it was deleted"},
		"two of them": {
			func(t *testing.T, b, _ string) { t.Helper(); remove(t, b, 3); remove(t, b, 2) },
			"and 1 delete markers (likewise 00000000000000000003.jsonl)",
		},
		"a gap":        {func(t *testing.T, b, text string) { t.Helper(); put(t, b, 6, text) }, "05.jsonl, it is missing"},
		"all deleted":  {func(t *testing.T, b, _ string) { t.Helper(); removeAll(t, client, b) }, "01.jsonl, it was deleted"},
		"other things": {func(t *testing.T, b, _ string) { t.Helper(); putOthers(t, client, b) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bucket := strings.ReplaceAll(name, " ", "-")
			server.Bucket(t, bucket, false)
			store := func() *s3store.Store {
				store, err := s3store.New("s3://"+bucket+"/acme/log", s3test.Options(server.URL)...)
				must(t, err)
				return store
			}
			l := evidence.NewInStore(store())
			must(t, closeOnce(t, l, "u1"))
			must(t, closeOnce(t, l, "u2"))
			c.change(t, bucket, textOf(t, store(), 2))
			h, err := evidence.ReadStore(t.Context(), store())
			if got := fmt.Sprint(h.Broken); err != nil || c.want == "" && h.Broken != nil || !strings.Contains(got, c.want) {
				t.Errorf("got %v and %v, want %q", err, got, c.want)
			}
			if _, err := evidence.NewInStore(store()).Begin(t.Context(), anIntent("u3")); (err != nil) != (c.want != "") {
				t.Errorf("Begin: got %v, want an error: %t", err, c.want != "")
			}
		})
	}
}

// textOf returns the text of an object.
func textOf(t *testing.T, store *s3store.Store, n int) (text string) {
	t.Helper()
	must(t, store.Read(t.Context(), 1, func(o evidence.Object) error {
		if o.Number == n {
			text = string(o.Text)
		}
		return nil
	}))
	return text
}

func removeAll(t *testing.T, client *s3.Client, bucket string) {
	t.Helper()
	for n := range 4 {
		_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: key(n + 1)})
		must(t, err)
	}
}

// putOthers puts objects beside the log, which are not of it.
func putOthers(t *testing.T, client *s3.Client, bucket string) {
	t.Helper()
	for _, name := range []string{
		"acme/log/readme.txt", "acme/log/00000000000000000000.jsonl", "acme/log/7.jsonl", "acme/log/old/" + *key(9),
		"acme/log2/00000000000000000009.jsonl", "acme/log/-0000000000000000009.jsonl",
	} {
		for range 2 {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: &bucket, Key: &name, Body: strings.NewReader("hello"),
			})
			must(t, err)
		}
	}
}

// In a bucket with Object Lock in compliance mode not even its owner can remove a record.
func TestStore_anObjectLockHolds(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	server.Bucket(t, "evidence", true)
	client := server.Client(t)
	_, err := client.PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{
		Bucket: aws.String("evidence"),
		ObjectLockConfiguration: &types.ObjectLockConfiguration{
			ObjectLockEnabled: types.ObjectLockEnabledEnabled,
			Rule: &types.ObjectLockRule{
				DefaultRetention: &types.DefaultRetention{Mode: types.ObjectLockRetentionModeCompliance, Days: aws.Int32(1)},
			},
		},
	})
	must(t, err)
	must(t, closeOnce(t, evidence.NewInStore(storeAt(t, server.URL)), "u1"))
	versions, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("evidence")})
	must(t, err)
	if len(versions.Versions) != 2 {
		t.Fatalf("got %d versions, want two objects", len(versions.Versions))
	}
	for _, v := range versions.Versions {
		_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{
			Bucket: aws.String("evidence"), Key: v.Key, VersionId: v.VersionId, BypassGovernanceRetention: aws.Bool(true),
		})
		if err == nil {
			t.Errorf("%s was deleted, want it locked", *v.Key)
		}
	}
	h, err := evidence.ReadStore(t.Context(), storeAt(t, server.URL))
	if err != nil || h.Broken != nil || len(h.Closures) != 1 {
		t.Errorf("got %v, %v and %d closures, want one", err, h.Broken, len(h.Closures))
	}
}
