package rest_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// metered takes so many requests a minute, says what is left, and answers 429 to the rest. Each
// answer takes a while.
func metered(limit int, took time.Duration) (v *vendor, refused *int) {
	var mu sync.Mutex
	var ends time.Time
	used, refused := 0, new(int)
	v = &vendor{answer: func(*http.Request) (*http.Response, error) {
		mu.Lock()
		if !time.Now().Before(ends) {
			ends, used = time.Now().Add(time.Minute), 0
		}
		used++
		left, reset, status := max(limit-used, 0), ends, 200
		if used > limit {
			*refused, status = *refused+1, 429
		}
		mu.Unlock()
		time.Sleep(took)
		return response(status, "{}", "X-Left", strconv.Itoa(left), "X-Reset", strconv.FormatInt(reset.Unix(), 10)), nil
	}}
	return v, refused
}

func quota(a rest.Answer) (rest.Quota, bool) {
	left, err := strconv.Atoi(a.Header.Get("X-Left"))
	reset, _ := strconv.ParseInt(a.Header.Get("X-Reset"), 10, 64)
	return rest.Quota{Left: left, Reset: time.Unix(reset, 0)}, err == nil
}

// send makes n requests, so many at once.
func send(ctx context.Context, t *testing.T, c *rest.Client, n, atOnce int) {
	t.Helper()
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if _, err := c.Read(ctx, get); err != nil {
				t.Errorf("got %v, want an answer", err)
			}
		})
	}
	all.Wait()
}

func TestBudget_aQuotaIsNotExceededByConcurrentRequests(t *testing.T) {
	t.Parallel()
	for _, atOnce := range []int{1, 4, 10} {
		synctest.Test(t, func(t *testing.T) {
			v, refused := metered(20, 300*time.Millisecond)
			c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
			started := time.Now()
			send(t.Context(), t, c, 90, atOnce)
			if *refused > 0 {
				t.Errorf("%d at once: got %d answers 429, want the budget to prevent that", atOnce, *refused)
			}
			if took := time.Since(started); took > 8*time.Minute {
				t.Errorf("%d at once: got 90 requests in %s, want most of each minute's 20 used", atOnce, took)
			}
		})
	}
}

// What left since the last answer counts as used, although no answer has counted it yet.
func TestBudget_aQuotaIsNotExceededAtItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, refused := metered(20, 300*time.Millisecond)
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
		send(t.Context(), t, c, 18, 1)
		send(t.Context(), t, c, 10, 10)
		if *refused > 0 {
			t.Errorf("got %d answers 429, want the budget to prevent that", *refused)
		}
	})
}

func TestBudget_aQuotaComesBackWithTheNextWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, refused := metered(3, 0)
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
		started := time.Now()
		send(t.Context(), t, c, 7, 1)
		if took := time.Since(started); took != 2*time.Minute || *refused > 0 {
			t.Errorf("got seven requests in %s and %d answers 429, want 2m0s and none", took, *refused)
		}
	})
}

// Two vendors at one base URL have a budget each, with the routes of each.
func TestBudget_isThatOfOneVendor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, budgets := always(200), &rest.Budgets{}
		of := func(vendor, route string) *rest.Client {
			return client(t, v, func(config *rest.Config, api *rest.API) {
				config.Vendor, config.Budgets = vendor, budgets
				api.Rate, api.Routes = 1, map[string]float64{route: 1}
			})
		}
		started := time.Now()
		for _, c := range []*rest.Client{of("one", "orders"), of("two", "labs"), of("three", "orders")} {
			send(t.Context(), t, c, 1, 1)
		}
		if took := time.Since(started); took != 0 {
			t.Errorf("got a request to each of three vendors in %s, want at once", took)
		}
	})
}

