package provider

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
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

// The call of this job has to wait, or its answer is lost. Meanwhile another job closes the account
// with a plan of its own, and somebody opens it again. The look after the wait shows the account as it
// was reviewed, and only the log tells that nobody has reviewed it since.
func TestHostile_aCallThatWaitsWhileAnotherJobClosesDoesNotFollow(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"a call that waits": 429, "a call whose answer is lost": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
				d := f.process(t)
				m := d.mustImport(v.kind, v.id)
				p := d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				taken := false
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					if taken || !v.changedBy(r, at) {
						return false
					}
					taken = true
					d := f.process(t)
					m, _ := d.read(m)
					if after, diags := f.process(t).apply(t.Context(), d.mustPlanDestroy(m)); !after.gone() {
						t.Errorf("got %q, want a closure by the other job", diags.errors())
					}
					v.put(f.mock, v.id, inesName, inesEmail)
					if status == 0 {
						panic(http.ErrAbortHandler)
					}
					w.Header().Set("Retry-After", "60")
					return say(w, status, `{}`)
				}
				after, diags := f.process(t).apply(t.Context(), p)
				if after.gone() || diags.errors() == "" || !v.has(f.mock, v.id) {
					t.Errorf("got gone %v, open %v and %q, want that no call follows the one of the other job",
						after.gone(), v.has(f.mock, v.id), diags.errors())
				}
				if status != 0 && !proven(t, f.log, v, m) {
					t.Error("got the proof of the other job refuted, by a reading that may be older")
				}
			})
		})
	}
}

// The call has to wait, and the log cannot be read after that. It could tell of another closure, so no
// call follows.
func TestHostile_aCallThatWaitsWhileTheLogIsLostDoesNotFollow(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.delaysTheCall(t, v, func() {
			f.moveLog(t, f.log, f.log+".aside")
			if err := os.Mkdir(f.log, 0o700); err != nil {
				t.Error(err)
			}
		})
		after, diags := f.process(t).apply(t.Context(), p)
		if after.gone() || !v.has(f.mock, v.id) ||
			!strings.Contains(diags.errors(), "could not be read again before the call") {
			t.Errorf("got gone %v, open %v and %q, want an error and no call", after.gone(), v.has(f.mock, v.id), diags.errors())
		}
	})
}

// A run was killed before its call, and the plan does not see the account, which the call explains.
// While the apply waits for its first answer, another job reads the account as open, and a guard refuses
// it there: the log tells that the call did nothing. The answers of this job still do not show the
// account. What it read of the log is older than that record.
func TestHostile_aRecordThatComesAfterTheLogWasReadRefutesTheCall(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]offboard.Call{
		"a killed run": "", "an accepted call, and an empty list": offboard.Accepted,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, casesWhere(t, vendorCase.provenByAbsence), func(t *testing.T, v vendorCase, f *liar) {
				f.recordElsewhere(t, "x")
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				f.begins(t, v, m, call)
				q := f.process(t).mustPlanDestroy(m)
				v.vanish(f.mock)
				if call == offboard.Accepted {
					v.drop(f.mock, v.other)
				}
				d := f.process(t)
				blind, _ := d.read(m)
				p := d.mustPlanDestroy(blind)
				f.answer = func(http.ResponseWriter, *http.Request, string) bool {
					f.answer = nil
					v.put(f.mock, v.id, inesName, inesEmail)
					other := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{inesEmail}})
					if after, _ := other.apply(t.Context(), q); after.gone() || f.outcome(t).Result != evidence.RefusedByGuard {
						t.Errorf("got gone %v and %q, want a refusal of the other job", after.gone(), f.outcome(t).Result)
					}
					v.vanish(f.mock)
					return false
				}
				after, diags := f.process(t).apply(t.Context(), p)
				if o := f.outcome(t); after.gone() || o.Result.Done() || diags.errors() == "" {
					t.Errorf(
						"got gone %v, %q and the proof %q, want an error: the log refutes the call",
						after.gone(),
						o.Result,
						o.Proof,
					)
				}
			})
		})
	}
}

// begins writes what a run leaves in the log that was killed at its call, or whose call was accepted
// and not proven.
func (f *liar) begins(t *testing.T, v vendorCase, m managed, call offboard.Call) {
	t.Helper()
	f.killed(t, v, m)
	if call != offboard.Accepted {
		return
	}
	intent := readEvidence(t, f.log).Closures[1].Intent
	o := evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted, Error: "no proof"}
	if err := evidence.New(f.log).Record(t.Context(), intent, o); err != nil {
		t.Fatal(err)
	}
}
