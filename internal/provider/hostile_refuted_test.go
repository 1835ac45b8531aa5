package provider

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// loseDeletes loses the answer to each closing call, and the call with it.
func loseDeletes(_ http.ResponseWriter, r *http.Request, _ string) bool {
	if r.Method == http.MethodDelete {
		panic(http.ErrAbortHandler)
	}
	return false
}

// A run saw the account open after its call, and the log has the records of that. The state is
// restored from a backup of before it, or another workspace has the account too. Then the key does
// not see the account.
func TestHostile_aRestoredStateBelievesNoCallThatTheLogRefutes(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	for _, test := range []struct {
		name   string
		before func(t *testing.T, f *liar, m managed)
	}{
		{"three lost calls, and open after each", func(t *testing.T, f *liar, m managed) {
			f.answer = loseDeletes
			if after, _ := f.process(t).destroy(m); after.gone() || f.outcome(t).Result != evidence.Failed {
				t.Fatalf("got gone %v and %+v, want a failed closure", after.gone(), f.outcome(t))
			}
		}},
		{"a killed run, and a later refusal that read the account as open", func(t *testing.T, f *liar, m managed) {
			f.killed(t, v, m)
			time.Sleep(time.Hour)
			p := f.process(t).mustPlanDestroy(m)
			d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{v.id}})
			if after, _ := d.apply(t.Context(), p); after.gone() || f.outcome(t).Result != evidence.RefusedByGuard {
				t.Fatalf("got gone %v and %+v, want a refusal by a guard", after.gone(), f.outcome(t))
			}
		}},
		{"an accepted call, and a later refusal that read the account as open", func(t *testing.T, f *liar, m managed) {
			f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				return r.Method == http.MethodDelete && say(w, 200, `{"success":true,"data":true}`)
			}
			if after, _ := f.process(t).destroy(m); after.gone() || f.outcome(t).Sent != evidence.Accepted {
				t.Fatalf("got gone %v and %+v, want an accepted call", after.gone(), f.outcome(t))
			}
			time.Sleep(time.Hour)
			p := f.process(t).mustPlanDestroy(m)
			d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{v.id}})
			if after, _ := d.apply(t.Context(), p); after.gone() || f.outcome(t).Result != evidence.RefusedByGuard {
				t.Fatalf("got gone %v and %+v, want a refusal by a guard", after.gone(), f.outcome(t))
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				backup := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				test.before(t, f, backup)
				time.Sleep(48 * time.Hour)
				f.wantRefuted(t, backup)
			})
		})
	}
}

// The answers to three calls are lost, and each time the run reads the account as open. The last
// look of the run fails. Days later the key does not see the account.
func TestHostile_aFailedLastLookRevivesNoRefutedCall(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		lost, reads := 0, 0
		f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
			switch {
			case r.Method == http.MethodDelete:
				lost, reads = lost+1, 0
				panic(http.ErrAbortHandler)
			case lost == 3 && path == "/users/"+v.id:
				reads++
				return reads > 3 && say(w, 503, `{}`)
			}
			return false
		}
		m, diags := d.apply(t.Context(), p)
		if m.gone() || lost != 3 || f.outcome(t).Result != evidence.Failed {
			t.Fatalf("gone %v, %d calls, %+v: %s", m.gone(), lost, f.outcome(t).Result, diags.errors())
		}
		if call := m.remembered().Progress.Call; call != offboard.NotSent {
			t.Errorf("got the call %q remembered, want none: the run read the account as open after the last one", call)
		}
		time.Sleep(48 * time.Hour)
		f.wantRefuted(t, m)
	})
}

// A run is killed after its intent, and its call never left. The next runs are on another machine,
// whose log has only records of other accounts, or is empty. They refresh, plan and show the account
// open. Then a run on the first machine has a key that does not see the account.
func TestHostile_aRunWithAnotherLogInvalidatesAnOldCall(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	for _, test := range []struct {
		name    string
		empty   bool
		applies bool // the run reads the account at an apply, and not at a refresh
	}{
		{"another log", false, false}, {"an empty log", true, false},
		{"another log, at an apply", false, true}, {"an empty log, at an apply", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				f.killed(t, v, m)
				time.Sleep(48 * time.Hour)
				f.moveLog(t, f.log, f.log+".first")
				if test.empty {
					if err := os.WriteFile(f.log, nil, 0o600); err != nil {
						t.Fatal(err)
					}
				} else {
					d := f.process(t)
					d.destroy(d.mustImport(v.kind, v.other))
				}
				if test.applies {
					m = f.refusedWhileOpen(t, m)
				} else {
					m, _ = f.process(t).read(m)
				}
				time.Sleep(48 * time.Hour)
				f.moveLog(t, f.log+".first", f.log)
				f.wantRefuted(t, m)
			})
		})
	}
}

