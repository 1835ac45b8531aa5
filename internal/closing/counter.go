package closing

import (
	"cmp"
	"slices"
	"sync"
)

// Counter counts the users who are closed through one configuration of the provider.
type Counter struct {
	mu      sync.Mutex
	users   map[string]bool
	names   []string // in the order of counting
	limit   int64    // the lowest limit of a planned user so far
	refused string   // the first planned user who was refused; empty for none
}

// NewCounter returns a counter that has counted nothing.
func NewCounter() *Counter { return &Counter{users: map[string]bool{}, limit: Unlimited} }

// firstCounted is how many users a message names.
const firstCounted = 10

// ClosureCount is a limit of closures and what has been counted against it.
type ClosureCount struct {
	Limit, Count int
	First        []string // the names of the first ten
	Again        bool     // the plan has refused another user before
}

// Allows reports whether the limit allows all users who were counted.
func (c *ClosureCount) Allows() bool { return c.Limit == Unlimited || c.Count <= c.Limit }

// add counts a user, once however often they are added, and returns what has been counted. Users
// beyond a limit are counted too, so that a message can say how many there are. The caller holds
// the lock.
func (c *Counter) add(key, name string, limit int64) ClosureCount {
	if !c.users[key] {
		c.users[key] = true
		c.names = append(c.names, name)
	}
	return ClosureCount{
		Limit: int(limit),
		Count: len(c.names),
		First: slices.Clone(c.names[:min(len(c.names), firstCounted)]),
	}
}

// Plan counts a planned user, and returns what has been counted. The guards that are kept beside one
// user can be stricter than those beside another, and the plan shows all. So the lowest limit holds
// for each.
func (c *Counter) Plan(key, name string, limit int64) ClosureCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = lowestLimit(&c.limit, &limit)
	count := c.add(key, name, c.limit)
	if !count.Allows() {
		c.refused = cmp.Or(c.refused, key)
		count.Again = c.refused != key
	}
	return count
}

// Failed reports whether the plan has refused a user.
func (c *Counter) Failed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused != ""
}

// Refuses counts a user and returns the refusal by the limit; nil if the limit allows the closure.
func (c *Counter) Refuses(key, name string, limit int64) *Refusal {
	c.mu.Lock()
	defer c.mu.Unlock()
	count := c.add(key, name, limit)
	if count.Allows() {
		return nil
	}
	return &Refusal{Reason: TooMany, Guard: "max_closures", ClosureCount: count}
}
