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

// Somebody else may have the same first or last characters, and the same domain.
func TestParse_refusesACallThatIsTheSameForSomebodyElse(t *testing.T) {
	t.Parallel()
	const state = `state = "on" } } }`
	const member = `state = "on",
		member = { id = 4711, role = "admin" }, paid = true, team = { id = 90071992547409931 } } } }`
	for name, c := range map[string]struct {
		call, facts string
		want        bool
	}{
		"the domain": {`path = ["domains", split("@", user.email)[1]]`, "", false},
		"the domain in the query": {`path = ["people"]
  query = { domain = split("@", user.email)[1] }`, "", false},
		"a domain that is found":   {`path = ["domains", regex("@(acme\\.test)$", user.email)[0]]`, "", false},
		"a team of the address":    {`path = ["teams", { "ines@acme.test" = "5" }[user.email]]`, "", false},
		"a table of addresses":     {`path = ["teams", lookup({ "ines@acme.test" = "5" }, user.email, "6")]`, "", false},
		"the name in the address":  {`path = ["people", split("@", user.email)[0]]`, "", false},
		"the end of the ID":        {`path = ["people", substr(user.id, 9, -1)]`, "", false},
		"a membership":             {`path = ["members", tostring(record.member.id)]`, "m = record.member.id", true},
		"a membership by its fact": {`path = ["members", user.facts.seat]`, "seat = try(record.member.id, null)", true},
		"a part of a membership":   {`path = ["members", substr(user.facts.seat, 1, 2)]`, "seat = record.member.id", false},
		"a membership and no fact": {`path = ["members", user.facts.seat]`, `seat = "m-${record.member.id}"`, false},
		"a role":                   {`path = ["roles", record.member.role]`, "role_id = record.member.role", false},
		"a team":                   {`path = ["teams", user.facts.id]`, "id = record.team.id", false}, // the same number
		"a team of the record":     {`path = ["teams", record.team.id]`, "t = record.team", false},
		"a truth value":            {`path = ["members", tostring(record.paid)]`, "id = record.paid", false},
		"the ID in a role":         {`path = ["people", tostring(record.ref)]`, "role = record.ref", true},
		"a fact of no example":     {`path = ["members", record.member.no]`, "id = try(record.member.no, null)", false},
		"another one in try": {
			`path = ["members", user.facts.seat]`, "seat = try(record.member.id, record.team.id)", false,
		},
		"another spelling in try": {
			`path = ["members", user.facts.seat]`, "seat = try(record.member.id, record.memberId)", true,
		},
		"a text in try": {`path = ["members", user.facts.seat]`, `seat = try(record.member.id, "none")`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := eveningText(t, nil)
			if c.facts != "" {
				source = replacing("  email  = record.mail\n", "  email  = record.mail\n  facts = { "+c.facts+" }\n")(source)
			}
			_, problems := declared.Parse("evening", replacing(`path     = ["people", user.id]`, c.call, state, member)(source))
			const none = "or name it in facts as an id"
			if got := shown(problems); (got == "") != c.want || !c.want && !strings.Contains(got, none) {
				t.Errorf("got %q, want it accepted: %t", got, c.want)
			}
		})
	}
}

