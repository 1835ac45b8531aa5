package provider

import (
	"fmt"
	"net/http"
	"path"
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
		got, diags := d.data(k.typeName(), k.configOf(attributes{"email": email}))
		s = searched{data: diags}
		if diags.errors() == "" {
			s.exists, s.id, s.status = got.exists(), got.text("id"), got.text("status")
		}
		_, s.imported = virtualDriver(t, at, nil).importUser(k, email)
	})
	return s
}

// shown is a user as the vendor writes one.
func (v vendorCase) shown(id, email string) string {
	return strings.NewReplacer("%d", id, "n@acme.test", email).Replace(v.row)
}

// findsInList reports whether the vendor is searched for an address by its list alone.
func (v vendorCase) findsInList() bool {
	return v.kind.findsByEmail && strings.HasSuffix(v.search, v.lossy.list)
}

// searchesItsList reports whether a search looks into the list, at least if the look-up by address
// finds nobody. A definition has one request for both.
func (v vendorCase) searchesItsList() bool {
	return v.kind.findsByEmail && (v.findsInList() || v.twin == "")
}

// fewUsers is a vendor with these rows in its list, which reads show by ID. It shows nobody else.
type fewUsers struct {
	v     vendorCase
	rows  []string
	reads map[string]string
}

// ServeHTTP implements http.Handler.
func (f fewUsers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := strings.TrimPrefix(r.URL.Path, f.v.prefix())
	_, read := f.reads[path.Base(at)]
	if isAt(f.v.search, r, at) && !f.v.findsInList() || !read && !strings.HasSuffix(at, f.v.lossy.list) {
		mock.New(mockKey).ServeHTTP(w, r)
		return
	}
	rows := append([]string{}, f.rows...)
	fmt.Fprint(w, f.v.hall(&manyUsers{v: f.v, n: len(rows), rows: rows, reads: f.reads}, r))
}

func forEachSearch(t *testing.T, f func(t *testing.T, v vendorCase)) {
	for _, v := range casesWhere(t, vendorCase.searchesItsList) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			f(t, v)
		})
	}
}

// An answer to a search may be about another, or older than the account: what a read shows must
// have the address.
func TestFind_whoIsReadHasTheAddress(t *testing.T) {
	t.Parallel()
	forEachSearch(t, func(t *testing.T, v vendorCase) {
		for shown, want := range map[string]bool{
			"ines@acme.test": true, " INES@acme.test.": true, "otto@acme.test": false, "": false,
		} {
			rows := []string{v.shown("31", "ines@acme.test"), v.shown("32", "noor@acme.test")}
			at := fewUsers{v, rows, map[string]string{"31": v.shown("31", shown)}}
			s := search(t, v.kind, at, "Ines@ACME.test")
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
	t.Parallel()
	forEachSearch(t, func(t *testing.T, v vendorCase) {
		s := search(t, v.kind, fewUsers{v, []string{v.shown("31", "noor@acme.test")}, nil}, "ines@acme.test")
		if s.exists != "false" || s.data != nil ||
			!strings.Contains(s.imported.errors(), "No open account with this ID or email") {
			t.Errorf("got exists %q, %s, %s, want false", s.exists, s.data.errors()+s.data.warnings(), s.imported.errors())
		}
	})
}

// Where a list that names no mailbox is that of the root mailbox, a person in another mailbox is
// found all the same.
func TestFind_whoIsInAMailbox(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	forEachSearch(t, func(t *testing.T, v vendorCase) {
		at := fewUsers{v, nil, nil}
		s := search(t, v.kind, at, "ines@acme.test")
		if s.exists != "null" || s.status != "unknown" || s.data.errors() != "" ||
			!strings.Contains(s.data.warnings(), "It is not known whether") {
			t.Errorf("by address: got exists %q, %s, want null and a warning", s.exists, s.data.errors()+s.data.warnings())
		}
		synctest.Test(t, func(t *testing.T) {
			got, diags := virtualDriver(t, at, nil).data(v.kind.typeName(), v.kind.configOf(attributes{"id": "31"}))
			if got.exists() != "null" || got.text("status") != "unknown" || diags.errors() != "" ||
				!strings.Contains(diags.warnings(), "It is not known whether") {
				t.Errorf("by ID: got exists %q, %s, want null and a warning", got.exists(), diags.errors()+diags.warnings())
			}
		})
	})
}

// In a list of which something is missing, nobody is not proven, and one may be one of several.
func TestFind_inAListThatIsNotWhole(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.findsInList) {
		k, ines := v.kind, v.shown("31", "ines@acme.test")
		at := fewUsers{v, []string{ines, `{"email":"ines@acme.test"}`}, map[string]string{"31": ines}}
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
	t.Parallel()
	forEachSearch(t, func(t *testing.T, v vendorCase) {
		s := search(t, v.kind, fewUsers{v, []string{v.shown("31", "ines@acme.test")}, nil}, "ines@acme.test")
		if !strings.Contains(s.data.errors(), "Cannot read a user") ||
			!strings.Contains(s.imported.errors(), "Cannot read a user") {
			t.Errorf("got exists %q, %q and %q, want errors", s.exists, s.data.errors(), s.imported.errors())
		}
	})
}

// Terraform would change such an ID on its way to the vendor.
func TestImport_anIDThatTerraformWouldChange(t *testing.T) {
	t.Parallel()
	at := fewUsers{v: konstantlyCase}
	_, diags := virtualDriver(t, at, nil).importUser(konstantlyKind, "jose\u0301")
	if !strings.Contains(diags.errors(), "NFC") {
		t.Errorf("got %q, want the ID refused by its form", diags.errors())
	}
}

// An account that is read without an address does not say that nobody else has the address that is
// its ID.
func TestFind_anIDWithoutAnAddressIsAnotherUsersAddress(t *testing.T) {
	t.Parallel()
	textIDs := func(v vendorCase) bool { return v.searchesItsList() && v.textIDs() }
	for _, v := range casesWhere(t, textIDs) {
		byID := v.shown(inesEmail, "")
		for other, refused := range map[string]bool{inesEmail: true, "noor@acme.test": false} {
			row := v.shown("31", other)
			at := fewUsers{v, []string{byID, row}, map[string]string{"31": row, inesEmail: byID}}
			s := search(t, v.kind, at, inesEmail)
			if got := strings.Contains(s.imported.errors(), "may mean two users"); got != refused ||
				!refused && s.imported.errors() != "" {
				t.Errorf("%s: 31 has the address %q: got %q, want refused %t", v.kind.name, other, s.imported.errors(), refused)
			}
		}
	}
}

// What is missing in the second search only leaves it open who exists, too, and the warning says
// why.
func TestFind_inAListThatIsNotWholeTheSecondTime(t *testing.T) {
	t.Parallel()
	v, searches := sfoxCase, 0
	s := search(t, v.kind, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows := []string{v.shown("31", "noor@acme.test")}
		if searches++; searches > 1 {
			rows = append(rows, `{}`)
		}
		fewUsers{v, rows, nil}.ServeHTTP(w, r)
	}), inesEmail)
	if s.exists != "null" || s.data.errors() != "" || !strings.Contains(s.data.warnings(), "row 2 of page 1") {
		t.Errorf("got exists %q, %s, want null and a warning", s.exists, s.data.errors()+s.data.warnings())
	}
}
