package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// ownerOf is what the log calls the owner of the key that last saw an account.
func ownerOf(v vendorCase, m managed) string {
	if v.kind.KeyOwner == "" {
		return ""
	}
	return m.remembered().Key
}

// The run is killed after the closing call took effect, before it could write anything but its
// intent. The same saved plan is applied again.
func TestHostile_theSamePlanAppliedAgainGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		strict := attributes{"evidence_log": f.log, "strict_plan": true}
		m := virtualDriver(t, f, strict).mustImport(v.kind, v.id)
		p, _ := virtualDriver(t, f, attributes{"evidence_log": f.log}).planDestroy(m)
		time.Sleep(time.Minute)
		account := evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m)}
		_, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
			Account: account, Email: inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
			Seen: evidence.Seen{Plan: managed{private: p.private}.remembered().Review.At},
		})
		if err != nil {
			t.Fatal(err)
		}
		v.drop(f.mock, v.id)
		time.Sleep(time.Minute)
		after, _ := virtualDriver(t, f, strict).apply(t.Context(), p)
		if o := f.outcome(t); !after.gone() || o.Result != evidence.AlreadyClosed {
			t.Errorf("got gone %v and %q, want that the killed run's call explains the absence",
				after.gone(), o.Result)
		}
	})
}

// The run is killed after the closing call took effect, before it could write more than its intent.
// Under strict_plan the next plan has to find in the log what explains the absence.
func TestHostile_strictPlanGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		strict := attributes{"evidence_log": f.log, "strict_plan": true}
		m := virtualDriver(t, f, strict).mustImport(v.kind, v.id)
		time.Sleep(time.Minute)
		if _, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
			Account: evidence.Account{
				Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m),
			},
			Email: inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
			Seen: evidence.Seen{Look: m.remembered().Look},
		}); err != nil {
			t.Fatal(err)
		}
		v.drop(f.mock, v.id)
		time.Sleep(time.Minute)
		d := virtualDriver(t, f, strict)
		m, _ = d.read(m)
		after, _ := d.destroy(m)
		if o := f.outcome(t); !after.gone() || o.Result != evidence.AlreadyClosed {
			t.Errorf("got gone %v and %q, want that the intent in the log explains the absence",
				after.gone(), o.Result)
		}
	})
}

// The answers to the closing call are lost, and the run itself reads the account as open after the
// last of them, and says so. Days later the key does not see the account any more.
func TestHostile_aCallAfterWhichTheRunSawTheAccountOpenExplainsNoAbsence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v      vendorCase
		hidden func(http.ResponseWriter, *http.Request, string) bool
	}{{ecgridCase, withoutInes}, {sfoxCase, sfoxOfAnotherPartner}} {
		t.Run(test.v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, test.v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(test.v.kind, test.v.id))
				f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
					if r.Method == http.MethodDelete {
						panic(http.ErrAbortHandler)
					}
					return false
				}
				m, diags := d.apply(t.Context(), p)
				if m.gone() || !strings.Contains(diags.errors(), "is still open, as far as") {
					t.Fatalf("gone %v, errors %q, want an account that is still open", m.gone(), diags.errors())
				}
				time.Sleep(48 * time.Hour)
				f.answer = test.hidden
				d = f.process(t)
				m, _ = d.read(m)
				d.destroy(m)
				o := f.outcome(t)
				if o.Result == evidence.AlreadyClosed {
					t.Errorf("%q by calls after which the account was seen open; open: %v",
						o.Result, test.v.has(f.mock, test.v.id))
				}
			})
		})
	}
}

// The state is restored from a backup of before the closing, which the log proves.
func TestHostile_aRestoredStateFindsTheProvenClosingInTheLog(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		for _, strict := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s strict_plan %v", v.kind.name, strict), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					settings := attributes{"evidence_log": f.log, "strict_plan": strict}
					backup := virtualDriver(t, f, settings).mustImport(v.kind, v.id)
					time.Sleep(time.Hour)
					after, diags := virtualDriver(t, f, settings).destroy(backup)
					if !after.gone() || f.outcome(t).Result != evidence.Closed {
						t.Fatalf("gone %v result %q errors %q", after.gone(), f.outcome(t).Result, diags.errors())
					}
					time.Sleep(time.Hour)
					d := virtualDriver(t, f, settings)
					m, _ := d.read(backup)
					after, _ = d.destroy(m)
					if !after.gone() || f.outcome(t).Result != evidence.AlreadyClosed {
						t.Errorf("got gone %v and %q, want that the log explains the absence",
							after.gone(), f.outcome(t).Result)
					}
				})
			})
		}
	}
}