// Another account is read from its record. What is made of its texts may be the same as here.
func TestParse_readsTheOtherAccountFromItsRecord(t *testing.T) {
	t.Parallel()
	const email = "email  = record.mail"
	for name, c := range map[string]struct {
		ref, user, path string
		want            bool
	}{
		"a part of the address":     {"5", email + "\nlogin = split(\"@\", record.mail)[0]", `user.login`, false},
		"small letters":             {"5", email + "\nlogin = lower(record.nick)", `user.login`, false},
		"as it is":                  {"5", email + "\nlogin = record.nick", `user.login`, true},
		"small letters of a login":  {"5", email + "\nlogin = record.nick", `lower(user.login)`, false},
		"an address in a login":     {"5", email + "\nlogin = lower(record.mail)", `user.login`, true},
		"small letters of an email": {"5", "email = lower(record.mail)", `user.email`, true},
		"a table of logins":         {"5", email + "\nlogin = { \"ines@acme.test\" = 5 }[record.mail]", `user.login`, false},
		"a fact with the ID in it":  {"5", email + "\nfacts = { ref = \"u-${record.ref}\" }", `user.facts.ref`, true},
		"a fact of the domain":      {"5", email + "\nfacts = { id = split(\"@\", record.mail)[1] }", `user.facts.id`, false},
		"a number":                  {"31", email, `tostring(tonumber(user.id))`, true},
		"a number with zeros":       {`"0031"`, email, `tostring(tonumber(user.id))`, false},
		"the ID with zeros":         {`"0031"`, email, `user.id`, true},
		"small letters of an ID":    {`"aB1"`, email, `lower(user.id)`, false},
		"the ID with letters":       {`"aB1"`, email, `user.id`, true},
		"letters and the address":   {`"aB1"`, email, `"${lower(user.id)}-${user.email}"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := declared.Parse("evening", replacing(
				"  email  = record.mail\n", "  "+c.user+"\n", `["people", user.id]
  accepted`, `["people", `+c.path+`]
  accepted`, "ref = 90071992547409931, ", `ref = `+c.ref+`, nick = "Ines", `,
				`{ id = "90071992547409931", status`, "{ status")(eveningText(t, nil)))
			if got := shown(problems); (got == "") != c.want || !c.want && !strings.Contains(got, "in another spelling") {
				t.Errorf("got %q, want it accepted: %t", got, c.want)
			}
		})
	}
}

// Two users who have the same membership do not have it alone.
func TestParse_refusesAnIDThatTwoExamplesHave(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, other string
		want        bool
	}{
		"the same":            {"user.facts.place_id", "ref = 5, place = 4711", false},
		"the same in record":  {"tostring(record.place)", "ref = 5, place = 4711", false},
		"another one":         {"user.facts.place_id", "ref = 5, place = 4712", true},
		"the same user":       {"user.facts.place_id", "ref = 90071992547409931, place = 4711", true},
		"a fact for a person": {"user.id", "ref = 5, place = 4711", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := declared.Parse("evening", replacing(
				"  email  = record.mail\n", "  email  = record.mail\n  facts = { place_id = record.place }\n", `["people", user.id]
  accepted`, `["people", `+c.path+`]
  accepted`, `mail = "ines@acme.test", state = "on"`, `mail = "ines@acme.test", place = 4711, state = "on"`,
			)(eveningText(t, nil))+`
example "another" {
  of     = "read"
  answer = { status = 200, json = { data = { `+c.other+`, mail = "otto@acme.test", state = "on" } } }
  expect = { status = "active" }
}
`)
			want := "the users of two examples have the same facts.place_id"
			if got := shown(problems); (got == "") != c.want || !c.want && !strings.Contains(got, want) {
				t.Errorf("got %q, want it accepted: %t", got, c.want)
			}
		})
	}
}

// Each example must show that the call names the account, unless nothing is sent for it.
func TestParse_triesTheCallWithEveryOpenUser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, field, when string
		want              bool
	}{
		"the same call":          {`["members", try(record.seat, "none")]`, ``, ``, false},
		"another call":           {`["members", try(record.seat, "none")]`, `, seat = "5"`, ``, true},
		"a step that is skipped": {`["members", try(record.seat, "none")]`, ``, `when = user.facts.seat != ""`, true},
		"a call of null":         {`["members", record.seat]`, `, seat = null`, ``, true},
		"a call of nothing":      {`["members", record.seat]`, ``, ``, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := replacing(
				"  email  = record.mail\n",
				"  email  = record.mail\n  facts  = { seat = try(record.seat, null) }\n",
				`path     = ["people", user.id]`,
				"path = "+c.path+"\n"+c.when,
				`state = "on" } } }`,
				`state = "on", seat = "4711" } } }`,
			)(
				eveningText(t, nil),
			) + `
