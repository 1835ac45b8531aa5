package declared_test

import (
	"context"
	"errors"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// withTrace adds a trace that asks for something of the user.
func withTrace(query string) func(string) string {
	return func(source string) string {
		return source + `
trace "sign-ins" {
  path  = ["sign-ins"]
  query = { of = ` + query + ` }
  found = answer.json.data
}
`
	}
}

// The process that closes an account may end before a trace is gone. So a tombstone counts in a later run
// only if the traces find nothing, too. What they need beside the ID may not be as before in a tombstone.
func TestUser_aTombstoneNeedsTheTracesInEveryRun(t *testing.T) {
	t.Parallel()
	const nothing, found = `200 {"data":[]}`, `200 {"data":[1]}`
	for name, c := range map[string]struct {
		definition func(string) string
		said       string
		want       error
	}{
		"no trace in the definition":        {nil, "", offboard.ErrClosed},
		"no trace is found":                 {withTrace("user.id"), nothing, offboard.ErrClosed},
		"a trace is found":                  {withTrace("user.id"), found, offboard.ErrNotFound},
		"a trace that fails":                {withTrace("user.id"), `403 {"fault":{}}`, offboard.ErrNotFound},
		"a trace of the email":              {withTrace("user.email"), nothing, offboard.ErrNotFound},
		"a trace of the whole user":         {withTrace("jsonencode(user)"), nothing, offboard.ErrNotFound},
		"a trace of the record from before": {withTrace("was.mail"), nothing, offboard.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = c.definition
			e.override[evenRead] = evenInes("removed@acme.test", "ended", "")
			e.override["GET /v1/sign-ins"] = c.said
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				if _, err := client.User(ctx, inesRef); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// Where a trace needs more than the ID, what is known of the account confirms a tombstone. No absence is in
// that, so the definition need not take one for the end.
func TestCheckAccess_confirmsATombstone(t *testing.T) {
	t.Parallel()
	const mail = "p" + inesRef + "@acme.test"
	ines := offboard.User{ID: inesRef, Email: mail, Status: offboard.Active}
	tombstone, other := evenInes(mail, "ended", ""), evenInes("otto@acme.test", "ended", "")
	const nothing, found = `200 {"data":[]}`, `200 {"data":[1]}`
	for name, c := range map[string]struct {
		query, said string
		reads       []string
		user        offboard.User
		want        error
	}{
		"no trace is found": {"user.email", nothing, []string{tombstone}, ines, offboard.ErrClosed},
		"a trace is found":  {"user.email", found, []string{tombstone}, ines, offboard.ErrListed},
		"no email is known": {
			"user.email", nothing, []string{tombstone}, offboard.User{ID: inesRef}, offboard.ErrClosedUnproven,
		},
		"no record is known":       {"was.mail", nothing, []string{tombstone}, ines, offboard.ErrClosedUnproven},
		"of another person":        {"user.email", nothing, []string{other}, ines, offboard.ErrAbsenceNoEnd},
		"an absence later":         {"user.email", nothing, []string{tombstone, nobody}, ines, offboard.ErrAbsenceNoEnd},
		"an absence, and then one": {"user.email", nothing, []string{nobody, tombstone}, ines, offboard.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = func(source string) string {
				return withTrace(c.query)(replacing(evenDone, `user.status == "closed"`)(source))
			}
			e.script = map[string][]string{evenRead: c.reads, "GET /v1/sign-ins": {c.said}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				for range c.reads {
					if u, err := client.User(ctx, inesRef); !errors.Is(err, offboard.ErrNotFound) {
						t.Errorf("got %v and %v, want no more than an absence", u, err)
					}
				}
				if err := client.CheckAccess(ctx, c.user, ""); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// A row of the list that shows the account closed is no more than a tombstone.
func TestCheckAccess_asksTheTracesAlsoOfAClosedRow(t *testing.T) {
	t.Parallel()
	ines := offboard.User{ID: inesRef, Email: "p" + inesRef + "@acme.test", Status: offboard.Active}
	searched := offboard.User{Email: "x@acme.test"}
	const nothing, found = `200 {"data":[]}`, `200 {"data":[1]}`
	for name, c := range map[string]struct {
		query, said string
		user        offboard.User
		want        error
	}{
		"a trace is found":                {"user.id", found, ines, offboard.ErrListed},
		"no trace is found":               {"user.id", nothing, ines, offboard.ErrClosed},
		"no trace of the email":           {"user.email", nothing, ines, offboard.ErrClosed},
		"no email is known":               {"user.email", nothing, offboard.User{ID: inesRef}, offboard.ErrAccessUnproven},
		"no sign-in name is known":        {"user.login", nothing, ines, offboard.ErrAccessUnproven},
		"no fact is known":                {"user.facts", nothing, ines, offboard.ErrAccessUnproven},
		"no record is known":              {"was.mail", nothing, ines, offboard.ErrAccessUnproven},
		"an absence, and no record":       {"was.mail", nothing, offboard.User{ID: "1"}, offboard.ErrAccessUnproven},
		"a search, and a trace of an ID":  {"user.id", found, searched, nil},
		"a search, and one of a record":   {"was.mail", found, searched, nil},
		"a search, and none of the email": {"user.email", nothing, searched, nil},
		"a search, and one of the email":  {"user.email", found, searched, offboard.ErrListed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = withTrace(c.query)
			e.override[evenList] = `200 {"data":[{"ref":` + inesRef + `,"mail":"` + ines.Email + `","state":"ended"},` +
				person("90071992547409933") + `],"cursor":null}`
			e.override["GET /v1/sign-ins"] = c.said
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				if err := client.CheckAccess(ctx, c.user, ""); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// A trace of what the vendor does not show of the user finds nothing, and proves nothing. It may ask for
// something else then.
func TestClose_isNotProvenByATraceOfNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query, mail string
		proven      bool
	}{
		"the email":                      {`user.email`, `"ines@acme.test"`, true},
		"no email":                       {`user.email`, `null`, false},
		"no email of the record":         {`was.mail`, `null`, false},
		"an empty email of the record":   {`"${was.mail}"`, `""`, false},
		"no email, and nothing instead":  {`try(was.mail, null)`, `null`, false},
		"no email, and the ID instead":   {`user.email == "" ? user.id : user.email`, `null`, true},
		"no email of the record, the ID": {`was.mail == null ? user.id : was.mail`, `null`, true},
		"no field of the record":         {`try(was.nick, user.id)`, `null`, true},
		"a field of the record is null":  {`try(was.nick, user.id)`, `null, "nick": null`, false},
		"no field, and nothing instead":  {`try(was.nick, null)`, `null`, false},
		"no field, and an empty text":    {`try(was.nick, "")`, `null`, false},
		"null, and the ID instead":       {`coalesce(was.mail, user.id)`, `null`, true},
		"empty, and no other text":       {`coalesce(was.mail, user.id)`, `""`, false},
		"a condition with and":           {`[for m in ["1"] : m if true && was.mail != null]`, `null`, true},
		"a condition with or":            {`"${was.mail == null || was.mail == user.id}"`, `null`, true},
		"a condition of a loop":          {`[for m in ["1"] : m if "" != was.mail]`, `null`, true},
		"whether there is one":           {`"${can(was.nick.no) && user.id != ""}"`, `null`, true},
		"another comparison in a loop":   {`[for m in ["1"] : m if m == was.mail]`, `null`, false},
		"another comparison with and":    {`"${user.id == was.mail && true}"`, `null`, false},
		"false":                          {`"${was.admin}"`, `null, "admin": false`, true},
		"zero":                           {`"${was.seats}"`, `null, "seats": 0`, true},
		"the record":                     {`jsonencode(was)`, `null`, true},
		"nothing in a list":              {`[for m in was.seats : m]`, `null, "seats": []`, true},
		"something in a list":            {`[for m in was.seats : m]`, `null, "seats": [1]`, true},
		"a fact that is not there":       {`user.facts.nick`, `null`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = func(source string) string {
				return withTrace(c.query)(replacing("  email  = record.mail\n",
					"  email  = record.mail\n  facts  = { nick = try(record.nick, null) }\n")(source))
			}
			e.script = map[string][]string{
				evenRead: {`200 {"data":{"ref":` + inesRef + `,"mail":` + c.mail + `,"state":"on"}}`, ""},
				evenList: {`200 {"data":[` + person("90071992547409933") + `],"cursor":null}`},
			}
			e.script["GET /v1/sign-ins"] = []string{`200 {"data":[]}`}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				proof, err := client.Close(ctx, u, "", offboard.NotSent)
				if (err == nil) != c.proven || (proof == offboard.Absent) != c.proven {
					t.Errorf("got %v and %v, want a proof %t", proof, err, c.proven)
				}
			})
		})
	}
}
