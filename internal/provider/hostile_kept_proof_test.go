package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// A user is suspended, because on_destroy = "block" asks for no more. The user is imported again,
// with on_destroy = "delete". The closure that is to delete the account is refused by a guard, or
// finds nothing. It asked for more than the suspension, and was not proven.
func TestHostile_aSuspensionProvesNoDeletionThatWasAskedForLater(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	for _, how := range []string{"refused by guard", "not visible"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				p, _ := d.planBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "on_destroy": onDestroyBlock})
				m, _ := d.apply(t.Context(), p)
				p = f.process(t).mustPlanDestroy(m)
				time.Sleep(time.Minute)
				if after, _ := f.process(t).apply(t.Context(), p); !after.gone() || f.outcome(t).Result != evidence.Suspended {
					t.Fatalf("got %q, want a suspended user", f.outcome(t).Result)
				}
				time.Sleep(time.Hour)
				d = f.process(t)
				m = d.mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				if how == "not visible" {
					v.vanish(f.mock)
				}
				d = f.process(t)
				m, _ = d.read(m)
				p = d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				d = f.process(t)
				if how == "refused by guard" {
					d = virtualDriver(t, f, attributes{"evidence_log": f.log, "max_closures": 0})
				}
				after, diags := d.apply(t.Context(), p)
				if o := f.outcome(t); string(o.Result) != how {
					t.Fatalf("got gone %v, %q: %s", after.gone(), o.Result, diags.errors())
				}
				if report := readEvidence(t, f.log).Report("log", reportWords); !strings.Contains(report, "**Not proven:**") {
					t.Errorf("got no account that is not proven, want Ines, whose last closure was to delete her account:\n%s", report)
				}
			})
		})
	}
}

// A closure is proven: the list still showed Otto. The state of that run is lost. Otto's account is
// closed, too, so that the list is empty. The destroy of the restored state finds nothing. That
// undoes no proof.
func TestHostile_anEmptyListUndoesNoProof(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.provenByAbsence), func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		if after, _ := f.process(t).apply(t.Context(), p); !after.gone() || f.outcome(t).Result != evidence.Closed ||
			!proven(t, f.log, v, m) {
			t.Fatalf("got %q, want a proven closure", f.outcome(t).Result)
		}
		v.drop(f.mock, v.other)
		time.Sleep(time.Hour)
		d = f.process(t)
		m, _ = d.read(m)
		p, _ = d.planDestroy(m)
		time.Sleep(time.Minute)
		f.process(t).apply(t.Context(), p)
		if !proven(t, f.log, v, m) {
			t.Errorf("got an account that is not proven any more: nothing showed it open after its proof")
		}
	})
}

// A closure is proven. A state from before it is restored, and nothing of the person is visible.
// The further call is refused. Nothing showed the account open, so that it stays proven. If the last
// look shows the person, it does not.
func TestHostile_skillableARefusedCallUndoesNoProof(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string]bool{"nothing seen": false, "shown after it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := skillableCase
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				m := d.mustImport(v.kind, v.id)
				p := d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				if after, _ := f.process(t).apply(t.Context(), p); !after.gone() || !proven(t, f.log, v, m) {
					t.Fatalf("got %q, want a proven closure", f.outcome(t).Result)
				}
				time.Sleep(time.Hour)
				d = f.process(t)
				m, _ = d.read(m)
				p = d.mustPlanDestroy(m)
				f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
					if !isAt(v.closing, r, path) {
						return false
					}
					if shown {
						v.put(f.mock, v.id, inesName, inesEmail)
					}
					return say(w, http.StatusBadRequest, `{"Status":0,"Error":"in maintenance"}`)
				}
				time.Sleep(time.Minute)
				after, diags := f.process(t).apply(t.Context(), p)
				if o := f.outcome(t); after.gone() || proven(t, f.log, v, m) == shown {
					t.Errorf("got gone %v, %q, want an account that is proven to be closed: %v: %s", after.gone(), o.Result, !shown,
						diags.errors())
				}
				// The call was refused, so that its effect is no question.
				if report := readEvidence(t, f.log).Report("log", reportWords); strings.Contains(report, "shows its effect") ||
					strings.Contains(report, "no answer proves that the account is closed") != shown {
					t.Errorf("got the report\n%s\nwant that the account is not proven to be closed: %v", report, shown)
				}
			})
		})
	}
}
