package provider

import (
	"fmt"
	"strings"
	"testing"
)

// hidden is a block whose changes Terraform does not see.
func (v vendorCase) hidden(id, email, ignored string) string {
	attributes := "  lifecycle {\n    ignore_changes = " + ignored + "\n  }"
	if email != "" {
		attributes = fmt.Sprintf("  email = %q\n", email) + attributes
	}
	return strings.Replace(v.block(v.id, attributes), fmt.Sprintf("id = %q", v.id), fmt.Sprintf("id = %q", id), 1)
}

// What ignore_changes hides from a plan is refused all the same: the block says another person than
// the state.
func TestCLI_ignoreChangesHidesNobody(t *testing.T) {
	t.Parallel()
	forEachWhere(t, vendorCase.exceptOneTwin, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", fmt.Sprintf("  email = %q", inesEmail), v.id)
		const another, hides = "has another email than the block", "ignore_changes hides another ID or email"
		for _, row := range []struct{ id, email, ignored, says string }{
			{v.id, ottoEmail, "all", another},
			{v.id, ottoEmail, "[email]", another},
			{v.id, "nobody@acme.test", "[email]", another},
			{v.other, "", "all", hides},
			{v.other, "", "[id]", hides},
			{v.other, ottoEmail, "all", hides},
			{v.other, ottoEmail, "[id, email]", hides},
			{v.other, inesEmail, "[id]", another},
		} {
			c.write("users.tf", v.hidden(row.id, row.email, row.ignored))
			c.run("plan").want(1, row.says)
		}
		for _, row := range []struct{ id, email, says string }{{v.id, ottoEmail, another}, {v.other, ottoEmail, hides}} {
			c.write("users.tf", v.hidden(row.id, row.email, "all"))
			c.run("destroy", "-auto-approve").want(1, row.says)
			c.run("apply", "-auto-approve", "-refresh=false").want(1, row.says)
		}
		for _, ignored := range []string{"all", "[email]", "[id]"} {
			c.write("users.tf", v.hidden(v.id, inesEmail, ignored))
			c.run("plan", "-detailed-exitcode").want(0, "No changes")
			c.write("users.tf", v.hidden(v.id, "", ignored))
			c.run("plan", "-detailed-exitcode").want(0, "No changes")
		}
		c.run("apply", "-auto-approve").want(0)
		c.users(v.id)
		v.untouched(t, w)
		c.run("destroy", "-auto-approve").want(0, "1 destroyed")
	})
}

// The label of a person whom never_close protects does not get into the state where ignore_changes
// hides it. So no plan may say "No changes" until the block goes, and the guard with it.
func TestCLI_ignoreChangesHidesNobodyFromNeverClose(t *testing.T) {
	t.Parallel()
	v := skillableCase
	for ignored, hides := range map[string]bool{"all": true, "[person]": true, "[timeouts]": false} {
		t.Run(ignored, func(t *testing.T) {
			t.Parallel()
			w := v.env(t)
			c := newCLI(t, w, `never_close = ["boss@acme.test"]`)
			block := v.block(v.id, "person = \"boss@acme.test\"\nlifecycle {\n  ignore_changes = "+ignored+"\n}\n")
			c.write("users.tf", v.imports(v.id), block)
			if hides {
				c.run("apply", "-auto-approve").want(1, "ignore_changes hides what a block says")
				c.users()
				return
			}
			c.run("apply", "-auto-approve").want(0)
			c.write("users.tf")
			c.run("apply", "-auto-approve").want(1, "boss@acme.test")
			v.untouched(t, w)
		})
	}
}

// A value that is not known yet is hidden, too, and so is one beside a block whose ID is not known.
func TestCLI_ignoreChangesHidesNoValueThatIsNotKnown(t *testing.T) {
	t.Parallel()
	const ignored = "lifecycle {\n  ignore_changes = all\n}\n"
	v := ecgridCase
	later := "import {\n  to = offboard_ecgrid_user.later\n  id = \"" + v.other + "\"\n}\n" +
		"resource \"offboard_ecgrid_user\" \"later\" {\n  id = terraform_data.guard.output\n}\n"
	for name, users := range map[string][]string{
		"person": {appliedFirst(`"boss@acme.test"`), v.block(v.id, "person = terraform_data.guard.output\n"+ignored)},
		"close_not_before": {
			appliedFirst(`"2099-01-01"`), v.block(v.id, "close_not_before = terraform_data.guard.output\n"+ignored),
		},
		"email": {appliedFirst(`"` + ottoEmail + `"`), v.block(v.id, "email = terraform_data.guard.output\n"+ignored)},
		"person beside an ID": {
			appliedFirst(`"` + v.other + `"`), v.block(v.id, "person = \"boss@acme.test\"\n"+ignored), later,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := v.env(t)
			c := w.imported(t, v, `never_close = ["boss@acme.test"]`, "", v.id)
			c.write("users.tf", users...)
			c.run("apply", "-auto-approve").want(1, "ignore_changes hides what a block says")
			v.untouched(t, w)
		})
	}
}

// The import of somebody with the address of another one is refused, whatever is ignored.
func TestCLI_ignoreChangesHidesNobodyAtAnImport(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		for _, ignored := range []string{"all", "[email]", "[id]"} {
			c.write("users.tf", v.imports(v.id), v.hidden(v.id, ottoEmail, ignored))
			c.run("apply", "-auto-approve").want(1, "has another email than the block")
			c.users()
		}
		v.untouched(t, w)
	})
}

func TestCLI_ignoreChangesHidesNobodyOfAMap(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users := func(ofInes, ofOtto any, further string) string {
			return v.pair(
				attributes{"id": v.id, "email": ofInes}, attributes{"id": v.other, "email": ofOtto},
				"  id    = each.value.id\n  email = each.value.email\n"+further,
			)
		}
		c := newCLI(t, w, "")
		c.write("users.tf", users(inesEmail, ottoEmail, ""), v.importsPair(""))
		c.run("apply", "-auto-approve").want(0, "2 imported")
		for _, ignored := range []string{"all", "[email]", "[id, email]"} {
			lifecycle := "  lifecycle {\n    ignore_changes = " + ignored + "\n  }\n"
			for _, ofInes := range []string{ottoEmail, inesEmail} {
				c.write("users.tf", users(ofInes, inesEmail, lifecycle))
				c.run("plan").want(1, "has another email than the block")
			}
			c.write("users.tf", users(nil, nil, lifecycle))
			c.run("plan", "-detailed-exitcode").want(0, "No changes")
		}
		c.write("users.tf", users(ottoEmail, inesEmail, "  lifecycle {\n    ignore_changes = all\n  }\n"))
		c.run("destroy", "-auto-approve").want(1, "has another email than the block")
		c.users(v.id, v.other)
		v.untouched(t, w)
	})
}
