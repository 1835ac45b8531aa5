package declared_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// The vendor takes no call now. Until the next one may leave, something comes that blocks a closure.
func TestClose_asksForObstaclesAgainBeforeAFurtherCall(t *testing.T) {
	t.Parallel()
	const (
		evenOwned = "GET /v1/people/" + inesRef + "/owned"
		wait      = `429 {"fault":{"kind":"busy"}}`
		asked     = `obstacle "owner" {
  path   = ["people", user.id, "owned"]
  found  = answer.json.data
  says   = "the user owns something"
  blocks = true
}
`
		inRecord = `obstacle "owner" {
  found  = try(record.role, "") == "owner"
  says   = "the user owns something"
  blocks = true
}
`
	)
	mail := "p" + inesRef + "@acme.test"
	for name, c := range map[string]struct {
		obstacle string
		script   map[string][]string
		calls    int
	}{
		"none comes": {asked, map[string][]string{evenOwned: {`200 {"data":[]}`}, evenEnd: {wait, ""}}, 2},
		"another request shows one": {
			asked, map[string][]string{evenOwned: {`200 {"data":[]}`, `200 {"data":[1]}`}, evenEnd: {wait, ""}}, 1,
		},
		"the record shows one": {
			inRecord, map[string][]string{evenRead: {"", evenInes(mail, "on", "owner")}, evenEnd: {wait, ""}}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.script = c.script
			e.definition = func(source string) string {
				return strings.Replace(source, `step "end" {`, c.obstacle+`step "end" {`, 1)
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				proof, err := client.Close(ctx, u, "", offboard.NotSent)
				_, refused := errors.AsType[*offboard.RefusedError](err)
				if calls := count(e.asked, evenEnd); calls != c.calls || refused != (c.calls == 1) {
					t.Errorf("got %v and %v after %d calls, want %d", proof, err, calls, c.calls)
				}
			})
		})
	}
}
