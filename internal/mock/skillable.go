package mock

import (
	"cmp"
	"maps"
	"net/http"
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

// SkillableUnknown is the answer to a request for the labs of an unknown or closed user.
type SkillableUnknown int

// The answers to a request for the labs of an unknown or closed user.
const (
	UnknownEmpty SkillableUnknown = iota // empty lists
	UnknownNull                          // null instead of the lists
	UnknownError                         // Status 0
)

// SkillableBadKey is the answer to a bad key.
type SkillableBadKey int

// The answers to a bad key.
const (
	BadKeyInBody       SkillableBadKey = iota // HTTP 200; only the body says so
	BadKeyUnauthorized                        // HTTP 401
	BadKeyForbidden                           // HTTP 403
)

// Skillable is the Lab API of Skillable Studio,
// https://docs.skillable.com/docs/making-an-api-request. The zero value of each switch is the
// answer that we assume. Set switches before use or through Set.
type Skillable struct {
	Roster[string, SkillableUser] // the users of the API consumer that the key belongs to

	Other    Roster[string, SkillableUser] // those of another consumer on the same host; both may have the same ID
	OtherKey string                        // the key of that consumer; "" is none
	Shared   bool                          // each key also sees the labs of the other consumer, and cannot change them

	Closing        SkillableClose   // what closing does about running labs
	Unknown        SkillableUnknown // the answer to a request for the labs of an unknown or closed user
	BadKey         SkillableBadKey  // the answer to a bad key
	Expired        bool             // the consumer has expired: every command fails with that text
	SearchClosed   bool             // a search still shows the labs of closed users, with blank names
	KeepNames      bool             // with SearchClosed: with their names and addresses
	BareSearch     bool             // a search has Status and Error in mode 5 only
	PageCap        int              // the largest page of a search; 0 is no limit
	LabsIgnoreUser bool             // the answer about the labs of one user has the labs of all
	FoldIDs        bool             // letter case does not matter in user IDs
	LeaveRows      int              // this many further closes still find rows
	AlwaysRows     bool             // every close counts rows, even if there is no such user
	SlowCancel     int              // this many reads still show a canceled lab
	ForeignLabs    bool             // all labs belong to another API consumer, so none can be canceled

	key             string
	swapped         bool // a call of the other consumer is in progress
	nextLab         int64
	ending          map[int64]int  // canceled labs, with the reads that still show them
	left, otherLeft map[string]int // closed users, with the closes that still find rows
	table
}

func newSkillable(c *clock, key string) *Skillable {
	s := &Skillable{
		key: key, nextLab: 880001, ending: map[int64]int{}, left: map[string]int{}, otherLeft: map[string]int{},
	}
	r := &rules[string, SkillableUser]{
		vendor: s.name(),
		check:  checkSkillableUser,
		id:     func(u *SkillableUser) string { return u.ID },
		order:  func(a, b *SkillableUser) int { return cmp.Compare(a.ID, b.ID) },
		clone: func(u *SkillableUser) SkillableUser {
			copied := *u
			copied.Running, copied.Saved = slices.Clone(u.Running), slices.Clone(u.Saved)
			return copied
		},
		setDefaults: func(u *SkillableUser) { s.nameLabs(u.Running); s.nameLabs(u.Saved) },
		tombstones:  true,
		texts:       textsOfSkillableUser,
	}
	s.Roster, s.Other = newRoster(c, r), newRoster(c, r)
	s.fold = true
	for _, r := range s.documented() {
		posted := r
		posted.method = http.MethodPost // the older documentation allows both
		s.routes = append(s.routes, r, posted)
	}
	return s
}

func textsOfSkillableUser(u *SkillableUser) texts {
	t := texts{name: &u.Name, email: &u.Email}
	for _, labs := range []Labs{u.Running, u.Saved} {
		for i := range labs {
			t.more = append(t.more, &labs[i].Name)
		}
	}
	return t
}

// documented returns the documented commands that the mock answers.
func (s *Skillable) documented() []route {
	return []route{
		{http.MethodGet, "/CloseUserAccount", Close, s.closeUser},
		{http.MethodGet, "/userrunningandsavedlabs", Read, s.userLabs},
		{http.MethodGet, "/runningandsavedlabs", List, s.allLabs},
		{http.MethodGet, skillableSearch, Read, s.search},
		{http.MethodGet, "/details", Related, s.details},
		{http.MethodGet, "/cancel", Close, s.cancel},
		{http.MethodGet, "/save", Change, s.saveLab},
		{http.MethodGet, "/stats", Own, s.stats},
	}
}

// skillableSearch is a list if it names no user.
const skillableSearch = "/labinstance/search"

// Set changes switches while the server is in use.
func (s *Skillable) Set(f func(*Skillable)) {
	s.clock.Lock()
	defer s.clock.Unlock()
	f(s)
}

func (s *Skillable) name() string   { return "skillable" }
func (s *Skillable) prefix() string { return "/skillable/api/v3" }

// kind implements vendor.
func (s *Skillable) kind(rt *route, c *call) Kind {
	if rt.pattern == skillableSearch && c.param("userId") == "" {
		return List
	}
	return rt.kind
}

// find implements vendor. It also finds a path with the key before the command.
func (s *Skillable) find(c *call, path []string) (*route, []string) {
	rt, allow := s.table.find(c, path)
	if rt == nil && len(allow) == 0 && len(path) > 1 {
		if rt, allow = s.table.find(c, path[1:]); rt != nil {
			c.params["key"] = path[0]
		}
	}
	return rt, allow
}

// save implements vendor.
func (s *Skillable) save() func() {
	restoreUsers := s.both((*Roster[string, SkillableUser]).save)
	ending, left, otherLeft := maps.Clone(s.ending), maps.Clone(s.left), maps.Clone(s.otherLeft)
	return func() {
		restoreUsers()
		s.ending, s.left, s.otherLeft = ending, left, otherLeft
	}
}

// answer implements vendor. It checks the key before it answers a command.
func (s *Skillable) answer(rt *route, c *call, allow []string) answer {
	switch {
	case rt == nil && len(allow) > 0:
		a := jsonAnswer(http.StatusMethodNotAllowed, skillableError("Method not allowed"))
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil:
		return jsonAnswer(http.StatusNotFound, skillableError("Unknown command"))
	}
	switch key := cmp.Or(c.params["key"], c.header.Get("Api_key")); {
	case key == "" || key != s.key && key != s.OtherKey:
		return jsonAnswer(s.BadKey.status(), skillableError("Invalid integration key"))
	case s.Expired:
		return skillableFailed("API Access has Expired")
	case key == s.OtherKey:
		s.swap()
		defer s.swap()
	}
	return rt.handle(c)
}

// status returns the HTTP status of the answer to a bad key.
func (k SkillableBadKey) status() int {
	switch k {
	case BadKeyUnauthorized:
		return http.StatusUnauthorized
	case BadKeyForbidden:
		return http.StatusForbidden
	case BadKeyInBody:
	}
	return http.StatusOK
}

// fields are the fields of an answer.
type fields = map[string]any

// skillableError returns a failure in the vendor's form, which is in the body only.
func skillableError(text string) fields {
	return fields{"Status": 0, "Error": text}
}

// skillableFailed answers with a failure.
func skillableFailed(text string) answer {
	return jsonAnswer(http.StatusOK, skillableError(text))
}

// skillableOK answers with a success that has these further fields.
func skillableOK(f fields) answer {
	f["Status"], f["Error"] = 1, nil
	return jsonAnswer(http.StatusOK, f)
}

// absence implements vendor.
func (s *Skillable) absence(status int, text string) answer {
	return jsonAnswer(status, skillableError(cmp.Or(text, "User not found")))
}
