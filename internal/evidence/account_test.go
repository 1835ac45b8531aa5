package evidence_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// step is one closure in a log: with an outcome, or without one, as a killed run leaves it.
type step struct {
	status, action string
	outcome        evidence.Outcome
}

func result(r evidence.Result) step { return step{outcome: evidence.Outcome{Result: r}} }

func active(r evidence.Result) step {
	return step{status: "active", outcome: evidence.Outcome{Result: r}}
}

// notVisible is a closure that found the account open and did not see it any more after that.
var notVisible = step{
	status:  "active",
	outcome: evidence.Outcome{Result: evidence.NotVisible, Error: "the account is not visible any more"},
}

func sent(r evidence.Result, s evidence.Sent) step {
	return step{outcome: evidence.Outcome{Result: r, Sent: s}}
}

func suspension(r evidence.Result, s evidence.Sent) step {
	return step{action: evidence.Block, outcome: evidence.Outcome{Result: r, Sent: s}}
}

// called is a closure that showed nothing before its call.
func called(r evidence.Result, s evidence.Sent) step {
	c := sent(r, s)
	c.outcome.Requests = []evidence.Request{{Method: "DELETE", Change: true}}
	return c
}

var killed = step{}

// killedSuspension is a suspension of an open account, without an outcome.
var killedSuspension = step{status: "active", action: evidence.Block}

func play(t *testing.T, l *evidence.Log, id string, steps []step) {
	t.Helper()
	for _, s := range steps {
		i := intent(id)
		i.Status = s.status
		if s.action != "" {
			i.Action = s.action
		}
		if s.outcome.Result == evidence.RefusedByGuard {
			must(t, l.Record(t.Context(), i, s.outcome))
			continue
		}
		entry, err := l.Begin(t.Context(), i)
		must(t, err)
		if s.outcome.Result != "" {
			must(t, entry.End(t.Context(), s.outcome))
		}
	}
}

