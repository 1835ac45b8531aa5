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

// The answer at plan names no role; at apply it is the administrator.
func TestHostile_aRoleThatWasNotShownAtPlanStopsTheApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, konstantlyCase)
		role := func(to string) {
			f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
				if r.Method != http.MethodGet || at != "/users/"+konstantlyCase.id {
					return false
				}
				rec := httptest.NewRecorder()
				f.mock.ServeHTTP(rec, r)
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
		p := d.mustPlanDestroy(d.mustImport(konstantlyKind, konstantlyCase.id))
		role("administrator")
		after, more := d.apply(t.Context(), p)
		t.Logf("apply: %q %q", more.errors(), more.warnings())
		if after.gone() {
			t.Error("closed, though the plan showed no role and the account is that of an administrator")
		}
	})
}

// The list of ECGrid shows the account twice, terminated and active.
func TestHostile_aListThatShowsAnAccountOpenTooProvesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		m := d.mustImport(ecgridKind, ecgridCase.id)
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/users/" + ecgridCase.id:
				return say(w, 404, ecgridNone)
			case "/users/me":
				return say(
					w,
					200,
					`{"success":true,"data":{"userId":1,"login":"k","authLevel":"General","networkId":0,"status":"Active"}}`,
				)
			case "/users/list":
				row := `{"userId":` + ecgridCase.id + `,"email":"` + inesEmail + `","firstName":"Ines","lastName":"Varga",` +
					`"networkId":0,"authLevel":"MailboxUser","status":`
				return say(w, 200, `{"success":true,"data":[`+row+`"Terminated"},`+row+`"Active"}]}`)
			}
			return false
		}
		d = f.process(t)
		p, _ := d.planDestroy(m)
		after, _ := f.apply(t, d, p)
		if after.gone() && f.outcome(t).Result == evidence.AlreadyClosed {
			t.Errorf("%q though the same list shows the account as active; open: %v",
				f.outcome(t).Result, ecgridCase.has(f.mock, ecgridCase.id))
		}
	})
}

// An entry of the environment that is several IDs never passes for one that protects nobody.
func TestHostile_severalIDsInOneEntryOfNeverCloseCloseNobody(t *testing.T) {
	for _, entry := range []string{"30400 30417", "30400;30417"} {
		t.Run(entry, func(t *testing.T) {
			t.Setenv("OFFBOARD_NEVER_CLOSE", entry)
			w := newTestEnv(t)
			ecgridCase.add(w.mock)
			d := newDriver(t, w, nil)
			if after, _ := d.destroy(d.mustImport(ecgridKind, ecgridCase.id)); after.gone() {
				t.Errorf("OFFBOARD_NEVER_CLOSE=%q names %s, and the account is closed", entry, ecgridCase.id)
			}
		})
	}
}

// An earlier call for another person under the same ID does not prove a call of Skillable that
// touched nothing.
func TestHostile_theLogOfAnotherPersonProvesNoClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		if err := evidence.New(f.log).Record(t.Context(), evidence.Intent{
			Account: evidence.Account{
				Vendor: "skillable",
				Tenant: "127.0.0.1:1" + prefixes["skillable"],
				ID:     "emp-0000",
			},
			Email:  "old@acme.test",
			Action: evidence.Close,
		}, evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted}); err != nil {
			t.Fatal(err)
		}
		d := f.process(t)
		after, diags := d.destroy(d.mustImport(skillableKind, "emp-0000"))
		if o := f.outcome(t); after.gone() && o.Result == evidence.Closed {
			t.Errorf("%q %q, 0 rows were touched: %s", o.Result, o.Proof, strings.ReplaceAll(diags.warnings(), "\n", " "))
		}
	})
}
