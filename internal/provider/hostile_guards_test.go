package provider

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// An entry of never_close that is a login protects an account that is shown, and one that is not
// visible.
func TestHostile_neverCloseByLoginHoldsForWhoIsNotVisible(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := virtualDriver(t, f, nil)
		m := d.mustImport(ecgridKind, ecgridCase.id)
		login := m.text("login")
		d = virtualDriver(t, f, attributes{"never_close": []string{login}})
		if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "never_close") {
			t.Fatalf("login %q: got %q", login, diags.errors())
		}
		f.answer = withoutInes
		if after, diags := d.destroy(m); after.gone() {
			t.Errorf("left the state under never_close = [%q]: %q", login, diags.warnings())
		}
	})
}

// A call that was lost once does not take an account out of never_close.
func TestHostile_neverCloseHoldsAfterALostCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := virtualDriver(t, f, nil)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 503, `upstream`)
		}
		m, _ := d.apply(t.Context(), p)
		f.answer = withoutInes
		d = virtualDriver(t, f, attributes{"never_close": []string{inesEmail}})
		if after, diags := d.destroy(m); after.gone() {
			t.Errorf("left the state as closed under never_close: %q %q; open: %v",
				diags.errors(), diags.warnings(), ecgridCase.has(f.mock, ecgridCase.id))
		}
	})
}

// The key's own user was moved to another mailbox, so that it sees nobody of the others; its level
// and network stay.
func TestHostile_anECGridKeyOfAnotherMailboxProvesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		moved := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodDelete:
				moved = true
				return say(w, 502, "bad gateway")
			case moved && at == "/users/list":
				return say(w, 200, `{"success":true,"data":[]}`)
			case moved && at == "/users/me":
				rec := httptest.NewRecorder()
				f.mock.ServeHTTP(rec, r)
				var all map[string]any
				_ = json.Unmarshal(rec.Body.Bytes(), &all)
				all["data"].(map[string]any)["mailboxId"] = 77
				text, _ := json.Marshal(all)
				return say(w, 200, string(text))
			}
			return moved && withoutInes(w, r, at)
		}
		after, diags := d.apply(t.Context(), p)
		if after.gone() {
			t.Errorf("%q %q: %s; open: %v",
				f.outcome(t).Result, diags.warnings(), f.outcome(t).Proof, ecgridCase.has(f.mock, ecgridCase.id))
		}
	})
}

// ECGrid accepts and does nothing. The next run reads the account as open, its own call is
// declined, and a gateway answers from then on.
func TestHostile_aDeclinedCallIsNotExplainedByARefutedOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		m := d.setTimeout(d.mustImport(ecgridKind, ecgridCase.id), "20s")
		p := d.mustPlanDestroy(m)
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 200, `{"success":true,"data":true}`)
		}
		m, _ = d.apply(t.Context(), p)
		f.answer = nil
		d = f.process(t)
		m, _ = d.read(m)
		p, _ = d.planDestroy(m)
		refused := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method == http.MethodDelete {
				refused = true
			}
			return refused && withoutInes(w, r, at)
		}
		after, _ := f.apply(t, d, p)
		if after.gone() && f.outcome(t).Result == evidence.Closed {
			t.Errorf(
				"%q: the call of this run was declined, that of the earlier run was refuted by the plan "+
					"and by this run's own first look; open: %v",
				f.outcome(t).Result,
				ecgridCase.has(f.mock, ecgridCase.id),
			)
		}
	})
}

// OFFBOARD_MAX_CLOSURES=-1 says that there is no limit, and OFFBOARD_READ_ONLY=false that nothing is
// read-only. Neither is a guard. A pipeline that always sets them must not lose the kept guards
// together with the provider block.
func TestHostile_noGuardInTheEnvironmentLiftsAKeptOne(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for _, guard := range keptGuards(t, v) {
			m := newDriver(t, w, guard.block).mustImport(v.kind, v.id)
			for _, readOnly := range []string{"", "false", "0"} {
				t.Run(guard.name+", read-only "+readOnly, func(t *testing.T) {
					t.Setenv(closing.MaxClosuresVariable, "-1")
					if readOnly != "" {
						t.Setenv(closing.ReadOnlyVariable, readOnly)
					}
					_, plan := newDriver(t, w, nil).planDestroy(m)
					after, apply := newDriver(t, w, nil).apply(t.Context(), reviewed(m))
					v.stays(t, w, "apply", after, apply, guard.apply)
					if guard.plan != "" {
						refusedWithWayOut(t, "plan", plan, guard.plan)
					}
				})
			}
		}
	})
}