func TestLog_earlierClosuresOfAnAccount(t *testing.T) {
	t.Parallel()
	type e = evidence.Earlier
	for name, c := range map[string]struct {
		steps []step
		want  e
	}{
		"none":           {nil, e{}},
		"closed":         {[]step{sent(evidence.Closed, evidence.Accepted)}, e{Sent: evidence.Accepted, Proven: true}},
		"already closed": {[]step{result(evidence.AlreadyClosed)}, e{Proven: true}},
		"killed":         {[]step{killed}, e{Open: true}},
		"killed, then ended": {
			[]step{killed, sent(evidence.Closed, evidence.Accepted)}, e{Sent: evidence.Accepted, Proven: true},
		},
		"killed, then found open with an obstacle": {[]step{killed, result(evidence.Refused)}, e{}},
		"killed, then refused by a guard":          {[]step{killed, result(evidence.RefusedByGuard)}, e{Open: true}},
		"killed, then not visible":                 {[]step{killed, result(evidence.NotVisible)}, e{Open: true}},
		"killed, and was closed before":            {[]step{{status: "closed"}}, e{}},
		"killed twice":                             {[]step{killed, killed}, e{Open: true}},
		"killed twice, then ended":                 {[]step{killed, killed, result(evidence.Closed)}, e{Proven: true}},
		"ended, then killed":                       {[]step{result(evidence.Closed), killed}, e{Open: true, Proven: true}},
		"the answer was lost":                      {[]step{sent(evidence.Unproven, evidence.Lost)}, e{Sent: evidence.Lost}},
		"unproven after a call that was declined":  {[]step{result(evidence.Unproven)}, e{}},
		"lost and failed, which is open after it":  {[]step{sent(evidence.Failed, evidence.Lost)}, e{}},
		"killed, then seen open under a guard":     {[]step{killed, active(evidence.RefusedByGuard)}, e{}},
		"killed, seen open under a guard, and killed again": {
			[]step{killed, active(evidence.RefusedByGuard), killed}, e{Open: true},
		},
		"killed, then seen open and not visible": {[]step{killed, notVisible}, e{}},
		"lost, then seen open under a guard": {
			[]step{sent(evidence.Unproven, evidence.Lost), active(evidence.RefusedByGuard)}, e{},
		},
		"accepted, then seen open and not visible": {
			[]step{sent(evidence.Unproven, evidence.Accepted), notVisible}, e{},
		},
		"accepted, then seen open, and lost and not visible": {
			[]step{
				sent(evidence.Unproven, evidence.Accepted),
				{status: "active", outcome: evidence.Outcome{Result: evidence.NotVisible, Sent: evidence.Lost, Error: "declined"}},
			}, e{Sent: evidence.Lost},
		},
		"accepted and unproven": {
			[]step{sent(evidence.Unproven, evidence.Accepted)}, e{Sent: evidence.Accepted},
		},
		"accepted, then failed": {
			[]step{sent(evidence.Unproven, evidence.Accepted), result(evidence.Failed)}, e{},
		},
		"accepted, then not visible": {
			[]step{sent(evidence.Unproven, evidence.Accepted), result(evidence.NotVisible)}, e{Sent: evidence.Accepted},
		},
		"accepted, then refused by a guard": {
			[]step{sent(evidence.Unproven, evidence.Accepted), result(evidence.RefusedByGuard)}, e{Sent: evidence.Accepted},
		},
		"accepted, then seen open under a guard": {
			[]step{sent(evidence.Unproven, evidence.Accepted), active(evidence.RefusedByGuard)}, e{},
		},
		"accepted and not visible": {
			[]step{sent(evidence.NotVisible, evidence.Accepted)}, e{Sent: evidence.Accepted},
		},
		"lost and not visible":  {[]step{sent(evidence.NotVisible, evidence.Lost)}, e{Sent: evidence.Lost}},
		"accepted, then killed": {[]step{sent(evidence.Unproven, evidence.Accepted), killed}, e{Open: true}},
		"accepted, then lost and not visible": {
			[]step{sent(evidence.Unproven, evidence.Accepted), sent(evidence.NotVisible, evidence.Lost)}, e{Sent: evidence.Lost},
		},
		"not visible": {[]step{result(evidence.NotVisible)}, e{}},
		"closed, then not visible": {
			[]step{active(evidence.Closed), active(evidence.NotVisible)}, e{Proven: true},
		},
		"closed, then seen open and not visible": {[]step{active(evidence.Closed), notVisible}, e{}},
		"closed, then seen open under a guard":   {[]step{active(evidence.Closed), active(evidence.RefusedByGuard)}, e{}},
		"a suspension is not a closure":          {[]step{suspension(evidence.Suspended, evidence.Accepted)}, e{}},
		"a suspension whose answer was lost":     {[]step{suspension(evidence.Unproven, evidence.Lost)}, e{}},
		"a suspension that was killed":           {[]step{suspension("", "")}, e{}},
		"closed, then suspended":                 {[]step{result(evidence.Closed), suspension(evidence.Suspended, "")}, e{}},
		"killed, then a killed suspension":       {[]step{killed, killedSuspension}, e{}},
		"a killed suspension, then a closure":    {[]step{killedSuspension, killed}, e{Open: true}},
		"accepted, then a killed suspension": {
			[]step{sent(evidence.Unproven, evidence.Accepted), killedSuspension}, e{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, began := filepath.Join(t.TempDir(), "log"), time.Now()
			l := evidence.New(path)
			must(t, closeOnce(t.Context(), l, "somebody else", evidence.Closed))
			play(t, l, "u1", c.steps)
			for _, log := range []*evidence.Log{l, evidence.New(path)} {
				got, err := log.Earlier(t.Context(), intent("u1").Account)
				if told := got.Open || got.Sent != ""; told && (got.At.Before(began) || got.Person.Email != intent("u1").Email) {
					t.Errorf("got it from %s and %+v, want when the closure began and who it was about", got.At, got.Person)
				}
				if told := got.Open || got.Sent != "" || got.Proven; told && got.Record == "" {
					t.Error("got no record that says so")
				}
				got.Log, got.Record, got.At, got.Person, got.Used = "", "", time.Time{}, offboard.Person{}, evidence.Mark{}
				if err != nil || got != c.want {
					t.Errorf("got %+v and %v, want %+v", got, err, c.want)
				}
			}
		})
	}
}

