package declared_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// parley is a definition that uses most of the language.
func parley(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../../examples/resources/offboard_user/parley.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func TestParse_tellsWhatTheVendorCanDo(t *testing.T) {
	t.Parallel()
	d := parse(t, "parley", parley(t))
	if d.Title != "Parley" || d.Docs != "https://docs.parley.example/users" || !d.Lists() || !d.FindsByEmail() ||
		!d.Suspends() || d.KeyInQuery() || strings.Join(d.Steps(), ",") != "disable,delete" {
		t.Errorf("got %+v, want what the definition says", d)
	}
	if s := d.Settings(); len(s) != 1 || s[0].Name != "region" || s[0].Description == "" || s[0].Default != nil ||
		s[0].Sensitive {
		t.Errorf("got %+v, want the region", s)
	}
	if base, err := d.BaseURL(
		map[string]string{"region": "eu"},
	); err != nil ||
		base != "https://eu.parley.example/api/v2" {
		t.Errorf("got %q and %v, want the address of the region", base, err)
	}
}

// A setting that is a credential may be used for a token.
func TestParse_takesACredentialForAToken(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/evening.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	d := parse(
		t,
		"evening",
		strings.Replace(string(source), `"ID of the OAuth client."`, "\"A secret.\"\n  sensitive = true", 1),
	)
	if s := d.Settings(); len(s) == 0 || !s[0].Sensitive {
		t.Errorf("got %+v, want a credential", s)
	}
}

// change is a mistake in a definition, and what is said of it.
type change struct{ old, with, want string }

// Each mistake is refused, with its line and the line itself.
func TestParse_refusesAMistakeWithItsLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]change{
		"a typo in an attribute": {
			"  absent = answer", "  abscent = answer", `the block read has no attribute "abscent"`,
		},
		"a missing attribute": {"unknown_id = ", "# ", `the definition needs the attribute "unknown_id"`},
		"an unknown block":    {"alive {", "alife {", `the definition has no block "alife"`},
		"a block twice":       {"rate {", "read {", `there is a block "read" in line`},
		"a step twice":        {`step "delete"`, `step "disable"`, `the name "disable" is used in line`},
		"a step without name": {`step "delete"`, `step`, `a block "step" needs one name`},
		"an unknown variable": {"record.email", "recodr.email", `"recodr" is no variable of email, which has only record`},
		"an unknown field":    {"user.absent ||", "user.abscent ||", `user has no "abscent"; it has id, email`},
		"an unknown function": {"tostring(record.id)", "tosting(record.id)", `there is no function "tosting"`},
		"too many arguments":  {"tostring(record.id)", "tostring(record.id, 1)", "tostring takes 1 arguments, and got 2"},
		"a text that is none": {`title      = "Parley"`, "title = 5", "title of the definition must be a text"},
		"a rate of none":      {"requests = 100", "requests = 0", "must be a whole number above zero"},
		"a period that is none": {
			`per      = "1m"`, `per = "1 minute"`, `per must be a duration such as "1s"`,
		},
		"a method that is none": {`method     = "PATCH"`, `method = "PACTH"`, "method must be one of GET, POST"},
		"absent by the status alone": {
			"answer.status == 404 && answer.json.error.code == \"user_not_found\"", "answer.status == 404",
			"absent must look at answer.json or answer.headers as well as at the status",
		},
		"absent for any JSON": {
			"answer.status == 404 && answer.json.error.code == \"user_not_found\"",
			"answer.status == 404 && answer.json != \"x\"", "which a gateway gives, too",
		},
		"a step without done": {
			"  done       = user.status == \"suspended\"\n", "", `the block step disable needs the attribute "done"`,
		},
		"done by the answer": {
			"done     = user.absent || user.status == \"closed\"", "done = answer.status == 204",
			`"answer" is no variable of done, which has only user, record, was`,
		},
		"done that is always true": {
			"done     = user.absent || user.status == \"closed\"", "done = true",
			"only a later reading of the user proves a step",
		},
		"done for an open user": {
			"done     = user.absent || user.status == \"closed\"", "done = user.absent || user.status != \"closed\"",
			"done holds for an active user",
		},
		"done that never is": {
			"done     = user.absent || user.status == \"closed\"", "done = user.email == \"gone\"",
			"done of the last step holds neither for an absent user nor for a closed one",
		},
		"the key outside credentials": {
			`query   = { email = user.email }`, `query = { email = user.email, token = key }`,
			`"key" is no variable of query`,
		},
		"done by the record alone": {
			"done     = user.absent || user.status == \"closed\"", "done = user.absent || record.enabled == false",
			"done of the last step never proves a closure by what a user who is shown as open has",
		},
		"done by a fact alone": {
			"done     = user.absent || user.status == \"closed\"", "done = user.absent || user.facts.role == \"none\"",
			"let status of the block user be \"closed\" for it, or compare record with was",
		},
		"done by the record from before alone": {
			"done     = user.absent || user.status == \"closed\"", "done = user.absent || user.email != was.email",
			"done of the last step never proves a closure",
		},
		"an empty segment": {
			`path   = ["users", user.id]
  record`, `path = ["users", "", user.id]
  record`, "an empty segment may only be the last one of path",
		},
		"an empty segment of two paths": {
			`path   = ["users", user.id]
  record`, `path = user.id == "" ? ["users"] : (["users", "", user.id])
  record`, "an empty segment may only be the last one of path",
		},
		"an empty segment in concat": {
			`path   = ["users", user.id]
  record`, `path = concat(["users", user.id], [""])
  record`, "in no concat",
		},
		"a next by rows of which some are left out": {
			"records = answer.json.users\n  first", "records = [for u in answer.json.users : u if u.kind != \"bot\"]\n  first",
			"next looks at records, which leaves rows out, so a page without the other rows would end the list. " +
				"Look at all that came, as in length(answer.json.users) > 0",
		},
		"a next by rows of several lists": {
			"records = answer.json.users\n  first", "records = flatten(answer.json.teams[*].users)\n  first",
			"Look at all that came, as in length(answer.json.teams) > 0",
		},
		"a user without a name": {
			"  email  = record.email\n  name   = \"${record.first_name} ${record.last_name}\"\n", "",
			"the block user needs email, name or login",
		},
		"a header that a credential replaces": {
			`body       = { enabled = false }`, `headers = { authorization = user.id }`,
			`"authorization" of the block step disable is also a name in credentials`,
		},
		"a parameter that a credential replaces": {
			`headers = { Authorization = "Bearer ${key}" }`, `query = merge({ "Email" = key }, {})`,
			`"email" of the block find_by_email is also a name in credentials`,
		},
		"an example that does not hold": {
			`expect = { absent = true }`, `expect = { absent = false }`,
			`the example "no such user" expects absent = false, and the definition reads true`,
		},
		"an example of nothing": {`of     = "read"`, `of = "reed"`, `there is no block "reed"`},
		"no example of an absence": {
			`answer = { status = 404,`, `answer = { status = 500,`, "cannot be read: ",
		},
		"a loop in a loop over everything": {
			"[for i in answer.json.invoices : \"${i.amount} ${i.currency}\" if i.amount != 0]",
			"[for i in answer.json.invoices : [for j in answer.json.invoices : j]]", "must go over a part of what the outer",
		},
		"a number that is too long": {
			"record.deleted_at != null", "record.deleted_at != 1e99999999", "the number is too long",
		},
		"absent whatever the answer says": {
			"answer.status == 404 && answer.json.error.code == \"user_not_found\"",
			"answer.status == 404 && answer.json.error.code != \"\"", "so it must look at what the answer says",
		},
		"done for a suspended user": {
			"done     = user.absent || user.status == \"closed\"",
			"done = user.absent || contains([\"suspended\", \"closed\"], user.status)",
			"done of the last step holds for a user whose status is suspended",
		},
		"a setting that is not there": {"${setting.region}", "${setting.regoin}", `there is no block setting "regoin"`},
		"all settings at once": {
			"record.email", `lookup(setting, "region", record.email)`, "setting needs the name of one, as in setting.NAME",
		},
		"a credential in a user": {
			"\nuser {", "\nsetting \"token\" {\n  description = \"x\"\n  sensitive = true\n}\n\nuser {\n  login = setting.token",
			`the setting "token" is sensitive, so only credentials may use it`,
		},
		"a trace in an answer that is none": {
			`step "delete" {`, `trace "list" {
  path  = ["users"]
  found = answer.json.users
}

example "down" {
  of     = "trace list"
  answer = { status = 500, json = { users = [] } }
  expect = { found = false }
}

step "delete" {`, `the answer of the example "down" cannot be read`,
		},
		"a status that is not there": {
			`done       = user.status == "suspended"`, `done = user.status == "suspnded"`, `user.status is never "suspnded"`,
		},
		"works without a look": {"works = answer.status == 200", "works = true", "works must look at answer"},
		"a read that deletes": {
			`  path   = ["users", user.id]
  record`, `  method = "DELETE"
  path   = ["users", user.id]
  record`, "only a step changes something",
		},
		"no HCL": {"alive {", "alive {{", "Argument or block definition required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := strings.Replace(parley(t), c.old, c.with, 1)
			if source == parley(t) {
				t.Fatalf("%q is not in the definition", c.old)
			}
			d, problems := declared.Parse("parley", source)
			if d != nil || len(problems) == 0 {
				t.Fatalf("got %v and no problem, want %q", d, c.want)
			}
			all := shown(problems)
			if !strings.Contains(all, c.want) || !strings.Contains(all, "parley.vendor.hcl:") {
				t.Errorf("got\n%s\nwant %q", all, c.want)
			}
			for _, p := range problems {
				if p.Line < 1 || !strings.Contains(source, strings.TrimSuffix(p.Source, "…")) {
					t.Errorf("got the line %d and %q, want one of the definition", p.Line, p.Source)
				}
			}
		})
	}
}

// What is not shown may hide what a definition does. So it is in no problem, and in no remedy.
func TestParse_showsNoSignThatHides(t *testing.T) {
	t.Parallel()
	const hides = "\u202e\x1b[31m"
	source := strings.Replace(parley(t), "alive {", "alife { # "+hides+"{ evila", 1)
	_, problems := declared.Parse("parley", source)
	if got := shown(problems); strings.ContainsAny(got, hides[:3]+"\x1b") || !strings.Contains(got, "alife { # { evila") {
		t.Errorf("got %q, want the line without what hides it", got)
	}
	e := newEvening()
	e.definition = replacing(asks(`obstacle "bills"`, "  found = [for r in answer.json.data : r.ref]\n  says = \"x\"\n"+
		"  remedy = \"Pay\\u001b[31m\\u202e it.\"")...)
	e.override["GET /v1/search"] = `200 {"data":[{"ref":1}]}`
	e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
		findings, err := client.Preflight(ctx, declared.User{User: offboard.User{ID: inesRef}})
		if err != nil || len(findings) != 1 || findings[0].Reason != "Pay it." {
			t.Errorf("got %+v and %v, want the remedy without what is not shown", findings, err)
		}
	})
}
