package provider

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// A list that shows nobody, or nobody but the holder of the key, is no proof that nobody has an
// account. So none of those on the list of people is missing.
func TestAccountsData_aListThatShowsNobodyTellsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lie   mock.Lie
		alone bool // nobody has an account
	}{
		"a blind key": {lie: mock.NotVisible{Lists: true}}, "an empty list": {lie: mock.Listing{Empty: true}},
		"no accounts": {alone: true},
	} {
		for _, v := range vendorCases {
			if !v.hasList() {
				continue
			}
			t.Run(name+", "+v.kind.name, func(t *testing.T) {
				t.Parallel()
				s := mock.New(mockKey)
				for _, other := range vendorCases {
					if !c.alone || other.mockName() != v.mockName() {
						other.add(s)
					}
				}
				if c.lie != nil {
					s.Fail(mock.Fault{Vendor: v.mockName(), Lie: c.lie})
				}
				checkTellsNothing(t, virtualDriver(t, s, nil), v)
			})
		}
	}
}

// A vendor that shows no address does not tell whether an account is that of somebody who left, unless the
// list of people has its ID.
func TestAccountsData_aListThatHidesAddressesTellsNothing(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	for name, c := range map[string]struct {
		shown, id string
		fails     bool
	}{
		"no address": {"", "", true}, "a mask": {"i***a@acme.test", "", true}, "no address, by its ID": {"", v.id, false},
		"an address": {inesEmail, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mock.New(mockKey)
			v.add(s)
			for _, id := range []string{v.id, v.other} {
				v.email(s, id, c.shown)
			}
			_, diags := virtualDriver(t, s, onlyVendors("http://127.0.0.1:1", v)).dataSource("offboard_accounts", attributes{
				"fail_on": []string{"leaver"},
				"people": peopleOf(
					row{
						"email":    inesEmail,
						"accounts": row{v.kind.name: c.id},
					},
					row{"email": ottoEmail, "accounts": row{v.kind.name: v.other}},
				),
			})
			if got := strings.Contains(diags.errors(), "shows few email addresses, or one for all"); got != c.fails {
				t.Errorf("got %q, want an error %t", diags.errors(), c.fails)
			}
			values, _ := virtualDriver(t, s, onlyVendors("http://127.0.0.1:1", v)).dataSource("offboard_accounts", attributes{
				"people": peopleOf(row{"email": inesEmail, "accounts": row{v.kind.name: c.id}}, row{
					"email": ottoEmail, "accounts": row{v.kind.name: v.other},
				}),
			})
			if got := strings.Contains(
				values["cannot_list"].String(),
				"shows few email addresses, or one for all",
			); got != c.fails {
				t.Errorf("got cannot_list %s, want the vendor in it: %t", values["cannot_list"], c.fails)
			}
		})
	}
}

// checkTellsNothing checks that a comparison takes nothing that the vendor's list does not show for a
// fact, and that a nightly check ends with an error.
func checkTellsNothing(t *testing.T, d *driver, v vendorCase) {
	t.Helper()
	config := attributes{"people": peopleOf(row{"email": inesEmail, "accounts": row{v.kind.name: v.id}})}
	values, diags := d.dataSource("offboard_accounts", config)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	for _, m := range elements(t, values["missing"]) {
		t.Errorf("got %v as missing, want nothing", m)
	}
	if strings.Contains(values["vendors"].String(), `"`+v.kind.name+`"`) {
		t.Errorf("got the whole lists of %s, want not that of %s", values["vendors"], v.kind.name)
	}
	found := false
	for _, p := range elements(t, values["cannot_list"]) {
		if shownAs(t, p["vendor"]) != v.kind.name {
			continue
		}
		found = true
		unseen := elements(t, p["unseen"])
		if len(unseen) != 1 || shownAs(t, unseen[0]["id"]) != v.id || shownAs(t, unseen[0]["person"]) != inesEmail {
			t.Errorf("got the unseen accounts %v, want %s", unseen, v.id)
		}
		if why := shownAs(t, p["why"]); !strings.Contains(why, "An API key that may see no account gets the same answer") {
			t.Errorf("got %q, want why the list says nothing", why)
		}
	}
	if !found {
		t.Errorf("got %s, want %s in it", values["cannot_list"], v.kind.name)
	}
	config["fail_on"] = []string{"leaver"}
	_, diags = d.dataSource("offboard_accounts", config)
	if want := "Cannot tell who has an account in " + v.kind.title; !strings.Contains(diags.errors(), want) {
		t.Errorf("got %q, want %q", diags.errors(), want)
	}
}

