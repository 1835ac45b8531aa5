package declared_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// An ID may be a sign-in name that a person has chosen. One that could end the text around it is not sent.
func TestClose_sendsNoIDThatEndsALongerText(t *testing.T) {
	t.Parallel()
	const query = `"mutation { end(of: \"${user.id}\") }"`
	for name, c := range map[string]struct {
		ref, text string
		unsent    bool
	}{
		"another call in it": {`i\") x: end(of: \"o`, query, true},
		"a blank":            {`5 or 6`, `"{ end(of: ${record.ref}) }"`, true},
		"a dollar":           {`5$6`, `replace("{ end(ID) }", "ID", user.id)`, true},
		"an ID":              {`u-5_6.7:8@x+y~z`, query, false},
		"in base 64":         {`MDQ6VXNlcg==`, query, false},
		"a value of its own": {`i\") x`, `user.id`, false},
		"a sentence":         {`5$6`, `"of ${user.id}"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(`path     = ["people", user.id]
  accepted`, "path = [\"graphql\"]\n  body = { query = "+c.text+" }\n  accepted")
			id := strings.ReplaceAll(c.ref, `\`, "")
			e.script = map[string][]string{"DELETE /v1/graphql": {"422 {}"}, "GET /v1/people/" + id: {
				`200 {"data":{"ref":"` + c.ref + `","mail":"p@acme.test","state":"on"}}`,
			}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, id)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Close(ctx, u, "", offboard.NotSent)
				_, refused := errors.AsType[*declared.NoRequestError](err)
				if refused != c.unsent || slices.Contains(e.asked, "DELETE /v1/graphql") == c.unsent ||
					refused && !strings.Contains(err.Error(), "has a character that may end the longer text") {
					t.Errorf("got %q and %v, want no call: %t", e.asked, err, c.unsent)
				}
			})
		})
	}
}

// A search for an address with a quote in it would be another search, and find nothing.
func TestClient_searchesForNothingThatEndsALongerText(t *testing.T) {
	t.Parallel()
	const plain, inLoop = `"mail eq '${was.mail}'"`, `[for m in [was.mail] : "mail eq '${m}'"]`
	for name, c := range map[string]struct {
		mail, filter string
		want         bool
	}{
		"a quote":           {"o'brien@acme.test", plain, false},
		"a quote in a loop": {"o'brien@acme.test", inLoop, false},
		"the other quote":   {"o'brien@acme.test", `"mail eq \"${was.mail}\""`, true},
		"a backslash in it": {`o'\\brien@acme.test`, `"mail eq \"${was.mail}\""`, false},
		"one quote around":  {"o'brien@acme.test", `"mail eq ${was.mail}\""`, false},
		"in a longer text":  {"o'brien@acme.test", `replace("mail eq '", "m", "\"${was.mail}\"")`, false},
		"within the other":  {"o'brien@acme.test", `"'mail eq \"${was.mail}\"'"`, false},
		"in jsonencode":     {"o'brien@acme.test", `"mail eq ${jsonencode(was.mail)}"`, true},
		"no quote":          {"obrien+x@acme.test", plain, true},
		"none in a loop":    {"obrien+x@acme.test", inLoop, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mail, want := c.mail, c.want
			e := newEvening()
			e.definition = func(source string) string {
				return source + `
trace "search" {
  path  = ["search"]
  query = { filter = ` + c.filter + ` }
  found = answer.json.data
}
find_by_email {
  path    = ["search"]
  query   = { filter = ` + strings.ReplaceAll(c.filter, "was.mail", "user.email") + ` }
  records = answer.json.data
}
`
			}
			e.script = map[string][]string{
				evenRead:         {`200 {"data":{"ref":` + inesRef + `,"mail":"` + mail + `","state":"on"}}`, ""},
				evenList:         {`200 {"data":[` + person("90071992547409933") + `],"cursor":null}`},
				"GET /v1/search": {`200 {"data":[]}`},
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := client.FindByEmail(ctx, mail); (err == nil) != want {
					t.Errorf("the search: got %v, want it made: %t", err, want)
				}
				proof, err := client.Close(ctx, u, "", offboard.NotSent)
				if (err == nil) != want || (proof == offboard.Absent) != want ||
					slices.Contains(e.asked, "GET /v1/search") != want {
					t.Errorf("got %v, %v and %q, want a proof: %t", proof, err, e.asked, want)
				}
			})
		})
	}
}

