package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// sighting is what one answer shows of one account. It is a second reading of the vendors'
// documentation, apart from that of the clients.
type sighting int

const (
	saysNothing sighting = iota
	saysOpen
	saysClosed // the vendor's own tombstone
	saysAbsent
)

// called is how far a closing call came.
type called int

const (
	notCalled called = iota
	declined         // answered, and no acceptance
	nobody           // answered in the vendor's own form: there is no such account
	lost             // it left, and nothing usable came back
	accepted
)

// reading is how one vendor's answers are read.
type reading struct {
	shows  func(e *exchange, id string) sighting
	closes func(e *exchange, id string) called
	life   func(e *exchange, id string, sights map[string]bool) bool // whether it vouches for an absence before it
	empty  func(e *exchange) bool                                    // whether it is a well-formed list of nobody
	// hides reports whether it is a call that may make an open account absent; nil where there is none.
	hides func(e *exchange, id string) bool
	// hidden reports whether it shows an account as open that may be made absent at any time; nil where
	// there is none.
	hidden func(e *exchange, id string) bool
	// suspends is how far a call to suspend the account came, and suspended reports whether a read of it
	// shows it suspended. Both are nil where suspended = true is refused.
	suspends  func(e *exchange, id string) called
	suspended func(e *exchange, id string) bool
}

// otherwise is how far a closing call came whose answer is neither an acceptance nor a denial in
// the vendor's form.
func (e *exchange) otherwise() called {
	if e.status/100 == 4 && e.status != 408 {
		return declined
	}
	return lost
}

func absentStatus(status string) bool { return status == "404" || status == "410" }

// rowsOf are the rows of a list in an answer.
func rowsOf(e *exchange, at ...string) []any {
	rows, _ := field(e.answer, at...).([]any)
	return rows
}

// fieldsOf are the fields of an answer that is an object.
func fieldsOf(e *exchange) map[string]any {
	object, _ := e.answer.(map[string]any)
	return object
}

// inList is what a list shows of an account.
func inList(e *exchange, id, key string, at ...string) sighting {
	for _, row := range rowsOf(e, at...) {
		switch {
		case word(field(row, key)) != id:
		case strings.EqualFold(word(field(row, "status")), "Terminated"):
			return saysClosed
		default:
			return saysOpen
		}
	}
	return saysNothing
}

// others counts the rows of other accounts that count.
func others(e *exchange, id, key string, counts func(row any) bool, at ...string) int {
	n := 0
	for _, row := range rowsOf(e, at...) {
		if other := word(field(row, key)); other != "" && other != id && (counts == nil || counts(row)) {
			n++
		}
	}
	return n
}

// ofRole counts the other users of a role in a list of sFOX; of any role for an empty one.
func ofRole(e *exchange, id, role string) int {
	return others(e, id, "user_id", func(row any) bool {
		return role == "" || strings.EqualFold(word(field(row, "account_role")), role)
	}, "data")
}

// sightIn is with which rights the key's own user is shown.
func sightIn(e *exchange) string {
	own := field(e.answer, "data")
	return word(field(own, "userId")) + " " + word(field(own, "authLevel")) + " " + word(field(own, "networkId"))
}

// grounds are what a transcript says of an account, as the rule on absence and closure counts it.
type grounds struct {
	tombstone bool   // the last that was seen of it is the vendor's own word
	called    called // the best that became of a closing call
	zero      bool   // Skillable: after that call another one found no record
	known     bool   // Skillable: the person was shown before the call
	once      bool   // an absence after the call, and a sign of life after it
	twice     bool   // two absences two seconds apart, and a sign of life after the second
	unvouched bool   // two well-formed empty lists two seconds apart, after absences that followed the call
}

// closed reports whether the account may be reported as closed, by us or before.
func (g grounds) closed(v vendorCase) bool {
	if v.noRead {
		return g.zero && g.once && (g.called == accepted || g.called == lost && g.known)
	}
	return g.tombstone || g.called == accepted && g.once || g.called == lost && g.twice
}

// absent reports whether the account may be shown as closed elsewhere, or leave the state as not
// visible.
func (g grounds) absent(v vendorCase) bool { return g.closed(v) || g.twice || v.noRead && g.once }

// unproven reports whether the account may leave the state without a proof: it was the last one,
// and nothing can vouch for its closing.
func (g grounds) unproven() bool { return g.called == accepted && g.unvouched }

// grounds reads the transcript of one account. What was shown up to a moment counts for nothing,
// because the account was another one then.
func (t *transcript) grounds(v vendorCase, id string, since int) grounds {
	j := groundsReader{
		grounds: grounds{called: t.intents[v.kind.name+" "+id]}, v: v, id: id, reading: v.reading,
		sights: map[string]bool{}, fresh: map[string]bool{}, killed: t.intents[v.kind.name+" "+id],
	}
	for _, e := range t.of(v.mockName()) {
		if e.is("GET", "users", "me") && e.ok() {
			j.fresh[sightIn(e)] = true
		}
		if e.begun > t.refuted[v.kind.name+" "+id] || j.reading.closes(e, id) < lost {
			j.call(e)
		}
		if e.begun > since {
			j.look(e)
		}
	}
	return j.grounds
}

