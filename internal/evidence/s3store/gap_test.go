package s3store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store/s3test"
)

// No run's time is up if the library gives up its search for credentials. The message says what is
// missing.
func TestStore_saysThatThereAreNoCredentials(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
	store, err := s3store.New("s3://evidence/acme")
	must(t, err)
	err = evidence.NewInStore(store).Check(t.Context())
	if err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "credentials") {
		t.Errorf("got %v, want that there are no credentials", err)
	}
}

// One stray object with a high number must not have each number below it asked for.
func TestStore_aWideGapEndsTheReading(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.Bucket(t, "wide-gap", false)
	store, err := s3store.New("s3://wide-gap/acme/log", s3test.Options(server.URL)...)
	must(t, err)
	must(t, store.Create(t.Context(), 1, []byte("x\n")))
	must(t, store.Create(t.Context(), 1_000_000_000, []byte("x\n")))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if h, err := evidence.ReadStore(ctx, store); err != nil || h.Broken == nil {
		t.Errorf("got %v and the break %v, want a broken log", err, h.Broken)
	}
}
