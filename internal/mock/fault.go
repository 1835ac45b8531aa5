package mock

import (
	"net/http"
	"slices"
	"time"
)

// Fault is one way in which a vendor misbehaves. The zero values of Vendor, Route and Only match
// everything, so Fault{Status: 503} is a vendor that is down.
type Fault struct {
	Vendor, Route string        // which requests, as in the log; "" matches every vendor, every route
	Only          Kind          // which of those; Anything matches all
	After, Times  int           // skip After matching requests first, then hit Times requests; 0 is all
	For           time.Duration // hit only for so long after the first hit; 0 is always
	Lie           Lie           // answer this instead of the truth, whatever Status, Body and Pretend say
	Status        int           // answer this status with Header and Body instead of the handler's answer
	Header        http.Header   // sent with Status
	Body          string        // sent with Status
	Effect        bool          // with Lie, Status or Drop: the handler runs, and only its answer is lost
	Pretend       bool          // the handler's own answer is sent, and its effect is undone
	Drop          bool          // the connection breaks without an answer; before the effect unless Effect
	Delay         time.Duration // wait so long, or until the client is gone, between the effect and the answer
}

// activeFault is a fault with the number of requests that it has skipped and has hit.
type activeFault struct {
	Fault

	skipped, hits int
	since         time.Time // of the first hit
}

// Fail adds a fault. Faults are tried in the order in which they were added. The first one that
// matches and is not used up hits. Later ones do not see that request.
func (s *Server) Fail(f Fault) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.faults = append(s.faults, &activeFault{Fault: f})
}

// Heal removes all faults. What a Queue has accepted is still done in its time.
func (s *Server) Heal() {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.faults = nil
	s.queue = slices.DeleteFunc(s.queue, func(q queued) bool { return q.never })
}

// pick returns the fault that hits a request, or the zero Fault.
func (s *Server) pick(r *Request) Fault {
	for _, f := range s.faults {
		switch {
		case !f.matches(r):
		case f.skipped < f.After:
			f.skipped++
		case f.For > 0 && f.hits > 0 && r.At.Sub(f.since) >= f.For:
		case f.Times == 0 || f.hits < f.Times:
			if f.hits == 0 {
				f.since = r.At
			}
			f.hits++
			return f.Fault
		}
	}
	return Fault{}
}

// matches reports whether a request is one of those that a fault is for.
func (f *Fault) matches(r *Request) bool {
	return (f.Vendor == "" || f.Vendor == r.Vendor) && (f.Route == "" || f.Route == r.Route) && r.Kind.is(f.Only)
}

// exchange is a request that a fault may hit, and how it is handled without one.
type exchange struct {
	server *Server
	vendor vendor // nil outside all prefixes, where there is no effect to undo
	call   *call
	kind   Kind
	handle func() answer
}

// run gives a request the effect and the answer that this fault leaves of them.
func (f *Fault) run(x *exchange) answer {
	if f.Lie != nil && x.vendor != nil && !f.Drop {
		if f.Effect {
			honest := x.handle()
			x.handle = func() answer { return honest }
		}
		return f.Lie.apply(x)
	}
	var own answer
	if f.Effect || f.Status == 0 && !f.Drop {
		if f.Pretend && x.vendor != nil {
			defer x.vendor.save()()
		}
		own = x.handle()
	}
	if f.Status != 0 && f.Lie == nil {
		return answer{status: f.Status, header: f.Header, body: []byte(f.Body)}
	}
	return own
}
