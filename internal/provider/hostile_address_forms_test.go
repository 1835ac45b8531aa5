package provider

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// What is no address says nothing of anybody: a leaver's is pasted from a mail, an editor or an address bar.
func TestHostile_aSearchByWhatIsNoAddressIsAnError(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{konstantlyCase, ecgridCase, sfoxCase} {
		for _, asked := range []string{
			"Ines Varga <" + inesEmail + ">", "mailto:" + inesEmail, "'" + inesEmail + "'", inesEmail + ";", "ines.varga",
			"ines.varga%40acme.test", "o\u2019brien@acme.test",
		} {
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.add(s)
				m, diags := virtualDriver(t, s, onlyVendors("http://127.0.0.1:1", v)).data(
					v.kind.typeName(), attributes{"email": asked})
				if m.exists() == "false" || diags.errors() == "" {
					t.Errorf("%s, %q: got exists = %s and %q, want an error", v.kind.name, asked, m.exists(), diags.errors())
				}
			})
		}
	}
}

// A block says the mask that the vendor shows, as a generated one does. The ID passes to somebody with the same mask.
// No apply of the block confirms that person.
func TestHostile_aMaskInTheBlockConfirmsNobody(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{konstantlyCase, sfoxCase} {
		for _, mask := range []string{"i***@acme.test", "***", "[hidden]", "i[...]a@acme.test", `i"""a@acme.test`} {
			synctest.Test(t, func(t *testing.T) {
				f, block := newLiar(t, v), attributes{"id": v.id, "email": mask}
				v.rename(f.mock, v.id, inesName, mask)
				d := f.process(t)
				p, _ := d.planBlock(d.mustImport(v.kind, v.id), block)
				m, _ := d.apply(t.Context(), p)
				v.rename(f.mock, v.id, "Igor Klein", mask)
				d = f.process(t)
				m, _ = d.read(m)
				p, _ = d.planBlock(m, block)
				m, _ = d.apply(t.Context(), p)
				d = f.process(t)
				if p, diags := d.planDestroy(m); diags.errors() == "" {
					f.apply(t, d, p)
				}
				if !v.has(f.mock, v.id) {
					t.Errorf("%s, %q: the account of Igor is closed", v.kind.name, mask)
				}
			})
		}
	}
}

// A mask that may be that of a leaver's address, beside others who show theirs, is a doubt about the whole list.
func TestAccountsData_aMaskMayBeALeavers(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]bool{"i***@acme.test": true, "z***@acme.test": false} {
		for _, v := range []vendorCase{konstantlyCase, ecgridCase, sfoxCase} {
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.add(s)
				v.put(s, v.numbered(5), "Zoe", "zoe@acme.test")
				v.email(s, v.id, shown)
				_, diags := virtualDriver(t, s, onlyVendors("http://127.0.0.1:1", v)).dataSource("offboard_accounts", attributes{
					"fail_on": []string{"leaver"}, "people": peopleOf(row{"email": inesEmail, "left_on": "1999-01-01"}),
				})
				if got := strings.Contains(diags.errors(), "shows a mask, "+shown); got != want {
					t.Errorf("%s, %q: got %q, want a doubt: %t", v.kind.name, shown, diags.errors(), want)
				}
			})
		}
	}
}

// The list of ECGrid without a mailbox is that of the root mailbox. A replica without users answers for the mailbox of
// Ines, and for all mailboxes. Neither a lost termination nor an absence is a closure by that.
func TestHostile_ecgridAnEmptyMailboxProvesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		f.mock.ECGrid.Set(func(e *mock.ECGrid) { e.Mailbox = mock.MailboxRoot })
		f.mock.ECGrid.Add(mock.ECGridUser{ID: 50001, Name: "Root One", Email: "root1@acme.test"})
		d := f.process(t)
		m := d.mustImport(ecgridKind, ecgridCase.id)
		p := d.mustPlanDestroy(m)
		lie := func(w http.ResponseWriter, r *http.Request, at string) bool {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if strings.Contains(string(body), `"mailboxId"`) {
				return say(w, 200, `{"success":true,"data":[]}`)
			}
			return unreadInes(w, r, at)
		}
		f.answer = lie
		if now, _ := f.process(t).read(m); now.text("status") == "closed" {
			t.Error("got the status closed after a refresh")
		}
		called := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method == http.MethodDelete {
				called = say(w, 502, "bad gateway")
				return true
			}
			return called && lie(w, r, at)
		}
		after, _ := f.apply(t, d, p)
		f.wantOpen(t, ecgridCase, after)
	})
}

// An ID that was copied from a page may have a sign in it that cannot be seen. No vendor has such an ID.
func TestHostile_anIDWithASignThatCannotBeSeenIsRefused(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for _, sign := range []string{"\u200b", "\ufeff", "\u00ad"} {
			m, diags := newDriver(t, w, nil).importUser(v.kind, v.id+sign)
			if diags.errors() == "" {
				t.Errorf("%+q: got an import of %q, want an error", sign, m.text("id"))
			}
		}
	})
}

func TestConfirms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		written, shown string
		want           bool
	}{
		{"INES@acme.test", "ines@acme.test", true},
		{"meissner@acme.test", "mei\u00dfner@acme.test", false},
		{"i***@acme.test", "i***@acme.test", false},
		{"a@acme.test, b@acme.test", "a@acme.test, b@acme.test", false},
		{"Ines <ines@acme.test>", "Ines <ines@acme.test>", true},
		{"", "", false},
	} {
		if got := confirms(types.StringValue(c.written), offboard.User{Email: c.shown}); got != c.want {
			t.Errorf("%q beside %q: got %t, want %t", c.written, c.shown, got, c.want)
		}
	}
}

// An account that was made by an invitation has the address as its name. never_close protects it.
func TestHostile_anAddressInThePlaceOfTheNameIsProtected(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{konstantlyCase, ecgridCase, sfoxCase, ecgridTwin} {
		for _, mail := range []string{"", "***", "b@home.test"} {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				v.put(f.mock, v.id, "boss@acme.test", mail)
				d := virtualDriver(t, f, attributes{"never_close": []string{"boss@acme.test"}})
				_, diags := d.planDestroy(d.mustImport(v.kind, v.id))
				if !strings.Contains(diags.errors(), "never_close") {
					t.Errorf("%s, %q: got %q, want a refusal", v.kind.name, mail, diags.errors())
				}
			})
		}
	}
}
