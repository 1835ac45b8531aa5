package mock

import (
	"cmp"
	"fmt"
	"slices"
)

// Roster has one vendor's users, and what a test does to them without the provider. All its
// exported methods take the server's lock, so they must not be called in a vendor's Set or in
// Update. I is the type of the vendor's IDs, U that of its users.
type Roster[I cmp.Ordered, U any] struct {
	clock   *clock
	rules   *rules[I, U]
	records map[I]*record[U]
	past    map[I][]pastRecord[U] // what was known of each ID before it changed
	isView  bool                  // the records are a view, and their changes do not last
}

// newRoster returns an empty roster.
func newRoster[I cmp.Ordered, U any](c *clock, r *rules[I, U]) Roster[I, U] {
	return Roster[I, U]{clock: c, rules: r, records: map[I]*record[U]{}, past: map[I][]pastRecord[U]{}}
}

// rules has what differs between the vendors' users.
type rules[I cmp.Ordered, U any] struct {
	vendor      string
	id          func(*U) I
	order       func(a, b *U) int // the order of the vendor's list
	clone       func(*U) U        // a copy that shares nothing with the original
	setDefaults func(*U)          // gives unset fields the vendor's defaults
	check       func(*U) error    // what is wrong with the fields of a user in a seed file
	isClosed    func(*U) bool     // whether a user's own fields say that it is closed; nil if they never do
	close       func(*U)          // what a closure does to a user's own fields; nil for nothing
	tombstones  bool              // whether closed users can still be read
	texts       func(*U) texts    // the text in a user's fields
	isOwn       func(I) bool      // whether an ID is that of the key's own user; nil if keys belong to no user
}

// owns reports whether an ID is that of the key's own user.
func (r *rules[I, U]) owns(id I) bool { return r.isOwn != nil && r.isOwn(id) }

// record is a user with its state.
type record[U any] struct {
	user       U
	closed     bool
	before     U   // the user as it was before it was closed
	staleReads int // how many reads still see that
}

// Add adds an open user, or replaces the one with the same ID. Fields left unset get the vendor's
// defaults.
func (r *Roster[I, U]) Add(u U) {
	r.clock.Lock()
	defer r.clock.Unlock()
	r.add(&u)
}

// Get returns a copy of the user, and whether there is one. Closed users are there only if the
// vendor keeps a tombstone of them, as ECGrid and both APIs of Skillable do.
func (r *Roster[I, U]) Get(id I) (U, bool) {
	r.clock.Lock()
	defer r.clock.Unlock()
	rec, ok := r.records[id]
	if !ok || rec.closed && !r.rules.tombstones {
		var none U
		return none, false
	}
	return r.rules.clone(&rec.user), true
}

// Has reports whether there is an open account with this ID.
func (r *Roster[I, U]) Has(id I) bool {
	r.clock.Lock()
	defer r.clock.Unlock()
	_, ok := r.openUser(id)
	return ok
}

// Drop closes the user as if another person had done it: at once, always, and without a request. It
// panics if the vendor has never had such a user.
func (r *Roster[I, U]) Drop(id I) {
	r.clock.Lock()
	defer r.clock.Unlock()
	r.existing(id)
	r.close(id, 0)
}

// Update changes the user with f. It panics if there is no such user, because a test that changes
// no user tests nothing.
func (r *Roster[I, U]) Update(id I, f func(*U)) {
	r.clock.Lock()
	defer r.clock.Unlock()
	rec := r.existing(id)
	r.remember(id)
	f(&rec.user)
	delete(r.records, id)
	r.store(rec)
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
		all = append(all, fmt.Sprint(r.rules.id(&u)))
	}
	return all
}

// add is Add with the lock held.
func (r *Roster[I, U]) add(u *U) {
	r.store(&record[U]{user: r.rules.clone(u)})
}

// addUnlessTaken adds a user unless its ID is taken.
func (r *Roster[I, U]) addUnlessTaken(u *U) {
	if _, taken := r.records[r.rules.id(u)]; !taken {
		r.add(u)
	}
}

// store puts a record under its user's ID, after setting the defaults.
func (r *Roster[I, U]) store(rec *record[U]) {
	r.rules.setDefaults(&rec.user)
	if r.rules.isClosed != nil {
		rec.closed = r.rules.isClosed(&rec.user)
	}
	id := r.rules.id(&rec.user)
	r.remember(id)
	r.records[id] = rec
}

// existing returns the record of an ID. It panics if there is none.
func (r *Roster[I, U]) existing(id I) *record[U] {
	rec, ok := r.records[id]
	if !ok {
		panic(fmt.Sprintf("mock: %s has no user %v", r.rules.vendor, id))
	}
	return rec
}

// openForChange returns the open user with this ID. A handler may change it.
func (r *Roster[I, U]) openForChange(id I) (*U, bool) {
	r.remember(id)
	return r.openUser(id)
}

// openUser returns the open user with this ID. A handler must not change it.
func (r *Roster[I, U]) openUser(id I) (*U, bool) {
	rec, ok := r.records[id]
	if !ok || rec.closed {
		return nil, false
	}
	return &rec.user, true
}

// read returns what one read sees of a user, and whether it is open. The first reads after a
// closure may still see the user as it was. The result is nil for a user that the vendor never had.
func (r *Roster[I, U]) read(id I) (u *U, open bool) {
	rec, ok := r.records[id]
	switch {
	case !ok:
		return nil, false
	case rec.closed && rec.staleReads > 0:
		rec.staleReads--
		return &rec.before, true
	}
	return &rec.user, !rec.closed
}

// close closes the user. The next slow reads do not see it yet. An ID without an open user is left
// as it is.
func (r *Roster[I, U]) close(id I, slow int) {
	rec, ok := r.records[id]
	if !ok || rec.closed {
		return
	}
	r.remember(id)
	rec.closed, rec.before, rec.staleReads = true, r.rules.clone(&rec.user), slow
	if r.rules.close != nil {
		r.rules.close(&rec.user)
	}
}

// list returns copies of the users whose records are wanted, in the vendor's order.
func (r *Roster[I, U]) list(want func(*record[U]) bool) []U {
	var records []*record[U]
	for _, rec := range r.records {
		if want(rec) {
			records = append(records, rec)
		}
	}
	slices.SortFunc(records, func(a, b *record[U]) int {
		return cmp.Or(r.rules.order(&a.user, &b.user), cmp.Compare(r.rules.id(&a.user), r.rules.id(&b.user)))
	})
	users := make([]U, 0, len(records))
	for _, rec := range records {
		users = append(users, r.rules.clone(&rec.user))
	}
	return users
}

// save implements vendor.
func (r *Roster[I, U]) save() func() {
	saved := r.copyAll()
	return func() { r.records = saved }
}

// copyAll returns copies of all records.
func (r *Roster[I, U]) copyAll() map[I]*record[U] {
	all := make(map[I]*record[U], len(r.records))
	for id, rec := range r.records {
		all[id] = r.copyOf(rec)
	}
	return all
}

// copyOf returns a copy of a record that shares nothing with it.
func (r *Roster[I, U]) copyOf(rec *record[U]) *record[U] {
	return &record[U]{r.rules.clone(&rec.user), rec.closed, r.rules.clone(&rec.before), rec.staleReads}
}
