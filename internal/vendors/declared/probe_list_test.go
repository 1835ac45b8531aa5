package declared_test

import (
	"context"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// An absence by a list holds where there is none.
var sloppyLists = map[string]sloppy{
	"absent by a list that may be null": {
		inPeople(`answer.status == 200 && length(coalesce(answer.json.people, [])) == 0`),
		`absent of the block read holds for the answer of the example "nobody" if answer.json.people is null, which is no ` +
			`list. Write length(answer.json.people) >= 0 && as well`,
		inPeople(`length(answer.json.people) >= 0 && length(coalesce(answer.json.people, [])) == 0`),
	},
	"absent by a loop over what may be an object": {
		inPeople(`answer.status == 200 && length([for p in answer.json.people : p if p.state == "on"]) == 0`),
		`if answer.json.people is {}, which is no list`,
		inPeople(`length(answer.json.people) >= 0 && length([for p in answer.json.people : p if p.state == "on"]) == 0`),
	},
	"absent by a list, or a null that is no sign of it": {
		inPeople(`answer.status == 200 && length(try(coalesce(answer.json.people, []), [])) == 0`),
		`if answer.json.people is null`,
		inPeople(`answer.status == 200 && (answer.json.people == null ? true : length(answer.json.people) == 0)`),
	},
}

// A splat over null is an error, as a loop is. HCL makes it an empty list.
func TestClient_aSplatOverNullFindsNotNothing(t *testing.T) {
	t.Parallel()
	const row = `{"ref":6,"mail":"mina@acme.test","state":"on"}`
	for found, rows := range map[string]map[string]bool{
		"answer.json.data[*].ref":          {"null": false, "[]": true, `[` + row + `]`: false},
		"answer.json.data[*]":              {"null": false, "[]": true},
		`join("", answer.json.data[*].x)`:  {"null": false, "[]": true},
		"length(answer.json.data[*]) == 1": {"null": false, "[]": true},
		"try(answer.json.data[*].ref, [])": {"null": true, "[]": true},
	} {
		for said, nothing := range rows {
			e := newEvening()
			e.definition = replacing(asks(`obstacle "bills"`, "  ok = answer.status == 200 && can(answer.json.data)\n"+
				"  found = "+found+"\n  says = \"x\"")...)
			e.override["GET /v1/search"] = `200 {"data":` + said + `}`
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				findings, err := client.Preflight(ctx, declared.User{User: offboard.User{ID: inesRef}})
				if (err == nil && len(findings) == 0) != nothing {
					t.Errorf("%s for %s: got %v and %v, want nothing found %t", found, said, findings, err, nothing)
				}
				if said == "null" && !nothing && (err == nil || !strings.Contains(err.Error(), "answer.json.data is null")) {
					t.Errorf("%s: got %v, want what is null", found, err)
				}
			})
		}
	}
}
