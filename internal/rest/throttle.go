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

// RoundTrip implements http.RoundTripper.
func (t *throttle) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.wait(req.Context()); err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		t.budget.back()
		return nil, err
	}
	if wait, reason := t.budget.heed(resp); wait > 0 {
		t.say(req.Context(), "the vendor slows all requests down", wait, reason)
	}
	return resp, nil
}

// wait returns when the request may leave, or at once with a *BudgetError when that is past the deadline of ctx.
func (t *throttle) wait(ctx context.Context) error {
	if err := t.pace(ctx, t.budget.all, "the rate limit (requests_per_second)"); err != nil {
		return err
	}
	if route, _ := ctx.Value(routeKey{}).(string); t.budget.routes[route] != nil {
		if err := t.pace(ctx, t.budget.routes[route], "the rate limit of "+route); err != nil {
			return err
		}
	}
	for {
		wait, reason := t.budget.leave()
		if wait <= 0 {
			return nil
		}
		if err := t.sleep(ctx, wait, reason); err != nil {
			return err
		}
	}
}

// pace waits for a place in the pace of a limiter. A place that would come too late is given back.
func (t *throttle) pace(ctx context.Context, l *rate.Limiter, reason string) error {
	place := l.Reserve()
	err := t.sleep(ctx, place.Delay(), reason)
	if err != nil {
		place.Cancel()
	}
	return err
}

// worthSaying is the shortest wait that has a line in the log; the many short ones are the ordinary pace.
const worthSaying = time.Second

func (t *throttle) sleep(ctx context.Context, wait time.Duration, reason string) error {
	if ctx.Err() != nil {
		return &BudgetError{Reason: "stopped before the request left", Err: ctx.Err()}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return &BudgetError{Wait: wait, Reason: reason}
	}
	if wait <= 0 {
		return nil
	}
	if wait >= worthSaying {
		t.say(ctx, "waiting for the vendor's rate limit", wait, reason)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return &BudgetError{Reason: "stopped while waiting for " + reason, Err: ctx.Err()}
	case <-timer.C:
		return nil
	}
}

func (t *throttle) say(ctx context.Context, message string, wait time.Duration, reason string) {
	if t.log != nil {
		t.log(ctx, message, map[string]any{"wait_ms": wait.Milliseconds(), "reason": reason})
	}
}
