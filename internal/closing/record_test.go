package closing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestRecord_explainsAnAbsence(t *testing.T) {
	t.Parallel()
	opened := time.Date(2026, 11, 3, 17, 0, 0, 0, time.UTC)
	ines, otto := offboard.Person{Name: inesName, Email: inesEmail}, offboard.Person{Name: ottoName, Email: ottoEmail}
	for name, c := range map[string]struct {
		logged evidence.Earlier
		want   offboard.Call
	}{
		"nothing":    {evidence.Earlier{}, offboard.NotSent},
		"accepted":   {evidence.Earlier{Sent: evidence.Accepted, At: opened, Person: ines}, offboard.Accepted},
		"lost":       {evidence.Earlier{Sent: evidence.Lost, At: opened, Person: ines}, offboard.Lost},
		"no outcome": {evidence.Earlier{Open: true, At: opened, Person: ines}, offboard.Lost},
		"refused":    {evidence.Earlier{At: opened, Person: ines}, offboard.NotSent},
		"before it was open": {
			evidence.Earlier{Sent: evidence.Accepted, At: opened.Add(-1), Person: ines}, offboard.NotSent,
		},
		"for another person":        {evidence.Earlier{Sent: evidence.Accepted, At: opened, Person: otto}, offboard.NotSent},
		"proven":                    {evidence.Earlier{Proven: true, At: opened, Person: ines}, offboard.Accepted},
		"proven, then killed":       {evidence.Earlier{Proven: true, Open: true, At: opened, Person: ines}, offboard.Lost},
		"proven before it was open": {evidence.Earlier{Proven: true, At: opened.Add(-1), Person: ines}, offboard.NotSent},
		"accepted, then lost": {
			evidence.Earlier{Open: true, Sent: evidence.Accepted, At: opened, Person: ines}, offboard.Accepted,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := closing.Record{Person: ines, Opened: opened}
			if got := r.ExplainingCall(&c.logged); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A log that was not read when the account was last seen open explains an absence only by a closure
// that came from that look. No clock tells that.
func TestRecord_explainsNothingByALogThatWasNotRead(t *testing.T) {
	t.Parallel()
	look := time.Date(2026, 11, 3, 17, 0, 0, 0, time.UTC)
	other := look.Add(-time.Minute)
	for name, c := range map[string]struct {
		log  string // that was read when the account was last seen open
		seen evidence.Seen
		want offboard.Call
	}{
		"the same log":               {"one", evidence.Seen{}, offboard.Lost},
		"no log, another look":       {"", evidence.Seen{Look: other, Before: other, Plan: other}, offboard.NotSent},
		"no log, of an old version":  {"", evidence.Seen{}, offboard.NotSent},
		"another log, another look":  {"two", evidence.Seen{Look: other}, offboard.NotSent},
		"no log, this look":          {"", evidence.Seen{Look: look}, offboard.Lost},
		"no log, when it began":      {"", evidence.Seen{Now: look}, offboard.Lost},
		"no log, the look before":    {"", evidence.Seen{Look: other, Before: look}, offboard.Lost},
		"no log, the look of a plan": {"", evidence.Seen{Look: other, Plan: look}, offboard.Lost},
	} {
		r := closing.Record{Person: offboard.Person{Name: inesName}, Log: c.log, Look: look}
		logged := evidence.Earlier{Open: true, Log: "one", At: look.Add(time.Hour), Person: r.Person, Seen: c.seen}
		if got := r.ExplainingCall(&logged); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A state and an intent that were both written before looks were noted know no common look.
func TestRecord_ExplainingCall_withoutAnyLook(t *testing.T) {
	t.Parallel()
	r := closing.Record{Log: "one"}
	if got := r.ExplainingCall(
		&evidence.Earlier{Log: "two", Sent: evidence.Lost, At: time.Now()},
	); got != offboard.NotSent {
		t.Errorf("got %q, want that a call in another log explains nothing", got)
	}
}

// A call by a machine whose clock is ahead explains nothing either, once the account was seen open
// after it.
func TestRecord_refute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, ahead := range map[string]time.Duration{"earlier": -time.Hour, "at once": 0, "a clock ahead": time.Hour} {
			r := closing.Record{Person: offboard.Person{Name: inesName}, Progress: closing.Progress{Call: offboard.Accepted}}
			at := time.Now().UTC().Add(ahead)
			r.InvalidateCall(at)
			logged := evidence.Earlier{Sent: evidence.Accepted, At: at, Person: r.Person}
			if got := r.ExplainingCall(&logged); got != offboard.NotSent || r.Progress.Call != offboard.NotSent {
				t.Errorf("%s: got %q and the progress %q, want neither", name, got, r.Progress.Call)
			}
		}
	})
}

// A plan refutes the calls that it knew of. A later one may be of an apply of the same plan.
func TestRecord_refuteUntil(t *testing.T) {
	t.Parallel()
	last := time.Date(2026, 11, 3, 17, 0, 0, 0, time.UTC)
	r := closing.Record{Person: offboard.Person{Name: inesName}, Progress: closing.Progress{Call: offboard.Accepted}}
	r.InvalidateCallsUntil(last)
	for at, want := range map[time.Time]offboard.Call{last: offboard.NotSent, last.Add(time.Second): offboard.Lost} {
		if got := r.ExplainingCall(&evidence.Earlier{Open: true, At: at, Person: r.Person}); got != want {
			t.Errorf("a call of %s: got %q, want %q", at, got, want)
		}
	}
	if r.Progress.Call != offboard.NotSent {
		t.Errorf("got the progress %q, want none", r.Progress.Call)
	}
	if r.InvalidateCallsUntil(last.Add(-time.Hour)); r.Opened.Before(last) {
		t.Errorf("got %s, want that an earlier time takes nothing back", r.Opened)
	}
}

// Each name that an account had is remembered once, and what is accepted replaces none of them.
func TestRecord_noteNames(t *testing.T) {
	t.Parallel()
	r := closing.Record{Person: offboard.Person{Name: inesName, Email: inesEmail}, Facts: closing.Facts{"login": "iv1"}}
	r.NoteNames("", inesEmail, "INES@acme.test", "IV1")
	if len(r.Former) != 0 {
		t.Errorf("got %q, want no further names", r.Former)
	}
	r.NoteNames("iv0", "iv0 ", "IV0")
	r.Accept(offboard.User{Name: ottoName, Email: ottoEmail}, closing.Facts{"login": "otto"})
	r.Accept(offboard.User{Name: ottoName, Email: ottoEmail}, closing.Facts{"login": "otto"})
	r.NoteNames(ottoName) // a login that is the name of the person, which is no login of theirs
	if want := []string{"iv0", inesEmail, "iv1", ottoName}; !slices.Equal(r.Former, want) {
		t.Errorf("got %q, want %q", r.Former, want)
	}
}

// A closure that the log proves, or the state tells, is remembered, unless an import or an applied
// change came after it, or it was that of another person.
func TestRecord_noteClosed(t *testing.T) {
	t.Parallel()
	opened := time.Date(2026, 11, 3, 17, 0, 0, 0, time.UTC)
	ines, otto := offboard.Person{Name: inesName, Email: inesEmail}, offboard.Person{Name: ottoName, Email: ottoEmail}
	for name, c := range map[string]struct {
		state  offboard.Status
		logged evidence.Earlier
		want   offboard.Status
	}{
		"nothing":   {offboard.Active, evidence.Earlier{}, offboard.Active},
		"the state": {offboard.Closed, evidence.Earlier{}, offboard.Closed},
		"the log":   {offboard.Active, evidence.Earlier{Proven: true, At: opened, Person: ines}, offboard.Closed},
		"a call without proof": {
			offboard.Active, evidence.Earlier{Sent: evidence.Accepted, At: opened, Person: ines}, offboard.Active,
		},
		"before the import": {
			offboard.Active, evidence.Earlier{Proven: true, At: opened.Add(-1), Person: ines}, offboard.Active,
		},
		"that of another person": {
			offboard.Active, evidence.Earlier{Proven: true, At: opened, Person: otto}, offboard.Active,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := closing.Record{Person: ines, Opened: opened, Status: offboard.Active}
			r.NoteClosed(c.state, &c.logged)
			if r.Status != c.want {
				t.Errorf("got %q, want %q", r.Status, c.want)
			}
			r.NoteClosed(offboard.Active, &evidence.Earlier{})
			if r.Status != c.want {
				t.Errorf("got %q later, want %q still", r.Status, c.want)
			}
		})
	}
}

func TestProgress_after(t *testing.T) {
	t.Parallel()
	lost := lostError{errors.New("connection reset")}
	for name, c := range map[string]struct {
		before closing.Progress
		err    error
		want   closing.Progress
	}{
		"an error of no step": {
			closing.Progress{Sent: "delete", Call: offboard.Lost}, errors.New("no"),
			closing.Progress{Sent: "delete", Call: offboard.Lost},
		},
		"a lost call": {
			closing.Progress{}, offboard.WrapStep("delete", lost, "block"),
			closing.Progress{Done: []string{"block"}, Sent: "delete", Call: offboard.Lost},
		},
		"the block again": {closing.Progress{
			Done: []string{"block"}, Sent: "delete",
		}, offboard.WrapStep("delete", lost, "block"),
			closing.Progress{Done: []string{"block"}, Sent: "delete", Call: offboard.Lost}},
		"accepted stays": {
			closing.Progress{Sent: "delete", Call: offboard.Accepted}, offboard.WrapStep("delete", lost),
			closing.Progress{Sent: "delete", Call: offboard.Accepted},
		},
		"accepted, and a row showed the account after it": {
			closing.Progress{Sent: "delete", Call: offboard.Accepted},
			offboard.WrapStep("delete", fmt.Errorf("%w (%w)", offboard.ErrStillOpen, offboard.ErrListed)),
			closing.Progress{Sent: "delete", Call: offboard.Listed},
		},
		"accepted, and a row of somebody else": {
			closing.Progress{},
			offboard.WrapStep("delete", &offboard.UnprovenError{Read: offboard.InList(offboard.ErrAnotherPerson)}),
			closing.Progress{Sent: "delete", Call: offboard.Listed},
		},
		"a row stays, after a lost call": {
			closing.Progress{Sent: "delete", Call: offboard.Listed}, offboard.WrapStep("delete", lost),
			closing.Progress{Sent: "delete", Call: offboard.Listed},
		},
		"lost stays after a refusal": {closing.Progress{
			Sent: "delete", Call: offboard.Lost,
		}, offboard.WrapStep("delete", errors.New("HTTP 400")),
			closing.Progress{Sent: "delete", Call: offboard.Lost}},
		"another step": {
			closing.Progress{Sent: "delete", Call: offboard.Lost}, offboard.WrapStepBefore("block", errors.New("HTTP 400")),
			closing.Progress{Sent: "block"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.before.After(c.err, "r1")
			called := offboard.CallOf(c.err) != offboard.NotSent
			if got.Sent != c.want.Sent || got.Call != c.want.Call || len(got.Done) != len(c.want.Done) ||
				(got.Record == "r1") != called {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// The version before remembered an address alone, or nothing: the state tells the rest, unless it
// shows somebody else.
func TestRecord_complete(t *testing.T) {
	t.Parallel()
	state := offboard.User{Name: inesName, Email: inesEmail}
	for name, c := range map[string]struct{ before, want closing.Record }{
		"an address": {
			closing.Record{Old: true, Person: offboard.Person{Email: inesEmail}}, closing.Record{Person: state.Person()},
		},
		"in another case": {
			closing.Record{Old: true, Person: offboard.Person{Email: "INES@ACME.TEST"}}, closing.Record{Person: state.Person()},
		},
		"nothing": {closing.Record{Old: true}, closing.Record{Person: state.Person()}},
		"another address": {
			closing.Record{Old: true, Person: offboard.Person{Email: ottoEmail}},
			closing.Record{Person: offboard.Person{Email: ottoEmail}},
		},
		"a name": {
			closing.Record{Old: true, Person: offboard.Person{Name: ottoName}},
			closing.Record{Person: offboard.Person{Name: ottoName}},
		},
		"nothing, of today's": {closing.Record{}, closing.Record{}},
		"a name, and the same address": {
			closing.Record{Old: true, Person: offboard.Person{Name: ottoName, Email: inesEmail}},
			closing.Record{Person: offboard.Person{Name: ottoName, Email: inesEmail}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.before.FillFromVersion1(state); c.before.Person != c.want.Person {
				t.Errorf("got %+v, want %+v", c.before.Person, c.want.Person)
			}
		})
	}
}

func TestRecord_learnsOnlyWhatWasNotKnown(t *testing.T) {
	t.Parallel()
	now := offboard.User{Name: inesName, Email: inesEmail, Status: offboard.Active}
	r := closing.Record{}
	r.FillMissing(now, nil)
	r.FillMissing(now, closing.Facts{"role": "user"})
	r.FillMissing(
		offboard.User{Name: ottoName, Email: ottoEmail, Status: offboard.Suspended},
		closing.Facts{"role": "admin"},
	)
	if r.Person != now.Person() || r.Status != offboard.Active || r.Facts["role"] != "user" {
		t.Errorf("got %+v, want what the first reading showed of Ines Varga", r)
	}
	for _, part := range []offboard.Person{{Email: inesEmail}, {Name: inesName}} {
		r := closing.Record{Person: part}
		if r.FillMissing(now, closing.Facts{}); r.Person != part || r.Facts != nil {
			t.Errorf("got %+v, want no values of two readings in one person", r)
		}
	}
	r.Accept(offboard.User{Name: ottoName, Email: ottoEmail, Status: offboard.Suspended}, nil)
	if r.Person.Email != ottoEmail || r.Status != offboard.Active || r.Facts != nil {
		t.Errorf("got %+v after a confirmation, want the person as shown now, and the suspension told further", r)
	}
	was := r.Person
	r.Accept(offboard.User{Email: ottoEmail, Status: offboard.Active}, closing.Facts{"role": "admin"})
	if r.Person != was || r.Facts != nil {
		t.Errorf("got %+v, want that nothing is accepted of the same person", r)
	}
}

// The last record of the log is of the closure that the state knows, or of another one whose state was lost.
// Then the log knows more, whatever the clocks say: that one may have begun because the account was open.
func TestRecord_earlierCall(t *testing.T) {
	t.Parallel()
	accepted := closing.Progress{Call: offboard.Accepted, Record: "r1"}
	for name, c := range map[string]struct {
		state  closing.Progress
		logged evidence.Earlier
		want   offboard.Call
	}{
		"the same record":     {accepted, evidence.Earlier{Record: "r1", Open: true}, offboard.Accepted},
		"no record":           {accepted, evidence.Earlier{}, offboard.Accepted},
		"accepted again":      {accepted, evidence.Earlier{Record: "r2", Sent: evidence.Accepted}, offboard.Accepted},
		"open after it":       {accepted, evidence.Earlier{Record: "r2"}, offboard.NotSent},
		"a row after another": {accepted, evidence.Earlier{Record: "r2", Sent: evidence.Listed}, offboard.Listed},
		"another was lost":    {accepted, evidence.Earlier{Record: "r2", Sent: evidence.Lost}, offboard.Lost},
		"proven":              {accepted, evidence.Earlier{Record: "r2", Proven: true}, offboard.Accepted},
		"another was killed":  {accepted, evidence.Earlier{Record: "r2", Open: true}, offboard.Lost},
		"a state without a log": {
			closing.Progress{Call: offboard.Accepted}, evidence.Earlier{Record: "r2"}, offboard.NotSent,
		},
		"the log alone": {closing.Progress{}, evidence.Earlier{Record: "r2", Sent: evidence.Lost}, offboard.Lost},
	} {
		r := closing.Record{Progress: c.state}
		if got := r.EarlierCall(&c.logged); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