// groundsReader is the reading of a transcript under way.
type groundsReader struct {
	grounds
	v             vendorCase
	id            string
	reading       reading
	absences      []*exchange // since the account was last seen, or called to be closed
	firstEmpty    time.Time   // when the list was empty first since then
	sights, fresh map[string]bool
	hidden        bool   // a call may have made the account absent since it was last seen
	doubtful      bool   // after that, the answer to a closing call was lost
	killed        called // what an intent of a killed run counts as
	lostIn        int    // the run whose call was lost last, if none was accepted
}

// forget begins the count of absences again.
func (j *groundsReader) forget() {
	j.absences, j.firstEmpty, j.once, j.twice, j.unvouched = nil, time.Time{}, false, false, false
}

// call takes what became of a closing call.
func (j *groundsReader) call(e *exchange) {
	switch call := j.reading.closes(e, j.id); {
	case j.reading.hides != nil && j.reading.hides(e, j.id):
		j.hidden = true
	case j.hidden && call == lost:
		j.doubtful = true
	case j.doubtful && call == nobody: // so the lost one did it
		j.called, j.lostIn = max(j.called, lost), e.run
		j.forget()
	case call == declined && j.v.noRead:
		j.zero = j.called >= lost && e.ok()
		j.forget()
	case call >= lost:
		j.called, j.zero, j.lostIn = max(j.called, call), false, e.run
		j.forget()
	}
}

// refute takes that an account was read as open in the run whose closing call was lost, at a vendor
// of which another call may make it absent.
func (j *groundsReader) refute(e *exchange) {
	if j.reading.hides != nil && j.called == lost && j.lostIn == e.run && !j.v.noRead && !e.isList() {
		j.called = j.killed
	}
}

// look takes what an answer shows of the account, and whether it vouches for an absence before it.
func (j *groundsReader) look(e *exchange) {
	switch j.reading.shows(e, j.id) {
	case saysOpen:
		j.forget()
		j.refute(e)
		j.hidden = j.reading.hidden != nil && j.reading.hidden(e, j.id)
		j.tombstone, j.known = false, j.known || e.is("GET", "labinstance", "search")
	case saysClosed:
		j.tombstone = true
	case saysAbsent:
		if len(j.absences) == 0 {
			maps.Copy(j.sights, j.fresh) // the rights with which the key saw others before
		}
		j.absences, j.once = append(j.absences, e), j.once || j.v.noRead
	case saysNothing:
	}
	if len(j.absences) == 0 {
		return
	}
	first, last := j.absences[0], j.absences[len(j.absences)-1]
	switch {
	case e.begun <= last.ended:
	case j.reading.life(e, j.id, j.sights):
		j.once, j.twice = true, j.twice || last.at.Sub(first.at) >= offboard.AbsencePause
	case j.reading.empty(e) && j.firstEmpty.IsZero():
		j.firstEmpty = e.at
	case j.reading.empty(e):
		j.unvouched = j.unvouched || e.at.Sub(j.firstEmpty) >= offboard.AbsencePause
	}
}

// supports checks that an outcome in the evidence log claims nothing that no request showed. It
// returns what is wrong; nothing when all is right.
func (t *transcript) supports(v vendorCase, c evidence.Closure, since int) (wrong string) {
	var proof []*exchange
	before := t.of(v.mockName())
	for _, r := range slices.Backward(c.Outcome.Requests) {
		i := len(before) - 1
		for ; i >= 0 && !before[i].recorded(r); i-- {
		}
		if i < 0 {
			return fmt.Sprintf("it names a request that nobody made: %s %s, %d", r.Method, r.Path, r.Status)
		}
		if r.Proof {
			proof = append(proof, before[i])
		}
		before = before[:i]
	}
	slices.Reverse(proof)
	switch {
	case c.Outcome.Proof == "" && len(proof) > 0:
		return "it marks requests as proof and claims none"
	case c.Outcome.Proof == "" && c.Outcome.Result.Done():
		return "it is done without a proof"
	case c.Outcome.Proof == "":
		return ""
	case c.Outcome.Result == evidence.Suspended:
		return v.supportsSuspended(c, proof)
	}
	r, tombstone, absent, vouched := v.reading, false, false, v.noRead
	for _, e := range proof {
		switch r.shows(e, c.ID) {
		case saysClosed:
			tombstone = true
		case saysAbsent:
			absent = true
		case saysOpen:
			return "its proof shows the account open: " + e.String()
		case saysNothing:
		}
		vouched = vouched || absent && (r.life(e, c.ID, nil) || e.is("GET", "users", "me"))
	}
	if claim := t.grounds(v, c.ID, since); !tombstone && (!absent || !vouched || !claim.closed(v)) {
		return fmt.Sprintf("its proof %q is not what was answered: absent %v, vouched for %v, all told %+v",
			c.Outcome.Proof, absent, vouched, claim)
	}
	return ""
}

// recorded reports whether a record of the evidence log is of this exchange. What did not come
// whole has no status there.
func (e *exchange) recorded(r evidence.Request) bool {
	return e.method == r.Method && e.path == r.Path && (e.status == r.Status || r.Status == 0) && e.left.Equal(r.Time)
}
