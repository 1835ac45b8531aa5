package mock

import (
	"math"
	"time"
)

// window counts requests against a limit of so many in so much time. The time
// starts anew with the first request after it ran out.
type window struct {
	ends time.Time
	used int
}

// take counts a request at the time now and tells whether it is within the limit.
func (w *window) take(now time.Time, limit int, length time.Duration) bool {
	if !now.Before(w.ends) {
		w.ends, w.used = now.Add(length), 0
	}
	w.used++
	return w.used <= limit
}

// seconds is a wait as a Retry-After header gives it: whole seconds, at least
// one, and never too few.
func seconds(wait time.Duration) int {
	return max(1, int(math.Ceil(wait.Seconds())))
}
