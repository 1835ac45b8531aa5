package provider

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// Each remedy that a message words as a command or an assignment is followed to the letter:
// afterwards nothing is left to do, and nothing was changed at the vendor.
func TestMessages_remediesHelp(t *testing.T) {
	t.Parallel()
	for name, remedy := range map[string]func(t *testing.T, c *cli, w *testEnv, v vendorCase){
		"untaint": func(_ *testing.T, c *cli, _ *testEnv, v vendorCase) {
			c.run("taint", v.address(v.id)).want(0)
			c.run("plan").want(1, "Run terraform untaint")
			c.run("untaint", v.address(v.id)).want(0)
		},
		"the old ID": func(t *testing.T, c *cli, _ *testEnv, v vendorCase) {
			right := v.block(v.id, "")
			wrong := strings.Replace(right, `id = "`+v.id, `id = "`+v.other, 1)
			c.write("users.tf", wrong)
			line := c.run("plan").want(1, "If the ID was changed by mistake").line(t, `write (id = ".*?") again`)
			c.write("users.tf", strings.Replace(wrong, `id = "`+v.other+`"`, line, 1))
		},
		"the right email": func(t *testing.T, c *cli, _ *testEnv, v vendorCase) {
			c.write("users.tf", v.block(v.id, `email = "zoe@acme.test"`))
			line := c.run("plan").want(1, "If the person's address has changed").line(t, `write (email = ".*?")`)
			c.write("users.tf", v.block(v.id, line))
		},
		"state rm, and an import": func(t *testing.T, c *cli, _ *testEnv, v vendorCase) {
			c.damagePrivateData(t)
			c.run("plan").want(1, "run terraform state rm with the address of the user, and import it again")
			c.run("state", "rm", v.address(v.id)).want(0)
			c.write("users.tf", v.imports(v.id), v.block(v.id, ""))
			c.run("apply", "-auto-approve").want(0)
		},
		"an apply with -refresh=false": func(_ *testing.T, c *cli, w *testEnv, v vendorCase) {
			c.write("users.tf", v.block(v.id, `timeouts = { read = "1s" }`))
			c.run("apply", "-auto-approve").want(0)
			w.mock.Fail(mock.Fault{Vendor: v.mockName(), Delay: 1100 * time.Millisecond})
			c.write("users.tf", v.block(v.id, `timeouts = { read = "60s" }`))
			c.run("plan").want(1, "To replace an old timeout in the state, apply with -refresh=false")
			c.run("apply", "-auto-approve", "-refresh=false").want(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := ecgridCase
			w := v.env(t)
			c := w.imported(t, v, "", "", v.id)
			c.write("users.tf", v.block(v.id, ""))
			remedy(t, c, w, v)
			c.run("plan", "-detailed-exitcode").want(0)
			c.users(v.id)
			v.untouched(t, w)
		})
	}
}

// line is what a run printed at the place in brackets of an expression.
func (r result) line(t *testing.T, expression string) string {
	t.Helper()
	found := regexp.MustCompile(expression).FindStringSubmatch(r.text)
	if found == nil {
		t.Fatalf("got nothing like %s in what was printed:\n%s", expression, r.raw)
	}
	return found[1]
}

// damagePrivateData makes the private data of all users in the state unreadable.
func (c *cli) damagePrivateData(t *testing.T) {
	t.Helper()
	var state map[string]any
	if err := json.Unmarshal([]byte(c.read("terraform.tfstate")), &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) {
		for _, i := range r.(map[string]any)["instances"].([]any) {
			i.(map[string]any)["private"] = base64.StdEncoding.EncodeToString(
				encode(map[string][]byte{recordKey: []byte(`{"version":2,"person":"odd"}`)}),
			)
		}
	}
	c.write("terraform.tfstate", string(encode(state)))
}
