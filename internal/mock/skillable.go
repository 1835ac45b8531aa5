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
	Roster[string, SkillableUser] // the users of the API consumer that the key belongs to

	Other    Roster[string, SkillableUser] // those of another consumer on the same host; both may have the same ID
	OtherKey string                        // the key of that consumer; "" is none
	Shared   bool                          // each key also sees the labs of the other consumer, and cannot change them

	Closing        SkillableClose   // what closing does about running labs
	Unknown        SkillableUnknown // how the labs of an unknown or closed user are answered
	BadKey         SkillableBadKey  // how a bad key is answered
	Expired        bool             // the consumer has expired: every command fails with that text
	SearchClosed   bool             // a search still shows the labs of closed users, with names blanked
	KeepNames      bool             // with SearchClosed: with their names and addresses
	BareSearch     bool             // a search carries Status and Error in mode 5 alone
	PageCap        int              // the largest page of a search; 0 is no limit
	LabsIgnoreUser bool             // the labs of one user are answered with everybody's
	FoldIDs        bool             // letter case does not matter in user IDs
	LeaveRows      int              // this many further closes still find rows
	AlwaysRows     bool             // every close counts rows, also of nobody
	SlowCancel     int              // this many reads still show a cancelled lab
	ForeignLabs    bool             // all labs belong to another API consumer, so none can be cancelled

	key             string
	swapped         bool // a call of the other consumer is under way
	nextLab         int64
	ending          map[int64]int  // cancelled labs, with the reads that still show them
	left, otherLeft map[string]int // closed users, with the closes that still find rows
	table
}

func newSkillable(c *clock, key string) *Skillable {
	s := &Skillable{key: key, nextLab: 880001, ending: map[int64]int{}, left: map[string]int{}, otherLeft: map[string]int{}}
	both := rules[string, SkillableUser]{
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
	}
	s.Roster, s.Other = newRoster(c, both), newRoster(c, both)
	s.fold = true
	for _, r := range s.documented() {
		posted := r
		posted.method = http.MethodPost // the older documentation allows both
		s.routes = append(s.routes, r, posted)
	}
	return s
}

// documented are the commands of the documentation that the mock answers.
func (s *Skillable) documented() []route {
	return []route{
		{"GET", "/CloseUserAccount", Close, s.closeUser},
		{"GET", "/userrunningandsavedlabs", Read, s.userLabs},
		{"GET", "/runningandsavedlabs", List, s.allLabs},
		{"GET", "/labinstance/search", Read, s.search},
		{"GET", "/details", Related, s.details},
		{"GET", "/Result", Related, s.result},
		{"GET", "/cancel", Close, s.cancel},
		{"GET", "/save", Change, s.saveLab},
		{"GET", "/resume", Change, s.resume},
		{"GET", "/stats", Own, s.stats},
	}
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
	users, others := s.Roster.save(), s.Other.save()
	ending, left, otherLeft := maps.Clone(s.ending), maps.Clone(s.left), maps.Clone(s.otherLeft)
	return func() {
		users()
		others()
		s.ending, s.left, s.otherLeft = ending, left, otherLeft
	}
}

// answer puts the key around a command.
func (s *Skillable) answer(rt *route, c *call, allow []string) answer {
	switch {
	case rt == nil && len(allow) > 0:
		a := reply(http.StatusMethodNotAllowed, skillableError("Method not allowed"))
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil:
		return reply(http.StatusNotFound, skillableError("Unknown command"))
	}
	switch key := cmp.Or(c.params["key"], c.header.Get("Api_key")); {
	case key == "" || key != s.key && key != s.OtherKey:
		status := map[SkillableBadKey]int{BadKeyUnauthorized: http.StatusUnauthorized, BadKeyForbidden: http.StatusForbidden}[s.BadKey]
		return reply(cmp.Or(status, http.StatusOK), skillableError("Invalid integration key"))
	case s.Expired:
		return skillableFailed("API Access has Expired")
	case key == s.OtherKey:
		s.swap()
		defer s.swap()
	}
	return rt.handle(c)
}

// swap lets the two consumers change places, for a call with the key of the other.
func (s *Skillable) swap() {
	s.swapped = !s.swapped
	s.Roster, s.Other = s.Other, s.Roster
	s.left, s.otherLeft = s.otherLeft, s.left
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
