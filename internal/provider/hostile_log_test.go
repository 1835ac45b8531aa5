package provider

import (
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// A run is killed after its intent, and its call never left. The job that refreshes and plans has
// no copy of the log, so it names the same path and finds no file. It shows the account open. The
// job that applies the plan has the log, and its key does not see the account any more.
func TestHostile_aPlanWithoutTheFileOfTheLogInvalidatesAnOldCall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		v       vendorCase
		hidden  func(http.ResponseWriter, *http.Request, string) bool
		refresh bool // before the plan
	}{
		{"ecgrid", ecgridCase, withoutInes, true}, {"ecgrid, -refresh=false", ecgridCase, withoutInes, false},
		{"sfox", sfoxCase, sfoxOfAnotherPartner, true}, {"sfox, -refresh=false", sfoxCase, sfoxOfAnotherPartner, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, f := test.v, newLiar(t, test.v)
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				f.killed(t, v, m)
				time.Sleep(48 * time.Hour)
				f.moveLog(t, f.log, f.log+".aside")
				d := f.process(t)
				if test.refresh {
					m, _ = d.read(m)
				}
				p := d.mustPlanDestroy(m)
				time.Sleep(time.Hour)
				f.moveLog(t, f.log+".aside", f.log)
				f.answer = test.hidden
				after, diags := f.process(t).apply(t.Context(), p)
				if o := f.outcome(t); after.gone() || o.Result == evidence.AlreadyClosed {
					t.Errorf("got gone %v and %q by a call from before the plan showed the account; open: %v\n%s",
						after.gone(), o.Result, v.has(f.mock, v.id), diags.errors())
				}
			})
		})
	}
}

// moveLog takes the log away from a job, or gives it back.
func (f *liar) moveLog(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// The same, without a saved plan: the job without a copy of the log refreshes the state, and a
// later run does all the rest.
func TestHostile_aRefreshWithoutTheFileOfTheLogInvalidatesAnOldCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, f := ecgridCase, newLiar(t, ecgridCase)
		m := f.process(t).mustImport(v.kind, v.id)
		time.Sleep(time.Hour)
		f.killed(t, v, m)
		time.Sleep(48 * time.Hour)
		f.moveLog(t, f.log, f.log+".aside")
		m, _ = f.process(t).read(m)
		time.Sleep(time.Hour)
		f.moveLog(t, f.log+".aside", f.log)
		f.wantRefuted(t, m)
	})
}

// killed writes the intent of a run that was killed before its call.
func (f *liar) killed(t *testing.T, v vendorCase, m managed) {
	t.Helper()
	if _, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
		Account: evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m)},
		Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
		Seen: evidence.Seen{Look: m.remembered().Look},
	}); err != nil {
		t.Fatal(err)
	}
}

// A run was killed before its call. The next plan does not see the account, and its apply reads the
// account as open, says so, and refuses. Later the account is hidden again.
func TestHostile_anApplyThatReadTheAccountAsOpenInvalidatesAnOldCall(t *testing.T) {
	t.Parallel()
	for where, logged := range map[string]bool{"in the log": true, "in the state": false} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			openAtApply(t, logged)
		})
	}
}

func openAtApply(t *testing.T, logged bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v, f := ecgridCase, newLiar(t, ecgridCase)
		m := f.process(t).mustImport(v.kind, v.id)
		time.Sleep(time.Hour)
		if logged {
			f.killed(t, v, m)
		} else {
			m = m.withCall(offboard.Lost)
		}
		time.Sleep(time.Hour)
		f.answer = withoutInes
		m, _ = f.process(t).read(m)
		p := f.process(t).mustPlanDestroy(m)
		f.answer = nil
		m, diags := f.process(t).apply(t.Context(), p)
		if m.gone() || diags.errors() == "" || f.outcome(t).Result != evidence.RefusedByGuard {
			t.Fatalf("got gone %v and %q, want a refusal", m.gone(), diags.errors())
		}
		time.Sleep(48 * time.Hour)
		f.wantRefuted(t, m)
	})
}

// withCall is the user after a run whose closing call came so far.
func (m managed) withCall(call offboard.Call) managed {
	private, remembered := piecesOf(m.private), m.remembered()
	remembered.Progress.Call, remembered.Progress.Sent = call, "terminate"
	private[recordKey] = encode(remembered)
	m.private = encode(private)
	return m
}

// The ID was closed once, and the log proves it. It is imported again, for somebody of whom nothing
// is shown. A run is killed before its call. A call of the next run touches no record: nothing says
// whether the account ever existed.
func TestHostile_anOldProofIsNotTheAcceptedCallOfAKilledRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, f := skillableCase, newLiar(t, skillableCase)
		d := f.process(t)
		m, diags := d.destroy(d.mustImport(v.kind, v.id))
		if !m.gone() || f.outcome(t).Result != evidence.Closed {
			t.Fatalf("got %q, want a closed account", diags.errors())
		}
		time.Sleep(24 * time.Hour)
		m = f.process(t).mustImport(v.kind, v.id)
		time.Sleep(time.Hour)
		if _, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
			Account: evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m)},
			Action:  evidence.Close,
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		d = f.process(t)
		m, _ = d.read(m)
		after, diags := d.destroy(m)
		if o := f.outcome(t); o.Result != evidence.NotVisible {
			t.Errorf("got gone %v and %q with the proof %q, want that nothing was visible\n%s",
				after.gone(), o.Result, o.Proof, diags.warnings())
		}
	})
}

// A tainted user is planned to be replaced. The plan does not see the account, and so it only
// warns. Terraform gives the destroy of a tainted user no private data. The destroy is refused.
// What was remembered of the person must not be lost by that: the ID passes to somebody else.
func TestHostile_aRefusalWithoutAReviewForgetsNobody(t *testing.T) {
	t.Parallel()
	forEachWhere(t, func(v vendorCase) bool { return !v.kind.Indirect }, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		after, diags := d.apply(t.Context(), planned{m, nullOf(m), nullOf(m), nil})
		if after.gone() || diags.errors() == "" {
			t.Fatalf("got gone %v and %q, want a refusal", after.gone(), diags.errors())
		}
		v.rename(w.mock, v.id, "Otto Berg", "otto.berg@acme.test")
		d = newDriver(t, w, nil)
		after, _ = d.read(after)
		after, diags = d.destroy(after)
		if after.gone() || !v.has(w.mock, v.id) {
			t.Errorf("got Otto Berg closed under the address of Ines Varga, want a refusal: %s", diags.errors())
		}
	})
}
