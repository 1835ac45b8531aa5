package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The definition of Skillable TMS that users copy, on a real CLI: one user is closed, one is disabled.
func TestCLI_skillableTMSClosesAndDisables(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	w.mock.TMS.Add(mock.TMSUser{
		ID: 90417, Name: inesName, Email: inesEmail, UserName: "ines.varga", Roles: []int64{0, 7},
		Optional: map[string]string{"ExternalId": "emp-3107", "ManagerId": "88001"}, Labs: 1,
	})
	w.mock.TMS.Add(mock.TMSUser{ID: 90418, Name: ottoName, Email: ottoEmail, UserName: "otto"})
	w.mock.TMS.Add(mock.TMSUser{ID: 90419, Name: "Mina Okafor", Email: "mina@acme.test"})
	c := newCLI(t, w, fmt.Sprintf(`
  evidence_log = "log.jsonl"
  vendors = {
    skillable_tms = {
      definition          = file("skillable_tms.vendor.hcl")
      api_key             = %q
      base_url            = %q
      requests_per_second = 100000
    }
  }
`, mockKey, w.url+w.mock.Prefix("skillable_tms")))
	definition, err := os.ReadFile(filepath.Join(examples, "vendors", "skillable_tms.vendor.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	c.write("skillable_tms.vendor.hcl", string(definition))
	c.write("users.tf", `
import {
  to = offboard_user.ines
  id = "skillable_tms/`+inesEmail+`"
}
import {
  to = offboard_user.otto
  id = "skillable_tms/90418"
}
resource "offboard_user" "ines" {
  vendor = "skillable_tms"
  id     = "90417"
}
resource "offboard_user" "otto" {
  vendor     = "skillable_tms"
  id         = "90418"
  on_destroy = "suspend"
}
`)
	c.run("apply", "-auto-approve").want(0, "2 imported, 0 added, 1 changed, 0 destroyed")
	c.run("plan", "-detailed-exitcode").want(0, "No changes")

	c.write("users.tf")
	c.run("plan", "-out=leave.tfplan").want(0, "2 to destroy", "will be closed permanently in Skillable TMS",
		"roles beside that of every user: 7; named by the vendor: Instructor", "labs in progress: 1")
	c.run("apply", "leave.tfplan").want(0, "2 destroyed")
	otto, _ := w.mock.TMS.Get(90418)
	mina, _ := w.mock.TMS.Get(90419)
	if w.mock.TMS.Has(90417) || !w.mock.TMS.Has(90418) || !otto.Disabled || mina.Disabled {
		t.Errorf(
			"got Ines open %t, Otto %+v and Mina %+v, want Ines closed and Otto disabled",
			w.mock.TMS.Has(90417),
			otto,
			mina,
		)
	}
	if log := c.read("log.jsonl"); !strings.Contains(log, `"result":"closed"`) || strings.Contains(log, mockKey) {
		t.Errorf("got the evidence %s, want a closure and no API key", log)
	}
}
