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

// The answer at plan names no role; at apply it is the administrator.
func TestHostile_roleThatWasNotShownAtPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		konstantlyCase.add(s)
		f := &liar{mock: s}
		role := func(to string) {
			f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
				if r.Method != http.MethodGet || at != "/users/"+konstantlyCase.id {
					return false
				}
				rec := httptest.NewRecorder()
				s.ServeHTTP(rec, r)
				var all map[string]any
				if rec.Code != 200 || json.Unmarshal(rec.Body.Bytes(), &all) != nil {
					return say(w, rec.Code, rec.Body.String())
				}
				delete(all, "role")
				if to != "" {
					all["role"] = to
				}
				text, _ := json.Marshal(all)
				return say(w, 200, string(text))
			}
		}
		role("")
		d := virtualDriver(t, f, nil)
		p, diags := d.planDestroy(d.mustTake(konstantlyKind, konstantlyCase.id))
		t.Logf("plan: %q %q", diags.errors(), diags.warnings())
		role("administrator")
		after, more := d.apply(t.Context(), p)
		t.Logf("apply: %q %q", more.errors(), more.warnings())
		if after.gone() {
			t.Error("closed, though the plan showed no role and the account is that of an administrator")
		}
	})
}

// The list of ECGrid shows the account twice, terminated and active.
func TestHostile_ecgridListShowsTheAccountTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		ecgridCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		m := d.mustTake(ecgridKind, ecgridCase.id)
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/users/" + ecgridCase.id:
				return say(w, 404, `{"success":false,"data":null,"errorCode":"ObjectNotFound","message":"no such user"}`)
			case "/users/me":
				return say(w, 200, `{"success":true,"data":{"userId":1,"login":"k","authLevel":"General","networkId":0,"status":"Active"}}`)
			case "/users/list":
				row := `{"userId":` + ecgridCase.id + `,"email":"` + inesEmail + `","firstName":"Ines","lastName":"Varga","networkId":0,"authLevel":"MailboxUser","status":`
				return say(w, 200, `{"success":true,"data":[`+row+`"Terminated"},`+row+`"Active"}]}`)
			}
			return false
		}
		d = virtualDriver(t, f, attributes{"evidence_log": path})
		p, diags := d.planDestroy(m)
		after, more := d.apply(t.Context(), p)
		t.Logf("plan %q %q apply %q %q", diags.errors(), diags.warnings(), more.errors(), more.warnings())
		if after.gone() && lastResult(t, path).Result == evidence.AlreadyClosed {
			t.Errorf("%q though the same list shows the account as active; open: %v", lastResult(t, path).Result, ecgridCase.has(s, ecgridCase.id))
		}
	})
}

// Entries that are several IDs protect nobody, without a word.
func TestHostile_neverCloseTakesSeveralIDsInOneEntry(t *testing.T) {
	for _, entry := range []string{"30400 30417", "30400;30417"} {
		t.Run(entry, func(t *testing.T) {
			t.Setenv("OFFBOARD_NEVER_CLOSE", entry)
			w := newWorld(t)
			ecgridCase.add(w.mock)
			d := newDriver(t, w, nil)
			if after, _ := d.destroy(d.mustTake(ecgridKind, ecgridCase.id)); after.gone() {
				t.Errorf("OFFBOARD_NEVER_CLOSE=%q names %s, and the account is closed", entry, ecgridCase.id)
			}
		})
	}
}

// The earlier call of another person's account makes Skillable's closing of nothing a closing.
func TestHostile_theLogMakesNothingAClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		skillableCase.add(s)
		path := filepath.Join(t.TempDir(), "log.jsonl")
		e, err := evidence.New(path).Begin(t.Context(), evidence.Intent{
			Account: evidence.Account{Vendor: "skillable", Tenant: "127.0.0.1:1" + prefixes["skillable"], ID: "emp-0000"}, Email: "old@acme.test", Action: evidence.Close,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.End(t.Context(), evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted}); err != nil {
			t.Fatal(err)
		}
		d := virtualDriver(t, s, attributes{"evidence_log": path})
		after, diags := d.destroy(d.mustTake(skillableKind, "emp-0000"))
		if o := lastResult(t, path); after.gone() && o.Result == evidence.Closed {
			t.Errorf("%q %q, 0 rows were touched: %s", o.Result, o.Proof, strings.ReplaceAll(diags.warnings(), "\n", " "))
		}
	})
}
