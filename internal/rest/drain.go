package rest

import "sync"

// changes counts the changing requests of this process that are in flight.
var changes gate

// gate lets requests pass until it is closed.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

// enter reports whether a request may be sent. If so, leave must be called after its answer.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.inside.Add(1)
	}
	return !g.closed
}

func (g *gate) leave() { g.inside.Done() }

// close closes the gate and returns when the requests that passed have left.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.inside.Wait()
}

// errDrained is why a changing request is not sent any more.
var errDrained = &BudgetError{Reason: "the run is being stopped, and nothing further is begun"}

// Drain stops further changing requests of this process, and returns when the answers to those in
// flight have come. A process that drains before it ends always learns what happened to its closing
// calls.
func Drain() { changes.close() }
