package provider

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const examples = "../../examples"

// TestExamples_areAllKnown keeps an example from standing there untested, and a kind of user from
// having none. Only the resource of a vendor must be a file. A file that is not there is the common
// one.
func TestExamples_areAllKnown(t *testing.T) {
	t.Parallel()
	want := []string{
		"actions/offboard_contract/action.tf",
		"data-sources/offboard_evidence/data-source.tf",
		"functions/evidence_page/function.tf",
		"functions/evidence_report/function.tf",
		"functions/vendor_problems/function.tf",
		"leavers/leavers.tftest.hcl",
		"leavers/main.tf",
		"leavers/people.yaml",
		"provider/provider.tf",
	}
	files := filesBelow(t, examples)
	for _, name := range examplesOf("VENDOR") {
		want = append(want, "common/"+name)
		want = append(want, strings.ReplaceAll(name, "VENDOR_", ""))
	}
	want = append(want, "resources/offboard_user/resource.tf")
	want = append(want, definitions(files)...) // another test reads them
	for _, k := range kinds {
		want = append(want, "resources/"+k.typeName()+"/resource.tf")
		for _, name := range examplesOf(k.name) {
			if slices.Contains(files, name) {
				want = append(want, name)
			} else if k.partial == "" || !strings.HasPrefix(name, "list-resources/") {
				example(t, name)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(files)
	if !slices.Equal(files, want) {
		t.Errorf("got the examples\n%s\nwant\n%s", strings.Join(files, "\n"), strings.Join(want, "\n"))
	}
}

// examplesOf are the examples of a vendor that may be the common ones.
func examplesOf(vendor string) []string {
	user := "offboard_" + vendor + "_user"
	return []string{
		"data-sources/" + user + "/data-source.tf",
		"data-sources/" + user + "s/data-source.tf",
		"list-resources/" + user + "/list-resource.tfquery.hcl",
		"resources/" + user + "/import.sh",
		"resources/" + user + "/import-by-string-id.tf",
		"resources/" + user + "/import-by-identity.tf",
	}
}

// filesBelow are the names of the files below a folder.
func filesBelow(t *testing.T, folder string) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestExamples_takeOverWhatTheySay plans and applies each example with each way to import, and then
// finds nothing left to do.
func TestExamples_takeOverWhatTheySay(t *testing.T) {
	t.Parallel()
	all, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	emptyCLI(t, newTestEnv(t)).run("fmt", "-check", "-recursive", "-diff", all).want(0)
	forEachBuiltIn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for form, minor := range map[string]int{
			"import.sh": 0, "import-by-string-id.tf": 0, "import-by-identity.tf": 12,
		} {
			t.Run(form, func(t *testing.T) {
				t.Parallel()
				c, of := emptyCLI(t, w), "resources/"+v.kind.typeName()
				c.needs(minor)
				c.copyExamples("provider/provider.tf", of+"/resource.tf", of+"/"+form)
				if form == "import.sh" {
					c.startProgram("sh", "-e", form).wait().want(0)
				}
				c.run("fmt", "-check", "-diff").want(0)
				c.run("apply", "-auto-approve").want(0)
				c.run("plan", "-detailed-exitcode").want(0)
				if changes := w.changes(); len(changes) > 0 {
					t.Errorf("got the changes %v at the vendor, want none", changes)
				}
			})
		}
	})
}

// TestExamples_leaverIsClosedEverywhere takes a person out of the file of people, as the guide
// says.
func TestExamples_leaverIsClosedEverywhere(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.copyExamples("leavers/main.tf", "leavers/people.yaml")
	c.run("apply", "-auto-approve").want(0)
	c.run("plan", "-detailed-exitcode").want(0)

	c.write("people.yaml", otto)
	c.run("apply", "-auto-approve").want(0)
	for _, v := range leaversVendors(t) {
		if v.has(w.mock, v.id) {
			t.Errorf("%s: the leaver's account is open", v.kind.title)
		}
		if !v.has(w.mock, v.other) {
			t.Errorf("%s: the account of somebody who stays is closed", v.kind.title)
		}
	}
}

// TestExamples_leaversAreTested runs the example's own tests. They agree to the file of people, and
// not to files with mistakes.
func TestExamples_leaversAreTested(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.copyExamples("leavers/main.tf", "leavers/people.yaml", "leavers/leavers.tftest.hcl")
	c.run("test").want(0)

	for mistake, people := range map[string]string{
		inesName:                    "ines: {email: " + inesEmail + ", ecgrid: \"30418\"}\n",
		"Two people in people.yaml": "ines: {ecgrid: \"30417\"}\nvarga: {ecgrid: \"30417\"}\n",
		"ines.ecgird":               "ines: {ecgird: \"30417\"}\n",
	} {
		c.write("people.yaml", people)
		if mistake == inesName {
			mistake = ottoName // the live account's
		}
		c.run("test").want(1, mistake)
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

// leaversVendors are the vendors of the example of leavers. It shows what vendors can differ in, and
// need not have all.
func leaversVendors(t *testing.T) []vendorCase {
	t.Helper()
	text := example(t, "leavers/main.tf")
	return casesWhere(t, func(v vendorCase) bool { return strings.Contains(text, "resource \""+v.kind.typeName()+"\"") })
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

// A bad merge of the file of people must stop the plan, and neither -target nor -exclude may get
// past that.
func TestExamples_peopleFileWithAMistakeFailsThePlan(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.copyExamples("leavers/main.tf", "leavers/people.yaml")
	c.run("apply", "-auto-approve").want(0)
	for _, test := range peopleMistakes {
		t.Log(test.name)
		c.write("people.yaml", test.people)
		c.run("plan").want(1, test.want)
	}
	c.write("people.yaml", otto+otto) // Ines is gone, who is the only one at sFOX and Skillable
	for _, option := range c.narrowings() {
		c.run("plan", option).want(1, "written twice")
	}
	if c.isTofu() { // what excludes the check excludes all users with it
		c.run("plan", "-detailed-exitcode", "-exclude=terraform_data.people").want(0)
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

// narrowings are options that leave users or their refresh out of a plan.
func (p *cliProgram) narrowings() []string {
	all := []string{
		`-target=offboard_skillable_user.people["ines"]`,
		"-target=offboard_sfox_user.people",
		"-refresh=false",
	}
	if p.isTofu() {
		all = append(all, "-exclude=offboard_konstantly_user.people")
	}
	return all
}

// Otto in a file of people, and how his line begins.
const (
	ottoAtECGrid = "otto@edi.acme.test"

	otto    = ottoHas + "konstantly: u8x3p1, ecgrid: {id: \"30418\", email: " + ottoAtECGrid + "}}\n"
	ottoHas = "otto: {email: " + ottoEmail + ", "
)

// peopleMistakes are files of people as a merge, an editor or a hurry may leave them.
var peopleMistakes = []struct{ name, people, want string }{
	{"a conflict that nobody solved", "<<<<<<< HEAD\n" + otto + "=======\n" + otto + ">>>>>>> leavers\n", "yamldecode"},
	{"an empty file", "", "Error"},
	{"a file of comments", "# ines\n", "Error"},
	{"a person twice", otto + otto, "written twice"},
	{"a person twice, once in quotes", otto + strings.Replace(otto, "otto", `"otto"`, 1), "written twice"},
	{
		"a person twice, in other words",
		otto + "otto :\n  email: " + ottoEmail + "\n  konstantly: u8x3p1\n",
		"written twice",
	},
	{"a vendor twice", ottoHas + "ecgrid: \"30418\", ecgrid: \"30417\"}\n", "written twice"},
	{
		"a vendor twice in a block",
		"otto:\n  email: " + ottoEmail + "\n  ecgrid: \"30418\"\n  ecgrid: \"30417\"\n",
		"written twice",
	},
	{
		"a vendor twice as in JSON",
		`{"otto":{"email":"` + ottoEmail + `","ecgrid":"30418","ecgrid":"30417"}}`,
		"written twice",
	},
	{"an ID twice", ottoHas + "ecgrid: {id: \"30418\", 'id': \"30417\"}}\n", "written twice"},
	{"a person twice behind a comment with a colon", otto + "# otto: is here\n" + otto, "written twice"},
	{"an anchor", "otto: &o {email: " + ottoEmail + ", ecgrid: \"30418\"}\nines: *o\n", "an anchor"},
	{"a number", ottoHas + "ecgrid: 30418}\n", "quotes around the value of otto.ecgrid"},
	{"a number with zeros in front", ottoHas + "skillable: 0031}\n", "quotes around the value of otto.skillable"},
	{
		"a number inside an account",
		ottoHas + "skillable: {id: 1e3, email: none}}\n",
		"quotes around the value of otto.skillable",
	},
	{"a truth value", ottoHas + "sfox: true}\n", "quotes around the value of otto.sfox"},
	{"a date", ottoHas + "sfox: 2026-01-31}\n", "quotes around the value of otto.sfox"},
	{"a list", ottoHas + "sfox: [cust-7f31]}\n", "quotes around the value of otto.sfox"},
	{"a vendor nobody knows", ottoHas + "konstantly: u8x3p1, ecgird: \"30418\"}\n", "otto.ecgird"},
	{"a vendor in other case", ottoHas + "konstantly: u8x3p1, ECGrid: \"30418\"}\n", "otto.ECGrid"},
	{"a field nobody knows inside an account", ottoHas + "ecgrid: {id: \"30418\", mail: none}}\n", "otto.ecgrid.mail"},
	{
		"one account under two names",
		otto + "ostrander: {email: " + ottoEmail + ", ecgrid: \"30418\"}\n",
		"ecgrid 30418 (ostrander, otto)",
	},
	{
		"one account in other case",
		otto + "ostrander: {email: " + ottoEmail + ", konstantly: U8X3P1}\n",
		"Two people in people.yaml have the same account",
	},
	{
		"one account in two ways",
		otto + "ostrander: {email: " + ottoEmail + ", ecgrid: {id: \"30418\", email: none}}\n",
		"ecgrid 30418 (ostrander, otto)",
	},
	{"no email address", "otto: {ecgrid: \"30418\"}\n", "misses a value: otto.email"},
	{"an empty email address", "otto: {email: , ecgrid: \"30418\"}\n", "misses a value: otto.email"},
	{
		"a display name",
		"otto: {email: Otto <" + ottoEmail + ">, ecgrid: \"30418\"}\n",
		"has no email address at otto.email",
	},
	{"an ID that is empty", ottoHas + "konstantly: u8x3p1, ecgrid: }\n", "misses a value: otto.ecgrid"},
	{"an ID of blanks", ottoHas + "konstantly: u8x3p1, ecgrid: \" \"}\n", "misses a value: otto.ecgrid"},
	{"an account without an ID", ottoHas + "ecgrid: {email: " + ottoEmail + "}}\n", "otto.ecgrid"},
	{"nothing but an email address", otto + "ines: {email: " + inesEmail + "}\n", "ines: no vendor"},
	{"nothing at all", otto + "ines:\n", "ines"},
	{"a list of people", "- {name: otto, email: " + ottoEmail + ", ecgrid: \"30418\"}\n", "name"},
}

const mina = "30419" // whom nobody manages

// TestExamples_findUsers applies the data sources beside the resources that they speak of.
func TestExamples_findUsers(t *testing.T) {
	t.Parallel()
	const failed = "Check block assertion failed"
	forEachBuiltIn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		v.put(w.mock, mina, "Mina Okafor", "mina.okafor@acme.test")
		c, of := emptyCLI(t, w), v.kind.typeName()
		c.copyExamples("provider/provider.tf", "resources/"+of+"/resource.tf", "resources/"+of+"/import-by-string-id.tf")
		c.write("user.tf", example(t, "data-sources/"+of+"/data-source.tf"))
		c.write("users.tf", example(t, "data-sources/"+of+"s/data-source.tf"))
		c.run("apply", "-auto-approve").want(0, failed) // while Ines is there
		if v.kind.partial == "" {
			c.run("output", "-json", "unmanaged").want(0, mina).silent(v.id)
		}
		v.drop(w.mock, v.id)
		c.run("apply", "-auto-approve").want(0).silent(failed) // Ines is gone
	})
}

// TestExamples_listUsers asks the list resources. OpenTofu has none.
func TestExamples_listUsers(t *testing.T) {
	t.Parallel()
	listed := func(v vendorCase) bool { return v.kind.partial == "" }
	forEachWhere(t, builtIn(listed), func(t *testing.T, v vendorCase, w *testEnv) {
		c, of := emptyCLI(t, w), v.kind.typeName()
		if c.isTofu() {
			return
		}
		c.needs(listMinor)
		v.put(w.mock, mina, "Mina Okafor", "mina.okafor@acme.test")
		c.copyExamples("provider/provider.tf", "resources/"+of+"/resource.tf", "resources/"+of+"/import-by-string-id.tf")
		c.run("apply", "-auto-approve").want(0)
		c.copyExamples("list-resources/" + of + "/list-resource.tfquery.hcl")
		c.run("query").want(0, mina).silent(inesName)
	})
}

// TestExamples_showEvidence reads the evidence of a closing, which is intact, and of one that
// somebody has written over, which is not.
func TestExamples_showEvidence(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), konstantlyCase
	v.add(w.mock)
	c := emptyCLI(t, w)
	log := filepath.Join(c.dir, "offboarding.jsonl")
	d := newDriver(t, w, attributes{"evidence_log": log, "reason": "HR-1234"})
	if _, diags := d.destroy(d.mustImport(v.kind, v.id)); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	c.copyExamples("provider/provider.tf", "data-sources/offboard_evidence/data-source.tf")
	c.write("report.tf", example(t, "functions/evidence_report/function.tf"))
	c.write("page.tf", example(t, "functions/evidence_page/function.tf"))
	c.run("apply", "-auto-approve").want(0, ` u7k2m9 -" = [`).silent("Check block assertion failed")
	head := strings.TrimSpace(c.run("output", "-raw", "head").want(0).raw)
	c.run("output", "-raw", "report").want(0, inesName, head)
	c.run("output", "-raw", "page").want(0, inesName, head, "</html>")
	if err := os.Truncate(log, 0); err != nil {
		t.Fatal(err)
	}
	c.run("apply", "-auto-approve", "-var=last_head="+head).want(0, "has no record with the known head")
}

// copyExamples copies files from below examples/ into the directory.
func (c *cli) copyExamples(names ...string) {
	c.t.Helper()
	for _, name := range names {
		c.write(filepath.Base(name), example(c.t, name))
	}
}

// example is the text of a file below examples/. An example that has no file is the common one, as
// it is on its page.
func example(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if errors.Is(err, fs.ErrNotExist) {
		return exampleOnPage(tb, name)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// exampleOnPage is the text of an example that has no file.
func exampleOnPage(tb testing.TB, name string) string {
	tb.Helper()
	folder, file := filepath.Dir(name), filepath.Base(name)
	page := strings.Replace("docs/"+filepath.ToSlash(folder)+".md", "/offboard_", "/", 1)
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		tb.Fatalf("got no example %s and no page %s, want one of them: run make docs: %v", name, page, err)
	}
	for _, b := range blocksOf(page, string(text)) {
		identity, imports := strings.Contains(b.text, "identity = {"), strings.HasPrefix(b.text, "import {")
		if is := map[string]bool{
			"import.sh":              b.language == "shell" && strings.HasPrefix(b.text, "terraform import "),
			"import-by-string-id.tf": imports && !identity,
			"import-by-identity.tf":  imports && identity,
		}; is[file] || b.isHCL() && !strings.HasPrefix(name, "resources/") {
			return b.text
		}
	}
	tb.Fatalf("got no example %s, neither as a file nor on %s, want one: run make docs", name, page)
	return ""
}
