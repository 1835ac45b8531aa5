package provider

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// The vendor refuses the closing call with HTTP 422, so that nothing was done. The outcome cannot
// be written, because another process holds the log. Later the account is not visible. No call
// explains that: the state of the run that made it knows that it was refused.
func TestHostile_aRefusedCallThatCouldNotBeRecordedExplainsNoAbsence(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		refused := false
		f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
			if !v.changedBy(r, path) {
				return false
			}
			if !refused {
				f.holdLog(t, time.Minute)
			}
			refused = true
			return say(w, http.StatusUnprocessableEntity, `{"error":"not now","message":"not now"}`)
		}
		time.Sleep(time.Minute)
		m, diags := f.process(t).apply(t.Context(), p)
		if m.gone() || !refused || !strings.Contains(diags.errors(), "not recorded") {
			t.Fatalf("got gone %v, %s", m.gone(), diags.errors())
		}
		f.answer = nil
		time.Sleep(time.Hour)
		v.vanish(f.mock)
		d = f.process(t)
		m, _ = d.read(m)
		p = d.mustPlanDestroy(m)
		after, diags := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); o.Result == evidence.AlreadyClosed || o.Result == evidence.Closed {
			t.Errorf("got gone %v, %q, proof %q, want not visible\n%s%s", after.gone(), o.Result, o.Proof, diags.errors(),
				diags.warnings())
		}
	})
}

// The answer to the closing call is lost, and the vendor fails until the time is up. The last look
// of the run then reads the account as open: the lost call had its time. The state of the run is
// lost, so that the log alone tells of it. Later the account is not visible.
func TestHostile_theLogKnowsThatTheLastLookReadTheAccountAsOpen(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		m := d.setTimeout(d.mustImport(v.kind, v.id), "30s")
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		begun := time.Now()
		sent := false
		f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
			if isAt(v.closing, r, path) {
				sent = true
				return say(w, 503, `upstream`)
			}
			return sent && time.Since(begun) < 30*time.Second && say(w, 503, `upstream`)
		}
		after, diags := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); after.gone() || o.Result != evidence.Failed || o.Sent != evidence.Lost ||
			strings.Contains(diags.errors(), "could not be read") {
			t.Errorf("got gone %v, %q and %q, want an account that is open after a lost call: %s", after.gone(), o.Result,
				o.Sent, diags.errors())
		}
		f.answer = nil
		time.Sleep(time.Hour)
		v.vanish(f.mock)
		d = f.process(t)
		m, _ = d.read(m) // the state from before the run
		p = d.mustPlanDestroy(m)
		after, diags = f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); o.Result == evidence.AlreadyClosed || o.Result == evidence.Closed {
			t.Errorf("got gone %v, %q, proof %q, want not visible\n%s%s", after.gone(), o.Result, o.Proof, diags.errors(),
				diags.warnings())
		}
	})
}

// Another process holds the log for five seconds. The timeout of one closure ends meanwhile. That
// says nothing of the log: the next closure of the same run has ten minutes, and must wait and be
// made.
func TestHostile_theTimeoutOfOneClosureMakesTheLogUnreadableForNoOther(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		one := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.other), "1s"))
		two := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.holdLog(t, 5*time.Second)
		d = f.process(t)
		if after, diags := d.apply(t.Context(), one); after.gone() || !strings.Contains(diags.errors(), "log") {
			t.Fatalf("got gone %v, %q, want the timeout of one second", after.gone(), diags.errors())
		}
		if after, diags := d.apply(t.Context(), two); !after.gone() {
			t.Errorf("got %q, want a closure: it has ten minutes, and the log is free after four seconds", diags.errors())
		}
	})
}

// Another process holds the log, and a person interrupts the run that waits for it. The file can be
// written, so that no message may say to make it so.
func TestHostile_anInterruptedWaitForTheLogBlamesNoFile(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.holdLog(t, time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		after, diags := f.process(t).apply(ctx, p)
		text := diags.errors()
		if after.gone() || strings.Contains(text, "writable") || !strings.Contains(text, "interrupted") {
			t.Errorf("got gone %v and %q, want that the run was interrupted", after.gone(), text)
		}
		time.Sleep(time.Minute)
	})
}

// The intent is in the log, but writing it ended in an error: the disk failed, and the file could not
// be cut back. No call left. Later the account is not visible.
func TestHostile_anIntentThatCouldNotBeWrittenExplainsNoAbsence(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		p := d.mustPlanDestroy(m)
		failed := false
		f.answer = func(http.ResponseWriter, *http.Request, string) bool {
			if !failed { // the first request after the log was read
				f.killed(t, v, m)
				f.holdLog(t, time.Minute)
			}
			failed = true
			return false
		}
		m, diags := f.process(t).apply(t.Context(), p)
		if m.gone() || !strings.Contains(diags.errors(), "cannot write the evidence log") || !v.has(f.mock, v.id) {
			t.Fatalf("got gone %v and %q, want an intent that cannot be written", m.gone(), diags.errors())
		}
		f.answer = nil
		time.Sleep(time.Hour)
		v.vanish(f.mock)
		d = f.process(t)
		m, _ = d.read(m)
		p = d.mustPlanDestroy(m)
		after, _ := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); o.Result != evidence.NotVisible {
			t.Errorf("got gone %v, %q, proof %q, want not visible", after.gone(), o.Result, o.Proof)
		}
	})
}

// holdLog holds the lock of the log for some time, as another process does.
func (f *liar) holdLog(t *testing.T, long time.Duration) {
	t.Helper()
	time.AfterFunc(long, holdLog(t, f.log))
}

// The vendor refuses the call of the first address, and its outcome cannot be written. Then the key
// does not see the account. At the second address, the open intent in the log explains nothing: this
// run knows better how its call ended.
func TestHostile_aRefusedCallThatIsNotRecordedExplainsNothingAtTheSecondAddress(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		first, second := d.mustPlanDestroy(m), d.mustPlanDestroy(m)
		refused := false
		f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
			if !v.changedBy(r, path) {
				return false
			}
			if !refused {
				f.holdLog(t, time.Minute)
			}
			refused = true
			return say(w, http.StatusUnprocessableEntity, `{"error":"not now","message":"not now"}`)
		}
		time.Sleep(time.Minute)
		d = f.process(t)
		if after, diags := d.apply(t.Context(), first); after.gone() || !strings.Contains(diags.errors(), "not recorded") {
			t.Fatalf("got gone %v and %q, want a refusal that is not recorded", after.gone(), diags.errors())
		}
		time.Sleep(time.Minute)
		v.vanish(f.mock)
		after, diags := d.apply(t.Context(), second)
		if o := f.outcome(t); after.gone() || o.Result.Done() {
			t.Errorf("got gone %v, %q and the proof %q, want not visible: %s", after.gone(), o.Result, o.Proof, diags.errors())
		}
	})
}
