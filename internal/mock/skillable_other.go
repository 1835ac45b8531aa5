package mock

import (
	"cmp"
	"strings"
)

// The names of the two API consumers.
const (
	skillableConsumer = "Acme Training"
	skillableOther    = "Beta Academy"
)

// seen is a user whose labs a key sees, and the consumer that it belongs to.
type seen struct {
	SkillableUser
	consumer string
	foreign  bool
	closed   bool
}

// visible are the users whose labs the calling key sees, those of the other consumer first, so that who looks
// at one row alone is misled.
func (s *Skillable) visible(want func(*record[SkillableUser]) bool) []seen {
	mine, theirs := skillableConsumer, skillableOther
	if s.swapped {
		mine, theirs = theirs, mine
	}
	all := []seen{}
	if s.Shared {
		for _, u := range s.Other.list(want) {
			all = append(all, seen{u, theirs, true, s.Other.records[u.ID].closed})
		}
	}
	for _, u := range s.list(want) {
		all = append(all, seen{u, mine, false, s.records[u.ID].closed})
	}
	return all
}

// withLabs are the users whose running and saved labs a key sees, all or those with one ID. Closed ones have none,
// unless closing left them.
func (s *Skillable) withLabs(id string) []seen {
	return s.visible(func(rec *record[SkillableUser]) bool {
		return (!rec.closed || s.Closing == CloseLeavesLabs) && (id == "" || s.same(id, rec.user.ID))
	})
}

// same reports whether two user IDs are one.
func (s *Skillable) same(a, b string) bool {
	return a == b || s.FoldIDs && strings.EqualFold(a, b)
}

// known is the ID of the caller's own user as the vendor has it.
func (s *Skillable) known(id string) string {
	if !s.FoldIDs {
		return id
	}
	for _, u := range s.list(func(rec *record[SkillableUser]) bool { return s.same(rec.user.ID, id) }) {
		return u.ID
	}
	return id
}

// both gives a view to each of the two consumers.
func (s *Skillable) both(f func(*Roster[string, SkillableUser]) func()) (undo func()) {
	one, two := f(&s.Roster), f(&s.Other)
	return func() {
		two()
		one()
	}
}

func (s *Skillable) view() (undo func()) {
	return s.both(func(r *Roster[string, SkillableUser]) func() { return r.view() })
}

func (s *Skillable) rewind(before func(moment) bool) (undo func()) {
	return s.both(func(r *Roster[string, SkillableUser]) func() { return r.rewind(before) })
}

func (s *Skillable) blind() (undo func()) {
	return s.both(func(r *Roster[string, SkillableUser]) func() { return r.blind() })
}

func (s *Skillable) reword(f func(id string, w words)) (undo func()) {
	return s.both(func(r *Roster[string, SkillableUser]) func() { return r.reword(f) })
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
