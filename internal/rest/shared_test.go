package rest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// A caller that gets an answer that another one asked for has the request in the trace as well:
// evidence names what proves it.
func TestShared_isInTheTraceOfEachCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared Shared[int]
		var all sync.WaitGroup
		traces := make([][]Exchange, 5)
		asked := 0
		for i := range traces {
			ctx := WithTrace(t.Context(), func(x Exchange) { traces[i] = append(traces[i], x) })
			all.Go(func() {
				_, err := shared.Do(ctx, "list", func(ctx context.Context) (int, error) {
					asked++
					time.Sleep(time.Second)
					traceOf(ctx)(Exchange{Path: "/users"})
					return 1, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if asked >= len(traces) {
			t.Fatalf("got %d requests for %d callers, want them shared", asked, len(traces))
		}
		for i, trace := range traces {
			if len(trace) != 1 || trace[0].Path != "/users" {
				t.Errorf("caller %d: got the trace %v, want the one request", i, trace)
			}
		}
	})
}

// A caller that waits for a proof shares no request of one that the breaker stops, and the other way
// round.
func TestShared_keepsRequestsApartThatTheBreakerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Config{APIKey: "key-0123456789", BaseURL: "https://vendor.test"}, API{})
		if err != nil {
			t.Fatal(err)
		}
		shared, under := NewShared[int](c), make(chan struct{})
		ask := func(ctx context.Context) (int, error) {
			ctx, guarded := c.breaker.track(ctx)
			defer guarded.end()
			select {
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			case <-under:
				return 1, nil
			}
		}
		var all sync.WaitGroup
		results := map[bool][]error{}
		var mu sync.Mutex
		for range 3 { // one under way, and two that share the next one
			for _, waits := range []bool{false, true} {
				ctx := t.Context()
				if waits {
					ctx = WithoutBreaker(ctx)
				}
				all.Go(func() {
					_, err := shared.Do(ctx, "list", ask)
					mu.Lock()
					defer mu.Unlock()
					results[waits] = append(results[waits], err)
				})
				synctest.Wait()
			}
		}
		c.breaker.trip(&Error{Status: 401})
		synctest.Wait()
		close(under)
		all.Wait()
		for waits, errs := range results {
			for _, err := range errs {
				if stopped := errors.As(err, new(*BreakerError)); stopped == waits {
					t.Errorf("a caller that waits for a proof: %v, got %v, want the breaker to stop only the others", waits, err)
				}
			}
		}
	})
}

// answers gives each request the answer of a function.
type answers func(*http.Request) *http.Response

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// The vendor asks for a wait that the first caller has no time for. Another one, which shares its
// request and has the time, waits.
func TestShared_aCallerWithMoreTimeWaits(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]time.Duration{"a short deadline": time.Minute, "no deadline": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				transport := answers(func(r *http.Request) *http.Response {
					time.Sleep(time.Second)
					status := http.StatusOK
					if asked++; asked == 1 {
						status = http.StatusTooManyRequests
					}
					return &http.Response{
						StatusCode: status, Header: http.Header{"Retry-After": {"600"}}, Body: http.NoBody, Request: r,
					}
				})
				c, err := New(
					Config{APIKey: "key-0123456789", BaseURL: "https://vendor.test", Transport: transport},
					API{Timeout: time.Minute},
				)
				if err != nil {
					t.Fatal(err)
				}
				shared := NewShared[Answer](c)
				ask := func(ctx context.Context) (Answer, error) { return c.Read(ctx, Request{Method: http.MethodGet}) }
				first, cancel := t.Context(), context.CancelFunc(func() {})
				if limit > 0 {
					first, cancel = context.WithTimeout(first, limit)
				}
				defer cancel()
				var all sync.WaitGroup
				for range 2 { // one under way, and the one that leads the next
					all.Go(func() {
						if _, err := shared.Do(first, "list", ask); !errors.Is(err, offboard.ErrNoTime) {
							t.Errorf("the first caller: got %v, want that it has no time", err)
						}
					})
					synctest.Wait()
				}
				patient, stop := context.WithTimeout(t.Context(), time.Hour)
				defer stop()
				if answer, err := shared.Do(patient, "list", ask); err != nil || !answer.OK() {
					t.Errorf("the patient caller: got HTTP %d and %v, want 200", answer.Status, err)
				}
				all.Wait()
			})
		})
	}
}
