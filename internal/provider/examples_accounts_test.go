package provider

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// The people of the nightly example: Otto stays, Ines has left, and Mina is on no list.
const listWithALeaver = otto + inesLeft

const nightlyPage = "docs/guides/nightly.md"

// nightlySteps are what is true after each block of commands of the page about the nightly job.
var nightlySteps = []pageStep{nobodyIsFound, auditorIsAnswered}

// prepareNightly leaves the nightly example in a directory. Ines has left, and has no account.
func prepareNightly(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	c.copyExamples("nightly/main.tf", "nightly/nightly.sh")
	c.write("people.yaml", listWithALeaver)
	for _, v := range leaversVendors(t) {
		v.drop(w.mock, v.id)
	}
}

// nobodyIsFound leaves the auditor's example in the directory.
func nobodyIsFound(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	if page := c.read("accounts.html"); !strings.Contains(page, ottoEmail) {
		t.Errorf("got the page\n%.500s\nwant Otto on it", page)
	}
	c.dir = t.TempDir()
	c.copyExamples("who-left/main.tf")
	c.write("people.yaml", listWithALeaver)
}

func auditorIsAnswered(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	said := c.read(saidFile)
	if !strings.Contains(said, ottoEmail+" | not a leaver |") || !strings.Contains(said, `"open":[`) {
		t.Errorf("got\n%s\nwant an answer for Otto, as a table and as JSON", said)
	}
}

