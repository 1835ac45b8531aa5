package provider

import "testing"

// Ines has a new address, and the vendor and her block get it. An apply confirms it. Then a bad merge
// loses her block. never_close names her former address, and still protects her.
func TestCLI_neverCloseHoldsAfterAnAddressIsConfirmed(t *testing.T) {
	v, w := ecgridCase, newTestEnv(t)
	v.add(w.mock)
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
	v, w := ecgridCase, newTestEnv(t)
	v.add(w.mock)
	c := w.imported(t, v, "never_close = [\""+inesEmail+"\"]", "", v.id)
	c.env = append(w.environment(), "OFFBOARD_MAX_CLOSURES=-1")
	c.remove("provider.tf", "users.tf", "versions.tf")
	c.run("destroy", "-auto-approve").want(1, "is never closed", "at the last refresh")
	if !v.has(w.mock, v.id) {
		t.Error("got Ines Varga closed in spite of the kept never_close")
	}
}
