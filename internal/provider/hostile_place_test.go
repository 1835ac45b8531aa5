package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// ecgridShown is ECGrid's answer about a user, with what may follow the level of rights.
func ecgridShown(id, name, email, level, more string) string {
	return fmt.Sprintf(`{"success":true,"data":{"userId":%s,"loginName":%q,"email":%q,"firstName":%q,"lastName":"Varga",`+
		`"status":"Active","authLevel":%q%s}}`, id, email, email, name, level, more)
}

// The answer to the closing call is lost, and the key's own user is moved to another network, where it
// does not see the account. No answer shows a network, so that the rights look as before.
func TestHostile_ecgridRightsWithoutANetworkAreNotTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		moved := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			moved = moved || r.Method == http.MethodDelete
			switch {
			case r.Method == http.MethodDelete:
				return say(w, 502, "bad gateway")
			case at == "/users/me":
				return say(w, 200, ecgridShown("7", "svc", "svc@acme.test", "NetworkAdmin", ""))
			case at == "/users/list":
				return say(w, 200, `{"success":true,"data":[]}`)
			}
			return moved && withoutInes(w, r, at)
		}
		d := f.process(t)
		m, _ := f.apply(t, d, d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
		if o := f.outcome(t); m.gone() || o.Result.Done() {
			t.Errorf("got gone %v and %q, want the user kept: nothing shows what the key sees", m.gone(), o.Result)
		}
	})
}

// ECGrid shows no network of the account. The key's own user is demoted and moved to the network 0 after
// the closing call. A stranger there is not one of the account's network.
func TestHostile_ecgridAnUnknownNetworkIsNotNumberZero(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		moved := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			moved = moved || r.Method == http.MethodDelete
			switch {
			case r.Method == http.MethodDelete:
				return say(w, 200, `{"success":true,"data":true}`)
			case at == "/users/me" && moved:
				return say(w, 200, ecgridShown("7", "svc", "svc@acme.test", "MailboxUser", `,"networkId":0,"mailboxId":0`))
			case at == "/users/me":
				return say(w, 200, ecgridShown("7", "svc", "svc@acme.test", "NetworkAdmin", `,"networkId":12,"mailboxId":0`))
			case at == "/users/list":
				return say(w, 200, `{"success":true,"data":[{"userId":5,"email":"zoe@other.test","networkId":0,"mailboxId":0}]}`)
			case at == "/users/"+v.id && !moved:
				return say(w, 200, ecgridShown(v.id, "Ines", inesEmail, "MailboxUser", ""))
			}
			return moved && withoutInes(w, r, at)
		}
		d := f.process(t)
		m, diags := f.apply(t, d, d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
		if o := f.outcome(t); m.gone() || o.Result.Done() {
			t.Errorf("got gone %v, %q and %q, want the user kept", m.gone(), o.Result, diags.errors())
		}
	})
}

// Some pages document a user without a network and a mailbox. The status still proves a closure. An
// absence does not. What is not shown is null in the state.
func TestECGridUser_withoutAPlaceOnlyTheStatusProvesAClosure(t *testing.T) {
	t.Parallel()
	for vanishes, want := range map[bool]string{false: "", true: "nothing says where the account is"} {
		synctest.Test(t, func(t *testing.T) {
			v := ecgridCase
			f := newLiar(t, v)
			f.mock.ECGrid.Set(func(e *mock.ECGrid) {
				e.NoPlace, e.TerminatedNotFound, e.HideTerminated = true, vanishes, vanishes
			})
			d := f.process(t)
			p, diags := d.planBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "person": "ines"})
			m, more := d.apply(t.Context(), p)
			var state map[string]tftypes.Value
			if err := m.state.As(&state); err != nil || diags.errors()+more.errors() != "" {
				t.Fatalf("got %v, %q and %q, want the update applied", err, diags.errors(), more.errors())
			}
			if network, mailbox := state["network_id"], state["mailbox_id"]; !network.IsNull() || !mailbox.IsNull() {
				t.Errorf("got the network %v and the mailbox %v, want null", network, mailbox)
			}
			after, diags := f.process(t).destroy(m)
			if after.gone() == vanishes || !strings.Contains(diags.errors(), want) || (diags.errors() == "") != (want == "") {
				t.Errorf(
					"vanishes %t: got gone %v and %q, want gone %t and %q",
					vanishes,
					after.gone(),
					diags.errors(),
					!vanishes,
					want,
				)
			}
		})
	}
}
