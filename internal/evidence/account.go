package evidence

import (
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Earlier is what a log says of the earlier closures of one account. The latest closure counts that
// says something of the account. One that a guard refused, or that ended as not visible, leaves
// what was known before it. So does one that saw nothing of an account that was proven to be closed.
type Earlier struct {
	NoFile bool   // there is no log, or this run does not have the file
	Log    string // tells logs apart: the hash of the first record; empty if there is none
	// Open says that a closure has no outcome: its run was killed, still works, or could not write one.
	// None counts after which the log shows the account open.
	Open   bool
	Proven bool // a closure proved that the account is closed, and nothing later showed it open
	Used   Mark // the last record after which no plan from before it may close the account
	// Record is the hash of the last record that says how the account was, or how a call ended; empty if
	// none does. The order of the log tells what came later: clocks of machines differ.
	Record string

	// These are of one closure, because the call of one says nothing of the time or the person of
	// another.
	// Sent is how its call ended. It is empty if its outcome names none, if there is no outcome, or if
	// the log shows the account open after it.
	Sent   Sent
	At     time.Time       // when it began, even if the account was shown open after it
	Person offboard.Person // who had the account then
	Seen   Seen            // of its intent
}

// Mark is one record of a log.
type Mark struct {
	Record string    `json:"record,omitempty"` // its hash; empty for none
	Time   time.Time `json:"time,omitzero"`
}

// accountState is what the records so far say of one account.
type accountState struct {
	earlier   Earlier  // without Open
	settled   int      // the line of the outcome that it comes from
	suspended bool     // the last closure was to suspend the account, and did
	pending   []string // the hashes of the intents without an outcome since then, in order

	used     Mark     // the last outcome that uses a plan up
	usedLine int      // its line
	begun    []string // the hashes of all intents without an outcome, in order
	changed  Used     // the last closure that has changed the account, or may have; zero for none
}

// lastTime is the latest time at which a closure can begin. JSON cannot hold what is not long after
// it, in any zone.
var lastTime = time.Date(9999, time.December, 30, 0, 0, 0, 0, time.UTC)

// begin adds an intent, whose hash is the head.
func (c *chain) begin(i *Intent, at time.Time) {
	c.keep(i.Account)
	s := c.accounts[i.Account]
	if s == nil {
		s = &accountState{}
		c.accounts[i.Account] = s
	}
	c.open[c.head] = &openIntent{Intent: i, at: noLater(at), line: c.line}
	s.pending, s.begun = append(s.pending, c.head), append(s.begun, c.head)
}

// noLater returns a time, or lastTime if that is earlier.
func noLater(at time.Time) time.Time {
	if at.After(lastTime) {
		return lastTime
	}
	return at
}

// end adds an outcome of an open intent, whose hash is the head.
func (c *chain) end(o *Outcome, ended time.Time) {
	i := c.open[o.Intent]
	c.keep(i.Account)
	delete(c.open, o.Intent)
	s := c.accounts[i.Account]
	s.begun = slices.DeleteFunc(s.begun, func(hash string) bool { return hash == o.Intent })
	if o.changed() && i.at.After(s.changed.At) {
		s.changed = usedBy(i)
	}
	if o.uses() {
		s.used, s.usedLine = Mark{Record: c.head, Time: noLater(ended)}, c.line
	}
	at := slices.Index(s.pending, o.Intent)
	told, tells := o.Earlier(i.Intent, i.at)
	if keepsProof := s.earlier.Proven && o.sawNothing(i.Intent); tells && !keepsProof {
		s.pending = s.pending[at+1:] // it settles what was open before it
		s.earlier, s.settled, s.suspended = told, c.line, o.Result == Suspended
		s.earlier.Record = c.head
		return
	}
	opened := o.sawOpen(i.Intent)
	if at >= 0 {
		c.refute(s.pending[:at], opened)
		s.pending = slices.Delete(s.pending, at, at+1)
	}
	if i.line > s.settled {
		s.doubt(i, opened)
	}
	if opened || told.Sent != "" {
		s.earlier.Record = c.head
	}
	if told.Sent != "" {
		s.earlier.Sent, s.earlier.At, s.earlier.Person, s.earlier.Seen = told.Sent, told.At, told.Person, told.Seen
	}
}

// doubt takes from the account what a later closure does not leave of it, which proved nothing
// itself. What asked for more than a suspension is not done by it.
func (s *accountState) doubt(i *openIntent, opened bool) {
	s.suspended = s.suspended && i.Action == Block
	another := i.person().Known() && !s.earlier.Person.Is(i.person()) // the ID has passed to another person
	if another || opened {
		s.earlier.Proven = false
		s.suspended = s.suspended && i.Status == string(offboard.Suspended)
	}
	if opened {
		s.earlier.Sent = ""
	}
}

// refute notes that the account was shown open after these intents, if it was: their calls did not
// close it.
func (c *chain) refute(intents []string, opened bool) {
	for _, hash := range intents {
		c.open[hash].refuted = c.open[hash].refuted || opened
	}
}

// Earlier returns what is known of the account after a closure that began at a time, and whether
// its outcome says anything of the account. If it does not, what was known before holds, except
// that its call may explain an absence.
func (o *Outcome) Earlier(i *Intent, began time.Time) (e Earlier, tells bool) {
	e = Earlier{
		Sent: o.Sent, Proven: o.Result == Closed || o.Result == AlreadyClosed, At: began,
		Person: offboard.Person{Email: i.Email, Name: i.Name}, Seen: i.Seen,
	}
	if o.Listed && o.Sent == Accepted {
		e.Sent = Listed
	}
	refuted := o.Result == Failed && o.Sent == Lost // the account was read as open after the last of the calls
	if i.Action == Block || refuted {
		e.Sent = "" // no call to close the account, or one that did not
	}
	return e, o.Result != RefusedByGuard && o.Result != NotVisible
}

// openIntent is an intent without an outcome.
type openIntent struct {
	*Intent
	at      time.Time // when it was written
	line    int       // where it was written
	refuted bool      // the account was shown open after it
}

func (b *openIntent) person() offboard.Person { return offboard.Person{Email: b.Email, Name: b.Name} }

// sawOpen reports whether a closure that a guard refused, or that ended as not visible, had read
// the account as open just before. A closure that ended as not visible had, if it ended with an
// error or after a call. If nothing was shown before, the outcome may say that it was open later.
func (o *Outcome) sawOpen(i *Intent) bool {
	return o.Open || showsOpen(i) && (o.Result == RefusedByGuard || o.Error != "" || o.called())
}

// sawNothing reports whether nothing of the closure shows whether the account is closed: it proved
// nothing, the vendor showed no open account before it, and the vendor took no call.
func (o *Outcome) sawNothing(i *Intent) bool {
	taken := o.called() && (o.Sent != "" || o.Result == Unproven)
	return !o.Result.Done() && !o.Open && !showsOpen(i) && !taken
}

// called reports whether the closure asked the vendor to change something.
func (o *Outcome) called() bool {
	return slices.ContainsFunc(o.Requests, func(r Request) bool { return r.Change })
}

// changed reports whether the vendor was asked to change something, or may have been.
func (o *Outcome) changed() bool {
	return o.called() || o.Sent != "" || o.Result == Closed || o.Result == Suspended || o.Result == Unproven
}

// uses reports whether a call was sent, something was proven, or the account was not visible. Nobody
// has reviewed how the account is since then.
func (o *Outcome) uses() bool {
	return o.Result.Done() || o.Result == NotVisible || o.Sent != "" || o.called()
}

// showsOpen reports whether the vendor showed the account open before the closure began.
func showsOpen(i *Intent) bool {
	open := []offboard.Status{offboard.Active, offboard.Suspended, offboard.Unknown}
	return slices.Contains(open, offboard.Status(i.Status))
}

// resumes returns the hash of the last intent for the account that has no outcome, or the empty
// string.
func (c *chain) resumes(a Account) string {
	s := c.accounts[a]
	if s == nil || len(s.pending) == 0 {
		return ""
	}
	return s.pending[len(s.pending)-1]
}

// earlier returns what the chain says of the account.
func (c *chain) earlier(a Account) Earlier {
	s := c.accounts[a]
	if s == nil {
		return Earlier{Log: c.first}
	}
	e := s.earlier
	e.Log, e.Used = c.first, c.lastUse(s)
	for _, hash := range s.pending {
		i := c.open[hash]
		e.Proven = e.Proven && (i.line < s.settled || !showsOpen(i.Intent)) // what was open before the proof refutes nothing
		switch {
		case i.Action == Block && showsOpen(i.Intent) && i.line > s.settled: // open after the calls before it
			e.Open, e.Sent, e.At, e.Person, e.Seen, e.Record = false, "", i.at, i.person(), i.Seen, hash
		case i.Action == Block || i.Status == string(offboard.Closed):
			// the vendor gets no call for an account that was closed already
		case !i.refuted:
			e.Open, e.Sent, e.At, e.Person, e.Seen, e.Record = true, "", i.at, i.person(), i.Seen, hash
		case i.at.After(e.At):
			e.At, e.Person, e.Seen = i.at, i.person(), i.Seen
		}
	}
	return e
}

// lastUse returns the last record of an account that uses a plan up. An intent without
// an outcome is one, too: its call may have left.
func (c *chain) lastUse(s *accountState) Mark {
	if n := len(s.begun); n > 0 && c.open[s.begun[n-1]].line > s.usedLine {
		return Mark{Record: s.begun[n-1], Time: c.open[s.begun[n-1]].at}
	}
	return s.used
}

// settled reports whether the account is proven to be as its last closure intended. Only a closure
// counts that says something of the account.
func (c *chain) settled(a Account) bool {
	s := c.accounts[a]
	return s != nil && (c.earlier(a).Proven || s.suspended && len(s.pending) == 0)
}
