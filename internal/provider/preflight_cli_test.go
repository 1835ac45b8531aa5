package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// obstacle is something that a plan says of an account, beyond that it is closed.
type obstacle struct {
	vendor string
	title  string
	add    func(s *mock.Server)
	clear  func(s *mock.Server) // nil where nobody can clear it
	says   []string
	strict bool // whether strict_plan makes an error of it
}

func obstaclesOf(v vendorCase) []obstacle {
	var own []obstacle
	for _, o := range allObstacles {
		if o.vendor == v.kind.name {
			own = append(own, o)
		}
	}
	return own
}

var allObstacles = []obstacle{
	{
		vendor: "konstantly", title: "an expert", add: func(*mock.Server) {},
		says: []string{"Konstantly may refuse to block a user who is the expert of a course, and cannot be asked beforehand"},
	},
	{
		vendor: "ecgrid", title: "nothing", add: func(*mock.Server) {}, says: []string{"This cannot be undone."},
	},
	{
		vendor: "sfox", title: "money", strict: true,
		add: func(s *mock.Server) {
			s.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) {
				u.Balances = map[string]string{"btc": "0.015", "usd": "0", "eth": "0.000000000000000001"}
				u.OpenOrders, u.PendingTransactions = 1, 1
			})
		},
		clear: func(s *mock.Server) {
			s.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) { u.Balances, u.OpenOrders, u.PendingTransactions = nil, 0, 0 })
		},
		says: []string{"Ines Varga (cust-7f31) in sFOX cannot be closed yet", "it holds 0.015 btc", "it holds 0.000000000000000001 eth",
			"it has an open order", "it has a pending transaction", "down to exactly zero"},
	},
	{
		vendor: "sfox", title: "clients of an advisor", strict: true,
		add: func(s *mock.Server) {
			s.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) { u.AccountRole = "Advisor" })
			s.SFOX.Update("cust-7f32", func(u *mock.SFOXUser) { u.Advisor = "cust-7f31" })
		},
		clear: func(s *mock.Server) { s.SFOX.Update("cust-7f32", func(u *mock.SFOXUser) { u.Advisor = "" }) },
		says:  []string{`it is the advisor of the client "cust-7f32"`, "Move the clients to another advisor"},
	},
	{
		vendor: "sfox", title: "checks that are not permitted",
		add: func(s *mock.Server) {
			s.Fail(mock.Fault{Vendor: "sfox", Route: "GET /user/balance", Status: 403})
			s.Fail(mock.Fault{Vendor: "sfox", Route: "GET /orders", Status: 403})
		},
		says: []string{"the key may not look at balances, so that was not checked", "the key may not look at open orders"},
	},
	{
		vendor: "skillable", title: "labs", strict: true,
		add: func(s *mock.Server) {
			s.Skillable.Update("emp-3107", func(u *mock.SkillableUser) {
				u.Running = mock.Labs{{ID: 880101, Name: "Mesh basics"}}
				u.Saved = mock.Labs{{ID: 880102, Name: "Exam A", SubmittedForGrading: true}}
			})
		},
		clear: func(s *mock.Server) {
			s.Skillable.Update("emp-3107", func(u *mock.SkillableUser) { u.Running, u.Saved = nil, nil })
		},
		says: []string{`the lab "Mesh basics" (880101) is running`, `the lab "Exam A" (880102) is being saved or graded`, "set cancel_running_labs = true"},
	},
}

func TestCLI_preflightShowsWhatStandsInTheWay(t *testing.T) {
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *world) {
		for _, o := range obstaclesOf(v) {
			t.Run(o.title, func(t *testing.T) {
				w := newWorld(t)
				v.add(w.mock)
				o.add(w.mock)
				c := w.adopted(t, v, "", "", v.id)
				says := append([]string{v.named()}, o.says...)

				c.run("plan", "-destroy").want(0, append(says, "1 to destroy")...)
				c.run("destroy").want(1, append(says, "Do you really want to destroy all resources?")...)
				c.write("users.tf")
				for _, arg := range []string{"-refresh=true", "-refresh=false", "-target=" + v.address(v.id)} {
					c.run("plan", arg).want(0, append(says, "1 to destroy")...)
				}
				c.write("provider.tf", w.provider("strict_plan = true"))
				if o.strict {
					c.run("plan").want(1, append(says, "It is an error because the provider is set to strict_plan")...)
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
	other := map[string]func(t *testing.T, v vendorCase, w *world, c *cli) []string{
		"another person": func(_ *testing.T, v vendorCase, w *world, _ *cli) []string {
			v.email(w.mock, v.id, "newcomer@acme.test")
			return []string{"Another person than the one taken over stands behind the id", "taken over as <" + inesEmail + ">", "newcomer@acme.test"}
		},
		"another tenant": func(_ *testing.T, v vendorCase, w *world, c *cli) []string {
			c.write("provider.tf", strings.ReplaceAll(w.provider(""), "127.0.0.1", "localhost"))
			return []string{v.named(), "was taken over from 127.0.0.1", "and the provider is configured for localhost"}
		},
		"protected": func(_ *testing.T, v vendorCase, w *world, c *cli) []string {
			c.write("provider.tf", w.provider(fmt.Sprintf("never_close = [%q]", strings.ToUpper(inesEmail))))
			return []string{v.named(), "is never closed"}
		},
		"a vendor that is down": func(_ *testing.T, v vendorCase, w *world, _ *cli) []string {
			w.fail(v, 501, "")
			return []string{v.named(), "501"}
		},
	}
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *world) {
		for title, spoil := range other {
			t.Run(title, func(t *testing.T) {
				w := newWorld(t)
				v.add(w.mock)
				c := w.adopted(t, v, "", "", v.id)
				says := spoil(t, v, w, c)
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
	v, w := vendorCases[1], newWorld(t)
	c := w.adopted(t, v, "", "", "7")
	c.write("users.tf")
	says := []string{"cannot be closed", "to whom the provider's own key belongs"}
	c.run("plan").want(1, says...)
	c.run("apply", "-auto-approve", "-refresh=false").want(1, says...)
	c.users("7")
	if got := w.changes(); len(got) > 0 || !v.has(w.mock, "7") {
		t.Errorf("got mutating requests %q, want none and the user open", got)
	}
}
