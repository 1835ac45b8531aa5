package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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

// Quota is what a vendor says of its limit in an answer: how many more requests it takes until the reset.
type Quota struct {
	Left  int
	Reset time.Time
}

// Budgets are the rate budgets of vendors. Clients that are made with the same Budgets share one budget for each base URL, so that
// they stay below the vendor's limit together. The zero value is ready for use.
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
	address := strings.ToLower(base.Host) + base.EscapedPath()
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

// budget knows when requests to one base URL may leave. A vendor that says "too many" makes all requests wait, not only the one
// that was told.
type budget struct {
	all    *rate.Limiter
	routes map[string]*rate.Limiter
	pause  func(Answer) time.Duration
	quota  func(Answer) (Quota, bool)

	mu     sync.Mutex
	closed time.Time // no request leaves before
	reason string
	known  Quota // as the vendor last told, less what has left since
	flying int   // requests whose answer has not come
}

func newBudget(config Config, api API) *budget {
	perSecond, scale := api.Rate, 1.0
	if config.RequestsPerSecond > 0 {
		perSecond = config.RequestsPerSecond
		if api.Rate > 0 {
			scale = perSecond / api.Rate
		}
	}
	b := &budget{all: limiter(perSecond), routes: map[string]*rate.Limiter{}, pause: api.Pause, quota: api.Quota}
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

// leave takes a request's place in the budget, or tells how long it must wait before it asks again, and why.
func (b *budget) leave() (time.Duration, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if wait := time.Until(b.closed); wait > 0 {
		return wait, b.reason
	}
	if wait := time.Until(b.known.Reset); wait > 0 {
		if b.known.Left <= 0 {
			return wait, "the vendor's budget of requests is used up"
		}
		b.known.Left--
	}
	b.flying++
	return 0, ""
}

// back gives up the place of a request to which no answer came.
func (b *budget) back() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying--
}

// heed reads from an answer how long everybody must wait, and why.
func (b *budget) heed(resp *http.Response) (time.Duration, string) {
	answer := Answer{Method: resp.Request.Method, Path: resp.Request.URL.EscapedPath(), Status: resp.StatusCode, Header: resp.Header}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying--
	if b.quota != nil {
		b.learn(answer)
	}
	wait, reason := retryAfter(resp), fmt.Sprintf("the vendor answered HTTP %d", resp.StatusCode)
	if b.pause != nil && wait == 0 {
		wait = b.pause(answer)
	}
	if wait == 0 && resp.StatusCode == http.StatusTooManyRequests {
		wait = time.Second
	}
	if until := time.Now().Add(wait); wait > 0 && until.After(b.closed) {
		b.closed, b.reason = until, reason
	}
	return wait, reason
}

// learn takes over what the vendor says is left. Requests that are still under way may not be counted in it yet, so they are taken
// off: rather one too few than one too many.
func (b *budget) learn(a Answer) {
	told, ok := b.quota(a)
	if !ok {
		return
	}
	told.Left = max(told.Left-b.flying, 0)
	if told.Reset.After(b.known.Reset) || told.Left < b.known.Left {
		b.known = told
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
