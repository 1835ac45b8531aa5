package rest

import (
	"sync"
	"time"
)

// Clock is the clock of a vendor, as the Date header of its last answer shows it. The clock of this
// machine may be wrong. The zero value is ready for use, and a nil Clock is one that shows nothing.
type Clock struct {
	mu   sync.Mutex
	date time.Time // of the last answer that has one; zero for none
	came time.Time // when that answer came
}

// Now returns what time it is at the vendor, and the zero time if no answer has told. An answer that a
// cache has kept shows an earlier time, never a later one.
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Time{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.date.IsZero() {
		return time.Time{}
	}
	return c.date.Add(time.Since(c.came))
}

// observe takes the date of an answer.
func (c *Clock) observe(a Answer) {
	date, ok := a.dateHeader()
	if c == nil || !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.date, c.came = date, time.Now()
}
