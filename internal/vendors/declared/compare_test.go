package declared_test

import (
	"context"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// The number 5 is not the text "5", so a comparison of both never holds. What is always of one type, and what
// the user of an example shows, is refused at once.
func TestParse_refusesAComparisonThatNeverHolds(t *testing.T) {
	t.Parallel()
	const owner = `obstacle "owner" {
  blocks = true
  says   = "owner"
  found  = `
	for name, c := range map[string]struct{ block, want string }{
		"a fact and a truth value": {owner + `user.facts.paid == true`, "it compares a text with true or false"},
		"a number and the ID":      {owner + `5 == user.id`, "it compares a number with a text"},
		"a list of numbers":        {owner + `contains([5, 6], user.id)`, "it compares a number with a text"},
		"in a loop":                {owner + `[for o in record.orgs : o if user.absent == "true"]`, "false with a text"},
		"the email and an object":  {owner + `user.email != { email = "x" }`, "it compares a text with an object"},
		"a value of the example":   {owner + `record.paid == "true"`, `"somebody", it compares true or false with a text`},
		"in try":                   {owner + `try(record.paid == "true", false)`, `"somebody", in try or can, it compares`},
		"a part of a list":         {owner + `record.orgs == [user.id]`, `"somebody", it compares a number with a text`},
		"a part of an object":      {owner + `{ id = record.orgs[0] } == { id = user.id }`, "a number with a text"},
		"a status":                 {owner + `user.status == 1`, "it compares a text with a number"},
		"with tostring":            {owner + `tostring(record.paid) == "true" && user.facts.paid == "true"`, ""},
		"with null":                {owner + `record.paid != null && user.id != null`, ""},
		"an empty text":            {owner + `record.paid != "" && record.orgs[0] != ""`, ""},
		"an empty text and a list": {owner + `record.orgs != ""`, "it compares a list with a text"},
		"what the other side says": {owner + `record.paid == true || record.paid == "true"`, ""},
		"a list with numbers, too": {owner + `contains([5, "90071992547409931"], user.id)`, ""},
		"a list of nothing":        {owner + `record.orgs == []`, ""},
		"other fields":             {owner + `{ id = record.orgs[0] } == { ref = user.id }`, ""},
		"numbers":                  {owner + `contains(record.orgs, 5) || record.orgs[0] == 5`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := replacing(
				"  email  = record.mail\n", "  email  = record.mail\n  facts  = { paid = record.paid }\n",
				`state = "on" } } }`, `state = "on", paid = true, orgs = [4711] } } }`,
			)(eveningText(t, nil)) + c.block + "\n}\n"
			_, problems := declared.Parse("evening", source)
			if got := shown(problems); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What no example shows is an error when it is compared, also within try and can.
func TestPreflight_comparesNoValuesOfDifferentTypes(t *testing.T) {
	t.Parallel()
	const numbers, texts = `{"all":[{"of":9},{"of":90071992547409931}]}`, `{"all":[{"of":"9"},{"of":"90071992547409931"}]}`
	const found, none = "found", "nothing"
	const yes, both = `for t in answer.json.all : t.of == user.id ? "x" : ""`, `split(",", "9,90071992547409931")`
	for name, c := range map[string]struct{ found, body, want string }{
		"a number":              {`[for t in answer.json.all : t.of if t.of == user.id]`, numbers, "a number with a text"},
		"a number that differs": {`[for t in answer.json.all : t.of if t.of != user.id]`, numbers, "a number with a text"},
		"in try":                {`try([for t in answer.json.all : t.of if t.of == user.id], [])`, numbers, "in try or can"},
		"in can":                {`can([for t in answer.json.all : t.of if t.of == user.id])`, numbers, "in try or can"},
		"a count":               {`length([for t in answer.json.all : t if t.of == user.id]) > 0`, numbers, "a number with"},
		"contains":              {`contains(answer.json.all[*].of, user.id)`, numbers, "a number with a text"},
		"in a condition":        {`answer.json.all[1].of == user.id ? "yes" : ""`, numbers, "a number with a text"},
		"an object":             {`[for t in answer.json.all : "x" if t == user.id]`, texts, "an object with a text"},
		"beside what decides":   {`answer.json.all[1].of == user.id || true`, numbers, found},
		"beside what is false":  {`answer.json.all[1].of == user.id && false`, numbers, none},
		"texts":                 {`[for t in answer.json.all : t.of if t.of == user.id]`, texts, found},
		"contains texts":        {`contains(answer.json.all[*].of, user.id)`, texts, found},
		"contains it anyway":    {`contains([5, answer.json.all[1].of], user.id)`, texts, found},
		"with tostring":         {`contains([for t in answer.json.all : tostring(t.of)], user.id)`, numbers, found},
		"in join in try":        {`try(join("", [` + yes + `]), "")`, numbers, "in try or can"},
		"in jsonencode in can":  {`can(regex("x", jsonencode([` + yes + `])))`, numbers, "in try or can"},
		"a list of a function":  {both + ` == answer.json.all[*].of`, texts, found},
		"numbers in that list":  {both + ` == answer.json.all[*].of`, numbers, "a text with a number"},
		"a list in a list":      {`contains([` + both + `], answer.json.all[*].of)`, texts, found},
		"other texts":           {`[for t in answer.json.all : t.of if t.of == user.email]`, texts, none},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.override["GET /v1/tickets"] = "200 " + c.body
			e.definition = func(source string) string {
				const asked = "obstacle \"t\" {\n  path = [\"tickets\"]\n  ok = can(answer.json.all)\n  says = \"x\"\n"
				return source + asked + "  found = " + c.found + "\n}\n"
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				got := none
				findings, err := client.Preflight(ctx, u)
				if len(findings) > 0 {
					got = found
				}
				if err != nil {
					got = err.Error()
				}
				if !strings.Contains(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}
