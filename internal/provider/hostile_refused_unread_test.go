package provider

import (
	"testing"
	"time"
)

// An account is closed, and proven. The vendor restores it. It is imported again, and a plan shows it as open. A guard
// refuses the apply before any request. The proof of before does not count any more.
func TestHostile_aRefusalBeforeTheReadRefutesTheOldProof(t *testing.T) {
	t.Parallel()
	forEachLiar(t, []vendorCase{konstantlyCase, ecgridCase, sfoxCase}, func(t *testing.T, v vendorCase, f *liar) {
		t.Helper()
		d := f.process(t)
		f.apply(t, d, d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
		isClosed := func() bool { return readEvidence(t, f.log).Summary().People[0].Closed }
		if v.has(f.mock, v.id) || !isClosed() {
			t.Fatal("the account is not closed")
		}
		time.Sleep(240 * time.Hour)
		v.add(f.mock)
		readOnly := func() *driver { return virtualDriver(t, f, attributes{"evidence_log": f.log, "read_only": true}) }
		p, _ := readOnly().planDestroy(readOnly().mustImport(v.kind, v.id))
		if after, _ := f.apply(t, readOnly(), p); after.gone() || isClosed() {
			t.Errorf("got gone %t, and a log that says closed %t, want neither", after.gone(), isClosed())
		}
	})
}