// self of a definition may be the ID or the address of who holds the key. A list with that row alone tells
// nothing, and neither does a row that may be that one.
func TestAccountsData_aListWithTheOwnerAloneTellsNothing(t *testing.T) {
	t.Parallel()
	const byMail = "self  = answer.json.data.mail"
	source, err := os.ReadFile("../vendors/declared/testdata/evening.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ self, mail, own string }{
		"an ID":                         {"self  = tostring(answer.json.data.ref)", "key@acme.test", "true"},
		"an address":                    {byMail, "key@acme.test", "true"},
		"an address in other letters":   {byMail, "Key@Acme.Test", "true"},
		"an address, and a row without": {byMail, "", "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &evening{say: func(r *http.Request) (int, string) {
				switch r.URL.Path {
				case "/v1/whoami":
					return 200, `{"data":{"ref":7,"mail":"key@acme.test"}}`
				case "/v1/people":
					return 200, `{"data":[` + eveningRow("7", c.mail, "on") + `],"cursor":null}`
				}
				return 0, ""
			}}
			d := virtualDriver(t, v, attributes{
				"konstantly": nil, "ecgrid": nil, "sfox": nil, "skillable": nil,
				"vendors": attributes{"evening": attributes{
					"definition": strings.Replace(string(source), "self  = tostring(answer.json.data.ref)", c.self, 1),
					"api_key":    mockKey, "base_url": "http://127.0.0.1:1/v1", "settings": attributes{"client": "offboard"},
				}},
			})
			checkTellsNothing(t, d, vendorCase{kind: eveningKind, id: eveningID})
			values, _ := d.dataSource("offboard_accounts", attributes{"people": peopleOf()})
			for _, a := range elements(t, values["accounts"]) {
				if own := shownAs(t, a["own_key"]); own != c.own {
					t.Errorf("got own_key = %s, want %s", own, c.own)
				}
			}
		})
	}
}

// Without a list, an absence counts if the key sees another account. The rights that the key has now say nothing
// of what it saw before.
func TestAccountsData_rightsOfNowProveNoAbsence(t *testing.T) {
	t.Parallel()
	const self = "  self  = tostring(answer.json.data.ref)\n"
	for name, c := range map[string]struct {
		looks   string // of the block alive
		beside  bool   // another account is shown
		missing int
	}{
		"rights":                 {"  rights = answer.json.data.ref\n", false, 0},
		"rights and self":        {self + "  rights = answer.json.data.ref\n", false, 0},
		"rights, beside another": {"  rights = answer.json.data.ref\n", true, 1},
		"self":                   {self, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &evening{bare: true, say: func(r *http.Request) (int, string) {
					if c.beside && strings.HasSuffix(r.URL.Path, "/5") {
						return 200, `{"data":` + eveningRow("5", "otto@acme.test", "on") + `}`
					}
					if strings.HasSuffix(r.URL.Path, eveningID) {
						return 404, `{"fault":{"kind":"no_person","text":"No such person"}}`
					}
					return 0, ""
				}}
				v.change = func(definition string) string { return strings.Replace(definition, self, c.looks, 1) }
				values, diags := v.process(t, "", "").dataSource("offboard_accounts", attributes{
					"fail_on": []string{"leaver"},
					"people": peopleOf(
						row{"email": "ines@acme.test", "left_on": "1999-01-01", "accounts": row{"evening": eveningID}},
						row{"email": "otto@acme.test", "left_on": "", "accounts": row{"evening": "5"}},
					),
				})
				if c.missing == 0 {
					if want := "Cannot tell whose accounts in Evening these are"; !strings.Contains(diags.errors(), want) {
						t.Errorf("got %q, want %q", diags.errors(), want)
					}
					return
				}
				got := 0
				for _, m := range elements(t, values["missing"]) {
					if shownAs(t, m["id"]) == eveningID {
						got++
					}
				}
				if diags.errors() != "" || got != c.missing {
					t.Errorf("got %q and %d missing, want %d", diags.errors(), got, c.missing)
				}
			})
		})
	}
}

// The account that holds the key is known, although the list shows nobody else.
func TestAccountsData_whoHoldsTheKeyIsSeenAlone(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		if !v.hasList() || !v.hasOwnUser() {
			continue
		}
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			values, diags := virtualDriver(t, mock.New(mockKey), nil).dataSource("offboard_accounts", attributes{
				"people": peopleOf(row{"email": inesEmail, "accounts": row{v.kind.name: v.holder}}),
			})
			if diags.errors() != "" {
				t.Fatal(diags.errors())
			}
			for _, p := range elements(t, values["cannot_list"]) {
				if shownAs(t, p["vendor"]) == v.kind.name {
					if len(elements(t, p["unseen"])) > 0 || !strings.Contains(shownAs(t, p["why"]), "that holds the API key") {
						t.Errorf("got %v, want that it shows the holder of the key alone", p)
					}
					return
				}
			}
			t.Errorf("got %s, want %s in it", values["cannot_list"], v.kind.name)
		})
	}
}
