package provider

import (
	"os"
	"strings"
	"testing"
)

// nightly is a configuration that compares all accounts with the file of people.
const nightly = `
locals {
  file = yamldecode(file("people.yaml"))
}

data "offboard_accounts" "all" {
  people  = concat(local.file.people, local.file.leavers)
  fail_on = %FAIL_ON%
}

output "verdicts" {
  value = { for a in data.offboard_accounts.all.accounts : "${a.vendor} ${a.id}" => a.verdict }
}
`

// messyCLI is a directory with the file of people of testdata/people.
func messyCLI(t *testing.T) *cli {
	t.Helper()
	c := newCLI(t, messy(t), "vendors = {}")
	c.write("people.yaml", testFile(t, "testdata/people/people.yaml"))
	return c
}

// A nightly check ends with an exit code, and with one line for each account.
func TestAccounts_nightlyCheckOnTheCLI(t *testing.T) {
	t.Parallel()
	c := messyCLI(t)
	c.write("main.tf", strings.ReplaceAll(nightly, "%FAIL_ON%", `["rehired"]`))
	c.run("apply", "-auto-approve").want(0, `"konstantly k-desk" = "ambiguous"`, `"ecgrid 503" = "closed"`)
	c.write("main.tf", strings.ReplaceAll(nightly, "%FAIL_ON%", `["leaver", "stranger"]`))
	said := c.run("plan").want(1, "accounts have a verdict in fail_on")
	for _, line := range []string{
		"  - leaver: Konstantly ID k-bob, active, Bob Kaye <bob+lab@acme.test>, left on 2026-11-02",
		"  - leaver: ECGrid ID 502, suspended, Bob Kaye <bob@acme.test>, left on 2026-11-02",
		"  - leaver: Skillable ID emp-1, active, Bob Kaye <bob@acme.test>, left on 2026-11-02",
		`  - stranger: Konstantly ID k-kiosk, active, Kiosk * !yes "3"`,
	} {
		if !strings.Contains(said.raw, line) {
			t.Errorf("got\n%s\nwant the line %q", said.raw, line)
		}
	}
	c.write("main.tf", strings.ReplaceAll(nightly, "%FAIL_ON%", `["late"]`))
	c.run("plan").want(1, `value must be one of`)
}

// HR's table has a header that a spreadsheet wrote.
func TestAccounts_tableOnTheCLI(t *testing.T) {
	t.Parallel()
	c := messyCLI(t)
	c.write("hr.csv", "\ufeffname,email,left_on,team\nAda,ADA@acme.test,,x\nBob,bob@acme.test,2026-11-02,\n")
	c.write("main.tf", strings.ReplaceAll(strings.ReplaceAll(
		nightly, "concat(local.file.people, local.file.leavers)", `csvdecode(file("hr.csv"))`), "%FAIL_ON%", `["leaver"]`))
	c.run("plan").want(1, "leaver: Konstantly ID k-bob")
	c.write("hr.csv", "\ufeffemail,left_on\nbob@acme.test,2026-11-02\n")
	c.run("plan").want(1, "leaver: Konstantly ID k-bob")
	c.write("hr.csv", "E-mail,name\nada@acme.test,Ada\n")
	c.run("plan").want(1, "row 1: it has no email", `"E-mail"`)
}

// testFile is the text of a file.
func testFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
