package mock

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// sfoxToken is how long a user token lives when the switch is not set.
	sfoxToken = 24 * time.Hour
	// sfoxTime is how the API writes a time.
	sfoxTime = "2006-01-02T15:04:05.000Z"
	// sfoxOrders is the default and the largest number of orders in one answer.
	sfoxOrders = 50
	// sfoxAge is how old the mock's transactions are: older than the list's
	// default window, so that a client which names no window misses them.
	sfoxAge = 72 * time.Hour
)

// SFOXUser is an end user of an sFOX partner, as the seed file writes it.
type SFOXUser struct {
	ID                  string            `json:"id"`
	Name                string            `json:"name"` // the first word is the first name
	Email               string            `json:"email"`
	AccountType         string            `json:"account_type"` // "individual" when unset
	AccountRole         string            `json:"account_role"` // "Client" when unset; answered with a capital
	Advisor             string            `json:"advisor"`      // the id of the advisor, "" for none
	Status              string            `json:"status"`       // PENDING, VERIFIED, UNSUPPORTED; VERIFIED when unset
	Balances            map[string]string `json:"balances"`     // decimal amounts by currency
	Held                map[string]string `json:"held"`         // the part of them that is on hold
	OpenOrders          int               `json:"open_orders"`
	PendingTransactions int               `json:"pending_transactions"`
}

// SFOXGone is how reading a deactivated user is answered.
type SFOXGone int

// The answers to reading a deactivated user.
const (
	GoneNotFound SFOXGone = iota // 404
	GoneNull                     // 200 with data null
	GoneObject                   // 200 with data {}
	GoneArray                    // 200 with data []
)

// SFOX stands in for sFOX Connect,
// https://docs.sfox.com/connect/rest-api/authentication. The zero value of each
// switch is the answer we assume. Set switches before use or through Set.
type SFOX struct {
	Roster[string, SFOXUser]

	Gone              SFOXGone      // how reading a deactivated user is answered
	WrongUnauthorized bool          // the wrong one of the two credentials is answered 401, not 403
	Strings           bool          // amounts are strings, not numbers
	HideZero          bool          // the balances leave zero rows out
	TokenLife         time.Duration // how long a user token lives; 0 is 24 hours
	TokensDie         bool          // deactivating a user ends its tokens at once
	Stakes            bool          // deactivating is answered 422 although all balances are zero
	PlainNotFound     bool          // a 404 is an HTML page, not the error envelope
	SlowDelete        int           // this many reads still see a deactivated user
	RateLimits        bool          // the documented limits hold, by route and in total
	RetryAfter        bool          // a 429 carries Retry-After

	MintRefused     int    // the status of a token for a user who is not there; 0 is 404
	PendingNoToken  bool   // a PENDING user gets no token: 422
	Dust            string // a balance up to this does not stop a deactivation; "" is exactly zero
	OrdersBlock     bool   // open orders stop a deactivation
	PendingBlocks   bool   // unfinished transactions stop it
	ClientsBlock    bool   // clients stop the deactivation of their advisor
	BareBalances    bool   // balances carry no wallets
	ListExtras      bool   // the list has further keys beside data
	NewRequirements bool   // requirements have the shape of the newer onboarding
	MoreFields      bool   // users carry the fields that only some copies of the page have

	key    string
	tokens map[string]sfoxGrant
	total  sfoxLimit
	limits map[string]*sfoxLimit
	table
}

// sfoxLimit is a documented limit in 10 seconds, and the penalty after a breach.
type sfoxLimit struct {
	limit   int
	penalty time.Duration
	window  window
	until   time.Time
}

// breached counts a request and returns how long the client has to stay away, 0
// when it may go on.
func (l *sfoxLimit) breached(now time.Time) time.Duration {
	if now.Before(l.until) {
		return l.until.Sub(now)
	}
	if l.window.take(now, l.limit, 10*time.Second) {
		return 0
	}
	l.until = now.Add(l.penalty)
	return l.penalty
}

