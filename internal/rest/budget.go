package rest

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// BudgetError says that a request was not sent because the vendor's rate limit would not let it go before the deadline.
type BudgetError struct {
	Wait   time.Duration // how long the request would have had to wait; 0 when that is not known
	Reason string
	Err    error // why the wait ended early; nil when it did not begin
}

// Unwrap gives why the wait ended early.
func (e *BudgetError) Unwrap() error { return e.Err }

func (e *BudgetError) Error() string {
	if e.Wait == 0 {
		return "not sent: " + e.Reason
	}
	return fmt.Sprintf("not sent: %s, and the next request may leave in %s, which is past the timeout", e.Reason, e.Wait.Round(time.Second))
}

// budget holds every request back until the vendor's rate limits allow it. A vendor that says "too many" makes all requests
// wait, not only the one that was told.
type budget struct {
	next   http.RoundTripper
	all    *rate.Limiter
	routes map[string]*rate.Limiter
	pause  func(Answer) time.Duration
	log    Log

	mu     sync.Mutex
	closed time.Time // no request leaves before
	reason string
}

func newBudget(config Config, api API, next http.RoundTripper) *budget {
	perSecond, scale := api.Rate, 1.0
	if config.RequestsPerSecond > 0 {
		perSecond = config.RequestsPerSecond
		if api.Rate > 0 {
			scale = perSecond / api.Rate
		}
	}
	b := &budget{next: next, all: limiter(perSecond), routes: map[string]*rate.Limiter{}, pause: api.Pause, log: config.Log}
	for route, limit := range api.Routes {
		b.routes[route] = limiter(limit * scale)
	}
	return b
}

// limiter allows perSecond requests a second, and a tenth of that at once.
func limiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/10)))
}

// RoundTrip implements http.RoundTripper.
func (b *budget) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := b.wait(req.Context()); err != nil {
		return nil, err
	}
	resp, err := b.next.RoundTrip(req)
	if err == nil {
		b.heed(req.Context(), resp)
	}
	return resp, err
}

// wait returns when the request may leave, or at once with a *BudgetError when that is past the deadline of ctx.
func (b *budget) wait(ctx context.Context) error {
	limiters := []*rate.Limiter{b.all}
	if route, _ := ctx.Value(routeKey{}).(string); b.routes[route] != nil {
		limiters = append(limiters, b.routes[route])
	}
	for _, l := range limiters {
		if err := l.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return &BudgetError{Reason: "stopped before the request left", Err: ctx.Err()}
			}
			return &BudgetError{Reason: "the rate limit leaves no room before the timeout"}
		}
	}
	for {
		left, reason := b.left()
		if left <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < left {
			return &BudgetError{Wait: left, Reason: reason}
		}
		b.say(ctx, "waiting for the vendor's rate limit", left, reason)
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return &BudgetError{Reason: "stopped while waiting, because " + reason, Err: ctx.Err()}
		case <-timer.C:
		}
	}
}

func (b *budget) left() (time.Duration, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.closed), b.reason
}

// heed reads from an answer how long everybody must wait.
func (b *budget) heed(ctx context.Context, resp *http.Response) {
	wait, reason := retryAfter(resp), fmt.Sprintf("the vendor answered HTTP %d", resp.StatusCode)
	if b.pause != nil && wait == 0 {
		wait = b.pause(Answer{Method: resp.Request.Method, Path: resp.Request.URL.EscapedPath(), Status: resp.StatusCode, Header: resp.Header})
	}
	if wait == 0 && resp.StatusCode == http.StatusTooManyRequests {
		wait = time.Second
	}
	if wait <= 0 {
		return
	}
	if resp.StatusCode != http.StatusTooManyRequests {
		reason = "the vendor's budget of requests is used up"
	}
	b.mu.Lock()
	if until := time.Now().Add(wait); until.After(b.closed) {
		b.closed, b.reason = until, reason
	}
	b.mu.Unlock()
	b.say(ctx, "the vendor slows all requests down", wait, reason)
}

func (b *budget) say(ctx context.Context, message string, wait time.Duration, reason string) {
	if b.log != nil {
		b.log(ctx, message, map[string]any{"wait_ms": wait.Milliseconds(), "reason": reason})
	}
}

// retryAfter reads the Retry-After header of a 429 or 503, in seconds or as a date.
func retryAfter(resp *http.Response) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(time.Until(date), 0)
	}
	return 0
}
