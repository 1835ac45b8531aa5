package mock

import (
	"fmt"
	"sync"
	"time"
)

// clock is the server's lock and its count of requests. The count is even between two requests and odd
// while one has its effect: what a test changes comes before the request after it.
type clock struct {
	sync.Mutex
	tick int
}

// moment is a point of the server's history.
type moment struct {
	tick int
	at   time.Time
}

func (c *clock) now() moment { return moment{c.tick, time.Now()} }

// requests is the moment when the request came that is so many before the one at hand.
func (c *clock) requests(ago int) func(moment) bool {
	came := c.tick - 2*ago
	return func(m moment) bool { return m.tick < came }
}

// age is the moment that is so long ago.
func (c *clock) age(d time.Duration) func(moment) bool {
	then := time.Now().Add(-d)
	return func(m moment) bool { return !m.at.After(then) }
}

// version is what was known of an id up to a moment.
type version[U any] struct {
	until moment
	rec   *record[U] // nil for nobody
}

// words is the text in the fields of a user that people write.
type words struct {
	name, email *string
	more        []*string // logins, names of labs
}

// all are the texts that are not empty.
func (w words) all() []*string {
	var filled []*string
	for _, t := range append([]*string{w.name, w.email}, w.more...) {
		if *t != "" {
			filled = append(filled, t)
		}
	}
	return filled
}

// keep remembers what is known of an id, before that changes. What changes in a view does not last.
func (r *Roster[I, U]) keep(id I) {
	if r.away {
		return
	}
	now := r.clock.now()
	if old := r.past[id]; now.tick%2 == 1 && len(old) > 0 && old[len(old)-1].until.tick == now.tick {
		return // the request at hand changes it a second time
	}
	v := version[U]{until: now}
	if rec, ok := r.records[id]; ok {
		v.rec = r.copyOf(rec)
	}
	r.past[id] = append(r.past[id], v)
}

// copyOf is a copy of a record that shares nothing with it.
func (r *Roster[I, U]) copyOf(rec *record[U]) *record[U] {
	return &record[U]{r.rules.clone(rec.user), rec.closed, r.rules.clone(rec.past), rec.stale}
}

// view puts copies in the place of the records, to be changed freely, and returns what undoes that.
func (r *Roster[I, U]) view() (undo func()) {
	records, away := r.records, r.away
	r.records, r.away = make(map[I]*record[U], len(records)), true
	for id, rec := range records {
		r.records[id] = r.copyOf(rec)
	}
	return func() { r.records, r.away = records, away }
}

// rewind is a view of the records as they were when before stopped being true. The key always has its own user.
func (r *Roster[I, U]) rewind(before func(moment) bool) (undo func()) {
	undo = r.view()
	for id, versions := range r.past {
		for _, v := range versions {
			if before(v.until) || v.rec == nil && r.rules.own != nil && r.rules.own(id) {
				continue
			}
			if delete(r.records, id); v.rec != nil {
				r.records[id] = r.copyOf(v.rec)
			}
			break
		}
	}
	return undo
}

// blind is a view in which nobody is there but the key's own user.
func (r *Roster[I, U]) blind() (undo func()) {
	undo = r.view()
	for id := range r.records {
		if r.rules.own == nil || !r.rules.own(id) {
			delete(r.records, id)
		}
	}
	return undo
}

// reword is a view in which f has changed the text of all users but the key's own. The id is as the log writes it.
func (r *Roster[I, U]) reword(f func(id string, w words)) (undo func()) {
	undo = r.view()
	for id, rec := range r.records {
		if r.rules.own == nil || !r.rules.own(id) {
			f(fmt.Sprint(id), r.rules.words(&rec.user))
			f(fmt.Sprint(id), r.rules.words(&rec.past))
		}
	}
	return undo
}
