package rest_test

import (
	"testing"
	"testing/synctest"
)

// What becomes of a change is settled by looking; it says nothing of the key.
func TestBreaker_aChangeThatFailsSendsNoPing(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 500, 503, 429} {
		synctest.Test(t, func(t *testing.T) {
			v := answers(is(503), is(status))
			c := newBreakerClient(t, v)
			_, _ = c.Change(t.Context(), get)
			if v.asked.Load() != 0 {
				t.Errorf("HTTP %d: got the key tried %d times, want none", status, v.asked.Load())
			}
		})
	}
}

func TestBreaker_pingsOnceForEachAttemptThatTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := answers(is(200), is(0))
		if _, err := newBreakerClient(t, v).Read(t.Context(), get); err == nil {
			t.Error("got an answer, want none")
		}
		if got, want := v.asked.Load(), int32(4); got != want {
			t.Errorf("got the key tried %d times, want %d", got, want)
		}
	})
}
