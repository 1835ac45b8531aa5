package rest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// first answers the first request with resp and every further one with 200.
func first(resp func() *http.Response) *vendor {
	var n atomic.Int32
	return &vendor{answer: func(*http.Request) (*http.Response, error) {
		if n.Add(1) == 1 {
			return resp(), nil
		}
		return response(200, "{}"), nil
	}}
}

func TestBudget_waitsAsTheVendorSays(t *testing.T) {
	t.Parallel()
	pause := func(a rest.Answer) time.Duration {
		if a.Header.Get("X-Left") == "0" || a.Status == http.StatusTooManyRequests {
			return 7 * time.Second
		}
		return 0
	}
	for name, c := range map[string]struct {
		status int
		header []string
		pause  func(rest.Answer) time.Duration
		want   time.Duration
	}{
		"seconds": {429, []string{"Retry-After", "30"}, nil, 30 * time.Second},
		// a bubble begins at midnight
		"a date":                         {429, []string{"Retry-After", "Sat, 01 Jan 2000 00:01:00 GMT"}, nil, time.Minute},
		"a date that has passed":         {429, []string{"Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT"}, nil, time.Second},
		"nothing":                        {429, nil, nil, time.Second},
		"nonsense":                       {429, []string{"Retry-After", "soon"}, nil, time.Second},
		"a negative wait":                {429, []string{"Retry-After", "-5"}, nil, time.Second},
		"the vendor's own rule":          {429, nil, pause, 7 * time.Second},
		"Retry-After and its own rule":   {429, []string{"Retry-After", "3"}, pause, 3 * time.Second},
		"its own rule for a used budget": {200, []string{"X-Left", "0"}, pause, 7 * time.Second},
		"a 200 with Retry-After":         {200, []string{"Retry-After", "30"}, nil, 0},
		"a 404 with Retry-After":         {404, []string{"Retry-After", "30"}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := first(func() *http.Response { return response(c.status, "{}", c.header...) })
				api := client(t, v, func(_ *rest.Config, api *rest.API) { api.Pause = c.pause })
				started := time.Now()
				for range 2 {
					if _, err := api.Change(t.Context(), get); err != nil {
						t.Fatal(err)
					}
				}
				if got := v.at[1].Sub(started); got != c.want {
					t.Errorf("got the second request after %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestBudget_a503WithRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := first(func() *http.Response { return response(503, "", "Retry-After", "20") })
		if _, err := client(t, v, nil).Read(t.Context(), get); err != nil {
			t.Fatal(err)
		}
		if got := v.at[1].Sub(v.at[0]); got != 20*time.Second {
			t.Errorf("got the second request after %s, want 20s", got)
		}
	})
}

func TestBudget_one429SlowsAllRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := first(func() *http.Response { return response(429, "{}", "Retry-After", "30") })
		c, started := client(t, v, nil), time.Now()
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				if answer, err := c.Read(t.Context(), get); err != nil || answer.Status != 200 {
					t.Errorf("got status %d and %v, want 200", answer.Status, err)
				}
			})
		}
		all.Wait()
		if got := len(v.at); got != 6 {
			t.Errorf("got %d requests, want 6", got)
		}
		for i, at := range v.at[1:] {
			if at.Sub(started) != 30*time.Second {
				t.Errorf("got request %d after %s, want 30s", i+2, at.Sub(started))
			}
		}
	})
}

func TestBudget_neverWaitsPastTheDeadline(t *testing.T) {
	t.Parallel()
	for kind, do := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				v, started := always(429, "Retry-After", "3600"), time.Now()
				c := client(t, v, nil)
				_, err := do(c, ctx, get)
				if kind == "change" { // its answer is its caller's, who reads before it is sent again
					_, err = do(c, ctx, get)
				}
				var budget *rest.BudgetError
				if !errors.As(err, &budget) || budget.Wait != time.Hour || offboard.Ambiguous(err) ||
					!errors.Is(err, offboard.ErrNoTime) {
					t.Fatalf("got %v, want a BudgetError of an hour that is sure", err)
				}
				if !strings.Contains(err.Error(), "HTTP 429") || !strings.Contains(err.Error(), "1h0m0s") {
					t.Errorf("got %q, want the cause and the wait in it", err)
				}
				if took := time.Since(started); took != 0 || v.count() != 1 {
					t.Errorf("got it after %s and %d requests, want at once after 1", took, v.count())
				}
			})
		})
	}
}

