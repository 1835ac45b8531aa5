package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// peopleFiles are the example of people: a configuration with a module.
var peopleFiles = []string{
	"people/.gitignore",
	"people/accounts/checks.tf", "people/accounts/imports.tf", "people/accounts/imports.tofu", "people/accounts/main.tf",
	"people/find/main.tf", "people/imports.tofu", "people/main.tf", "people/people.tftest.hcl", "people/people.yaml",
}

// moduleImportMinor is the version of Terraform that brought import blocks in modules.
const moduleImportMinor = 16

// copyPeople copies the example of people, in the variant for the CLI under test.
func (c *cli) copyPeople() {
	c.t.Helper()
	c.needs(7) // for_each in import blocks
	for _, file := range peopleFiles {
		name := strings.TrimPrefix(file, "people/")
		if err := os.MkdirAll(filepath.Join(c.dir, filepath.Dir(name)), 0o700); err != nil {
			c.t.Fatal(err)
		}
		c.write(name, example(c.t, file))
	}
	c.olderVariant()
	c.run("get").want(0)
}

// olderVariant does with the example of people what imports.tofu tells people to do who have an
// older Terraform.
func (c *cli) olderVariant() {
	c.t.Helper()
	if c.isTofu() || c.minor >= moduleImportMinor {
		return
	}
	c.write("imports.tf", c.read("imports.tofu"))
	c.remove("imports.tofu", "accounts/imports.tf")
}

// leaversVendors are the vendors of the example of people that the provider knows itself.
func leaversVendors(t *testing.T) []vendorCase {
	t.Helper()
	text := example(t, "people/accounts/main.tf")
	return casesWhere(t, func(v vendorCase) bool {
		return v.twin == "" && strings.Contains(text, "resource \""+v.kind.typeName()+"\"")
	})
}

// leaversWorld knows everybody in the example's file of people.
func leaversWorld(t *testing.T) *testEnv {
	t.Helper()
	w := newTestEnv(t)
	for _, v := range leaversVendors(t) {
		v.add(w.mock)
	}
	ecgridCase.email(w.mock, ecgridCase.other, ottoAtECGrid)
	return w
}

// Otto in a file of people, how his entry begins, and Ines among those who have left.
const (
	ottoAtECGrid = "otto@edi.acme.test"

	otto    = "people:\n- " + ottoOnly
	otto2   = "- " + ottoOnly // once more
	ottoAt  = `{konstantly: "u8x3p1", ecgrid: {id: "30418", email: "` + ottoAtECGrid + `"}}`
	ottoIs  = `{email: "` + ottoEmail + `", `
	ottoHas = "people:\n- " + ottoIs + "accounts: {"

	ottoOnly = ottoIs + "accounts: " + ottoAt + "}\n"
	inesLeft = "leavers:\n- {email: \"" + inesEmail + "\", left_on: \"2026-11-27\", ticket: \"HR-1234\"}\n"
)

// TestExamples_leaverIsClosedEverywhere moves a person to those who have left, as the guide says.
// The evidence then says why, and since when.
func TestExamples_leaverIsClosedEverywhere(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.copyPeople()
	c.run("apply", "-auto-approve").want(0)
	c.run("plan", "-detailed-exitcode").want(0)

	c.write("people.yaml", otto, inesLeft)
	c.run("apply", "-auto-approve").want(0)
	leaverIsClosed(t, c, w)
	c.run("plan", "-detailed-exitcode").want(0)
	if log := c.read("offboarding.jsonl"); !strings.Contains(log, "HR-1234") || !strings.Contains(log, "2026-11-27") {
		t.Errorf("got the evidence\n%s\nwant the ticket and the day of the leaver in it", log)
	}
}

