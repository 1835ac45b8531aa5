package s3store_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store/s3test"
)

// A run is a process of its own: this program with these variables.
const (
	runVariable    = "OFFBOARD_TEST_RUN" // the IDs of the accounts that it closes
	vendorVariable = "OFFBOARD_TEST_VENDOR"
)

func TestMain(m *testing.M) {
	if ids := os.Getenv(runVariable); ids != "" {
		os.Exit(run(strings.Fields(ids), os.Getenv(vendorVariable)))
	}
	os.Exit(m.Run())
}

// atOnce is how many accounts a run closes at the same time.
const atOnce = 3

// run closes accounts as the provider does: an intent, the call, an outcome. It tries five times.
func run(ids []string, vendor string) int {
	store, err := s3store.New(address)
	if err != nil {
		return 1
	}
	log, failed := evidence.NewInStore(store), atomic.Bool{}
	var group sync.WaitGroup
	queue := make(chan string)
	for range atOnce {
		group.Go(func() {
			for id := range queue {
				if !closedAt(log, vendor, id) {
					failed.Store(true)
				}
			}
		})
	}
	for _, id := range ids {
		queue <- id
	}
	close(queue)
	group.Wait()
	if failed.Load() {
		return 2
	}
	return 0
}

// closedAt reports whether one of five attempts closes an account.
func closedAt(log *evidence.Log, vendor, id string) bool {
	for range 5 {
		if closeAt(log, vendor, id) == nil {
			return true
		}
	}
	return false
}

// closeAt closes an account at the vendor, with evidence.
func closeAt(log *evidence.Log, vendor, id string) error {
	ctx := context.Background()
	entry, err := log.Begin(ctx, anIntent(id))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, vendor+"/"+id, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if err := entry.End(ctx, evidence.Outcome{Result: evidence.Closed}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return err
	}
	return nil
}

// target is a vendor that notes which accounts it has closed.
type target struct {
	*httptest.Server
	closed sync.Map
}

func newTarget(t *testing.T) *target {
	t.Helper()
	v := &target{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		v.closed.Store(strings.TrimPrefix(r.URL.Path, "/"), true)
	}))
	t.Cleanup(v.Close)
	return v
}

// process is a run for these accounts, over a way to the server.
func (v *target) process(t *testing.T, way string, ids ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(cmd.Env, runVariable+"="+strings.Join(ids, " "), vendorVariable+"="+v.URL)
	for name, value := range s3test.Env(way) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stderr = os.Stderr
	return cmd
}

// check expects an intact log with an intent for every account that the vendor has closed.
func (v *target) check(t *testing.T, server *s3test.Server) evidence.History {
	t.Helper()
	h, err := evidence.ReadStore(t.Context(), storeAt(t, server.URL))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // a run that was killed has written nothing
	}
	if err != nil || h.Broken != nil || h.Orphans > 0 {
		t.Fatalf("got %v, %v and %d orphans, want an intact log", err, h.Broken, h.Orphans)
	}
	intended := map[any]bool{}
	for _, c := range h.Closures {
		intended[c.ID] = true
	}
	v.closed.Range(func(id, _ any) bool {
		if !intended[id] {
			t.Errorf("%s is closed, and the log has no intent for it", id)
		}
		return true
	})
	return h
}

func accounts(run, n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprint("u", run, "-", i))
	}
	return ids
}

