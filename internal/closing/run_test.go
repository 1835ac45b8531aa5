package closing_test

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// What the systems set for a run. The names are those of their documentation.
var (
	gitHub = map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "ada", "GITHUB_SERVER_URL": "https://github.test",
		"GITHUB_REPOSITORY": "acme/accounts", "GITHUB_RUN_ID": "17", "GITHUB_SHA": "c0ffee", "GITHUB_REF": "refs/heads/main",
	}
	gitLab = map[string]string{
		"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "ada", "CI_JOB_URL": "https://gitlab.test/acme/accounts/-/jobs/17",
		"CI_COMMIT_SHA": "c0ffee",
	}
	hcp = map[string]string{
		"TFC_RUN_ID": "run-17", "TFC_WORKSPACE_SLUG": "acme/accounts", "TFC_CONFIGURATION_VERSION_GIT_COMMIT_SHA": "c0ffee",
	}
)

func TestRunOf_theVariablesOfAKnownSystem(t *testing.T) {
	t.Setenv("GITHUB_TOKEN", "not read")
	const gitHubRun = "https://github.test/acme/accounts/actions/runs/17"
	for _, c := range []struct {
		name string
		set  []map[string]string
		want evidence.Run
	}{
		{"none", nil, evidence.Run{}},
		{"GitHub Actions", []map[string]string{gitHub}, evidence.Run{Actor: "ada", URL: gitHubRun, Commit: "c0ffee"}},
		{
			"a pull request", []map[string]string{gitHub, {"GITHUB_REF": "refs/pull/8/merge"}},
			evidence.Run{Actor: "ada", URL: gitHubRun, Commit: "c0ffee", Request: "https://github.test/acme/accounts/pull/8"},
		},
		{
			"a branch with the name of one", []map[string]string{gitHub, {"GITHUB_REF": "refs/heads/refs/pull/8/merge"}},
			evidence.Run{Actor: "ada", URL: gitHubRun, Commit: "c0ffee"},
		},
		{
			"a re-run by another person", []map[string]string{gitHub, {"GITHUB_TRIGGERING_ACTOR": "otto"}},
			evidence.Run{Actor: "otto", URL: gitHubRun, Commit: "c0ffee"},
		},
		{
			"without a repository", []map[string]string{gitHub, {"GITHUB_REPOSITORY": ""}},
			evidence.Run{Actor: "ada", Commit: "c0ffee"},
		},
		{
			"GitLab", []map[string]string{gitLab},
			evidence.Run{Actor: "ada", URL: "https://gitlab.test/acme/accounts/-/jobs/17", Commit: "c0ffee"},
		},
		{
			"a merge request",
			[]map[string]string{
				gitLab, {"CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.test/acme/accounts", "CI_MERGE_REQUEST_IID": "8"},
			},
			evidence.Run{
				Actor: "ada", URL: "https://gitlab.test/acme/accounts/-/jobs/17", Commit: "c0ffee",
				Request: "https://gitlab.test/acme/accounts/-/merge_requests/8",
			},
		},
		{
			"HCP Terraform", []map[string]string{hcp},
			evidence.Run{URL: "app/acme/workspaces/accounts/runs/run-17", Commit: "c0ffee"},
		},
		{
			"HCP Terraform without a workspace", []map[string]string{hcp, {"TFC_WORKSPACE_SLUG": ""}},
			evidence.Run{URL: "run-17", Commit: "c0ffee"},
		},
		{
			"an agent of HCP Terraform in a job", []map[string]string{gitHub, gitLab, hcp},
			evidence.Run{URL: "app/acme/workspaces/accounts/runs/run-17", Commit: "c0ffee"},
		},
		{
			"variables of no system", []map[string]string{gitHub, gitLab, {"GITHUB_ACTIONS": "", "GITLAB_CI": ""}},
			evidence.Run{},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("CI_JOB_TOKEN", "not read")
			setRun(t, c.set...)
			var got evidence.Run
			if run := closing.RunOf(&evidence.Run{}); run != nil {
				got = *run
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// setRun sets the variables of a run, and unsets all others that are read.
func setRun(t *testing.T, sets ...map[string]string) {
	t.Helper()
	for _, name := range closing.RunVariables {
		t.Setenv(name, "")
	}
	for _, set := range sets {
		for name, value := range set {
			t.Setenv(name, value)
		}
	}
}

func TestRunOf_whatTheConfigurationGivesComesFirst(t *testing.T) {
	t.Setenv("GITHUB_TOKEN", "not read")
	setRun(t, gitHub, map[string]string{"GITHUB_REF": "refs/pull/8/merge"})
	got := closing.RunOf(&evidence.Run{Actor: "atlantis", ApprovedBy: "otto"})
	want := evidence.Run{
		Actor: "atlantis", URL: "https://github.test/acme/accounts/actions/runs/17", Commit: "c0ffee",
		Request: "https://github.test/acme/accounts/pull/8", ApprovedBy: "otto",
	}
	if got == nil || *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// No secret that a variable may hold by mistake gets into the evidence, nor do marks that change how
// a terminal shows it, nor texts without an end.
func TestRunOf_isCleanAndBounded(t *testing.T) {
	const dirty = "ada\u202e\x1b[2J\nbob"
	t.Setenv("CI_JOB_TOKEN", "not read")
	setRun(t, gitLab, map[string]string{
		"GITLAB_USER_LOGIN": dirty, "CI_COMMIT_SHA": strings.Repeat("c", 5000),
		"CI_JOB_URL":           "https://ci:s3cret@gitlab.test/jobs/17?token=s3cret#s3cret",
		"CI_MERGE_REQUEST_IID": "8?private_token=s3cret", "CI_MERGE_REQUEST_PROJECT_URL": "https://s3cret@gitlab.test/acme",
	})
	got := closing.RunOf(&evidence.Run{ApprovedBy: dirty})
	if got == nil {
		t.Fatal("got no run, want one")
	}
	want := evidence.Run{
		Actor: "ada bob", URL: "https://gitlab.test/jobs/17", Request: "https://gitlab.test/acme/-/merge_requests/8",
		ApprovedBy: "ada bob",
	}
	if n := len([]rune(got.Commit)); n > 301 {
		t.Errorf("got a commit of %d characters, want at most 300 and an ellipsis", n)
	}
	if got.Commit = ""; *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for raw, ok := range map[string]bool{
		"https://ci.test/17": true, "http://ci.test/17?x=y": true, "": false, "ci.test/17": false, "ftp://ci.test/": false,
		"https://": false, "https://ci.test/\x00": false,
	} {
		if err := closing.CheckURL(raw); (err == nil) != ok {
			t.Errorf("%q: got %v, want accepted %t", raw, err, ok)
		}
	}
}

func TestByPerson_of(t *testing.T) {
	t.Parallel()
	texts := closing.NewByPerson(map[string]string{
		"ines@acme.test": "email", "Ines Varga": "person", "30417": "ID", "boss@acme.test": "boss",
		"Otto\u00a0Berg": "spaces",
	})
	for _, c := range []struct {
		name  string
		names []string
		want  string
	}{
		{"the person comes first", []string{"ines varga", "ines@acme.test", "30417"}, "person"},
		{"then the email address", []string{"", "INES@Acme.test.", "30417"}, "email"},
		{"then the ID", []string{"", "otto@acme.test", "30417"}, "ID"},
		{"an address with a display name", []string{"", "The Boss <boss@acme.test>", "1"}, "boss"},
		{"other spaces", []string{"Otto Berg", "", "1"}, "spaces"},
		{"a part of an ID", []string{"", "", "3041"}, ""},
		{"nothing known", []string{"", "", ""}, ""},
	} {
		if got, ok := texts.Of(c.names...); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
