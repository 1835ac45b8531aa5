package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// A leaver whom the vendor shows as closed, or not at all, is open as long as a trace is found. A trace that
// needs more than is known is not asked, and neither is one of somebody who stays.
func TestAccountsData_aTraceOfALeaverIsAnOpenAccount(t *testing.T) {
	t.Parallel()
	gone := `{"fault":{"kind":"no_person","text":"No such person"}}`
	ended := eveningRow(eveningID, "ines@acme.test", "ended")
	for name, c := range map[string]struct {
		read, row, of, left, seats string
		bare, leaver               bool
		missing, asked             int
	}{
		"absent":             {gone, "", "user.id", "1999-01-01", `["s1"]`, false, true, 0, 1},
		"absent, no list":    {gone, "", "user.id", "1999-01-01", `["s1"]`, true, true, 0, 1},
		"closed in the list": {ended, ended, "user.id", "1999-01-01", `["s1"]`, false, true, 0, 1},
		"closed in the read": {ended, "", "user.id", "1999-01-01", `["s1"]`, false, true, 0, 2},
		"by the address":     {gone, "", "lower(user.email)", "1999-01-01", `["s1"]`, false, true, 0, 1},
		"nothing is found":   {gone, "", "user.id", "1999-01-01", `[]`, false, false, 1, 1},
		"needs more":         {gone, "", "was.mail", "1999-01-01", `["s1"]`, false, false, 1, 0},
		"who stays":          {gone, "", "user.id", "", `["s1"]`, false, false, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				v := &evening{bare: c.bare, say: func(r *http.Request) (int, string) {
					switch {
					case r.URL.Path == "/v1/seats":
						asked++
						return 200, `{"data":` + c.seats + `}`
					case strings.HasSuffix(r.URL.Path, eveningID) && c.read == gone:
						return 404, gone
					case strings.HasSuffix(r.URL.Path, eveningID):
						return 200, `{"data":` + c.read + `}`
					case r.URL.Path == "/v1/people" && c.row != "":
						return 200, `{"data":[` + c.row + `,` + eveningRow("5", "otto@acme.test", "on") + `],"cursor":null}`
					}
					return 0, ""
				}}
				trace := `
trace "seats" {
  path  = ["seats"]
  query = { of = ` + c.of + ` }
  found = answer.json.data
}
`
				values, diags := v.process(t, "", trace).dataSource("offboard_accounts", attributes{
					"people": peopleOf(
						row{"email": "ines@acme.test", "left_on": c.left, "accounts": row{"evening": eveningID}},
						row{"email": "otto@acme.test", "left_on": "", "accounts": row{"evening": ""}},
					),
				})
				leavers, missing := elements(t, values["leaver"]), elements(t, values["missing"])
				if diags.errors() != "" || (len(leavers) == 1) != c.leaver || len(missing) != c.missing || asked != c.asked {
					t.Errorf("got %q, %d leavers, %d missing and %d requests, want a leaver %t, %d and %d",
						diags.errors(), len(leavers), len(missing), asked, c.leaver, c.missing, c.asked)
				}
			})
		})
	}
}