func newSFOX(c *clock, key string) *SFOX {
	s := &SFOX{key: key, tokens: map[string]sfoxGrant{}}
	s.Roster = newRoster(c, rules[string, SFOXUser]{
		vendor: s.name(),
		check:  s.check,
		id:     func(u SFOXUser) string { return u.ID },
		order:  func(a, b SFOXUser) int { return cmp.Compare(a.ID, b.ID) },
		clone: func(u SFOXUser) SFOXUser {
			u.Balances, u.Held = maps.Clone(u.Balances), maps.Clone(u.Held)
			return u
		},
		fill: func(u *SFOXUser) {
			u.AccountType = cmp.Or(u.AccountType, "individual")
			u.AccountRole = cmp.Or(u.AccountRole, "Client")
			u.Status = cmp.Or(u.Status, "VERIFIED")
		},
		words: func(u *SFOXUser) words { return words{&u.Name, &u.Email, nil} },
	})
	// The limits are https://docs.sfox.com/rest-api/rate-limits; a route that names none has none of its own.
	s.total = sfoxLimit{limit: 250, penalty: time.Minute}
	s.limits = map[string]*sfoxLimit{
		"GET /user/balance":         {limit: 5, penalty: 10 * time.Second},
		"GET /orders":               {limit: 10, penalty: 10 * time.Second},
		"GET /account/transactions": {limit: 1, penalty: 10 * time.Second},
	}
	s.routes = s.documented()
	return s
}

// documented are the routes of the documentation that the mock answers.
func (s *SFOX) documented() []route {
	return []route{
		{"GET", "/enterprise/users", List, s.listUsers},
		{"GET", "/enterprise/users/{id}", Read, s.one},
		{"PATCH", "/enterprise/users/{id}", Change, s.patch},
		{"POST", "/enterprise/register-account", Change, s.register},
		{"DELETE", "/enterprise/account/{id}", Close, s.deactivate},
		{"POST", "/enterprise/user-tokens", Related, s.mintMany},
		{"POST", "/enterprise/user-tokens/{id}", Related, s.mint},
		{"GET", "/user/balance", Related, s.balances},
		{"GET", "/orders", Related, s.orders},
		{"DELETE", "/orders", Change, s.cancelOrders},
		{"GET", "/account/transactions", Related, s.transactions},
	}
}

// Set changes switches while the server is in use.
func (s *SFOX) Set(f func(*SFOX)) {
	s.clock.Lock()
	defer s.clock.Unlock()
	f(s)
}

func (s *SFOX) name() string   { return "sfox" }
func (s *SFOX) prefix() string { return "/sfox/v1" }

func (s *SFOX) save() func() {
	users, tokens := s.Roster.save(), maps.Clone(s.tokens)
	return func() {
		users()
		s.tokens = tokens
	}
}

// answer puts the limits and the two credentials around a route.
func (s *SFOX) answer(rt *route, c *call, allow []string) answer {
	if wait := s.limited(rt, c.now); wait > 0 {
		a := sfoxError(http.StatusTooManyRequests, "too many requests")
		if s.RetryAfter {
			a.header.Set("Retry-After", strconv.Itoa(seconds(wait)))
		}
		return a
	}
	switch {
	case rt == nil && len(allow) > 0:
		a := sfoxError(http.StatusMethodNotAllowed, "method not allowed")
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil:
		return s.notFound("not found")
	}
	enterprise := c.bearer() == s.key
	_, user := s.holder(c)
	wrong := http.StatusForbidden
	if s.WrongUnauthorized {
		wrong = http.StatusUnauthorized
	}
	switch {
	case !enterprise && !user:
		return sfoxError(http.StatusUnauthorized, "invalid credentials")
	case enterprise != strings.HasPrefix(rt.pattern, "/enterprise/"):
		return sfoxError(wrong, "these credentials are not accepted here")
	}
	return rt.handle(c)
}

// limited counts a request against its limits and returns how long the client
// has to stay away, 0 when it may go on.
func (s *SFOX) limited(rt *route, now time.Time) time.Duration {
	if !s.RateLimits {
		return 0
	}
	if wait := s.total.breached(now); wait > 0 || rt == nil {
		return wait
	}
	if l, ok := s.limits[rt.method+" "+rt.pattern]; ok {
		return l.breached(now)
	}
	return 0
}

// sfoxError is the vendor's error envelope.
func sfoxError(status int, message string) answer {
	return reply(status, map[string]string{"error": message})
}

// notFound is a 404 in the vendor's form.
func (s *SFOX) notFound(message string) answer {
	if s.PlainNotFound {
		return page(http.StatusNotFound)
	}
	return sfoxError(http.StatusNotFound, message)
}

// sfoxData is the envelope of the Connect calls; the trading calls have none.
func sfoxData(status int, v any) answer {
	return reply(status, map[string]any{"data": v})
}

// absence implements vendor.
func (s *SFOX) absence(status int, text string) answer {
	return sfoxError(status, cmp.Or(text, "user not found"))
}
