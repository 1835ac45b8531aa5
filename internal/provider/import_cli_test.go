package provider

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestCLI_everyFormOfImport(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users := v.pair(v.id, v.other, "  id = each.value")
		forms := map[string][]string{
			"blocks": {v.imports(v.id), v.block(v.id, ""), v.imports(v.other), v.block(v.other, "")},
			"a map":  {users, v.importsPair("")},
			"with settings": {
				v.imports(v.id),
				v.block(v.id, `email = "INES.VARGA@acme.test"`),
				v.imports(v.other),
				v.block(v.other, briefly),
			},
			"identities":             {users, v.importsPair("id = each.value")},
			"identities and tenants": {users, v.importsPair(fmt.Sprintf("id = each.value\ntenant = %q", v.tenant(w)))},
		}
		byCommand := newCLI(t, w, "")
		byCommand.write("users.tf", v.block(v.id, ""))
		byCommand.run("import", v.address(v.id), v.kind.importID(v.id)).want(0, "Import successful")
		byCommand.users(v.id)
		byCommand.run("plan", "-detailed-exitcode").want(0, "No changes")
		want := byCommand.state()[v.id]
		if got := want["identity"]; byCommand.minor >= 12 && !reflect.DeepEqual(got, v.identified(w, v.id)) {
			t.Errorf("got the identity %v, want %v", got, v.identified(w, v.id))
		}
		for title, blocks := range forms {
			t.Run(title, func(t *testing.T) {
				t.Parallel()
				c := newCLI(t, w, "")
				if strings.HasPrefix(title, "identities") {
					c.needs(12)
				}
				c.write("users.tf", blocks...)
				c.run("apply", "-auto-approve").want(0, "2 imported, 0 added", "0 destroyed")
				c.users(v.id, v.other)
				if got := c.state()[v.id]; title != "with settings" && !reflect.DeepEqual(got, want) {
					t.Errorf("got the state %v, want %v", got, want)
				}
				c.run("plan", "-detailed-exitcode").want(0, "No changes")
				v.untouched(t, w)
			})
		}
	})
}

func TestCLI_generatedConfigurationAppliesUnchanged(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.write("users.tf", v.imports(v.id), v.imports(v.other))
		c.run("plan", "-generate-config-out=generated.tf").want(0, "2 to import, 0 to add, 0 to change, 0 to destroy")
		c.run("apply", "-auto-approve").want(0, "2 imported, 0 added, 0 changed, 0 destroyed")
		c.users(v.id, v.other)
		c.run("plan", "-detailed-exitcode").want(0, "No changes")
		v.untouched(t, w)
	})
}

// The refusal of a creation holds a block that can be pasted.
func TestCLI_importBlockOfTheRefusalCanBePasted(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.write("users.tf", v.block(v.id, ""))
		said := c.run("plan").want(1, "cannot be created, only imported", v.named())
		_, block, found := strings.Cut(said.raw, "\n  import {\n")
		block, _, ended := strings.Cut(block, "\n  }\n")
		if !found || !ended {
			t.Fatalf("got no import block, want one:\n%s", said.raw)
		}
		c.write("import.tf", "import {\n"+strings.ReplaceAll(block, ".NAME", "."+label(v.id))+"\n}\n")
		c.run("apply", "-auto-approve").want(0, "1 imported, 0 added")
		c.users(v.id)
		v.untouched(t, w)
	})
}

func TestCLI_nobodyToTakeOverIsAWarningUntilApply(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		v.drop(w.mock, v.id)
		c.write("users.tf", v.block(v.id, ""))
		c.run("plan").want(0, fmt.Sprintf("%s has no user %q to import", v.kind.title, v.id), "remove the block")
		c.run("apply", "-auto-approve").want(1, "cannot be created, only imported",
			fmt.Sprintf("the ID %q in %s was not created", v.id, v.kind.title))
		c.run("destroy", "-auto-approve").want(0)
		c.users()
		if got := w.changes(); len(got) > 0 {
			t.Errorf("got mutating requests %q, want none", got)
		}
	})
}

func TestCLI_removedBlockWithoutDestroyClosesNothing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		c.write(
			"users.tf",
			fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", v.address(v.id)),
		)
		c.run("apply", "-auto-approve").want(0, "0 destroyed")
		c.users()
		v.untouched(t, w)
	})
}

func TestCLI_changedIDIsRefused(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		c.write(
			"users.tf",
			strings.Replace(v.block(v.id, ""), fmt.Sprintf("id = %q", v.id), fmt.Sprintf("id = %q", v.other), 1),
		)
		c.run("apply", "-auto-approve").want(1, v.named(), "cannot be changed",
			"removed { from = "+v.kind.typeName()+".NAME lifecycle { destroy = false } }")
		c.users(v.id)
		v.untouched(t, w)
	})
}

// Users whom somebody else has closed neither block a plan nor need a call to be destroyed.
func TestCLI_destroyOfUsersClosedElsewhere(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id, v.other)
		v.drop(w.mock, v.id)
		if !v.noRead {
			c.run("apply", "-auto-approve").want(0, "is already closed in "+v.kind.title, "Remove the block")
			if got := c.state()[v.id]["status"]; got != "closed" {
				t.Errorf("got status %q, want closed", got)
			}
		}
		c.users(v.id, v.other)
		c.run("destroy", "-auto-approve", "-target="+v.address(v.id)).want(0, "1 destroyed")
		c.users(v.other)
		want := ""
		if v.noRead {
			want = v.closing // one call, whose answer is the proof that nothing is left
		}
		if got := strings.Join(w.changes(), ", "); got != want {
			t.Errorf("got mutating requests %q, want %q", got, want)
		}
	})
}

// The key is in the configuration here, and must be nowhere else.
func TestCLI_keyIsInNoStateAndNoOutput(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		c.write("users.tf")
		w.fail(v, 401, "")
		for _, said := range []result{c.run("plan").want(1), c.run("apply", "-auto-approve", "-refresh=false").want(1)} {
			said.silent(mockKey)
		}
		if strings.Contains(c.read("terraform.tfstate"), mockKey) {
			t.Error("got the key in the state, want it nowhere")
		}
	})
}
