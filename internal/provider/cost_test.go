package provider

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// routes are the requests that the mock received since they were last forgotten.
func (w *testEnv) routes() (all []string) {
	for _, r := range w.mock.Requests() {
		all = append(all, r.Route)
	}
	return all
}

func TestCost_ofOneClosure(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		d := newDriver(t, w, nil)
		m, _ = d.read(m)
		w.mock.ForgetRequests()
		p := d.mustPlanDestroy(m)
		if got := w.routes(); !slices.Equal(got, v.planned) {
			t.Errorf("got the requests %q at plan, want %q", got, v.planned)
		}
		d = newDriver(t, w, nil)
		w.mock.ForgetRequests()
		if after, diags := d.apply(t.Context(), p); !after.gone() {
			t.Fatalf("got %q, want the user closed", diags.errors())
		}
		if got := w.routes(); !slices.Equal(got, v.asked) {
			t.Errorf("got the requests %q at apply, want %q", got, v.asked)
		}
	})
}

// After the limit is passed, the plan fails in any case.
func TestCost_nothingIsAskedBeyondMaxClosures(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"max_closures": 1})
		all := v.crew(d, w.mock, 3)
		d = newDriver(t, w, attributes{"max_closures": 1})
		for _, m := range all[:2] {
			d.planDestroy(m)
		}
		w.mock.ForgetRequests()
		if _, diags := d.planDestroy(all[2]); diags.errors() != "" || diags.warnings() == "" {
			t.Errorf("got %q and %q, want a warning", diags.errors(), diags.warnings())
		}
		if got := w.routes(); len(got) > 0 {
			t.Errorf("got the requests %q for the third of one, want none", got)
		}
	})
}

// The checks of a plan wait 20 seconds for rate limits, and the rest of them is skipped. Under
// strict_plan none is.
func TestCost_checksOfAPlanEnd(t *testing.T) {
	t.Parallel()
	for strict, want := range map[bool]time.Duration{false: 20 * time.Second, true: 3 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s, settings := mock.New(mockKey), attributes{"strict_plan": strict, "max_closures": -1}
			settings["sfox"] = attributes{"api_key": mockKey, "base_url": "http://127.0.0.1:1" + prefixes["sfox"]}
			users := sfoxCase.crew(virtualDriver(t, s, nil), s, 12)
			d := virtualDriver(t, s, settings)
			began, skipped := time.Now(), 0
			var mu sync.Mutex
			var all sync.WaitGroup
			for _, m := range users {
				all.Go(func() {
					p := d.mustPlanDestroy(m)
					mu.Lock()
					defer mu.Unlock()
					skipped += len(managed{private: p.private}.remembered().Review.Findings)
				})
			}
			all.Wait()
			if took := time.Since(began); took > want || strict == (skipped > 0) {
				t.Errorf("strict_plan = %t: got %d checks skipped after %s, want the plan in %s", strict, skipped, took, want)
			}
		})
	}
}

// At the rate limit of Konstantly, a closure that has begun goes on before another one begins, and
// several share one access check.
func TestCost_oneAfterTheOther(t *testing.T) {
	t.Parallel()
	const n = 10
	v := konstantlyCase
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		v.add(s)
		users := v.crew(virtualDriver(t, s, nil), s, n)
		d := virtualDriver(t, s, v.settings(attributes{
			"api_key": mockKey, "base_url": "http://127.0.0.1:1" + v.prefix(),
		}, nil))
		s.ForgetRequests()
		var all sync.WaitGroup
		for _, m := range users {
			all.Go(func() {
				if after, diags := d.apply(t.Context(), reviewed(m)); !after.gone() {
					t.Errorf("got %q, want the user closed", diags.errors())
				}
			})
		}
		all.Wait()
		begun, ended, count := map[string]bool{}, map[string]bool{}, map[string]int{}
		for _, r := range s.Requests() {
			count[r.Route]++
			switch r.Route {
			case "GET /users/{id}":
				if !ended[r.Path] { // later reads prove the end
					begun[r.Path] = true
				}
			case v.closing:
				ended[r.Path] = true
				delete(begun, r.Path)
			}
			if r.Route == "POST /users/blocked" && len(begun) > 1 {
				t.Fatalf("got a block while %d closures have begun, want one at a time", len(begun))
			}
		}
		if count["GET /users/{id}"] != 2*n || count["GET /users"] > n/2 {
			t.Errorf("got the requests %v, want two reads of each of %d users, and shared access checks", count, n)
		}
	})
}
