package mock

import (
	"math"
	"time"
)

// window counts requests against a limit of so many in so much time. It begins again with the first
// request after that time.
type window struct {
	ends time.Time
	used int
}

// allow counts a request at the time now, and reports whether it is within the limit.
func (w *window) allow(now time.Time, limit int, length time.Duration) bool {
	if !now.Before(w.ends) {
		w.ends, w.used = now.Add(length), 0
	}
	w.used++
	return w.used <= limit
}

// wholeSeconds returns a wait as a Retry-After header has it: whole seconds, at least one, and
// never too few.
func wholeSeconds(wait time.Duration) int {
	return max(1, int(math.Ceil(wait.Seconds())))
}
