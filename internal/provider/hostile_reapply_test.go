package provider

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// A saved plan closes the account, and the log proves it. The state that the run wrote is lost. The
// person is hired again, and the vendor opens the account again. The job is run again with the same
// plan and the state from before. No reviewer has seen the account open again.
func TestHostile_theSamePlanAppliedAgainClosesNobodyWhoWasReopened(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		time.Sleep(time.Minute)
		if after, diags := f.process(t).apply(t.Context(), p); !after.gone() || !proven(t, f.log, v, p.prior) {
			t.Fatalf("got %q, want a proven closure", diags.errors())
		}
		time.Sleep(30 * 24 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		if !v.has(f.mock, v.id) {
			t.Fatal("got a closed account, want one that is open again")
		}
		after, diags := f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}

// The same with a plan that only suspends the user.
func TestHostile_theSamePlanAppliedAgainSuspendsNobodyWhoIsActiveAgain(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		d := f.process(t)
		p, _ := d.planBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "on_destroy": onDestroyBlock})
		m, _ := d.apply(t.Context(), p)
		p = f.process(t).mustPlanDestroy(m)
		time.Sleep(time.Minute)
		if after, _ := f.process(t).apply(t.Context(), p); !after.gone() || f.outcome(t).Result != evidence.Suspended {
			t.Fatalf("got gone %v and %q, want a suspended user", after.gone(), f.outcome(t).Result)
		}
		time.Sleep(time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		after, diags := f.process(t).apply(t.Context(), p)
		if after.gone() || !strings.Contains(diags.errors(), "last closure") {
			t.Errorf("got gone %v and %q, want a refusal because of the last closure", after.gone(), diags.errors())
		}
	})
}

// wantRefusal checks that the account is open, and that its user stays in the state.
func (f *liar) wantRefusal(t *testing.T, v vendorCase, after managed, diags diagnostics) {
	t.Helper()
	if after.gone() || !v.has(f.mock, v.id) {
		t.Errorf("got gone %v and open %v, want a refusal of the account that is open again\n%s%s",
			after.gone(), v.has(f.mock, v.id), diags.errors(), diags.warnings())
	}
}
