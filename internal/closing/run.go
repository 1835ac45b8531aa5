package closing

import (
	"cmp"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// RunOf returns who runs Terraform, and where: what the configuration gives, and for the rest what
// the variables say that a known system sets for each of its runs. It is nil if nothing is known.
// No other variable is read, and none of these holds a secret.
func RunOf(given *evidence.Run) *evidence.Run {
	known := runOfEnvironment()
	run := evidence.Run{
		Actor:      offboard.Text(cmp.Or(given.Actor, known.Actor)),
		URL:        cmp.Or(plainURL(given.URL), known.URL),
		Commit:     offboard.Text(cmp.Or(given.Commit, known.Commit)),
		Request:    known.Request,
		ApprovedBy: offboard.Text(given.ApprovedBy),
	}
	if run == (evidence.Run{}) {
		return nil
	}
	return &run
}

// RunVariables are all variables that RunOf reads.
var RunVariables = []string{
	"TFC_RUN_ID", "TFC_WORKSPACE_SLUG", "TFC_CONFIGURATION_VERSION_GIT_COMMIT_SHA",
	"GITHUB_ACTIONS", "GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY",
	"GITHUB_RUN_ID", "GITHUB_SHA", "GITHUB_REF",
	"GITLAB_CI", "GITLAB_USER_LOGIN", "CI_JOB_URL", "CI_COMMIT_SHA", "CI_MERGE_REQUEST_PROJECT_URL",
	"CI_MERGE_REQUEST_IID",
}

// runOfEnvironment returns what one system says of its run. The parts of two systems are never
// combined. An agent of HCP Terraform can run in a job of another system, which knows less.
func runOfEnvironment() evidence.Run {
	switch {
	case os.Getenv("TFC_RUN_ID") != "":
		return runOfHCP()
	case os.Getenv("GITHUB_ACTIONS") == "true":
		return runOfGitHub()
	case os.Getenv("GITLAB_CI") == "true":
		return runOfGitLab()
	}
	return evidence.Run{}
}

// runOfHCP reads the variables of HCP Terraform. None of them holds the host, so the place is the
// path of the run's page. See
// https://developer.hashicorp.com/terraform/cloud-docs/run/run-environment.
func runOfHCP() evidence.Run {
	place := os.Getenv("TFC_RUN_ID")
	if organization, workspace, ok := strings.Cut(os.Getenv("TFC_WORKSPACE_SLUG"), "/"); ok {
		place = strings.Join([]string{"app", organization, "workspaces", workspace, "runs", place}, "/")
	}
	return evidence.Run{
		URL: offboard.Text(place), Commit: os.Getenv("TFC_CONFIGURATION_VERSION_GIT_COMMIT_SHA"),
	}
}

// pullRequest matches the ref of a run for a pull request.
var pullRequest = regexp.MustCompile(`^refs/pull/([0-9]+)/(merge|head)$`)

// runOfGitHub reads the variables of GitHub Actions. GITHUB_TRIGGERING_ACTOR is who started a
// re-run. See https://docs.github.com/en/actions/reference/workflows-and-actions/variables.
func runOfGitHub() evidence.Run {
	run := evidence.Run{
		Actor:  cmp.Or(os.Getenv("GITHUB_TRIGGERING_ACTOR"), os.Getenv("GITHUB_ACTOR")),
		Commit: os.Getenv("GITHUB_SHA"),
	}
	server, repository := os.Getenv("GITHUB_SERVER_URL"), os.Getenv("GITHUB_REPOSITORY")
	if server == "" || repository == "" {
		return run
	}
	if id := os.Getenv("GITHUB_RUN_ID"); id != "" {
		run.URL = plainURL(server + "/" + repository + "/actions/runs/" + id)
	}
	if number := pullRequest.FindStringSubmatch(os.Getenv("GITHUB_REF")); number != nil {
		run.Request = plainURL(server + "/" + repository + "/pull/" + number[1])
	}
	return run
}

// runOfGitLab reads the variables of GitLab. See
// https://docs.gitlab.com/ci/variables/predefined_variables.
func runOfGitLab() evidence.Run {
	run := evidence.Run{
		Actor: os.Getenv("GITLAB_USER_LOGIN"), URL: plainURL(os.Getenv("CI_JOB_URL")), Commit: os.Getenv("CI_COMMIT_SHA"),
	}
	project, number := os.Getenv("CI_MERGE_REQUEST_PROJECT_URL"), os.Getenv("CI_MERGE_REQUEST_IID")
	if project != "" && number != "" {
		run.Request = plainURL(project + "/-/merge_requests/" + number)
	}
	return run
}

// CheckURL returns why a text cannot be the address of a run's page; nil if it can.
func CheckURL(raw string) error {
	if plainURL(raw) == "" {
		return errors.New("it must be an http or https URL")
	}
	return nil
}

// plainURL returns an http or https URL without what can hold a secret: user info, query and
// fragment. It returns the empty string for another text.
func plainURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return offboard.Text((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}
