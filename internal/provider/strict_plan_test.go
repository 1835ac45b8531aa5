package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// wantStrict checks that strict_plan kept a user in the state, whose closure ended with a result, and
// that the saved plan is stale after that.
func (f *liar) wantStrict(t *testing.T, p planned, after managed, diags diagnostics, want evidence.Result) {
	t.Helper()
	if after.gone() || !strings.Contains(diags.errors(), "strict_plan = true") || f.outcome(t).Result != want {
		t.Fatalf("got gone %t, %q and %q, want the user kept because of strict_plan, and %q",
			after.gone(), f.outcome(t).Result, diags.errors(), want)
	}
	if diags.warnings() != "" {
		t.Errorf("got the warnings %q, want none", diags.warnings())
	}
	if after.remembered().Unseen.Equal(p.prior.remembered().Unseen) {
		t.Error("got the state as it was, want another one: the CLI must take the plan for stale")
	}
}

// The vendor accepts the call and shows no other user, so that nothing proves the closure. Under
// strict_plan the user stays, in the run itself and in the next one, which cannot prove it either.
func TestStrictPlan_keepsTheLastUserWhoseClosureNothingProves(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.provenByAbsence) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				f.mock = mock.New(mockKey)
				v.put(f.mock, v.id, inesName, inesEmail)
				strict := attributes{"evidence_log": f.log, "strict_plan": true}
				d := virtualDriver(t, f, strict)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				m, diags := f.apply(t, d, p)
				f.wantStrict(t, p, m, diags, evidence.Unproven)

				_, diags = virtualDriver(t, f, strict).planDestroy(m)
				if !strings.Contains(diags.errors(), "strict_plan = true") {
					t.Errorf("got %q for the next plan, want an error because of strict_plan", diags.errors())
				}
				p = virtualDriver(t, f, attributes{"evidence_log": f.log, "strict_plan": false}).mustPlanDestroy(m)
				if after, diags := virtualDriver(t, f, strict).apply(t.Context(), p); after.gone() ||
					!strings.Contains(diags.errors(), "strict_plan = true") {
					t.Errorf("got gone %t and %q for its apply, want the user kept", after.gone(), diags.errors())
				}
				after, diags := virtualDriver(t, f, attributes{"evidence_log": f.log, "strict_plan": false}).apply(t.Context(), p)
				if !after.gone() || !strings.Contains(diags.warnings(), "nothing proves") {
					t.Errorf("got gone %t and %q without strict_plan, want the user to leave as unproven",
						after.gone(), diags.errors())
				}
			})
		})
	}
}

// The apply sees nothing of the person, and the call touches no row. Under strict_plan the user stays,
// also if the plan has shown nothing of the person either.
func TestStrictPlan_keepsWhomSkillableHasNothingToClose(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string]bool{"shown by the plan": true, "not visible at the plan": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				d := virtualDriver(t, f, attributes{"evidence_log": f.log, "strict_plan": true})
				m := d.mustImport(skillableKind, skillableCase.id)
				blind := func(w http.ResponseWriter, _ *http.Request, at string) bool {
					switch at {
					case "/userrunningandsavedlabs":
						return say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
					case "/labinstance/search":
						return say(w, 200, searchOf())
					case "/CloseUserAccount":
						return say(w, 200, `{"RowsAffected":0,"Status":1,"Error":null}`)
					}
					return false
				}
				if !shown {
					f.answer = blind
					m, _ = d.read(m)
				}
				p := d.mustPlanDestroy(m)
				f.answer = blind
				m, diags := f.apply(t, d, p)
				f.wantStrict(t, p, m, diags, evidence.NotVisible)
			})
		})
	}
}
