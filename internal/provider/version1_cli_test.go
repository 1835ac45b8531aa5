package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withVersion1 puts a state of the older version into the directory.
func (c *cli) withVersion1(w *testEnv, v vendorCase) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "version1", v.kind.name+".json"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.write("terraform.tfstate", strings.ReplaceAll(string(text), "HOST", strings.TrimPrefix(w.url, "http://")))
}

func TestCLI_stateOfVersion1(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.withVersion1(w, v)
		c.write("users.tf", v.block(v.id, ""))
		c.run("plan", "-detailed-exitcode").want(0, "No changes")

		c.write("users.tf")
		v.shows(w, "Otto Berg", "")
		for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
			c.run("apply", "-auto-approve", refresh).want(1, "may belong to another person now", "Otto Berg")
		}
		w.mock.Heal()
		c.write("provider.tf", w.provider("never_close = [\""+v.id+"\"]"))
		c.run("apply", "-auto-approve").want(1, "is never closed")
		c.users(v.id)
		v.untouched(t, w)

		c.write("provider.tf", w.provider(""))
		c.write("users.tf", v.block(v.id, ""))
		c.run("apply", "-auto-approve").want(0)
		if got := c.state()[v.id]["tenant"].(string); !strings.HasSuffix(got, v.prefix()) {
			t.Errorf("got the tenant %q in the state, want the path in it", got)
		}
		c.run("plan", "-detailed-exitcode").want(0, "No changes") // the identity is the old one, and stays
		c.write("users.tf")
		c.run("apply", "-auto-approve").want(0, "1 destroyed")
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}

// Without a refresh in between.
func TestCLI_stateOfVersion1IsClosedAtOnce(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.withVersion1(w, v)
		c.run("apply", "-auto-approve", "-refresh=false").want(0, "1 destroyed")
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}

// An identity that was noted with the host alone still imports, as the user at the configured path.
func TestCLI_importByAnIdentityOfVersion1(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.needs(12)
		host := strings.TrimPrefix(w.url, "http://")
		identity := fmt.Sprintf("  identity = {\n    id     = %q\n    tenant = %q\n  }\n", v.id, host)
		c.write("users.tf", v.block(v.id, ""), "import {\n  to = "+v.address(v.id)+"\n"+identity+"}\n")
		c.run("apply", "-auto-approve").want(0, "1 imported")
		c.users(v.id)
		c.run("plan", "-detailed-exitcode").want(0, "No changes")
	})
}
