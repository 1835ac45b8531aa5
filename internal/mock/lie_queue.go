package mock

import (
	"slices"
	"time"
)

// Queue accepts every step of a closure with all signs of success, and does nothing for now. It
// also accepts a step that needs an accepted one before it. The work is done before the request
// that comes so many later, or after so much time. With neither of the two it is never done.
type Queue struct {
	Requests int
	Wait     time.Duration
}

// queued is accepted work.
type queued struct {
	tick   int       // of the request before which it is done
	at     time.Time // when it is done; used if not zero
	never  bool
	vendor vendor
	do     func() answer
}

func (l Queue) apply(x *exchange) answer {
	if x.kind != Close {
		return x.handle()
	}
	work := queued{vendor: x.vendor, do: x.handle, never: l.Requests == 0 && l.Wait == 0}
	if l.Wait > 0 {
		work.at = x.call.now.Add(l.Wait)
	} else {
		work.tick = x.server.clock.tick + 2*l.Requests
	}
	defer x.vendor.save()()
	for _, earlier := range x.server.queue {
		if earlier.vendor == x.vendor {
			earlier.do()
		}
	}
	x.server.queue = append(x.server.queue, work)
	return x.handle()
}

// isDue reports whether accepted work is to be done before the request that comes now.
func (q *queued) isDue(c *clock) bool {
	if q.at.IsZero() {
		return !q.never && c.tick+1 >= q.tick
	}
	return !time.Now().Before(q.at)
}

// runQueue does the accepted work that is due, and returns how much that was.
func (s *Server) runQueue() (done int) {
	s.queue = slices.DeleteFunc(s.queue, func(q queued) bool {
		due := q.isDue(&s.clock)
		if due {
			q.do()
			done++
		}
		return due
	})
	return done
}
