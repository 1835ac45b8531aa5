package rest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// BreakerError says that a request was not sent, or its answer not awaited. An earlier request
// showed that the vendor refuses the key, or does not answer, so it cannot be used in this run.
type BreakerError struct {
	Err error // what the other request ended in
}

func (e *BreakerError) Error() string {
	return "not sent, because an earlier request showed that the vendor cannot be used now: " + e.Err.Error()
}

// Unwrap returns what the other request ended in.
func (e *BreakerError) Unwrap() error { return e.Err }

// withoutBreakerKey marks the context of WithoutBreaker.
type withoutBreakerKey struct{}

// WithoutBreaker returns a context for requests that wait for the effect of a closing call. The
// breaker does not stop them, and only an HTTP 401 to them opens it, because errors are expected
// during the wait.
func WithoutBreaker(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutBreakerKey{}, true)
}

func skipsBreaker(ctx context.Context) bool { return ctx.Value(withoutBreakerKey{}) != nil }

const (
	pingTimeout     = 10 * time.Second // how long the vendor has to show that the key still works
	hungPingTimeout = time.Second      // the same after a request to which no answer came in time
)

// breaker stops all requests of a client for the rest of its life, as soon as one request has shown
// that none can succeed.
type breaker struct {
	ping func(ctx context.Context, limit time.Duration) bool // asks the vendor whether the key still works

	mu      sync.Mutex
	open    *BreakerError // nil while the breaker is closed
	tracked map[*tracked]context.CancelCauseFunc
	pinging *sharedPing // in flight; nil for none
}

// sharedPing is one ping for all requests that need one at the same time.
type sharedPing struct {
	done chan struct{}
	ok   bool
}

func newBreaker(alive func(context.Context, time.Duration) bool) *breaker {
	return &breaker{ping: alive, tracked: map[*tracked]context.CancelCauseFunc{}}
}

// openError returns the *BreakerError with which a request must not be sent, or nil.
func (b *breaker) openError(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if skipsBreaker(ctx) || b.open == nil {
		return nil
	}
	return b.open
}

// trip opens the breaker. It reports whether the breaker was closed before.
func (b *breaker) trip(cause error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != nil {
		return false
	}
	b.open = &BreakerError{cause}
	for _, cancel := range b.tracked {
		cancel(b.open)
	}
	return true
}

// trackedKey carries the *tracked of a request.
type trackedKey struct{}

// tracked is one request under the breaker.
type tracked struct {
	breaker        *breaker
	answer         Answer // without what came
	tripped        bool   // it opened the breaker
	othersAnswered bool   // the vendor still answered other requests after the last attempt of this one
}

// track registers a request. It returns a context that is canceled when the breaker opens. A change
// that is in flight is not cut by that.
func (b *breaker) track(ctx context.Context) (context.Context, *tracked) {
	g := &tracked{breaker: b}
	ctx = context.WithValue(ctx, trackedKey{}, g)
	if skipsBreaker(ctx) {
		return ctx, g
	}
	ctx, cancel := context.WithCancelCause(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tracked[g] = cancel
	if b.open != nil {
		cancel(b.open)
	}
	return ctx, g
}

// end removes the request from the breaker.
func (g *tracked) end() {
	g.breaker.mu.Lock()
	defer g.breaker.mu.Unlock()
	if cancel := g.breaker.tracked[g]; cancel != nil {
		cancel(nil)
	}
	delete(g.breaker.tracked, g)
}

// vendorHangs reports, after an attempt of a read that timed out, whether the vendor does not
// answer other requests either.
func (g *tracked) vendorHangs(ctx context.Context, err error) bool {
	if g == nil || skipsBreaker(ctx) || !errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	g.othersAnswered = g.pingWorks(ctx, hungPingTimeout, g.answer.transportError(err))
	return !g.othersAnswered
}

// pingWorks reports whether the vendor shows within the limit that the key still works. It opens
// the breaker if not.
func (g *tracked) pingWorks(ctx context.Context, limit time.Duration, cause error) bool {
	b := g.breaker
	b.mu.Lock()
	if b.open != nil { // another request has opened it meanwhile
		b.mu.Unlock()
		return false
	}
	asked := b.pinging
	if asked == nil {
		asked = &sharedPing{done: make(chan struct{})}
		b.pinging = asked
		b.mu.Unlock()
		return g.sendPing(ctx, asked, limit, cause)
	}
	b.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-asked.done:
		return asked.ok
	case <-timer.C:
		g.tripped = b.trip(cause)
		return false
	}
}

