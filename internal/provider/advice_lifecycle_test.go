package provider

import (
	"strings"
	"testing"
)

// What the page on guards says of each CLI's own ways to end the management of a user. Ines leaves,
// Otto stays.
func TestLifecycle_doesWhatThePageOnGuardsSays(t *testing.T) {
	t.Parallel()
	const user = "resource \"offboard_ecgrid_user\" \"ines\" {\n  id = \"30417\"\n  lifecycle {\n    SETTING\n  }\n}\n"
	for _, test := range []struct {
		name            string
		cli             string   // of which the page speaks; empty for both
		minor           int      // its version, 1.x
		steps           []string // what is applied, one after the other
		open, forgotten bool     // how it ends for the account of Ines
	}{
		{
			"OpenTofu: removed without lifecycle stops managing", "OpenTofu", 7,
			[]string{"removed {\n  from = offboard_ecgrid_user.ines\n}\n"}, true, true,
		},
		{
			"Terraform: removed without lifecycle closes", "Terraform", 7,
			[]string{"removed {\n  from = offboard_ecgrid_user.ines\n}\n"}, false, true,
		},
		{
			"OpenTofu: enabled = false closes", "OpenTofu", 11, []string{strings.Replace(user, "SETTING", "enabled = false", 1)},
			false, true,
		},
		{
			"OpenTofu: destroy = false is kept in the state", "OpenTofu", 12,
			[]string{strings.Replace(user, "SETTING", "destroy = false", 1), ""}, true, true,
		},
		{
			"Terraform: destroy = false goes with the block", "Terraform", 16,
			[]string{strings.Replace(user, "SETTING", "destroy = false", 1), ""}, false, true,
		},
		{
			"prevent_destroy is gone when the block is gone", "", 5,
			[]string{strings.Replace(user, "SETTING", "prevent_destroy = true", 1), ""}, false, true,
		},
	} {
		if test.cli != "" && test.cli != cliUnderTest(t).name {
			continue // the page says nothing of this CLI
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, v := newTestEnv(t), ecgridCase
			v.add(w.mock)
			c := emptyCLI(t, w)
			c.needs(test.minor)
			c.manage(single("ines", "otto"))
			for _, step := range test.steps {
				c.write("users.tf", completed("resource"), single("otto"), step)
				c.run("apply", "-auto-approve").want(0)
			}
			if open := v.has(w.mock, v.id); open != test.open {
				t.Errorf("got the account open = %t, want %t", open, test.open)
			}
			if users := c.run("state", "list").want(0).raw; strings.Contains(users, "ines") == test.forgotten {
				t.Errorf("got the state %s, want Ines in it = %t", users, !test.forgotten)
			}
		})
	}
}

// Where destroy = false stands on a block with for_each, a key that goes is forgotten. OpenTofu
// forgets it even when the setting has gone by then.
func TestLifecycle_destroyFalseForgetsLaterLeavers(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	v.add(w.mock)
	c := emptyCLI(t, w)
	c.needs(map[bool]int{false: 16, true: 12}[c.isTofu()])
	kept := func(users string) string {
		return strings.Replace(users, "id = each.value\n", "id = each.value\n\n  lifecycle {\n    destroy = false\n  }\n", 1)
	}
	c.manage(forEach("ines", "otto"))
	c.write("users.tf", completed("resource"), kept(forEach("ines", "otto")))
	c.run("apply", "-auto-approve").want(0)
	left := kept(forEach("otto"))
	if c.isTofu() {
		left = forEach("otto")
	}
	c.write("users.tf", completed("resource"), left)
	c.settles(w, []string{`offboard_ecgrid_user.people["otto"]`})
	if !v.has(w.mock, v.id) {
		t.Error("got the account of the later leaver closed, want it open and forgotten")
	}
}
