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
		"data-sources/offboard_accounts/data-source.tf", "data-sources/offboard_evidence/data-source.tf",
		"functions/accounts_page/function.tf", "functions/evidence_page/function.tf",
		"functions/evidence_report/function.tf", "functions/people_file/function.tf",
		"functions/vendor_problems/function.tf",
		"nightly/main.tf", "nightly/nightly.sh", "provider/provider.tf", "who-left/main.tf",
	}
	want = append(want, peopleFiles...)
	want = append(want, pipelineFiles...)
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

// The examples of the resource of declared vendors are of an invented one, and have tests of their
// own. A twin has none.

// TestExamples_takeOverWhatTheySay plans and applies each example with each way to import, and then
// finds nothing left to do.
func TestExamples_takeOverWhatTheySay(t *testing.T) {
	t.Parallel()
	all, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	emptyCLI(t, newTestEnv(t)).run("fmt", "-check", "-recursive", "-diff", all).want(0)
	forEachWhere(t, vendorCase.builtIn, func(t *testing.T, v vendorCase, w *testEnv) {
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

const mina = "30419" // she is in no state

// TestExamples_findUsers applies the data sources beside the resources that they speak of.
func TestExamples_findUsers(t *testing.T) {
	t.Parallel()
	const failed = "Check block assertion failed"
	forEachWhere(t, vendorCase.builtIn, func(t *testing.T, v vendorCase, w *testEnv) {
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
	listed := func(v vendorCase) bool { return v.builtIn() && v.hasList() }
	forEachWhere(t, listed, func(t *testing.T, v vendorCase, w *testEnv) {
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

// copyExamples copies files from below examples/ into the directory. Beside a provider block it
// writes what no example needs to say: that the vendors of a test have no limit of requests.
func (c *cli) copyExamples(names ...string) {
	c.t.Helper()
	for _, name := range names {
		text, rates := example(c.t, name), ""
		for _, k := range kinds {
			rates += "\n  " + k.name + " = { requests_per_second = 100000 }\n"
		}
		if strings.Contains(text, "\nprovider \"offboard\" {\n") {
			c.write("rates_override.tf", "provider \"offboard\" {", rates, "}\n")
		}
		c.write(filepath.Base(name), text)
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
