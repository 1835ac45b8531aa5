package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// environment are the keys and addresses of all vendors, for a provider block that is lost.
func (w *testEnv) environment() (all []string) {
	for _, v := range vendorCases {
		all = append(all, v.kind.variable("api_key")+"="+mockKey, v.kind.variable("base_url")+"="+w.url+v.prefix())
	}
	return all
}

// remove removes files of the directory.
func (c *cli) remove(names ...string) {
	c.t.Helper()
	for _, name := range names {
		if err := os.Remove(filepath.Join(c.dir, name)); err != nil && !os.IsNotExist(err) {
			c.t.Fatal(err)
		}
	}
}

// losses are ways in which a configuration comes to say nothing, and what is run then. All commands
// are to be refused.
func (v vendorCase) losses(w *testEnv, c *cli) map[string]func() []result {
	all := map[string]func() []result{
		"the block emptied, the user kept": func() []result {
			c.write("provider.tf", v.least(nil))
			return []result{c.run("destroy", "-auto-approve"), c.run("destroy", "-auto-approve", "-refresh=false")}
		},
		"the block emptied, the user deleted": func() []result {
			c.write("provider.tf", v.least(nil))
			c.write("users.tf")
			return []result{
				c.run("apply", "-auto-approve"),
				c.run("destroy", "-auto-approve"),
				c.run("apply", "-auto-approve", "-refresh=false"),
			}
		},
		"a saved plan": func() []result {
			c.write("provider.tf", v.least(nil))
			r := c.run("plan", "-destroy", "-out=saved")
			if r.code != 0 {
				return []result{r}
			}
			return []result{c.run("apply", "saved")}
		},
	}
	if v.builtIn() { // a lost definition is an error of its own, with a test of its own
		maps.Copy(all, lostBlocks(w, c))
	}
	return all
}

// lostBlocks are the losses that leave no provider block for the user.
func lostBlocks(w *testEnv, c *cli) map[string]func() []result {
	return map[string]func() []result{
		"the block deleted, the user kept": func() []result {
			c.write("provider.tf")
			return []result{c.run("destroy", "-auto-approve")}
		},
		"nothing but the state": func() []result {
			c.remove("provider.tf", "users.tf", "versions.tf")
			return []result{c.run("destroy", "-auto-approve")}
		},
		"an alias in the same change": func() []result {
			c.write(
				"provider.tf",
				strings.Replace(w.provider("never_close = [\"somebody@else.test\"]"), "{", "{\n  alias = \"acme\"", 1),
			)
			c.write("users.tf")
			return []result{c.run("apply", "-auto-approve")}
		},
		"an alias in the same change, the user kept": func() []result {
			c.write(
				"provider.tf",
				strings.Replace(w.provider("never_close = [\"somebody@else.test\"]"), "{", "{\n  alias = \"acme\"", 1),
			)
			return []result{c.run("destroy", "-auto-approve")}
		},
	}
}

// A guard that was written at the last apply holds when the configuration says nothing, whatever
// loses it, until something is written.
func TestCLI_keptGuardsHoldWhenTheConfigurationIsLost(t *testing.T) {
	t.Parallel()
	forEachWhere(t, vendorCase.exceptOneTwin, func(t *testing.T, v vendorCase, w *testEnv) {
		guards := []struct{ setting, says string }{
			{fmt.Sprintf("never_close = [%q]", inesEmail), "is never closed"},
			{"read_only = true", "read_only = true in the provider block of the last refresh"},
			{fmt.Sprintf("evidence_log = %q", filepath.Join(t.TempDir(), "log.jsonl")), "evidence_log is missing"},
			{"max_closures = 0", "max_closures = 0 allows"},
		}
		guard := guards[v.index()%len(guards)]
		c := w.imported(t, v, guard.setting, "", v.id)
		c.env = w.environment()
		versions := c.read("versions.tf")
		for name, lose := range v.losses(w, c) {
			c.write("versions.tf", versions)
			c.write("provider.tf", w.provider(guard.setting))
			c.write("users.tf", v.block(v.id, ""))
			for _, r := range lose() {
				t.Log(name)
				r.want(1, inesName, guard.says, "the guards of the last refresh hold", "write only max_closures = 10")
			}
			v.untouched(t, w)
		}
		c.write("versions.tf", versions)
		c.write("users.tf", v.block(v.id, ""))
		c.write("provider.tf", v.least(nil))
		for range 2 { // refreshes and applies with what is left overwrite nothing
			c.run("apply", "-auto-approve").want(0)
			c.run("apply", "-refresh-only", "-auto-approve").want(0)
		}
		c.run("destroy", "-auto-approve").want(1, guard.says)
		c.users(v.id)
		v.untouched(t, w)

		c.write("provider.tf", v.least(attributes{"max_closures": 10}))
		c.run("destroy", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}

func TestCLI_environmentIsAFloorAndIsKeptNowhere(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := v.env(t)
	c := w.imported(t, v, "read_only = false", "", v.id)
	c.write("users.tf")
	c.run("plan", "-out=saved").want(0, "1 to destroy")
	for _, floor := range []struct{ variable, says string }{
		{"OFFBOARD_READ_ONLY=true", "OFFBOARD_READ_ONLY in the environment"},
		{"OFFBOARD_MAX_CLOSURES=0", "max_closures = 0 is reached"},
		{"OFFBOARD_NEVER_CLOSE=" + inesEmail, "is never closed"},
		{"OFFBOARD_READ_ONLY=perhaps", "OFFBOARD_READ_ONLY must be true or false"},
	} {
		c.env = []string{floor.variable}
		c.run("apply", "saved").want(1, inesName, floor.says)
		c.run("apply", "-auto-approve").want(1, inesName)
		v.untouched(t, w)
	}
	c.env = nil
	c.run("apply", "-auto-approve").want(0, "1 destroyed")
	v.closedBy(t, w, v.changes...)
}
