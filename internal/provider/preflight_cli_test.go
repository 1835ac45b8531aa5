package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// obstacle is something that a plan says of an account, beyond that it is closed.
type obstacle struct {
	title  string
	add    func(s *mock.Server)
	says   []string
	strict bool // whether strict_plan makes an error of it
}

func TestCLI_preflightShowsWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for _, o := range v.obstacles {
			t.Run(o.title, func(t *testing.T) {
				t.Parallel()
				w := v.env(t)
				o.add(w.mock)
				c := w.imported(t, v, "", "", v.id)
				says := append([]string{v.named()}, o.says...)

				c.run("plan", "-destroy").want(0, append(says, "1 to destroy")...)
				c.run("destroy").want(1, append(says, "Do you really want to destroy all resources?")...)
				c.write("users.tf")
				for _, arg := range []string{"-refresh=true", "-refresh=false", "-target=" + v.address(v.id)} {
					c.run("plan", arg).want(0, append(says, "1 to destroy")...)
				}
				c.write("provider.tf", w.provider("strict_plan = true"))
				if o.strict {
					c.run("plan").want(1, append(says, "This is an error because strict_plan is set")...)
				} else {
					c.run("plan").want(0, says...)
				}
				c.users(v.id)
				v.untouched(t, w)
			})
		}
	})
}

func TestCLI_preflightFailsForWhatNoRunCanFix(t *testing.T) {
	t.Parallel()
	other := map[string]func(t *testing.T, v vendorCase, w *testEnv, c *cli) []string{
		"another person": func(_ *testing.T, v vendorCase, w *testEnv, _ *cli) []string {
			v.email(w.mock, v.id, "newcomer@acme.test")
			return []string{
				"may belong to another person now",
				"imported as " + inesName + " <" + inesEmail + ">",
				"newcomer@acme.test",
			}
		},
		"another tenant": func(_ *testing.T, v vendorCase, w *testEnv, c *cli) []string {
			c.write("provider.tf", strings.ReplaceAll(w.provider(""), "127.0.0.1", "localhost"))
			return []string{v.named(), "was imported from 127.0.0.1", "The provider is configured for localhost"}
		},
		"protected": func(_ *testing.T, v vendorCase, w *testEnv, c *cli) []string {
			c.write("provider.tf", w.provider(fmt.Sprintf("never_close = [%q]", strings.ToUpper(inesEmail))))
			return []string{v.named(), "is never closed"}
		},
		"a vendor that is down": func(_ *testing.T, v vendorCase, w *testEnv, _ *cli) []string {
			w.fail(v, 501, "")
			return []string{v.named(), "501"}
		},
	}
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for title, change := range other {
			t.Run(title, func(t *testing.T) {
				t.Parallel()
				w := v.env(t)
				c := w.imported(t, v, "", "", v.id)
				says := change(t, v, w, c)
				c.run("destroy", "-auto-approve").want(1, says...)
				c.write("users.tf")
				c.run("plan").want(1, says...)
				c.run("apply", "-auto-approve", "-refresh=false").want(1, says...)
				c.users(v.id)
				v.untouched(t, w)
			})
		}
	})
}

func TestCLI_preflightFailsForTheKeysOwnUser(t *testing.T) {
	t.Parallel()
	v, w := ecgridCase, newTestEnv(t)
	c := w.imported(t, v, "", "", v.holder)
	c.write("users.tf")
	says := []string{"cannot be closed", "who owns the provider's own API key"}
	c.run("plan").want(1, says...)
	c.run("apply", "-auto-approve", "-refresh=false").want(1, says...)
	c.users(v.holder)
	if got := w.changes(); len(got) > 0 || !v.has(w.mock, v.holder) {
		t.Errorf("got mutating requests %q, want none and the user open", got)
	}
}
