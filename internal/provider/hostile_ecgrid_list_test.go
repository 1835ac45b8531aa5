package provider

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The list of ECGrid without a mailbox is that of the root mailbox. A server in a redeploy says for one request
// that there is no list of all mailboxes. A leaver in a mailbox is not missing.
func TestHostile_ecgridOneNotFoundIsNoEndOfTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		f.mock.ECGrid.Set(func(e *mock.ECGrid) { e.Mailbox = mock.MailboxRoot })
		f.mock.ECGrid.Add(mock.ECGridUser{ID: 50001, Name: "Root One", Email: "root1@acme.test"})
		f.mock.ECGrid.Add(mock.ECGridUser{ID: 50002, Name: "Ola Berg", Email: "ola@acme.test", MailboxID: 880})
		lies := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if at != "/users/list" || !strings.Contains(string(body), `"mailboxId":-1`) || lies > 0 {
				return false
			}
			lies++
			return say(w, 404, `{"success":false,"errorCode":"ObjectNotFound","message":"nothing here","data":null}`)
		}
		values, diags := f.process(t).dataSource("offboard_accounts", attributes{
			"people": peopleOf(row{"name": "Ola Berg", "email": "ola@acme.test", "left_on": "1999-01-01"}),
		})
		if all := strings.Join(verdictsIn(t, values["accounts"]), "\n"); !strings.Contains(all, "50002") || lies != 1 {
			t.Errorf("got %q and %q after %d lies, want the account of Ola", all, diags.errors(), lies)
		}
	})
}

// A read shows an active account that the list of its network lacks. The list may lack another leaver, too.
func TestHostile_ecgridAReadShowsThatTheListIsNotWhole(t *testing.T) {
	t.Parallel()
	for network, want := range map[int64]bool{0: true, 99: false} {
		synctest.Test(t, func(t *testing.T) {
			f := newLiar(t, ecgridCase)
			f.mock.ECGrid.Set(func(e *mock.ECGrid) { e.Mailbox = mock.MailboxRoot })
			f.mock.ECGrid.Add(mock.ECGridUser{ID: 50001, Name: "Root One", Email: "root1@acme.test"})
			f.mock.ECGrid.Add(mock.ECGridUser{
				ID: 50002, Name: "Ola Berg", Email: "ola@acme.test", MailboxID: 880, NetworkID: network,
			})
			f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				return at == "/users/list" && strings.Contains(string(body), `"mailboxId":-1`) &&
					say(w, 400, `{"success":false,"errorCode":"InvalidParameter","message":"mailboxId","data":null}`)
			}
			people := peopleOf(row{"email": "ola@acme.test", "accounts": row{"ecgrid": "50002"}})
			values, _ := f.process(t).dataSource("offboard_accounts", attributes{"people": people})
			_, diags := f.process(t).dataSource("offboard_accounts", attributes{
				"people": people, "fail_on": []string{"rehired"},
			})
			if got := strings.Contains(diags.errors(), "an active account that the list lacks"); got != want {
				t.Errorf("network %d: got %q, want an error %t", network, diags.errors(), want)
			}
			if got := strings.Contains(values["cannot_list"].String(), "lacks an active account"); got != want {
				t.Errorf("network %d: got cannot_list %s, want ECGrid in it: %t", network, values["cannot_list"], want)
			}
		})
	}
}

// The key sees one mailbox alone. The list of it shows an old account of Ola, which is terminated. She may have
// another one, in another mailbox.
func TestHostile_ecgridAnOldAccountSaysNothingOfTheAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		f.mock.ECGrid.Add(mock.ECGridUser{
			ID: 40004, Name: "Ola Berg", Email: "ola@acme.test", MailboxID: 77, Status: "Terminated",
		})
		f.mock.ECGrid.Add(mock.ECGridUser{ID: 40005, Name: "Per Dahl", Email: "per@acme.test", MailboxID: 77})
		f.mock.ECGrid.Set(func(e *mock.ECGrid) { e.Hidden = map[int64]bool{30417: true, 30418: true} })
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/users/me" && say(w, 200, `{"success":true,"data":{"userId":7,"login":"svc",`+
				`"email":"svc-offboard@acme.test","networkId":12,"mailboxId":77,"authLevel":"MailboxAdmin","status":"Active"}}`)
		}
		got, diags := f.process(t).data(ecgridKind.typeName(), attributes{"email": "ola@acme.test"})
		if got.exists() == "false" {
			t.Errorf("got exists = false and %q", diags.warnings())
		}
	})
}
