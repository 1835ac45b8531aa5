package provider

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// eveningDoubts compares the accounts of a declared vendor with people of whom Ines has left, and returns the errors,
// and whether the vendor is one whose list tells whose each account is.
func eveningDoubts(t *testing.T, v *evening, more string, people ...row) (errors string, tells bool) {
	t.Helper()
	d := v.process(t, filepath.Join(t.TempDir(), "log.jsonl"), more)
	values, diags := d.dataSource("offboard_accounts", attributes{
		"fail_on": []string{"leaver"},
		"people":  peopleOf(append(people, row{"email": "ines@acme.test", "name": "Ines Varga", "left_on": "1999-01-01"})...),
	})
	return diags.errors(), strings.Contains(values["vendors"].String(), `"evening"`)
}

// eveningList is a vendor with these rows on the one page of its list.
func eveningList(rows ...string) *evening {
	return &evening{say: func(r *http.Request) (int, string) {
		if r.URL.Path == "/v1/people" {
			return 200, `{"data":[` + strings.Join(rows, ",") + `],"cursor":null}`
		}
		return 0, ""
	}}
}

// Whose account it is that hides its address is not known, if most hide theirs, or if it has the name of a leaver.
func TestAccountsData_aHiddenAddressMayBeALeavers(t *testing.T) {
	t.Parallel()
	hidden := func(id int, name string) string {
		return fmt.Sprintf(`{"ref":%d,"mail":null,"name":%q,"state":"on"}`, id, name)
	}
	otto, zoe := eveningRow("5", "otto@acme.test", "on"), eveningRow("6", "zoe@acme.test", "on")
	for name, c := range map[string]struct {
		rows []string
		want string
	}{
		"most":                {[]string{otto, hidden(10, "A"), hidden(11, "B"), hidden(12, "C")}, "few email addresses"},
		"some":                {[]string{otto, zoe, hidden(10, "A")}, ""},
		"the name":            {[]string{otto, zoe, hidden(10, "INES  VARGA")}, "shows no email address of INES VARGA (10)"},
		"the last name first": {[]string{otto, zoe, hidden(10, "Vargá, Ines")}, "Ines (10)"},
		"another one's":       {[]string{otto, zoe, hidden(10, "Ines Vargas")}, ""},
		"the name, an own":    {[]string{otto, `{"ref":10,"mail":"iv@acme.test","name":"Ines Varga","state":"on"}`}, ""},
		"the name, a mask":    {[]string{otto, `{"ref":10,"mail":"[]","name":"Ines Varga","state":"on"}`}, "Ines Varga (10)"},
		"a sign-in name":      {[]string{otto, zoe, `{"ref":10,"mail":null,"login":"INES","state":"on"}`}, "INES"},
		"beside a domain":     {[]string{otto, zoe, `{"ref":10,"mail":null,"login":"ACME\\ines","state":"on"}`}, "ines (10)"},
		"at another domain":   {[]string{otto, zoe, `{"ref":10,"mail":null,"login":"ines@a.lan","state":"on"}`}, "shows no"},
		"that of a team":      {[]string{otto, zoe, `{"ref":10,"mail":null,"login":"support","state":"on"}`}, ""},
		"the name, no more":   {[]string{otto, `{"ref":10,"mail":null,"name":"Ines Varga","state":"ended"}`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := eveningList(c.rows...)
				v.change = strings.NewReplacer(
					"  email  = record.mail",
					"  email  = record.mail\n  name   = try(record.name, null)\n  login  = try(record.login, null)",
				).Replace
				team := row{"email": "otto@acme.test", "other_emails": "support@acme.test"}
				gone := row{"email": "i.v@acme.test", "name": "I", "other_emails": "support@acme.test", "left_on": "1999-01-01"}
				errs, tells := eveningDoubts(t, v, "", team, gone, row{"email": "zoe@acme.test"})
				if tells != (c.want == "") || (errs == "") != tells || !strings.Contains(errs, c.want) {
					t.Errorf("got %q and a list that tells: %t, want %q", errs, tells, c.want)
				}
			})
		})
	}
}

// A declared list may be that of some users. If a read shows an active account that it lacks, it is not whole. That is
// no error, because the definition may leave accounts out.
func TestAccountsData_aDeclaredListThatLacksAnAccountTellsNothing(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{"on": false, "ended": true} {
		synctest.Test(t, func(t *testing.T) {
			v := &evening{say: func(r *http.Request) (int, string) {
				switch r.URL.Path {
				case "/v1/people":
					return 200, `{"data":[` + eveningRow("6", "zoe@acme.test", "on") + `],"cursor":null}`
				case "/v1/people/5":
					return 200, `{"data":` + eveningRow("5", "otto@acme.test", state) + `}`
				}
				return 0, ""
			}}
			otto := row{"email": "otto@acme.test", "accounts": row{"evening": "5"}}
			if errs, tells := eveningDoubts(t, v, "", otto, row{"email": "zoe@acme.test"}); errs != "" || tells != want {
				t.Errorf("%s: got %q and a list that tells: %t, want %t and no error", state, errs, tells, want)
			}
		})
	}
}

// Of the accounts that such a list shows, the vendor must tell whose they are all the same.
func TestAccountsData_aListThatLacksAnAccountHidesAnAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := eveningList(eveningRow("6", "zoe@acme.test", "on"), eveningRow("9", "i***@acme.test", "on"))
		list := v.say
		v.say = func(r *http.Request) (int, string) {
			if r.URL.Path == "/v1/people/5" {
				return 200, `{"data":` + eveningRow("5", "otto@acme.test", "on") + `}`
			}
			return list(r)
		}
		otto := row{"email": "otto@acme.test", "accounts": row{"evening": "5"}}
		errs, _ := eveningDoubts(t, v, "", otto, row{"email": "zoe@acme.test"})
		if !strings.Contains(errs, "Cannot tell whose accounts in Evening these are") {
			t.Errorf("got %q, want an error about a masked address", errs)
		}
	})
}

// An account has the ID of Ines, who has left, and the address of Otto. The vendor shows it as closed. A trace of it is
// still there. If Ines has not left, nobody leaves of whom it could be.
func TestAccountsData_aTraceOfAnAccountOfTwoPeopleIsAskedFor(t *testing.T) {
	t.Parallel()
	for left, want := range map[string]string{"1999-01-01": "unknown ambiguous", "": "closed closed"} {
		aTraceOfTwo(t, left, "evening "+eveningID+" "+want+" null")
	}
}

// aTraceOfTwo wants a verdict if Ines has left, or not.
func aTraceOfTwo(t *testing.T, left, want string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := eveningList(eveningRow("5", "otto@acme.test", "on"), eveningRow(eveningID, "otto@acme.test", "ended"))
		list := v.say
		v.say = func(r *http.Request) (int, string) {
			if r.URL.Path == "/v1/seats" {
				return 200, `{"data":["s1"]}`
			}
			return list(r)
		}
		d := v.process(t, filepath.Join(t.TempDir(), "log.jsonl"), `
trace "seats" {
  path  = ["seats"]
  query = { of = user.email }
  found = answer.json.data
}
`)
		values, diags := d.dataSource("offboard_accounts", attributes{"people": peopleOf(
			row{"email": "otto@acme.test"},
			row{"email": "ines@acme.test", "left_on": left, "accounts": row{"evening": eveningID}},
		)})
		found := verdictsIn(t, values["accounts"])
		if !slices.Contains(found, want) {
			t.Errorf("got %q and %q, want %q", found, diags.errors(), want)
		}
	})
}