example "another" {
  of     = "read"
  answer = { status = 200, json = { data = { ref = 5, mail = "otto@acme.test", state = "on"` + c.field + ` } } }
  expect = { id = "5" }
}
`
			_, problems := declared.Parse("evening", source)
			if got := shown(problems); (got == "") != c.want || !c.want && !strings.Contains(got, "names no account") {
				t.Errorf("got %q, want it accepted: %t", got, c.want)
			}
		})
	}
}

// What no example shows is found right before the call.
func TestClose_sendsNoCallThatIsTheSameForSomebodyElse(t *testing.T) {
	t.Parallel()
	for fact, unsent := range map[string]bool{"place": true, "team_id": true, "place_id": false} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(`path     = ["people", user.id]`,
				`path = try(record.place, "") == "" ? ["people", user.id] : ["people", record.place]`,
				"  email  = record.mail\n", "  email  = record.mail\n  facts  = { "+fact+" = try(record.place, null) }\n")
			e.script = map[string][]string{"DELETE /v1/people/4711": {"422 {}"}, evenRead: {
				`200 {"data":{"ref":` + inesRef + `,"mail":"p@acme.test","state":"on","place":4711}}`,
			}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Close(ctx, u, "", offboard.NotSent)
				_, refused := errors.AsType[*declared.NoRequestError](err)
				if refused != unsent || slices.Contains(e.asked, "DELETE /v1/people/4711") == unsent ||
					unsent && !strings.Contains(err.Error(), "names no account") {
					t.Errorf("got %q and %v, want no call: %t", e.asked, err, unsent)
				}
			})
		})
	}
}

// An ID of no example may be written as no example shows one.
func TestClose_sendsNoCallThatIsTheSameForAnotherSpelling(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id, sends string
		unsent    bool
	}{
		"a number":                  {"31", "tonumber(user.id)", false},
		"a number with zeros":       {"0031", "tonumber(user.id)", true},
		"a number in small letters": {"31", "lower(user.id)", false},
		"letters":                   {"aB", "lower(user.id)", true},
		"letters as they are":       {"aB", "user.id", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(`path     = ["people", user.id]
  accepted`, `path = ["ends"]
  body = { ref = `+c.sends+` }
  accepted`)
			e.script = map[string][]string{"DELETE /v1/ends": {"422 {}"}, "GET /v1/people/" + c.id: {
				`200 {"data":{"ref":"` + c.id + `","mail":"p@acme.test","state":"on"}}`,
			}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, c.id)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Close(ctx, u, "", offboard.NotSent)
				_, refused := errors.AsType[*declared.NoRequestError](err)
				if refused != c.unsent || slices.Contains(e.asked, "DELETE /v1/ends") == c.unsent {
					t.Errorf("got %q and %v, want no call: %t", e.asked, err, c.unsent)
				}
			})
		})
	}
}

// A text of a person may end a longer one, and begin another call.
func TestParse_refusesAValueInsideALongerText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sends string
		want  string // the attribute
	}{
		"a form":              {`form = { query = "mutation { end(mail: \"${user.email}\") }" }`, "form"},
		"a query":             {`query = { filter = "mail eq \"${user.email}\"" }`, "query"},
		"the record":          {`query = { filter = "mail eq '${record.mail}'" }`, "query"},
		"replace":             {`body = { q = replace("{ end(mail: \"M\") }", "M", user.email) }`, "body"},
		"replace by a text":   {`body = { q = replace(user.email, "@", "\"") }`, "body"},
		"join":                {`body = { q = join("", ["end('", user.email, "')"]) }`, "body"},
		"join of a concat":    {`body = { q = join("", concat(["end<"], [user.email])) }`, "body"},
		"concat":              {`form = { q = concat(["a=b;"], [user.email]) }`, "form"},
		"a separator":         {`form = { q = join("&x=", [user.email]) }`, "form"},
		"a text in a split":   {`query = { q = "(${split("@", user.email)[0]}" }`, "query"},
		"a name in an object": {`form = { "m[${user.email}]" = "1" }`, "form"},
		"a line":              {`form = { q = "a\n${user.email}" }`, "form"},

		"a text of a loop": {`form = { q = [for q in ["{ end('"] : "${q}${user.email}"] }`, "form"},
		"a text of two loops": {`form = {
  q = [for all in [["("]] : [for q in all : join("", [q, user.email])]][0] }`, "form"},

		"a sentence":              {`body = { note = "${user.email} left: 5/6" }`, ""},
		"a URN":                   {`query = { q = "urn:x:${record.mail}" }`, ""},
		"a list":                  {`query = { q = join(",", [user.email, record.mail]) }`, ""},
		"the ID":                  {`form = { query = "{ end(${user.id}) }" }`, ""},
		"the ID of the record":    {`form = { query = "{ end(${record.ref}) }" }`, ""},
		"the status":              {`body = { query = "{ end(${user.status}) }" }`, ""},
		"the ID that is replaced": {`body = { query = replace("{ end(ID) }", "ID", user.id) }`, ""},
		"beside a loop":           {`body = { q = "{ end }", all = [for m in [user.email] : "m/${m}"] }`, ""},
		"what is only compared":   {`body = { q = "of ${regex("^([^@]+)@", user.email)[0]}" }`, ""},
		"a value of its own":      {`body = { query = "{ end(mail: $m) }", variables = { m = user.email } }`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := declared.Parse(
				"evening",
				replacing("  accepted = ", "  "+c.sends+"\n  accepted = ")(eveningText(t, nil)),
			)
			want := "the " + c.want + " has a value of the user inside a longer text"
			if got := shown(problems); c.want == "" && got != "" || c.want != "" && strings.Count(got, want) != 1 {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A loop over the record sends back what is null in it, as the record itself does. An empty list
// may be meant.
func TestSuspend_sendsALoopOverTheRecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"the record in a loop": {`merge({ for k, v in record : k => v if k != "links" }, { active = false })`, ""},
		"a field of its own":   {`merge({ for k, v in record : k => v }, { nick = record.phone })`, "nick"},
		"a text in the loop":   {`merge({ for k, v in record : k => "x${v}" }, { active = false })`, "body"},
		"an empty list":        {`{ tags = length(record.tags) == 0 ? [] : [for t in record.tags : t.id] }`, ""},
		"an empty loop":        {`{ tags = [for t in record.tags : t.id] }`, "or [] in a body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := inTwoSteps(map[string][]string{
				evenRead: {`200 {"data":{"ref":` + inesRef + `,"mail":"p@acme.test","state":"on","phone":null,"tags":[]}}`},
				evenOff:  {"422 {}"},
			})
			two := e.definition
			e.definition = func(source string) string {
				const path = `path       = ["people", user.id, "off"]`
				return strings.Replace(two(source), path, path+"\n  body = "+c.body, 1)
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Suspend(ctx, u)
				_, unsent := errors.AsType[*declared.NoRequestError](err)
				if unsent != (c.want != "") || slices.Contains(e.asked, evenOff) == unsent ||
					!strings.Contains(err.Error(), c.want) {
					t.Errorf("got the requests %q and %v, want %q", e.asked, err, c.want)
				}
			})
		})
	}
}
