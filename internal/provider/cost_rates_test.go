package provider

import (
	"encoding/json"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// rateCost is what one command costs at a vendor's real rate limits. If BENCH_RATES names a file,
// the test writes it there for tools/bench.
type rateCost struct {
	Vendor    string
	Operation string // plan or apply
	Leavers   int
	Requests  int
	Seconds   float64
	First     float64 // seconds until the first account was closed; 0 if none was
}

// parallelism is how many users Terraform plans or closes at a time.
const parallelism = 10

// inParallel calls f for each user, so many at a time as Terraform does.
func inParallel[T any](all []T, f func(i int, one T)) {
	var group sync.WaitGroup
	places := make(chan struct{}, parallelism)
	for i, one := range all {
		places <- struct{}{}
		group.Go(func() {
			f(i, one)
			<-places
		})
	}
	group.Wait()
}

// playRates plans and applies the destroy of n leavers, at the rate limits of the client and of the
// vendor's documentation. Each command is a process of its own. Two users stay.
func playRates(t *testing.T, v vendorCase, n int) (plan, apply rateCost) {
	t.Helper()
	s := mock.New(mockKey)
	v.add(s)
	leavers := v.crew(virtualDriver(t, s, nil), s, n)
	s.Latency(50 * time.Millisecond)
	s.Konstantly.Set(func(k *mock.Konstantly) { k.RateLimit = 100 })
	s.SFOX.Set(func(s *mock.SFOX) { s.RateLimits = true })
	settings := v.settings(attributes{
		"api_key": mockKey, "base_url": "http://127.0.0.1:1" + v.prefix(),
	}, attributes{"max_closures": -1})
	command := func(operation string, f func(d *driver, i int, m managed)) rateCost {
		time.Sleep(time.Hour) // the vendor has forgotten what was asked before
		d, began := virtualDriver(t, s, settings), time.Now()
		s.ForgetRequests()
		inParallel(leavers, func(i int, m managed) { f(d, i, m) })
		c := rateCost{Vendor: v.kind.title, Operation: operation, Leavers: n, Seconds: time.Since(began).Seconds()}
		for _, r := range s.Requests() {
			if c.Requests++; r.Route == v.closing && c.First == 0 {
				c.First = r.At.Sub(began).Seconds()
			}
			if r.Status >= 429 {
				t.Errorf("got HTTP %d of %s, want each request within the limits", r.Status, r.Route)
			}
		}
		return c
	}
	plans := make([]planned, n)
	plan = command("plan", func(d *driver, i int, m managed) {
		m, _ = d.read(m)
		plans[i] = d.mustPlanDestroy(m)
	})
	return plan, command("apply", func(d *driver, i int, _ managed) {
		if after, diags := d.apply(t.Context(), plans[i]); !after.gone() {
			t.Errorf("got %q, want the user closed", diags.errors())
		}
	})
}

// rateBounds are the most that a command for n leavers may cost. Time is virtual, so that only the
// order in which users take turns differs from run to run.
type rateBounds struct {
	v               vendorCase
	planned, closed func(n int) (requests int, seconds float64)
	first           float64 // until the first account is closed
}

var rateCases = []rateBounds{
	{
		v: konstantlyCase,
		// One user is read, and then the list, with two users more. The plan takes that reading.
		planned: func(n int) (int, float64) {
			requests := 1 + konstantlyCase.pages(n+2)
			return requests, float64(requests)/1.6 + 1
		},
		// A look, block, delete and read for each user. At least four of them share an access check.
		closed: func(n int) (int, float64) {
			requests := 4*n + n/4 + 1
			return requests, float64(requests)/1.6 + 1
		},
		first: 2, // the first three requests, of which each waits 0.6 s
	},
	{
		v: sfoxCase,
		// One user is read, and then the list. The four requests of each user's checks end after 20
		// seconds, for which the limits of the routes let few of them pass.
		planned: func(n int) (int, float64) { return min(2+4*n, 100), 20 },
		// Balances may be read every 2.2 seconds. So each user is read three times: at first, right before
		// the call, and as the proof. The token, the balances, the call and the access check are four more.
		closed: func(n int) (int, float64) { return 7 * n, float64(n)/0.45 + 1 },
		first:  1, // nobody waits for the first balances
	},
}

func TestCost_atTheRealRateLimits(t *testing.T) {
	t.Parallel()
	var all []rateCost
	for _, b := range rateCases {
		for _, n := range []int{12, 50, 200} {
			synctest.Test(t, func(t *testing.T) {
				plan, apply := playRates(t, b.v, n)
				all = append(all, plan, apply)
				requests, seconds := b.planned(n)
				if plan.Requests > requests || plan.Seconds > seconds || plan.First > 0 {
					t.Errorf("got %+v, want %d requests in %.1f s at the most", plan, requests, seconds)
				}
				requests, seconds = b.closed(n)
				if apply.Requests > requests || apply.Seconds > seconds || apply.First == 0 || apply.First > b.first {
					t.Errorf("got %+v, want %d requests in %.1f s at the most, and the first after %.1f s at the most",
						apply, requests, seconds, b.first)
				}
			})
		}
	}
	if file := os.Getenv("BENCH_RATES"); file != "" {
		text, err := json.Marshal(all)
		if err == nil {
			err = os.WriteFile(file, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
