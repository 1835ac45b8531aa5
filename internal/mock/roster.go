package mock

import (
	"cmp"
	"fmt"
	"slices"
)

// Roster is one vendor's users and what a test does to them behind the
// provider's back. All its methods take the server's lock, so they must not be
// called from within a vendor's Set or Update. I is the type of the vendor's ids,
// U that of its users.
type Roster[I cmp.Ordered, U any] struct {
	clock   *clock
	rules   rules[I, U]
	records map[I]*record[U]
	past    map[I][]version[U] // what was known of each id before it changed
	away    bool               // the records are a view, of which nothing lasts
}

// newRoster returns an empty roster.
func newRoster[I cmp.Ordered, U any](c *clock, r rules[I, U]) Roster[I, U] {
	return Roster[I, U]{clock: c, rules: r, records: map[I]*record[U]{}, past: map[I][]version[U]{}}
}

// rules is what differs between the vendors' users.
type rules[I cmp.Ordered, U any] struct {
	vendor     string
	id         func(U) I
	order      func(a, b U) int // the order of the vendor's list
	clone      func(U) U        // a copy that shares nothing with the original
	fill       func(*U)         // gives unset fields the vendor's defaults
	check      func(U) error    // what is wrong with the fields of a user in a seed file
	closed     func(U) bool     // whether a user's own fields say that it is closed; nil when they never do
	shut       func(*U)         // what closing does to a user's own fields; nil for nothing
	tombstones bool             // whether closed users can still be got
	words      func(*U) words   // the text in a user's fields
	own        func(I) bool     // whether an id is that of the key's own user; nil when keys belong to no user
}

// record is a user with what became of it.
type record[U any] struct {
	user   U
	closed bool
	past   U   // the user as it was before it was closed
	stale  int // how many reads still see that past
}

// Add adds an open user, or puts it in the place of the one with the same id.
// Fields left unset get the vendor's defaults.
func (r *Roster[I, U]) Add(u U) {
	r.clock.Lock()
	defer r.clock.Unlock()
	r.add(u)
}

// Get returns a copy of the user, and whether there is one. Closed users are
// there only if the vendor keeps a tombstone of them: ECGrid and Skillable do.
func (r *Roster[I, U]) Get(id I) (U, bool) {
	r.clock.Lock()
	defer r.clock.Unlock()
	rec, ok := r.records[id]
	if !ok || rec.closed && !r.rules.tombstones {
		var none U
		return none, false
	}
	return r.rules.clone(rec.user), true
}

// Has tells whether an open account with this id exists.
func (r *Roster[I, U]) Has(id I) bool {
	r.clock.Lock()
	defer r.clock.Unlock()
	_, ok := r.peek(id)
	return ok
}

// Drop closes the user as if someone else had done it: at once, unconditionally
// and without a request. It panics when the vendor has never had such a user.
func (r *Roster[I, U]) Drop(id I) {
	r.clock.Lock()
	defer r.clock.Unlock()
	r.must(id)
	r.shut(id, 0)
}

// Update changes the user through f. It panics when there is no such user,
// because a test that changes nobody tests nothing.
func (r *Roster[I, U]) Update(id I, f func(*U)) {
	r.clock.Lock()
	defer r.clock.Unlock()
	rec := r.must(id)
	r.keep(id)
	f(&rec.user)
	delete(r.records, id)
	r.settle(rec)
}

// Open returns copies of the open users, in the order of the vendor's list.
func (r *Roster[I, U]) Open() []U {
	r.clock.Lock()
	defer r.clock.Unlock()
	return r.list(isOpen)
}

func isOpen[U any](rec *record[U]) bool { return !rec.closed }

// ids implements vendor.
func (r *Roster[I, U]) ids() []string {
	all := []string{}
	for _, u := range r.list(isOpen) {
		all = append(all, fmt.Sprint(r.rules.id(u)))
	}
	return all
}

// add is Add with the lock held.
func (r *Roster[I, U]) add(u U) {
	r.settle(&record[U]{user: r.rules.clone(u)})
}

// settle files a record under its user's id, with its defaults filled in.
func (r *Roster[I, U]) settle(rec *record[U]) {
	r.rules.fill(&rec.user)
	if r.rules.closed != nil {
		rec.closed = r.rules.closed(rec.user)
	}
	r.keep(r.rules.id(rec.user))
	r.records[r.rules.id(rec.user)] = rec
}

// must returns the record of an id and panics when there is none.
func (r *Roster[I, U]) must(id I) *record[U] {
	rec, ok := r.records[id]
	if !ok {
		panic(fmt.Sprintf("mock: %s has no user %v", r.rules.vendor, id))
	}
	return rec
}

// open returns the open user with this id for a handler to change.
func (r *Roster[I, U]) open(id I) (*U, bool) {
	r.keep(id)
	return r.peek(id)
}

// peek returns the open user with this id for a handler to look at.
func (r *Roster[I, U]) peek(id I) (*U, bool) {
	rec, ok := r.records[id]
	if !ok || rec.closed {
		return nil, false
	}
	return &rec.user, true
}

// read is one look at a user, and whether it is open. A user closed lately may
// still be seen as it was; each look brings the truth one step nearer. The
// result is nil for a user the vendor never had.
func (r *Roster[I, U]) read(id I) (u *U, open bool) {
	rec, ok := r.records[id]
	switch {
	case !ok:
		return nil, false
	case rec.closed && rec.stale > 0:
		rec.stale--
		return &rec.past, true
	}
	return &rec.user, !rec.closed
}

// shut closes the user; the next slow reads do not see it yet. An id without
// an open user is left as it is.
func (r *Roster[I, U]) shut(id I, slow int) {
	rec, ok := r.records[id]
	if !ok || rec.closed {
		return
	}
	r.keep(id)
	rec.closed, rec.past, rec.stale = true, r.rules.clone(rec.user), slow
	if r.rules.shut != nil {
		r.rules.shut(&rec.user)
	}
}

// list returns copies of the users whose record is wanted, in the vendor's order.
func (r *Roster[I, U]) list(want func(*record[U]) bool) []U {
	users := []U{}
	for _, rec := range r.records {
		if want(rec) {
			users = append(users, r.rules.clone(rec.user))
		}
	}
	slices.SortFunc(users, func(a, b U) int {
		return cmp.Or(r.rules.order(a, b), cmp.Compare(r.rules.id(a), r.rules.id(b)))
	})
	return users
}

// save returns a function that puts all users back to what they are now.
func (r *Roster[I, U]) save() func() {
	saved := make(map[I]*record[U], len(r.records))
	for id, rec := range r.records {
		saved[id] = r.copyOf(rec)
	}
	return func() { r.records = saved }
}
