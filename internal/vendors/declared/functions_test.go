package declared_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// listOfGroups is a list in JSON.
func listOfGroups(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"id":%d,"name":"Group %d","mail":"group-%d@acme.test","open":true,"of":null}`, i, i, i)
	}
	return "[" + strings.Join(all, ",") + "]"
}

// Only a text that would be longer than 64 KiB is refused, whatever it is made of.
func TestUser_mayHaveLongFacts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ groups, says string }{
		"fifty groups":          {listOfGroups(50), ""},
		"numbers":               {"[" + strings.Repeat("12,", 4000) + "1]", ""},
		"another alphabet":      {`["` + strings.Repeat("ж", 10000) + `"]`, ""},
		"a thousand groups":     {listOfGroups(1000), "longer than 64 KiB"},
		"a long name of a part": {`{"` + strings.Repeat("<", 60000) + `":1}`, "longer than 64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("  status =", "  facts  = { groups = jsonencode(try(record.groups, null)) }\n  status =")
			e.override[evenRead] = `200 {"data":{"ref":` + inesRef + `,"mail":"","state":"on","groups":` + c.groups + `}}`
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				_, err := client.User(ctx, inesRef)
				if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %q", err, c.says)
				}
			})
		})
	}
}

// A list that is the whole answer is told from an object, however long it is. An ok that has no value says
// why.
func TestPreflight_findsNothingInALongList(t *testing.T) {
	t.Parallel()
	const advised, old = `can(concat(answer.json, []))`, `startswith(jsonencode(answer.json), "[")`
	for name, c := range map[string]struct{ ok, said, says string }{
		"a list":                {advised, listOfGroups(3000), ""},
		"an empty list":         {advised, `[]`, ""},
		"an object":             {advised, `{}`, "HTTP 200"},
		"an object of objects":  {advised, `{"a":{"id":1}}`, "HTTP 200"},
		"a text":                {advised, `"busy"`, "HTTP 200"},
		"null":                  {advised, `null`, "HTTP 200"},
		"a list by its text":    {old, listOfGroups(500), ""},
		"a text that is longer": {old, listOfGroups(1000), "bills.ok in line 53 of the definition cannot be evaluated"},
		"a field of a list":     {`answer.json.kind == "list"`, `[]`, "answer.json is a list"},
		"an ok that is false":   {`answer.status == 201`, `[]`, "ok of the block obstacle bills does not hold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(asks(`obstacle "bills"`, "  ok    = answer.status == 200 && "+c.ok+"\n"+
				"  found = [for r in answer.json : r.of if r.of != null]\n  says  = found")...)
			e.override["GET /v1/search"] = "200 " + c.said
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				findings, err := client.Preflight(ctx, u)
				if len(findings) > 0 || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v and %v, want %q", findings, err, c.says)
				}
			})
		})
	}
}
