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

// The state of a later run is lost, and the log has its outcome. The state of the run before it says that
// the call was accepted. After that the account was open: a row showed it, or a guard refused.
func TestHostile_theLogOfARunWhoseStateIsLostCounts(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	for name, later := range map[string]func(t *testing.T, f *liar, p planned, moved *bool){
		"accepted again, and a row showed the account": func(t *testing.T, f *liar, p planned, moved *bool) {
			movingRow(f, v, konstantlyRow(v.id, inesName, inesEmail, "true"), func() bool { return *moved })
			after, _ := f.apply(t, f.process(t), p)
			f.wantOpen(t, v, after)
		},
		"refused by a guard, and open": func(t *testing.T, f *liar, p planned, _ *bool) {
			guarded := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{inesEmail}})
			f.apply(t, guarded, p)
			if o := f.outcome(t); o.Result != evidence.RefusedByGuard {
				t.Fatalf("got %q, want a guard that refuses", o.Result)
			}
			f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
				if at == "/users" {
					rows := konstantlyRow("a1", "Aaron", "a1@acme.test", "false")
					if r.URL.Query().Get("offset") == "1" {
						rows = ""
					}
					return say(w, http.StatusOK, `{"users":[`+rows+`],"totalCount":1}`)
				}
				return at == "/users/"+v.id && say(w, http.StatusNotFound, `{"status":404,"message":"Not found"}`)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.id), "3m"))
				down := false
				f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
					if r.Method == http.MethodDelete {
						down = true
						return say(w, http.StatusOK, `{}`)
					}
					return down && say(w, http.StatusServiceUnavailable, "down")
				}
				first, _ := f.apply(t, d, p)
				f.wantOpen(t, v, first)
				f.answer = nil
				time.Sleep(2 * time.Hour)
				again, _ := f.process(t).read(first)
				moved := false
				later(t, f, f.process(t).mustPlanDestroy(again), &moved)
				moved = true
				time.Sleep(2 * time.Hour)
				again, _ = f.process(t).read(first)
				p, diags := f.process(t).planDestroy(again)
				if strings.Contains(diags.errors(), "proves nothing") {
					return
				}
				f.apply(t, f.process(t), p)
				if o := f.outcome(t); o.Result != evidence.NotVisible {
					t.Errorf("got %q with %q, want an account that is not visible", o.Result, o.Proof)
				}
			})
		})
	}
}

// namedWrongly imports Ines, and lets an apply see her under a wrong name, which the state keeps. A terminated
// user is in the list alone.
func (f *liar) namedWrongly(t *testing.T, v vendorCase) managed {
	t.Helper()
	f.mock.ECGrid.Set(func(e *mock.ECGrid) { e.TerminatedNotFound = true })
	d := f.process(t)
	p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
	v.put(f.mock, v.id, "Wrong", "wrong@acme.test")
	named, _ := f.apply(t, d, p)
	v.put(f.mock, v.id, inesName, inesEmail)
	return named
}

// A read of one apply shows a wrong name, and the state has it. The answer of the next one is lost, and so is
// its state. After that ECGrid shows the terminated account in the list alone, with the name of the import.
func TestHostile_aWrongNameInTheStateHoldsNoProofBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		named := f.namedWrongly(t, v)
		f.wantOpen(t, v, named)
		down := false
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodDelete {
				v.drop(f.mock, v.id)
				down = true
			}
			return down && say(w, http.StatusServiceUnavailable, "down")
		}
		d := f.process(t)
		f.apply(t, d, d.mustPlanDestroy(named))
		f.answer = nil
		time.Sleep(time.Hour)
		again, _ := f.process(t).read(named)
		after, diags := f.apply(t, f.process(t), f.process(t).mustPlanDestroy(again))
		if o := f.outcome(t); !after.gone() || o.Result != evidence.AlreadyClosed {
			t.Errorf("got gone %t, %q and %q, want it already closed", after.gone(), o.Result, diags.errors())
		}
	})
}

// The same, if somebody else has closed the account: the list shows it as closed, with the right name.
func TestHostile_aWrongNameInTheStateHoldsNoAbsenceBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		named := f.namedWrongly(t, v)
		v.drop(f.mock, v.id)
		time.Sleep(time.Hour)
		again, diags := f.process(t).read(named)
		if again.text("status") != "closed" {
			t.Errorf("got the status %q and %q, want it closed", again.text("status"), diags.warnings())
		}
	})
}

// The state has a wrong name, and a call without an effect is lost with its state. One of two replicas shows the open
// row of Ines in the first reading of the list. That the next reading does not show it proves nothing.
func TestHostile_aWrongNameInTheStateHidesNoRow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		without := mock.New(mockKey)
		v.put(without, v.other, ottoName, ottoEmail)
		named := f.namedWrongly(t, v)
		down := false
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			down = down || r.Method == http.MethodDelete
			return down && say(w, http.StatusServiceUnavailable, "down")
		}
		d := f.process(t)
		f.apply(t, d, d.mustPlanDestroy(named)) // its state is lost
		time.Sleep(time.Hour)
		readings := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
			if path != "/users/list" {
				return unreadInes(w, r, path)
			}
			if readings++; readings > 1 {
				without.ServeHTTP(w, r)
			}
			return readings > 1
		}
		p, diags := f.process(t).planDestroy(named)
		if diags.errors() != "" {
			return
		}
		readings = 0
		after, _ := f.apply(t, f.process(t), p)
		f.wantOpen(t, v, after)
	})
}

// The key of ECGrid gets other rights between two refreshes. The first refresh after that says so.
func TestHostile_otherRightsOfTheKeyAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		m := f.process(t).mustImport(v.kind, v.id)
		f.mock.ECGrid.Update(7, func(u *mock.ECGridUser) { u.AuthLevel = "NetworkUser" })
		m, told := f.process(t).read(m)
		_, after := f.process(t).read(m)
		if !strings.Contains(told.warnings(), "other rights than before") || after.warnings() != "" {
			t.Errorf("got %q and then %q, want one warning", told.warnings(), after.warnings())
		}
	})
}
