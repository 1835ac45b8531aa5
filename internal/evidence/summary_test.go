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
	if c.result == evidence.Suspended {
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
	evidence.StateSuspended: "suspended", evidence.StateOpen: "open",
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
		"a new label": {
			[]told{
				{vendor: "k", id: "1", email: ines, result: evidence.Failed},
				{vendor: "k", id: "1", person: "varga@new.test", email: ines, result: evidence.Closed},
				{vendor: "s", id: "2", person: "varga@new.test", result: evidence.Closed},
			}, "k1 closed, s2 closed (2 h)",
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

// Of a broken log nothing is proven. The row tells what the log says before the break, and leaves the
// account with the person of those records.
func TestReport_rowsOfABrokenLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		for _, c := range []told{
			{vendor: "k", id: "1", email: "ines@acme.test", result: evidence.Closed},
			{vendor: "s", id: "2", email: "ines@acme.test", result: evidence.Closed},
			{vendor: "k", id: "1", email: "otto@acme.test", result: evidence.Failed},
			{vendor: "k", id: "3", email: "otto@acme.test", result: evidence.Closed},
		} {
			c.record(t, evidence.New(path))
		}
		all := lines(t, path)
		all[4] = strings.Replace(all[4], "otto", "mina", 1)
		must(t, os.WriteFile(path, []byte(strings.Join(all, "")), 0o600))
		got := read(t, path).Report("log", words)
		for _, want := range []string{
			"| ines`@`acme\\.test; also recorded as mina`@`acme\\.test | " +
				"**no proof**: the chain is broken. Before the break, 2000-01-01 01:00:00: the vendor shows the account as " +
				"closed. Further records of it are at or after the break | " +
				"**no proof**: the chain is broken. Before the break, 2000-01-01 02:00:00: the vendor shows the account as " +
				"closed | reason not recorded | approver not recorded | run not recorded | – | 1, 2, 3 |\n",
			"| otto`@`acme\\.test | **no proof**: its records are at or after the break of the chain | – | ",
			"- People: 2\n", "- Records from the break on: 3.",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("got\n%s\nwant %q in it", got, want)
			}
		}
		if strings.Contains(got, "✓") {
			t.Errorf("got\n%s\nwant no account that is closed", got)
		}
	})
}

// An account stays suspended if a later closure of it saw nothing.
func TestReport_sinceWhenItIsSuspended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		l := evidence.New(path)
		for _, result := range []evidence.Result{evidence.Failed, evidence.Suspended, evidence.Suspended} {
			play(t, l, "u1", []step{suspension(result, "")})
			time.Sleep(time.Hour)
		}
		play(t, l, "u1", []step{suspension(evidence.NotVisible, "")})
		const want = " | suspended, not closed 2000-01-01 02:00:00 | "
		if got := read(t, path).Report("log", words); !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	})
}

// A person is called as the vendors show the address of the configuration.
func TestReport_namesThePerson(t *testing.T) {
	t.Parallel()
	const ines = "ines@acme.test"
	for name, c := range map[string]struct {
		closures []told
		want     string
	}{
		"a vendor shows the name": {
			[]told{
				{vendor: "k", id: "1", person: ines, email: "Ines@acme.test", name: "Ines Varga"},
				{vendor: "s", id: "2", person: ines, email: "varga", name: "I. Varga"},
			}, "\n| Ines Varga \\<Ines`@`acme\\.test\\>; also recorded as I. Varga \\<varga\\> |",
		},
		"no vendor shows the address": {
			[]told{{vendor: "s", id: "2", person: ines, email: "varga", name: "I. Varga"}},
			"\n| ines`@`acme\\.test; also recorded as I. Varga \\<varga\\> |",
		},
		"no vendor shows anything": {[]told{{vendor: "s", id: "2", person: ines}}, "\n| ines`@`acme\\.test |"},
		"many names": {
			[]told{
				{vendor: "s", id: "2", person: ines, name: "a"}, {vendor: "s", id: "2", person: ines, name: "b"},
				{vendor: "s", id: "2", person: ines, name: "c"}, {vendor: "s", id: "2", person: ines, name: "d"},
				{vendor: "s", id: "2", person: ines, name: "e"},
			}, "\n| ines`@`acme\\.test; also recorded as e, d, c, 2 more |",
		},
		"another person had the account": {
			[]told{
				{vendor: "k", id: "1", person: "old@acme.test", leftOn: "1999-12-01", result: evidence.Failed},
				{vendor: "k", id: "1", email: ines, result: evidence.Closed},
			}, "\n| ines`@`acme\\.test | ✓ closed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "log")
				for _, closure := range c.closures {
					closure.record(t, evidence.New(path))
				}
				if got := read(t, path).Report("log", words); !strings.Contains(got, c.want) {
					t.Errorf("got %s, want the row %s", got, c.want)
				}
			})
		})
	}
}

