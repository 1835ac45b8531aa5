package rest_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

var alive = rest.Request{Method: http.MethodGet, Path: []string{"me"}}

// pingVendor is a vendor that answers the read that shows whether the key works, and all others,
// each in its own way.
type pingVendor struct {
	vendor
	asked atomic.Int32 // how often the key was tried
}

// answers makes the vendor; an answer of status 0 never comes.
func answers(me, others func(n int) int, header ...string) *pingVendor {
	b := &pingVendor{}
	var n atomic.Int32
	b.answer = func(req *http.Request) (*http.Response, error) {
		var status int
		if strings.HasSuffix(req.URL.Path, "/me") {
			status = me(int(b.asked.Add(1)))
		} else {
			status = others(int(n.Add(1)))
		}
		if status == 0 {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		return response(status, "{}", header...), nil
	}
	return b
}

func is(status int) func(int) int { return func(int) int { return status } }

// newBreakerClient is a client with a breaker.
func newBreakerClient(t *testing.T, v http.RoundTripper) *rest.Client {
	t.Helper()
	return client(t, v, func(_ *rest.Config, api *rest.API) { api.Ping = alive })
}

// readers make as many reads side by side, so many at once, and give how they ended: with an answer
// or an error of their own, or with that of the breaker.
func readers(ctx context.Context, t *testing.T, c *rest.Client, n, atOnce int) (own, stopped int) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			r := get
			r.Path = []string{"users", strconv.Itoa(i)}
			_, err := c.Read(ctx, r)
			mu.Lock()
			defer mu.Unlock()
			if open := new(rest.BreakerError); errors.As(err, &open) {
				stopped++
				if cause := new(rest.Error); !errors.As(open.Err, &cause) || offboard.Ambiguous(err) {
					t.Errorf("got %v, want an unambiguous error with its cause", err)
				}
				return
			}
			own++
		})
	}
	all.Wait()
	return own, stopped
}

func TestBreaker_readersSideBySide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		me, others     func(int) int
		readers        int
		own            int           // those that end in an answer or an error of their own
		atMost         time.Duration // all of them together
		asked, request int           // at most
	}{
		"12, a vendor that hangs":               {is(0), is(0), 12, 1, 31 * time.Second, 1, 13},
		"60, a vendor that hangs":               {is(0), is(0), 60, 1, 31 * time.Second, 1, 13},
		"60, a key that is refused":             {is(401), is(401), 60, 1, 0, 0, 10},
		"60, a key that may do nothing":         {is(403), is(403), 60, 1, 0, 1, 11},
		"60, a vendor that is down":             {is(503), is(503), 60, 1, 5 * time.Second, 1, 41},
		"60, a vendor that gives up waiting":    {is(408), is(408), 60, 1, 5 * time.Second, 1, 41},
		"60, a vendor that takes no more":       {is(429), is(429), 60, 1, time.Minute, 1, 41},
		"60, each forbidden, the key works":     {is(200), is(403), 60, 60, 0, 60, 120},
		"60, no user there":                     {is(503), is(404), 60, 60, 0, 0, 60},
		"60, gone":                              {is(503), is(410), 60, 60, 0, 0, 60},
		"12, one path hangs, the key works":     {is(200), is(0), 12, 12, 5 * time.Minute, 100, 200},
		"12, the key's own read has no such ID": {is(404), is(503), 12, 12, time.Minute, 12, 60},
		"60, a burst that passes": {is(503), func(n int) int {
			if n <= 10 {
				return 503
			}
			return 200
		}, 60, 60, 5 * time.Second, 0, 70},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, started := answers(c.me, c.others), time.Now()
				own, stopped := readers(t.Context(), t, newBreakerClient(t, v), c.readers, 10)
				if own != c.own || own+stopped != c.readers {
					t.Errorf("got %d ended on their own and %d stopped, want %d and %d", own, stopped, c.own, c.readers-c.own)
				}
				if took := time.Since(started); took > c.atMost {
					t.Errorf("got them ended after %s, want %s at most", took, c.atMost)
				}
				if asked := int(v.asked.Load()); asked > c.asked || v.count() > c.request {
					t.Errorf(
						"got the key tried %d times and %d requests, want %d and %d at most", asked, v.count(), c.asked, c.request,
					)
				}
			})
		})
	}
}

