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
	// konstantlyRate is the limit of requests a minute when the switch is not set:
	// too high to be met by accident.
	konstantlyRate = 100_000
)

// KonstantlyUser is a user of the Konstantly site, as the seed file writes it.
type KonstantlyUser struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Role       string `json:"role"`     // the alias of the role; "learner" when unset
	Language   string `json:"language"` // "en" when unset
	Timezone   string `json:"timezone"` // "Europe/Lisbon" when unset
	Occupation string `json:"occupation"`
	Location   string `json:"location"`
	Blocked    bool   `json:"blocked"`
	Expert     bool   `json:"expert"` // expert of a course: blocking is refused
	FromAPI    bool   `json:"from_api"`
}

// KonstantlyOptional is how a field without a value is written.
type KonstantlyOptional int

// The forms of a field without a value.
const (
	OptionalNull KonstantlyOptional = iota
	OptionalEmpty
	OptionalAbsent
)

// Konstantly stands in for one Konstantly site,
// https://docs.konstantly.com/api-reference/introduction. The zero value of each
// switch is the answer we assume. Set switches before use or through Set.
type Konstantly struct {
	Roster[string, KonstantlyUser]

	RateLimit   int  // requests a minute; 0 is a limit too high to meet
	RetryAfter  bool // a 429 carries Retry-After
	Forbidden   bool // a bad key is answered 403, not 401
	RoleString  bool // the role is a string, not an object
	BlockOnce   bool // blocking a blocked user is answered 422, not 200
	NoSeats     bool // unblocking is answered 402: no licence seat is free
	EmptyDelete bool // deleting is answered with an empty body, not {}
	SlowDelete  int  // this many reads still see a deleted user
	HideBlocked bool // the list leaves blocked users out

	TotalOfPage     bool               // the list's total counts the rows of the page alone, as in the vendor's sample
	PageCap         int                // the largest page; 0 is the documented 20
	BlockedNotFound bool               // reading a blocked user is answered 404
	QueryExact      bool               // the list's query finds whole addresses only
	EmailExact      bool               // letter case matters where a user is found by address
	PlusIsBlank     bool               // a plus sign in a path is read as a blank
	Optional        KonstantlyOptional // how a field without a value is written
	AttributesList  bool               // no attributes are an empty list, not an empty object

	key    string
	minute window
	table
}

func newKonstantly(c *clock, key string) *Konstantly {
	k := &Konstantly{key: key}
	k.Roster = newRoster(c, rules[string, KonstantlyUser]{
		vendor: k.name(),
		check:  k.check,
		id:     func(u KonstantlyUser) string { return u.ID },
		order:  func(a, b KonstantlyUser) int { return cmp.Compare(a.Name, b.Name) },
		clone:  func(u KonstantlyUser) KonstantlyUser { return u },
		fill: func(u *KonstantlyUser) {
			u.Role = cmp.Or(u.Role, "learner")
			u.Language = cmp.Or(u.Language, "en")
			u.Timezone = cmp.Or(u.Timezone, "Europe/Lisbon")
		},
		words: func(u *KonstantlyUser) words { return words{&u.Name, &u.Email, nil} },
	})
	k.routes = k.documented()
	return k
}

// documented are the routes of the documentation that the mock answers.
func (k *Konstantly) documented() []route {
	return []route{
		{"GET", "/users", List, k.listUsers},
		{"POST", "/users", Change, k.create},
		{"POST", "/users/blocked", Close, k.block},
		{"DELETE", "/users/blocked/{id}", Change, k.unblock},
		{"GET", "/users/byEmail/{email}", Find, k.byEmail},
		{"GET", "/users/{id}/assignments", Related, k.assignments},
		{"GET", "/users/{id}", Read, k.one},
		{"PATCH", "/users/{id}", Change, k.patch},
		{"DELETE", "/users/{id}", Close, k.remove},
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

// answer puts the rate limit, the key and the rate headers around a route.
func (k *Konstantly) answer(rt *route, c *call, allow []string) answer {
	limit := cmp.Or(k.RateLimit, konstantlyRate)
	within := k.minute.take(c.now, limit, time.Minute)
	var a answer
	switch {
	case !within:
		a = konstantlyError(http.StatusTooManyRequests, "Too many requests")
		if k.RetryAfter {
			a.header.Set("Retry-After", strconv.Itoa(seconds(k.minute.ends.Sub(c.now))))
		}
	case rt == nil && len(allow) > 0:
		a = konstantlyError(http.StatusMethodNotAllowed, "Method not allowed")
		a.header.Set("Allow", strings.Join(allow, ", "))
	case rt == nil:
		a = konstantlyError(http.StatusNotFound, "Not found")
	case c.header.Get("X-Api-Key") != k.key && k.Forbidden:
		a = konstantlyError(http.StatusForbidden, "Forbidden")
	case c.header.Get("X-Api-Key") != k.key:
		a = konstantlyError(http.StatusUnauthorized, "Unauthorized")
	default:
		a = k.handled(rt, c)
	}
	a.header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	a.header.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-k.minute.used)))
	a.header.Set("X-RateLimit-Reset", strconv.FormatInt(k.minute.ends.Add(time.Second-1).Unix(), 10))
	return a
}

// handled answers a call that is let in.
func (k *Konstantly) handled(rt *route, c *call) answer {
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

// konstantlyError is the vendor's error envelope.
func konstantlyError(status int, message string) answer {
	return reply(status, map[string]any{"status": status, "message": message})
}

// konstantlyInvalid is the answer to a request whose fields are wrong.
func konstantlyInvalid(problems map[string][]string) answer {
	return reply(http.StatusBadRequest, map[string]any{
		"status": http.StatusBadRequest, "message": "Validation failed", "errors": problems})
}

// absence implements vendor.
func (k *Konstantly) absence(status int, text string) answer {
	if status == http.StatusOK {
		return reply(status, map[string]any{"status": http.StatusNotFound, "message": cmp.Or(text, "Not found")})
	}
	return konstantlyError(status, cmp.Or(text, "Not found"))
}
