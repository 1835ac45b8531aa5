package evidence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// told is one closure, of one account of one person.
type told struct {
	vendor, id, keyHash string
	person, email, name string
	leftOn, reason      string
	status              string
	approved            string // by this person, in a run
	suspend             bool   // it was to suspend the account
	result              evidence.Result
}

// record writes the closure, which takes an hour.
func (c *told) record(t *testing.T, l *evidence.Log) {
	t.Helper()
	i := evidence.Intent{
		Account: evidence.Account{Vendor: c.vendor, Tenant: c.vendor + ".test", ID: c.id, KeyHash: c.keyHash},
		Email:   c.email, Name: c.name, Status: c.status, Action: evidence.Close,
		Person: c.person, LeftOn: c.leftOn, Reason: c.reason,
	}
	if c.approved != "" {
		i.Run = &evidence.Run{ApprovedBy: c.approved}
	}
	if c.suspend || c.result == evidence.Suspended {
		i.Action = evidence.Block
	}
	e, err := l.Begin(t.Context(), i)
	must(t, err)
	time.Sleep(time.Hour)
	if c.result != "" {
		must(t, e.End(t.Context(), evidence.Outcome{Result: c.result, Guard: guardOf(c.result)}))
	}
}

func guardOf(r evidence.Result) string {
	if r == evidence.RefusedByGuard {
		return "never_close"
	}
	return ""
}

var stateNames = map[evidence.State]string{
	evidence.StateUnclear: "unclear", evidence.StateClosed: "closed",
	evidence.StateSuspended: "suspended", evidence.StateOpen: "open", evidence.StateNotSuspended: "not suspended",
}

// peopleIn is the summary in a line: for each person the accounts with their states, and the hours.
func peopleIn(s *evidence.Summary) string {
	var people []string
	for _, p := range s.People {
		var accounts []string
		for _, a := range p.Standings {
			accounts = append(accounts, a.Account.Vendor[:1]+a.Account.ID+" "+stateNames[a.State])
		}
		text := strings.Join(accounts, ", ")
		if open, ok := p.Open(); ok {
			text += fmt.Sprintf(" (%.0f h)", open.Hours())
		}
		people = append(people, text)
	}
	return strings.Join(people, "; ")
}

