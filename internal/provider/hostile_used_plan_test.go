package provider

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// usedPlan returns a plan that has closed the account of Ines. Somebody opens it again a day later.
func (f *liar) usedPlan(t *testing.T, v vendorCase) planned {
	t.Helper()
	d := f.process(t)
	p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
	time.Sleep(time.Minute)
	if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
		t.Fatalf("got %q, want a closure", diags.errors())
	}
	time.Sleep(24 * time.Hour)
	v.put(f.mock, v.id, inesName, inesEmail)
	return p
}

// The clock of the machine that plans is two minutes ahead of the one that applies. The plan is
// used: the log of the apply tells of a closure that the plan did not know. The account is opened
// again. The same plan is applied again with the state from before. The guard needs no clock to
// tell: the last closure in the log is another one than the plan has noted.
func TestHostile_aPlanOfAClockThatIsAheadClosesNobodyTwice(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			f := newLiar(t, v)
			var p planned
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour)
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(2 * time.Minute) // this machine is so much ahead
				d := f.process(t)
				m, _ = d.read(m)
				p = d.mustPlanDestroy(m)
			})
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour + time.Minute)
				after, diags := f.process(t).apply(t.Context(), p)
				if !after.gone() || f.outcome(t).Result != evidence.Closed {
					t.Fatalf("got %q, want a proven closure", diags.errors())
				}
				time.Sleep(24 * time.Hour)
				v.put(f.mock, v.id, inesName, inesEmail)
				after, diags = f.process(t).apply(t.Context(), p)
				f.wantRefusal(t, v, after, diags)
			})
		})
	}
}

// The plan has read the log. A closure has used the plan, and the account is open again. The job
// that runs once more has the plan and the state from before, and the file of the log is not there:
// its cache was not restored. Nothing tells whether a closure has used the plan.
func TestHostile_aLogThatIsGoneSinceThePlanIsNoPermissionToUseItTwice(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		p := f.usedPlan(t, v)
		if err := os.Remove(f.log); err != nil {
			t.Fatal(err)
		}
		after, diags := f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}

// An obstacle refuses the closure: no call leaves, and the state is as it was, so that the saved
// plan is not stale. It is cleared, and the
// same plan is applied again. No closure has used it, so that nothing may say that there was one
// since the plan.
func TestHostile_anObstacleDoesNotUseThePlanUp(t *testing.T) {
	t.Parallel()
	v := sfoxCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		v.obstruct(f.mock, v.id)
		time.Sleep(time.Minute)
		after, diags := f.process(t).apply(t.Context(), p)
		const again = "run plan and apply again"
		if after.gone() || f.outcome(t).Result != evidence.Refused || !strings.Contains(diags.errors(), again) ||
			!after.state.Equal(p.prior.state) ||
			string(after.private) != string(p.prior.private) {
			t.Fatalf("got gone %v, %q, want an obstacle that changes no state: %s", after.gone(), f.outcome(t).Result,
				diags.errors())
		}
		v.put(f.mock, v.id, inesName, inesEmail) // at zero balance
		if after, diags = f.process(t).apply(t.Context(), p); !after.gone() {
			t.Errorf("got %q, want a closure: no closing call has left since the plan", diags.errors())
		}
	})
}

// recordElsewhere writes a closure of another account, so that there is a log.
func (f *liar) recordElsewhere(t *testing.T, id string) {
	t.Helper()
	intent := evidence.Intent{
		Account: evidence.Account{
			Vendor: "ecgrid",
			Tenant: "elsewhere.test",
			ID:     id,
		},
		Status: "active",
		Action: evidence.Close,
	}
	if err := evidence.New(f.log).Record(t.Context(), intent, evidence.Outcome{Result: evidence.Closed}); err != nil {
		t.Fatal(err)
	}
}

// The same with another log at the path of the first one.
func TestHostile_anotherLogThanThatOfThePlanIsNoPermissionToUseItTwice(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		p := f.usedPlan(t, v)
		_ = os.Remove(f.log)
		f.recordElsewhere(t, "y")
		after, diags := f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}

// A plan is made with -lock=false while a closure is at work, and shows the account open. Then the
// closure ends and is proven, and the account is opened again. The log tells of a closure that
// ended after the plan.
func TestHostile_aPlanMadeDuringAClosureIsUsedUpByItsEnd(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		log := evidence.New(f.log)
		time.Sleep(time.Hour)
		entry, err := log.Begin(t.Context(), evidence.Intent{
			Account: evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m)},
			Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		d = f.process(t)
		m, _ = d.read(m)
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		v.drop(f.mock, v.id)
		if err := entry.End(t.Context(), evidence.Outcome{Result: evidence.Closed, Proof: "x"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		after, diags := f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}

// The plan shows the person. Somebody else closes the account. The closing call of the apply
// leaves, and ends as not visible. The account is opened again, and the same plan is applied again
// with the state from before.
func TestHostile_aCallThatClosedNothingUsesThePlanUp(t *testing.T) {
	t.Parallel()
	v := skillableCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		v.drop(f.mock, v.id)
		time.Sleep(time.Minute)
		after, diags := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); !after.gone() || o.Result != evidence.NotVisible {
			t.Fatalf("got gone %v, %q: %s", after.gone(), o.Result, diags.errors())
		}
		time.Sleep(24 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		after, diags = f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}

// The path of the log comes from a resource that the same apply makes, so that the plan could not
// read the log.
func TestHostile_aLogThatNeitherPlanNorApplyCouldReadIsNoPermission(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		m := f.process(t).mustImport(v.kind, v.id)
		d := virtualDriver(t, f, attributes{"evidence_log": tftypes.UnknownValue})
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
			t.Fatalf("got %q, want a closure", diags.errors())
		}
		time.Sleep(24 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		f.holdLog(t, 31*time.Second)
		after, diags := f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
	})
}
