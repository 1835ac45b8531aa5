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

// until returns by when a check must have begun.
func (c *planClock) until() time.Time {
	c.once.Do(func() { c.began = time.Now() })
	return c.began.Add(longestChecks)
}
