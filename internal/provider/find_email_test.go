package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// searched is what a data source says of a search, and what an import by the same address says.
type searched struct {
	exists, id, status string
	data, imported     diagnostics
}

// search looks an address up, in a time of its own.
func search(t *testing.T, k userKind, at http.Handler, email string) (s searched) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := virtualDriver(t, at, nil)
		got, diags := d.data(k.typeName(), attributes{"email": email})
		s = searched{data: diags}
		if diags.errors() == "" {
			s.exists, s.id, s.status = got.exists(), got.text("id"), got.text("status")
		}
		_, s.imported = virtualDriver(t, at, nil).importUser(k, email)
	})
	return s
}

// emailRow is a user as each vendor that finds users by an address writes one, with the ID and the
// address.
var emailRow = map[string]string{
	"konstantly": `{"id":%q,"email":%q,"isBanned":false}`,
	"ecgrid":     `{"userId":%q,"email":%q,"networkId":12,"status":"Active"}`,
	"sfox":       `{"user_id":%q,"email":%q,"account_role":"Client"}`,
}

// listOf is the answer with all rows: the first page is the only one.
func listOf(vendor string, rows ...string) func(r *http.Request) string {
	all := strings.Join(rows, ",")
	return func(r *http.Request) string {
		switch vendor {
		case "konstantly":
			if offset := r.URL.Query().Get("offset"); offset != "" && offset != "0" {
				return konstantlyList(nil, len(rows))
			}
			return konstantlyList(rows, len(rows))
		case "ecgrid":
			body := make([]byte, 200)
			n, _ := r.Body.Read(body)
			if !strings.Contains(string(body[:n]), `"pageNo":1,`) {
				return `{"success":true,"data":[]}`
			}
			return `{"success":true,"data":[` + all + `]}`
		default:
			return `{"data":[` + all + `]}`
		}
	}
}

// readOf is the answer to a read of one user.
func readOf(vendor, row string) string {
	switch vendor {
	case "ecgrid":
		return `{"success":true,"data":` + row + `}`
	case "sfox":
		return `{"data":` + row + `}`
	}
	return row
}

func forEachSearch(t *testing.T, f func(t *testing.T, k userKind, row func(id, email string) string)) {
	for _, v := range vendorCases {
		if !v.kind.findsByEmail {
			continue
		}
		t.Run(v.kind.name, func(t *testing.T) {
			f(t, v.kind, func(id, email string) string { return fmt.Sprintf(emailRow[v.kind.name], id, email) })
		})
	}
}

const ownUser = `{"success":true,"data":{"userId":7,"networkId":12}}`

// An answer to a search may be about another, or older than the account: what a read shows must
// have the address.
func TestFind_whoIsReadHasTheAddress(t *testing.T) {
	forEachSearch(t, func(t *testing.T, k userKind, row func(id, email string) string) {
		for shown, want := range map[string]bool{
			"ines@acme.test": true, " INES@acme.test.": true, "otto@acme.test": false, "": false,
		} {
			s := search(
				t,
				k,
				lists{users: listOf(k.name, row("31", "ines@acme.test"), row("32", "noor@acme.test")), other: map[string]string{
					"/31": readOf(k.name, row("31", shown)), "/users/me": ownUser,
				}},
				"Ines@ACME.test",
			)
			if want && (s.exists != "true" || s.id != "31" || s.data != nil || s.imported.errors() != "") {
				t.Errorf("%q: got exists %q, %s, %s, want the user", shown, s.exists, s.data.errors(), s.imported.errors())
			}
			if !want &&
				(!strings.Contains(s.data.errors(), "found another user") ||
					!strings.Contains(s.imported.errors(), "found another user")) {
				t.Errorf("%q: got %q and %q, want an error in the data source and in the import",
					shown, s.data.errors(), s.imported.errors())
			}
		}
	})
}

// A search that saw all, twice, and others beside it says that there is nobody.
func TestFind_nobodyInAWholeListDoesNotExist(t *testing.T) {
	forEachSearch(t, func(t *testing.T, k userKind, row func(id, email string) string) {
		s := search(
			t,
			k,
			lists{users: listOf(k.name, row("31", "noor@acme.test")), other: map[string]string{"/users/me": ownUser}},
			"ines@acme.test",
		)
		if s.exists != "false" || s.data != nil ||
			!strings.Contains(s.imported.errors(), "No open account with this ID or email") {
			t.Errorf("got exists %q, %s, %s, want false", s.exists, s.data.errors()+s.data.warnings(), s.imported.errors())
		}
	})
}

// Where a list that names no mailbox is that of the root mailbox, a person in another mailbox is
// found all the same.
func TestFind_whoIsInAMailbox(t *testing.T) {
	s := mock.New(mockKey)
	ecgridCase.add(s)
	s.ECGrid.Mailbox = mock.MailboxRoot
	s.ECGrid.Add(mock.ECGridUser{ID: 41, Name: "Rosa Keller", Email: "rosa@acme.test"}) // who vouches for the list
	got := search(t, ecgridKind, s, inesEmail)
	if got.exists != "true" || got.id != ecgridCase.id || got.data != nil || got.imported.errors() != "" {
		t.Errorf("got exists %q, %s, %s, want the user",
			got.exists, got.data.errors()+got.data.warnings(), got.imported.errors())
	}
}

