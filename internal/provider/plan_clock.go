package provider

import (
	"sync"
	"time"
)

// longestChecks is how long the checks of a plan wait for rate limits, so that the plan of many
// closures takes no longer than a person waits.
const longestChecks = 19 * time.Second

// planClock knows when the checks of a plan began.
type planClock struct {
	once  sync.Once
	began time.Time
}

// latest returns the later of the time of this machine and those of the vendors that were asked. A clock
// that is behind must not make a day that has come one of the future.
func (c *clients) latest() time.Time {
	now := time.Now()
	for _, clock := range c.clocks {
		if vendor := clock.Now(); vendor.After(now) {
			now = vendor
		}
	}
	return now.UTC()
}

// until returns by when a check must have begun.
func (c *planClock) until() time.Time {
	c.once.Do(func() { c.began = time.Now() })
	return c.began.Add(longestChecks)
}