// One row for each person. The clock of the test begins on 2000-01-01 at 00:00 UTC, and each closure
// takes an hour.
func TestSummary_people(t *testing.T) {
	t.Parallel()
	const ines, otto = "ines@acme.test", "otto@acme.test"
	for name, c := range map[string]struct {
		closures []told
		want     string
	}{
		"one person by email": {
			[]told{
				{vendor: "k", id: "1", email: ines, result: evidence.Closed},
				{vendor: "s", id: "2", email: "Ines@ACME.test ", result: evidence.Closed},
			}, "k1 closed, s2 closed (2 h)",
		},
		"the label names a person without a name": {
			[]told{
				{vendor: "k", id: "1", email: ines, result: evidence.Closed},
				{vendor: "s", id: "2", person: "INES@acme.test", result: evidence.Closed},
			}, "k1 closed, s2 closed (2 h)",
		},
		"the label goes before the email address": {
			[]told{
				{vendor: "k", id: "1", person: ines, email: "varga@old.test", result: evidence.Closed},
				{vendor: "s", id: "2", email: "varga@old.test", result: evidence.Failed},
			}, "k1 closed (1 h); s2 open",
		},
		"a label that is no address": {
			[]told{
				{vendor: "k", id: "1", person: "Ines Varga", result: evidence.Closed},
				{vendor: "s", id: "2", person: "ines varga", result: evidence.Closed},
				{vendor: "s", id: "3", name: "Ines Varga", result: evidence.Failed},
			}, "s3 open; k1 closed, s2 closed (2 h)",
		},
		"the same name is not the same person": {
			[]told{
				{vendor: "k", id: "1", name: "Ines Varga", result: evidence.Closed},
				{vendor: "k", id: "2", name: "Ines Varga", result: evidence.Failed},
			}, "k1 closed (1 h); k2 open",
		},
		"a mask is not an address": {
			[]told{
				{vendor: "k", id: "1", email: "i***@acme.test", result: evidence.Closed},
				{vendor: "k", id: "2", email: "i***@acme.test", result: evidence.Failed},
				{vendor: "k", id: "3", email: "n/a", result: evidence.Closed},
				{vendor: "s", id: "4", email: "n/a", result: evidence.Closed},
			}, "k1 closed (1 h); k2 open; k3 closed (1 h); s4 closed (1 h)",
		},
		"nothing known": {
			[]told{
				{vendor: "k", id: "1", result: evidence.Closed}, {vendor: "k", id: "2", result: evidence.Closed},
				{vendor: "s", id: "1", result: evidence.Closed},
			}, "k1 closed (1 h); s1 closed (1 h); k2 closed (1 h)",
		},
		"an ID of two owners of keys": {
			[]told{
				{vendor: "s", id: "1", keyHash: "a", email: ines, result: evidence.Closed},
				{vendor: "s", id: "1", keyHash: "b", email: ines, result: evidence.Refused},
			}, "s1 closed, s1 open",
		},
		"an ID that passed to another person": {
			[]told{
				{vendor: "k", id: "1", person: ines, email: ines, leftOn: "1999-12-01", result: evidence.Closed},
				{vendor: "k", id: "1", email: otto, result: evidence.Closed},
				{vendor: "s", id: "2", email: ines, result: evidence.Closed},
			}, "s2 closed (1 h); k1 closed (1 h)",
		},
		"an ID that passed to a person with a name only": {
			[]told{
				{vendor: "k", id: "1", email: ines, name: "Ines", result: evidence.Closed},
				{vendor: "k", id: "1", name: "Otto", status: "active", result: evidence.RefusedByGuard},
				{vendor: "s", id: "2", email: ines, name: "Ines", result: evidence.Closed},
			}, "s2 closed (1 h); k1 open",
		},
		"an ID that passed to a person of whom only the label is known": {
			[]told{
				{vendor: "s", id: "1", person: ines, result: evidence.Closed},
				{vendor: "s", id: "1", person: otto, result: evidence.NotVisible},
			}, "s1 unclear",
		},
		"one that was not visible again, without a label": {
			[]told{
				{vendor: "s", id: "1", person: ines, result: evidence.Closed},
				{vendor: "s", id: "1", person: otto, result: evidence.NotVisible},
				{vendor: "s", id: "1", result: evidence.NotVisible},
			}, "s1 unclear",
		},
		"one that was not visible before that": {
			[]told{
				{vendor: "s", id: "1", person: ines, result: evidence.Closed},
				{vendor: "s", id: "1", person: ines, status: "active", result: evidence.NotVisible},
				{vendor: "s", id: "1", person: otto, result: evidence.NotVisible},
			}, "s1 unclear",
		},
		"an ID that passed to such a person, and was closed again": {
			[]told{
				{vendor: "s", id: "1", person: ines, result: evidence.Closed},
				{vendor: "s", id: "1", person: otto, result: evidence.Closed},
			}, "s1 closed (1 h)",
		},
		"a new label of the same person": {
			[]told{
				{vendor: "k", id: "1", person: ines, email: ines, result: evidence.Closed},
				{vendor: "k", id: "1", person: "varga@new.test", email: ines, result: evidence.NotVisible},
			}, "k1 closed (1 h)",
		},
		"a new label": {
			[]told{
				{vendor: "k", id: "1", email: ines, result: evidence.Failed},
				{vendor: "k", id: "1", person: "varga@new.test", email: ines, result: evidence.Closed},
				{vendor: "s", id: "2", person: "varga@new.test", result: evidence.Closed},
			}, "k1 closed, s2 closed (3 h)",
		},
		"from the day on which the person left": {
			[]told{{vendor: "k", id: "1", email: ines, leftOn: "1999-12-31", result: evidence.Closed}}, "k1 closed (25 h)",
		},
		"before that day": {
			[]told{{vendor: "k", id: "1", email: ines, leftOn: "2000-01-02", result: evidence.Closed}}, "k1 closed (-23 h)",
		},
		"a day that is none": {
			[]told{{vendor: "k", id: "1", email: ines, leftOn: "2 January", result: evidence.Closed}}, "k1 closed (1 h)",
		},
		"closed once, and found closed again": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
				{vendor: "k", id: "1", email: ines, status: "closed", result: evidence.AlreadyClosed},
			}, "k1 closed (1 h)",
		},
		"closed, open again, and closed": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
			}, "k1 closed (2 h)",
		},
		"closed, suspended and closed": {
			[]told{
				{vendor: "k", id: "1", email: ines, result: evidence.Closed},
				{vendor: "k", id: "1", email: ines, result: evidence.Suspended},
				{vendor: "k", id: "1", email: ines, result: evidence.Closed},
			}, "k1 closed (3 h)",
		},
		"an address that was cut off": {
			[]told{
				{vendor: "k", id: "1", email: ines + "…", result: evidence.Closed},
				{vendor: "k", id: "2", email: ines + "…", result: evidence.Failed},
			}, "k1 closed (1 h); k2 open",
		},
		"closed, then not visible": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.NotVisible},
			}, "k1 closed (1 h)",
		},
		"closed, then open under a guard": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.RefusedByGuard},
			}, "k1 open",
		},
		"failed, then a guard that did not read it": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Failed},
				{vendor: "k", id: "1", email: ines, result: evidence.RefusedByGuard},
			}, "k1 open",
		},
		"a guard that did not read it": {
			[]told{{vendor: "k", id: "1", email: ines, result: evidence.RefusedByGuard}}, "k1 unclear",
		},
		"killed": {[]told{{vendor: "k", id: "1", email: ines, status: "active"}}, "k1 unclear"},
		"killed, and continued": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active"},
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.AlreadyClosed},
			}, "k1 closed (2 h)",
		},
		"suspended": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Suspended},
				{vendor: "s", id: "1", email: ines, status: "active", result: evidence.Closed},
			}, "k1 suspended, s1 closed",
		},
		"a suspension that an obstacle refused": {
			[]told{{vendor: "k", id: "1", email: ines, status: "active", suspend: true, result: evidence.Refused}},
			"k1 not suspended",
		},
		"a suspension that a guard refused unread": {
			[]told{{vendor: "k", id: "1", email: ines, suspend: true, result: evidence.RefusedByGuard}}, "k1 not suspended",
		},
		"a suspension without proof, then refused unread": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", suspend: true, result: evidence.Unproven},
				{vendor: "k", id: "1", email: ines, suspend: true, result: evidence.RefusedByGuard},
			}, "k1 unclear",
		},
		"a failed closure, then a refused suspension": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Failed},
				{vendor: "k", id: "1", email: ines, status: "active", suspend: true, result: evidence.RefusedByGuard},
			}, "k1 open",
		},
		"suspended, then open under a guard": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Suspended},
				{vendor: "k", id: "1", email: ines, status: "active", suspend: true, result: evidence.RefusedByGuard},
			}, "k1 not suspended",
		},
		"unproven": {[]told{{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Unproven}}, "k1 unclear"},
		"an unknown result": {
			[]told{{vendor: "k", id: "1", email: ines, status: "active", result: "vanished"}}, "k1 unclear",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "log")
				for _, closure := range c.closures {
					closure.record(t, evidence.New(path))
				}
				s := read(t, path).Summary()
				if got := peopleIn(&s); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// A closure that ended after a later one counts as the last.
