package provider

import (
	"strings"
	"testing"
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
		inesEmail + " | 2026-11-27 | 4 of 4 proven | 4 in time | no open account is shown | lists that are not whole: 1",
		ottoEmail + " | not a leaver | 0 of 0 proven | 0 in time | open: ecgrid 30418, konstantly u8x3p1",
		"x@acme.test | not in the file of people | 0 of 0 proven | 0 in time | no open account is shown",
	} {
		if !strings.Contains(table, line) {
			t.Errorf("got the table\n%s\nwant in it %s", table, line)
		}
	}
	other.run("output", "-json", "answers").want(0, "HR-1234", "terminated")
	other.run(append(ask, "-var=within=1h")...).want(0, "4 of 4 proven | 0 in time")
	_, rest, _ := strings.Cut(other.read("offboarding.jsonl"), "\n")
	other.write("offboarding.jsonl", rest)
	other.run(ask...).want(0, "Check block assertion failed")
}