// sendPing sends the ping and shares its result.
func (g *tracked) sendPing(ctx context.Context, asked *sharedPing, limit time.Duration, cause error) bool {
	b := g.breaker
	asked.ok = b.ping(ctx, limit)
	if !asked.ok {
		g.tripped = b.trip(cause)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pinging = nil
	close(asked.done)
	return asked.ok
}

// resolve returns how a request ends: with its own answer or error, or with the *BreakerError of
// the request that opened the breaker. borrowed says that the request carried another credential
// than that of the client.
func (g *tracked) resolve(ctx context.Context, answer Answer, err error, borrowed bool) (Answer, error) {
	if g.breaker.openError(ctx) == nil {
		g.tripIfFailing(ctx, answer, err, borrowed)
	}
	open := g.breaker.openError(ctx)
	var cut *BreakerError
	canceled := errors.Is(ctx.Err(), context.Canceled) && !errors.As(context.Cause(ctx), &cut)
	// only its own answer or error says what happened
	left := isChange(ctx) && !neverSent(err) && !errors.Is(err, context.Canceled)
	if g.tripped || open == nil || canceled || left || err == nil && !failing(answer.Status) {
		return answer, err
	}
	return answer, &Error{Method: answer.Method, Path: answer.Path, Err: open, unsent: true}
}

// tripIfFailing opens the breaker if the end of a request shows that no other request can succeed.
func (g *tracked) tripIfFailing(ctx context.Context, answer Answer, err error, borrowed bool) {
	if err == nil && !failing(answer.Status) {
		return
	}
	cause, limit := err, pingTimeout
	if err == nil {
		cause = answer.Fault("", "")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		limit = hungPingTimeout
	}
	switch {
	case err == nil && answer.Status == http.StatusUnauthorized && !borrowed:
		g.tripped = g.breaker.trip(cause)
	case skipsBreaker(ctx) || g.othersAnswered && limit == hungPingTimeout:
	case needsPing(ctx, answer, err):
		g.pingWorks(ctx, limit, cause)
	}
}

// needsPing reports whether only a ping can show if other requests can still succeed.
func needsPing(ctx context.Context, answer Answer, err error) bool {
	if err == nil {
		return refuses(answer.Status) || !isChange(ctx)
	}
	return answer.Status == 0 && !isChange(ctx) && !causedLocally(err)
}

// failing reports whether a status shows that the vendor, or a proxy or gateway before it, does not
// serve this key now.
func failing(status int) bool {
	return refuses(status) || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

// causedLocally reports whether an error came before the request was sent, or from the caller, so
// that it says nothing of the vendor.
func causedLocally(err error) bool {
	var budget *BudgetError
	var open *BreakerError
	return errors.As(err, &budget) || errors.As(err, &open) || errors.Is(err, context.Canceled) ||
		errors.Is(err, errTooLarge)
}

// ping makes the vendor's cheapest read once and reports whether the key still works. It ignores
// all limits, because other requests wait for it. It is true if the vendor has no such read.
func (c *Client) ping(ctx context.Context, limit time.Duration) bool {
	if c.api.Ping.Method == "" {
		return true
	}
	ctx = context.WithoutCancel(ctx)
	for _, key := range []any{changeKey{}, largeKey{}} {
		ctx = context.WithValue(ctx, key, nil)
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, pingKey{}, true), limit)
	defer cancel()
	req, err := c.request(c.withMarks(ctx, c.api.Ping), c.api.Ping)
	if err != nil {
		return true
	}
	answer, err := c.exchange(req)
	return err == nil && !failing(answer.Status)
}
