package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// nightly is the format of a configuration that compares all accounts with the file of people. It takes
// the value of fail_on.
const nightly = `
locals {
  file = yamldecode(file("people.yaml"))
}

data "offboard_accounts" "all" {
  people  = concat(local.file.people, local.file.leavers)
  fail_on = %s
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
	c.write("main.tf", fmt.Sprintf(nightly, `["rehired"]`))
	c.run("apply", "-auto-approve").want(0, `"konstantly k-desk" = "ambiguous"`, `"ecgrid 503" = "closed"`)
	c.write("main.tf", fmt.Sprintf(nightly, `["leaver", "stranger"]`))
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
	c.write("main.tf", fmt.Sprintf(nightly, `["late"]`))
	c.run("plan").want(1, `value must be one of`)
}

// HR's table has a header that a spreadsheet wrote.
func TestAccounts_tableOnTheCLI(t *testing.T) {
	t.Parallel()
	c := messyCLI(t)
	c.write("hr.csv", "\ufeffname,email,left_on,team\nAda,ADA@acme.test,,x\nBob,bob@acme.test,2026-11-02,\n")
	c.write("main.tf", strings.ReplaceAll(
		fmt.Sprintf(nightly, `["leaver"]`), "concat(local.file.people, local.file.leavers)", `csvdecode(file("hr.csv"))`))
	c.run("plan").want(1, "leaver: Konstantly ID k-bob")
	c.write("hr.csv", "\ufeffemail,left_on\nbob@acme.test,2026-11-02\n")
	c.run("plan").want(1, "leaver: Konstantly ID k-bob")
	c.write("hr.csv", "\ufeffemail,left_on\nada@acme.test,\n")
	c.run("apply", "-auto-approve").want(0, `"konstantly k-ada" = "ok"`)
	c.write("hr.csv", "E-mail,name\nada@acme.test,Ada\n")
	c.run("plan").want(1, "row 1: it has no email", `"E-mail"`)
}

// hostileNames are names that YAML could take for something else, and that do not end where they seem to.
var hostileNames = []string{
	`"`,
	`'`,
	`a"b'c`,
	"a\nb: 1",
	"a\r\n- b",
	"\u0001\u001b[31m",
	"*",
	"*a",
	"!",
	"!!str",
	"&a",
	"7",
	"0031",
	"1e3",
	"yes",
	"no",
	"null",
	"~",
	"true",
	"2026-11-29",
	"#",
	"a # b",
	"a: b",
	"- a",
	"? a",
	"[a",
	"{a",
	"|",
	">",
	"%a",
	"@a",
	"`a",
	"\\",
	"\\n",
	`\u0041`,
	"${a}",
	"%{a}",
	"José",
	"a\u2028",
	"a\u0085b",
	"\ufeffa",
	"a\u007f",
	"\U0001f600",
	"\U000e0001a",
	" a ",
	"\ta",
	"a\u00a0",
	"a\u202eb",
	"<b>&amp;",
}

// The file of people comes back from yamldecode as it was, and says of each account whose it is.
func TestPeopleFile_comesBackFromYAML(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	c := newCLI(t, w, "vendors = {}")
	c.needs(8)
	w.mock.ECGrid.Add(mock.ECGridUser{ID: 8, Name: "Robot", Email: "robot@acme.test"})
	want, list := map[string]string{}, []map[string]any{}
	for i, name := range hostileNames {
		id, email := fmt.Sprintf("k%d", i), fmt.Sprintf("person%d@acme.test", i)
		w.mock.Konstantly.Add(mock.KonstantlyUser{ID: id, Name: "x", Email: email})
		w.mock.SFOX.Add(mock.SFOXUser{ID: "s" + id, Name: "x", Email: fmt.Sprintf("person%d+s@acme.test", i)})
		list, want[email] = append(list, map[string]any{"email": email, "name": name}), name
	}
	c.write("people.json", string(encode(list)))
	c.document("people_file", "people.yaml")
	c.write("main.tf", `
locals {
  file = yamldecode(file("people.yaml"))
}

data "offboard_accounts" "all" {
  people  = concat(local.file.people, local.file.leavers)
  managed = {
    konstantly = [for p in local.file.people : p.accounts.konstantly]
    sfox       = [for p in local.file.people : p.accounts.sfox.id]
  }
  ignore  = ["7", "8"]
  fail_on = ["closed", "ambiguous", "rehired", "leaver", "stranger", "outside", "unmanaged"]
}

output "names" {
  value = { for p in local.file.people : p.email => p.name }
}
`)
	c.run("apply", "-auto-approve").want(0)
	var got map[string]string
	if err := json.Unmarshal([]byte(c.run("output", "-json", "names").want(0).raw), &got); err != nil {
		t.Fatal(err)
	}
	for email, name := range want {
		if got[email] != name {
			t.Errorf("got the name %q, want %q", got[email], name)
		}
	}
}