func TestSummary_theLatestRecordCounts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	l := evidence.New(path)
	slow, err := l.Begin(t.Context(), intent("u1"))
	must(t, err)
	play(t, l, "u1", []step{active(evidence.Unproven)})
	must(t, slow.End(t.Context(), evidence.Outcome{Result: evidence.Failed}))
	s := read(t, path).Summary()
	if got := peopleIn(&s); got != "ku1 open" || s.People[0].Standings[0].Deciding != 0 {
		t.Errorf("got %s by %d, want it open by the first closure", got, s.People[0].Standings[0].Deciding)
	}
}

func TestSummary_worth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		begun := time.Now()
		for _, id := range []string{"1", "2"} {
			one := told{vendor: "k", id: id, email: id + "@acme.test", result: evidence.Closed}
			one.record(t, evidence.New(path))
		}
		h := read(t, path)
		s := h.Summary()
		if !s.From.Equal(begun) || s.To.Sub(s.From) != 2*time.Hour || s.Records != 4 || s.Doubtful != 0 ||
			s.Head != h.Head || s.Broken != nil {
			t.Errorf("got %+v, want two hours, four records and an intact chain", s)
		}
		all := lines(t, path)
		must(t, os.WriteFile(path, []byte(all[0]+all[1]+all[3]), 0o600))
		s = read(t, path).Summary()
		if s.Records != 3 || s.Doubtful != 1 || s.Broken == nil || peopleIn(&s) != "k1 unclear" {
			t.Errorf("got %+v with %s, want a break after two of three records, and nothing proven", s, peopleIn(&s))
		}
	})
}
