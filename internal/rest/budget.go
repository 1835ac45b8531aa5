package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// BudgetError says that a request was not sent because the vendor's rate limit would not let it go
// before the deadline.
type BudgetError struct {
	Wait       time.Duration // how long the request would have had to wait; 0 when that is not known
	Reason     string
	Err        error // why the wait ended early; nil when it did not begin
	noDeadline bool  // no timeout is set, and the wait is longer than anybody waits
	stale      bool  // after the wait, the last read of the account would be too old for a call
}

// Unwrap gives why the wait ended early.
func (e *BudgetError) Unwrap() error { return e.Err }

func (e *BudgetError) Error() string {
	if e.stale {
		return "not sent: the account was read too long before, because of " + e.Reason
	}
	if e.Wait == 0 {
		return "not sent: " + e.Reason
	}
	limit := "past the timeout"
	if e.noDeadline {
		limit = "longer than " + longestWithoutDeadline.String()
	}
	return fmt.Sprintf(
		"not sent: %s, and the next request may leave in %s, which is %s", e.Reason, e.Wait.Round(time.Second), limit,
	)
}

// Quota is what a vendor says of its limit in an answer: how many more requests it takes until the
// reset.
type Quota struct {
	Left  int
	Reset time.Time
}

// Budgets are the rate budgets of vendors. Clients that are made with the same Budgets share one
// budget for each base URL, so that they stay below the vendor's limit together. The zero value is
// ready for use.
type Budgets struct {
	mu  sync.Mutex
	all map[string]*budget
}

// of is the budget of a base URL. When clients differ in their rate, the lowest holds for all.
func (b *Budgets) of(base *url.URL, config Config, api API) *budget {
	fresh := newBudget(config, api)
	if b == nil {
		return fresh
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil {
		b.all = map[string]*budget{}
	}
	address := tenant(base)
	shared := b.all[address]
	if shared == nil {
		b.all[address] = fresh
		return fresh
	}
	slower(shared.all, fresh.all)
	for route, limit := range fresh.routes {
		slower(shared.routes[route], limit)
	}
	return shared
}

// slower makes one limiter as slow as another.
func slower(l, than *rate.Limiter) {
	if than.Limit() < l.Limit() {
		l.SetLimit(than.Limit())
		l.SetBurst(than.Burst())
	}
}

// budget knows when requests to one base URL may leave. A vendor that says "too many" makes all
// requests wait, not only the one that was told.
type budget struct {
	all       *rate.Limiter
	routes    map[string]*rate.Limiter
	pause     func(Answer) time.Duration
	readQuota func(Answer) (Quota, bool)

	mu          sync.Mutex
	closed      time.Time // no request leaves before
	reason      string
	quotaLeft   Quota // as the vendor last told, less what has left since
	sentAtQuota int   // how many requests had left when that was told
	deducted    int   // how many of those were under way and taken off
	sent        int   // how many requests have left
	inFlight    int   // requests whose answer has not come
	changed     chan struct{}
}

func newBudget(config Config, api API) *budget {
	perSecond, scale := api.Rate, 1.0
	if config.RequestsPerSecond > 0 {
		perSecond = config.RequestsPerSecond
		if api.Rate > 0 {
			scale = perSecond / api.Rate
		}
	}
	b := &budget{
		all:       limiter(perSecond),
		routes:    map[string]*rate.Limiter{},
		pause:     api.Pause,
		readQuota: api.Quota,
		changed:   make(chan struct{}),
	}
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

// reservation is a request's place in the budget.
type reservation struct {
	sentBefore int           // how many requests had left before it
	inFlight   int           // how many of those had no answer yet
	wait       time.Duration // how long it must wait before it asks again; 0 when it leaves
	reason     string
	byQuota    bool            // the wait is only what an answer said of the quota
	changed    <-chan struct{} // closed when that may no longer be so
}

// reserve takes a request's place in the budget, or tells how long it must wait before it asks
// again, and why. It takes so many places in the quota, and with none asks for none.
func (b *budget) reserve(places int) reservation {
	b.mu.Lock()
	defer b.mu.Unlock()
	if wait := time.Until(b.closed); wait > 0 {
		return reservation{wait: wait, reason: b.reason}
	}
	if wait := time.Until(b.quotaLeft.Reset); wait > 0 {
		if b.quotaLeft.Left < places {
			return reservation{
				wait:    wait,
				reason:  "the vendor's budget of requests is used up",
				byQuota: true,
				changed: b.changed,
			}
		}
		b.quotaLeft.Left -= places
	}
	return b.countSent()
}

// probe takes a place although the quota is said to be used up, if no request is under way whose
// answer may tell better.
func (b *budget) probe() (reservation, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inFlight > 0 || time.Until(b.closed) > 0 {
		return reservation{}, false
	}
	return b.countSent(), true
}

// reserveAlways takes a place whatever stands against it.
func (b *budget) reserveAlways() reservation {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.countSent()
}

func (b *budget) countSent() reservation {
	d := reservation{sentBefore: b.sent, inFlight: b.inFlight}
	b.sent++
	b.inFlight++
	return d
}

// release gives up the place of a request to which no answer came.
func (b *budget) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.countAnswered()
}

// countAnswered counts a request that is under way no longer. After the last one those who wait for
// the quota may ask themselves.
func (b *budget) countAnswered() {
	if b.inFlight--; b.inFlight == 0 {
		b.notify()
	}
}

func (b *budget) notify() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// observe reads from an answer how long everybody must wait, and why.
func (b *budget) observe(resp *http.Response, d reservation) (time.Duration, string) {
	answer := Answer{
		Method: resp.Request.Method,
		Path:   resp.Request.URL.EscapedPath(),
		Status: resp.StatusCode,
		Header: resp.Header,
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.countAnswered()
	if b.readQuota != nil {
		b.updateQuota(answer, d)
	}
	wait, reason := answer.retryAfter(), fmt.Sprintf("the vendor answered HTTP %d", resp.StatusCode)
	if b.pause != nil && wait == 0 {
		wait = b.pause(answer)
	}
	if wait <= 0 && resp.StatusCode == http.StatusTooManyRequests {
		wait = time.Second
	}
	if until := time.Now().Add(wait); wait > 0 && until.After(b.closed) {
		b.closed, b.reason = until, reason
	}
	return wait, reason
}

// sameReset is how far two answers may be apart in what they say of one reset, because it is told
// in whole seconds.
const sameReset = 2 * time.Second

// updateQuota takes over what the vendor says is left. Requests that are still under way may not be
// counted in it yet, so they are taken off: rather one too few than one too many. Answers to
// requests side by side come in any order, so among them the lowest holds; but what they say of one
// window cannot differ by more requests than were under way.
func (b *budget) updateQuota(a Answer, d reservation) {
	told, ok := b.readQuota(a)
	if !ok {
		return
	}
	taken := min(told.Left, b.inFlight)
	told.Left -= taken
	sideBySide := b.sent - d.sentBefore + d.inFlight + b.deducted
	later := d.sentBefore >= b.sentAtQuota || told.Left > b.quotaLeft.Left+sideBySide ||
		told.Reset.After(b.quotaLeft.Reset.Add(sameReset))
	before := told.Reset.Before(b.quotaLeft.Reset.Add(-sameReset)) // of a window that is over
	if later || told.Left < b.quotaLeft.Left && !before {
		if b.quotaLeft.Left <= 0 && told.Left > 0 {
			b.notify()
		}
		b.quotaLeft, b.sentAtQuota, b.deducted = told, b.sent, taken
	}
}
