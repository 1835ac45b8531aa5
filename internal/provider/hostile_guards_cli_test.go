package provider

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// Ines has a new address, and the vendor and her block get it. An apply confirms it. Then a bad merge
// loses her block. never_close names her former address, and still protects her.
func TestCLI_neverCloseHoldsAfterAnAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := v.env(t)
	c := w.imported(t, v, "never_close = [\""+inesEmail+"\"]", "email = \""+inesEmail+"\"", v.id)
	v.email(w.mock, v.id, "ines.berg@acme.test")
	c.write("users.tf", v.block(v.id, "email = \"ines.berg@acme.test\""))
	c.run("apply", "-auto-approve").want(0)
	c.write("users.tf")
	c.run("apply", "-auto-approve").want(1, "is never closed", "had this name before")
	if !v.has(w.mock, v.id) {
		t.Error("got Ines Varga closed, whom never_close names")
	}
}

// The file with the provider block is lost. The pipeline says that there is no limit, which is no
// guard. The kept never_close holds.
func TestCLI_noLimitInTheEnvironmentLiftsNoKeptGuard(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := v.env(t)
	c := w.imported(t, v, "never_close = [\""+inesEmail+"\"]", "", v.id)
	c.env = append(w.environment(), "OFFBOARD_MAX_CLOSURES=-1")
	c.remove("provider.tf", "users.tf", "versions.tf")
	c.run("destroy", "-auto-approve").want(1, "is never closed", "at the last refresh")
	if !v.has(w.mock, v.id) {
		t.Error("got Ines Varga closed in spite of the kept never_close")
	}
}

// A check block asserts that somebody is gone. Terraform turns the error of its data source into a
// warning. The key is refused, so nobody has looked at the leavers: the plan must fail, in whichever
// order the vendor is asked. It tells the cause once for all leavers.
func TestCLI_checkBlockHidesNoVendorThatIsDown(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := v.env(t)
	ids := []string{v.id, v.numbered(1), v.numbered(2)}
	for _, id := range ids[1:] {
		v.put(w.mock, id, "Leaver "+id, "leaver"+id+"@acme.test")
	}
	c := w.imported(t, v, "", "", ids...)
	c.write("users.tf")
	c.write("check.tf", `check "gone" {
  data "offboard_ecgrid_user" "otto" {
    id = "`+v.other+`"
  }
  assert {
    condition     = data.offboard_ecgrid_user.otto.exists == false
    error_message = "still there"
  }
}
`)
	w.mock.Fail(mock.Fault{Vendor: v.mockName(), Status: 401, Body: `{"message":"bad key"}`})
	for range 4 { // the order differs
		c.run("plan").want(1, "HTTP 401")
	}
	r := c.run("plan", "-parallelism=1").want(1, "HTTP 401", "More users in ECGrid could not be read")
	if failed := strings.Count(r.raw, "Error: "); failed != 1 {
		t.Errorf("got %d errors, want one: %s", failed, r.raw)
	}
	c.run("plan", "-refresh=false").want(1, "Cannot check a user in ECGrid before the closure", "HTTP 401")
}

// A block has ignore_changes, so that Terraform gives the provider the address of the state as if it
// were written. The ID passes to Otto Berg. An apply changes nothing as long as nobody writes his
// address, and nobody closes him.
func TestCLI_ignoreChangesConfirmsNobody(t *testing.T) {
	t.Parallel()
	for _, ignored := range []string{"all", "[email]", "[email, timeouts]"} {
		t.Run(ignored, func(t *testing.T) {
			t.Parallel()
			v := ecgridCase
			w := v.env(t)
			ignore := "lifecycle {\n  ignore_changes = " + ignored + "\n}\n"
			c := w.imported(t, v, "", ignore, v.id)
			v.rename(w.mock, v.id, "Otto Berg", "otto.berg@acme.test")
			c.run("apply", "-auto-approve").want(0, "may be another person")
			c.run("plan", "-detailed-exitcode").want(0, "may be another person")
			users := c.read("users.tf")
			c.write("users.tf")
			c.run("apply", "-auto-approve").want(1, "may belong to another person")
			if !v.has(w.mock, v.id) {
				t.Fatal("got Otto Berg closed, and Ines Varga was imported")
			}
			c.write("users.tf", strings.Replace(users, ignore, "email = \"otto.berg@acme.test\"\n"+ignore, 1))
			c.run("plan", "-detailed-exitcode").want(2)
			c.run("apply", "-auto-approve").want(0)
			c.run("plan", "-detailed-exitcode").want(0)
		})
	}
}