func TestBreaker_aDeadlineThatPassesCountsAsNoAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, started := answers(is(0), is(0)), time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		own, stopped := readers(ctx, t, newBreakerClient(t, v), 12, 10)
		if took := time.Since(started); own != 1 || stopped != 11 || took != 21*time.Second {
			t.Errorf("got %d ended on their own and %d stopped in %s, want 1 and 11 in 21 s", own, stopped, took)
		}
	})
}

func TestBreaker_stopsChangesThatWereNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := answers(is(401), is(401))
		c := newBreakerClient(t, v)
		answer, err := c.Read(t.Context(), get)
		if err != nil || answer.Status != 401 {
			t.Fatalf("got HTTP %d and %v, want the 401 itself", answer.Status, err)
		}
		_, err = c.Change(t.Context(), get)
		var open *rest.BreakerError
		if !errors.As(err, &open) || offboard.Ambiguous(err) || v.count() != 1 {
			t.Errorf("got %v and %d requests, want an unambiguous BreakerError and 1", err, v.count())
		}
		if fault := new(rest.Error); !errors.As(err, &fault) || fault.Transient() ||
			!strings.Contains(err.Error(), "HTTP 401") {
			t.Errorf("got %v, want its cause named, and nothing to wait for", err)
		}
	})
}

// A change that waits for its place is stopped, one that is on its way is not.
func TestBreaker_doesNotCutAChange(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 403, 503, 0} {
		synctest.Test(t, func(t *testing.T) {
			v := &vendor{answer: func(req *http.Request) (*http.Response, error) {
				if req.Method == http.MethodGet {
					return response(401, ""), nil
				}
				time.Sleep(5 * time.Second)
				if status == 0 {
					return nil, errBroken
				}
				return response(status, ""), nil
			}}
			c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Ping, api.Rate = alive, 1 })
			var all sync.WaitGroup
			change := func(sent bool) {
				answer, err := c.Change(t.Context(), rest.Request{Method: http.MethodDelete, Path: []string{"x"}})
				if sent {
					wantOwnEnd(t, answer, err, status)
				} else if !errors.As(err, new(*rest.BreakerError)) || offboard.Ambiguous(err) {
					t.Errorf("got HTTP %d and %v, want the change stopped that waited", answer.Status, err)
				}
			}
			all.Go(func() { change(true) })
			time.Sleep(time.Millisecond)
			all.Go(func() { _, _ = c.Read(t.Context(), get) })
			time.Sleep(time.Millisecond)
			all.Go(func() { change(false) })
			all.Wait()
			if v.count() != 2 {
				t.Errorf("got %d requests, want 2", v.count())
			}
		})
	}
}

// wantOwnEnd wants that a change ended as the vendor answered: with a status, or with none for 0.
func wantOwnEnd(t *testing.T, answer rest.Answer, err error, status int) {
	t.Helper()
	stopped := errors.As(err, new(*rest.BreakerError))
	if stopped || answer.Status != status || (err != nil) != (status == 0) || err != nil && !offboard.Ambiguous(err) {
		t.Errorf("got HTTP %d and %v, want what the change itself ended in (%d)", answer.Status, err, status)
	}
}

func TestBreaker_cutsReadsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{answer: func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "/x") {
				time.Sleep(3 * time.Second)
				return response(401, ""), nil
			}
			<-req.Context().Done()
			return nil, req.Context().Err()
		}}
		c, started := newBreakerClient(t, v), time.Now()
		go func() { _, _ = c.Read(t.Context(), rest.Request{Method: http.MethodGet, Path: []string{"x"}}) }()
		_, err := c.Read(t.Context(), get)
		if took := time.Since(started); !errors.As(err, new(*rest.BreakerError)) || took != 3*time.Second {
			t.Errorf("got %v after %s, want a BreakerError after 3 s", err, took)
		}
	})
}

func TestBreaker_ignoresRequestsWithoutBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		status := 503
		v := answers(is(503), func(int) int { return status })
		c, ctx := newBreakerClient(t, v), rest.WithoutBreaker(t.Context())
		for range 3 {
			if answer, err := c.Read(ctx, get); err != nil || answer.Status != 503 {
				t.Errorf("got HTTP %d and %v, want the 503", answer.Status, err)
			}
		}
		if v.asked.Load() != 0 {
			t.Errorf("got the key tried %d times, want a patient read not to ask", v.asked.Load())
		}
		if _, err := c.Read(t.Context(), get); err != nil {
			t.Errorf("got %v, want the first impatient read to end on its own", err)
		}
		if _, err := c.Read(t.Context(), get); !errors.As(err, new(*rest.BreakerError)) {
			t.Errorf("got %v, want the breaker open", err)
		}
		status = 200
		if answer, err := c.Read(ctx, get); err != nil || answer.Status != 200 {
			t.Errorf("got HTTP %d and %v, want a patient read to go through", answer.Status, err)
		}
	})
}

