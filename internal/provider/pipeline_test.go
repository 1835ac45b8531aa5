package provider

import (
	"cmp"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// pipeline runs the jobs of a file for CI as the service would: each in a checkout of its own, with
// nothing of another job except for its artifacts. Actions are replaced by what they do.
type pipeline struct {
	t          *testing.T
	c          *cli
	repository string            // has the branch "main" of which the jobs run
	people     string            // the other repository; empty if there is none
	commit     string            // of which the jobs run, as long as no test names another one
	list       string            // the file of people, in one of the two
	values     map[string]string // of the expressions, such as secrets.ECGRID_API_KEY
	artifacts  map[string]string // the folders of the artifacts, by name
	said       string            // what all steps printed
}

// readYAML reads a file for CI below examples/.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(example(t, name)), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

var (
	expression = regexp.MustCompile(`\$\{\{ (.*?) \}\}`)
	pinned     = regexp.MustCompile(`^([\w-]+/[\w-]+)@[0-9a-f]{40}$`)
)

// git runs a command of Git in a folder, and returns what it prints.
func (p *pipeline) git(dir string, args ...string) string {
	p.t.Helper()
	command := exec.CommandContext(p.t.Context(), "git", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		command.Env = append(command.Env, "GIT_"+who+"_NAME=test", "GIT_"+who+"_EMAIL=test@acme.test")
	}
	said, err := command.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %v: %v\n%s", args, err, said)
	}
	return strings.TrimSpace(string(said))
}

// merge makes a commit of what is in the folder of a repository. The jobs go on with the commit before.
func (p *pipeline) merge(repository string) {
	p.t.Helper()
	p.git(repository, "add", "--all")
	p.git(repository, "commit", "--quiet", "--allow-empty", "--message=change")
}

// checkout brings a commit of a repository, or its branch "main", and returns the commit.
func (p *pipeline) checkout(dir, repository, ref string) string {
	p.t.Helper()
	p.git(repository, "clone", "--quiet", repository, dir)
	p.git(dir, "checkout", "--quiet", "--detach", ref)
	return p.git(dir, "rev-parse", "HEAD")
}

// expand puts values in place of expressions. It fails the test if one has no value.
func (p *pipeline) expand(text string) string {
	p.t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		value, ok := p.values[name]
		if !ok {
			p.t.Errorf("got the expression %s, want one of %v", name, slices.Sorted(maps.Keys(p.values)))
		}
		return value
	})
}

// shell runs a script in the folder of a job, and reports whether it ended well.
func (p *pipeline) shell(dir string, env map[string]string, args ...string) bool {
	p.t.Helper()
	job := &cli{cliProgram: p.c.cliProgram, t: p.t, dir: dir, env: slices.Clone(p.c.env)}
	for name, value := range env {
		job.env = append(job.env, name+"="+value)
	}
	said := job.startProgram(args[0], args[1:]...).wait()
	p.said += said.raw
	return said.code == 0
}

// save keeps those of the files that are there as an artifact.
func (p *pipeline) save(name, dir string, files []string) {
	p.t.Helper()
	p.artifacts[name] = p.t.TempDir()
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(p.artifacts[name], filepath.Base(file)), text, 0o600)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// has checks that a file of an artifact holds a text.
func (p *pipeline) has(artifact, file, text string) {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(p.artifacts[artifact], file))
	if err != nil || !strings.Contains(strings.Join(strings.Fields(string(content)), " "), text) {
		p.t.Errorf("got in %s of the artifact %s (%v)\n%s\nwant %q. The jobs said:\n%s",
			file, artifact, err, content, text, p.said)
	}
}

// githubWorkflow is a file for GitHub Actions.
type githubWorkflow struct {
	Env  map[string]string
	Jobs map[string]struct {
		If, Needs, Environment string
		Env, Outputs           map[string]string
		Steps                  []githubStep
	}
}

type githubStep struct {
	ID, If, Uses, Run, Shell string
	With, Env                map[string]string
}