// A guard of the environment lifts the kept ones, and each plan says so. It does not, if nothing was
// kept, and if the block sets a guard.
func TestHostile_aPlanTellsThatTheEnvironmentLiftsKeptGuards(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		guarded := newDriver(t, w, attributes{"evidence_log": filepath.Join(t.TempDir(), "log")}).mustImport(v.kind, v.id)
		unguarded := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for variable, value := range map[string]string{
			closing.MaxClosuresVariable: "10", closing.NeverCloseVariable: "x", closing.ReadOnlyVariable: "true",
		} {
			t.Run(variable, func(t *testing.T) {
				t.Setenv(variable, value)
				for name, c := range map[string]struct {
					block attributes
					m     managed
					want  bool
				}{
					"the block is lost":             {nil, guarded, true},
					"nothing was kept":              {nil, unguarded, false},
					"the block sets another number": {attributes{"max_closures": 10}, guarded, false},
				} {
					_, diags := newDriver(t, w, c.block).planDestroy(c.m)
					const lifted = "The environment lifts the guards of the last refresh"
					if got := strings.Contains(diags.warnings(), lifted); got != c.want {
						t.Errorf("%s: got %q, want a warning: %v", name, diags.warnings(), c.want)
					}
				}
			})
		}
	})
}

// Only a comma and a line end separate entries of the environment. What a person may have meant to
// separate them protects nobody, and is refused.
func TestHostile_otherSeparatorsInNeverCloseCloseNobody(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		for name, between := range map[string]string{
			"no-break space": "\u00a0", "ideographic space": "\u3000", "thin space": "\u2009", "figure space": "\u2007",
			"narrow no-break space": "\u202f", "ogham space": "\u1680", "next line": "\u0085", "line separator": "\u2028",
			"paragraph separator": "\u2029", "carriage return": "\r", "form feed": "\f", "vertical tab": "\v", "tab": "\t",
			"zero width space": "\u200b", "word joiner": "\u2060", "fullwidth comma": "\uff0c", "ideographic comma": "\u3001",
			"Arabic comma": "\u060c", "fullwidth semicolon": "\uff1b", "semicolon": ";", "colon": ":", "line end in words": `\n`,
		} {
			t.Run(name, func(t *testing.T) {
				for _, both := range []string{"30400" + between + v.id, v.id + between + "boss@acme.test"} {
					t.Setenv(closing.NeverCloseVariable, both)
					_, plan := d.planDestroy(m)
					after, apply := d.apply(t.Context(), reviewed(m))
					v.stays(t, w, both, after, apply, closing.NeverCloseVariable)
					if !strings.Contains(plan.errors(), closing.NeverCloseVariable) {
						t.Errorf("%q: got %q at plan, want a refusal", both, plan.errors())
					}
				}
			})
		}
		for _, both := range []string{v.id + "|boss@acme.test", v.id + ":boss@acme.test"} {
			if diags := validateProvider(t, attributes{"never_close": []string{both}}); diags.errors() == "" {
				t.Errorf("%q in the block: got no error, want the entry refused", both)
			}
		}
	})
}

// The guards of one user are stricter, because the others were refreshed later, with -target. Then
// the provider block is lost. The strictest limit holds for all: one error, and warnings after it,
// whichever user comes first.
func TestHostile_theStrictestKeptLimitHoldsForAll(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		wide := newDriver(t, w, attributes{"max_closures": 9})
		all := v.crew(wide, w.mock, 4)
		for at := range all {
			users := slices.Clone(all)
			users[at] = newDriver(t, w, attributes{"max_closures": 1}).mustImport(v.kind, all[at].text("id"))
			lost, failed, warned := newDriver(t, w, nil), 0, 0
			for _, m := range slices.Concat(users, users) { // a second plan of a user repeats what was said of it
				_, diags := lost.planDestroy(m)
				failed += strings.Count(diags.errors(), "max_closures = 1 allows")
				warned += strings.Count(diags.warnings(), "More closures than max_closures allows")
			}
			if want := 8 - max(at, 1) - 2; failed != 2 || warned != want {
				t.Errorf("number %d is strict: got %d errors and %d warnings, want 2 and %d", at, failed, warned, want)
			}
		}
	})
}
