package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Quota is what an answer says of the limit of the vendor: how many more requests it takes until
// the reset.
type Quota struct {
	Left  int
	Reset time.Time
}

// Budgets are the rate budgets of vendors. Clients that are made with the same Budgets share one
// budget for each base URL of a vendor, so that they stay below the vendor's limit together. The
// zero value is ready for use.
type Budgets struct {
	mu  sync.Mutex
	all map[budgetKey]*budget
}

// budgetKey is what the clients have in common that share a budget. Two vendors can have one base
// URL by mistake, and each has limits of its own.
type budgetKey struct{ vendor, address string }

// of returns the budget of a vendor's base URL. If clients differ in their rate, the lowest one holds for
// all.
func (b *Budgets) of(base *url.URL, config Config, api API) *budget {
	fresh := newBudget(config, api)
	if b == nil {
		return fresh
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil {
		b.all = map[budgetKey]*budget{}
	}
	key := budgetKey{config.Vendor, tenant(base)}
	shared := b.all[key]
	if shared == nil {
		b.all[key] = fresh
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

// budget decides when requests to one base URL may be sent. After an HTTP 429 all requests wait,
// not only the one that got it. A Retry-After to a request with a route holds for that route alone.
type budget struct {
	all       *rate.Limiter
	routes    map[string]*rate.Limiter
	pause     func(Answer) time.Duration
	readQuota func(Answer) (Quota, bool)
	beginning atomic.Int32 // how many requests wait that begin something

	mu          sync.Mutex
	paused      map[string]pause // by route; the empty one holds for all requests
	quotaLeft   Quota            // as an answer last said, less what was sent since
	sentAtQuota int              // how many requests had been sent at that answer
	deducted    int              // how many of those were in flight, and were deducted
	sent        int              // how many requests were sent
	inFlight    int              // requests whose answer has not come
	changed     chan struct{}
}

// pause is a time before which no request is sent, and why.
type pause struct {
	until  time.Time
	reason string
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
		paused:    map[string]pause{},
		changed:   make(chan struct{}),
	}
	for route, limit := range api.Routes {
		b.routes[route] = limiter(limit * scale)
	}
	return b
}

// limiter returns a limiter of perSecond requests a second, and a tenth of that at once.
func limiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/10)))
}

// reservation is a request's place in the budget.
type reservation struct {
	sentBefore int           // how many requests were sent before it
	inFlight   int           // how many of those had no answer yet
	wait       time.Duration // how long to wait before asking again; 0 if it may be sent
	reason     string
	byQuota    bool            // only the quota demands the wait
	changed    <-chan struct{} // closed when the quota may have changed
}

// reserve takes the place of a request of a route in the budget, or tells how long it must wait
// before it asks again, and why. It takes so many places in the quota, and with none asks for none.
func (b *budget) reserve(route string, places int) reservation {
	b.mu.Lock()
	defer b.mu.Unlock()
	longest := b.longestPause(route)
	if wait := time.Until(longest.until); wait > 0 {
		return reservation{wait: wait, reason: longest.reason}
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

// longestPause returns the pause that a request of a route waits for.
func (b *budget) longestPause(route string) pause {
	if b.paused[route].until.After(b.paused[""].until) {
		return b.paused[route]
	}
	return b.paused[""]
}

// probe reserves a place although the quota is used up, unless a request is in flight whose answer
// may say otherwise.
func (b *budget) probe(route string) (reservation, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inFlight > 0 || time.Until(b.longestPause(route).until) > 0 {
		return reservation{}, false
	}
	return b.countSent(), true
}

// reserveAlways reserves a place regardless of every limit.
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

// release counts a request to which no answer came.
func (b *budget) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.countAnswered()
}

// countAnswered counts a request that is no longer in flight. After the last one, requests that
// wait for the quota may probe.
func (b *budget) countAnswered() {
	if b.inFlight--; b.inFlight == 0 {
		b.notify()
	}
}

func (b *budget) notify() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// observe takes the answer to a request of a route. It returns how long all requests must wait after
// it, and why.
func (b *budget) observe(resp *http.Response, route string, d reservation) (time.Duration, string) {
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
	reason := fmt.Sprintf("the vendor answered HTTP %d", resp.StatusCode)
	all, ofRoute := b.waits(answer, route)
	b.extend(route, pause{time.Now().Add(ofRoute), reason})
	b.extend("", pause{time.Now().Add(all), reason})
	return all, reason
}

// extend makes the requests of a route wait for a pause, unless they wait longer already.
func (b *budget) extend(route string, p pause) {
	if p.until.After(b.paused[route].until) {
		b.paused[route] = p
	}
}

// waits returns how long all requests must wait after an answer, and how long those of its route. A
// vendor may have one route in maintenance, and serve all others.
func (b *budget) waits(a Answer, route string) (all, ofRoute time.Duration) {
	all = a.retryAfter()
	if route != "" {
		all, ofRoute = 0, all
	}
	if b.pause != nil && all == 0 {
		all = b.pause(a)
	}
	if all <= 0 && a.Status == http.StatusTooManyRequests {
		all = time.Second
	}
	if ofRoute > 0 {
		all = min(all, ofRoute)
	}
	return all, ofRoute
}

// sameReset is how far apart two answers may say one reset is, because they say it in whole
// seconds.
const sameReset = 2 * time.Second

// updateQuota updates the quota from an answer. Requests in flight may not be counted in it yet, so
// they are deducted: one too few is better than one too many. Answers to concurrent requests come
// in any order, so the lowest of them holds. But within one window they cannot differ by more
// requests than were in flight.
func (b *budget) updateQuota(a Answer, d reservation) {
	quota, ok := b.readQuota(a)
	if !ok {
		return
	}
	deducted := min(quota.Left, b.inFlight)
	quota.Left -= deducted
	sideBySide := b.sent - d.sentBefore + d.inFlight + b.deducted
	later := d.sentBefore >= b.sentAtQuota || quota.Left > b.quotaLeft.Left+sideBySide ||
		quota.Reset.After(b.quotaLeft.Reset.Add(sameReset))
	before := quota.Reset.Before(b.quotaLeft.Reset.Add(-sameReset)) // of a window that is over
	if later || quota.Left < b.quotaLeft.Left && !before {
		if b.quotaLeft.Left <= 0 && quota.Left > 0 {
			b.notify()
		}
		b.quotaLeft, b.sentAtQuota, b.deducted = quota, b.sent, deducted
	}
}
