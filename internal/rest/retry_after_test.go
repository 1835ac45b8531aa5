package rest_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// skewed is the clock of a vendor that is two minutes ahead; a bubble begins at midnight.
const skewed = "Sat, 01 Jan 2000 00:02:00 GMT"

func TestBudget_retryAfterInEveryForm(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"30": 30 * time.Second, " 30 ": 30 * time.Second, "0.5": 500 * time.Millisecond, "1.5": 1500 * time.Millisecond,
		"2e1": 20 * time.Second,
		"0":   time.Second, "-5": time.Second, "-1e300": time.Second, "NaN": time.Second, "-Inf": time.Second,
		"": time.Second, "soon": time.Second,
		"Sat, 01 Jan 2000 00:02:40 GMT": 40 * time.Second, "Sat, 01 Jan 2000 00:01:00 GMT": time.Second,
		"Fri, 31 Dec 1999 00:00:00 GMT": time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			v := first(func() *http.Response { return response(429, "", "Retry-After", value, "Date", skewed) })
			if _, err := client(t, v, nil).Read(t.Context(), get); err != nil {
				t.Fatal(err)
			}
			if got := v.at[1].Sub(v.at[0]); got != want {
				t.Errorf("%q: got the second request after %s, want %s", value, got, want)
			}
		})
	}
}

func TestBudget_aWaitLongerThanTheLongest(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"86400", "9999999999", "99999999999999999999999999", "1e300", "1e999", "Inf", "9223372036", "9223372037",
		"18446744073709551617", "Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		for kind, do := range calls {
			for _, timeout := range []time.Duration{0, time.Hour} {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := t.Context(), func() {}
					if timeout > 0 {
						ctx, cancel = context.WithTimeout(ctx, timeout)
					}
					defer cancel()
					v, started := always(429, "Retry-After", value), time.Now()
					c := client(t, v, nil)
					if kind == "change" { // its answer is its caller's
						_, _ = do(c, ctx, get)
					}
					for range 3 {
						_, err := do(c, ctx, get)
						wantLongWait(t, err)
					}
					if time.Since(started) != 0 || v.count() != 1 {
						t.Errorf(
							"%s, %s, timeout %s: got %d requests in %s, want 1 at once", kind, value, timeout, v.count(),
							time.Since(started),
						)
					}
				})
			}
		}
	}
}

// wantLongWait wants the error of a wait of a day or more, after which nothing was sent.
func wantLongWait(t *testing.T, err error) {
	t.Helper()
	var budget *rest.BudgetError
	var fault *rest.Error
	if !errors.As(err, &budget) || budget.Wait < 24*time.Hour || offboard.Ambiguous(err) || !errors.As(err, &fault) ||
		fault.Transient() {
		t.Errorf("got %v, want an unambiguous BudgetError of a day or more", err)
	}
}

func TestBudget_withoutATimeoutWaitsFiveMinutes(t *testing.T) {
	t.Parallel()
	for seconds, ok := range map[int]bool{300: true, 301: false} {
		synctest.Test(t, func(t *testing.T) {
			v := first(func() *http.Response { return response(503, "", "Retry-After", strconv.Itoa(seconds)) })
			_, err := client(t, v, nil).Read(t.Context(), get)
			if (err == nil) != ok {
				t.Errorf("%d s: got %v, want it awaited: %t", seconds, err, ok)
			}
		})
	}
}

func TestAnswer_Until_isMeasuredAgainstTheAnswersOwnDate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dated := rest.Answer{Header: http.Header{"Date": {skewed}}}
		now := time.Now().Unix()
		const year = 365 * 24 * time.Hour
		for name, c := range map[string]struct {
			answer rest.Answer
			at     int64
			want   time.Duration
		}{
			"a minute from then":       {dated, now + 180, time.Minute},
			"then":                     {dated, now + 120, 0},
			"before then":              {dated, now + 119, 0},
			"without a date":           {rest.Answer{}, now + 60, time.Minute},
			"with a date that is none": {rest.Answer{Header: http.Header{"Date": {"today"}}}, now + 60, time.Minute},
			"the end of time":          {dated, math.MaxInt64, year},
			"the beginning of time":    {dated, math.MinInt64, 0},
			"in milliseconds":          {dated, now * 1000, year},
		} {
			if got := c.answer.Until(c.at); got != c.want {
				t.Errorf("%s: got %s, want %s", name, got, c.want)
			}
		}
	})
}