// A run was killed before its call. A plan without a refresh shows the account open. The job that
// applies it has no API key, or is pointed at another address, and ends before it asks anything.
// Then the key does not see the account.
func TestHostile_aPlanRefutesACallThoughItsApplyCannotReachTheVendor(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	for name, settings := range map[string]attributes{
		"no API key":      {"ecgrid": nil},
		"another address": {"ecgrid": attributes{"api_key": mockKey, "base_url": "http://127.0.0.1:2"}},
		"no address":      {"ecgrid": attributes{"api_key": mockKey, "base_url": "not an address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				f.killed(t, v, m)
				time.Sleep(time.Hour)
				p := f.process(t).mustPlanDestroy(m)
				settings["evidence_log"] = f.log
				m, diags := virtualDriver(t, f, settings).apply(t.Context(), p)
				if m.gone() || diags.errors() == "" {
					t.Fatalf("got gone %v and %q, want an error", m.gone(), diags.errors())
				}
				time.Sleep(48 * time.Hour)
				f.wantRefuted(t, m)
			})
		})
	}
}

// wantRefuted refreshes and destroys while ECGrid does not show Ines. It fails the test if an earlier
// call explains that: the account was shown as open after the call.
func (f *liar) wantRefuted(t *testing.T, m managed) {
	t.Helper()
	f.answer = withoutInes
	d := f.process(t)
	m, _ = d.read(m)
	after, diags := d.destroy(m)
	if o := f.outcome(t); o.Result == evidence.AlreadyClosed {
		t.Errorf("got gone %v and %q with the proof %q, want that no earlier call explains the absence; open: %v\n%s",
			after.gone(), o.Result, o.Proof, ecgridCase.has(f.mock, ecgridCase.id), diags.warnings())
	}
}

// refusedWhileOpen plans to destroy a user who is not visible, and applies that while the account
// is open again: the apply reads it, and refuses.
func (f *liar) refusedWhileOpen(t *testing.T, m managed) managed {
	t.Helper()
	f.answer = withoutInes
	p := f.process(t).mustPlanDestroy(m)
	f.answer = nil
	m, diags := f.process(t).apply(t.Context(), p)
	if m.gone() || f.outcome(t).Result != evidence.RefusedByGuard {
		t.Fatalf("got gone %v and %q, want a refusal", m.gone(), diags.errors())
	}
	return m
}

// A run was killed before its call left. Somebody closes the account by hand. The proof must not say
// that the vendor accepted a call, or that an answer was lost: no request shows that.
func TestHostile_theProofOfAKilledRunClaimsNoCall(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		m := f.process(t).mustImport(v.kind, v.id)
		time.Sleep(time.Hour)
		f.killed(t, v, m)
		v.drop(f.mock, v.id)
		time.Sleep(time.Hour)
		d := f.process(t)
		m, _ = d.read(m)
		d.destroy(m)
		if o := f.outcome(t); o.Result.Done() && o.Proof == "" || strings.Contains(o.Proof, "its answer was lost") {
			t.Errorf("got %q with the proof %q and the requests %v, want nothing that no request shows",
				o.Result, o.Proof, o.Requests)
		}
	})
}

// A record of the log has the last time that JSON can hold, in any zone. No user may crash the
// provider by that, and the call explains nothing once the account was shown open.
func TestHostile_aRecordOfTheEndOfTimeCrashesNothing(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	for name, zone := range map[string]*time.Location{
		"UTC": time.UTC, "west": time.FixedZone("", -23*60*60), "east": time.FixedZone("", 23*60*60),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				m := f.process(t).mustImport(v.kind, v.id)
				line, err := json.Marshal(evidence.Record{
					Prev: evidence.Start, Time: time.Date(9999, 12, 31, 23, 59, 59, 999999999, zone),
					Intent: &evidence.Intent{
						Account: evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id},
						Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
					},
				})
				if err == nil {
					err = os.WriteFile(f.log, append(line, '\n'), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
				m, _ = f.process(t).read(m)
				p := f.process(t).mustPlanDestroy(m)
				f.answer = withoutInes
				after, _ := f.process(t).apply(t.Context(), p)
				if o := f.outcome(t); after.gone() || o.Result.Done() {
					t.Errorf("got gone %v and %q, want that the call explains nothing", after.gone(), o.Result)
				}
			})
		})
	}
}

// A refresh that learns nothing leaves the private data as it is: otherwise `plan -refresh-only`
// would tell of a change each time.
func TestRefresh_withTheLogOfTheLastOneRemembersNothingNew(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		d.destroy(d.mustImport(v.kind, v.other))
		m, _ := d.read(d.mustImport(v.kind, v.id))
		time.Sleep(time.Hour)
		if again, _ := f.process(t).read(m); string(again.private) != string(m.private) {
			t.Errorf("got %s, want what was remembered before: %s", again.private, m.private)
		}
	})
}
