package rest

import "sync"

// changes counts the changing requests of this process that are on their way.
var changes gate

// gate lets requests through until it is closed.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

// enter reports whether a request may leave. If so, leave must be called after its answer.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.inside.Add(1)
	}
	return !g.closed
}

func (g *gate) leave() { g.inside.Done() }

// close lets no further request through, and returns when those that are inside have left.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.inside.Wait()
}

// errDrained is why a changing request does not leave any more.
var errDrained = &BudgetError{Reason: "the run is being stopped, and nothing further is begun"}

// Drain lets no further changing request of this process leave, and returns when the answers of
// those on their way have come. A process that ends in the middle of a closing call leaves open
// what became of it; one that drains first does not.
func Drain() { changes.close() }