// quotaVendor makes a vendor that says a quota with each answer, in the order in which the answers
// come.
func quotaVendor(took func(n int) time.Duration, left func(n int) int, reset time.Duration) *vendor {
	n, mu := 0, sync.Mutex{}
	return &vendor{answer: func(*http.Request) (*http.Response, error) {
		mu.Lock()
		n++
		mine := n
		mu.Unlock()
		time.Sleep(took(mine))
		at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(reset).Unix()
		return response(200, "{}", "X-Left", strconv.Itoa(left(mine)), "X-Reset", strconv.FormatInt(at, 10)), nil
	}}
}

func TestBudget_aQuotaOfNoneIsDisprovedByTheNextAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := quotaVendor(
			func(n int) time.Duration { return time.Duration(n) * time.Second }, func(n int) int { return 40 * (n - 1) },
			time.Hour,
		)
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
		started := time.Now()
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { send(t.Context(), t, c, 1, 1) })
			synctest.Wait()
		}
		all.Go(func() { time.Sleep(time.Second + 1); send(t.Context(), t, c, 1, 1) })
		all.Wait()
		if took := time.Since(started); took != 5*time.Second {
			t.Errorf(
				"got the third request answered after %s, want it to leave as soon as the second answer says that 40 are left",
				took,
			)
		}
	})
}

func TestBudget_aQuotaOfNoneThatLastsTooLongIsAskedAbout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := quotaVendor(
			func(int) time.Duration { return time.Second }, func(n int) int { return 40 * (n - 1) }, 24*time.Hour,
		)
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		started := time.Now()
		send(ctx, t, c, 10, 1)
		if took := time.Since(started); took != 10*time.Second {
			t.Errorf("got ten requests in %s, want 10 s", took)
		}
	})
}

// An answer that was made before the one that said "none" and that comes after it proves nothing.
func TestBudget_aQuotaOfNoneHoldsAgainstAnOlderAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// ten requests side by side: the vendor has 9 left after the first and none after the last, whose
		// answer comes first
		v := quotaVendor(
			func(n int) time.Duration { return time.Duration(max(11-n, 0)) * time.Second },
			func(n int) int { return max(10-n, 0) }, time.Minute,
		)
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
		started := time.Now()
		send(t.Context(), t, c, 10, 10)
		send(t.Context(), t, c, 1, 1)
		if took := time.Since(started); took != time.Minute {
			t.Errorf("got the next request answered after %s, want it to wait for the reset after a minute", took)
		}
	})
}

// A request to which no answer came is under way no longer, so that it is not taken off what the
// next answer says is left.
func TestBudget_aLostAnswerIsNotUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			if n++; n <= 5 {
				return nil, errBroken
			}
			reset := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
			return response(200, "{}", "X-Left", strconv.Itoa(9-n), "X-Reset", reset), nil
		}}
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
		for range 5 {
			_, _ = c.Change(t.Context(), get)
		}
		started := time.Now()
		send(t.Context(), t, c, 4, 1) // the first of them says that three more are left
		if took := time.Since(started); took != 0 {
			t.Errorf("got four requests in %s, want at once", took)
		}
	})
}

func TestBudget_theLowerRateOfARouteHoldsForAllClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		budgets := &rest.Budgets{}
		routed := func(perSecond float64) *rest.Client {
			return client(t, always(200), func(config *rest.Config, api *rest.API) {
				config.Budgets, api.Routes = budgets, map[string]float64{"slow": perSecond}
			})
		}
		fast, _ := routed(10), routed(1)
		r, started := get, time.Now()
		r.Route = "slow"
		for range 4 {
			if _, err := fast.Read(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(started); took != 3*time.Second {
			t.Errorf("got four requests in %s, want 3 s at the lower rate", took)
		}
	})
}

// The place of a request that does not wait is free for the next.
func TestBudget_givesAPlaceBackThatComesTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := client(t, always(200), func(_ *rest.Config, api *rest.API) { api.Rate = 0.1 })
		send(t.Context(), t, c, 1, 1)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 5 {
			if _, err := c.Read(short, get); !errors.As(err, new(*rest.BudgetError)) {
				t.Fatalf("got %v, want a BudgetError", err)
			}
		}
		started := time.Now()
		send(t.Context(), t, c, 1, 1)
		if took := time.Since(started); took != 10*time.Second {
			t.Errorf("got the next request after %s, want 10 s", took)
		}
	})
}
