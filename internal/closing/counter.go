package closing

import (
	"slices"
	"sync"
)

// Counter counts the users who are closed through one configuration of the provider.
type Counter struct {
	mu    sync.Mutex
	users map[string]bool
	names []string // in the order of counting
}

// NewCounter returns a counter that has counted nothing.
func NewCounter() *Counter { return &Counter{users: map[string]bool{}} }

// firstCounted is how many users a message names.
const firstCounted = 10

// ClosureCount is a limit of closures and what has been counted against it.
type ClosureCount struct {
	Limit, Count int
	First        []string // the names of the first ten
}

// Add counts a user, once however often they are added, and reports whether the limit allows them.
// Users beyond a limit are counted too, so that a message can say how many there are.
func (c *Counter) Add(key, name string, limit int64) (ClosureCount, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.users[key] {
		c.users[key] = true
		c.names = append(c.names, name)
	}
	count := ClosureCount{
		Limit: int(limit),
		Count: len(c.names),
		First: slices.Clone(c.names[:min(len(c.names), firstCounted)]),
	}
	return count, limit == Unlimited || count.Count <= count.Limit
}

// Passed reports whether more users were counted than the limit allows.
func (c *Counter) Passed(limit int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return limit != Unlimited && int64(len(c.names)) > limit
}

// Refuses counts a user and returns the refusal by the limit; nil if the limit allows the closure.
func (c *Counter) Refuses(key, name string, limit int64) *Refusal {
	count, allowed := c.Add(key, name, limit)
	if allowed {
		return nil
	}
	return &Refusal{Reason: TooMany, Guard: "max_closures", ClosureCount: count}
}
