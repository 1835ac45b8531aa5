package mock

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// SkillableClose is what closing does about running labs.
type SkillableClose int

// The ways of closing a user whose labs run.
const (
	CloseEndsLabs   SkillableClose = iota // running and saved labs go with the user
	CloseLeavesLabs                       // they stay, and stay visible
	CloseRefused                          // the user is not closed: Status 0
)

// SkillableUnknown is how the labs of an unknown or closed user are answered.
type SkillableUnknown int

// The answers to asking for the labs of an unknown or closed user.
const (
	UnknownEmpty SkillableUnknown = iota // empty lists
	UnknownNull                          // null in place of the lists
	UnknownError                         // Status 0
)

// SkillableBadKey is how a bad key is answered.
type SkillableBadKey int

// The answers to a bad key.
const (
	BadKeyInBody       SkillableBadKey = iota // HTTP 200, Status 0
	BadKeyUnauthorized                        // HTTP 401
	BadKeyForbidden                           // HTTP 403
)

// Skillable stands in for the Lab API of Skillable Studio,
// https://docs.skillable.com/docs/making-an-api-request. The zero value of each
// switch is the answer we assume. Set switches before use or through Set.
type Skillable struct {
	Roster[string, SkillableUser]

	Closing        SkillableClose   // what closing does about running labs
	Unknown        SkillableUnknown // how the labs of an unknown or closed user are answered
	BadKey         SkillableBadKey  // how a bad key is answered
	SearchClosed   bool             // a search still shows the labs of closed users, with names blanked
	BareSearch     bool             // a search carries Status and Error in mode 5 alone
	LeaveRows      int              // this many further closes still find rows
	SlowCancel     int              // this many reads still show a cancelled lab
	ForeignLabs    bool             // all labs belong to another API consumer, so none can be cancelled
	PathKeyRefused bool             // the key is not accepted in the path

	key     string
	nextLab int64
	ending  map[int64]int  // cancelled labs, with the reads that still show them
	left    map[string]int // closed users, with the closes that still find rows
	table
}

func newSkillable(c *clock, key string) *Skillable {
	s := &Skillable{key: key, nextLab: 880001, ending: map[int64]int{}, left: map[string]int{}}
	s.Roster = newRoster(c, rules[string, SkillableUser]{
		vendor: s.name(),
		check:  s.check,
		id:     func(u SkillableUser) string { return u.ID },
		order:  func(a, b SkillableUser) int { return cmp.Compare(a.ID, b.ID) },
		clone: func(u SkillableUser) SkillableUser {
			u.Running, u.Saved = slices.Clone(u.Running), slices.Clone(u.Saved)
			return u
		},
		fill:       func(u *SkillableUser) { s.nameLabs(u.Running); s.nameLabs(u.Saved) },
		tombstones: true,
		words: func(u *SkillableUser) words {
			w := words{name: &u.Name, email: &u.Email}
			for _, labs := range [][]Lab{u.Running, u.Saved} {
				for i := range labs {
					w.more = append(w.more, &labs[i].Name)
				}
			}
			return w
		},
	})
	s.fold = true
	for _, r := range []route{
		{"GET", "/CloseUserAccount", Close, s.closeUser},
		{"GET", "/userrunningandsavedlabs", Read, s.userLabs},
		{"GET", "/runningandsavedlabs", List, s.allLabs},
		{"GET", "/labinstance/search", Read, s.search},
		{"GET", "/details", Aside, s.details},
		{"GET", "/Result", Aside, s.details},
		{"GET", "/cancel", Close, s.cancel},
		{"GET", "/save", Change, s.saveLab},
		{"GET", "/resume", Change, s.resume},
		{"GET", "/stats", Own, s.stats},
	} {
		posted := r
		posted.method = http.MethodPost // the older documentation allows both
		s.routes = append(s.routes, r, posted)
	}
	return s
}

// Set changes switches while the server is in use.
func (s *Skillable) Set(f func(*Skillable)) {
	s.clock.Lock()
	defer s.clock.Unlock()
	f(s)
}

func (s *Skillable) name() string   { return "skillable" }
func (s *Skillable) prefix() string { return "/skillable/api/v3" }

// find also takes the form in which the key stands before the command.
func (s *Skillable) find(c *call, path []string) (*route, []string) {
	rt, allow := s.table.find(c, path)
	if rt == nil && len(allow) == 0 && len(path) > 1 {
		if rt, allow = s.table.find(c, path[1:]); rt != nil {
			c.params["key"] = path[0]
		}
	}
	return rt, allow
}

func (s *Skillable) save() func() {
	users, ending, left := s.Roster.save(), maps.Clone(s.ending), maps.Clone(s.left)
	return func() {
		users()
		s.ending, s.left = ending, left
	}
}

// answer puts the key around a command.
func (s *Skillable) answer(rt *route, c *call, allow []string) answer {
	switch {
	case rt == nil && len(allow) > 0:
		a := reply(http.StatusMethodNotAllowed, skillableError("Method not allowed"))
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil, c.params["key"] != "" && s.PathKeyRefused:
		return reply(http.StatusNotFound, skillableError("Unknown command"))
	case cmp.Or(c.params["key"], c.header.Get("Api_key")) == s.key:
		return rt.handle(c)
	}
	status := map[SkillableBadKey]int{BadKeyUnauthorized: http.StatusUnauthorized, BadKeyForbidden: http.StatusForbidden}[s.BadKey]
	return reply(cmp.Or(status, http.StatusOK), skillableError("Invalid integration key"))
}

// body is the fields of an answer.
type body = map[string]any

// skillableError is a failure as the vendor tells it: in the body alone.
func skillableError(text string) body {
	return body{"Status": 0, "Error": text}
}

// skillableFailed is a failure with the HTTP status that failures have.
func skillableFailed(text string) answer {
	return reply(http.StatusOK, skillableError(text))
}

// skillableOK is a success with these further fields.
func skillableOK(fields body) answer {
	fields["Status"], fields["Error"] = 1, nil
	return reply(http.StatusOK, fields)
}

// param returns a parameter of the query or of a posted form; the case of its
// name does not matter.
func param(c *call, name string) string {
	form, _ := url.ParseQuery(string(c.body))
	for _, values := range []url.Values{c.query, form} {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if strings.EqualFold(key, name) {
				return values[key][0]
			}
		}
	}
	return ""
}

// kind implements vendor: a search without a user is a list.
func (s *Skillable) kind(rt *route, c *call) Kind {
	if rt.pattern == "/labinstance/search" && param(c, "userId") == "" {
		return List
	}
	return rt.kind
}

// absence implements vendor.
func (s *Skillable) absence(status int, text string) answer {
	return reply(status, skillableError(cmp.Or(text, "User not found")))
}
