package provider

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExamples_areAllKnown keeps an example from standing there untested, and a kind of user from
// having none.
func TestExamples_areAllKnown(t *testing.T) {
	want := []string{
		"data-sources/offboard_evidence/data-source.tf", "functions/evidence_report/function.tf",
		"leavers/leavers.tftest.hcl", "leavers/main.tf", "leavers/people.yaml", "provider/provider.tf",
	}
	for _, k := range kinds {
		want = append(want, "data-sources/"+k.typeName()+"/data-source.tf", "data-sources/"+k.typeName()+"s/data-source.tf")
		if k.partial == "" {
			want = append(want, "list-resources/"+k.typeName()+"/list-resource.tfquery.hcl")
		}
		for _, file := range []string{"resource.tf", "import.sh", "import-by-string-id.tf", "import-by-identity.tf"} {
			want = append(want, "resources/"+k.typeName()+"/"+file)
		}
	}
	var got []string
	err := fs.WalkDir(os.DirFS(examples), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			got = append(got, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got the examples\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestExamples_takeOverWhatTheySay plans and applies each example with each way to import, and then
// finds nothing left to do.
func TestExamples_takeOverWhatTheySay(t *testing.T) {
	c := newExampleCLI(t)
	c.run(t, newTestEnv(t), examples, c.path, "fmt", "-check", "-recursive", "-diff")
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		forms := []string{"import.sh", "import-by-string-id.tf"}
		if c.isAtLeast(t, 12) {
			forms = append(forms, "import-by-identity.tf")
		}
		for _, form := range forms {
			dir := t.TempDir()
			of := "resources/" + v.kind.typeName()
			copyExamples(t, dir, "provider/provider.tf", of+"/resource.tf", of+"/"+form)
			if form == "import.sh" {
				c.run(t, w, dir, "sh", "-e", form)
			}
			c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
			c.run(t, w, dir, c.path, "plan", "-detailed-exitcode", "-input=false")
			if changes := w.changes(); len(changes) > 0 {
				t.Errorf("%s: got the changes %v at the vendor, want none", form, changes)
			}
		}
	})
}

// TestExamples_leaverIsClosedEverywhere takes a person out of the file of people, as the guide
// says.
func TestExamples_leaverIsClosedEverywhere(t *testing.T) {
	c := newExampleCLI(t)
	w, dir := leaversWorld(t), t.TempDir()
	copyExamples(t, dir, "leavers/main.tf", "leavers/people.yaml")
	c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
	c.run(t, w, dir, c.path, "plan", "-detailed-exitcode", "-input=false")

	write(t, filepath.Join(dir, "people.yaml"), otto)
	c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
	for _, v := range vendorCases {
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
	c := newExampleCLI(t)
	c.needs(t, 7)
	w, dir := leaversWorld(t), t.TempDir()
	copyExamples(t, dir, "leavers/main.tf", "leavers/people.yaml", "leavers/leavers.tftest.hcl")
	c.run(t, w, dir, c.path, "test")

	for mistake, people := range map[string]string{
		inesName:                    "ines: {email: " + inesEmail + ", ecgrid: \"30418\"}\n",
		"Two people in people.yaml": "ines: {ecgrid: \"30417\"}\nvarga: {ecgrid: \"30417\"}\n",
		"ines.ecgird":               "ines: {ecgird: \"30417\"}\n",
	} {
		write(t, filepath.Join(dir, "people.yaml"), people)
		said, err := c.try(t, w, dir, c.path, "test", "-no-color")
		if mistake == inesName {
			mistake = ottoName // the live account's
		}
		if err == nil || !strings.Contains(string(said), mistake) {
			t.Errorf("got %s\nwant a failed test that says %q", said, mistake)
		}
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

// leaversWorld knows everybody in the example's file of people.
func leaversWorld(t *testing.T) *testEnv {
	t.Helper()
	w := newTestEnv(t)
	for _, v := range vendorCases {
		v.add(w.mock)
	}
	return w
}

// A bad merge of the file of people must stop the plan, and neither -target nor -exclude may get
// past that.
func TestExamples_peopleFileWithAMistakeFailsThePlan(t *testing.T) {
	c := newExampleCLI(t)
	w, dir := leaversWorld(t), t.TempDir()
	copyExamples(t, dir, "leavers/main.tf", "leavers/people.yaml")
	c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
	for _, test := range peopleMistakes {
		t.Run(test.name, func(t *testing.T) {
			write(t, filepath.Join(dir, "people.yaml"), test.people)
			c.refusesPlan(t, w, dir, test.want)
		})
	}
	write(t, filepath.Join(dir, "people.yaml"), otto+otto) // Ines is gone, who is the only one at sFOX and Skillable
	for _, option := range c.narrowings() {
		c.refusesPlan(t, w, dir, "written twice", option)
	}
	if c.tofu { // what excludes the check excludes all users with it
		c.run(t, w, dir, c.path, "plan", "-detailed-exitcode", "-input=false", "-exclude=terraform_data.people")
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

// refusesPlan checks that a plan fails and says why.
func (c *exampleCLI) refusesPlan(t *testing.T, w *testEnv, dir, why string, options ...string) {
	t.Helper()
	said, err := c.try(t, w, dir, append([]string{c.path, "plan", "-no-color", "-input=false"}, options...)...)
	if text := strings.Join(strings.Fields(string(said)), " "); err == nil || !strings.Contains(text, why) {
		t.Errorf("plan %v: got %s\nwant a failed plan that says %q", options, said, why)
	}
}

// narrowings are options that leave users or their refresh out of a plan.
func (c *exampleCLI) narrowings() []string {
	all := []string{
		`-target=offboard_skillable_user.people["ines"]`,
		"-target=offboard_sfox_user.people",
		"-refresh=false",
	}
	if c.tofu {
		all = append(all, "-exclude=offboard_konstantly_user.people")
	}
	return all
}

const otto = "otto: {email: " + ottoEmail + ", konstantly: u8x3p1, ecgrid: \"30418\"}\n"

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
	{"a vendor twice", "otto: {email: " + ottoEmail + ", ecgrid: \"30418\", ecgrid: \"30417\"}\n", "written twice"},
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
	{"an ID twice", "otto: {email: " + ottoEmail + ", ecgrid: {id: \"30418\", 'id': \"30417\"}}\n", "written twice"},
	{"a person twice behind a comment with a colon", otto + "# otto: is here\n" + otto, "written twice"},
	{"an anchor", "otto: &o {email: " + ottoEmail + ", ecgrid: \"30418\"}\nines: *o\n", "an anchor"},
	{"a number", "otto: {email: " + ottoEmail + ", ecgrid: 30418}\n", "quotes around the value of otto.ecgrid"},
	{
		"a number with zeros in front",
		"otto: {email: " + ottoEmail + ", skillable: 0031}\n",
		"quotes around the value of otto.skillable",
	},
	{
		"a number inside an account",
		"otto: {email: " + ottoEmail + ", skillable: {id: 1e3, email: none}}\n",
		"quotes around the value of otto.skillable",
	},
	{"a truth value", "otto: {email: " + ottoEmail + ", sfox: true}\n", "quotes around the value of otto.sfox"},
	{"a date", "otto: {email: " + ottoEmail + ", sfox: 2026-01-31}\n", "quotes around the value of otto.sfox"},
	{"a list", "otto: {email: " + ottoEmail + ", sfox: [cust-7f31]}\n", "quotes around the value of otto.sfox"},
	{"a vendor nobody knows", "otto: {email: " + ottoEmail + ", konstantly: u8x3p1, ecgird: \"30418\"}\n", "otto.ecgird"},
	{"a vendor in other case", "otto: {email: " + ottoEmail + ", konstantly: u8x3p1, ECGrid: \"30418\"}\n", "otto.ECGrid"},
	{
		"a field nobody knows inside an account",
		"otto: {email: " + ottoEmail + ", ecgrid: {id: \"30418\", mail: none}}\n",
		"otto.ecgrid.mail",
	},
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
	{
		"an ID that is empty",
		"otto: {email: " + ottoEmail + ", konstantly: u8x3p1, ecgrid: }\n",
		"misses a value: otto.ecgrid",
	},
	{
		"an ID of blanks",
		"otto: {email: " + ottoEmail + ", konstantly: u8x3p1, ecgrid: \" \"}\n",
		"misses a value: otto.ecgrid",
	},
	{"an account without an ID", "otto: {email: " + ottoEmail + ", ecgrid: {email: " + ottoEmail + "}}\n", "otto.ecgrid"},
	{"nothing but an email address", otto + "ines: {email: " + inesEmail + "}\n", "ines: no vendor"},
	{"nothing at all", otto + "ines:\n", "ines"},
	{"a list of people", "- {name: otto, email: " + ottoEmail + ", ecgrid: \"30418\"}\n", "name"},
}

// TestExamples_findUsers applies the data sources beside the resources that they speak of, and asks
// the list resources.
func TestExamples_findUsers(t *testing.T) {
	c := newExampleCLI(t)
	const mina = "30419" // whom nobody manages
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		v.put(w.mock, mina, "Mina Okafor", "mina.okafor@acme.test")
		dir, of := t.TempDir(), v.kind.typeName()
		copyExamples(
			t,
			dir,
			"provider/provider.tf",
			"resources/"+of+"/resource.tf",
			"resources/"+of+"/import-by-string-id.tf",
		)
		write(t, filepath.Join(dir, "user.tf"), example(t, "data-sources/"+of+"/data-source.tf"))
		write(t, filepath.Join(dir, "users.tf"), example(t, "data-sources/"+of+"s/data-source.tf"))
		apply := []string{c.path, "apply", "-auto-approve", "-input=false", "-no-color"}
		if said := string(c.run(t, w, dir, apply...)); !strings.Contains(said, "Check block assertion failed") {
			t.Errorf("while Ines is there: got %s\nwant a failed check", said)
		}
		if v.kind.partial == "" {
			found := string(c.run(t, w, dir, c.path, "output", "-json", "unmanaged"))
			if !strings.Contains(found, mina) || strings.Contains(found, v.id) {
				t.Errorf("unmanaged: got %s, want Mina and not Ines", found)
			}
		}
		if v.kind.partial == "" && queries() && c.isAtLeast(t, 14) {
			copyExamples(t, dir, "list-resources/"+of+"/list-resource.tfquery.hcl")
			found := string(c.run(t, w, dir, c.path, "query", "-no-color"))
			if !strings.Contains(found, mina) || strings.Contains(found, inesName) {
				t.Errorf("terraform query: got %s\nwant Mina and not Ines", found)
			}
		}
		v.drop(w.mock, v.id)
		if said := string(c.run(t, w, dir, apply...)); strings.Contains(said, "Check block assertion failed") {
			t.Errorf("when Ines is gone: got %s\nwant no failed check", said)
		}
	})
}

// TestExamples_showEvidence reads the evidence of a closing, which is intact, and of one that
// somebody has written over, which is not.
func TestExamples_showEvidence(t *testing.T) {
	c := newExampleCLI(t)
	w, dir, v := newTestEnv(t), t.TempDir(), konstantlyCase
	v.add(w.mock)
	log := filepath.Join(dir, "offboarding.jsonl")
	d := newDriver(t, w, attributes{"evidence_log": log, "reason": "HR-1234"})
	if _, diags := d.destroy(d.mustImport(v.kind, v.id)); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	copyExamples(t, dir, "provider/provider.tf", "data-sources/offboard_evidence/data-source.tf")
	if c.isAtLeast(t, 8) {
		copyExamples(t, dir, "functions/evidence_report/function.tf")
	}
	apply := []string{c.path, "apply", "-auto-approve", "-input=false", "-no-color"}
	said := string(c.run(t, w, dir, apply...))
	if strings.Contains(said, "Check block assertion failed") || !strings.Contains(said, ` u7k2m9 -" = [`) {
		t.Errorf("got %s\nwant the closing of Ines and no failed check", said)
	}
	head := strings.TrimSpace(string(c.run(t, w, dir, c.path, "output", "-raw", "head")))
	if c.isAtLeast(t, 8) {
		if report := string(
			c.run(t, w, dir, c.path, "output", "-raw", "report"),
		); !strings.Contains(report, inesName) ||
			!strings.Contains(report, head) {
			t.Errorf("got the report %s\nwant Ines and the head %s", report, head)
		}
	}
	if err := os.Truncate(log, 0); err != nil {
		t.Fatal(err)
	}
	if said := string(
		c.run(t, w, dir, append(apply, "-var=last_head="+head)...),
	); !strings.Contains(
		said,
		"has no record with the known head",
	) {
		t.Errorf("a log that was emptied: got %s\nwant a failed check", said)
	}
}
