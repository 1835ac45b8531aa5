package rest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// throttle holds each request of one client back until the budget allows it.
type throttle struct {
	next   http.RoundTripper
	budget *budget
	busy   func(Answer) bool // API.Busy
	log    Log
}

// pingKey marks the context of a ping. Requests wait for it, so it neither waits nor is repeated.
type pingKey struct{}

// RoundTrip implements http.RoundTripper.
func (t *throttle) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	place, err := t.wait(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := t.send(req)
	if err != nil {
		t.budget.release()
		return nil, err
	}
	if wait, reason := t.budget.observe(resp, routeOf(ctx), place); wait > 0 {
		t.logWait(ctx, "the vendor slows all requests down", wait, reason)
	}
	return resp, nil
}

// send sends a request, and notes in its turn when an answer showed the account. The answer to a
// change shows it as it was left, and the time that it takes makes no earlier read fresher.
func (t *throttle) send(req *http.Request) (*http.Response, error) {
	turn := offboard.TurnOf(req.Context())
	if turn == nil {
		return t.exchange(req)
	}
	turn.Begin()
	left := time.Now()
	resp, err := t.exchange(req)
	if err == nil && !isChange(req.Context()) && !failing(resp.StatusCode) {
		turn.Answered(time.Since(left))
	}
	return resp, err
}

// exchange sends a request. A success for which API.Busy holds is an HTTP 429.
func (t *throttle) exchange(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || t.busy == nil {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if answer := (Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}); answer.OK() && t.busy(answer) {
		resp.StatusCode = http.StatusTooManyRequests
	}
	return resp, nil
}

// wait returns when the request may leave, or at once with a *BudgetError when that is past the
// deadline of ctx. A change does not leave when the last read of the account is stale.
func (t *throttle) wait(ctx context.Context) (reservation, error) {
	if ctx.Value(pingKey{}) != nil {
		return t.budget.reserveAlways(), nil
	}
	places, err := t.waitForPace(ctx)
	if err != nil {
		return reservation{}, err
	}
	for {
		if isChange(ctx) && offboard.Stale(ctx) {
			return reservation{}, &BudgetError{Reason: "a wait", stale: true}
		}
		place := t.budget.reserve(routeOf(ctx), places)
		if place.wait <= 0 {
			return place, nil
		}
		var err error
		if place.byQuota && tooLong(ctx, place.wait) && ctx.Err() == nil {
			if asked, ok := t.budget.probe(routeOf(ctx)); ok {
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

// paceReason is what a request waits for that waits for its pace.
const paceReason = "the rate limit (requests_per_second)"

// waitForPace waits for the rate limits. It returns how many places the request needs in the
// quota.
func (t *throttle) waitForPace(ctx context.Context) (places int, err error) {
	turn := offboard.TurnOf(ctx)
	left, begins := ctx.Value(beginningKey{}).(*time.Time)
	switch {
	case begins && left.IsZero():
		places, err = 1, t.paceBeginning(ctx, left)
	case turn == nil:
		places, err = 1, t.pace(ctx, t.budget.all, paceReason)
	case turn.Begun() && isChange(ctx) && !turn.Due().IsZero():
		return 0, t.sleep(ctx, time.Until(turn.Due()), paceReason, nil)
	case turn.Begun():
		t.budget.all.Reserve() // it follows at once, and others wait longer
		return 0, nil
	default:
		places, err = 2, t.beginTurn(ctx, turn)
	}
	if route := routeOf(ctx); err == nil && t.budget.routes[route] != nil {
		err = t.pace(ctx, t.budget.routes[route], "the rate limit of "+route)
	}
	return places, err
}

// beginTurn waits for the places of a read and of the call after it. At a slow rate the read waits
// longer than it must, so that it is fresh when the call leaves.
func (t *throttle) beginTurn(ctx context.Context, turn *offboard.Turn) error {
	read, call := t.budget.all.Reserve(), t.budget.all.Reserve()
	due := time.Now().Add(call.Delay())
	err := t.sleep(ctx, max(read.Delay(), call.Delay()-offboard.TurnGap), paceReason, nil)
	if err != nil {
		call.Cancel()
		read.Cancel()
		return err
	}
	turn.Prepay(due)
	return nil
}

// waitForChange waits for the answers that are under way. That a quota is used up is a claim which
// the next answer may disprove, so no request gives up for it before one has been asked for.
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

// paceBeginning waits until the rate limit has a place that no other request waits for.
func (t *throttle) paceBeginning(ctx context.Context, left *time.Time) error {
	t.budget.beginning.Add(1)
	defer t.budget.beginning.Add(-1)
	for l := t.budget.all; !l.Allow(); {
		if err := t.sleep(ctx, untilFree(l), paceReason, nil); err != nil {
			return err
		}
	}
	*left = time.Now()
	return nil
}

// longestGivingWay is how long a request gives way that serves all who wait for it.
const longestGivingWay = 10 * time.Second

// giveWay waits as long as others wait for the rate limit, for some time at most.
func (t *throttle) giveWay(ctx context.Context) {
	l := t.budget.all
	for began := time.Now(); l.Limit() != rate.Inf && time.Since(began) < longestGivingWay; {
		if t.budget.beginning.Load() == 0 && l.Tokens() >= 1 || t.sleep(ctx, untilFree(l), paceReason, nil) != nil {
			return
		}
	}
}

// untilFree returns how long it takes at least until a limiter has a place that nobody waits for.
func untilFree(l *rate.Limiter) time.Duration {
	missing := (1 - l.Tokens()) / float64(l.Limit())
	return max(time.Duration(missing*float64(time.Second)), time.Millisecond)
}

// minLoggedWait is the shortest wait that is logged. The many short ones are normal.
const minLoggedWait = time.Second

// longestWithoutDeadline is the longest wait of a request whose context has no deadline.
const longestWithoutDeadline = 5 * time.Minute

// tooLong reports whether a wait ends after the deadline of ctx.
func tooLong(ctx context.Context, wait time.Duration) bool {
	if latest, ok := ctx.Value(startByKey{}).(time.Time); ok && wait > 0 && time.Until(latest) < wait {
		return true
	}
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline) < wait
	}
	return wait > longestWithoutDeadline
}

// sleep waits, at most until the quota may have changed.
func (t *throttle) sleep(ctx context.Context, wait time.Duration, reason string, changed <-chan struct{}) error {
	if ctx.Err() != nil {
		return stoppedBefore(ctx.Err())
	}
	if tooLong(ctx, wait) {
		_, timed := ctx.Deadline()
		timed = timed || ctx.Value(startByKey{}) != nil
		return &BudgetError{Wait: wait, Reason: reason, noDeadline: !timed}
	}
	if isChange(ctx) && offboard.StaleAfter(ctx, wait) {
		return &BudgetError{Wait: wait, Reason: reason, stale: true}
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

// stoppedBefore returns the error of a request that did not leave, because its context ended before
// with err.
func stoppedBefore(err error) *BudgetError {
	return &BudgetError{Reason: "stopped before the request left", Err: err}
}

func (t *throttle) logWait(ctx context.Context, message string, wait time.Duration, reason string) {
	if t.log != nil {
		t.log(ctx, message, map[string]any{"wait_ms": wait.Milliseconds(), "reason": reason})
	}
}