// Four runs at once make one chain, while one request in twenty fails.
func TestStore_fourRunsMakeOneChain(t *testing.T) {
	t.Parallel()
	server, v := newServer(t), newTarget(t)
	way := proxyTo(t, server, faulty(4))
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			if err := v.process(t, way, accounts(i, 25)...).Run(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	closed := map[string]bool{}
	h := v.check(t, server)
	for _, c := range h.Closures {
		closed[c.ID] = closed[c.ID] || c.Outcome.Result == evidence.Closed
	}
	for i := range 4 {
		for _, id := range accounts(i, 25) {
			if !closed[id] {
				t.Errorf("%s has no outcome", id)
			}
		}
	}
	t.Logf("%d records of 100 closures", h.Records)
}

// kills is at how many requests a run is killed: drawn ones, or with this variable all of them.
const kills, allVariable = 40, "OFFBOARD_TEST_ALL_KILLS"

// A run that is killed at any request to the bucket leaves an intact log, and closes no account whose
// intent is not in it. The next run goes on.
func TestStore_aRunThatIsKilled(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	requests := killedRun(t, server, "count", 0, false)
	if requests < 10 {
		t.Fatalf("got a run of %d requests, want at least two for each account", requests)
	}
	type moment struct {
		request int64
		after   bool // its effect
	}
	var moments []moment
	for n := range requests {
		moments = append(moments, moment{n + 1, false}, moment{n + 1, true})
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	rng.Shuffle(len(moments), func(i, j int) { moments[i], moments[j] = moments[j], moments[i] })
	if os.Getenv(allVariable) == "" && len(moments) > kills {
		moments = moments[:kills]
	}
	for i, m := range moments {
		t.Run(fmt.Sprintf("request %d, after its effect %t", m.request, m.after), func(t *testing.T) {
			t.Parallel()
			killedRun(t, s3test.Start(t), fmt.Sprint("kill", i), m.request, m.after)
		})
	}
}

// killedRun kills a run at a request to the server, 0 for none, and lets another run go on. It
// returns how many requests the first run made.
func killedRun(t *testing.T, server *s3test.Server, name string, at int64, after bool) (requests int64) {
	t.Helper()
	if at > 0 {
		server.Bucket(t, "evidence", false)
	}
	v, ids := newTarget(t), accounts(0, 24)
	var first *exec.Cmd
	started := make(chan struct{})
	var seen atomic.Int64
	way := proxyTo(t, server, func(n int64, forward http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
		seen.Store(n)
		<-started
		if n != at {
			forward(w, r)
			return
		}
		if after {
			forward(httptest.NewRecorder(), r)
		}
		_ = first.Process.Kill()
		drop()
	})
	first = v.process(t, way, ids...)
	must(t, first.Start())
	close(started)
	_ = first.Wait()
	requests = seen.Load()
	v.check(t, server)
	if err := v.process(t, server.URL, ids...).Run(); err != nil {
		t.Errorf("%s: the next run ended with %v", name, err)
	}
	v.check(t, server)
	return requests
}

// Ten thousand objects are read within a minute.
func TestStore_aLongLogIsReadInTime(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	const objects = 10_000
	folder := filepath.Join(server.Root, "evidence", "acme", "log")
	must(t, os.MkdirAll(folder, 0o700))
	for i, text := range manyObjects(t, objects) {
		must(t, os.WriteFile(filepath.Join(folder, filepath.Base(*key(i + 1))), text, 0o600))
	}
	start := time.Now()
	must(t, evidence.NewInStore(storeAt(t, server.URL)).Check(t.Context()))
	took := time.Since(start)
	t.Logf("%d objects were read in %v", objects, took.Round(time.Millisecond))
	if took > time.Minute {
		t.Errorf("got %v for %d objects, want a minute at most", took, objects)
	}
}

// manyObjects are the records of a log, one in each object.
func manyObjects(t *testing.T, n int) (texts [][]byte) {
	t.Helper()
	head := evidence.Start
	for i := range n {
		intent := anIntent(fmt.Sprint("u", i))
		r := evidence.Record{Prev: head, Intent: &intent}
		if i%2 == 1 {
			r = evidence.Record{Prev: head, Outcome: &evidence.Outcome{Intent: head, Result: evidence.Closed}}
		}
		line, err := json.Marshal(r)
		must(t, err)
		head = fmt.Sprintf("%x", sha256.Sum256(line))
		texts = append(texts, append(line, '\n'))
	}
	return texts
}
