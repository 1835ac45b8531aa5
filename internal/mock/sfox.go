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
	// sfoxTokenLife is how long a user token lasts if the switch is not set.
	sfoxTokenLife = 24 * time.Hour
	// sfoxTime is how the API writes a time.
	sfoxTime = "2006-01-02T15:04:05.000Z"
	// sfoxOrders is the default and the largest number of orders in one answer.
	sfoxOrders = 50
	// sfoxAge is how old the mock's transactions are. That is longer than the list's default window,
	// so a client that names no window misses them.
	sfoxAge = 72 * time.Hour

	sfoxPending  = "PENDING"
	sfoxVerified = "VERIFIED"
)

// SFOXGone is the answer to the read of a deactivated user.
type SFOXGone int

// The answers to the read of a deactivated user.
const (
	GoneNotFound SFOXGone = iota // 404
	GoneNull                     // 200 with data null
	GoneObject                   // 200 with data {}
	GoneArray                    // 200 with data []
)

// SFOX is sFOX Connect, https://docs.sfox.com/connect/rest-api/authentication. The zero value of
// each switch is the answer that we assume. Set switches before use or through Set.
type SFOX struct {
	Roster[string, SFOXUser]

	Gone              SFOXGone      // the answer to the read of a deactivated user
	WrongUnauthorized bool          // the wrong one of the two credentials is answered 401, not 403
	Strings           bool          // amounts are strings, not numbers
	HideZero          bool          // the balances leave zero rows out
	TokenLife         time.Duration // how long a user token lasts; 0 is 24 hours
	TokensDie         bool          // the deactivation of a user ends its tokens at once
	Stakes            bool          // a deactivation is answered 422 although all balances are zero
	PlainNotFound     bool          // a 404 is an HTML page, not the error envelope
	SlowDelete        int           // this many reads still see a deactivated user
	RateLimits        bool          // the documented limits hold, by route and in total
	RetryAfter        bool          // a 429 has Retry-After

	MintRefused     int    // the status of a token for a user who is not there; 0 is 404
	PendingNoToken  bool   // a PENDING user gets no token: 422
	Dust            string // a balance up to this does not stop a deactivation; "" is exactly zero
	OrdersBlock     bool   // open orders stop a deactivation
	PendingBlocks   bool   // unfinished transactions stop it
	ClientsBlock    bool   // clients stop the deactivation of their advisor
	BareBalances    bool   // balances have no wallets
	ListExtras      bool   // the list has further keys beside data
	NewRequirements bool   // requirements have the form of the newer onboarding
	MoreFields      bool   // users have the fields that only some copies of the page have

	key    string
	tokens map[string]sfoxToken
	total  sfoxLimit
	limits map[string]*sfoxLimit
	table
}

// sfoxLimit is a documented limit in 10 seconds, and the penalty after too many requests.
type sfoxLimit struct {
	limit   int
	penalty time.Duration
	window  window
	until   time.Time
}

// count counts a request, and returns how long the client has to stay away.
func (l *sfoxLimit) count(now time.Time) time.Duration {
	if now.Before(l.until) {
		return l.until.Sub(now)
	}
	if l.window.allow(now, l.limit, 10*time.Second) {
		return 0
	}
	l.until = now.Add(l.penalty)
	return l.penalty
}

func newSFOX(c *clock, key string) *SFOX {
	s := &SFOX{key: key, tokens: map[string]sfoxToken{}}
	s.Roster = newRoster(c, &rules[string, SFOXUser]{
		vendor: s.name(),
		check:  checkSFOXUser,
		id:     func(u *SFOXUser) string { return u.ID },
		order:  func(a, b *SFOXUser) int { return cmp.Compare(a.ID, b.ID) },
		clone: func(u *SFOXUser) SFOXUser {
			copied := *u
			copied.Balances, copied.Held = maps.Clone(u.Balances), maps.Clone(u.Held)
			return copied
		},
		setDefaults: func(u *SFOXUser) {
			u.AccountType = cmp.Or(u.AccountType, "individual")
			u.AccountRole = cmp.Or(u.AccountRole, "Client")
			u.Status = cmp.Or(u.Status, sfoxVerified)
		},
		texts: func(u *SFOXUser) texts { return texts{name: &u.Name, email: &u.Email} },
	})
	// The limits are https://docs.sfox.com/rest-api/rate-limits; a route that names none has none of
	// its own.
	s.total = sfoxLimit{limit: 250, penalty: time.Minute}
	s.limits = map[string]*sfoxLimit{
		"/user/balance":         {limit: 5, penalty: 10 * time.Second},
		"/orders":               {limit: 10, penalty: 10 * time.Second},
		"/account/transactions": {limit: 1, penalty: 10 * time.Second},
	}
	s.routes = s.documented()
	return s
}

// documented returns the documented routes that the mock answers.
func (s *SFOX) documented() []route {
	return []route{
		{http.MethodGet, "/enterprise/users", List, s.listUsers},
		{http.MethodGet, "/enterprise/users/{id}", Read, s.one},
		{http.MethodDelete, "/enterprise/account/{id}", Close, s.deactivate},
		{http.MethodPost, "/enterprise/user-tokens", Related, s.createTokens},
		{http.MethodPost, "/enterprise/user-tokens/{id}", Related, s.createToken},
		{http.MethodGet, "/user/balance", Related, s.balances},
		{http.MethodGet, "/orders", Related, s.orders},
		{http.MethodGet, "/account/transactions", Related, s.transactions},
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

// save implements vendor.
func (s *SFOX) save() func() {
	restoreUsers, tokens := s.Roster.save(), maps.Clone(s.tokens)
	return func() {
		restoreUsers()
		s.tokens = tokens
	}
}

// answer implements vendor. It checks the limits before the credentials.
func (s *SFOX) answer(rt *route, c *call, allow []string) answer {
	if wait := s.limited(rt, c.now); wait > 0 {
		a := sfoxError(http.StatusTooManyRequests, "too many requests")
		if s.RetryAfter {
			a.header.Set("Retry-After", strconv.Itoa(wholeSeconds(wait)))
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
	return s.answerGuarded(rt, c)
}

// answerGuarded checks the credentials before it answers a call. The enterprise key is for one half
// of the routes, and a user token for the other.
func (s *SFOX) answerGuarded(rt *route, c *call) answer {
	enterprise := c.bearer() == s.key
	_, user := s.tokenUser(c)
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

// limited counts a request against its limits, and returns how long the client has to stay away.
func (s *SFOX) limited(rt *route, now time.Time) time.Duration {
	if !s.RateLimits {
		return 0
	}
	if wait := s.total.count(now); wait > 0 || rt == nil {
		return wait
	}
	if l, ok := s.limits[rt.pattern]; ok {
		return l.count(now)
	}
	return 0
}

// sfoxError returns the vendor's error envelope.
func sfoxError(status int, message string) answer {
	return jsonAnswer(status, map[string]string{"error": message})
}

// notFound returns a 404 in the vendor's form.
func (s *SFOX) notFound(message string) answer {
	if s.PlainNotFound {
		return htmlPage(http.StatusNotFound)
	}
	return sfoxError(http.StatusNotFound, message)
}

// sfoxData returns the envelope of the Connect calls. The trading calls have no envelope.
func sfoxData(status int, v any) answer {
	return jsonAnswer(status, map[string]any{"data": v})
}

// absence implements vendor.
func (s *SFOX) absence(status int, text string) answer {
	return sfoxError(status, cmp.Or(text, "user not found"))
}
