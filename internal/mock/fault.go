package mock

import (
	"net/http"
	"slices"
	"time"
)

// Fault is one way in which a vendor misbehaves. The zero values of Vendor, Route and Only match
// everything, so Fault{Status: 503} is a vendor that is down.
type Fault struct {
	Vendor, Route string        // which requests, as the log names them; "" matches every vendor, every route
	Only          Kind          // which of those; Anything matches all
	After, Times  int           // let After matching requests pass first, then hit Times requests; 0 is all
	For           time.Duration // hit only so long from the first hit on; 0 is for good
	Lie           Lie           // answer this instead of the truth, whatever Status, Body and Pretend say
	Status        int           // answer this status with Header and Body instead of the handler's answer
	Header        http.Header   // sent with Status
	Body          string        // sent with Status
	Effect        bool          // with Lie, Status or Drop: the handler runs and its effect stays, only its answer is lost
	Pretend       bool          // the handler's own answer is sent but its effect is undone
	Drop          bool          // the connection breaks without an answer; before the effect unless Effect
	Delay         time.Duration // wait this long, or until the client is gone, before answering; the effect comes before the wait
}

// armed is a fault with the number of requests it has let pass and has hit.
type armed struct {
	Fault
	passed, hits int
	since        time.Time // of the first hit
}

// Fail adds a fault. Faults are tried in the order of adding; the first that
// matches, has let its share pass and is not used up hits, and later ones do not
// see that request.
func (s *Server) Fail(f Fault) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.faults = append(s.faults, &armed{Fault: f})
}

// Heal removes all faults. What a Queue has accepted is still done in its time.
func (s *Server) Heal() {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.faults = nil
	s.queue = slices.DeleteFunc(s.queue, func(q queued) bool { return q.never })
}

// pick returns the fault that hits a request; the zero Fault when none does.
func (s *Server) pick(r Request) Fault {
	for _, f := range s.faults {
		switch {
		case f.Vendor != "" && f.Vendor != r.Vendor, f.Route != "" && f.Route != r.Route, !r.Kind.is(f.Only):
		case f.passed < f.After:
			f.passed++
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

// asked is a request that a fault may hit, and how it is handled without one.
type asked struct {
	server *Server
	vendor vendor // nil outside all prefixes, where there is no effect to undo
	call   *call
	kind   Kind
	handle func() answer
}

// run gives a request the effect and the answer this fault leaves of them.
func (f Fault) run(a *asked) answer {
	handle := a.handle
	if f.Lie != nil && a.vendor != nil && !f.Drop {
		if f.Effect {
			honest := handle()
			a.handle = func() answer { return honest }
		}
		return f.Lie.tell(a)
	}
	var given answer
	if f.Effect || f.Status == 0 && !f.Drop {
		if f.Pretend && a.vendor != nil {
			defer a.vendor.save()()
		}
		given = handle()
	}
	if f.Status != 0 && f.Lie == nil {
		return answer{status: f.Status, header: f.Header, body: []byte(f.Body)}
	}
	return given
}
