package provider

import (
	"slices"
	"testing"
)

// The provider dies after the closing call took effect. With strict_plan the next apply has to find
// out from the log that the call left, as it does without.
func TestCLI_strictPlanGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	const log = "evidence_log = \"log.jsonl\""
	for _, settings := range []string{log, log + "\nstrict_plan = true"} {
		t.Run(settings, func(t *testing.T) {
			t.Parallel()
			v := konstantlyCase
			leaver := func() (*testEnv, *cli) {
				w := v.env(t)
				c := w.imported(t, v, settings, "", v.id)
				c.write("users.tf")
				return w, c
			}
			w, c := leaver()
			c.run("apply", "-auto-approve").want(0)
			call := slices.Index(w.mock.Routes(), v.closing) + 1
			w, c = leaver()
			c.applyAnd(w, call, (*running).killProvider).want(1)
			c.run("apply", "-auto-approve").want(0)
			c.users()
		})
	}
}