// github runs one job, and reports whether it ended well.
func (p *pipeline) github(w *githubWorkflow, name string) bool {
	p.t.Helper()
	job, ok := w.Jobs[name]
	if !ok {
		p.t.Fatalf("got no job %s", name)
	}
	env, dir, passes := map[string]string{"GITHUB_SHA": p.commit}, p.t.TempDir(), true
	for _, texts := range []map[string]string{w.Env, job.Env} {
		for variable, text := range texts {
			env[variable] = p.expand(text)
		}
	}
	for _, step := range job.Steps {
		if step.If != "" && step.If != "always()" && step.If != onMain {
			p.t.Fatalf("got the condition %q of a step, want one that this test knows", step.If)
		}
		if passes || step.If == "always()" {
			passes = p.githubStep(step, dir, env) && passes
		}
	}
	for output, text := range job.Outputs {
		if !passes {
			break // a step that did not run has no output
		}
		p.values["needs."+name+".outputs."+output] = p.expand(text)
	}
	return passes
}

// onMain is the condition of a step that a pull request leaves out.
const onMain = "github.ref == 'refs/heads/main'"

// githubStep runs one step.
func (p *pipeline) githubStep(step githubStep, dir string, env map[string]string) bool {
	p.t.Helper()
	if step.Uses != "" {
		p.githubAction(step, dir)
		return true
	}
	output := filepath.Join(p.t.TempDir(), "output")
	args := []string{"bash", "-e", "-c", p.expand(step.Run)}
	if step.Shell == "bash" {
		args = []string{"bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", p.expand(step.Run)}
	}
	env = maps.Clone(env)
	env["GITHUB_OUTPUT"] = output
	for variable, text := range step.Env {
		env[variable] = p.expand(text)
	}
	passes := p.shell(dir, env, args...)
	text, _ := os.ReadFile(output)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		p.values["steps."+step.ID+".outputs."+name] = value
	}
	return passes
}

// githubAction does what an action does here.
func (p *pipeline) githubAction(step githubStep, dir string) {
	p.t.Helper()
	action := pinned.FindStringSubmatch(step.Uses)
	if action == nil {
		p.t.Fatalf("got %s, want an action that is pinned by its commit", step.Uses)
	}
	for _, text := range step.With {
		p.expand(text)
	}
	switch action[1] {
	case "hashicorp/setup-terraform", "aws-actions/configure-aws-credentials": // both are there
	case "actions/checkout":
		from := p.repository
		if step.With["repository"] != "" {
			from = p.people
		}
		commit := p.checkout(filepath.Join(dir, step.With["path"]), from, cmp.Or(step.With["ref"], p.commit))
		p.values["steps."+step.ID+".outputs.commit"] = commit
	case "actions/upload-artifact":
		p.save(step.With["name"], dir, strings.Fields(step.With["path"]))
	case "actions/download-artifact":
		copyTree(p.t, dir, p.artifacts[step.With["name"]])
	default:
		p.t.Fatalf("got the action %s, want one that this test knows", action[1])
	}
}

// gitlabJob is a job of a file for GitLab.
type gitlabJob struct {
	Variables map[string]string
	Needs     []string
	Before    []string `yaml:"before_script"`
	Script    []string
	Artifacts struct {
		When  string
		Paths []string
	}
}

// gitlab runs one job of a file, and reports whether it ended well. The shell of the image, BusyBox, has
// pipefail as Bash has it.
func (p *pipeline) gitlab(file, name string) bool {
	p.t.Helper()
	var jobs map[string]yaml.Node
	var variables map[string]string
	var byDefault, job gitlabJob
	readYAML(p.t, file, &jobs)
	for of, into := range map[string]any{"variables": &variables, "default": &byDefault, name: &job} {
		node := jobs[of]
		if err := node.Decode(into); err != nil {
			p.t.Fatal(err)
		}
	}
	dir, env := p.t.TempDir(), map[string]string{
		"CI_COMMIT_SHA": p.commit, "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main",
		"CI_REPOSITORY_URL": p.repository,
	}
	for _, texts := range []map[string]string{variables, job.Variables} {
		for variable, text := range texts {
			env[variable] = os.Expand(text, func(name string) string { return p.values["vars."+name] })
		}
	}
	p.checkout(dir, p.repository, p.commit)
	for _, needed := range job.Needs {
		copyTree(p.t, dir, p.artifacts[needed])
	}
	passes := p.shell(dir, env, "bash", "-e", "-c", strings.Join(append(byDefault.Before, job.Script...), "\n"))
	if passes || job.Artifacts.When == "always" {
		p.save(name, dir, job.Artifacts.Paths)
	}
	return passes
}
