package provider

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// pageCommands says for each page with commands what stands there before them, and what is true
// after each of its blocks.
var pageCommands = map[string]struct {
	minor   int  // the CLI's version that the page asks for, 1.x
	tofu    bool // OpenTofu has the commands too
	prepare pageStep
	after   []pageStep
}{
	"docs/guides/adopt.md": {minor: 14, prepare: prepareList, after: []pageStep{everybodyIsImported}},
	"docs/guides/check-vendor.md": {
		minor: 14, prepare: prepareCheck, after: []pageStep{checkHasRead, sacrificialUserIsClosed},
	},
	"docs/guides/ci.md":         {minor: 5, tofu: true, prepare: prepareLeaver, after: []pageStep{planIsKept}},
	emergencyPage:               {minor: 7, tofu: true, prepare: preparePeople, after: emergencySteps},
	"docs/guides/evidence.md":   {minor: 8, tofu: true, prepare: prepareReport, after: reportSteps},
	"docs/guides/leavers.md":    {minor: 7, tofu: true, prepare: prepareLeaver, after: leaverSteps},
	"docs/guides/mock.md":       {tofu: true, prepare: prepareNothing, after: []pageStep{mockIsReached}},
	nightlyPage:                 {minor: 8, tofu: true, prepare: prepareNightly, after: nightlySteps},
	"docs/guides/many-users.md": {tofu: true, prepare: prepareVendorDown, after: []pageStep{leaverOfOthersIsClosed}},
}

var (
	reportSteps = []pageStep{headIsPrinted, reportIsWritten}
	leaverSteps = []pageStep{savedPlanHasNoWarnings, leaverIsClosed}
)

// saidFile holds what the commands of the last block printed.
const saidFile = "said.txt"

type pageStep func(t *testing.T, c *cli, w *testEnv)

// Commands on pages are typed as they stand, and what the CLI asks is answered with yes.
func TestPages_commandsRun(t *testing.T) {
	t.Parallel()
	commands := map[string][]string{}
	for _, b := range pageBlocks(t) {
		if b.language == "shell" && b.reason == "" && !isImport(b) && !b.fromNothing() && b.page != installPage {
			commands[b.page] = append(commands[b.page], b.text)
		}
	}
	if len(commands) != len(pageCommands) {
		t.Errorf("got %d pages with commands, want %d", len(commands), len(pageCommands))
	}
	for name, page := range pageCommands {
		if cliUnderTest(t).isTofu() && !page.tofu {
			continue // there is nothing that OpenTofu could do
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := leaversWorld(t)
			c := emptyCLI(t, w)
			c.needs(page.minor)
			if len(commands[name]) != len(page.after) {
				t.Fatalf("got %d blocks of commands, want %d", len(commands[name]), len(page.after))
			}
			page.prepare(t, c, w)
			for i, text := range commands[name] {
				said := c.startProgram("sh", "-c", "yes yes | sh -e -c \"$1\"", "sh", text).wait().want(0)
				c.write(saidFile, said.raw)
				page.after[i](t, c, w)
			}
		})
	}
}

// isImport tells whether a block is the file import.sh of an example, which
// TestExamples_takeOverWhatTheySay runs.
func isImport(b pageBlock) bool {
	return strings.HasPrefix(b.page, "docs/resources/") && strings.Contains(b.text, "terraform import ")
}

func prepareNothing(*testing.T, *cli, *testEnv) {}

// mockIsReached compares the addresses that the page exports with those of the mock.
func mockIsReached(t *testing.T, _ *cli, _ *testEnv) {
	t.Helper()
	exports := ""
	for _, b := range pageBlocks(t) {
		if b.page == "docs/guides/mock.md" && strings.HasPrefix(b.text, "export ") {
			exports += b.text
		}
	}
	for name, prefix := range prefixes {
		want := strings.ToUpper(name) + "_BASE_URL=http://127.0.0.1:8900" + prefix + "\n"
		if !strings.Contains(exports, want) {
			t.Errorf("got the variables\n%s\nwant %s", exports, want)
		}
	}
}

func prepareList(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	c.write("main.tf", completed(""))
	for _, b := range pageBlocks(t) {
		if b.page == "docs/guides/adopt.md" && strings.HasPrefix(b.text, "list \"offboard_ecgrid_user\" \"all\"") {
			c.write("find.tfquery.hcl", b.text)
		}
	}
}

func everybodyIsImported(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	users := c.run("state", "list").want(0).raw
	if strings.Count(users, "offboard_ecgrid_user.all_") < 2 {
		t.Errorf("got the users %s, want all of ECGrid", users)
	}
	c.run("plan", "-detailed-exitcode").want(0)
}

