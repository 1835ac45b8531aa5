package declared_test

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// A loop goes over lists in lists. Each of them may have further pages.
func TestParse_aTraceIsNotWholeBesideAMarkInALoop(t *testing.T) {
	t.Parallel()
	const (
		areas = `{ areas = [{ id = 1, users = { rows = [], more = false } }, { users = { rows = [], more = MORE } }] }`
		teams = `{ teams = [{ id = 1, admins = [{ ref = 5, next = "x" }], more = MORE }] }`
		bare  = `[{ users = [], more = MORE }]`

		isList = "answer.status == 200 && startswith(jsonencode(answer.json), \"[\")"
	)
	for found, c := range map[string]struct{ body, ok string }{
		`flatten([for a in answer.json.areas : [for u in a.users.rows : u.id if u.ref == user.id]])`: {areas, ""},
		`flatten([for i, a in answer.json.areas : [for k, u in a.users.rows : k]])`:                  {areas, ""},
		`flatten([for u in answer.json.areas : [for u in u.users.rows : u.id]])`:                     {areas, ""},
		`flatten([for a in answer.json.areas : a.users.rows])`:                                       {areas, ""},
		`flatten([for a in answer.json["areas"] : a.users.rows[*].id])`:                              {areas, ""},
		`flatten([for a in answer.json.areas : [for u in [for r in a.users.rows : r] : u.id]])`:      {areas, ""},
		`flatten([for a in try(answer.json.areas, []) : (a.users).rows])`: {
			areas, "can(answer.json.areas)",
		},
		`flatten(answer.json.areas[*].users.rows)`: {areas, ""},

		`[for t in answer.json.teams : t.id if length([for a in t.admins : a if a.ref == user.id]) > 0]`: {teams, ""},
		`[for t in answer.json.teams : t.id if contains(t.admins[*].ref, user.id)]`:                      {teams, ""},

		`flatten([for d in answer.json : [for u in d.users : u.id]])`: {bare, isList},
		`flatten(answer.json[*].users)`:                               {bare, isList},
	} {
		for _, more := range []string{"true", "false"} {
			change := found
			if c.ok != "" {
				change += "\n  ok = " + c.ok
			}
			source := replacing("answer.json.data\n}\n", change+"\n}\n")(withTrace("user.id")(eveningText(t, nil))) + `
example "a page" {
  of     = "trace sign-ins"
  answer = { status = 200, json = ` + strings.ReplaceAll(c.body, "MORE", more) + ` }
  expect = { error = ` + more + ` }
}
`
			if _, problems := declared.Parse("evening", source); len(problems) > 0 {
				t.Errorf("%s: got the problems %v, want an error %s", found, problems, more)
			}
		}
	}
}
