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
