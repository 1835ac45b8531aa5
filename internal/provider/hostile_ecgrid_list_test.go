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