// An empty list shows nothing of what the key still sees.
func TestFind_nobodyInAnEmptyListIsNotKnown(t *testing.T) {
	forEachSearch(t, func(t *testing.T, k userKind, _ func(id, email string) string) {
		at := lists{users: listOf(k.name), other: map[string]string{"/users/me": ownUser}}
		s := search(t, k, at, "ines@acme.test")
		if s.exists != "null" || s.status != "unknown" || s.data.errors() != "" ||
			!strings.Contains(s.data.warnings(), "It is not known whether") {
			t.Errorf("by address: got exists %q, %s, want null and a warning", s.exists, s.data.errors()+s.data.warnings())
		}
		synctest.Test(t, func(t *testing.T) {
			got, diags := virtualDriver(t, at, nil).data(k.typeName(), attributes{"id": "31"})
			if got.exists() != "null" || got.text("status") != "unknown" || diags.errors() != "" ||
				!strings.Contains(diags.warnings(), "It is not known whether") {
				t.Errorf("by ID: got exists %q, %s, want null and a warning", got.exists(), diags.errors()+diags.warnings())
			}
		})
	})
}

// In a list of which something is missing, nobody is not proven, and one may be one of several.
func TestFind_inAListThatIsNotWhole(t *testing.T) {
	for _, k := range []userKind{ecgridKind, sfoxKind} {
		row := func(id, email string) string { return fmt.Sprintf(emailRow[k.name], id, email) }
		at := lists{
			users: listOf(k.name, row("31", "ines@acme.test"), `{"email":"ines@acme.test"}`),
			other: map[string]string{
				"/31": readOf(k.name, row("31", "ines@acme.test")), "/users/me": ownUser,
			},
		}
		for email, want := range map[string]string{"ines@acme.test": "true", "otto@acme.test": "null"} {
			s := search(t, k, at, email)
			if s.exists != want || s.data.errors() != "" || !strings.Contains(s.data.warnings(), "row 2 of page 1") {
				t.Errorf("%s, %s: got exists %q, %s, want %s and a warning",
					k.title, email, s.exists, s.data.errors()+s.data.warnings(), want)
			}
			if !strings.Contains(s.imported.errors(), "row 2 of page 1") ||
				!strings.Contains(s.imported.errors(), "with the ID") {
				t.Errorf("%s, %s: got %q, want the import refused, with the row that cannot be read",
					k.title, email, s.imported.errors())
			}
		}
	}
}

// An account that a list shows and a read does not is neither there nor gone.
func TestFind_whoIsListedAndNotReadIsAnError(t *testing.T) {
	forEachSearch(t, func(t *testing.T, k userKind, row func(id, email string) string) {
		s := search(
			t,
			k,
			lists{users: listOf(k.name, row("31", "ines@acme.test")), other: map[string]string{"/users/me": ownUser}},
			"ines@acme.test",
		)
		if !strings.Contains(s.data.errors(), "Cannot read a user") ||
			!strings.Contains(s.imported.errors(), "Cannot read a user") {
			t.Errorf("got exists %q, %q and %q, want errors", s.exists, s.data.errors(), s.imported.errors())
		}
	})
}

// Terraform would change such an ID on its way to the vendor.
func TestImport_anIDThatTerraformWouldChange(t *testing.T) {
	at := lists{users: listOf("konstantly")}
	_, diags := virtualDriver(t, at, nil).importUser(konstantlyKind, "jose\u0301")
	if !strings.Contains(diags.errors(), "NFC") {
		t.Errorf("got %q, want the ID refused by its form", diags.errors())
	}
}

// An account that is read without an address does not say that nobody else has the address that is
// its ID.
func TestFind_anIDWithoutAnAddressIsAnotherUsersAddress(t *testing.T) {
	for _, k := range []userKind{konstantlyKind, sfoxKind} { // ECGrid's IDs are numbers
		byID := fmt.Sprintf(emailRow[k.name], inesEmail, "")
		for other, refused := range map[string]bool{inesEmail: true, "noor@acme.test": false} {
			row := fmt.Sprintf(emailRow[k.name], "31", other)
			s := search(t, k, lists{users: listOf(k.name, byID, row), other: map[string]string{
				"/users/31": readOf(k.name, row), "/users/" + inesEmail: readOf(k.name, byID),
			}}, inesEmail)
			if got := strings.Contains(s.imported.errors(), "may mean two users"); got != refused ||
				!refused && s.imported.errors() != "" {
				t.Errorf("%s: 31 has the address %q: got %q, want refused %t", k.name, other, s.imported.errors(), refused)
			}
		}
	}
}

// What is missing in the second search only leaves it open who exists, too, and the warning says
// why.
func TestFind_inAListThatIsNotWholeTheSecondTime(t *testing.T) {
	row := fmt.Sprintf(emailRow["sfox"], "31", "noor@acme.test")
	searches := 0
	s := search(t, sfoxKind, lists{users: func(r *http.Request) string {
		if searches++; searches > 1 {
			return listOf("sfox", row, `{}`)(r)
		}
		return listOf("sfox", row)(r)
	}}, inesEmail)
	if s.exists != "null" || s.data.errors() != "" || !strings.Contains(s.data.warnings(), "row 2 of page 1") {
		t.Errorf("got exists %q, %s, want null and a warning", s.exists, s.data.errors()+s.data.warnings())
	}
}
