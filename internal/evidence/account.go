package evidence

import (
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Earlier is what a log says of the earlier closures of one account. The latest closure counts that
// says something of the account. One that a guard refused, or that ended as not visible, leaves
// what was known before it.
type Earlier struct {
	NoFile bool // there is no log, or this run does not have the file
	Open   bool // a closure has no outcome: its run was killed, still works, or could not write one
	Proven bool // a closure proved that the account is closed, and nothing later showed it open

	// These are of one closure, because the call of one says nothing of the time or the person of
	// another.
	Sent   Sent            // how its call ended; empty if its outcome names none, or there is no outcome
	At     time.Time       // when it began
	Person offboard.Person // who had the account then
}

// accountState is what the records so far say of one account.
type accountState struct {
	earlier   Earlier  // without Open
	suspended bool     // the last closure was to suspend the account, and did
	pending   []string // the hashes of the intents without an outcome since then, in order
}

// begin adds an intent, whose hash is the head.
func (c *chain) begin(i *Intent, at time.Time) {
	s := c.accounts[i.Account]
	if s == nil {
		s = &accountState{}
		c.accounts[i.Account] = s
	}
	c.open[c.head] = openIntent{i, at}
	s.pending = append(s.pending, c.head)
}

// end adds an outcome of an open intent.
func (c *chain) end(o *Outcome) {
	i := c.open[o.Intent]
	delete(c.open, o.Intent)
	s := c.accounts[i.Account]
	at := slices.Index(s.pending, o.Intent)
	sent := o.Sent
	if i.Action == Block {
		sent = "" // the call was not to close the account
	}
	if o.Result != RefusedByGuard && o.Result != NotVisible {
		s.pending = s.pending[at+1:] // it settles what was open before it
		proven := o.Result == Closed || o.Result == AlreadyClosed
		s.earlier = Earlier{Sent: sent, Proven: proven, At: i.at, Person: i.person()}
		s.suspended = o.Result == Suspended
		return
	}
	if at >= 0 {
		s.pending = slices.Delete(s.pending, at, at+1)
	}
	another := i.person().Known() && !s.earlier.Person.Is(i.person()) // the ID has passed to another person
	if another || o.sawOpen(i.Intent) {
		s.earlier.Proven = false
		s.suspended = s.suspended && i.Status == string(offboard.Suspended)
	}
	if sent != "" {
		s.earlier.Sent, s.earlier.At, s.earlier.Person = sent, i.at, i.person()
	}
}

// openIntent is an intent without an outcome, and when it was written.
type openIntent struct {
	*Intent
	at time.Time
}

func (b openIntent) person() offboard.Person { return offboard.Person{Email: b.Email, Name: b.Name} }

// sawOpen reports whether a closure that a guard refused, or that ended as not visible, had read
// the account as open just before. A closure that ended as not visible had, if it ended with an
// error or after a call.
func (o *Outcome) sawOpen(i *Intent) bool {
	called := slices.ContainsFunc(o.Requests, func(r Request) bool { return r.Change })
	return showsOpen(i) && (o.Result == RefusedByGuard || o.Error != "" || called)
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
		return Earlier{}
	}
	e := s.earlier
	for _, hash := range s.pending {
		i := c.open[hash]
		// the vendor gets no call for an account that was closed already
		if i.Action != Block && i.Status != string(offboard.Closed) {
			e.Open, e.Sent, e.At, e.Person = true, "", i.at, i.person()
		}
		e.Proven = e.Proven && !showsOpen(i.Intent)
	}
	return e
}

// settled reports whether the account is proven to be as its last closure intended. Only a closure
// counts that says something of the account.
func (c *chain) settled(a Account) bool {
	s := c.accounts[a]
	return s != nil && (c.earlier(a).Proven || s.suspended && len(s.pending) == 0)
}
