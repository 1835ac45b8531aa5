package provider

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// A user is tainted while nothing of the person is shown. The apply refuses the replacement. The
// user is untainted as the message says, and the ID passes to somebody else.
func TestCLI_aRefusedReplacementForgetsNobody(t *testing.T) {
	t.Parallel()
	v := skillableCase
	w := v.env(t)
	c := w.imported(t, v, "", "", v.id)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.History = 0 })
	c.run("taint", v.address(v.id)).want(0)
	c.run("apply", "-auto-approve").want(1, "untaint")
	c.run("untaint", v.address(v.id)).want(0)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) {
		u.Name, u.Email, u.History = "Otto Berg", "otto.berg@acme.test", 1
	})
	c.write("users.tf")
	c.run("apply", "-auto-approve")
	if !w.mock.Skillable.Has(v.id) {
		t.Error("Otto Berg is closed, want an open account: Ines Varga was imported")
	}
}

// The guards of a provider block are kept beside a user. A refused replacement must not lose them.
func TestCLI_aRefusedReplacementForgetsNoGuard(t *testing.T) {
	t.Parallel()
	v := skillableCase
	w := v.env(t)
	c := w.imported(t, v, "never_close = [\""+v.id+"\"]", "", v.id)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.History = 0 })
	c.run("taint", v.address(v.id)).want(0)
	c.run("apply", "-auto-approve").want(1, "untaint")
	c.run("untaint", v.address(v.id)).want(0)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.History = 1 })
	c.write("provider.tf", w.provider("")) // the guards are lost
	c.write("users.tf")
	c.run("apply", "-auto-approve")
	if !w.mock.Skillable.Has(v.id) {
		t.Error("Ines Varga is closed, want the kept never_close to hold")
	}
}