func TestLog_earlierOfAMissingFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	got, err := evidence.New(path).Earlier(t.Context(), intent("u1").Account)
	if err != nil || got != (evidence.Earlier{NoFile: true}) {
		t.Errorf("got %+v and %v, want only that there is no file", got, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("got a file, want none made by a question")
	}
}

func TestReport_whenAnAccountIsProven(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps []step
		want  bool
	}{
		"closed":                   {[]step{active(evidence.Closed)}, true},
		"already closed":           {[]step{result(evidence.AlreadyClosed)}, true},
		"suspended, as was wanted": {[]step{suspension(evidence.Suspended, "")}, true},
		"not visible":              {[]step{active(evidence.NotVisible)}, false},
		"closed, then not visible": {[]step{active(evidence.Closed), result(evidence.NotVisible)}, true},
		"closed, then not visible twice": {
			[]step{active(evidence.Closed), active(evidence.NotVisible), result(evidence.NotVisible)}, true,
		},
		"closed, then open and not visible": {[]step{active(evidence.Closed), notVisible}, false},
		"suspended, then not visible": {
			[]step{suspension(evidence.Suspended, ""), suspension(evidence.NotVisible, "")}, true,
		},
		"suspended, then to be closed and not visible": {
			[]step{suspension(evidence.Suspended, ""), result(evidence.NotVisible)}, false,
		},
		"suspended, then to be closed, under a guard": {
			[]step{suspension(evidence.Suspended, ""), result(evidence.RefusedByGuard)}, false,
		},
		"closed, then an empty list": {
			[]step{active(evidence.Closed), sent(evidence.Unproven, evidence.Accepted)}, true,
		},
		"closed, then a refused call, and nothing seen": {
			[]step{active(evidence.Closed), called(evidence.Failed, "")}, true,
		},
		"closed, then an accepted call, and nothing seen before it": {
			[]step{active(evidence.Closed), called(evidence.Unproven, evidence.Accepted)}, false,
		},
		"closed, then a refused call after which the account was open": {
			[]step{active(evidence.Closed), called(evidence.Unproven, "")}, false,
		},
		"closed, then open with an obstacle":    {[]step{active(evidence.Closed), active(evidence.Refused)}, false},
		"closed, then failed":                   {[]step{active(evidence.Closed), active(evidence.Failed)}, false},
		"closed, then unproven":                 {[]step{active(evidence.Closed), active(evidence.Unproven)}, false},
		"closed, then open and killed":          {[]step{active(evidence.Closed), {status: "active"}}, false},
		"closed, then suspended and killed":     {[]step{active(evidence.Closed), {status: "suspended"}}, false},
		"closed, then killed with nothing seen": {[]step{active(evidence.Closed), {status: "closed"}}, true},
		"closed, then open under a guard":       {[]step{active(evidence.Closed), active(evidence.RefusedByGuard)}, false},
		"closed, then gone under a guard":       {[]step{active(evidence.Closed), result(evidence.RefusedByGuard)}, true},
		"closed, open, not visible": {
			[]step{active(evidence.Closed), active(evidence.Failed), result(evidence.NotVisible)}, false,
		},
		"closed, open, closed": {
			[]step{active(evidence.Closed), active(evidence.Failed), active(evidence.Closed)}, true,
		},
		"killed, then closed": {[]step{{status: "active"}, active(evidence.Closed)}, true},
		"suspended, then open under a guard": {
			[]step{suspension(evidence.Suspended, ""), active(evidence.RefusedByGuard)}, false,
		},
		"suspended while active, then active again under a guard": {[]step{
			{status: "active", action: evidence.Block, outcome: evidence.Outcome{Result: evidence.Suspended, Proof: "x"}},
			{status: "active", outcome: evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"}},
		}, false},
		"suspended, then open and not visible": {[]step{suspension(evidence.Suspended, ""), notVisible}, false},
		"suspended, and so under a guard": {[]step{
			suspension(evidence.Suspended, ""),
			{status: "suspended", action: evidence.Block, outcome: evidence.Outcome{Result: evidence.RefusedByGuard}},
		}, true},
		"closed, then open, and not visible in a closure that stopped": {[]step{
			active(evidence.Closed),
			{status: "active", outcome: evidence.Outcome{Result: evidence.NotVisible, Error: "declined"}},
		}, false},
		"suspended by another person, under a guard": {[]step{
			active(evidence.Failed), {status: "suspended", outcome: evidence.Outcome{Result: evidence.RefusedByGuard}},
		}, false},
		"failed twice":              {[]step{active(evidence.Failed), active(evidence.Failed)}, false},
		"suspended, then killed":    {[]step{suspension(evidence.Suspended, ""), killed}, false},
		"a word of a later version": {[]step{active(evidence.Closed), active("vanished")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			play(t, evidence.New(path), "u1", c.steps)
			got := read(t, path).Report("log", words)
			if is := strings.Contains(got, "Every account was proven to be closed"); is != c.want {
				t.Errorf("got %s, want it proven: %t", got, c.want)
			}
			if not := strings.Contains(got, "**Not proven:**\n\n- Ines Varga"); not == c.want {
				t.Errorf("got %s, want it listed as not proven: %t", got, !c.want)
			}
			if n := strings.Count(got, "(number "); n > 1 {
				t.Errorf("got the account listed %d times, want once, in %s", n, got)
			}
		})
	}
}

