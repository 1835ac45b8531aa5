package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// showsNothing has Skillable show nothing of anybody, and count no row.
func showsNothing(w http.ResponseWriter, _ *http.Request, at string) bool {
	switch at {
	case "/userrunningandsavedlabs":
		return say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
	case "/labinstance/search":
		return say(w, 200, noLabFound)
	case "/CloseUserAccount":
		return say(w, 200, `{"RowsAffected":0,"Status":1,"Error":null}`)
	}
	return false
}

// atWork has Skillable show the person in a lab.
func (f *liar) atWork() {
	v := skillableCase
	v.put(f.mock, v.id, inesName, inesEmail)
	f.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 77, Name: "Exam"}} })
}

// laterLooks are the ways in which an apply whose first look shows nothing sees the person at work.
var laterLooks = map[string]func(t *testing.T, f *liar){
	"the read before the call": func(t *testing.T, f *liar) {
		f.delays(t, "5", func(r *http.Request, at string) bool { return isAt(skillableCase.closing, r, at) }, f.atWork)
	},
	"the last look": func(_ *testing.T, f *liar) {
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if !isAt(skillableCase.closing, r, at) {
				return false
			}
			f.atWork()
			return say(w, 422, `{"Status":0,"Error":"a lab runs"}`)
		}
	},
}

// A call touched rows, and the run could not prove it. The next apply shows nothing at first, and then
// the person at work. In the run after that the key sees nothing, and a close counts no row: the old
// call does not explain that.
func TestHostile_skillableALaterLookThatShowsThePersonRefutesACall(t *testing.T) {
	t.Parallel()
	for how, look := range laterLooks {
		for where, logged := range map[string]bool{"with a log": true, "without a log": false} {
			t.Run(how+", "+where, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v, f := skillableCase, newLiar(t, skillableCase)
					settings := attributes{}
					if logged {
						settings["evidence_log"] = f.log
					}
					process := func() *driver { return virtualDriver(t, f, settings) }
					sent := false
					f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
						if !sent && isAt(v.closing, r, at) {
							sent = true
							return false
						}
						return sent && say(w, 503, `down`)
					}
					m, _ := process().destroy(process().mustImport(v.kind, v.id))
					f.answer = nil
					time.Sleep(24 * time.Hour)
					d := process()
					m, _ = d.read(m)
					p := d.mustPlanDestroy(m)
					look(t, f)
					m, diags := process().apply(t.Context(), p)
					if m.gone() || diags.errors() == "" {
						t.Fatalf("got gone %v and %q, want an error", m.gone(), diags.errors())
					}
					time.Sleep(time.Hour)
					f.answer = showsNothing
					d = process()
					m, _ = d.read(m)
					p, _ = d.planDestroy(m)
					after, diags := process().apply(t.Context(), p)
					if after.gone() && diags.warnings() == "" {
						t.Error("got the user closed by a call after which the person was seen at work")
					}
				})
			})
		}
	}
}

// The account was proven closed, and the user is imported again, or a state from before is restored.
// The apply shows nothing at first, and then the person at work: the proof is undone in the log, so
// that neither the report nor a later absence says closed.
func TestHostile_skillableALaterLookThatShowsThePersonUndoesAProof(t *testing.T) {
	t.Parallel()
	for how, look := range laterLooks {
		for where, imported := range map[string]bool{"imported again": true, "a restored state": false} {
			t.Run(how+", "+where, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v, f := skillableCase, newLiar(t, skillableCase)
					m := f.process(t).mustImport(v.kind, v.id)
					if after, _ := f.process(t).destroy(m); !after.gone() || !proven(t, f.log, v, m) {
						t.Fatalf("got gone %v and %q, want a proof", after.gone(), f.outcome(t).Result)
					}
					time.Sleep(100 * time.Hour)
					if imported {
						m = f.process(t).mustImport(v.kind, v.id)
					}
					d := f.process(t)
					m, _ = d.read(m)
					p := d.mustPlanDestroy(m)
					time.Sleep(time.Minute)
					look(t, f)
					m, _ = f.process(t).apply(t.Context(), p)
					if report := readEvidence(t, f.log).Report("log", reportWords); m.gone() || strings.Contains(report, "✓") {
						t.Errorf("got gone %v, %q and a report that says closed", m.gone(), f.outcome(t).Result)
					}
					time.Sleep(time.Hour)
					f.answer = showsNothing
					m, _ = f.process(t).read(m)
					f.process(t).destroy(m)
					if o := f.outcome(t); o.Result.Done() {
						t.Errorf("got %q with the proof %q, want no proof", o.Result, o.Proof)
					}
				})
			})
		}
	}
}

// Nothing is shown at first, and the read before the call shows the person in a lab, which is an
// obstacle. The proof of an earlier closure is undone.
func TestHostile_skillableAnObstacleBeforeTheCallUndoesAProof(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, f := skillableCase, newLiar(t, skillableCase)
		m := f.process(t).mustImport(v.kind, v.id)
		if after, _ := f.process(t).destroy(m); !after.gone() {
			t.Fatalf("got %q, want a closure", f.outcome(t).Result)
		}
		time.Sleep(100 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		delayed := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case isAt(v.closing, r, at) && !delayed:
				delayed = true
				f.atWork()
				w.Header().Set("Retry-After", "5")
				return say(w, 429, `{}`)
			case delayed:
				return false
			}
			return showsNothing(w, r, at)
		}
		after, diags := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); after.gone() || o.Result != evidence.Refused || proven(t, f.log, v, m) {
			t.Errorf("got gone %v, %q, proven %v, want an obstacle that undoes the proof: %s",
				after.gone(), o.Result, proven(t, f.log, v, m), diags.errors())
		}
	})
}
