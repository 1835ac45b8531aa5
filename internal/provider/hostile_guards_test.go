package provider

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const ecgridNotFound = `{"success":false,"data":null,"errorCode":"ObjectNotFound","message":"no such user"}`

// An entry of never_close that is a login protects an account that is shown, and not one that is not visible.
func TestHostile_neverCloseByLoginOfAnAccountThatIsNotVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		ecgridCase.add(s)
		f := &liar{mock: s}
		d := virtualDriver(t, f, nil)
		m := d.mustTake(ecgridKind, ecgridCase.id)
		login := m.text("login")
		d = virtualDriver(t, f, attributes{"never_close": []string{login}})
		if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "never_close") {
			t.Fatalf("login %q: got %q", login, diags.errors())
		}
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/users/"+ecgridCase.id && say(w, 404, ecgridNotFound)
		}
		if after, diags := d.destroy(m); after.gone() {
			t.Errorf("left the state under never_close = [%q]: %q", login, diags.warnings())
		}
	})
}

// Never_close does not hold for an account whose call was lost once.
func TestHostile_neverCloseAndAnOldLostCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		ecgridCase.add(s)
		f := &liar{mock: s}
		d := virtualDriver(t, f, nil)
		p, _ := d.planDestroy(d.mustTake(ecgridKind, ecgridCase.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 503, `upstream`)
		}
		m, _ := d.apply(t.Context(), p)
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/users/"+ecgridCase.id && say(w, 404, ecgridNotFound)
		}
		d = virtualDriver(t, f, attributes{"never_close": []string{inesEmail}})
		if after, diags := d.destroy(m); after.gone() {
			t.Errorf("left the state as closed under never_close: %q %q; open: %v", diags.errors(), diags.warnings(), ecgridCase.has(s, ecgridCase.id))
		}
	})
}

// The key's own user was moved to another mailbox, so that it sees nobody of the others; its level and network stay.
func TestHostile_ecgridKeyOfAnotherMailbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		ecgridCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		p, _ := d.planDestroy(d.mustTake(ecgridKind, ecgridCase.id))
		moved := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodDelete:
				moved = true
				return say(w, 502, "bad gateway")
			case moved && at == "/users/"+ecgridCase.id:
				return say(w, 404, ecgridNotFound)
			case moved && at == "/users/list":
				return say(w, 200, `{"success":true,"data":[]}`)
			case moved && at == "/users/me":
				rec := httptest.NewRecorder()
				s.ServeHTTP(rec, r)
				var all map[string]any
				_ = json.Unmarshal(rec.Body.Bytes(), &all)
				all["data"].(map[string]any)["mailboxId"] = 77
				text, _ := json.Marshal(all)
				return say(w, 200, string(text))
			}
			return false
		}
		after, diags := d.apply(t.Context(), p)
		if after.gone() {
			t.Errorf("%q %q: %s; open: %v", lastResult(t, path).Result, diags.warnings(), lastResult(t, path).Proof, ecgridCase.has(s, ecgridCase.id))
		}
	})
}

// Suspended and proven so; then somebody lifts that, and a guard refuses the next run, which sees the account active.
func TestHostile_reportProvesASuspensionThatWasLifted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	l := evidence.New(path)
	account := evidence.Account{Vendor: "konstantly", Tenant: "acme.konstant.ly/openapi/v1", ID: "7"}
	e, err := l.Begin(t.Context(), evidence.Intent{Account: account, Status: "active", Action: evidence.Block})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.End(t.Context(), evidence.Outcome{Result: evidence.Suspended, Proof: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Record(t.Context(), evidence.Intent{Account: account, Status: "active", Action: evidence.Close}, evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"}); err != nil {
		t.Fatal(err)
	}
	if text := report(t, path); strings.Contains(text, "The closing of every account is proven") {
		t.Error("the report says that every closing is proven; the last record shows the account as active")
	}
}

// ECGrid accepts and does nothing. The next run reads the account as open, its own call is declined, and a gateway answers from then on.
func TestHostile_aDeclinedCallIsNotExplainedByARefutedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		ecgridCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		m := d.setTimeout(d.mustTake(ecgridKind, ecgridCase.id), "20s")
		p, _ := d.planDestroy(m)
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 200, `{"success":true,"data":true}`)
		}
		m, diags := d.apply(t.Context(), p)
		t.Logf("run 1: %.200q", diags.errors())
		f.answer = nil
		d = virtualDriver(t, f, attributes{"evidence_log": path})
		m, _ = d.read(m)
		p, diags = d.planDestroy(m)
		t.Logf("plan 2: %q %q %s", diags.errors(), diags.warnings(), m.text("status"))
		refused := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method == http.MethodDelete {
				refused = true
			}
			return refused && at == "/users/"+ecgridCase.id && say(w, 404, ecgridNotFound)
		}
		after, more := d.apply(t.Context(), p)
		t.Logf("apply 2: %q %q %q", more.errors(), more.warnings(), lastResult(t, path).Result)
		if after.gone() && lastResult(t, path).Result == evidence.Closed {
			t.Errorf("%q: the call of this run was declined, that of the earlier run was refuted by the plan and by this run's own first look; open: %v", lastResult(t, path).Result, ecgridCase.has(s, ecgridCase.id))
		}
	})
}