func TestBudget_stopsWaitingWhenCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		v, started := always(429, "Retry-After", "240"), time.Now()
		go func() { time.Sleep(5 * time.Second); cancel() }()
		_, err := client(t, v, nil).Read(ctx, get)
		if !errors.Is(err, context.Canceled) || offboard.Ambiguous(err) || time.Since(started) != 5*time.Second ||
			v.count() != 1 {
			t.Errorf(
				"got %v after %s and %d requests, want an unambiguous error after 5 s and 1", err, time.Since(started), v.count(),
			)
		}
	})
}

func TestBudget_rates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		documented, configured, route float64
		request                       string
		want                          time.Duration // of six requests
	}{
		"no limit":                          {0, 0, 0, "", 0},
		"the documented limit":              {2, 0, 0, "", 2500 * time.Millisecond},
		"a configured limit":                {2, 1, 0, "", 5 * time.Second},
		"a configured one alone":            {0, 1, 0, "", 5 * time.Second},
		"a route's limit":                   {100, 0, 0.5, "slow", 10 * time.Second},
		"a request on no such route":        {2, 0, 0.1, "other", 2500 * time.Millisecond},
		"a route's limit, halved":           {2, 1, 0.5, "slow", 20 * time.Second},
		"a route's limit, a thousand times": {2, 2000, 0.5, "slow", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := always(200)
				api := client(t, v, func(config *rest.Config, api *rest.API) {
					config.RequestsPerSecond, api.Rate = c.configured, c.documented
					if c.route > 0 {
						api.Routes = map[string]float64{"slow": c.route}
					}
				})
				started := time.Now()
				r := get
				r.Route = c.request
				for range 6 {
					if _, err := api.Read(t.Context(), r); err != nil {
						t.Fatal(err)
					}
				}
				if got := time.Since(started).Round(100 * time.Millisecond); got != c.want {
					t.Errorf("got six requests in %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestBudget_sendsNothingItHasNoTimeFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := always(200)
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Rate = 0.01 })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Change(ctx, get); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		_, err := c.Change(ctx, get)
		var budget *rest.BudgetError
		if !errors.As(err, &budget) || offboard.Ambiguous(err) || v.count() != 1 || time.Since(started) != 0 {
			t.Errorf("got %v and %d requests, want a BudgetError at once and 1", err, v.count())
		}
	})
}

// A Retry-After to a request of a route holds for that route alone, unless the vendor's own rule has
// all requests wait too.
func TestBudget_aRouteInMaintenanceStopsNoOther(t *testing.T) {
	t.Parallel()
	rule := func(a rest.Answer) time.Duration {
		if a.Status == http.StatusTooManyRequests {
			return 10 * time.Second
		}
		return 0
	}
	for name, c := range map[string]struct {
		status int
		after  string
		pause  func(rest.Answer) time.Duration
		same   time.Duration // how long a request of the same route waits
		other  time.Duration // and one without
	}{
		"429":                              {429, "3600", nil, time.Hour, time.Second},
		"503":                              {503, "3600", nil, time.Hour, 0},
		"503, as a date":                   {503, "Sat, 01 Jan 2000 01:00:00 GMT", nil, time.Hour, 0},
		"429, and a rule":                  {429, "3600", rule, time.Hour, 10 * time.Second},
		"503, and a rule":                  {503, "3600", rule, time.Hour, 0},
		"429, shorter than the rule":       {429, "3", rule, 3 * time.Second, 3 * time.Second},
		"429 without Retry-After":          {429, "", nil, time.Second, time.Second},
		"429 without Retry-After, by rule": {429, "", rule, 10 * time.Second, 10 * time.Second},
	} {
		for route, want := range map[string]time.Duration{"orders": c.same, "balance": c.other, "": c.other} {
			t.Run(name+", then "+route, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v := first(func() *http.Response { return response(c.status, "{}", "Retry-After", c.after) })
					api := client(t, v, func(_ *rest.Config, api *rest.API) { api.Pause = c.pause })
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
					defer cancel()
					r := get
					for _, r.Route = range []string{"orders", route} {
						if _, err := api.Change(ctx, r); err != nil {
							t.Fatal(err)
						}
					}
					if got := v.at[1].Sub(v.at[0]); got != want {
						t.Errorf("got the second request after %s, want %s", got, want)
					}
				})
			})
		}
	}
}
