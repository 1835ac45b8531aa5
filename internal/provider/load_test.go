package provider

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"go.uber.org/goleak"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const (
	loadUsersCLI = 200 // the CLI itself needs ten minutes to destroy 5,000 with local state
	loadAtOnce   = 50
	loadRuns     = 8        // after which everything must be done
	loadKept     = 64 << 20 // bytes of memory that may be in use after a run and were not before it
	loadTimeout  = "5s"     // of a closing: one that is accepted and not done is looked at so long
)

// busyFaults are what a vendor does who is up and overloaded. wildFaults are answers that nobody
// expects: a read is not repeated after them, and they fail a plan.
var (
	busyFaults = faultsNamed(
		"408",
		"500",
		"500 after the effect",
		"502",
		"503",
		"reset before the effect",
		"reset after the effect",
		"yes without effect",
	)
	wildFaults = faultsNamed("404 HTML", "200 HTML", "200 truncated")
)

// faultsNamed are faults of the matrix.
func faultsNamed(names ...string) []mock.Fault {
	var faults []mock.Fault
	for _, f := range matrixFaults {
		if slices.Contains(names, f.name) {
			faults = append(faults, f.fault)
		}
	}
	if len(faults) != len(names) {
		panic("a fault of the load is not in the matrix")
	}
	return faults
}

// flaky is the mock with one request in twenty going wrong. What goes wrong is drawn from one seed;
// which of the requests under way it hits is up to the scheduler, as it would be in earnest.
type flaky struct {
	mock  *mock.Server
	kinds []mock.Fault

	mu               sync.Mutex
	rng              *rand.Rand
	requests, faults int
}

// ServeHTTP implements http.Handler.
func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.draw()
	f.mock.ServeHTTP(w, r)
}

// draw lets the next request fail, or not. A 429 is rare, for it makes everybody wait for a second.
func (f *flaky) draw() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	n := f.rng.IntN(10_000)
	if n >= 500 {
		return
	}
	f.faults++
	fault := f.kinds[f.rng.IntN(len(f.kinds))]
	if n < 2 {
		fault = mock.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}}
	}
	fault.Times = 1
	f.mock.Fail(fault)
}

// newFlakyEnv is a test environment that is reached over a flaky way.
func newFlakyEnv(t *testing.T, kinds ...mock.Fault) (*testEnv, *flaky) {
	t.Helper()
	w := newTestEnv(t)
	f := &flaky{mock: w.mock, kinds: kinds, rng: rand.New(rand.NewPCG(5, 2))}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w, f
}

// employee is one user of the load. Of five users of a vendor, one stays. Of a hundred, one is asked
// for and stands in never_close.
type employee struct {
	v               vendorCase
	id              string
	stays, shielded bool
	managed         managed
}

// employees adds n people to the vendors, in turn.
func employees(s *mock.Server, n int) []*employee {
	all := make([]*employee, n)
	for i := range all {
		n := i / len(vendorCases) // users whom this vendor has already
		e := &employee{v: vendorCases[i%len(vendorCases)], stays: n%5 == 0, shielded: n%100 == 1}
		e.id = e.v.numbered(i)
		e.v.put(s, e.id, fmt.Sprintf("Person %d", i), fmt.Sprintf("person%d@acme.test", i))
		all[i] = e
	}
	return all
}

// atOnce calls f for all, for fifty at a time, and returns those for whom it says no.
func atOnce(all []*employee, f func(e *employee) bool) []*employee {
	var group sync.WaitGroup
	queue, no := make(chan *employee), make(chan *employee, len(all))
	for range loadAtOnce {
		group.Go(func() {
			for e := range queue {
				if !f(e) {
					no <- e
				}
			}
		})
	}
	for _, e := range all {
		queue <- e
	}
	close(queue)
	group.Wait()
	close(no)
	var left []*employee
	for e := range no {
		left = append(left, e)
	}
	return left
}

// soon gives a closing little time, as timeouts in an applied block do.
func (m managed) soon() managed {
	var all map[string]tftypes.Value
	if err := m.state.As(&all); err != nil {
		panic(err)
	}
	all["timeouts"] = object(all["timeouts"].Type(), attributes{"delete": loadTimeout})
	m.state = tftypes.NewValue(m.state.Type(), all)
	return m
}

// load is 5,000 users and the provider's processes that work on them.
type load struct {
	t        *testing.T
	env      *testEnv
	way      *flaky
	all      []*employee
	shielded []string
}

// run has a provider of its own do f for all, again and again, until at most so many are left.
func (l *load) run(what string, all []*employee, atMost int, f func(d *driver, e *employee) bool) {
	l.t.Helper()
	left := all
	for runs := 0; len(left) > atMost; runs++ {
		if runs == loadRuns {
			l.t.Fatalf("%s: got %d users left after %d runs, want %d", what, len(left), runs, atMost)
		}
		began, before, asked := time.Now(), heap(), len(left)
		d := newDriver(l.t, l.env, attributes{"never_close": l.shielded, "max_closures": closing.Unlimited})
		left = atOnce(left, func(e *employee) bool { return f(d, e) })
		kept := heap() - before
		runtime.KeepAlive(d)
		l.t.Logf("%s of %d users: %d are left after %v, %d KiB are kept; so far %d requests, %d of them faulty",
			what, asked, len(left), time.Since(began).Round(time.Millisecond), kept>>10, l.way.requests, l.way.faults)
		if kept > loadKept {
			l.t.Errorf("%s of %d users: got %d bytes kept, want at most %d", what, asked, kept, loadKept)
		}
	}
}

// heap is how much memory is in use.
func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// TestLoad imports 5,000 users of all vendors and closes those who leave, fifty at a time and over
// real connections, while one request in twenty fails. What one run cannot finish, the next one
// does. No goroutine is left behind, and not much memory.
func TestLoad(t *testing.T) {
	others := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, others) }) // when the servers are down
	w, way := newFlakyEnv(t, slices.Concat(busyFaults, wildFaults)...)
	l := &load{t: t, env: w, way: way, all: employees(w.mock, loadUsers)}
	var leavers []*employee
	for _, e := range l.all {
		if e.shielded {
			l.shielded = append(l.shielded, e.id)
		}
		if !e.stays {
			leavers = append(leavers, e)
		}
	}
	l.run("import", l.all, 0, func(d *driver, e *employee) bool {
		m, diags := d.importUser(e.v.kind, e.id)
		if diags.errors() != "" {
			return false
		}
		e.managed = m.soon()
		return true
	})
	l.run("destroy", leavers, len(l.shielded), func(d *driver, e *employee) bool {
		e.managed, _ = d.destroy(e.managed)
		return e.managed.gone()
	})
	for _, e := range l.all {
		want := e.stays || e.shielded
		if open, managed := e.v.has(w.mock, e.id), !e.managed.gone(); open != want || managed != want {
			t.Errorf("%s %s: got open %v and managed %v, want both %v", e.v.kind.title, e.id, open, managed, want)
		}
	}
}