// Of messy accounts, the file says what is clear, and the rest is a comment.
func TestPeopleFile_ofMessyAccounts(t *testing.T) {
	t.Parallel()
	c := messyCLI(t)
	c.needs(8)
	c.write("main.tf", fmt.Sprintf(nightly, "[]"), `
output "file" {
  value = provider::offboard::people_file(data.offboard_accounts.all)
}
`)
	c.run("apply", "-auto-approve").want(0)
	c.run("output", "-raw", "file").want(0,
		`sfox: { id: "s-ada", email: "ada@fund.example" }`, `skillable: "emp-3"`, `left_on: "2026-11-02"`,
		`# konstantly: "k-kiosk", name "Kiosk * !yes \"3\"": CHECK: the vendor shows no email address`,
		`# sfox: "s-bob" # is shown by no vendor`, `# ecgrid: "503" # is closed`, `# ecgrid: "7"`, "it holds the API key",
		`# CHECK: another person on the list has the address "desk@acme.test".`,
	)
}

// An account without an address stands at the one person who has its name. Without the signs before
// it, it is theirs.
func TestPeopleFile_accountsWithoutAnAddress(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	c := newCLI(t, w, "vendors = {}")
	c.needs(8)
	w.mock.Skillable.Add(mock.SkillableUser{ID: "emp-1", Name: "Ada", Saved: mock.Labs{{}}})
	w.mock.Skillable.Add(mock.SkillableUser{ID: "emp-2", Name: "Bob", Saved: mock.Labs{{}}})
	w.mock.Konstantly.Add(mock.KonstantlyUser{ID: "k-bob", Name: "Bob", Email: "bob@acme.test"})
	c.write("people.json", `[{"email":"ada@acme.test","name":"Ada"},{"email":"bob@acme.test","name":"Bob"}]`)
	c.document("people_file", "people.yaml")
	text := c.read("people.yaml")
	for _, id := range []string{"emp-1", "emp-2"} {
		line := `      # skillable: { id: "` + id + `", email: "none" } # CHECK: `
		if !strings.Contains(text, line) {
			t.Errorf("got %s, want the line %s", text, line)
		}
	}
	text = strings.NewReplacer("# skillable", "skillable", "# accounts", "accounts").Replace(text)
	c.write("people.yaml", text)
	c.write("main.tf", `
output "ids" {
  value = join(", ", [for p in yamldecode(file("people.yaml")).people : "${p.email} has ${p.accounts.skillable.id}"])
}
`)
	c.run("apply", "-auto-approve").want(0, "ada@acme.test has emp-1, bob@acme.test has emp-2")
}

// The examples find the leaver and the strangers, and make both documents.
func TestExamples_whoStillHasAnAccount(t *testing.T) {
	t.Parallel()
	c := emptyCLI(t, messy(t))
	c.needs(8)
	c.copyExamples("provider/provider.tf", "data-sources/offboard_accounts/data-source.tf")
	c.write("people.csv", "name,email,left_on\nAda Lovelace,ada@acme.test,\nBob Kaye,bob@acme.test,2026-11-02\n")
	c.run("apply", "-auto-approve").want(0,
		"bob@acme.test left on 2026-11-02 and has the account k-bob at konstantly.", `"sfox s-hal Hal Ito"`,
	)
	for function, document := range map[string]struct{ output, want string }{
		"accounts_page": {"page", "</html>"}, "people_file": {"people", `left_on: "2026-11-02"`},
	} {
		c.write("data-source.tf", example(t, "functions/"+function+"/function.tf"))
		c.run("apply", "-auto-approve").want(0)
		c.run("output", "-raw", document.output).want(0, document.want)
	}
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
