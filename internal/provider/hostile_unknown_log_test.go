package provider

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// refuses makes the vendor refuse the closing call.
func (f *liar) refuses(v vendorCase) {
	f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
		return isAt(v.closing, r, path) &&
			say(w, http.StatusUnprocessableEntity, `{"error":"not now","success":false,"Status":0,"Error":"no"}`)
	}
}

// afterARefusedCall is the state after a closure whose call the vendor refused. Its plan had these
// settings.
func (f *liar) afterARefusedCall(t *testing.T, v vendorCase, settings attributes) managed {
	t.Helper()
	d := virtualDriver(t, f, settings)
	p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
	f.refuses(v)
	time.Sleep(time.Minute)
	m, diags := f.process(t).apply(t.Context(), p)
	if m.gone() || f.outcome(t).Result != evidence.Failed {
		t.Fatalf("got gone %v and %q, want a refused call: %s", m.gone(), f.outcome(t).Result, diags.errors())
	}
	f.answer = nil
	time.Sleep(time.Hour)
	return m
}

// The reason is "run of ${timestamp()}", which no plan knows. The vendor refuses the first closing
// call. The retry is planned and applied in the same way, and must close the account.
func TestHostile_anUnknownReasonRefusesNoRetry(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		settings := attributes{"evidence_log": f.log, "reason": tftypes.UnknownValue}
		m := f.afterARefusedCall(t, v, settings)
		d := virtualDriver(t, f, settings)
		m, _ = d.read(m)
		p, diags := d.planDestroy(m)
		if text := diags.warnings(); strings.Contains(text, "path is not known") {
			t.Errorf("got %q, want no word of a path that is not known", text)
		}
		if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
			t.Errorf("got %q, want a closure", diags.errors())
		}
	})
}

// The same where the path of the log is not known. The plan warns. The apply refuses, and says why.
// A plan that knows the path helps.
func TestHostile_aPlanThatDoesNotKnowThePathOfTheLogSaysSo(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		settings := attributes{"evidence_log": tftypes.UnknownValue}
		m := f.afterARefusedCall(t, v, settings)
		d := virtualDriver(t, f, settings)
		m, _ = d.read(m)
		p, diags := d.planDestroy(m)
		if text := diags.warnings(); !strings.Contains(text, "its path is not known") || !strings.Contains(text, knownLog) {
			t.Errorf("got %q, want a warning of a path that is not known", text)
		}
		m, diags = f.process(t).apply(t.Context(), p)
		text := diags.errors()
		if m.gone() || !strings.Contains(text, "the plan did not read the log") || !strings.Contains(text, knownLog) {
			t.Fatalf("got gone %v and %q, want that the plan did not read the log", m.gone(), text)
		}
		d = f.process(t)
		m, _ = d.read(m)
		if after, diags := d.apply(t.Context(), d.mustPlanDestroy(m)); !after.gone() {
			t.Errorf("after the advice: got %q, want a closure", diags.errors())
		}
	})
}

// The log of the plan is moved away, and another one is at its path. The message says to put the
// file back and to plan again, which must help.
func TestHostile_theAdviceForAnotherLogHelps(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.moveLog(t, f.log, f.log+".aside")
		f.recordElsewhere(t, "y")
		m, diags := f.process(t).apply(t.Context(), p)
		text := diags.errors()
		if m.gone() || !strings.Contains(text, "evidence log changed") || strings.Contains(text, "pply again") {
			t.Fatalf("got gone %v and %q, want to plan again: a refusal changes the state", m.gone(), text)
		}
		f.moveLog(t, f.log+".aside", f.log)
		d = f.process(t)
		m, _ = d.read(m)
		if after, diags := d.apply(t.Context(), d.mustPlanDestroy(m)); !after.gone() {
			t.Errorf("after the advice: got %q, want a closure", diags.errors())
		}
	})
}

// The first plan finds no log. Its apply is killed after it wrote its intent, and the saved plan is
// applied again. The log is the right one, and the message must not blame it.
func TestHostile_aKilledFirstRunIsNotCalledAnotherLog(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		f.killed(t, v, m)
		time.Sleep(time.Hour)
		m, diags := f.process(t).apply(t.Context(), p)
		text := diags.errors()
		if m.gone() || !strings.Contains(text, "the plan may be used already") || strings.Contains(text, "log changed") {
			t.Fatalf("got gone %v and %q, want that the plan may be used", m.gone(), text)
		}
		d = f.process(t)
		m, _ = d.read(m)
		if after, diags := d.apply(t.Context(), d.mustPlanDestroy(m)); !after.gone() {
			t.Errorf("after the advice: got %q, want a closure", diags.errors())
		}
	})
}
