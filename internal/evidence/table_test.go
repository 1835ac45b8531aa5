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

// wantRow fails the test if the report on these closures does not have the text of a row.
func wantRow(t *testing.T, closures []told, want string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		for _, closure := range closures {
			closure.record(t, evidence.New(path))
		}
		if got := read(t, path).Report("log", words); !strings.Contains(got, want) {
			t.Errorf("got %s, want the row %s", got, want)
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

// A closure that ended after the break does not hide what another one says before it.
func TestReport_overlappingClosuresOfABrokenLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	l := evidence.New(path)
	slow, err := l.Begin(t.Context(), intent("u1"))
	must(t, err)
	play(t, l, "u1", []step{active(evidence.Closed)})
	must(t, closeOnce(t.Context(), l, "u2", evidence.Closed))
	must(t, slow.End(t.Context(), evidence.Outcome{Result: evidence.Failed}))
	text := strings.Join(lines(t, path), "")
	must(t, os.WriteFile(path, []byte(strings.Replace(text, "u2@", "u3@", 1)), 0o600))
	got := read(t, path).Report("log", words)
	_, row, _ := strings.Cut(got, "\n| Ines Varga \\<u1")
	row, _, _ = strings.Cut(row, "\n")
	if !strings.Contains(
		row,
		": the vendor shows the account as closed. Further records of it are at or after the break",
	) {
		t.Errorf("got the row %s in\n%s, want what the log says before the break", row, got)
	}
}

func TestReport_hours(t *testing.T) {
	t.Parallel()
	for leftOn, want := range map[string]string{
		"": "1.0 since the first attempt", "1999-12-31": "25.0 since 1999-12-31", "2000-01-01": "1.0 since 2000-01-01",
		"2000-01-02": "0 closed before 2000-01-02",
	} {
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			c := told{vendor: "k", id: "1", email: "ines@acme.test", leftOn: leftOn, result: evidence.Closed}
			c.record(t, evidence.New(path))
			if got := read(t, path).Report("log", words); !strings.Contains(got, " | "+want+" | 1 |\n") {
				t.Errorf("left on %q: got %s, want the hours %s", leftOn, got, want)
			}
		})
	}
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
			wantRow(t, c.closures, c.want)
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
			wantRow(t, c.closures, c.want)
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

// A refused suspension is no closure. It is told as what it is, and nobody counts as open by it.
func TestReport_refusedSuspensions(t *testing.T) {
	t.Parallel()
	const ines, otto, mina = "ines@acme.test", "otto@acme.test", "mina@acme.test"
	closures := []told{
		{vendor: "k", id: "1", email: ines, status: "active", result: evidence.Closed},
		{vendor: "k", id: "2", email: otto, status: "active", suspend: true, result: evidence.RefusedByGuard},
		{vendor: "k", id: "3", email: mina, status: "active", suspend: true, result: evidence.Failed},
	}
	for _, want := range []string{
		"| otto`@`acme\\.test | suspension refused 2000-01-01 02:00:00: a guard of the configuration refused it",
		"| mina`@`acme\\.test | suspension failed 2000-01-01 03:00:00: the account is not suspended",
		"- People: 3. For 1 of them, each account in this log is proven to be closed. " +
			"For 2 of them, no account was to be closed, only suspended.\n",
		"\n**Not suspended, and not to be closed:**\n\n- otto`@`acme\\.test, ",
		"\nEvery other account was proven to be closed, or suspended where no more was asked for, when",
	} {
		wantRow(t, closures, want)
	}
}
