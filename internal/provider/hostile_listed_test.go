package provider

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// hidesFromReads has no read of the account show it, while the list shows it open.
func (f *liar) hidesFromReads(v vendorCase) {
	f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
		if r.Method != http.MethodGet || !strings.HasSuffix(at, "/"+v.id) {
			return false
		}
		v.vanish(f.mock)
		f.mock.ServeHTTP(w, r)
		v.put(f.mock, v.id, inesName, inesEmail)
		return true
	}
}

// wantUnexplained takes the account out of sight, and destroys the user with the settings of d. It
// fails the test if an earlier call explains that: the account was shown open after the call.
func (f *liar) wantUnexplained(t *testing.T, v vendorCase, d *driver, log string, m managed) {
	t.Helper()
	f.answer = nil
	time.Sleep(24 * time.Hour)
	v.vanish(f.mock)
	m, _ = d.read(m)
	p, diags := d.planDestroy(m)
	after, more := d.apply(t.Context(), p)
	told := diags.warnings() + diags.errors() + more.warnings() + more.errors()
	if o := lastOutcome(t, log); o.Result.Done() || after.gone() && told == "" {
		t.Errorf("got gone %v and %q with the proof %q, want that no earlier call explains the absence: %s",
			after.gone(), o.Result, o.Proof, told)
	}
}

// A run was killed before its call, or its answer was lost. Later refreshes do not show the account
// when it is read, and the list shows it open: the row beats the absence.
func TestHostile_aListAtARefreshThatShowsTheAccountOpenRefutesACall(t *testing.T) {
	t.Parallel()
	for how, call := range map[string]offboard.Call{"a killed run": "", "a lost call": offboard.Lost} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, casesWhere(t, vendorCase.provenByAbsence), func(t *testing.T, v vendorCase, f *liar) {
				f.recordElsewhere(t, "x")
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				if m = m.withCall(call); call == offboard.NotSent {
					f.killed(t, v, m)
				}
				time.Sleep(24 * time.Hour)
				f.hidesFromReads(v)
				m, _ = f.process(t).read(m)
				if again, _ := f.process(t).read(m); string(again.private) != string(m.private) {
					t.Errorf("got %s, want that a second refresh learns nothing: %s", again.private, m.private)
				}
				f.wantUnexplained(t, v, f.process(t), f.log, m)
			})
		})
	}
}

// The plan does not show the account, and an earlier call or proof explains that. At the apply the
// list shows the account open. The apply fails, and the call explains nothing after that, in the state
// and in the log.
func TestHostile_aListAtAnApplyThatShowsTheAccountOpenRefutesACall(t *testing.T) {
	t.Parallel()
	for how, before := range map[string]func(t *testing.T, v vendorCase, f *liar, m managed) managed{
		"a killed run": func(t *testing.T, v vendorCase, f *liar, m managed) managed {
			f.killed(t, v, m)
			return m
		},
		"an accepted call": func(_ *testing.T, _ vendorCase, _ *liar, m managed) managed {
			return m.withCall(offboard.Accepted)
		},
		"a proof": func(t *testing.T, _ vendorCase, f *liar, m managed) managed {
			if after, diags := f.process(t).destroy(m); !after.gone() {
				t.Fatal(diags.errors())
			}
			return m // the state from before is restored
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, casesWhere(t, vendorCase.provenByAbsence), func(t *testing.T, v vendorCase, f *liar) {
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				m = before(t, v, f, m)
				v.vanish(f.mock)
				time.Sleep(24 * time.Hour)
				d := f.process(t)
				m, _ = d.read(m)
				p := d.mustPlanDestroy(m)
				v.put(f.mock, v.id, inesName, inesEmail)
				f.hidesFromReads(v)
				after, diags := f.process(t).apply(t.Context(), p)
				if after.gone() || diags.errors() == "" {
					t.Fatalf("got gone %v and %q, want an error", after.gone(), diags.errors())
				}
				if proven(t, f.log, v, m) || strings.Contains(readEvidence(t, f.log).Report("log", reportWords), "✓") {
					t.Error("got the account proven in the log, want no proof after a list showed it open")
				}
				f.wantUnexplained(t, v, f.process(t), f.log, after)
			})
		})
	}
}

// The account was proven closed, was opened again, and is imported again. The plan shows it open. At
// the apply a read does not show it, and the list does. The report must not say that it is closed.
func TestHostile_theReportProvesNobodyWhomAListShowedOpen(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.provenByAbsence), func(t *testing.T, v vendorCase, f *liar) {
		f.usedPlan(t, v)
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		f.hidesFromReads(v)
		if after, diags := f.process(t).apply(t.Context(), p); after.gone() || f.outcome(t).Result != evidence.NotVisible {
			t.Fatalf("got gone %v and %q, want an error", after.gone(), diags.errors())
		}
		if report := readEvidence(t, f.log).Report("log", reportWords); strings.Contains(report, "✓ closed") {
			t.Errorf("got %q, want nobody closed", report[:min(len(report), 1500)])
		}
	})
}

// An earlier call was accepted, and the plan saw an empty list. At the apply, the second read shows
// the account open. Later it is not visible, and the list shows others.
func TestHostile_theSecondLookAtAnEmptyListRefutesACall(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.provenByAbsence), func(t *testing.T, v vendorCase, f *liar) {
		m := f.process(t).mustImport(v.kind, v.id).withCall(offboard.Accepted)
		v.drop(f.mock, v.other)
		v.vanish(f.mock)
		p := f.process(t).mustPlanDestroy(m)
		reads := 0
		f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
			if strings.HasSuffix(at, "/"+v.id) && r.Method == http.MethodGet {
				if reads++; reads == 3 {
					v.put(f.mock, v.id, inesName, inesEmail)
				}
			}
			return false
		}
		after, diags := f.process(t).apply(t.Context(), p)
		if after.gone() || diags.errors() == "" || reads != 3 {
			t.Fatalf("got gone %v after %d reads and %q, want an error after the third one", after.gone(), reads, diags.errors())
		}
		v.put(f.mock, v.other, ottoName, ottoEmail)
		f.wantUnexplained(t, v, f.process(t), f.log, after)
	})
}

// A plan reads the list after the reads that do not show the account. The list shows it open, although
// nothing has shown yet that the list says the same as reads do.
func TestHostile_aRowOfAListThatIsNotBelievedBeatsAnAbsence(t *testing.T) {
	t.Parallel()
	const ines = `{"success":true,"data":[{"userId":30417,"login":"ines","email":"` + inesEmail +
		`","networkId":12,"mailboxId":0,"authLevel":"NetworkUser","status":"Active"}]}`
	forEachLiar(t, []vendorCase{ecgridCase, ecgridTwin}, func(t *testing.T, v vendorCase, f *liar) {
		m := f.process(t).mustImport(v.kind, v.id)
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			return at == "/users/list" && say(w, 200, ines) || withoutInes(w, r, at)
		}
		d := f.process(t)
		m, _ = d.read(m)
		m, _ = d.read(m) // reads the list first
		if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "shows the account as open") {
			t.Errorf("got the errors %q, want that the list shows the account", diags.errors())
		}
	})
}
