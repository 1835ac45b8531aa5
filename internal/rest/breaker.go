package rest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// BreakerError says that a request was not sent, or a read not awaited, because another one has shown that the vendor cannot be used in
// this run: the key is refused, or no answer comes.
type BreakerError struct {
	Err error // what the other request ended in
}

func (e *BreakerError) Error() string {
	return "not sent, because an earlier request showed that the vendor cannot be used now: " + e.Err.Error()
}

// Unwrap gives what the other request ended in.
func (e *BreakerError) Unwrap() error { return e.Err }

// patientKey marks the context of those who wait for an effect.
type patientKey struct{}

// WithoutBreaker marks the context of requests that await the effect of a closing. Trouble is expected there and belongs to the waiting, so
// that the breaker neither stops them nor opens because of them, unless the vendor answers HTTP 401.
func WithoutBreaker(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

func isPatient(ctx context.Context) bool { return ctx.Value(patientKey{}) != nil }

const (
	aliveTime = 10 * time.Second // how long the vendor has to show that the key still works
	hungTime  = time.Second      // the same after a request to which no answer came in time
)

// breaker stops all requests of a client for the rest of its life as soon as one has shown that none can succeed.
type breaker struct {
	alive func(ctx context.Context, limit time.Duration) bool // asks the vendor whether the key still works

	mu      sync.Mutex
	open    *BreakerError // nil as long as it is closed
	guarded map[*guarded]context.CancelCauseFunc
	asking  *question // under way; nil for none
}

// question is one request that asks whether the key still works, shared by all who want to know at that time.
type question struct {
	done  chan struct{}
	alive bool
}

func newBreaker(alive func(context.Context, time.Duration) bool) *breaker {
	return &breaker{alive: alive, guarded: map[*guarded]context.CancelCauseFunc{}}
}

// stands is the *BreakerError with which a request must not leave, or nil.
func (b *breaker) stands(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if isPatient(ctx) || b.open == nil {
		return nil
	}
	return b.open
}

// trip opens the breaker and reports whether it was this error that did.
func (b *breaker) trip(cause error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != nil {
		return false
	}
	b.open = &BreakerError{cause}
	for _, cancel := range b.guarded {
		cancel(b.open)
	}
	return true
}

// guardKey carries the *guarded of a request.
type guardKey struct{}

// guarded is one request under the breaker.
type guarded struct {
	breaker *breaker
	answer  Answer // without what came
	tripped bool   // it opened the breaker
	vouched bool   // the vendor still answered others after the last attempt of this one
}

// guard gives a request its place under the breaker, and a context that is cancelled when it opens. A change that is on its way is not
// cut by that, as by nothing else.
func (b *breaker) guard(ctx context.Context) (context.Context, *guarded) {
	g := &guarded{breaker: b}
	ctx = context.WithValue(ctx, guardKey{}, g)
	if isPatient(ctx) {
		return ctx, g
	}
	ctx, cancel := context.WithCancelCause(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.guarded[g] = cancel
	if b.open != nil {
		cancel(b.open)
	}
	return ctx, g
}

// end gives up the place.
func (g *guarded) end() {
	g.breaker.mu.Lock()
	defer g.breaker.mu.Unlock()
	if cancel := g.breaker.guarded[g]; cancel != nil {
		cancel(nil)
	}
	delete(g.breaker.guarded, g)
}

// hangs reports, after an attempt of a read that timed out, whether the vendor answers nobody any more.
func (g *guarded) hangs(ctx context.Context, err error) bool {
	if g == nil || isPatient(ctx) || !errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	g.vouched = g.check(ctx, hungTime, g.answer.broken(err))
	return !g.vouched
}

// check reports whether the vendor shows within the limit that the key still works, and opens the breaker if it does not.
func (g *guarded) check(ctx context.Context, limit time.Duration, cause error) bool {
	b := g.breaker
	b.mu.Lock()
	if b.open != nil { // somebody else has asked since this request looked
		b.mu.Unlock()
		return false
	}
	asked := b.asking
	if asked == nil {
		asked = &question{done: make(chan struct{})}
		b.asking = asked
		b.mu.Unlock()
		return g.ask(ctx, asked, limit, cause)
	}
	b.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-asked.done:
		return asked.alive
	case <-timer.C:
		g.tripped = b.trip(cause)
		return false
	}
}

// ask puts the question for all.
func (g *guarded) ask(ctx context.Context, asked *question, limit time.Duration, cause error) bool {
	b := g.breaker
	asked.alive = b.alive(ctx, limit)
	if !asked.alive {
		g.tripped = b.trip(cause)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asking = nil
	close(asked.done)
	return asked.alive
}

// judge decides what becomes of a request that has ended: its own answer or error, or the *BreakerError of the one that opened the breaker.
// borrowed says that it carried another credential than the client's own.
func (g *guarded) judge(ctx context.Context, answer Answer, err error, borrowed bool) (Answer, error) {
	if g.breaker.stands(ctx) == nil {
		g.learn(ctx, answer, err, borrowed)
	}
	open := g.breaker.stands(ctx)
	var cut *BreakerError
	cancelled := errors.Is(ctx.Err(), context.Canceled) && !errors.As(context.Cause(ctx), &cut)
	left := isChange(ctx) && !neverSent(err) && !errors.Is(err, context.Canceled) // what became of it is not the breaker's to say
	if g.tripped || open == nil || cancelled || left || err == nil && !failing(answer.Status) {
		return answer, err
	}
	return answer, &Error{Method: answer.Method, Path: answer.Path, Err: open, unsent: true}
}

// learn opens the breaker if what a request ended in shows that no other can succeed.
func (g *guarded) learn(ctx context.Context, answer Answer, err error, borrowed bool) {
	if err == nil && !failing(answer.Status) {
		return
	}
	cause, limit := err, aliveTime
	if err == nil {
		cause = answer.Fault("", "")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		limit = hungTime
	}
	switch {
	case err == nil && answer.Status == http.StatusUnauthorized && !borrowed:
		g.tripped = g.breaker.trip(cause)
	case isPatient(ctx) || g.vouched && limit == hungTime:
	case err == nil && refuses(answer.Status),
		err == nil && !isChange(ctx),
		err != nil && answer.Status == 0 && !isChange(ctx) && !held(err):
		g.check(ctx, limit, cause)
	}
}

// failing reports whether a status shows that the vendor, or who stands before it, does not serve this key now.
func failing(status int) bool {
	return refuses(status) || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

// held reports whether an error came before the request left, or from the caller, so that it says nothing of the vendor.
func held(err error) bool {
	var budget *BudgetError
	var open *BreakerError
	return errors.As(err, &budget) || errors.As(err, &open) || errors.Is(err, context.Canceled) || errors.Is(err, errTooLarge)
}

// alive makes the vendor's cheapest read once, past all limits, because everybody waits for it. Where the vendor has none, it is alive.
func (c *Client) alive(ctx context.Context, limit time.Duration) bool {
	if c.api.Ping.Method == "" {
		return true
	}
	ctx = context.WithoutCancel(ctx)
	for _, key := range []any{changeKey{}, largeKey{}} {
		ctx = context.WithValue(ctx, key, nil)
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, aliveKey{}, true), limit)
	defer cancel()
	req, err := c.request(c.marked(ctx, c.api.Ping), c.api.Ping)
	if err != nil {
		return true
	}
	answer, err := c.exchange(req)
	return err == nil && !failing(answer.Status)
}