// How many requests may leave at once is that of the lower rate, too.
func TestBudget_thatIsSharedAllowsNoMoreAtOnceThanTheSlowerClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, budgets := always(200), &rest.Budgets{}
		at := func(perSecond float64) *rest.Client {
			return client(t, v, func(config *rest.Config, _ *rest.API) {
				config.RequestsPerSecond, config.Budgets = perSecond, budgets
			})
		}
		fast, _ := at(40), at(2)
		started := time.Now()
		send(t.Context(), t, fast, 4, 1)
		if got, want := time.Since(started), 1500*time.Millisecond; got != want {
			t.Errorf("got four requests in %s, want %s", got, want)
		}
	})
}

func TestBudget_isSharedByClientsOfOneBaseURL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, budgets := always(200), &rest.Budgets{}
		at := func(base string, perSecond float64) *rest.Client {
			return client(t, v, func(config *rest.Config, _ *rest.API) {
				config.BaseURL, config.RequestsPerSecond, config.Budgets = base, perSecond, budgets
			})
		}
		one, two := at("https://vendor.test/api", 2), at("https://VENDOR.test/api/", 1)
		other := at("https://vendor.test/other", 1)
		started := time.Now()
		var all sync.WaitGroup
		for _, c := range []*rest.Client{one, two} {
			all.Go(func() { send(t.Context(), t, c, 3, 1) })
		}
		all.Wait()
		if got, want := time.Since(started), 5*time.Second; got != want {
			t.Errorf("got six requests of two clients in %s, want %s at the lower of both rates", got, want)
		}
		started = time.Now()
		send(t.Context(), t, other, 1, 1)
		if got := time.Since(started); got != 0 {
			t.Errorf("got the request to another address after %s, want at once", got)
		}
	})
}

func TestBudget_a429SlowsTheOtherClientToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, budgets := first(func() *http.Response { return response(429, "{}", "Retry-After", "30") }), &rest.Budgets{}
		share := func(config *rest.Config, _ *rest.API) { config.Budgets = budgets }
		one, two := client(t, v, share), client(t, v, share)
		started := time.Now()
		var all sync.WaitGroup
		all.Go(func() { send(t.Context(), t, one, 1, 1) })
		time.Sleep(time.Second)
		all.Go(func() { send(t.Context(), t, two, 1, 1) })
		all.Wait()
		for i, at := range v.at[1:] {
			if got := at.Sub(started); got != 30*time.Second {
				t.Errorf("got request %d after %s, want 30s", i+2, got)
			}
		}
	})
}

func TestBudget_waitsAreInTheLogWithTheirReason(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*rest.API){
		"the rate limit (requests_per_second)":       func(api *rest.API) { api.Rate = 0.5 },
		"the rate limit of slow":                     func(api *rest.API) { api.Routes = map[string]float64{"slow": 0.5} },
		"the vendor's budget of requests is used up": func(api *rest.API) { api.Quota = quota },
		"the vendor answered HTTP 429":               func(*rest.API) {},
	} {
		synctest.Test(t, func(t *testing.T) {
			v, _ := metered(1, 0)
			if strings.Contains(want, "rate limit") {
				v = always(200)
			}
			var log []string
			c := client(t, v, func(config *rest.Config, api *rest.API) {
				change(api)
				api.Pause = func(a rest.Answer) time.Duration {
					if a.Status == 429 {
						return time.Minute
					}
					return 0
				}
				config.Log = func(_ context.Context, message string, fields ...map[string]any) {
					if message == "waiting for the vendor's rate limit" {
						log = append(log, fields[0]["reason"].(string))
					}
				}
			})
			r := get
			r.Route = "slow"
			for range 2 {
				if _, err := c.Read(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
			if len(log) != 1 || log[0] != want {
				t.Errorf("got waits %q in the log, want %q", log, want)
			}
		})
	}
}

func TestClient_readsALargeAnswerOnlyWhereItIsExpected(t *testing.T) {
	t.Parallel()
	v := &vendor{answer: func(*http.Request) (*http.Response, error) {
		return response(200, `"`+strings.Repeat("x", 20<<20)+`"`), nil
	}}
	for _, large := range []bool{false, true} {
		r := get
		r.Large = large
		if _, err := client(t, v, nil).Read(t.Context(), r); (err == nil) != large {
			t.Errorf("20 MiB, large %v: got %v", large, err)
		}
	}
}
