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

// An obstacle is not asked for everybody if the vendor does not show of whom. What blocks holds the call back.
func TestClose_asksNoObstacleWithoutItsParameter(t *testing.T) {
	t.Parallel()
	const tickets = "GET /v1/tickets"
	for name, c := range map[string]struct {
		query, nick, blocks string
		skipped, fails      bool
	}{
		"a null that blocks":      {"{ of = record.nick }", "null", "true", false, true},
		"a null that does not":    {"{ of = record.nick }", "null", "false", true, false},
		"an empty text":           {"{ of = record.nick }", `""`, "true", false, true},
		"an empty fact":           {"{ of = user.facts.nick }", "null", "true", false, true},
		"a null that is written":  {"{ of = try(record.nick, null) }", "null", "true", false, false},
		"a value":                 {"{ of = record.nick }", `"ines"`, "true", false, false},
		"a field that is missing": {"{ of = record.nock }", `"ines"`, "false", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.script = map[string][]string{
				tickets: {`200 {"all":[]}`},
				evenRead: {
					`200 {"data":{"ref":` + inesRef + `,"mail":"p@acme.test","state":"on","nick":` + c.nick + `}}`,
				},
				evenEnd: {"422 {}"},
			}
			e.definition = func(source string) string {
				return replacing(
					"  email  = record.mail\n",
					"  email  = record.mail\n  facts = { nick = try(record.nick, null) }\n",
				)(
					source,
				) + "obstacle \"tickets\" {\n  path = [\"tickets\"]\n  query = " + c.query + "\n  blocks = " + c.blocks +
					"\n  found = answer.json.all\n  says = \"a ticket\"\n}\n"
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				findings, err := client.Preflight(ctx, u)
				_, fails := errors.AsType[*declared.EvaluationError](err)
				skipped := len(findings) == 1 && findings[0].Kind == offboard.CheckSkipped && findings[0].Reason != ""
				if fails != c.fails || skipped != c.skipped || (count(e.asked, tickets) == 1) == (fails || skipped) {
					t.Errorf("got %v, %v and %q, want an error: %t, skipped: %t", findings, err, e.asked, c.fails, c.skipped)
				}
				_, err = client.Close(ctx, u, "", offboard.NotSent)
				if called := count(e.asked, evenEnd) > 0; called == c.fails {
					t.Errorf("got the requests %q and %v, want no call: %t", e.asked, err, c.fails)
				}
			})
		})
	}
}