// A trace finds the address in every letter case, or is refused.
func TestParse_refusesATraceThatMissesALetterCase(t *testing.T) {
	t.Parallel()
	for found, want := range map[string]bool{
		`[for m in answer.json.all : m if m.mail == was.mail]`:                    false,
		`[for m in answer.json.all : m if user.email == m.mail]`:                  false,
		`[for m in answer.json.all : m if m.mail == lower(was.mail)]`:             false,
		`[for m in answer.json.all : m if lower(m.mail) == was.mail]`:             false,
		`contains(answer.json.all[*].mail, user.email)`:                           false,
		`contains(answer.json.all[*].mail, lower(user.email))`:                    false,
		`[for m in answer.json.all : m if lower(m.mail) == lower(was.mail)]`:      true,
		`[for m in answer.json.all : m if (lower(m.mail)) == lower(user.email)]`:  true,
		`contains([for m in answer.json.all : lower(m.mail)], lower(user.email))`: true,
		`contains([lower(answer.json.all[0].mail)], lower(user.email))`:           true,
		`[for m in answer.json.all : m if was.mail != null && m.id == was.ref]`:   true,
		`[for m in answer.json.all : m if "" != user.email && m.id == user.id]`:   true,
		`answer.json.all[*].id`: true,
		`[for m in answer.json.all : m if m.nick == was.nick || m.id == was.ref]`:   true,
		`[for m in answer.json.all : lower(m.mail) if m.mail == upper(user.email)]`: false,

		`[for m in answer.json.all : m if m.nick == user.login]`:                                     false,
		`[for m in answer.json.all : m if m.name == was.name]`:                                       false,
		`[for m in answer.json.all : m if startswith(m.mail, user.email)]`:                           false,
		`[for m in answer.json.all : m if endswith(lower(m.mail), user.email)]`:                      false,
		`can(regex("^${user.email}$", answer.json.all[0].mail))`:                                     false,
		`can(answer.json.all[user.email])`:                                                           false,
		`lookup(answer.json.all, user.email, null)`:                                                  false,
		`[for m in answer.json.all : m if try(m.mail, "") == lower(user.email)]`:                     false,
		`[for m in answer.json.all : m if lower(m.name) == lower(was.name)]`:                         true,
		`[for m in answer.json.all : m if try(lower(m.mail), "") == lower(user.email)]`:              true,
		`[for m in answer.json.all : m if lower(coalesce(m.mail, "")) == lower(user.email)]`:         true,
		`[for m in answer.json.all : m if endswith(lower(m.mail), "<${lower(user.email)}>")]`:        true,
		`[for m in answer.json.all : m if startswith(jsonencode(lower(m.mail)), lower(user.email))]`: true,
		`[for m in answer.json.all : m if (m.on ? lower(m.mail) : "x") == lower(user.email)]`:        true,
		`contains(split(",", lower(answer.json.all[0].mails)), lower(user.email))`:                   true,
		`contains(concat(["x"], [for m in answer.json.all : trimspace(lower(m))]), lower(was.mail))`: true,
		`can({ for m in answer.json.all : lower(m.mail) => m }[lower(user.email)])`:                  true,
		`split("@", lower(user.email))[0] == lower(answer.json.all[0].name)`:                         true,
		`length([for m in answer.json.all : m if lower(m.mail) == lower(user.email)]) != 0`:          true,

		`contains(flatten([for m in answer.json.all : [for e in m.mails : lower(e)]]), lower(user.email))`: true,
	} {
		t.Run(found, func(t *testing.T) {
			t.Parallel()
			source := replacing(
				"  email  = record.mail\n",
				"  email  = record.mail\n  login  = try(record.name, tostring(record.ref))\n",
			)
			_, problems := declared.Parse("evening", source(eveningText(t, nil))+
				"trace \"t\" {\n  path = [\"all\"]\n  ok = can(answer.json.all)\n  found = "+found+"\n}\n")
			if got := shown(problems); (got == "") != want || !want && !strings.Contains(got, "in another letter case") {
				t.Errorf("got %q, want it accepted: %t", got, want)
			}
		})
	}
}
