package provider

import (
	"bytes"
	"context"
	"io/fs"
	"math"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store/s3test"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// bucket is a server with the bucket "evidence".
type bucket struct{ *s3test.Server }

func newBucket(t *testing.T) bucket {
	t.Helper()
	server := s3test.Start(t)
	server.Bucket(t, "evidence", false)
	return bucket{server}
}

// driver configures a provider that has its logs at the server.
func (b bucket) driver(t *testing.T, w *testEnv, settings attributes) *driver {
	t.Helper()
	open := func(name string) (*evidence.Log, error) {
		store, err := s3store.New(name, s3test.Options(b.URL)...)
		if err != nil {
			return nil, err
		}
		return evidence.NewInStore(store), nil
	}
	p := &offboardProvider{version: "test", transport: rest.NewTransport(), openLog: open}
	return driverOf(t, p, w.url, settings)
}

// logInBucket is the log of the tests in a bucket.
const logInBucket = "s3://evidence/acme"

// history reads the log.
func (b bucket) history(t *testing.T) evidence.History {
	t.Helper()
	store, err := s3store.New(logInBucket, s3test.Options(b.URL)...)
	if err != nil {
		t.Fatal(err)
	}
	h, err := evidence.ReadStore(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEvidenceStore_closuresAreRecordedInABucket(t *testing.T) {
	t.Parallel()
	b, w := newBucket(t), newTestEnv(t)
	for i, v := range vendorCases {
		v.add(w.mock)
		d := b.driver(t, w, attributes{"evidence_log": logInBucket, "reason": "HR-1"}) // a run of its own
		m, diags := d.destroy(d.mustImport(v.kind, v.id))
		if !m.gone() {
			t.Fatalf("%s: %s", v.kind.title, diags.errors())
		}
		h := b.history(t)
		if h.Broken != nil || len(h.Closures) != i+1 || h.Closures[i].Outcome.Result != evidence.Closed ||
			h.Closures[i].Reason != "HR-1" {
			t.Errorf("%s: got %v and %+v, want a closure that is recorded", v.kind.title, h.Broken, h.Closures)
		}
	}
}

// What the bucket does not let the provider do refuses every closure, and nothing is closed.
func TestEvidenceStore_aBucketThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for range 2 {
		b.Put(t, "evidence", "acme/00000000000000000001.jsonl", "{}\n")
	}
	for name, c := range map[string]struct{ log, want string }{
		"no such bucket": {"s3://nothing/acme", "create the bucket first"},
		"a broken log":   {logInBucket, "it was replaced: the bucket has 2 versions of it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, w := vendorCases[0], newTestEnv(t)
			v.add(w.mock)
			d := b.driver(t, w, attributes{"evidence_log": "s3://evidence/another"})
			p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
			d = b.driver(t, w, attributes{"evidence_log": c.log})
			_, planned := d.planDestroy(d.mustImport(v.kind, v.id))
			m, applied := d.apply(t.Context(), p)
			for what, diags := range map[string]diagnostics{"plan": planned, "apply": applied} {
				text := strings.Join(strings.Fields(diags.errors()), " ")
				if m.gone() || len(w.changes()) > 0 || !strings.Contains(text, c.want) {
					t.Errorf("%s: got %q and %v, want %q", what, text, w.changes(), c.want)
				}
			}
		})
	}
}

// A log without the record of evidence_head closes nothing.
func TestEvidenceHead_mustBeInTheLog(t *testing.T) {
	t.Parallel()
	v, w := vendorCases[0], newTestEnv(t)
	v.add(w.mock)
	path := filepath.Join(t.TempDir(), "log")
	settings := attributes{"evidence_log": path, "evidence_head": strings.Repeat("a", 64)}
	d := newDriver(t, w, settings)
	imported := d.mustImport(v.kind, v.id)
	_, planned := d.planDestroy(imported)
	p := newDriver(t, w, attributes{"evidence_log": path}).mustPlanDestroy(imported)
	_, applied := d.apply(t.Context(), p)
	for what, diags := range map[string]diagnostics{"plan": planned, "apply": applied} {
		if text := diags.errors(); !strings.Contains(text, "evidence_head not found") || len(w.changes()) > 0 {
			t.Errorf("%s: got %q and %v, want a refusal, and nothing changed", what, text, w.changes())
		}
	}
	log := evidence.New(path)
	if err := log.Record(t.Context(), evidence.Intent{}, evidence.Outcome{Result: evidence.RefusedByGuard}); err != nil {
		t.Fatal(err)
	}
	h, err := evidence.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	settings["evidence_head"] = h.Head
	d = newDriver(t, w, settings)
	if m, diags := d.destroy(d.mustImport(v.kind, v.id)); !m.gone() {
		t.Errorf("got %q, want a closure with a head that the log has", diags.errors())
	}
}

// A run whose log is gone says so, because a log that begins again lacks the closures of the old one.
func TestEvidenceLog_beginsAgainWithAWarning(t *testing.T) {
	t.Parallel()
	v, w := vendorCases[0], newTestEnv(t)
	v.add(w.mock)
	path := filepath.Join(t.TempDir(), "log")
	log := evidence.New(path)
	if err := log.Record(t.Context(), evidence.Intent{}, evidence.Outcome{Result: evidence.RefusedByGuard}); err != nil {
		t.Fatal(err)
	}
	warned := func(m managed, log string) bool {
		t.Helper()
		_, diags := newDriver(t, w, attributes{"evidence_log": log}).read(m)
		return strings.Contains(diags.warnings(), "The evidence log is not the one of the last run")
	}
	with, without := attributes{"evidence_log": path}, attributes{"evidence_log": path + ".none"}
	known := newDriver(t, w, with).mustImport(v.kind, v.id)
	unknown := newDriver(t, w, without).mustImport(v.kind, v.id)
	another := filepath.Join(t.TempDir(), "another")
	err := evidence.New(another).Record(t.Context(), evidence.Intent{}, evidence.Outcome{Result: evidence.RefusedByGuard})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		m    managed
		log  string
		want bool
	}{
		{"the same", known, path, false},
		{"none any more", known, path + ".gone", true},
		{"another", known, another, true},
		{"the first one", unknown, path, false},
		{"none yet", unknown, path + ".none", false},
	} {
		if got := warned(c.m, c.log); got != c.want {
			t.Errorf("%s: got a warning: %t, want %t", c.name, got, c.want)
		}
	}
}