// TestExamples_nightlyFailsForALeaver runs the nightly job: its page is there, also when it fails.
func TestExamples_nightlyFailsForALeaver(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.needs(8) // functions
	c.copyExamples("nightly/main.tf", "nightly/nightly.sh")
	c.write("people.yaml", listWithALeaver)
	konstantlyCase.put(w.mock, "u1m1n0", "Mina Okafor", "mina.okafor@acme.test")
	said := c.startProgram("sh", "nightly.sh").wait().want(1, inesEmail, konstantlyCase.id, sfoxCase.id, "u1m1n0")
	said.silent(ottoEmail)
	if page := c.read("accounts.html"); !strings.Contains(page, inesEmail) || !strings.Contains(page, "</html>") {
		t.Errorf("got the page\n%.500s\nwant a document that names Ines", page)
	}
	for _, v := range leaversVendors(t) {
		v.drop(w.mock, v.id)
	}
	konstantlyCase.drop(w.mock, "u1m1n0")
	c.startProgram("sh", "nightly.sh").wait().want(0)
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

// A leaver counts as present without a day that has come, which must not make the job pass.
func TestExamples_nightlyFailsForALeaverWithoutADay(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	const noDay = "a left_on that is not in the future for these entries of leavers: " + inesEmail
	for leftOn, want := range map[string]string{
		`ticket: "HR-1234"`: noDay, "left_on: ": noDay, `left: "2026-11-27"`: noDay, `left_on: "2999-11-27"`: noDay,
		`left_on: [""]`: "left_on is not text", `lefton: "2026-11-27"`: `its field "lefton" is not read`,
	} {
		t.Run(leftOn, func(t *testing.T) {
			t.Parallel()
			c := emptyCLI(t, w)
			c.needs(8) // functions
			c.copyExamples("nightly/main.tf", "nightly/nightly.sh")
			c.write("people.yaml", otto, `leavers:
- {email: "`+inesEmail+`", `+leftOn+`}
`)
			c.startProgram("sh", "nightly.sh").wait().want(1, want)
		})
	}
}

// TestExamples_whoLeftAnswersTheAuditor closes the accounts of Ines, and asks of her, of Otto who
// stays, and of a person who is in no list.
func TestExamples_whoLeftAnswersTheAuditor(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c, other := emptyCLI(t, w), emptyCLI(t, w)
	c.copyPeople()
	c.run("apply", "-auto-approve").want(0)
	c.write("people.yaml", otto, inesLeft)
	c.run("apply", "-auto-approve").want(0)

	other.copyExamples("who-left/main.tf")
	for _, file := range []string{"people.yaml", "offboarding.jsonl"} {
		other.write(file, c.read(file))
	}
	ask := []string{"apply", "-auto-approve", `-var=sample=["` + inesEmail + `","` + ottoEmail + `","x@acme.test"]`}
	other.run(append(ask, "-var=within=8760h")...).want(0).silent("Check block assertion failed")
	table := other.run("output", "-raw", "table").want(0).raw
	for _, line := range []string{
		inesEmail + " | 2026-11-27 | 4 of 4 proven | 4 in time | the log is intact | no open account is shown | " +
			"lists that are not whole: 1",
		ottoEmail + " | not a leaver | 0 of 0 proven | 0 in time | the log is intact | open: ecgrid 30418, konstantly u8x3p1",
		"x@acme.test | not in the file of people | 0 of 0 proven | 0 in time | the log is intact | no open account is shown",
	} {
		if !strings.Contains(table, line) {
			t.Errorf("got the table\n%s\nwant in it %s", table, line)
		}
	}
	other.run("output", "-json", "answers").want(0, "HR-1234", "terminated")
	other.run(append(ask, "-var=within=1h")...).want(0, "4 of 4 proven | 0 in time")
	const notIntact = inesEmail + " | 2026-11-27 | 0 of 4 proven | 0 in time | the log is not intact |"
	other.run(append(ask, "-var=known_head="+strings.Repeat("a", 64))...).
		want(0, "Check block assertion failed", notIntact)
	_, rest, _ := strings.Cut(other.read("offboarding.jsonl"), "\n")
	other.write("offboarding.jsonl", rest)
	other.run(ask...).want(0, "Check block assertion failed").silent("4 of 4 proven")
}

// Two partners of sFOX have an account with the same ID. One is closed, and the other is not. An account
// that is closed counts as open again if somebody failed to suspend it after that.
func TestExamples_whoLeftCountsTheLastRecordOfEachAccount(t *testing.T) {
	t.Parallel()
	c := emptyCLI(t, leaversWorld(t))
	c.copyExamples("who-left/main.tf")
	c.write("people.yaml", listWithALeaver)
	log := evidence.New(filepath.Join(c.dir, "offboarding.jsonl"))
	record := func(a evidence.Account, action string, result evidence.Result) {
		in := evidence.Intent{Account: a, Status: "active", Action: action, ProviderVersion: "test", Person: inesEmail}
		if err := log.Record(t.Context(), in, evidence.Outcome{Result: result, Proof: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	partner := evidence.Account{Vendor: "sfox", Tenant: "api.sfox.com/", ID: "cust-7f31", KeyHash: strings.Repeat("b", 32)}
	record(partner, evidence.Close, evidence.Refused)
	partner.KeyHash = strings.Repeat("a", 32)
	record(partner, evidence.Close, evidence.Closed)
	again := evidence.Account{Vendor: "konstantly", Tenant: "acme.konstant.ly/", ID: "u7k2m9"}
	record(again, evidence.Close, evidence.Closed)
	record(again, evidence.Block, evidence.Failed)
	c.run("apply", "-auto-approve", `-var=sample=["`+inesEmail+`"]`).want(0, inesEmail+" | 2026-11-27 | 1 of 3 proven |")
}

// An account is open, no matter how the list of people says whose it is.
func TestExamples_whoLeftShowsEachOpenAccount(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	leaver := func(fields string) string { return "leavers:\n- {" + fields + `, left_on: "2026-11-27"}` + "\n" }
	for name, people := range map[string]string{
		"her own":         otto + leaver(`email: "`+inesEmail+`"`),
		"a blank":         otto + leaver(`email: "`+inesEmail+` "`),
		"another address": otto + leaver(`email: "i.varga@acme.test", other_emails: ["x@acme.test", "`+inesEmail+`"]`),
		"a text":          otto + leaver(`email: "i.varga@acme.test", other_emails: "x@acme.test, `+inesEmail+`"`),
		"two names": otto + leaver(`name: "Ines Varga", email: "`+inesEmail+`"`) +
			`- {name: "I. Vargas", email: "` + inesEmail + `", left_on: "2026-11-27"}`,
		"Otto's ID": `people: [{email: "` + ottoEmail + `", accounts: {ecgrid: "30417"}}]` + "\n" +
			leaver(`email: "`+inesEmail+`"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := emptyCLI(t, w)
			c.copyExamples("who-left/main.tf")
			c.write("people.yaml", people)
			c.write("offboarding.jsonl", "")
			c.run("apply", "-auto-approve", `-var=sample=["`+inesEmail+`"]`).
				want(0, inesEmail+" | 2026-11-27 |", "open: ecgrid 30417, konstantly u7k2m9, sfox cust-7f31")
		})
	}
}
