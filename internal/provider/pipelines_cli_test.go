package provider

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The files of the examples for CI.
const (
	onGitHub = "ci/github/.github/workflows/offboard.yml"
	onTwo    = "ci/two-repositories/guards/.github/workflows/offboard.yml"
	nightly  = "ci/github/.github/workflows/nightly.yml"
	onGitLab = "ci/gitlab/.gitlab-ci.yml"
)

// accountsModule stands for the module of the people. It has what a pipeline needs of it.
const accountsModule = `
variable "people" {
  type = string
}

resource "offboard_ecgrid_user" "people" {
  for_each = { for p in yamldecode(var.people).people : p.email => p.accounts.ecgrid }

  id = each.value
}

resource "offboard_sfox_user" "people" {
  for_each = { for p in yamldecode(var.people).people : p.email => p.accounts.sfox }

  id = each.value
}

output "reasons" {
  value = {}
}

output "left_on" {
  value = {}
}
`

// nightlyModule stands for examples/nightly.
const nightlyModule = `
variable "fail_on" {
  type    = list(string)
  default = ["leaver"]
}

output "page" {
  value = "a leaver is there"

  precondition {
    condition     = length(var.fail_on) == 0
    error_message = "Ines Varga has left."
  }
}
`

// newPipeline has a repository with the files of the example, in which Ines has just left the list of
// people. She still has money at sFOX.
func newPipeline(t *testing.T, two bool) (*pipeline, *testEnv) {
	t.Helper()
	w := newTestEnv(t)
	for _, v := range []vendorCase{ecgridCase, sfoxCase} {
		v.add(w.mock)
	}
	c := emptyCLI(t, w).mirrored()
	c.needs(10)
	p := &pipeline{t: t, c: c, repository: c.dir, values: map[string]string{}, artifacts: map[string]string{}}
	for _, name := range []string{"accounts", "evidence", "nightly"} {
		if err := os.Mkdir(filepath.Join(c.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c.copyExamples("ci/github/main.tf")
	c.write("evidence/main.tf", example(t, "ci/github/evidence/main.tf"))
	c.write("accounts/main.tf", required("offboard/offboard"), accountsModule)
	c.write("nightly/main.tf", nightlyModule)
	elsewhere := t.TempDir()
	log, folder := filepath.Join(elsewhere, "offboarding.jsonl"), c.dir
	main := c.read("main.tf")
	bucket := main[strings.Index(main, "  backend \"s3\""):strings.Index(main, "}\n\nvariable")]
	main = strings.Replace(main, bucket, "  backend \"local\" {\n    path = \""+elsewhere+"/terraform.tfstate\"\n  }\n", 1)
	if two {
		p.people = t.TempDir()
		folder = p.people
		main = strings.Replace(main, "/people.yaml", "/people/people.yaml", 1)
		if err := os.Symlink(p.people, filepath.Join(c.dir, "people")); err != nil {
			t.Fatal(err)
		}
	}
	c.write("main.tf", main)
	everybody := person(inesEmail, ecgridCase.id, sfoxCase.id) + person(ottoEmail, ecgridCase.other, sfoxCase.other)
	p.writePeople(folder, everybody)
	p.manageEverybody(log)
	if two {
		c.remove("people")
	}
	p.writePeople(folder, person(ottoEmail, ecgridCase.other, sfoxCase.other))
	w.mock.SFOX.Update(sfoxCase.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "0.015"} })
	p.values["vars.EVIDENCE_LOG"] = log
	for _, name := range []string{"KONSTANTLY_SITE", "OFFBOARD_NEVER_CLOSE", "AWS_ROLE", "AWS_REGION"} {
		p.values["vars."+name] = ""
	}
	for _, vendor := range []string{"KONSTANTLY", "ECGRID", "SFOX", "SKILLABLE"} {
		p.values["secrets."+vendor+"_API_KEY"] = mockKey
	}
	p.values["secrets.PEOPLE_DEPLOY_KEY"] = "key"
	w.mock.ForgetRequests()
	return p, w
}

// person is an entry of the list of people.
func person(email, ecgrid, sfox string) string {
	return "  - email: " + email + "\n    accounts: {ecgrid: \"" + ecgrid + "\", sfox: " + sfox + "}\n"
}

func (p *pipeline) writePeople(folder, people string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "people.yaml"), []byte("people:\n"+people), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// manageEverybody imports all accounts, and leaves the lock files as they are committed.
func (p *pipeline) manageEverybody(log string) {
	p.t.Helper()
	c := p.c
	var imports string
	for _, v := range []vendorCase{ecgridCase, sfoxCase} {
		for email, id := range map[string]string{inesEmail: v.id, ottoEmail: v.other} {
			imports += "import {\n  to = module.people." + v.kind.typeName() + ".people[\"" + email + "\"]\n  id = \"" + id + "\"\n}\n"
		}
	}
	c.write("imports.tf", imports)
	c.run("init", "-input=false").want(0)
	c.run("apply", "-auto-approve", "-var=evidence_log="+log).want(0, "4 imported")
	c.remove("imports.tf")
	if err := os.RemoveAll(filepath.Join(c.dir, ".terraform")); err != nil {
		p.t.Fatal(err)
	}
	c.locked("evidence")
	c.locked("nightly")
}

// closes checks what the jobs "plan" and "close" of a pipeline did.
func (p *pipeline) closes(w *testEnv, plan, closing func() bool, planned, closed string) {
	p.t.Helper()
	if !plan() {
		p.t.Fatalf("got a plan that failed:\n%s", p.said)
	}
	if changes := w.changes(); len(changes) > 0 {
		p.t.Errorf("got the changes %v at a vendor by the plan, want none", changes)
	}
	p.has(planned, "plan.txt", inesName+" (30417) will be closed permanently in ECGrid")
	if closing() {
		p.t.Errorf("got a job that passed, want it to fail because of the balance at sFOX")
	}
	if ecgridCase.has(w.mock, ecgridCase.id) || !ecgridCase.has(w.mock, ecgridCase.other) ||
		!sfoxCase.has(w.mock, sfoxCase.id) {
		p.t.Errorf("got other accounts closed than that of Ines in ECGrid. The jobs said:\n%s", p.said)
	}
	p.has(closed, "apply.txt", "cannot be closed yet")
	p.has(closed, "evidence.html", inesName)
}

func TestPipelines_closeWhatWasApprovedAndKeepTheEvidence(t *testing.T) {
	t.Parallel()
	cliUnderTest(t)
	t.Run("GitHub Actions, two repositories", func(t *testing.T) {
		t.Parallel()
		p, w := newPipeline(t, true)
		var workflow githubWorkflow
		readYAML(t, onTwo, &workflow)
		job := func(name string) func() bool { return func() bool { return p.github(&workflow, name) } }
		p.closes(w, job("plan"), job("close"), "plan", "evidence")
		if code := p.values["needs.plan.outputs.code"]; code != "2" {
			t.Errorf("got the output %q of the plan, want 2", code)
		}
	})
	t.Run("GitLab", func(t *testing.T) {
		t.Parallel()
		p, w := newPipeline(t, false)
		job := func(name string) func() bool { return func() bool { return p.gitlab(onGitLab, name) } }
		p.closes(w, job("plan"), job("close"), "plan", "close")
		if p.gitlab(onGitLab, "nightly") {
			t.Error("got a nightly check that passed, want it to fail")
		}
		p.has("nightly", "accounts.html", "a leaver is there")
		var check githubWorkflow
		readYAML(t, nightly, &check)
		if p.github(&check, "check") {
			t.Error("got a nightly check that passed, want it to fail")
		}
		p.has("accounts", "accounts.html", "a leaver is there")
	})
}

// The two workflows differ in nothing but the second checkout, so that it is enough to run one.
func TestPipelines_runTheSameWithOneRepository(t *testing.T) {
	t.Parallel()
	var one, two githubWorkflow
	readYAML(t, onGitHub, &one)
	readYAML(t, onTwo, &two)
	for _, name := range []string{"plan", "close"} {
		var steps [2][]string
		for i, w := range []githubWorkflow{one, two} {
			for _, step := range w.Jobs[name].Steps {
				if step.With["repository"] == "" {
					steps[i] = append(steps[i], step.Uses+step.If+step.Shell+step.Run+step.With["path"])
				}
			}
		}
		if !slices.Equal(steps[0], steps[1]) {
			t.Errorf("%s: got the steps %q, want those of two repositories, %q", name, steps[0], steps[1])
		}
	}
	if got := one.Jobs["close"].If; got != "github.event_name == 'push' && needs.plan.outputs.code == '2'" {
		t.Errorf("got the condition %q, want one that leaves out pull requests", got)
	}
	for name, environment := range map[string]string{"plan": "offboarding-plan", "close": "offboarding"} {
		if got := one.Jobs[name].Environment; got != environment {
			t.Errorf("%s: got the environment %q, want %q", name, got, environment)
		}
	}
	if one.Jobs["plan"].Env["OFFBOARD_READ_ONLY"] != "true" || one.Jobs["close"].Env["OFFBOARD_READ_ONLY"] != "" {
		t.Error("got a plan that can close, or a job that cannot")
	}
}
