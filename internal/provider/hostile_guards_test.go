package provider

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// An entry of never_close that is a login protects an account that is shown, and one that is not
// visible.
func TestHostile_neverCloseByLoginHoldsForWhoIsNotVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := virtualDriver(t, f, nil)
		m := d.mustImport(ecgridKind, ecgridCase.id)
		login := m.text("login")
		d = virtualDriver(t, f, attributes{"never_close": []string{login}})
		if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "never_close") {
			t.Fatalf("login %q: got %q", login, diags.errors())
		}
		f.answer = withoutInes
		if after, diags := d.destroy(m); after.gone() {
			t.Errorf("left the state under never_close = [%q]: %q", login, diags.warnings())
		}
	})
}

// A call that was lost once does not take an account out of never_close.
func TestHostile_neverCloseHoldsAfterALostCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := virtualDriver(t, f, nil)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 503, `upstream`)
		}
		m, _ := d.apply(t.Context(), p)
		f.answer = withoutInes
		d = virtualDriver(t, f, attributes{"never_close": []string{inesEmail}})
		if after, diags := d.destroy(m); after.gone() {
			t.Errorf("left the state as closed under never_close: %q %q; open: %v",
				diags.errors(), diags.warnings(), ecgridCase.has(f.mock, ecgridCase.id))
		}
	})
}

// The key's own user was moved to another mailbox, so that it sees nobody of the others; its level
// and network stay.
func TestHostile_anECGridKeyOfAnotherMailboxProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		moved := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodDelete:
				moved = true
				return say(w, 502, "bad gateway")
			case moved && at == "/users/list":
				return say(w, 200, `{"success":true,"data":[]}`)
			case moved && at == "/users/me":
				rec := httptest.NewRecorder()
				f.mock.ServeHTTP(rec, r)
				var all map[string]any
				_ = json.Unmarshal(rec.Body.Bytes(), &all)
				all["data"].(map[string]any)["mailboxId"] = 77
				text, _ := json.Marshal(all)
				return say(w, 200, string(text))
			}
			return moved && withoutInes(w, r, at)
		}
		after, diags := d.apply(t.Context(), p)
		if after.gone() {
			t.Errorf("%q %q: %s; open: %v",
				f.outcome(t).Result, diags.warnings(), f.outcome(t).Proof, ecgridCase.has(f.mock, ecgridCase.id))
		}
	})
}

// ECGrid accepts and does nothing. The next run reads the account as open, its own call is
// declined, and a gateway answers from then on.
func TestHostile_aDeclinedCallIsNotExplainedByARefutedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		m := d.setTimeout(d.mustImport(ecgridKind, ecgridCase.id), "20s")
		p := d.mustPlanDestroy(m)
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 200, `{"success":true,"data":true}`)
		}
		m, _ = d.apply(t.Context(), p)
		f.answer = nil
		d = f.process(t)
		m, _ = d.read(m)
		p, _ = d.planDestroy(m)
		refused := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method == http.MethodDelete {
				refused = true
			}
			return refused && withoutInes(w, r, at)
		}
		after, _ := f.apply(t, d, p)
		if after.gone() && f.outcome(t).Result == evidence.Closed {
			t.Errorf(
				"%q: the call of this run was declined, that of the earlier run was refuted by the plan "+
					"and by this run's own first look; open: %v",
				f.outcome(t).Result,
				ecgridCase.has(f.mock, ecgridCase.id),
			)
		}
	})
}