// A plan holds until a call leaves, or may have left, or something is proven, or the account is not
// visible.
func TestLog_whatUsesAPlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step step
		want bool
	}{
		"killed":                       {killed, true},
		"closed":                       {active(evidence.Closed), true},
		"already closed":               {result(evidence.AlreadyClosed), true},
		"suspended":                    {suspension(evidence.Suspended, ""), true},
		"failed after a call":          {called(evidence.Failed, ""), true},
		"not visible after a call":     {called(evidence.NotVisible, ""), true},
		"a guard after a block":        {called(evidence.RefusedByGuard, ""), true},
		"unproven, by an earlier call": {sent(evidence.Unproven, evidence.Accepted), true},
		"an obstacle":                  {active(evidence.Refused), false},
		"a guard":                      {active(evidence.RefusedByGuard), false},
		"not visible":                  {result(evidence.NotVisible), true},
		"not visible before a call":    {active(evidence.NotVisible), true},
		"failed without a call":        {active(evidence.Failed), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			l := evidence.New(path)
			play(t, l, "u1", []step{active(evidence.Closed), killed})
			before, err := l.Earlier(t.Context(), intent("u1").Account)
			must(t, err)
			play(t, l, "u2", []step{active(evidence.Closed)})
			play(t, l, "u1", []step{c.step})
			after, err := evidence.New(path).Earlier(t.Context(), intent("u1").Account)
			must(t, err)
			if is := after.Used != before.Used; is != c.want || after.Used.Record == "" || after.Used.Time.IsZero() {
				t.Errorf("got %+v after %+v, want another one: %t", after.Used, before.Used, c.want)
			}
		})
	}
}

// The end of a closure that was under way uses a plan up that was made meanwhile.
func TestLog_theEndOfAClosureUsesAPlan(t *testing.T) {
	t.Parallel()
	l := evidence.New(filepath.Join(t.TempDir(), "log"))
	entry, err := l.Begin(t.Context(), intent("u1"))
	must(t, err)
	during, err := l.Earlier(t.Context(), intent("u1").Account)
	if must(t, err); during.Used.Record != entry.Last() {
		t.Errorf("got %q, want the intent %q", during.Used.Record, entry.Last())
	}
	must(t, entry.End(t.Context(), evidence.Outcome{Result: evidence.Closed}))
	after, err := l.Earlier(t.Context(), intent("u1").Account)
	if must(t, err); after.Used.Record != entry.Last() || after.Used == during.Used {
		t.Errorf("got %q after %q, want the outcome %q", after.Used.Record, during.Used.Record, entry.Last())
	}
}