func TestBreaker_aReadWithoutBreakerThatTimesOutSendsNoPing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := answers(is(0), is(0))
		if _, err := newBreakerClient(t, v).Read(rest.WithoutBreaker(t.Context()), get); !errors.Is(
			err, context.DeadlineExceeded,
		) ||
			v.asked.Load() != 0 {
			t.Errorf("got %v and the key tried %d times, want a timeout and none", err, v.asked.Load())
		}
	})
}

func TestBreaker_a401ToAReadWithoutBreakerOpensIt(t *testing.T) {
	t.Parallel()
	c := newBreakerClient(t, answers(is(401), is(401)))
	if _, err := c.Read(rest.WithoutBreaker(t.Context()), get); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(t.Context(), get); !errors.As(err, new(*rest.BreakerError)) {
		t.Errorf("got %v, want the breaker open", err)
	}
}

// A 401 to a request with a token of its own says that the token is bad; the key is asked.
func TestBreaker_aBadTokenIsNotABadKey(t *testing.T) {
	t.Parallel()
	for me, open := range map[int]bool{200: false, 401: true} {
		for _, name := range []string{"Authorization", "authorization", "x-api-key"} {
			v := answers(is(me), is(401))
			c := newBreakerClient(t, v)
			r := get
			r.Header = http.Header{name: {"Bearer " + token}}
			if answer, err := c.Read(t.Context(), r); err != nil || answer.Status != 401 {
				t.Fatalf("got HTTP %d and %v, want the 401", answer.Status, err)
			}
			_, err := c.Read(t.Context(), alive)
			if got := errors.As(err, new(*rest.BreakerError)); got != open || v.asked.Load() == 0 {
				t.Errorf("%s, key answered HTTP %d: got %v, want the breaker open: %t", name, me, err, open)
			}
		}
	}
}

func TestBreaker_pingsOnceWithoutWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := answers(is(503), is(503), "Retry-After", "20")
		c := client(t, v, func(_ *rest.Config, api *rest.API) { api.Ping, api.Rate = alive, 1 })
		if _, err := c.Read(t.Context(), get); err != nil {
			t.Fatal(err)
		}
		if v.asked.Load() != 1 || v.at[len(v.at)-1] != v.at[len(v.at)-2] {
			t.Errorf("got the key tried %d times, at %v, want once and at once after the last answer", v.asked.Load(), v.at)
		}
	})
}

func TestBreaker_aChangePingsAsARead(t *testing.T) {
	t.Parallel()
	v := answers(is(200), is(403))
	var told []rest.Exchange
	ctx := rest.WithTrace(t.Context(), func(x rest.Exchange) { told = append(told, x) })
	if answer, err := newBreakerClient(t, v).Change(ctx, get); err != nil || answer.Status != 403 {
		t.Fatalf("got HTTP %d and %v, want the 403", answer.Status, err)
	}
	if len(told) != 2 || !told[0].Change || told[1].Change || told[1].Path != "/api/me" {
		t.Errorf("got %+v, want the change and then a read of the key's own", told)
	}
}

func TestBreaker_staysClosedWhenTheCallerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := answers(is(0), is(0))
		c := newBreakerClient(t, v)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(time.Second); cancel() }()
		if _, err := c.Read(ctx, get); !errors.Is(err, context.Canceled) || v.asked.Load() != 0 {
			t.Errorf("got %v and the key tried %d times, want it canceled and not tried", err, v.asked.Load())
		}
	})
}

func TestBreaker_aWaitForTheBudgetIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := answers(is(503), is(429), "Retry-After", "3600")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := newBreakerClient(t, v).Read(ctx, get); !errors.As(err, new(*rest.BudgetError)) || v.asked.Load() != 0 {
			t.Errorf("got %v and the key tried %d times, want a BudgetError and none", err, v.asked.Load())
		}
	})
}
