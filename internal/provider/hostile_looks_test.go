package provider

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// killedAtCall applies a plan as a run that is killed when its call is about to leave: the vendor does
// nothing, and the log has the intent alone. The state is that from before.
func (f *liar) killedAtCall(t *testing.T, v vendorCase, d *driver, log string, p planned) {
	t.Helper()
	var then []byte
	f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
		if !v.changedBy(r, at) {
			return false
		}
		if then == nil {
			then, _ = os.ReadFile(log)
		}
		panic(http.ErrAbortHandler)
	}
	d.apply(t.Context(), p)
	f.answer = nil
	if err := os.WriteFile(log, then, 0o600); err != nil || then == nil {
		t.Fatalf("got %v and a log of %d bytes, want the one of a killed run", err, len(then))
	}
}

// A change names a new log and removes Ines. Its apply is killed before the call, and the change is
// taken back. Later looks, with the log of the state or without any, show the account open. The change
// comes again, and the key does not see the account.
func TestHostile_aLookWithTheLogOfTheStateRefutesTheCallOfAnotherLog(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ logged, refreshed, removed bool }{
		"an older log":                    {logged: true, refreshed: true},
		"an older log, without a refresh": {logged: true},
		"no evidence_log":                 {refreshed: true},
		"no evidence_log, no refresh":     {},
		"no evidence_log any more":        {refreshed: true, removed: true}, // the log has never begun
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
				settings, moved := attributes{"max_closures": 3}, f.log+".new"
				if test.logged {
					f.recordElsewhere(t, "x")
					settings["evidence_log"] = f.log
				}
				process := func() *driver { return virtualDriver(t, f, settings) }
				later := func() *driver { return virtualDriver(t, f, attributes{"evidence_log": moved}) }
				m := process().mustImport(v.kind, v.id)
				if test.removed {
					m, _ = process().read(later().mustImport(v.kind, v.id))
				}
				time.Sleep(time.Hour)
				d, seen := later(), m
				if test.refreshed {
					seen, _ = d.read(m)
				}
				f.killedAtCall(t, v, later(), moved, d.mustPlanDestroy(seen))
				time.Sleep(24 * time.Hour)
				m, _ = process().read(m)
				time.Sleep(24 * time.Hour)
				if again, _ := process().read(m); string(again.private) != string(m.private) {
					t.Errorf("got %s, want what was remembered before: %s", again.private, m.private)
				}
				f.wantUnexplained(t, v, later(), moved, m)
			})
		})
	}
}

// The look in between is that of an apply, which a guard refuses.
func TestHostile_anApplyWithTheLogOfTheStateRefutesTheCallOfAnotherLog(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		m := f.process(t).mustImport(v.kind, v.id)
		time.Sleep(time.Hour)
		moved := f.log + ".new"
		later := func() *driver { return virtualDriver(t, f, attributes{"evidence_log": moved}) }
		d := later()
		seen, _ := d.read(m)
		f.killedAtCall(t, v, later(), moved, d.mustPlanDestroy(seen))
		time.Sleep(24 * time.Hour)
		d = f.process(t)
		m, _ = d.read(m)
		p := d.mustPlanDestroy(m)
		d = virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{inesEmail}})
		m, diags := d.apply(t.Context(), p)
		if m.gone() || f.outcome(t).Result != evidence.RefusedByGuard {
			t.Fatalf("got gone %v and %q, want a refusal", m.gone(), diags.errors())
		}
		f.wantUnexplained(t, v, later(), moved, m)
	})
}

// A first run begins the log, and is killed at its call, which the vendor has taken. The run after that
// continues it, with the state that the first one had refreshed or with that from before.
func TestHostile_aKilledFirstRunStillExplainsAnAbsence(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{"a refreshed state": true, "the state from before": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, casesWhere(t, vendorCase.provenByAbsence), func(t *testing.T, v vendorCase, f *liar) {
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				d := f.process(t)
				seen, _ := d.read(m)
				f.killedAtCall(t, v, f.process(t), f.log, d.mustPlanDestroy(seen))
				v.vanish(f.mock)
				if kept {
					m = seen
				}
				d = f.process(t)
				m, _ = d.read(m)
				if after, diags := d.destroy(m); !after.gone() || f.outcome(t).Result != evidence.AlreadyClosed {
					t.Errorf("got gone %v, %q and %q, want the closure continued", after.gone(), f.outcome(t).Result, diags.errors())
				}
			})
		})
	}
}

// A run was killed before its call. A plan with another log, or without any, shows the account open:
// alone, or before its refresh, as Terraform 1.11 plans. Its apply cannot ask the vendor. What the
// plan showed refutes the call.
func TestHostile_aPlanWithAnotherLogRefutesACallThoughItsApplyCannotAsk(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ other, begun, refreshed bool }{
		"another log":                             {other: true, begun: true},
		"another log, and a refresh after it":     {other: true, begun: true, refreshed: true},
		"no evidence_log":                         {begun: true},
		"no evidence_log, and a refresh after it": {begun: true, refreshed: true},
		"no evidence_log, after a first run":      {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
				if test.begun {
					f.recordElsewhere(t, "x")
				}
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				d := f.process(t)
				m, _ = d.read(m)
				f.killedAtCall(t, v, f.process(t), f.log, d.mustPlanDestroy(m))
				time.Sleep(24 * time.Hour)
				settings := attributes{"max_closures": 3}
				if test.other {
					other := &liar{log: f.log + ".other"}
					other.recordElsewhere(t, "y")
					settings["evidence_log"] = other.log
				}
				d = virtualDriver(t, f, settings)
				p := d.mustPlanDestroy(m)
				if test.refreshed {
					d.read(m)
				}
				time.Sleep(time.Minute)
				f.answer = func(w http.ResponseWriter, _ *http.Request, _ string) bool { return say(w, 401, `{"error":"key"}`) }
				m, diags := virtualDriver(t, f, settings).apply(t.Context(), p)
				if m.gone() || diags.errors() == "" {
					t.Fatalf("got gone %v and %q, want an error", m.gone(), diags.errors())
				}
				f.wantUnexplained(t, v, f.process(t), f.log, m)
			})
		})
	}
}
