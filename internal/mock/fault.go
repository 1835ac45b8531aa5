package mock

import (
	"net/http"
	"time"
)

// Fault is one way in which a vendor misbehaves. The zero values of Vendor and
// Route match everything, so Fault{Status: 503} is a vendor that is down.
type Fault struct {
	Vendor, Route string        // which requests, as the log names them; "" matches every vendor, every route
	After, Times  int           // let After matching requests pass first, then hit Times requests; 0 is all
	Status        int           // answer this status with Header and Body instead of the handler's answer
	Header        http.Header   // sent with Status
	Body          string        // sent with Status
	Effect        bool          // with Status or Drop: the handler runs and its effect stays, only its answer is lost
	Pretend       bool          // the handler's own answer is sent but its effect is undone
	Drop          bool          // the connection breaks without an answer; before the effect unless Effect
	Delay         time.Duration // wait this long, or until the client is gone, before answering; the effect comes before the wait
}

// armed is a fault with the number of requests it has let pass and has hit.
type armed struct {
	Fault
	passed, hits int
}

// Fail adds a fault. Faults are tried in the order of adding; the first that
// matches, has let its share pass and is not used up hits, and later ones do not
// see that request.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &armed{Fault: f})
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// pick returns the fault that hits a request; the zero Fault when none does.
func (s *Server) pick(r Request) Fault {
	for _, f := range s.faults {
		switch {
		case f.Vendor != "" && f.Vendor != r.Vendor, f.Route != "" && f.Route != r.Route:
		case f.passed < f.After:
			f.passed++
		case f.Times == 0 || f.hits < f.Times:
			f.hits++
			return f.Fault
		}
	}
	return Fault{}
}

// run gives a request the effect and the answer this fault leaves of them. The
// vendor is nil outside all prefixes, where there is no effect to undo.
func (f Fault) run(v vendor, handle func() answer) answer {
	var a answer
	if f.Effect || f.Status == 0 && !f.Drop {
		if f.Pretend && v != nil {
			defer v.save()()
		}
		a = handle()
	}
	if f.Status != 0 {
		return answer{status: f.Status, header: f.Header, body: []byte(f.Body)}
	}
	return a
}
