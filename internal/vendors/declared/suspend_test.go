package declared_test

import (
	"context"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// An earlier run suspended the user, and did not come to the step after that.
func TestSuspend_makesTheStepsThatAreLeft(t *testing.T) {
	t.Parallel()
	const evenRevoke = "POST /v1/people/" + inesRef + "/revoke"
	mail := "p" + inesRef + "@acme.test"
	half, whole := evenInes(mail, "off", "user"), evenInes(mail, "off", "revoked")
	for name, c := range map[string]struct {
		answer, then string // to the call, and to the reads after it
		first        string // what the vendor shows before
		calls        int
		proof        offboard.Observation
	}{
		"the second step is left":  {"200 {}", whole, half, 1, offboard.Done},
		"it is refused again":      {`422 {"fault":{"kind":"busy"}}`, half, half, 1, offboard.Open},
		"it is accepted, not done": {"200 {}", half, half, 1, offboard.Open},
		"no step is left":          {"", whole, whole, 0, offboard.Done},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := inTwoSteps(map[string][]string{evenRead: {c.first, c.then}, evenRevoke: {c.answer}})
			steps := e.definition
			e.definition = func(source string) string {
				return strings.Replace(steps(source), `step "end" {`, `step "revoke" {
  method     = "POST"
  path       = ["people", user.id, "revoke"]
  done       = user.status == "suspended" && user.facts.role == "revoked"
  reversible = true
}

step "end" {`, 1)
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				proof, err := client.Suspend(ctx, u)
				if proof != c.proof || (err == nil) != (proof == offboard.Done) {
					t.Errorf("got %v and %v, want %v", proof, err, c.proof)
				}
				if count(e.asked, evenOff) != 0 || count(e.asked, evenRevoke) != c.calls {
					t.Errorf("got %q, want %d calls of the second step alone", e.asked, c.calls)
				}
			})
		})
	}
}
