package provider

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The site tells with each answer how many requests it still takes, as documented. After the look
// it takes none for 50 seconds. Meanwhile the ID passes to somebody else.
func TestHostile_aCallThatWaitsForTheQuotaClosesNobodyElse(t *testing.T) {
	t.Parallel()
	for name, blocked := range map[string]bool{"active": false, "blocked": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closeByQuota(t, blocked)
		})
	}
}

func closeByQuota(t *testing.T, blocked bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		if blocked {
			v.suspend(f.mock, v.id)
		}
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		d = f.process(t)
		told, passed := false, false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method != http.MethodGet {
				if told && passed {
					t.Errorf("%s %s was sent for Zoe New, by a look of 50 seconds ago", r.Method, at)
				}
				return false
			}
			if told || at != "/users/"+v.id {
				return false
			}
			told = true
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(50*time.Second).Unix(), 10))
			go func() {
				time.Sleep(30 * time.Second)
				v.drop(f.mock, v.id)
				v.put(f.mock, v.id, "Zoe New", "zoe.new@acme.test")
				if blocked {
					v.suspend(f.mock, v.id)
				}
				passed = true
			}()
			return say(w, 200, fmt.Sprintf(`{"id":%q,"name":%q,"email":%q,"isBanned":%v,"role":"learner"}`,
				v.id, inesName, inesEmail, blocked))
		}
		f.apply(t, d, p)
		if !v.has(f.mock, v.id) {
			t.Error("Zoe New is closed, want an open account")
		}
	})
}

// The vendor is busy for a while and refuses the call with HTTP 429 each time. The wait comes
// before the look, so that nobody gets the ID between the look and the call.
func TestHostile_aCallThatIsSentAgainLooksAfterTheWait(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		refused := 0
		var looked time.Time
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			closes := isAt(v.closing, r, at)
			switch {
			case !closes && strings.HasSuffix(at, "/"+v.id):
				looked = time.Now()
			case closes && time.Since(looked) > offboard.AbsencePause:
				t.Errorf("got a call %s after the look, want no more than %s", time.Since(looked), offboard.AbsencePause)
			}
			if closes && refused < 8 {
				refused++
				w.Header().Set("Retry-After", "1")
				return say(w, 429, `{}`)
			}
			return false
		}
		m, diags := d.apply(t.Context(), p)
		if refused < 8 || !m.gone() || v.has(f.mock, v.id) {
			t.Errorf("got %q after %d calls that were refused, want the account closed", diags.errors(), refused)
		}
	})
}

// Another closing of the same run is told to wait. This one has just looked at its account, and its
// call waits as well. Meanwhile the ID passes to somebody else.
func TestHostile_aCallThatWaitsForAnotherClosingLooksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		d := f.process(t)
		p, q := d.mustPlanDestroy(d.mustImport(v.kind, v.id)), d.mustPlanDestroy(d.mustImport(v.kind, v.other))
		d = f.process(t)
		called, told := make(chan struct{}), false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			time.Sleep(100 * time.Millisecond)
			if told || r.Method != http.MethodDelete || at != "/users/"+v.other {
				return false
			}
			told = true
			close(called)
			time.Sleep(50 * time.Millisecond)
			go func() {
				time.Sleep(30 * time.Second)
				v.drop(f.mock, v.id)
				v.put(f.mock, v.id, "Zoe New", "zoe.new@acme.test")
			}()
			w.Header().Set("Retry-After", "60")
			return say(w, 429, `{}`)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			d.apply(t.Context(), q)
		}()
		<-called // so that the look of this one is under way when the other one is told to wait
		m, diags := d.apply(t.Context(), p)
		<-done
		t.Logf("gone %v result %q errors %q", m.gone(), f.outcome(t).Result, diags.errors())
		if !v.has(f.mock, v.id) {
			t.Error("Zoe New is closed by a look of a minute ago, want an open account")
		}
	})
}

// A pull request that removes twenty people, at the pace that is documented and with the
// parallelism of Terraform. No call may leave long after the account was looked at.
func TestHostile_manyClosingsLookJustBeforeTheyCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		pace := func() *driver {
			return virtualDriver(t, f, attributes{"max_closures": -1, "konstantly": attributes{
				"api_key": mockKey, "base_url": "http://127.0.0.1:1" + prefixes["konstantly"],
			}})
		}
		d := pace()
		var plans []planned
		for _, m := range v.crew(d, f.mock, 20) {
			plans = append(plans, d.mustPlanDestroy(m))
		}
		var mu sync.Mutex
		looked, oldest := map[string]time.Time{}, time.Duration(0)
		f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
			time.Sleep(50 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			switch id := strings.TrimPrefix(at, "/users/"); r.Method {
			case http.MethodGet:
				looked[id] = time.Now()
			case http.MethodDelete:
				oldest = max(oldest, time.Since(looked[id]))
			}
			return false
		}
		time.Sleep(time.Hour)
		d = pace()
		slots := make(chan struct{}, 10)
		var all sync.WaitGroup
		for _, p := range plans {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				if after, diags := d.apply(t.Context(), p); !after.gone() {
					t.Error(diags.errors())
				}
			})
		}
		all.Wait()
		if oldest > 3*time.Second {
			t.Errorf("a deletion left %s after the last look at its account, want a look just before", oldest)
		}
	})
}

