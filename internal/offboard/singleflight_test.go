package offboard_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// clock answers with the number of the request, after a second, and keeps when each began.
type clock struct {
	mu    sync.Mutex
	began []time.Time
}

func (c *clock) ask(ctx context.Context) (int, error) {
	c.mu.Lock()
	c.began = append(c.began, time.Now())
	n := len(c.began)
	c.mu.Unlock()
	select {
	case <-time.After(time.Second):
		return n, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// A caller gets the answer to a request that began when or after it asked, and callers side by
// side share one.
func TestSingleflight_givesNoAnswerOfARequestThatBeganBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[int]
		var asked clock
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				from := time.Now()
				n, err := fresh.Do(t.Context(), "", asked.ask)
				if err != nil {
					t.Errorf("got %v, want an answer", err)
					return
				}
				asked.mu.Lock()
				defer asked.mu.Unlock()
				if asked.began[n-1].Before(from) {
					t.Errorf("got the answer to a request that began %s before the question", from.Sub(asked.began[n-1]))
				}
			})
		}
		all.Wait()
		if got := len(asked.began); got > 6 {
			t.Errorf("got %d requests for 40 callers in four seconds, want one a second", got)
		}
	})
}

func TestSingleflight_sharesOneRequestAmongThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[int]
		var asked clock
		var all sync.WaitGroup
		all.Go(func() { _, _ = fresh.Do(t.Context(), "", asked.ask) })
		synctest.Wait()
		for range 10 { // the first request is under way: these share the second
			all.Go(func() {
				if n, err := fresh.Do(t.Context(), "", asked.ask); n != 2 || err != nil {
					t.Errorf("got answer %d and %v, want that to the second request", n, err)
				}
			})
		}
		all.Wait()
		if len(asked.began) != 2 {
			t.Errorf("got %d requests, want 2", len(asked.began))
		}
	})
}

func TestSingleflight_sharesErrorsToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[int]
		var asked atomic.Int32
		ask := func(context.Context) (int, error) {
			asked.Add(1)
			time.Sleep(time.Second)
			return 0, errBadKey
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := fresh.Do(t.Context(), "", ask); !errors.Is(err, errBadKey) {
					t.Errorf("got %v, want %v", err, errBadKey)
				}
			})
		}
		all.Wait()
		if got := asked.Load(); got > 2 {
			t.Errorf("got %d requests for ten callers at once, want two at most", got)
		}
	})
}

func TestSingleflight_keepsKeysApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[string]
		started := time.Now()
		var all sync.WaitGroup
		for _, key := range []string{"client", "advisor", ""} {
			all.Go(func() {
				got, err := fresh.Do(t.Context(), key, func(context.Context) (string, error) {
					time.Sleep(time.Second)
					return "of " + key, nil
				})
				if got != "of "+key || err != nil {
					t.Errorf("got %q and %v, want the answer of %q", got, err, key)
				}
			})
		}
		all.Wait()
		if took := time.Since(started); took != time.Second {
			t.Errorf("got the answers of three keys in %s, want them side by side", took)
		}
	})
}

// A caller that is canceled affects no other caller: those who waited for its request make one of
// their own.
func TestSingleflight_waitersOfACanceledCallerAskAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after time.Duration
		first int // the number of the first request that answers them
	}{
		"while it waits for its turn": {500 * time.Millisecond, 2},
		"during its request":          {1500 * time.Millisecond, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var fresh offboard.Singleflight[int]
				var asked clock
				var all sync.WaitGroup
				all.Go(func() { _, _ = fresh.Do(t.Context(), "", asked.ask) })
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), c.after)
				defer cancel()
				all.Go(func() {
					if _, err := fresh.Do(ctx, "", asked.ask); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v for the caller that is cut, want %v", err, context.DeadlineExceeded)
					}
				})
				synctest.Wait()
				for range 3 {
					all.Go(func() {
						if n, err := fresh.Do(t.Context(), "", asked.ask); n < c.first || err != nil {
							t.Errorf("got answer %d and %v, want that to request %d or a later one", n, err, c.first)
						}
					})
				}
				all.Wait()
				if got := len(asked.began); got > c.first+1 {
					t.Errorf("got %d requests, want no more than one for each follower that came too late", got)
				}
			})
		})
	}
}

// A request that its caller had no time for says nothing of the others, who may have more.
func TestSingleflight_waitersOfACallerWithoutTimeAskAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[int]
		var all sync.WaitGroup
		all.Go(func() {
			_, err := fresh.Do(t.Context(), "", func(context.Context) (int, error) {
				time.Sleep(time.Second)
				return 1, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			_, err := fresh.Do(t.Context(), "", func(context.Context) (int, error) { return 0, offboard.ErrNoTime })
			if !errors.Is(err, offboard.ErrNoTime) {
				t.Errorf("got %v, want %v", err, offboard.ErrNoTime)
			}
		})
		synctest.Wait()
		all.Go(func() {
			got, err := fresh.Do(t.Context(), "", func(context.Context) (int, error) { return 3, nil })
			if got != 3 || err != nil {
				t.Errorf("got %d and %v, want an answer of its own", got, err)
			}
		})
		all.Wait()
	})
}

func TestSingleflight_aCanceledWaiterReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[int]
		var asked clock
		var all sync.WaitGroup
		for range 2 { // one under way, one that waits for it
			all.Go(func() { _, _ = fresh.Do(t.Context(), "", asked.ask) })
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		if _, err := fresh.Do(ctx, "", asked.ask); !errors.Is(err, context.DeadlineExceeded) ||
			time.Since(started) != 100*time.Millisecond {
			t.Errorf("got %v after %s, want %v after 100ms", err, time.Since(started), context.DeadlineExceeded)
		}
		all.Wait()
	})
}

func TestSingleflight_aCanceledCallerAsksNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[int]
		var asked clock
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := fresh.Do(ctx, "", asked.ask); !errors.Is(err, context.Canceled) || len(asked.began) > 0 {
			t.Errorf("got %v and %d requests, want %v and none", err, len(asked.began), context.Canceled)
		}
	})
}

// An answer that came all the same is not thrown away because the caller was canceled meanwhile.
func TestSingleflight_aCallerThatIsCanceledGetsTheAnswerThatCame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fresh offboard.Singleflight[int]
		ctx, cancel := context.WithCancel(t.Context())
		got, err := fresh.Do(ctx, "", func(context.Context) (int, error) {
			cancel()
			return 7, nil
		})
		if got != 7 || err != nil {
			t.Errorf("got %d and %v, want the answer", got, err)
		}
	})
}
