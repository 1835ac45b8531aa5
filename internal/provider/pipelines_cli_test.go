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
	onNight  = "ci/github/.github/workflows/nightly.yml"
	onGitLab = "ci/gitlab/.gitlab-ci.yml"
)

// pipelineFiles are all of them.
var pipelineFiles = []string{
	"ci/atlantis/repos.yaml", "ci/github/.github/CODEOWNERS", "ci/github/evidence/main.tf", "ci/github/main.tf",
	"ci/hcp/main.tf", "ci/two-repositories/guards/.github/CODEOWNERS", "ci/two-repositories/people/.github/CODEOWNERS",
	onGitHub, onGitLab, onNight, onTwo,
}

// newPipeline has a repository with the files of the examples. With two, the list of people is in
// another one.
func newPipeline(t *testing.T, two bool) (*pipeline, *testEnv) {
	t.Helper()
	w := leaversWorld(t)
	c := emptyCLI(t, w).mirrored()
	c.needs(10)
	p := &pipeline{t: t, c: c, repository: c.dir, values: pipelineValues(), artifacts: map[string]string{}}
	elsewhere := t.TempDir() // what outlives a job
	p.values["vars.EVIDENCE_LOG"] = filepath.Join(elsewhere, "offboarding.jsonl")
	c.copyPeople()
	for _, name := range []string{"evidence", "nightly"} {
		if err := os.Mkdir(filepath.Join(c.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c.write("evidence/main.tf", example(t, "ci/github/evidence/main.tf"))
	c.write("nightly/main.tf", example(t, "nightly/main.tf"))
	c.write("main.tf", withLocalState(example(t, "ci/github/main.tf"), filepath.Join(elsewhere, "terraform.tfstate")))
	for _, folder := range []string{".", "evidence", "nightly"} {
		c.locked(folder)
	}
	p.list = filepath.Join(c.dir, "people.yaml")
	if two {
		p.people = t.TempDir()
		p.list = filepath.Join(p.people, "people.yaml")
		c.remove("people.yaml")
		c.write("main.tf", strings.Replace(c.read("main.tf"), "/people.yaml", "/people/people.yaml", 1))
	}
	for _, repository := range []string{p.repository, filepath.Dir(p.list)} {
		p.git(repository, "init", "--quiet", "--initial-branch=main")
	}
	p.merge(p.repository)
	p.writeList(example(t, "people/people.yaml"))
	return p, w
}

// writeList merges another list of people. The jobs go on with what is merged.
func (p *pipeline) writeList(people string) {
	p.t.Helper()
	if err := os.WriteFile(p.list, []byte(people), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.merge(filepath.Dir(p.list))
	p.commit = p.git(p.repository, "rev-parse", "HEAD")
}

// pipelineValues are the secrets and variables of the service.
func pipelineValues() map[string]string {
	values := map[string]string{"secrets.PEOPLE_DEPLOY_KEY": "key"}
	for _, name := range []string{"KONSTANTLY_SITE", "AWS_ROLE", "AWS_REGION"} {
		values["vars."+name] = ""
	}
	values["vars.OFFBOARD_NEVER_CLOSE"] = "svc-offboard@acme.test" // nothing is closed while it is empty
	for _, vendor := range []string{"KONSTANTLY", "ECGRID", "SFOX", "SKILLABLE"} {
		values["secrets."+vendor+"_API_KEY"] = mockKey
	}
	return values
}

// withLocalState puts a file in place of the bucket that holds the state.
func withLocalState(text, path string) string {
	before, rest, _ := strings.Cut(text, "  backend \"s3\" {\n")
	_, after, _ := strings.Cut(rest, "\n  }\n")
	return before + "  backend \"local\" {\n    path = \"" + path + "\"\n  }\n" + after
}

// follow runs the jobs "plan" and "close" after two changes of the list: everybody is imported, and
// then Ines leaves, who still has money at sFOX. The arguments are the jobs and their artifacts.
func (p *pipeline) follow(w *testEnv, plan, closing func() bool, planned, closed string) {
	p.t.Helper()
	if !plan() || !closing() {
		p.t.Fatalf("got an import that failed:\n%s", p.said)
	}
	p.has(closed, "apply.txt", "6 imported")
	p.has(closed, "evidence.html", "No closure is recorded yet.")
	p.writeList(otto + inesLeft)
	w.mock.SFOX.Update(sfoxCase.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "0.015"} })
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
	for _, v := range leaversVendors(p.t) {
		if v.has(w.mock, v.id) != (v.kind.name == sfoxKind.name) || !v.has(w.mock, v.other) {
			p.t.Errorf("%s: want the account of Ines closed, except at sFOX, and the one of Otto open. The jobs said:\n%s",
				v.kind.title, p.said)
		}
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
		p.follow(w, job("plan"), job("close"), "plan", "evidence")
		if code := p.values["needs.plan.outputs.code"]; code != "2" {
			t.Errorf("got the output %q of the plan, want 2", code)
		}
	})
	t.Run("GitLab", func(t *testing.T) {
		t.Parallel()
		p, w := newPipeline(t, false)
		job := func(name string) func() bool { return func() bool { return p.gitlab(onGitLab, name) } }
		p.follow(w, job("plan"), job("close"), "plan", "close")
		if p.gitlab(onGitLab, "nightly") {
			t.Error("got a nightly check that passed, want it to fail")
		}
		p.has("nightly", "accounts.html", inesName)
		var check githubWorkflow
		readYAML(t, onNight, &check)
		if p.github(&check, "check") {
			t.Error("got a nightly check that passed, want it to fail")
		}
		p.has("accounts", "accounts.html", inesName)
	})
}

// A change that leaves by mistake is taken back before its plan is approved. Neither that plan is
// applied, nor is a new one made of the old commit.
func TestPipelines_refuseWhatAMergeTookBack(t *testing.T) {
	t.Parallel()
	cliUnderTest(t)
	for name, c := range map[string]struct {
		file string // for GitHub; empty for GitLab
		two  bool
		said string
	}{
		"GitHub Actions":                   {onGitHub, false, "main has a newer commit than this run."},
		"GitHub Actions, two repositories": {onTwo, true, "acme/people has a newer commit than the plan."},
		"GitLab":                           {"", false, "main has a newer commit than this pipeline."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := newPipeline(t, c.two)
			job := func(name string) bool { return p.gitlab(onGitLab, name) }
			if c.file != "" {
				var workflow githubWorkflow
				readYAML(t, c.file, &workflow)
				job = func(name string) bool { return p.github(&workflow, name) }
			}
			p.writeList(otto)
			if !job("plan") {
				t.Fatalf("got a plan that failed:\n%s", p.said)
			}
			if err := os.WriteFile(p.list, []byte(example(t, "people/people.yaml")), 0o600); err != nil {
				t.Fatal(err)
			}
			p.merge(filepath.Dir(p.list))
			p.refuses(job, "close", c.said)
			p.merge(p.repository) // with two, the guards are as new as the plan until now
			p.refuses(job, "plan", "main has a newer commit than this ")
		})
	}
}