// After the block a replica that lags answers 404 for ten seconds. The deletion is to be sent all
// the same.
func TestHostile_konstantlyDeletesAfterABlockThatHidesTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		var until time.Time
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			time.Sleep(10 * time.Millisecond) // as every answer takes some time
			if r.Method == http.MethodPost {
				until = time.Now().Add(10 * time.Second)
			}
			return at == "/users/"+v.id && r.Method == http.MethodGet && time.Now().Before(until) &&
				say(w, 404, `{"status":404,"message":"not found"}`)
		}
		f.apply(t, d, p)
		if v.has(f.mock, v.id) {
			t.Error("the account is blocked and never deleted, want the deletion sent")
		}
	})
}

// A rate at which every look is old before the next request may leave. The closing ends all the
// same, and no call leaves long after its look.
func TestHostile_aSlowRateClosesRightAfterALook(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := virtualDriver(t, f, v.settings(attributes{
			"api_key": mockKey, "base_url": "http://127.0.0.1:1" + v.prefix(), "requests_per_second": 0.1,
		}, attributes{"evidence_log": f.log}))
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		var looked time.Time
		calls := 0
		f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
			if !v.changedBy(r, at) {
				looked = time.Now()
				return false
			}
			if calls++; time.Since(looked) > offboard.AbsencePause {
				t.Errorf("got %s %s after the last look, want no more than %s", at, time.Since(looked), offboard.AbsencePause)
			}
			return false
		}
		m, diags := d.apply(t.Context(), p)
		if !m.gone() || calls == 0 || v.has(f.mock, v.id) {
			t.Errorf("got %q after %d calls, want the account closed", diags.errors(), calls)
		}
	})
}

// delayedChange is a change of an account while its closing waits, and the guard that refuses then.
type delayedChange struct {
	v       vendorCase
	change  func(vendorCase, *liar)
	guard   string
	summary string
}

// While the closing waits, the account changes. The look after the wait has to compare what the
// first look did, and a refusal is told and recorded as after the first look.
func TestHostile_theLookAfterAWaitComparesWhatWasReviewed(t *testing.T) {
	t.Parallel()
	ecgridUser := func(change func(*mock.ECGridUser)) func(vendorCase, *liar) {
		return func(v vendorCase, f *liar) { f.mock.ECGrid.Update(number(v.id), change) }
	}
	another := func(v vendorCase, f *liar) {
		v.drop(f.mock, v.id)
		v.put(f.mock, v.id, "Zoe New", "zoe.new@acme.test")
	}
	cases := map[string]delayedChange{
		"ECGrid, the login": {
			ecgridCase, ecgridUser(func(u *mock.ECGridUser) { u.Login = "root-login" }), "never_close", "is never closed",
		},
		"ECGrid, the rights": {
			ecgridCase, ecgridUser(func(u *mock.ECGridUser) { u.AuthLevel = "NetworkAdmin" }), "review", "is not as it was",
		},
	}
	for _, v := range vendorCases {
		cases[v.kind.title+", the person"] = delayedChange{v, another, "person", "another person"}
		if v.fact != nil {
			cases[v.kind.title+", a fact"] = delayedChange{v, func(v vendorCase, f *liar) {
				v.fact(f.mock, v.id, "another")
			}, "review", "is not as it was"}
		}
	}
	for name, c := range cases {
		for wait, waits := range map[string]func(*liar, *testing.T, vendorCase, func()){
			"for the log":    (*liar).holdsTheLog,
			"for the vendor": (*liar).delaysTheCall,
		} {
			t.Run(name+", a wait "+wait, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, c.v)
					d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{"root-login"}})
					p := d.mustPlanDestroy(d.mustImport(c.v.kind, c.v.id))
					waits(f, t, c.v, func() { c.change(c.v, f) })
					m, diags := d.apply(t.Context(), p)
					if !c.v.has(f.mock, c.v.id) || m.gone() {
						t.Error("got the account closed, want it open and in the state")
					}
					summary, _, _ := strings.Cut(diags.errors(), "\n")
					if !strings.Contains(summary, c.summary) || strings.Contains(diags.errors(), "---") {
						t.Errorf("got %q, want one error with %q in its first line", diags.errors(), c.summary)
					}
					if o := f.outcome(t); o.Result != evidence.RefusedByGuard || o.Guard != c.guard || o.Sent != "" {
						t.Errorf("got %+v, want %q by %q", o, evidence.RefusedByGuard, c.guard)
					}
				})
			})
		}
	}
}

// holdsTheLog has another process hold the log for 20 seconds after the first look, and then
// changes something.
func (f *liar) holdsTheLog(t *testing.T, v vendorCase, change func()) {
	held := false
	f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
		if held || !strings.Contains(at+r.URL.RawQuery, v.id) {
			return false
		}
		held = true
		release := holdLog(t, f.log)
		go func() {
			time.Sleep(20 * time.Second)
			change()
			release()
		}()
		return false
	}
}

// delaysTheCall has the vendor refuse the first call because it wants a wait, and changes something
// meanwhile.
func (f *liar) delaysTheCall(t *testing.T, v vendorCase, change func()) {
	t.Helper()
	f.delays(t, "5", v.changedBy, change)
}

// delays has the vendor refuse the first request of a kind because it wants a wait of some seconds,
// and changes something meanwhile. It fails the test if there is no such request.
func (f *liar) delays(t *testing.T, seconds string, is func(r *http.Request, at string) bool, change func()) {
	t.Helper()
	delayed := false
	f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
		if delayed || !is(r, at) {
			return false
		}
		delayed = true
		change()
		w.Header().Set("Retry-After", seconds)
		return say(w, 429, `{}`)
	}
	t.Cleanup(func() {
		if !delayed {
			t.Error("got no request to delay, want one")
		}
	})
}
