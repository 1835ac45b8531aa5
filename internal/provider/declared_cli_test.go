package provider

import (
	"fmt"
	"strings"
	"testing"
)

// parleyCLI is a CLI whose provider block declares Parley, with further settings.
func parleyCLI(t *testing.T, settings string) (*testEnv, *cli) {
	t.Helper()
	w := newTestEnv(t)
	konstantlyCase.add(w.mock)
	c := newCLI(t, w, settings+fmt.Sprintf(`
  vendors = {
    parley = {
      definition = file("parley.vendor.hcl")
      api_key    = %q
      base_url   = %q
    }
  }
`, mockKey, w.url+prefixes["konstantly"]))
	c.write("parley.vendor.hcl", parleyText(t))
	return w, c
}

// The blocks of two users of Parley.
const (
	parleyImports = `
import {
  to = offboard_user.ines
  id = "parley/ines.varga@acme.test"
}
import {
  to = offboard_user.otto
  id = "parley/u8x3p1"
}
`
	parleyOtto = `
resource "offboard_user" "otto" {
  vendor = "parley"
  id     = "u8x3p1"
}
`
	parleyBlocks = parleyOtto + `
resource "offboard_user" "ines" {
  vendor = "parley"
  id     = "u7k2m9"
  email  = "ines.varga@acme.test"
  person = "i.varga@acme.test"
}
`
)

func TestCLI_userOfADeclaredVendorIsImportedRefusedAndClosed(t *testing.T) {
	t.Parallel()
	w, c := parleyCLI(t, "  evidence_log = \"log.jsonl\"\n")
	c.write("users.tf", parleyImports, parleyBlocks)
	c.run("apply", "-auto-approve").want(0, "2 imported, 0 added, 1 changed, 0 destroyed")
	c.run("plan", "-detailed-exitcode").want(0, "No changes")
	c.users(parleyInes, konstantlyCase.other)

	c.write("users.tf", parleyOtto)
	c.run("plan", "-out=leave.tfplan").want(0, "Ines Varga (u7k2m9) will be closed permanently in Parley")
	konstantlyCase.fact(w.mock, parleyInes, "administrator")
	c.run("apply", "leave.tfplan").want(1, `role: was "learner", is now "administrator"`, "This account was not changed.")
	if got := w.changes(); len(got) > 0 {
		t.Errorf("got the changes %v, want none", got)
	}
	c.users(parleyInes, konstantlyCase.other)

	c.run("plan", "-out=leave.tfplan").want(0, "1 to destroy")
	c.write("parley.vendor.hcl", parleyText(t), "# changed after the review")
	c.run("apply", "leave.tfplan").want(1, "definition or settings of the vendor: was", "This account was not changed.")
	c.write("parley.vendor.hcl", parleyText(t))
	c.run("plan", "-out=leave.tfplan").want(0, "1 to destroy")
	c.run("apply", "leave.tfplan").want(0, "1 destroyed")
	c.users(konstantlyCase.other)
	if w.mock.Konstantly.Has(parleyInes) || !w.mock.Konstantly.Has(konstantlyCase.other) {
		t.Error("got Ines open or Otto closed, want the opposite")
	}
	log := c.read("log.jsonl")
	for _, want := range []string{
		`"vendor":"parley"`, `"person":"i.varga@acme.test"`, `"result":"closed"`,
		"Parley accepted the closing call, or its answer was lost. After it Parley answers that it has no such user",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("got no %s in the evidence, want it:\n%s", want, log)
		}
	}
	if strings.Contains(log+c.read("terraform.tfstate"), mockKey) {
		t.Error("got the API key in the evidence or in the state, want it nowhere")
	}
}

// A person who made a mistake sees where, and the line, and never the API key beside it.
func TestCLI_definitionThatCannotBeUsedFailsThePlan(t *testing.T) {
	t.Parallel()
	w, c := parleyCLI(t, "")
	c.write("users.tf", parleyImports, parleyBlocks)
	c.write(
		"parley.vendor.hcl",
		strings.Replace(parleyText(t), "absent = answer.status == 404 && answer.json.status == 404",
			"absent = answer.status == 404", 1),
	)
	for _, command := range []string{"validate", "plan"} {
		c.run(command).want(1, "Cannot use the definition of the vendor parley", "parley.vendor.hcl:29,12",
			"absent = answer.status == 404", "a gateway answers 404, too").silent(mockKey, "api_key")
	}
	if got := w.mock.Requests(); len(got) > 0 {
		t.Errorf("got the requests %v, want none", got)
	}
}