// prepareLeaver moves Ines to those who have left.
func prepareLeaver(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	c.copyPeople()
	c.run("apply", "-auto-approve").want(0)
	c.write("people.yaml", otto, inesLeft)
}

// planIsKept checks that both outputs of the plan name the leaver in a warning.
func planIsKept(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	c.warnsOfInes("plan.txt", "Warning: ")
	c.warnsOfInes("plan.json", `"@level":"warn"`)
}

func (c *cli) warnsOfInes(file, warning string) {
	c.t.Helper()
	if text := c.read(file); !strings.Contains(text, warning) || !strings.Contains(text, inesName) {
		c.t.Errorf("got in %s\n%s\nwant %s with %s", file, text, warning, inesName)
	}
}

// savedPlanHasNoWarnings checks what the pages say about terraform show.
func savedPlanHasNoWarnings(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	c.warnsOfInes("plan.txt", "Warning: ")
	c.run("show", "leaver.tfplan").want(0, inesName).silent("cannot be undone", "permanently")
	c.run("show", "-json", "leaver.tfplan").want(0, inesName).silent("cannot be undone", "permanently")
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

func leaverIsClosed(t *testing.T, _ *cli, w *testEnv) {
	t.Helper()
	for _, v := range leaversVendors(t) {
		if v.has(w.mock, v.id) || !v.has(w.mock, v.other) {
			t.Errorf("%s: want the account of Ines closed, and the one of Otto open", v.kind.title)
		}
	}
}

// prepareVendorDown takes Ines out of the file of people. She has no account at sFOX, which is down.
func prepareVendorDown(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	stays := ottoHas + "konstantly: u8x3p1, sfox: " + sfoxCase.other + "}}\n"
	c.copyPeople()
	c.write("people.yaml", stays, inesHas+"{konstantly: "+konstantlyCase.id+"}}\n")
	c.run("apply", "-auto-approve").want(0)
	c.write("people.yaml", stays)
	w.fail(sfoxCase, http.StatusServiceUnavailable, "")
	c.run("plan", "-input=false").want(1, "Cannot read a user in sFOX")
}

func leaverOfOthersIsClosed(t *testing.T, _ *cli, w *testEnv) {
	t.Helper()
	if v := konstantlyCase; v.has(w.mock, v.id) || !v.has(w.mock, v.other) {
		t.Error("want the account of Ines closed, and the one of Otto open")
	}
}

// prepareReport closes an account with evidence, and leaves the page's outputs alone in a directory.
func prepareReport(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	d := newDriver(t, w, attributes{"evidence_log": filepath.Join(c.dir, "offboarding.jsonl")})
	if _, diags := d.destroy(d.mustImport(konstantlyCase.kind, konstantlyCase.id)); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	for _, b := range pageBlocks(t) {
		if b.page == "docs/guides/evidence.md" && strings.HasPrefix(b.text, "output \"page\"") {
			c.write("report.tf", completed(""), b.text)
		}
	}
}

// headIsPrinted compares the head that the shell computes with the data source's.
func headIsPrinted(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	said, other := c.read(saidFile), emptyCLI(t, w)
	other.write("head.tf", completed(""), fmt.Sprintf(
		"data \"offboard_evidence\" \"log\" {\n  file = %q\n}\n"+
			"output \"head\" {\n  value = data.offboard_evidence.log.head\n}\n",
		filepath.Join(c.dir, "offboarding.jsonl"),
	))
	other.run("apply", "-auto-approve").want(0)
	head := strings.TrimSpace(other.run("output", "-raw", "head").want(0).raw)
	if head == "" || !strings.HasPrefix(said, head+" ") {
		t.Errorf("got the head %s from the shell, want %q", said, head)
	}
}

func reportIsWritten(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	report := c.read("report.md")
	if !strings.HasPrefix(report, "#") || !strings.Contains(report, inesName) || strings.Contains(report, "EOT") {
		t.Errorf("got the report\n%s\nwant a document that names Ines", report)
	}
	if page := c.read("page.html"); !strings.HasPrefix(page, "<!DOCTYPE html>") || !strings.Contains(page, inesName) {
		t.Errorf("got the page\n%.500s\nwant a document that names Ines", page)
	}
	const ask = `echo 'provider::offboard::evidence_report("offboarding.jsonl")' | terraform console`
	said := c.startProgram("sh", "-c", ask).wait()
	switch {
	case c.isTofu() && said.code == 0:
		t.Errorf("tofu console: got\n%s\nwant the error of which the page speaks", said.raw)
	case !c.isTofu() && (said.code != 0 || !strings.Contains(said.raw, "<<EOT")):
		t.Errorf("terraform console: got\n%s\nwant the document in <<EOT", said.raw)
	}
}
