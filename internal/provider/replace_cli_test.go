package provider

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// unseen is a CLI that has imported somebody of whom Skillable shows nothing. Nothing but the
// provider's own checks can tell a replacement there from the block of a new person.
func unseen(t *testing.T, attributes string) (vendorCase, *testEnv, *cli) {
	t.Helper()
	v, w := skillableCase, newTestEnv(t)
	w.mock.Skillable.Add(mock.SkillableUser{ID: v.id, Name: inesName, Email: inesEmail})
	c := w.imported(t, v, "", attributes, v.id)
	c.write("users.tf", v.block(v.id, attributes))
	return v, w, c
}

func TestCLI_nobodyIsReplaced(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		c.write("users.tf", v.block(v.id, ""))
		c.run("apply", "-auto-approve", "-replace="+v.address(v.id)).want(1, "cannot be replaced")
		v.untouched(t, w)
		c.run("taint", v.address(v.id)).want(0)
		c.run("apply", "-auto-approve").want(1, "untaint")
		v.untouched(t, w)
	})
}

func TestCLI_nobodyIsReplacedThoughNotToBeSeen(t *testing.T) {
	t.Parallel()
	v, w, c := unseen(t, "")
	c.run("apply", "-auto-approve", "-replace="+v.address(v.id)).want(1, "cannot be replaced")
	v.untouched(t, w)
	c.run("taint", v.address(v.id)).want(0)
	c.run("apply", "-auto-approve").want(1, "untaint")
	v.untouched(t, w)
	c.users(v.id)
}

func TestCLI_nobodyIsReplacedForTheSakeOfSomethingElse(t *testing.T) {
	t.Parallel()
	const trigger = "lifecycle {\n    replace_triggered_by = [terraform_data.trigger]\n  }"
	v, w := skillableCase, newTestEnv(t)
	w.mock.Skillable.Add(mock.SkillableUser{ID: v.id, Name: inesName, Email: inesEmail})
	c := newCLI(t, w, "")
	input := func(value string) string {
		return "resource \"terraform_data\" \"trigger\" {\n  input = \"" + value + "\"\n}\n"
	}
	c.write("users.tf", v.imports(v.id), v.block(v.id, ""), input("one"))
	c.run("apply", "-auto-approve").want(0)
	w.mock.ForgetRequests()
	c.write("users.tf", v.block(v.id, trigger), input("two"))
	c.run("apply", "-auto-approve").want(1, "cannot be replaced")
	v.untouched(t, w)
}

func TestCLI_renamedIsNotClosedThoughNotToBeSeen(t *testing.T) {
	t.Parallel()
	v, w, c := unseen(t, "")
	c.write("users.tf", v.user("renamed", "  id = \""+v.id+"\""))
	c.run("apply", "-auto-approve").want(1, "This plan keeps")
	v.untouched(t, w)
}

// With ignore_changes = all every drift is an update without a change of the configuration.
func TestCLI_ignoredChangesAdoptNobody(t *testing.T) {
	t.Parallel()
	const ignore = "lifecycle {\n    ignore_changes = all\n  }"
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", ignore, v.id)
		c.write("users.tf", v.block(v.id, ignore))
		v.email(w.mock, v.id, mallory)
		c.run("apply", "-auto-approve").want(0)
		c.write("users.tf")
		c.run("apply", "-auto-approve").want(1, "may belong to another person now")
		v.untouched(t, w)
	})
}
