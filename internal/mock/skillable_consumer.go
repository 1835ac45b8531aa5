package mock

import "strings"

// The names of the two API consumers.
const (
	skillableConsumer = "Acme Training"
	skillableOther    = "Beta Academy"
)

// visibleUser is a user whose labs a key sees, and the consumer that it belongs to.
type visibleUser struct {
	SkillableUser

	consumer string
	foreign  bool
	closed   bool
}

// visible returns the users whose labs the calling key sees. Those of the other consumer are first,
// so a client that reads only one row gets the wrong one.
func (s *Skillable) visible(want func(*record[SkillableUser]) bool) []*visibleUser {
	mine, theirs := skillableConsumer, skillableOther
	if s.swapped {
		mine, theirs = theirs, mine
	}
	var all []*visibleUser
	if s.Shared {
		for _, u := range s.Other.list(want) {
			all = append(all, &visibleUser{u, theirs, true, s.Other.records[u.ID].closed})
		}
	}
	for _, u := range s.list(want) {
		all = append(all, &visibleUser{u, mine, false, s.records[u.ID].closed})
	}
	return all
}

// withLabs returns the users whose running and saved labs a key sees: all, or those with one ID.
// Closed users have no labs, unless closing left them.
func (s *Skillable) withLabs(id string) []*visibleUser {
	return s.visible(func(rec *record[SkillableUser]) bool {
		return (!rec.closed || s.Closing == CloseLeavesLabs) && (id == "" || s.sameID(id, rec.user.ID))
	})
}

// sameID reports whether two user IDs are the same to the vendor.
func (s *Skillable) sameID(a, b string) bool {
	return a == b || s.FoldIDs && strings.EqualFold(a, b)
}

// storedID returns the ID of a user of the calling consumer, as the vendor has it.
func (s *Skillable) storedID(id string) string {
	if !s.FoldIDs {
		return id
	}
	for _, u := range s.list(func(rec *record[SkillableUser]) bool { return s.sameID(rec.user.ID, id) }) {
		return u.ID
	}
	return id
}

// swap exchanges the two consumers, for a call with the key of the other.
func (s *Skillable) swap() {
	s.swapped = !s.swapped
	s.Roster, s.Other = s.Other, s.Roster
	s.left, s.otherLeft = s.otherLeft, s.left
}

// both calls a function for the users of each consumer, and returns what undoes the two calls.
func (s *Skillable) both(f func(*Roster[string, SkillableUser]) func()) (undo func()) {
	undoOne, undoOther := f(&s.Roster), f(&s.Other)
	return func() {
		undoOther()
		undoOne()
	}
}

func (s *Skillable) view() (undo func()) {
	return s.both((*Roster[string, SkillableUser]).view)
}

func (s *Skillable) viewPast(before func(moment) bool) (undo func()) {
	return s.both(func(r *Roster[string, SkillableUser]) func() { return r.viewPast(before) })
}

func (s *Skillable) viewNoUsers() (undo func()) {
	return s.both((*Roster[string, SkillableUser]).viewNoUsers)
}

func (s *Skillable) viewTexts(f func(id string, t texts)) (undo func()) {
	return s.both(func(r *Roster[string, SkillableUser]) func() { return r.viewTexts(f) })
}