// refuses checks that a job fails before Terraform runs, and why.
func (p *pipeline) refuses(job func(string) bool, name, said string) {
	p.t.Helper()
	p.said = ""
	if job(name) || !strings.Contains(p.said, said) || strings.Contains(p.said, "Terraform will perform") ||
		strings.Contains(p.said, "Importing...") {
		p.t.Errorf("got from the job %s\n%s\nwant it to fail with %q", name, p.said, said)
	}
}

// A list of people that is a link to another file of the runner is not read.
func TestPipelines_refuseALinkInPlaceOfTheList(t *testing.T) {
	t.Parallel()
	cliUnderTest(t)
	p, _ := newPipeline(t, true)
	var workflow githubWorkflow
	readYAML(t, onTwo, &workflow)
	if err := os.Remove(p.list); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/proc/self/environ", p.list); err != nil {
		t.Fatal(err)
	}
	p.merge(p.people)
	job := func(name string) bool { return p.github(&workflow, name) }
	p.refuses(job, "plan", "people.yaml in acme/people is no regular file.")
	p.values["needs.plan.outputs.people"] = p.git(p.people, "rev-parse", "HEAD") // as if it had passed
	p.artifacts["plan"] = t.TempDir()
	p.refuses(job, "close", "people.yaml in acme/people is no regular file.")
	if strings.Contains(p.said, mockKey) {
		t.Error("got a key in what a job printed")
	}
}

// A job that cannot show the evidence fails, and a log that each directory would have for itself is
// refused.
func TestPipelines_failWithoutTheEvidence(t *testing.T) {
	t.Parallel()
	cliUnderTest(t)
	p, _ := newPipeline(t, false)
	if !p.gitlab(onGitLab, "plan") {
		t.Fatalf("got a plan that failed:\n%s", p.said)
	}
	broken := filepath.Join(p.repository, "evidence", "broken.tf")
	if err := os.WriteFile(broken, []byte("output \"x\" { value = file(\"gone\") }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.merge(p.repository)
	p.commit = p.git(p.repository, "rev-parse", "HEAD")
	if p.gitlab(onGitLab, "close") {
		t.Errorf("got a job that passed, want it to fail, because the evidence cannot be read:\n%s", p.said)
	}
	p.has("close", "apply.txt", "6 imported")

	const absolute = "Write evidence_log as an absolute path"
	p.values["vars.EVIDENCE_LOG"] = "offboarding.jsonl"
	if p.gitlab(onGitLab, "plan") {
		t.Errorf("got a plan that passed, want it to fail, because the path of the log is relative:\n%s", p.said)
	}
	p.has("plan", "plan.txt", absolute)
	c := emptyCLI(t, newTestEnv(t))
	c.copyExamples("ci/github/evidence/main.tf")
	c.run("plan", "-input=false", "-var=evidence_log=offboarding.jsonl").want(1, absolute)
}

// The two workflows differ in nothing but what they do with the other repository, so that it is enough
// to run one through.
func TestPipelines_runTheSameWithOneRepository(t *testing.T) {
	t.Parallel()
	var one, two githubWorkflow
	readYAML(t, onGitHub, &one)
	readYAML(t, onTwo, &two)
	for _, name := range []string{"plan", "close"} {
		var steps [2][]string
		for i, w := range []githubWorkflow{one, two} {
			for _, step := range w.Jobs[name].Steps {
				if step.With["repository"] == "" && !strings.Contains(step.Run, "acme/people") {
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