// What ends settles what began before it, and nothing that began after it.
func TestLog_anOutcomeLeavesALaterClosureOpen(t *testing.T) {
	t.Parallel()
	l := evidence.New(filepath.Join(t.TempDir(), "log"))
	slow, err := l.Begin(t.Context(), intent("u1"))
	must(t, err)
	_, err = l.Begin(t.Context(), intent("u1"))
	must(t, err)
	must(t, slow.End(t.Context(), evidence.Outcome{Result: evidence.Failed}))
	if got, err := l.Earlier(t.Context(), intent("u1").Account); err != nil || !got.Open {
		t.Errorf("got %+v and %v, want the second one still open", got, err)
	}
}

// The outcome of a slow run that another one has overtaken is its own, and forgets nothing of the
// other.
func TestLog_resumesTheLastOfSeveral(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	l := evidence.New(path)
	slow, err := l.Begin(t.Context(), intent("u1"))
	must(t, err)
	_, err = l.Begin(t.Context(), intent("u1"))
	must(t, err)
	unread := intent("u1")
	unread.Status = ""
	must(t, l.Record(t.Context(), unread, evidence.Outcome{Result: evidence.RefusedByGuard}))
	if got, want := results(read(t, path)), "u1 interrupted, u1 unfinished, u1 refused by guard"; got != want {
		t.Errorf("got %s, want %s: a refusal continues nothing", got, want)
	}
	must(t, slow.End(t.Context(), evidence.Outcome{Result: evidence.NotVisible}))
	if got, err := l.Earlier(t.Context(), intent("u1").Account); err != nil || !got.Open {
		t.Errorf("got %+v and %v, want the second one still open", got, err)
	}
	must(t, l.Record(t.Context(), intent("u1"), evidence.Outcome{Result: evidence.AlreadyClosed}))
	h := read(t, path)
	if got, want := results(h), "u1 not visible, u1 interrupted, u1 refused by guard, u1 already closed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if h.Closures[2].Resumes != "" || h.Closures[3].Resumes == "" || h.Closures[3].Resumes == h.Closures[1].Resumes {
		t.Errorf("got %q and %q, want the last to resume the second", h.Closures[2].Resumes, h.Closures[3].Resumes)
	}
}

// What a closure read before another one was proven refutes nothing of the proof, however it ends.
func TestLog_whatWasOpenBeforeTheProofRefutesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		slow  evidence.Outcome // of the closure that began before the proof; the zero Outcome for a killed run
		first bool             // it began before the other one, too
		again string           // the status before a third one, which a guard refuses; empty for none
		want  bool
	}{
		"not visible":              {evidence.Outcome{Result: evidence.NotVisible, Error: "declined"}, false, "", true},
		"begun first, not visible": {evidence.Outcome{Result: evidence.NotVisible, Error: "declined"}, true, "", true},
		"killed":                   {evidence.Outcome{}, false, "", true},
		"begun first, killed":      {evidence.Outcome{}, true, "", true},
		"refused again before its call": {
			evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "review"}, false, "", true,
		},
		"still open at the end": {evidence.Outcome{Result: evidence.Failed}, false, "", false},
		"open after both": {
			evidence.Outcome{Result: evidence.NotVisible, Error: "declined"}, false, "active", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			l := evidence.New(path)
			begin := func() *evidence.Entry {
				entry, err := l.Begin(t.Context(), intent("u1"))
				must(t, err)
				return entry
			}
			one := begin()
			two := begin()
			if c.first {
				one, two = two, one
			}
			must(t, one.End(t.Context(), evidence.Outcome{Result: evidence.Closed}))
			if c.slow.Result != "" {
				must(t, two.End(t.Context(), c.slow))
			}
			if c.again != "" {
				play(t, l, "u1", []step{{status: c.again, outcome: evidence.Outcome{Result: evidence.RefusedByGuard}}})
			}
			got, err := evidence.New(path).Earlier(t.Context(), intent("u1").Account)
			if must(t, err); got.Proven != c.want {
				t.Errorf("got %+v, want it proven: %t", got, c.want)
			}
		})
	}
}
