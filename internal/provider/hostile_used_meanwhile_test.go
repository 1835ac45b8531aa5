package provider

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// planForTwoJobs returns a plan that another job uses while the first read of this one is on its way.
// then is called at that read, and calls closed at the moment at which the other job closes.
func (f *liar) planForTwoJobs(
	t *testing.T, v vendorCase, then func(w http.ResponseWriter, r *http.Request, closed func()) bool,
) planned {
	t.Helper()
	d := f.process(t)
	p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
	time.Sleep(time.Minute)
	first := true
	f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
		if !first || !strings.Contains(at+r.URL.RawQuery, v.id) {
			return false
		}
		first = false
		return then(w, r, func() {
			if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
				t.Errorf("got %q, want a closure by the other job", diags.errors())
			}
		})
	}
	return p
}

// reopened has somebody open the account again after the other job has closed it.
func (f *liar) reopened(v vendorCase) func(http.ResponseWriter, *http.Request, func()) bool {
	return func(_ http.ResponseWriter, _ *http.Request, closed func()) bool {
		closed()
		time.Sleep(5 * time.Second)
		v.put(f.mock, v.id, inesName, inesEmail)
		return false
	}
}

// Two jobs apply the same saved plan at once: the pipeline retries, and the backend has no lock. The
// second job has read the log, and waits for the vendor's answer. Meanwhile the first one closes the
// account, and somebody opens it again. The second job then reads the account as open.
func TestHostile_aPlanThatAnotherJobUsesAfterTheLogWasReadClosesNobody(t *testing.T) {
	t.Parallel()
	for name, logged := range map[string]bool{"with a log": true, "whose plan found no log": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
				if logged {
					f.recordElsewhere(t, "x")
				}
				p := f.planForTwoJobs(t, v, f.reopened(v))
				after, diags := f.process(t).apply(t.Context(), p)
				f.wantRefusal(t, v, after, diags)
				if o := f.outcome(t); o.Guard != "review" || o.Result != evidence.RefusedByGuard {
					t.Errorf("got %q by %q, want a refusal by the review", o.Result, o.Guard)
				}
				if !proven(t, f.log, v, p.prior) {
					t.Error("got the proof of the other job refuted, by a reading that may be older")
				}
			})
		})
	}
}
