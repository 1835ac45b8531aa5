package provider

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// Two people leave in one pull request, with their reasons, while the budget has room for one. Then
// the budget is used up, and the plan fails.
func TestCLI_whoWhyAndTheBudgetOfAllRuns(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		log := filepath.Join(t.TempDir(), "log.jsonl")
		const budget = "  closure_budget = { count = 1, within = \"24h\" }\n"
		settings := "  evidence_log = \"" + log + "\"\n" + budget + `
  reasons = { "ines@people.test" = "HR-1", "otto@people.test" = "HR-2" }
  left_on = { "ines@people.test" = "2026-11-27", "otto@people.test" = "2026-11-28" }
  run     = { approved_by = "ada" }`
		c := newCLI(t, w, "")
		c.env = append(c.env, "GITHUB_ACTIONS=true", "GITHUB_ACTOR=grace", "GITHUB_TOKEN=s3cret")
		people := map[string]string{v.id: "ines@people.test", v.other: "otto@people.test"}
		var blocks, imports []string
		for id, person := range people {
			blocks = append(blocks, v.block(id, "  person = \""+person+"\""))
			imports = append(imports, v.imports(id))
		}
		c.write("users.tf", append(blocks, imports...)...)
		c.write("provider.tf", w.provider(budget))
		c.run("validate").want(1, "closure_budget needs evidence_log")
		c.write("provider.tf", w.provider(settings))
		c.run("apply", "-auto-approve").want(0, "2 imported", "0 destroyed")
		c.run("plan", "-detailed-exitcode").want(0)

		c.write("users.tf")
		c.run("plan", "-out=leave.tfplan").want(
			0, "2 to destroy", `"HR-1"`, `"HR-2"`, "ines@people.test", "otto@people.test",
			"More closures than closure_budget leaves now",
		)
		c.run("apply", "leave.tfplan").
			want(1, "closure_budget is used up", "Find out whether all of these closures were meant")
		c.run("plan").want(1, "closure_budget is used up")
		all := readEvidence(t, log).Closures
		if len(all) != 2 {
			t.Fatalf("got %d closures, want 2", len(all))
		}
		results := map[evidence.Result]int{}
		for _, closure := range all {
			results[closure.Outcome.Result]++
			want := map[string]string{"ines@people.test": "HR-1 2026-11-27", "otto@people.test": "HR-2 2026-11-28"}
			if got := closure.Reason + " " + closure.LeftOn; closure.Person != people[closure.ID] ||
				got != want[closure.Person] {
				t.Errorf("got %s for the person %s of %s, want %s", got, closure.Person, closure.ID, want[people[closure.ID]])
			}
			if run := (evidence.Run{Actor: "grace", ApprovedBy: "ada"}); closure.Run == nil || *closure.Run != run {
				t.Errorf("got the run %+v, want %+v", closure.Run, run)
			}
		}
		if results[evidence.Closed] != 1 || results[evidence.RefusedByGuard] != 1 {
			t.Errorf("got %v, want one closed and one refused by the guard", results)
		}
		if open := strings.Count(c.run("state", "list").raw, "offboard_"); open != 1 {
			t.Errorf("got %d users in the state, want the refused one", open)
		}
	})
}
