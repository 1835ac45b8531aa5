package evidence

import (
	"slices"
	"time"
)

// State is what the records of a log say of one account in the end.
type State int

// The states. Only the vendor's own answers make an account StateClosed or StateSuspended.
const (
	StateUnclear      State = iota // nothing proves whether it is closed
	StateClosed                    // proven to be closed, and no later record shows it open
	StateSuspended                 // proven to be suspended, and no more was asked for
	StateOpen                      // the last record that says something shows it open
	StateNotSuspended              // never to be closed, and its suspension was refused, or failed
)

// Standing is how a log leaves one account.
type Standing struct {
	Account  Account
	State    State
	Deciding int       // the index of the closure that the state comes from
	At       time.Time // when that closure ended, or when it began if it has no outcome
	Closures []int     // the indexes of all closures of the account, in the order in which they began
}

// standing returns how the log leaves the account that these closures are about. If the chain is
// broken, no account is proven. The deciding closure is then the last one before the break, if
// there is one.
func (h History) standing(closures []int, proofs map[Account]proof) Standing {
	last := h.last(closures)
	c := &h.Closures[last]
	s := Standing{Account: c.Account, Deciding: last, Closures: closures}
	if h.Broken == nil {
		p, proven := proofs[c.Account], h.chain.earlier(c.Account).Proven
		switch {
		case proven && !p.anothers:
			s.State, s.Deciding = StateClosed, p.closure
		case !proven && h.chain.settled(c.Account):
			s.State, s.Deciding = StateSuspended, h.lastWith(closures, Suspended, last)
		case !h.toClose(closures) && h.leftAlone(closures, last):
			s.State = StateNotSuspended
		case h.isOpen(closures, last):
			s.State = StateOpen
		}
	}
	s.At = h.Closures[s.Deciding].lastTime()
	return s
}

// lastTime returns when the last record of the closure was written.
func (c *Closure) lastTime() time.Time {
	if c.end > 0 {
		return c.Ended
	}
	return c.Begun
}

// last returns the closure with the latest record, among those before a break of the chain if there
// are any.
func (h History) last(closures []int) int {
	last := closures[0]
	for _, i := range closures[1:] {
		c, other := &h.Closures[i], &h.Closures[last]
		if c.Doubtful() == other.Doubtful() {
			if max(c.begin, c.end) > max(other.begin, other.end) {
				last = i
			}
		} else if other.Doubtful() {
			last = i
		}
	}
	return last
}

// lastWith returns the closure with this result whose outcome came last, or none if no closure has
// it.
func (h History) lastWith(closures []int, result Result, none int) int {
	last, end := none, 0
	for _, i := range closures {
		if c := &h.Closures[i]; c.Outcome.Result == result && c.end > end {
			last, end = i, c.end
		}
	}
	return last
}

// toClose reports whether a run was to close the account, and not only to suspend it.
func (h History) toClose(closures []int) bool {
	return slices.ContainsFunc(closures, func(i int) bool { return h.Closures[i].Action != Block })
}

// leftAlone reports whether nothing has changed the account: it is open, or each run refused.
func (h History) leftAlone(closures []int, last int) bool {
	return h.isOpen(closures, last) ||
		!slices.ContainsFunc(closures, func(i int) bool { return !h.Closures[i].leavesOpen() })
}

// isOpen reports whether the account is open, as far as the log tells. A guard can refuse before it
// reads the account. Then an earlier failure still says that it is open.
func (h History) isOpen(closures []int, last int) bool {
	c := &h.Closures[last]
	if c.Outcome.Result != RefusedByGuard || c.showsOpen() {
		return c.leavesOpen()
	}
	var before []int
	for _, i := range closures {
		if b := &h.Closures[i]; b.Outcome.Result != RefusedByGuard || b.showsOpen() {
			before = append(before, i)
		}
	}
	return len(before) > 0 && h.Closures[h.last(before)].leavesOpen()
}

// showsOpen reports whether the vendor showed the account open, before the closure or in it.
func (c *Closure) showsOpen() bool { return c.Outcome.Open || showsOpen(&c.Intent) }

// leavesOpen reports whether the closure says that the account is open after it. A guard that refused
// it must have read the account.
func (c *Closure) leavesOpen() bool {
	return slices.Contains([]Result{Failed, Refused, RefusedByGuard}, c.Outcome.Result)
}

// proof is which closure proved that an account is closed.
type proof struct {
	closure  int
	holds    bool // no later record questions it
	anothers bool // a later record gives the account to another person, of whom the vendor showed nothing
}

// proofs returns for each account the first proof that it is closed after which no record questions
// that. So an account that was closed once, and found closed again, is closed since the first time.
// Whether an account counts as proven is decided by the chain alone.
func (h History) proofs() map[Account]proof {
	all := map[Account]proof{}
	for _, e := range h.events() {
		account := h.Closures[e.closure].Account
		all[account] = h.follow(all[account], e)
	}
	return all
}

// follow returns which proof there is after a record.
func (h History) follow(p proof, e event) proof {
	c := &h.Closures[e.closure]
	switch {
	case !e.ended:
		p.anothers = p.anothers || h.relabels(c, p.closure)
		p.holds = p.holds && !p.anothers && !showsOpen(&c.Intent) && h.Closures[p.closure].person().Is(c.person())
	case c.Outcome.proves() && !p.holds:
		p = proof{closure: e.closure, holds: true}
	case c.Outcome.Open, !c.Outcome.proves() && c.Outcome.Result != RefusedByGuard && c.Outcome.Result != NotVisible:
		p.holds = p.holds && c.Outcome.sawNothing(&c.Intent)
	}
	return p
}

// relabels reports whether a closure names another person than an earlier one of the account did, and
// the vendor showed nothing by which the two can be compared.
func (h History) relabels(c *Closure, earlier int) bool {
	now, then := c.personKey(), h.Closures[earlier].personKey()
	return now != "" && then != "" && now != then && !c.person().Known()
}

// proves reports whether the vendor's answers prove that the account is closed.
func (o *Outcome) proves() bool { return o.Result == Closed || o.Result == AlreadyClosed }

// event is the begin or the end of a closure.
type event struct {
	closure int
	ended   bool
}

// events returns what the records tell that are before any break, in the order of the records.
func (h History) events() []event {
	byRecord := make([]event, h.Records+1)
	for i := range byRecord {
		byRecord[i].closure = -1
	}
	for i := range h.Closures {
		c := &h.Closures[i]
		if !c.beginDoubtful {
			byRecord[c.begin].closure = i
		}
		if c.end > 0 && !c.endDoubtful {
			byRecord[c.end] = event{i, true}
		}
	}
	all := byRecord[:0]
	for _, e := range byRecord {
		if e.closure >= 0 {
			all = append(all, e)
		}
	}
	return all
}
