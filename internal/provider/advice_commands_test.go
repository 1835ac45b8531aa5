package provider

import (
	"fmt"
	"os"
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
	"docs/guides/ci.md":    {minor: 5, tofu: true, prepare: prepareLeaver, after: []pageStep{planIsKept}},
	"docs/guides/evidence.md": {
		minor:   8,
		tofu:    true,
		prepare: prepareReport,
		after:   []pageStep{headIsPrinted, reportIsWritten},
	},
	"docs/guides/leavers.md": {
		minor:   7,
		tofu:    true,
		prepare: prepareLeaver,
		after:   []pageStep{savedPlanHasNoWarnings, leaverIsClosed},
	},
}

// saidFile holds what the commands of the last block printed.
const saidFile = "said.txt"

type pageStep func(t *testing.T, c *exampleCLI, w *testEnv, dir string)

// Commands on pages are typed as they stand, and what the CLI asks is answered with yes.
func TestPages_commandsRun(t *testing.T) {
	commands := map[string][]string{}
	for _, b := range pageBlocks(t) {
		if b.language == "shell" && b.reason == "" && !isImport(b) {
			commands[b.page] = append(commands[b.page], b.text)
		}
	}
	if len(commands) != len(pageCommands) {
		t.Errorf("got %d pages with commands, want %d", len(commands), len(pageCommands))
	}
	c := newExampleCLI(t)
	for name, page := range pageCommands {
		if c.tofu && !page.tofu {
			continue // there is nothing that OpenTofu could do
		}
		t.Run(name, func(t *testing.T) {
			c.needs(t, page.minor)
			if len(commands[name]) != len(page.after) {
				t.Fatalf("got %d blocks of commands, want %d", len(commands[name]), len(page.after))
			}
			w, dir := leaversWorld(t), t.TempDir()
			page.prepare(t, c, w, dir)
			for i, text := range commands[name] {
				said := c.run(t, w, dir, "sh", "-c", "yes yes | sh -e -c \"$1\"", "sh", text)
				write(t, filepath.Join(dir, saidFile), string(said))
				page.after[i](t, c, w, dir)
			}
		})
	}
}

// isImport tells whether a block is the file import.sh of an example, which
// TestExamples_takeOverWhatTheySay runs.
func isImport(b pageBlock) bool {
	return strings.HasPrefix(b.page, "docs/resources/") && strings.Contains(b.text, "terraform import ")
}

func prepareList(t *testing.T, _ *exampleCLI, _ *testEnv, dir string) {
	t.Helper()
	write(t, filepath.Join(dir, "main.tf"), completed(""))
	for _, b := range pageBlocks(t) {
		if b.page == "docs/guides/adopt.md" && strings.HasPrefix(b.text, "list \"offboard_ecgrid_user\" \"all\"") {
			write(t, filepath.Join(dir, "find.tfquery.hcl"), b.text)
		}
	}
}

func everybodyIsImported(t *testing.T, c *exampleCLI, w *testEnv, dir string) {
	t.Helper()
	users := string(c.run(t, w, dir, c.path, "state", "list"))
	if strings.Count(users, "offboard_ecgrid_user.all_") < 2 {
		t.Errorf("got the users %s, want all of ECGrid", users)
	}
	c.run(t, w, dir, c.path, "plan", "-detailed-exitcode", "-input=false")
}

// prepareLeaver takes Ines out of the file of people.
func prepareLeaver(t *testing.T, c *exampleCLI, w *testEnv, dir string) {
	t.Helper()
	copyExamples(t, dir, "leavers/main.tf", "leavers/people.yaml")
	c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
	write(t, filepath.Join(dir, "people.yaml"), otto)
}

// planIsKept checks that both outputs of the plan name the leaver in a warning.
func planIsKept(t *testing.T, _ *exampleCLI, _ *testEnv, dir string) {
	t.Helper()
	warnsOfInes(t, dir, "plan.txt", "Warning: ")
	warnsOfInes(t, dir, "plan.json", `"@level":"warn"`)
}