// TestExamples_peopleAreTested runs the example's own tests. They agree to the file of people, and
// not to files with mistakes.
func TestExamples_peopleAreTested(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.copyPeople()
	c.run("test").want(0)

	for mistake, people := range map[string]string{
		ottoName:        "people:\n- {email: \"" + inesEmail + "\", accounts: {ecgrid: \"30418\"}}\n", // the live account's
		"ecgrid 30418 ": otto + "- {email: \"" + inesEmail + "\", accounts: {ecgrid: \"30418\"}}\n",
		"ecgird":        ottoHas + "ecgird: \"30418\"}}\n",
	} {
		c.write("people.yaml", people)
		c.run("test").want(1, mistake)
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

// A bad merge of the file of people must stop the plan, and neither -target nor -exclude may get
// past that.
func TestExamples_peopleFileWithAMistakeFailsThePlan(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.copyPeople()
	c.run("apply", "-auto-approve").want(0)
	for _, test := range peopleMistakes {
		t.Log(test.name)
		c.write("people.yaml", test.people)
		c.run("plan").want(1, test.want)
	}
	c.write("people.yaml", otto, otto2) // Ines is gone, who is the only one at sFOX and Skillable
	for _, option := range c.narrowings() {
		c.run("plan", option).want(1, "has this twice")
	}
	if c.isTofu() { // what excludes the check excludes all users with it
		c.run("plan", "-detailed-exitcode", "-exclude=module.people.terraform_data.people").want(0)
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

// narrowings are options that leave users or their refresh out of a plan.
func (p *cliProgram) narrowings() []string {
	all := []string{
		`-target=module.people.offboard_skillable_user.people["` + inesEmail + `"]`,
		"-target=module.people.offboard_sfox_user.people",
		"-refresh=false",
	}
	if p.isTofu() {
		all = append(all, "-exclude=module.people.offboard_konstantly_user.people")
	}
	return all
}

// peopleMistakes are files of people as a merge, an editor or a hurry may leave them.
var peopleMistakes = []struct{ name, people, want string }{
	{"a conflict that nobody solved", "<<<<<<< HEAD\n" + otto + "=======\n" + otto + ">>>>>>> leavers\n", "yamldecode"},
	{"an empty file", "", "yamldecode"},
	{"a file of comments", "# ines\n", "yamldecode"},
	{"nobody", "people: []\n", "misses a value: people"},
	{"a person twice", otto + otto2, otto2Said},
	{
		"a person twice, in capitals",
		otto + "- {email: \"" + strings.ToUpper(ottoEmail) + "\"}\n",
		"has this twice: " + ottoEmail,
	},
	{"a person without accounts twice", otto + "- {email: \"" + ottoEmail + "\"}\n", otto2Said},
	{"people twice", otto + otto, "written twice"},
	{"people twice, once in quotes", otto + strings.Replace(otto, "people", `"people"`, 1), "written twice"},
	{"people twice, in other words", otto + strings.Replace(otto, "people:", "people :", 1), "written twice"},
	{"people twice behind a comment with a colon", otto + "# people: are here\n" + otto, "written twice"},
	{"leavers twice", otto + inesLeft + inesLeft, "written twice"},
	{"somebody who has left and has not", otto + strings.Replace(inesLeft, inesEmail, ottoEmail, 1), otto2Said},
	{
		"a name twice",
		otto + "- {name: \"X\", email: \"x@acme.test\"}\n- {name: \"x\", email: \"y@acme.test\"}\n",
		"x (people[1], people[2])",
	},
	{
		"an alias of somebody else",
		otto + "- {email: \"x@acme.test\", other_emails: [\"" + ottoEmail + "\"]}\n",
		"has this twice",
	},
	{"a vendor twice", ottoHas + "ecgrid: \"30418\", ecgrid: \"30417\"}}\n", "written twice"},
	{
		"a vendor twice in a block",
		"people:\n- email: \"" + ottoEmail + "\"\n  accounts:\n    ecgrid: \"30418\"\n    ecgrid: \"30417\"\n",
		"written twice",
	},
	{
		"a vendor twice as in JSON",
		`{"people":[{"email":"` + ottoEmail + `","accounts":{"ecgrid":"30418","ecgrid":"30417"}}]}`,
		"written twice",
	},
	{"an ID twice", ottoHas + "ecgrid: {id: \"30418\", 'id': \"30417\"}}}\n", "written twice"},
	{"an anchor", "people:\n- &o {email: \"" + ottoEmail + "\"}\n- *o\n", "an anchor"},
	{"a number", ottoHas + "ecgrid: 30418}}\n", "quotes around the value of " + ottoEmail + ": ecgrid"},
	{
		"a number with zeros in front",
		ottoHas + "skillable: 0031}}\n",
		"quotes around the value of " + ottoEmail + ": skillable",
	},
	{
		"a number inside an account",
		ottoHas + "skillable: {id: 1e3, email: none}}}\n",
		"quotes around the value of " + ottoEmail + ": skillable",
	},
	{"a truth value", ottoHas + "sfox: true}}\n", "quotes around the value of " + ottoEmail + ": sfox"},
	{"a date", ottoHas + "sfox: 2026-01-31}}\n", "quotes around the value of " + ottoEmail + ": sfox"},
	{"a list", ottoHas + "sfox: [cust-7f31]}}\n", "quotes around the value of " + ottoEmail + ": sfox"},
	{"a vendor nobody knows", ottoHas + "konstantly: \"u8x3p1\", ecgird: \"30418\"}}\n", ottoEmail + ": ecgird"},
	{"a vendor in other case", ottoHas + "konstantly: \"u8x3p1\", ECGrid: \"30418\"}}\n", ottoEmail + ": ECGrid"},
	{
		"a vendor of a leaver that nobody knows",
		otto + strings.Replace(inesLeft, "}", ", accounts: {ecgird: \"1\"}}", 1),
		"ecgird",
	},
	{"a field nobody knows", "people:\n- {email: \"" + ottoEmail + "\", acounts: " + ottoAt + "}\n", "acounts"},
	{"a list nobody knows", otto + "leaver:\n", "not known: leaver"},
	{"a field nobody knows inside an account", ottoHas + "ecgrid: {id: \"30418\", mail: none}}}\n", "ecgrid.mail"},
	{"one account of two people", otto + inesHas + "{ecgrid: \"30418\"}}\n", "ecgrid 30418 ("},
	{"one account in other case", otto + inesHas + "{konstantly: \"U8X3P1\"}}\n", "konstantly u8x3p1 ("},
	{"one account in two ways", otto + inesHas + "{ecgrid: {id: \"30418\", email: none}}}\n", "ecgrid 30418 ("},
	{
		"one account of somebody who has left",
		otto + strings.Replace(inesLeft, "}", ", accounts: {ecgrid: \"30418\"}}", 1),
		"ecgrid 30418 (",
	},
	{"no email address", "people:\n- {accounts: {ecgrid: \"30418\"}}\n", "misses a value: people[0]: email"},
	{
		"an empty email address",
		"people:\n- {email: , accounts: {ecgrid: \"30418\"}}\n",
		"misses a value: people[0]: email",
	},
	{
		"a display name",
		"people:\n- {email: \"Otto <" + ottoEmail + ">\"}\n",
		"has no email address at Otto <" + ottoEmail + ">: email",
	},
	{"an ID that is empty", ottoHas + "konstantly: u8x3p1, ecgrid: }}\n", "misses a value: " + ottoEmail + ": ecgrid"},
	{"an ID of blanks", ottoHas + "konstantly: u8x3p1, ecgrid: \" \"}}\n", "misses a value: " + ottoEmail + ": ecgrid"},
	{"an account without an ID", ottoHas + "ecgrid: {email: " + ottoEmail + "}}}\n", ": ecgrid"},
	{
		"accounts that are lost",
		"people:\n- email: \"" + ottoEmail + "\"\n  accounts:\n",
		"misses a value: " + ottoEmail + ": accounts",
	},
	{"aliases that are no list", "people:\n- " + ottoIs + "other_emails: \"x@acme.test\"}\n", ": other_emails"},
	{"nothing at all", otto + "- \n", "people[1]: email"},
	{"a map of people", "people:\n  otto: {email: " + ottoEmail + ", ecgrid: \"30418\"}\n", ": ecgrid"},
	{"no leaver's day", otto + "leavers:\n- {email: \"x@acme.test\"}\n", "misses a value: x@acme.test: left_on"},
	{"a day without quotes", otto + "leavers:\n- {email: \"x@acme.test\", left_on: 2026-11-27}\n", "x@acme.test: left_on"},
	{"no day", otto + "leavers:\n- {email: \"x@acme.test\", left_on: \"soon\"}\n", "has no day"},
	{
		"a setting in quotes",
		"people:\n- " + ottoIs + "suspended: \"true\"}\n",
		"true or false, without quotes, at " + ottoEmail + ": suspended",
	},
	{
		"a setting that is empty",
		"people:\n- " + ottoIs + "suspended: }\n",
		"true or false, without quotes, at " + ottoEmail + ": suspended",
	},
}

const (
	otto2Said = ottoEmail + " (people[0], "
	inesHas   = "- {email: \"" + inesEmail + "\", accounts: "
)
