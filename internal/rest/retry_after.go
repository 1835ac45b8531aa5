package rest

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestAskedWait replaces any longer wait that a vendor asks for. It is after every deadline, and
// does not overflow.
const longestAskedWait = 365 * 24 * time.Hour

// Until returns how long it is until a time in an answer, in seconds since 1970. It is measured
// from the Date of the answer, because the clocks of this machine and of the vendor may differ. It
// is at least 0 and at most a year.
func (a Answer) Until(unixSeconds int64) time.Duration {
	return bounded(float64(unixSeconds) - float64(a.date().Unix()))
}

// date returns the Date of the answer, or now if it has none.
func (a Answer) date() time.Time {
	if date, ok := a.dateHeader(); ok {
		return date
	}
	return time.Now()
}

// bounded returns a number of seconds as a wait between 0 and longestAskedWait.
func bounded(seconds float64) time.Duration {
	switch {
	case math.IsNaN(seconds) || seconds <= 0:
		return 0
	case seconds >= longestAskedWait.Seconds():
		return longestAskedWait
	}
	return time.Duration(seconds * float64(time.Second))
}

// parseSeconds returns a number of seconds as bounded does, and whether the text is a number.
func parseSeconds(text string) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(text, 64)
	return bounded(seconds), err == nil || math.IsInf(seconds, 0) // one too large for a float is infinite, with an error
}

// retryAfter returns the wait of the Retry-After header of a 429 or 503, in seconds or as a date.
// It is 0 if there is none.
func (a Answer) retryAfter() time.Duration {
	if a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable {
		return 0
	}
	value := strings.TrimSpace(a.Header.Get("Retry-After"))
	if wait, ok := parseSeconds(value); ok {
		return wait
	}
	if date, err := http.ParseTime(value); err == nil {
		return bounded(date.Sub(a.date()).Seconds())
	}
	return 0
}
