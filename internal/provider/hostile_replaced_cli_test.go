package provider

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The same on a real CLI: a refresh shows another person under the ID, and later nobody.
func TestCLI_skillableClosesNobodyElseWhoWasSeenLast(t *testing.T) {
	t.Parallel()
	v := skillableCase
	w := v.env(t)
	c := w.imported(t, v, "", "", v.id)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Name, u.Email = "Otto Berg", "otto.berg@acme.test" })
	c.run("apply", "-auto-approve").want(0)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.History = 0 })
	c.write("users.tf")
	c.run("apply", "-auto-approve")
	if !w.mock.Skillable.Has(v.id) {
		t.Error("Otto Berg is closed, want an open account: Ines Varga was imported, and Otto Berg was seen last")
	}
}
