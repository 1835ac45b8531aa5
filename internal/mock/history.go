package mock

import (
	"fmt"
	"sync"
	"time"
)

// clock is the server's lock and its count of requests. The count is even between two requests, and
// odd while one has its effect. What a test changes comes before the next request.
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

// beforeRequest returns what reports whether a moment was before a request: the one that came so
// many requests ago.
func (c *clock) beforeRequest(ago int) func(moment) bool {
	came := c.tick - 2*ago
	return func(m moment) bool { return m.tick < came }
}

// beforeAge returns what reports whether a moment is at least so long ago.
func (c *clock) beforeAge(d time.Duration) func(moment) bool {
	then := time.Now().Add(-d)
	return func(m moment) bool { return !m.at.After(then) }
}

// pastRecord is what was known of an ID until a moment.
type pastRecord[U any] struct {
	until moment
	rec   *record[U] // nil if there was no such user
}

// texts has the fields of a user that people write.
type texts struct {
	name, email *string
	more        []*string // logins, names of labs
}

// all returns the texts that are not empty.
func (t *texts) all() []*string {
	var filled []*string
	for _, text := range append([]*string{t.name, t.email}, t.more...) {
		if *text != "" {
			filled = append(filled, text)
		}
	}
	return filled
}

// remember keeps what is known of an ID, before that changes. A change in a view does not last, and
// is not remembered.
func (r *Roster[I, U]) remember(id I) {
	if r.isView {
		return
	}
	now := r.clock.now()
	if old := r.past[id]; now.tick%2 == 1 && len(old) > 0 && old[len(old)-1].until.tick == now.tick {
		return // the current request changes it a second time
	}
	v := pastRecord[U]{until: now}
	if rec, ok := r.records[id]; ok {
		v.rec = r.copyOf(rec)
	}
	r.past[id] = append(r.past[id], v)
}

// view replaces the records by copies, and returns what undoes that.
func (r *Roster[I, U]) view() (undo func()) {
	records, isView := r.records, r.isView
	r.records, r.isView = r.copyAll(), true
	return func() { r.records, r.isView = records, isView }
}

// viewPast replaces the records by those of the last moment for which before was true. The key's
// own user is always there.
func (r *Roster[I, U]) viewPast(before func(moment) bool) (undo func()) {
	undo = r.view()
	for id, versions := range r.past {
		for _, v := range versions {
			if before(v.until) || v.rec == nil && r.rules.owns(id) {
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

// viewNoUsers is a view in which only the key's own user is there.
func (r *Roster[I, U]) viewNoUsers() (undo func()) {
	undo = r.view()
	for id := range r.records {
		if !r.rules.owns(id) {
			delete(r.records, id)
		}
	}
	return undo
}

// viewTexts is a view in which f has changed the text of all users except the key's own. The ID is
// as in the log.
func (r *Roster[I, U]) viewTexts(f func(id string, t texts)) (undo func()) {
	undo = r.view()
	for id, rec := range r.records {
		if !r.rules.owns(id) {
			f(fmt.Sprint(id), r.rules.texts(&rec.user))
			f(fmt.Sprint(id), r.rules.texts(&rec.before))
		}
	}
	return undo
}
