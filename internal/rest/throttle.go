package rest

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// throttle holds each request of one client back until the budget allows it.
type throttle struct {
	next   http.RoundTripper
	budget *budget
	log    Log
}

// pingKey marks the context of a ping. Requests wait for it, so it neither waits nor is repeated.
type pingKey struct{}

// RoundTrip implements http.RoundTripper.
func (t *throttle) RoundTrip(req *http.Request) (*http.Response, error) {
	place, err := t.wait(req.Context())
	if err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		t.budget.release()
		return nil, err
	}
	if wait, reason := t.budget.observe(resp, place); wait > 0 {
		t.logWait(req.Context(), "the vendor slows all requests down", wait, reason)
	}
	return resp, nil
}

// wait returns when the request may be sent. It returns a *BudgetError at once if that is after the
// deadline of ctx.
func (t *throttle) wait(ctx context.Context) (reservation, error) {
	if ctx.Value(pingKey{}) != nil {
		return t.budget.reserveAlways(), nil
	}
	if err := t.pace(ctx, t.budget.all, "the rate limit (requests_per_second)"); err != nil {
		return reservation{}, err
	}
	if route, _ := ctx.Value(routeKey{}).(string); t.budget.routes[route] != nil {
		if err := t.pace(ctx, t.budget.routes[route], "the rate limit of "+route); err != nil {
			return reservation{}, err
		}
	}
	for {
		place := t.budget.reserve()
		if place.wait <= 0 {
			return place, nil
		}
		var err error
		if place.byQuota && tooLong(ctx, place.wait) && ctx.Err() == nil {
			if asked, ok := t.budget.probe(); ok {
				return asked, nil
			}
			err = waitForChange(ctx, place)
		} else {
			err = t.sleep(ctx, place.wait, place.reason, place.changed)
		}
		if err != nil {
			return reservation{}, err
		}
	}
}

// waitForChange waits until the quota may have changed. The next answer may show that it is not
// used up, so no request gives up before one was asked for.
func waitForChange(ctx context.Context, place reservation) error {
	select {
	case <-ctx.Done():
		return &BudgetError{Wait: place.wait, Reason: place.reason, Err: ctx.Err()}
	case <-place.changed:
		return nil
	}
}

// pace waits for a place in a limiter. It gives back a place that would come too late.
func (t *throttle) pace(ctx context.Context, l *rate.Limiter, reason string) error {
	place := l.Reserve()
	err := t.sleep(ctx, place.Delay(), reason, nil)
	if err != nil {
		place.Cancel()
	}
	return err
}

// minLoggedWait is the shortest wait that is logged. The many short ones are normal.
const minLoggedWait = time.Second

// longestWithoutDeadline is the longest wait of a request whose context has no deadline.
const longestWithoutDeadline = 5 * time.Minute

// tooLong reports whether a wait ends after the deadline of ctx.
func tooLong(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline) < wait
	}
	return wait > longestWithoutDeadline
}

// sleep waits, at most until the quota may have changed.
func (t *throttle) sleep(ctx context.Context, wait time.Duration, reason string, changed <-chan struct{}) error {
	if ctx.Err() != nil {
		return &BudgetError{Reason: "stopped before the request left", Err: ctx.Err()}
	}
	if tooLong(ctx, wait) {
		_, timed := ctx.Deadline()
		return &BudgetError{Wait: wait, Reason: reason, noDeadline: !timed}
	}
	if wait <= 0 {
		return nil
	}
	if wait >= minLoggedWait {
		t.logWait(ctx, "waiting for the vendor's rate limit", wait, reason)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return &BudgetError{Reason: "stopped while waiting for " + reason, Err: ctx.Err()}
	case <-changed:
		return nil
	case <-timer.C:
		return nil
	}
}

func (t *throttle) logWait(ctx context.Context, message string, wait time.Duration, reason string) {
	if t.log != nil {
		t.log(ctx, message, map[string]any{"wait_ms": wait.Milliseconds(), "reason": reason})
	}
}
