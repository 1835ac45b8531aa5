package provider

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// The vendor answers the closing call with HTTP 200 and says in words that there is no such user. Then
// the key shows nothing of the account. That is "not visible", as for a 404; it is never a closure.
func TestHostile_aRefusalInWordsBesideAnEmptyMarkIsNoAcceptance(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"message":"User not found"}`, // control
		`{"code":null,"message":"User not found"}`,
		`{"status":false,"message":"User not found"}`,
		`{"status":"","message":"User not found"}`,
		`{"code":0,"message":"User not found"}`,
	} {
		for _, v := range []vendorCase{konstantlyCase, sfoxCase} {
			t.Run(v.kind.name+" "+body, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					d := f.process(t)
					p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
					calls := 0
					f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
						if r.Method != http.MethodDelete {
							return false
						}
						calls++
						v.vanish(f.mock)
						return say(w, http.StatusOK, body)
					}
					after, diags := d.apply(t.Context(), p)
					if o := f.outcome(t); after.gone() || o.Result == evidence.Closed {
						t.Errorf("gone %v, %q, sent %q, proof %q, %d calls\n%s%s", after.gone(), o.Result, o.Sent, o.Proof, calls,
							diags.errors(), diags.warnings())
					}
				})
			})
		}
	}
}

// A run was killed after its intent; its call did nothing. The plan job has a copy of the log from before
// it (a cache), and shows the account open. The apply job has the whole log, and the account is not
// visible there. The plan showed the account open after that call, so the call explains nothing.
func TestHostile_aCallThatThePlanRefutedExplainsNoAbsenceInAFullerLog(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		intent := evidence.Intent{Account: evidence.Account{Vendor: v.kind.name, Tenant: "elsewhere.test", ID: "x"},
			Status: "active", Action: evidence.Close}
		if err := evidence.New(f.log).Record(t.Context(), intent, evidence.Outcome{Result: evidence.Closed}); err != nil {
			t.Fatal(err)
		}
		m := f.process(t).mustImport(v.kind, v.id)
		older, err := os.ReadFile(f.log)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
			Account: evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m)},
			Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
		}); err != nil {
			t.Fatal(err)
		}
		whole, _ := os.ReadFile(f.log)
		time.Sleep(time.Hour)
		_ = os.WriteFile(f.log, older, 0o600)
		d := f.process(t)
		m, _ = d.read(m)
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		_ = os.WriteFile(f.log, whole, 0o600)
		v.vanish(f.mock)
		after, diags := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); o.Result == evidence.AlreadyClosed || o.Result == evidence.Closed ||
			after.gone() && v.shownByARead() {
			t.Errorf("gone, %q, proof %q\n%s%s", o.Result, o.Proof, diags.errors(), diags.warnings())
		}
	})
}

// A closure has used the plan up, and the account is open again. The same plan and the state from before
// are applied again, while another process holds the log for half a minute. That the log cannot be read is
// no permission.
func TestHostile_aLogThatCannotBeReadIsNoPermissionToUseAPlanTwice(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		p := f.usedPlan(t, v)
		f.holdLog(t, 31*time.Second)
		after, diags := f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}

// The key has the visibility "Labs Available to this API consumer", so that the search shows the labs of
// another consumer, too, whose user has the same ID and works in a lab. They are none of ours: labs of
// others never stop a plan.
func TestHostile_aRunningLabOfAnotherConsumerStopsNoPlan(t *testing.T) {
	t.Parallel()
	for _, cancels := range []bool{false, true} {
		t.Run(fmt.Sprintf("cancel_running_labs %v", cancels), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					switch at {
					case "/userrunningandsavedlabs":
						return say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
					case "/labinstance/search":
						other := strings.NewReplacer(`"State":"Off"`, `"State":"Running"`).Replace(labRow(42, 1767225700, "Beta"))
						return say(w, 200, searchOf(labRow(41, 1767225600, "Alpha"), other))
					}
					return false
				}
				d := f.process(t)
				m := d.mustImport(skillableKind, "emp-3107")
				p, _ := d.planBlock(m, attributes{"id": "emp-3107", "cancel_running_labs": cancels})
				m, _ = d.apply(t.Context(), p)
				d = f.process(t)
				if p, diags := d.planDestroy(m); diags.errors() != "" {
					t.Errorf("cancel_running_labs %v, planning: %s", cancels, diags.errors())
				} else if _, diags := d.apply(t.Context(), p); !slices.Contains(routes(f), skillableCase.closing) {
					t.Errorf("cancel_running_labs %v: the closing call did not leave: %s", cancels, diags.errors())
				}
			})
		})
	}
}

func routes(f *liar) (all []string) {
	for _, r := range f.mock.Requests() {
		all = append(all, r.Route)
	}
	return all
}
