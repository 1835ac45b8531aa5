package provider

import (
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// One account is in the state at two addresses. The first closure of the run is proven, or finds the
// account closed already. The account is opened again before the second closure begins. No reviewer
// has seen that, at neither address.
func TestHostile_anAccountReopenedBetweenTwoAddressesStaysOpen(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]struct{ logged, closed bool }{
		"closed, with a log": {true, false}, "closed, without a log": {false, false},
		"closed already, with a log": {true, true}, "closed already, without a log": {false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
				settings := attributes{}
				if first.logged {
					settings["evidence_log"] = f.log
				}
				d := virtualDriver(t, f, settings)
				m := d.mustImport(v.kind, v.id)
				p, q := d.mustPlanDestroy(m), d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				d = virtualDriver(t, f, settings)
				if first.closed {
					v.drop(f.mock, v.id)
				}
				if one, diags := d.apply(t.Context(), p); !one.gone() && !first.closed {
					t.Fatal(diags.errors())
				}
				time.Sleep(5 * time.Minute)
				v.put(f.mock, v.id, inesName, inesEmail)
				after, diags := d.apply(t.Context(), q)
				f.wantRefusal(t, v, after, diags)
			})
		})
	}
}

// The same with users who are only suspended.
func TestHostile_aUserWhoIsActiveAgainBetweenTwoAddressesStaysActive(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	forEachLiar(t, []vendorCase{v}, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		block, _ := d.planBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "on_destroy": onDestroyBlock})
		m, _ := d.apply(t.Context(), block)
		d = f.process(t)
		p, q := d.mustPlanDestroy(m), d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		d = f.process(t)
		if one, _ := d.apply(t.Context(), p); !one.gone() || f.outcome(t).Result != evidence.Suspended {
			t.Fatalf("got gone %v and %q, want a suspended user", one.gone(), f.outcome(t).Result)
		}
		time.Sleep(5 * time.Minute)
		v.put(f.mock, v.id, inesName, inesEmail)
		if after, diags := d.apply(t.Context(), q); after.gone() || f.outcome(t).Result != evidence.RefusedByGuard {
			t.Errorf("got gone %v and %q, want a refusal: %s", after.gone(), f.outcome(t).Result, diags.warnings())
		}
	})
}
