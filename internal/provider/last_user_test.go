package provider

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The last user of all is never proven closed where the vendor has no call for the key's own user:
// an accepted closing leaves the state as unproven, in the run itself or in the one after it, and
// without an accepted call nobody leaves it.
func TestLastUser_leavesAsUnprovenAfterAnAcceptedCallOnly(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.provenByAbsence) {
		for name, c := range map[string]struct {
			interrupted, accepted bool
		}{
			"in one run":                      {false, true},
			"in the run after a lost proof":   {true, true},
			"closed by somebody else, though": {false, false},
		} {
			t.Run(v.kind.name+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := mock.New(mockKey)
					v.put(s, v.id, inesName, inesEmail)
					path := filepath.Join(t.TempDir(), "log.jsonl")
					process := func() *driver { return virtualDriver(t, s, attributes{"evidence_log": path}) }
					m := process().mustImport(v.kind, v.id)
					if !c.accepted {
						v.drop(s, v.id)
					}
					if c.interrupted {
						s.OnRequest(func(r mock.Request) {
							if r.Route == v.closing {
								s.Fail(mock.Fault{Vendor: v.mockName(), Status: 401}) // what became of the call cannot be asked
							}
						})
						m, _ = process().destroy(m)
						s.OnRequest(nil)
						s.Heal()
					}
					after, diags := process().destroy(m)
					if after.gone() != c.accepted {
						t.Fatalf("got gone %t and %q, want it %t", after.gone(), diags.errors(), c.accepted)
					}
					if !c.accepted {
						return
					}
					results := recordedResults(t, path)
					if last := results[len(results)-1]; last != evidence.Unproven || slices.Contains(results, evidence.Closed) {
						t.Errorf("got %v, want it unproven at the end, and never closed", results)
					}
					if !strings.Contains(diags.warnings(), "nothing proves") {
						t.Errorf("got %q, want a warning that nothing proves it", diags.warnings())
					}
				})
			})
		}
	}
}

// An absence that nothing vouches for and that no call explains keeps the user in the state,
// whatever the plan showed.
func TestLastUser_staysWhenItVanishedAfterThePlan(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.provenByAbsence) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.put(s, v.id, inesName, inesEmail)
				d := virtualDriver(t, s, nil)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				v.drop(s, v.id)
				if after, diags := d.apply(t.Context(), p); after.gone() || diags.errors() == "" {
					t.Errorf("got gone %t and %q, want the user kept and an error", after.gone(), diags.errors())
				}
			})
		})
	}
}