// A vendor that left the provider block before its users keeps them, and the block that is printed
// brings it back.
func TestCLI_vendorThatIsNotDeclaredAnyMoreKeepsItsUsers(t *testing.T) {
	t.Parallel()
	w, c := parleyCLI(t, "")
	c.write("users.tf", parleyImports, parleyBlocks)
	c.run("apply", "-auto-approve").want(0, "2 imported")
	declared := c.read("provider.tf")
	c.write("provider.tf", w.provider(""))
	c.write("users.tf")
	for _, command := range [][]string{
		{"plan"}, {"apply", "-auto-approve", "-refresh=false"}, {"destroy", "-auto-approve"},
	} {
		said := c.run(command...).want(1, `The provider block does not declare the vendor "parley"`, "stop managing")
		said.want(1, `vendors = { parley = { definition = file("parley.vendor.hcl") } }`)
	}
	c.users(parleyInes, konstantlyCase.other)
	if got := w.changes(); len(got) > 0 {
		t.Errorf("got the changes %v, want none", got)
	}
	c.write("provider.tf", declared)
	c.write("users.tf", parleyBlocks)
	c.run("plan", "-detailed-exitcode").want(0, "No changes")
}

func TestCLI_usersOfADeclaredVendorAreFoundAndWritten(t *testing.T) {
	t.Parallel()
	_, c := parleyCLI(t, "")
	c.needs(12)
	c.write("users.tf", "import {\n  to = offboard_user.ines\n  identity = { vendor = \"parley\", id = \"u7k2m9\" }\n}\n")
	c.run("plan", "-generate-config-out=generated.tf").want(0, "1 to import, 0 to add, 0 to change, 0 to destroy")
	c.run("apply", "-auto-approve").want(0, "1 imported, 0 added, 0 changed, 0 destroyed")
	c.run("plan", "-detailed-exitcode").want(0, "No changes")
	if c.isTofu() {
		return
	}
	c.needs(listMinor)
	c.write("find.tfquery.hcl", `
list "offboard_user" "unmanaged" {
  provider = offboard
  config {
    vendor      = "parley"
    exclude_ids = [offboard_user.ines.id]
  }
}
`)
	c.run("query", "-generate-config-out=found.tf").want(0, ottoName).silent(inesName)
	if found := c.read("found.tf"); !strings.Contains(found, `vendor = "parley"`) {
		t.Errorf("got %s, want the vendor in the blocks", found)
	}
	c.run("apply", "-auto-approve").want(0, "1 imported, 0 added, 0 changed, 0 destroyed")
	c.users(parleyInes, konstantlyCase.other)
}

// A key in the query is masked as one in a header, and so is a sensitive setting. One warning says
// that others may write addresses into a log.
func TestCLI_keyInTheQueryIsInNoOutput(t *testing.T) {
	t.Parallel()
	const tenant = "tenant-secret-0815"
	p, c := parleyExample(t, "resources/offboard_user/import-by-string-id.tf")
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log", "PARLEY_TENANT="+tenant)
	c.write("parley.vendor.hcl", strings.NewReplacer(
		"headers = { Authorization = \"Bearer ${key}\" }",
		"query = { token = key, tenant = setting.tenant }",
		"setting \"region\" {",
		"setting \"tenant\" {\n  description = \"A secret.\"\n  sensitive = true\n}\n\nsetting \"region\" {",
	).Replace(example(t, "resources/offboard_user/parley.vendor.hcl")))
	output := c.run("apply", "-auto-approve").want(0, "1 imported").raw
	planned := c.run("plan", "-destroy", "-out=plan.zip").want(0, "will be closed permanently in Parley")
	if got := strings.Count(planned.text, "The API key of a vendor is in the address of requests"); got != 1 {
		t.Errorf("got %d warnings of the key in the query, want 1:\n%s", got, planned.raw)
	}
	p.echo(true)
	refused := c.run("plan").want(1, "Cannot read a user in Parley", "Parley says")
	p.echo(false)
	output += planned.raw + refused.raw + c.run("apply", "plan.zip").want(0, "1 destroyed").raw
	left := everyFile(t, c.dir)
	left["the output"] = output
	if !strings.Contains(left["trace.log"], "request to the vendor") {
		t.Error("got no requests in the log, want some to look through")
	}
	for file, text := range left {
		for _, secret := range []string{mockKey, tenant} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s: got the secret %s in …%s…", file, secret, text[max(0, i-300):min(len(text), i+100)])
			}
		}
	}
}
