package provider

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// Another job closes the account while the answer to the read of this one, which shows it open, is on
// its way. A guard of this job refuses. Its record, which comes later, must not undo the proof.
func TestHostile_aGuardRefutesNoProofOfAnotherJob(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		p := f.planForTwoJobs(t, v, func(w http.ResponseWriter, r *http.Request, closed func()) bool {
			old := httptest.NewRecorder()
			f.mock.ServeHTTP(old, r)
			closed()
			maps.Copy(w.Header(), old.Header())
			w.WriteHeader(old.Code)
			_, _ = w.Write(old.Body.Bytes())
			return true
		})
		second := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{inesEmail}})
		after, diags := second.apply(t.Context(), p)
		if o := f.outcome(t); after.gone() || o.Guard != "never_close" {
			t.Errorf("got gone %v, guard %q and %q, want it refused by never_close", after.gone(), o.Guard, diags.errors())
		}
		if v.has(f.mock, v.id) {
			t.Fatal("account is open in the mock")
		}
		if !proven(t, f.log, v, p.prior) {
			t.Error("the proof of the first job is refuted by an older reading")
		}
	})
}

// Another job closes the account with the same plan, and somebody opens it again. This job reads it
// open and is refused. A later absence is not the work of the other job's call.
func TestHostile_anAccountThatIsOpenAfterAnotherJobIsNotClosedByIt(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		p := f.planForTwoJobs(t, v, f.reopened(v))
		after, diags := f.process(t).apply(t.Context(), p)
		f.wantRefusal(t, v, after, diags)
		time.Sleep(time.Hour)
		v.vanish(f.mock)
		d := f.process(t)
		after, _ = d.read(after)
		q, _ := d.planDestroy(after)
		_, diags = f.process(t).apply(t.Context(), q)
		if o := f.outcome(t); o.Result == evidence.AlreadyClosed {
			t.Errorf("got %q with the proof %q and %q, want no proof", o.Result, o.Proof, diags.errors())
		}
	})
}

// The answer to the call is lost. The last look of the run finds nothing at first, and its second read
// shows the account open. So the call explains no later absence.
func TestHostile_theSecondReadOfTheLastLookShowsTheAccountOpen(t *testing.T) {
	t.Parallel()
	forEachLiar(t, []vendorCase{sfoxCase}, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		sent, reads := false, 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if v.changedBy(r, at) {
				sent = true
				return say(w, 502, "bad gateway")
			}
			if !sent || r.Method != "GET" || !strings.HasSuffix(at, v.id) {
				return false
			}
			reads++
			switch reads {
			case 1:
				return say(w, 403, `{"success":false}`)
			case 2:
				v.vanish(f.mock)
				f.mock.ServeHTTP(w, r)
				v.put(f.mock, v.id, inesName, inesEmail)
				return true
			}
			return false
		}
		after, diags := f.apply(t, d, p)
		o := f.outcome(t)
		if o.Result != evidence.Failed {
			t.Errorf("got %q and %q, want a closure that failed", o.Result, diags.errors())
		}
		f.answer = nil
		time.Sleep(time.Hour)
		v.vanish(f.mock)
		m, _ := f.process(t).read(after)
		q, _ := f.process(t).planDestroy(m)
		_, diags = f.process(t).apply(t.Context(), q)
		if o = f.outcome(t); o.Result == evidence.AlreadyClosed {
			t.Errorf("got %q with the proof %q and %q, want no proof", o.Result, o.Proof, diags.errors())
		}
	})
}
