package provider

import (
	"testing"
	"time"
)

// The apply does not see the account that its plan showed, and says to plan again. The account is
// opened again, and the same plan is applied again. No reviewer has seen the account open again. The
// state tells the CLI that the plan is stale, and the log tells the provider that it is used.
func TestHostile_aPlanWhoseApplyDidNotSeeTheAccountClosesNobodyLater(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		time.Sleep(time.Minute)
		v.vanish(f.mock)
		after, diags := f.process(t).apply(t.Context(), p)
		if after.gone() {
			t.Fatalf("got gone, want an account that is not visible: %s", diags.warnings())
		}
		if string(after.private) == string(p.prior.private) {
			t.Error("got the state as it was, want another one: the CLI must take the plan for stale")
		}
		time.Sleep(24 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		after, diags = f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}