// A vendor may show another address of an account that is closed, or a mask. The trace is under the one that the
// list of people has.
func TestAccountsData_aTraceIsUnderEachAddressOfALeaver(t *testing.T) {
	t.Parallel()
	for of, shown := range map[string]string{
		"ines@acme.test": "deleted-9@vendor.invalid", "INES@acme.test": "ines@acme.test", "ines@lab.test": "i***@acme.test",
		"ines@old.test": "",
	} {
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended, asked := eveningRow(eveningID, shown, "ended"), 0
				v := &evening{say: func(r *http.Request) (int, string) {
					switch {
					case r.URL.Path == "/v1/seats" && strings.EqualFold(r.URL.Query().Get("of"), of):
						asked++
						return 200, `{"data":["s1"]}`
					case r.URL.Path == "/v1/seats":
						asked++
						return 200, `{"data":[]}`
					case r.URL.Path == "/v1/people":
						return 200, `{"data":[` + ended + `,` + eveningRow("5", "otto@acme.test", "on") + `],"cursor":null}`
					}
					return 0, ""
				}}
				values, diags := v.process(t, "", `
trace "seats" {
  path  = ["seats"]
  query = { of = user.email }
  found = answer.json.data
}
`).dataSource("offboard_accounts", attributes{
					"people": peopleOf(
						row{
							"email": "ines@acme.test", "other_emails": "ines@old.test, INES@acme.test", "left_on": "1999-01-01",
							"accounts": row{"evening": row{"id": eveningID, "email": "ines@lab.test"}},
						},
						row{
							"email": "otto@acme.test", "other_emails": "", "left_on": "",
							"accounts": row{"evening": row{"id": "", "email": ""}},
						},
					),
				})
				if leavers := elements(t, values["leaver"]); diags.errors() != "" || len(leavers) != 1 || asked > 4 {
					t.Errorf("got %q, %d leavers and %d requests, want Ines", diags.errors(), len(leavers), asked)
				}
			})
		})
	}
}

// A trace that needs more than is known does not keep the next one from being asked.
func TestAccountsData_eachTraceIsAskedThatCanBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := eveningRow(eveningID, "ines@acme.test", "ended")
		v := &evening{say: func(r *http.Request) (int, string) {
			switch r.URL.Path {
			case "/v1/seats":
				return 200, `{"data":["s1"]}`
			case "/v1/people":
				return 200, `{"data":[` + ended + `,` + eveningRow("5", "otto@acme.test", "on") + `],"cursor":null}`
			}
			return 0, ""
		}}
		traces := ""
		for name, of := range map[string]string{"a_mailbox": "was.mail", "seats": "user.id", "z_mailbox": "was.mail"} {
			traces += `
trace "` + name + `" {
  path  = ["seats"]
  query = { of = ` + of + ` }
  found = answer.json.data
}
`
		}
		values, diags := v.process(t, "", traces).dataSource("offboard_accounts", attributes{
			"people": peopleOf(
				row{"email": "ines@acme.test", "left_on": "1999-01-01", "accounts": row{"evening": eveningID}},
				row{"email": "otto@acme.test", "left_on": "", "accounts": row{"evening": ""}},
			),
		})
		if leavers := elements(t, values["leaver"]); diags.errors() != "" || len(leavers) != 1 {
			t.Errorf("got %q and %d leavers, want Ines", diags.errors(), len(leavers))
		}
	})
}

// The work address of a leaver may be the sign-in name alone.
func TestAccountsData_aLeaverIsFoundByTheSignInName(t *testing.T) {
	t.Parallel()
	for mail, own := range map[string]string{"without an address": "null", "another address": `"ines@home.test"`} {
		t.Run(mail, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &evening{say: func(r *http.Request) (int, string) {
					if r.URL.Path == "/v1/people" {
						return 200, `{"data":[{"ref":9,"mail":` + own + `,"name":"ines@acme.test","state":"on"},` +
							eveningRow("5", "otto@acme.test", "on") + `],"cursor":null}`
					}
					return 0, ""
				}}
				v.change = func(definition string) string {
					const email = "  email  = record.mail\n"
					return strings.Replace(definition, email, email+"  login  = try(record.name, null)\n", 1)
				}
				values, diags := v.process(t, "", "").dataSource("offboard_accounts", attributes{
					"people": peopleOf(
						row{"email": "ines@acme.test", "left_on": "1999-01-01"}, row{"email": "otto@acme.test", "left_on": ""},
					),
				})
				if leavers := elements(t, values["leaver"]); diags.errors() != "" || len(leavers) != 1 {
					t.Errorf("got %q and %d leavers, want Ines", diags.errors(), len(leavers))
				}
			})
		})
	}
}
