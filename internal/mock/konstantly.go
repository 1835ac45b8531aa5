package mock

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// konstantlyPage is the number of users on a page of the list.
	konstantlyPage = 20
	// konstantlyRate is the limit of requests a minute if the switch is not set. No test reaches it by
	// accident.
	konstantlyRate = 100_000
)

// KonstantlyOptional is how a field without a value is written.
type KonstantlyOptional int

// The forms of a field without a value.
const (
	OptionalNull KonstantlyOptional = iota
	OptionalEmpty
	OptionalAbsent
)

// Konstantly is one Konstantly site, https://docs.konstantly.com/api-reference/introduction. The
// zero value of each switch is the answer that we assume. Set switches before use or through Set.
type Konstantly struct {
	Roster[string, KonstantlyUser]

	RateLimit   int  // requests a minute; 0 is a limit that no test reaches
	RetryAfter  bool // a 429 has Retry-After
	Forbidden   bool // a bad key is answered 403, not 401
	RoleString  bool // the role is a string, not an object
	BlockOnce   bool // the block of a blocked user is answered 422, not 200
	NoSeats     bool // an unblock is answered 402, because no license seat is free
	EmptyDelete bool // a delete is answered with an empty body, not {}
	SlowDelete  int  // this many reads still see a deleted user
	HideBlocked bool // the list leaves blocked users out

	TotalOfPage     bool               // the list's total counts only the rows of the page, as in the vendor's sample
	PageCap         int                // the largest page; 0 is the documented 20
	BlockedNotFound bool               // the read of a blocked user is answered 404
	QueryExact      bool               // the list's query finds whole addresses only
	EmailExact      bool               // letter case matters if a user is found by address
	PlusIsBlank     bool               // a plus sign in a path is read as a blank
	Optional        KonstantlyOptional // how a field without a value is written
	AttributesList  bool               // no attributes are an empty list, not an empty object

	key    string
	minute window
	table
}

func newKonstantly(c *clock, key string) *Konstantly {
	k := &Konstantly{key: key}
	k.Roster = newRoster(c, &rules[string, KonstantlyUser]{
		vendor: k.name(),
		check:  checkKonstantlyUser,
		id:     func(u *KonstantlyUser) string { return u.ID },
		order:  func(a, b *KonstantlyUser) int { return cmp.Compare(a.Name, b.Name) },
		clone:  func(u *KonstantlyUser) KonstantlyUser { return *u },
		setDefaults: func(u *KonstantlyUser) {
			u.Role = cmp.Or(u.Role, "learner")
			u.Language = cmp.Or(u.Language, "en")
			u.Timezone = cmp.Or(u.Timezone, "Europe/Lisbon")
		},
		texts: func(u *KonstantlyUser) texts { return texts{name: &u.Name, email: &u.Email} },
	})
	k.routes = k.documented()
	return k
}

// documented returns the documented routes that the mock answers.
func (k *Konstantly) documented() []route {
	return []route{
		{http.MethodGet, "/users", List, k.listUsers},
		{http.MethodPost, "/users/blocked", Close, k.block},
		{http.MethodDelete, "/users/blocked/{id}", Change, k.unblock},
		{http.MethodGet, "/users/byEmail/{email}", Find, k.byEmail},
		{http.MethodGet, "/users/{id}", Read, k.one},
		{http.MethodPatch, "/users/{id}", Change, k.update},
		{http.MethodDelete, "/users/{id}", Close, k.remove},
	}
}

// Set changes switches while the server is in use.
func (k *Konstantly) Set(f func(*Konstantly)) {
	k.clock.Lock()
	defer k.clock.Unlock()
	f(k)
}

func (k *Konstantly) name() string   { return "konstantly" }
func (k *Konstantly) prefix() string { return "/konstantly/openapi/v1" }

// answer implements vendor. Every answer has the headers of the rate limit.
func (k *Konstantly) answer(rt *route, c *call, allow []string) answer {
	limit := cmp.Or(k.RateLimit, konstantlyRate)
	var a answer
	if k.minute.allow(c.now, limit, time.Minute) {
		a = k.answerGuarded(rt, c, allow)
	} else {
		a = konstantlyError(http.StatusTooManyRequests, "Too many requests")
		if k.RetryAfter {
			a.header.Set("Retry-After", strconv.Itoa(wholeSeconds(k.minute.ends.Sub(c.now))))
		}
	}
	a.header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	a.header.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-k.minute.used)))
	a.header.Set("X-RateLimit-Reset", strconv.FormatInt(k.minute.ends.Add(time.Second-1).Unix(), 10))
	return a
}

// answerGuarded checks the key before it answers a call.
func (k *Konstantly) answerGuarded(rt *route, c *call, allow []string) answer {
	badKey := c.header.Get("X-Api-Key") != k.key
	switch {
	case rt == nil && len(allow) > 0:
		a := konstantlyError(http.StatusMethodNotAllowed, "Method not allowed")
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil:
		return konstantlyError(http.StatusNotFound, "Not found")
	case badKey && k.Forbidden:
		return konstantlyError(http.StatusForbidden, "Forbidden")
	case badKey:
		return konstantlyError(http.StatusUnauthorized, "Unauthorized")
	}
	if k.PlusIsBlank {
		for name, value := range c.params {
			c.params[name] = strings.ReplaceAll(value, "+", " ")
		}
	}
	if k.TotalOfPage && c.lists.Total == TotalTrue {
		c.lists.Total = TotalOfPage
	}
	return rt.handle(c)
}

// konstantlyError returns the vendor's error envelope.
func konstantlyError(status int, message string) answer {
	return jsonAnswer(status, map[string]any{"status": status, "message": message})
}

// konstantlyInvalid answers a request with a wrong field.
func konstantlyInvalid(field, problem string) answer {
	return jsonAnswer(http.StatusBadRequest, map[string]any{
		"status": http.StatusBadRequest, "message": "Validation failed", "errors": map[string][]string{field: {problem}},
	})
}

// absence implements vendor.
func (k *Konstantly) absence(status int, text string) answer {
	if status == http.StatusOK {
		return jsonAnswer(status, map[string]any{"status": http.StatusNotFound, "message": cmp.Or(text, "Not found")})
	}
	return konstantlyError(status, cmp.Or(text, "Not found"))
}
