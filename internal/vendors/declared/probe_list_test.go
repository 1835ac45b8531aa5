package declared_test

import (
	"context"
	"errors"
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

// A null says nothing, unless the definition writes it. HCL makes an empty list of null in a splat.
func TestClient_nullFindsNotNothing(t *testing.T) {
	t.Parallel()
	const row = `[{"ref":6,"mail":"mina@acme.test","state":"on"}]`
	for found, rows := range map[string]map[string]bool{
		"answer.json.data[*].ref":                            {"null": false, "[]": true, row: false},
		"answer.json.data[*]":                                {"null": false, "[]": true},
		`join("", answer.json.data[*].x)`:                    {"null": false, "[]": true},
		"length(answer.json.data[*]) == 1":                   {"null": false, "[]": true},
		"try(answer.json.data[*].ref, [])":                   {"null": true, "[]": true},
		"answer.json.data":                                   {"null": false, "[]": true, row: false},
		"try(answer.json.data, null)":                        {"null": true, "[]": true, row: false},
		"answer.json.data == null ? null : answer.json.data": {"null": true, "[]": true, row: false},
	} {
		for said, nothing := range rows {
			e := newEvening()
			asked := "  ok = answer.status == 200 && can(answer.json.data)\n  found = " + found
			obstacle, trace := replacing(
				asks(`obstacle "x"`, asked+"\n  says = \"x\"")...), replacing(
				asks(`trace "x"`, asked)...)
			e.definition = func(source string) string { return trace(obstacle(source)) }
			e.override["GET /v1/search"] = `200 {"data":` + said + `}`
			e.override["GET /v1/people/5"] = `200 {"data":` + rowOf("5", "otto@acme.test", "ended") + `}`
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				findings, err := client.Preflight(ctx, declared.User{User: offboard.User{ID: inesRef}})
				if (err == nil && len(findings) == 0) != nothing {
					t.Errorf("%s for %s: got %v and %v, want nothing found %t", found, said, findings, err, nothing)
				}
				if said == "null" && !nothing && (err == nil || !strings.Contains(err.Error(), "is null")) {
					t.Errorf("%s: got %v, want that it is null", found, err)
				}
				if _, err := client.User(ctx, "5"); errors.Is(err, offboard.ErrClosed) != nothing {
					t.Errorf("%s for %s: got %v, want no trace %t", found, said, err, nothing)
				}
			})
		}
	}
}
