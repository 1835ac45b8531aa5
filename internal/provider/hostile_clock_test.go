package provider

import (
	"testing"
	"testing/synctest"
	"time"
)

// A run is killed before its call, on a machine whose clock is ten minutes ahead. Then a job whose
// clock is right reads the account as open: it has no copy of the log, or no evidence_log at all.
// Later the key does not see the account. No call left after the account was seen open.
func TestHostile_aKilledRunOfAClockThatIsAheadExplainsNothingAfterALookWithoutTheLog(t *testing.T) {
	t.Parallel()
	for name, without := range map[string]func(t *testing.T, f *liar) *driver{
		"with the log":    func(t *testing.T, f *liar) *driver { return f.process(t) },
		"no evidence_log": func(t *testing.T, f *liar) *driver { return virtualDriver(t, f, nil) },
		"no file": func(t *testing.T, f *liar) *driver {
			return virtualDriver(t, f, attributes{"evidence_log": f.log + ".none"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m managed
			f := newLiar(t, ecgridCase)
			synctest.Test(t, func(t *testing.T) {
				m = f.process(t).mustImport(ecgridKind, ecgridCase.id)
				time.Sleep(10 * time.Minute)
				f.killed(t, ecgridCase, m)
			})
			synctest.Test(t, func(t *testing.T) { // begins at the same time as the first one
				time.Sleep(time.Minute)
				m, _ = without(t, f).read(m)
			})
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour)
				f.wantRefuted(t, m)
			})
		})
	}
}

// The same, with a saved plan of the job without the file, which shows the account open, and which a
// job with the log applies.
func TestHostile_aKilledRunOfAClockThatIsAheadExplainsNothingAfterAPlanWithoutTheLog(t *testing.T) {
	t.Parallel()
	var m managed
	var p planned
	f := newLiar(t, ecgridCase)
	synctest.Test(t, func(t *testing.T) {
		m = f.process(t).mustImport(ecgridKind, ecgridCase.id)
		time.Sleep(10 * time.Minute)
		f.killed(t, ecgridCase, m)
	})
	f.moveLog(t, f.log, f.log+".aside")
	synctest.Test(t, func(t *testing.T) { // begins at the same time as the first one
		time.Sleep(time.Minute)
		p = f.process(t).mustPlanDestroy(m) // -refresh=false
	})
	f.moveLog(t, f.log+".aside", f.log)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		f.answer = withoutInes
		after, _ := f.apply(t, f.process(t), p)
		if o := f.outcome(t); after.gone() || o.Result.Done() {
			t.Errorf("got %q, and the plan showed the account open after the call: %s", o.Result, o.Proof)
		}
	})
}