func warnsOfInes(t *testing.T, dir, file, warning string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), warning) || !strings.Contains(string(text), inesName) {
		t.Errorf("got in %s\n%s\nwant %s with %s", file, text, warning, inesName)
	}
}

// savedPlanHasNoWarnings checks what the pages say about terraform show.
func savedPlanHasNoWarnings(t *testing.T, c *exampleCLI, w *testEnv, dir string) {
	t.Helper()
	warnsOfInes(t, dir, "plan.txt", "Warning: ")
	for _, option := range []string{"-no-color", "-json"} {
		said := string(c.run(t, w, dir, c.path, "show", option, "leaver.tfplan"))
		if !strings.Contains(said, inesName) || strings.Contains(said, "cannot be undone") ||
			strings.Contains(said, "permanently") {
			t.Errorf("show %s: got %s\nwant the leaver and no warning", option, said)
		}
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

func leaverIsClosed(t *testing.T, _ *exampleCLI, w *testEnv, _ string) {
	t.Helper()
	for _, v := range vendorCases {
		if v.has(w.mock, v.id) || !v.has(w.mock, v.other) {
			t.Errorf("%s: want the account of Ines closed, and the one of Otto open", v.kind.title)
		}
	}
}

// prepareReport closes an account with evidence, and leaves the page's output alone in a directory.
func prepareReport(t *testing.T, _ *exampleCLI, w *testEnv, dir string) {
	t.Helper()
	d := newDriver(t, w, attributes{"evidence_log": filepath.Join(dir, "offboarding.jsonl")})
	if _, diags := d.destroy(d.mustImport(konstantlyCase.kind, konstantlyCase.id)); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	for _, b := range pageBlocks(t) {
		if b.page == "docs/guides/evidence.md" && strings.HasPrefix(b.text, "output \"report\"") {
			write(t, filepath.Join(dir, "report.tf"), completed("")+b.text)
		}
	}
}

// headIsPrinted compares the head that the shell computes with the data source's.
func headIsPrinted(t *testing.T, c *exampleCLI, w *testEnv, dir string) {
	t.Helper()
	said, err := os.ReadFile(filepath.Join(dir, saidFile))
	if err != nil {
		t.Fatal(err)
	}
	of := t.TempDir()
	write(t, filepath.Join(of, "head.tf"), completed("")+fmt.Sprintf(
		"data \"offboard_evidence\" \"log\" {\n  file = %q\n}\n"+
			"output \"head\" {\n  value = data.offboard_evidence.log.head\n}\n",
		filepath.Join(dir, "offboarding.jsonl"),
	))
	c.run(t, w, of, c.path, "apply", "-auto-approve", "-input=false")
	head := strings.TrimSpace(string(c.run(t, w, of, c.path, "output", "-raw", "head")))
	if head == "" || !strings.HasPrefix(string(said), head+" ") {
		t.Errorf("got the head %s from the shell, want %q", said, head)
	}
}

func reportIsWritten(t *testing.T, c *exampleCLI, w *testEnv, dir string) {
	t.Helper()
	report, err := os.ReadFile(filepath.Join(dir, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(report), "#") || !strings.Contains(string(report), inesName) ||
		strings.Contains(string(report), "EOT") {
		t.Errorf("got the report\n%s\nwant a document that names Ines", report)
	}
	said, err := c.try(
		t,
		w,
		dir,
		"sh",
		"-c",
		`echo 'provider::offboard::evidence_report("offboarding.jsonl")' | terraform console`,
	)
	switch {
	case c.tofu && err == nil:
		t.Errorf("tofu console: got\n%s\nwant the error of which the page speaks", said)
	case !c.tofu && (err != nil || !strings.Contains(string(said), "<<EOT")):
		t.Errorf("terraform console: got\n%s\nwant the document in <<EOT", said)
	}
}