// Closures wait for their records together. So a destroy of 200 users takes little longer with a store
// than with a file, where every request takes 50 ms. Which closures wait together depends on the order
// in which they run, so the best of three counts.
func TestEvidenceStore_costsLittle(t *testing.T) {
	t.Parallel()
	const latency, users, most, tries = 50 * time.Millisecond, 200, 1.3, 3
	file := filepath.Join(t.TempDir(), "log")
	inFile := destroyTime(t, users, latency, func(string) (*evidence.Log, error) { return evidence.New(file), nil })
	limit, best := time.Duration(most*float64(inFile)), time.Duration(math.MaxInt64)
	for try := 0; try < tries && best > limit; try++ {
		store := &slowStore{latency: latency}
		inStore := destroyTime(
			t, users, latency, func(string) (*evidence.Log, error) { return evidence.NewInStore(store), nil },
		)
		t.Logf(
			"a destroy of %d took %v with a file, and %v with a store of %d objects",
			users,
			inFile,
			inStore,
			len(store.texts),
		)
		h, err := evidence.ReadStore(t.Context(), store)
		if err != nil || h.Broken != nil || len(h.Closures) != users {
			t.Errorf("got %v, %v and %d closures, want %d", err, h.Broken, len(h.Closures), users)
		}
		best = min(best, inStore)
	}
	if best > limit {
		t.Errorf("got %v with a store, want %v times %v at most", best, most, inFile)
	}
}

// destroyTime is how long it takes to destroy so many users, ten at a time, in virtual time.
func destroyTime(
	t *testing.T, users int, latency time.Duration, open func(string) (*evidence.Log, error),
) (took time.Duration) {
	t.Helper()
	vendors := mock.New(mockKey)
	all := employees(vendors, users)
	process := func(t *testing.T) *driver {
		t.Helper()
		p := &offboardProvider{version: "test", openLog: open, transport: mock.Transport{Handler: http.HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(latency)
				vendors.ServeHTTP(w, r)
			})}}
		settings := attributes{"evidence_log": "log", "max_closures": closing.Unlimited}
		return driverOf(t, p, "http://127.0.0.1:1", settings)
	}
	synctest.Test(t, func(t *testing.T) {
		d := process(t)
		tenAtATime(all, func(_ int, e *employee) { e.managed = d.mustImport(e.v.kind, e.id) })
		start := time.Now()
		d, apply := process(t), process(t)
		plans := make([]planned, len(all))
		tenAtATime(all, func(i int, e *employee) {
			m, _ := d.read(e.managed)
			plans[i] = d.mustPlanDestroy(m)
		})
		tenAtATime(all, func(i int, _ *employee) {
			if m, diags := apply.apply(t.Context(), plans[i]); !m.gone() {
				t.Error(diags.errors())
			}
		})
		took = time.Since(start)
	})
	return took
}

// slowStore is a store in memory. Each of its requests takes some time.
type slowStore struct {
	latency time.Duration

	mu    sync.Mutex
	texts [][]byte
}

// Name implements evidence.Store.
func (s *slowStore) Name() string { return "a slow store" }

// Read implements evidence.Store.
func (s *slowStore) Read(_ context.Context, n int, each func(evidence.Object) error) error {
	time.Sleep(s.latency)
	s.mu.Lock()
	texts := s.texts[n-1:]
	s.mu.Unlock()
	for i, text := range texts {
		if err := each(evidence.Object{Number: n + i, Name: strconv.Itoa(n + i), Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// Create implements evidence.Store.
func (s *slowStore) Create(_ context.Context, n int, text []byte) error {
	time.Sleep(s.latency)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n != len(s.texts)+1 {
		return fs.ErrExist
	}
	s.texts = append(s.texts, bytes.Clone(text))
	return nil
}

// tenAtATime calls do for all, for ten at a time, as the CLI does.
func tenAtATime(all []*employee, do func(i int, e *employee)) {
	var group sync.WaitGroup
	queue := make(chan int)
	for range 10 {
		group.Go(func() {
			for i := range queue {
				do(i, all[i])
			}
		})
	}
	for i := range all {
		queue <- i
	}
	close(queue)
	group.Wait()
}