// A row tells the reason, the approval and the run of the closures that decide. What is missing is
// said.
func TestReport_whoApproved(t *testing.T) {
	t.Parallel()
	const ines = "ines@acme.test"
	for name, c := range map[string]struct {
		closures []told
		want     string
	}{
		"the same": {
			[]told{
				{vendor: "k", id: "1", email: ines, reason: "HR-1", approved: "dana", result: evidence.Closed},
				{vendor: "s", id: "2", email: ines, reason: "HR-1", approved: "dana", result: evidence.Closed},
			}, "| HR-1 | dana | run not recorded |",
		},
		"none": {
			[]told{{vendor: "k", id: "1", email: ines, result: evidence.Closed}},
			"| reason not recorded | approver not recorded | run not recorded |",
		},
		"one of two": {
			[]told{
				{vendor: "k", id: "1", email: ines, reason: "HR-1", approved: "dana", result: evidence.Closed},
				{vendor: "s", id: "2", email: ines, reason: "HR-2", result: evidence.Closed},
			}, "| K: HR-1; S: HR-2 | K: dana; S: approver not recorded | run not recorded |",
		},
		"approved after it was closed": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
				{vendor: "k", id: "1", email: ines, status: "closed", approved: "dana", result: evidence.AlreadyClosed},
			}, "| reason not recorded | approver not recorded | run not recorded |",
		},
		"approved for a closure that failed": {
			[]told{
				{vendor: "k", id: "1", email: ines, status: "active", approved: "dana", result: evidence.Failed},
				{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
			}, "| reason not recorded | approver not recorded | run not recorded |",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "log")
				for _, closure := range c.closures {
					closure.record(t, evidence.New(path))
				}
				if got := read(t, path).Report("log", words); !strings.Contains(got, c.want) {
					t.Errorf("got %s, want the row %s", got, c.want)
				}
			})
		})
	}
}

// The table in one place: several accounts at one vendor, more vendors than columns, runs, names.
func TestReport_table(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		l := evidence.New(path)
		begin := func(i evidence.Intent, result evidence.Result) {
			i.Action, i.Status = evidence.Close, "active"
			must(t, l.Record(t.Context(), i, evidence.Outcome{Result: result, Guard: guardOf(result)}))
			time.Sleep(time.Hour)
		}
		at := func(vendor, tenant, id string) evidence.Account {
			return evidence.Account{Vendor: vendor, Tenant: tenant, ID: id}
		}
		ines := evidence.Intent{
			Email: "ines@acme.test", Name: "Ines Varga", Run: &evidence.Run{Actor: "dana", Commit: "c0ffee"},
		}
		for _, a := range []evidence.Account{at("k", "a", "1"), at("k", "b", "2"), at("s", "s", "3")} {
			ines.Account = a
			begin(ines, evidence.Closed)
		}
		ines.Account, ines.Name, ines.Run = at("s", "s", "4"), "I. Varga", &evidence.Run{Request: "pull 7", URL: "run 9"}
		begin(ines, evidence.RefusedByGuard)
		report := read(t, path).Report("log", words)
		for _, want := range []string{
			"- Vendors: S at s\n",
			"| Person | K | S | Reason |",
			"| I. Varga \\<ines`@`acme\\.test\\>; also recorded as Ines Varga \\<ines`@`acme\\.test\\> | " +
				"ID 1, at a: ✓ closed 2000-01-01 00:00:00; ID 2, at b: ✓ closed 2000-01-01 01:00:00 | " +
				"ID 3: ✓ closed 2000-01-01 02:00:00; ID 4: **open** 2000-01-01 03:00:00: a guard of the configuration refused " +
				"it, and the vendor took no closing call. The guard is never\\_close | ",
			" | K, S: run 1; S: run 2 | – | 1, 2, 3, 4 |\n",
			"1. by dana, commit c0ffee\n2. pull 7, run 9\n",
			"- People: 1. For 0 of them, each account",
		} {
			if !strings.Contains(report, want) {
				t.Errorf("got\n%s\nwant %q in it", report, want)
			}
		}
		for i := range 10 {
			begin(evidence.Intent{Account: at(fmt.Sprintf("v%d", i), "t", "1"), Email: "o@acme.test"}, evidence.Closed)
		}
		report = read(t, path).Report("log", words)
		const others = " V5 | Other vendors | Reason |"
		if !strings.Contains(report, others) || !strings.Contains(report, "; V9, at t: ✓ closed 2000-01-01 13:00:00 | ") {
			t.Errorf("got\n%s\nwant the column %s", report, others)
		}
	})
}
