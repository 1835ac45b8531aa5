package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// inTurn runs a test for every vendor, one after the other, so that it may set the environment.
func inTurn(t *testing.T, f func(t *testing.T, v vendorCase, w *testEnv)) {
	t.Helper()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			w := newTestEnv(t)
			v.add(w.mock)
			f(t, v, w)
		})
	}
}

// wayOut is what every refusal by a kept guard ends with.
var wayOut = []string{
	"the guards of the last refresh hold",
	"Write the provider block with its guards again",
	"write only max_closures = 10",
}

// refusedWithWayOut checks that a closing is refused with these words and the way out of a kept
// guard.
func refusedWithWayOut(t *testing.T, what string, diags diagnostics, says string) {
	t.Helper()
	for _, want := range append([]string{says}, wayOut...) {
		if !strings.Contains(diags.errors(), want) {
			t.Errorf("%s: got errors %q, want %q in them", what, diags.errors(), want)
		}
	}
}

// keptGuard is a guard that speaks against closing Ines Varga.
type keptGuard struct {
	name        string
	block       attributes
	plan, apply string // what plan and apply say when the block is lost; an empty plan only warns
}

// keptGuards are such guards, one of each kind that holds at every vendor.
func keptGuards(t *testing.T, v vendorCase) []keptGuard {
	t.Helper()
	const lastRefresh = "as the provider block said at the last refresh"
	log := filepath.Join(t.TempDir(), "log.jsonl")
	return []keptGuard{
		{"read_only", attributes{"read_only": true}, "", "read_only = true in the provider block of the last refresh"},
		{"never_close, by ID", attributes{"never_close": []string{v.id}}, lastRefresh, "is never closed"},
		{"never_close, by email", attributes{"never_close": []string{inesEmail}}, "is never closed", lastRefresh},
		{"max_closures", attributes{"max_closures": 0}, "max_closures = 0 allows", "max_closures = 0 is reached"},
		{"evidence_log", attributes{"evidence_log": log}, "evidence_log is missing", "evidence_log is missing"},
		{"closure_budget", budgeted(log, 50), "evidence_log is missing", "evidence_log is missing"},
	}
}

func TestKeptGuards_holdWhenTheConfigurationSaysNothing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for _, guard := range keptGuards(t, v) {
			t.Run(guard.name, func(t *testing.T) {
				t.Parallel()
				w := newTestEnv(t)
				v.add(w.mock)
				m := newDriver(t, w, guard.block).mustImport(v.kind, v.id)
				p, plan := newDriver(t, w, nil).planDestroy(m)
				switch {
				case guard.plan != "":
					refusedWithWayOut(t, "plan", plan, guard.plan)
				case !strings.Contains(plan.warnings(), guard.apply):
					t.Errorf("plan: got warnings %q, want %q in them", plan.warnings(), guard.apply)
				default:
					after, diags := newDriver(t, w, nil).apply(t.Context(), p)
					v.stays(t, w, "the plan's apply", after, diags, guard.apply)
				}
				after, apply := newDriver(t, w, nil).apply(t.Context(), reviewed(m))
				refusedWithWayOut(t, "apply", apply, guard.apply)
				v.stays(t, w, "apply", after, apply, guard.apply)
			})
		}
	})
}

// One lost block and ten refreshes with what is left must not be a way round the guards.
func TestKeptGuards_areNotOverwrittenByAnEmptyConfiguration(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for _, guard := range keptGuards(t, v) {
			t.Run(guard.name, func(t *testing.T) {
				t.Parallel()
				w := newTestEnv(t)
				v.add(w.mock)
				m := newDriver(t, w, guard.block).mustImport(v.kind, v.id)
				for i := range 3 {
					var diags diagnostics
					if m, diags = newDriver(t, w, nil).read(m); diags.errors() != "" {
						t.Fatal(diags.errors())
					}
					timeouts := []string{"20m", "30m", "40m"}[i]
					p, diags := newDriver(t, w, nil).planBlock(m, attributes{"id": v.id, "timeouts": timeoutsOf(timeouts)})
					if diags.errors() != "" {
						t.Fatal(diags.errors())
					}
					if m, diags = newDriver(t, w, nil).apply(t.Context(), p); diags.errors() != "" {
						t.Fatal(diags.errors())
					}
					after, diags := newDriver(t, w, nil).apply(t.Context(), reviewed(m))
					refusedWithWayOut(t, "apply", diags, guard.apply)
					v.stays(t, w, "apply", after, diags, guard.apply)
					m.private = after.private // a refused closing keeps them too
				}
			})
		}
	})
}

// What is written was reviewed, whether it is weaker or not.
func TestKeptGuards_giveWayToWhatIsWritten(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for name, written := range map[string]attributes{
			"max_closures = 10 alone": {"max_closures": 10},
			"another never_close":     {"never_close": []string{"somebody@else.test"}},
			"an empty never_close":    {"never_close": []string{}},
			"read_only = false":       {"read_only": false},
			"strict_plan = false":     {"strict_plan": false},
			"evidence_log":            {"evidence_log": filepath.Join(t.TempDir(), "log.jsonl")},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newTestEnv(t)
				v.add(w.mock)
				for _, guard := range keptGuards(t, v) {
					m := newDriver(t, w, guard.block).mustImport(v.kind, v.id)
					if after, diags := newDriver(t, w, written).destroy(m); !after.gone() || diags.errors() != "" {
						t.Errorf("%s: got gone %v and %q, want what is written to count", guard.name, after.gone(), diags.errors())
					}
					v.put(w.mock, v.id, inesName, inesEmail)
				}
			})
		}
	})
}

// A refresh or an apply with what is written is the last one.
func TestKeptGuards_areThoseOfTheLastRefreshOrApply(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		loose := attributes{"max_closures": 10}
		for name, again := range map[string]func(*testing.T, managed, attributes) managed{
			"refresh": func(t *testing.T, m managed, block attributes) managed {
				m, _ = newDriver(t, w, block).read(m)
				return m
			},
			"apply": func(t *testing.T, m managed, block attributes) managed {
				p, _ := newDriver(t, w, block).planBlock(m, attributes{"id": v.id, "timeouts": timeoutsOf("20m")})
				m, _ = newDriver(t, w, block).apply(t.Context(), p)
				return m
			},
		} {
			for _, guard := range keptGuards(t, v) {
				m := again(t, newDriver(t, w, loose).mustImport(v.kind, v.id), guard.block)
				after, diags := newDriver(t, w, nil).apply(t.Context(), reviewed(m))
				v.stays(t, w, name+" with "+guard.name, after, diags, guard.apply)

				m = again(t, newDriver(t, w, guard.block).mustImport(v.kind, v.id), loose)
				if after, diags := newDriver(t, w, nil).destroy(m); !after.gone() {
					t.Errorf("%s without %s: got %q, want the user closed", name, guard.name, diags.errors())
				}
				v.put(w.mock, v.id, inesName, inesEmail)
				w.mock.ForgetRequests()
			}
		}
	})
}

func TestKeptGuards_strictPlanHolds(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.hasStrict) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			v.add(w.mock)
			v.addStrict(w.mock)
			m := newDriver(t, w, attributes{"strict_plan": true}).mustImport(v.kind, v.id)
			if _, diags := newDriver(t, w, nil).planDestroy(m); !strings.Contains(diags.errors(), "strict_plan") {
				t.Errorf("got %q, want that a kept strict_plan refuses", diags.errors())
			}
			if _, diags := newDriver(t, w, attributes{"max_closures": 10}).planDestroy(m); diags.errors() != "" {
				t.Errorf("got %q, want a warning only once a guard is written", diags.errors())
			}
		})
	}
}

// An account that is not visible stays in the state under every guard that is kept, as under one
// that is written.
func TestKeptGuards_holdForWhoIsNotVisible(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			guards := append(keptGuards(t, v), keptGuard{"strict_plan", attributes{"strict_plan": true}, "", "strict_plan"})
			for _, guard := range guards {
				if guard.name == "max_closures" {
					continue // which counts closings
				}
				synctest.Test(t, func(t *testing.T) { v.keptForWhoIsNotVisible(t, guard) })
			}
		})
	}
}

func (v vendorCase) keptForWhoIsNotVisible(t *testing.T, guard keptGuard) {
	t.Helper()
	s := mock.New(mockKey)
	v.add(s)
	m := virtualDriver(t, s, guard.block).mustImport(v.kind, v.id)
	v.vanish(s)
	loose, diags := virtualDriver(t, s, attributes{"max_closures": 10}).planDestroy(m)
	if diags.errors() != "" {
		t.Fatalf("%s: got %q, want a plan once the guard is gone", guard.name, diags.errors())
	}
	_, plan := virtualDriver(t, s, nil).planDestroy(m)
	after, apply := virtualDriver(t, s, nil).apply(t.Context(), loose)
	if plan.errors() == "" ||
		!strings.Contains(apply.errors(), guard.apply) && !strings.Contains(apply.errors(), "a guard protects it") ||
		after.gone() {
		t.Errorf("%s: got %q at plan, %q at apply, gone %v, want refusals",
			guard.name, plan.errors(), apply.errors(), after.gone())
	}
}

// The value of a guard may be unknown at the last refresh, too.
func TestKeptGuards_refuseWhatWasNotKnown(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for _, guard := range []string{"read_only", "max_closures", "never_close"} {
			m := newDriver(t, w, attributes{guard: tftypes.UnknownValue}).mustImport(v.kind, v.id)
			_, plan := newDriver(t, w, nil).planDestroy(m)
			v.stays(t, w, guard+" at plan", m, plan, guard+" is not known")
			after, apply := newDriver(t, w, nil).apply(t.Context(), reviewed(m))
			v.stays(t, w, guard+" at apply", after, apply, guard+" is not known")
		}
	})
}

// A variable of the environment that sets a guard is a configuration that says something. It is
// kept nowhere.
func TestKeptGuards_giveWayToTheEnvironmentAndDoNotKeepIt(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for variable, value := range map[string]string{
			closing.MaxClosuresVariable: "10", closing.NeverCloseVariable: "somebody@else.test",
		} {
			t.Run(variable, func(t *testing.T) {
				m := newDriver(t, w, attributes{"never_close": []string{v.id}}).mustImport(v.kind, v.id)
				t.Setenv(variable, value)
				m, _ = newDriver(t, w, nil).read(m) // which must not overwrite what the block said
				if _, diags := newDriver(t, w, nil).planDestroy(m); diags.errors() != "" {
					t.Errorf("got %q, want what the environment says to count", diags.errors())
				}
				_ = os.Unsetenv(variable) // until the test ends
				after, diags := newDriver(t, w, nil).destroy(m)
				v.stays(t, w, "without the variable", after, diags, "is never closed")
			})
		}
		t.Run("not kept", func(t *testing.T) {
			t.Setenv(closing.NeverCloseVariable, v.id)
			m := newDriver(t, w, attributes{"max_closures": 10}).mustImport(v.kind, v.id)
			_ = os.Unsetenv(closing.NeverCloseVariable) // until the test ends
			if after, diags := newDriver(t, w, nil).destroy(m); !after.gone() {
				t.Errorf("got %q, want the guard of the environment gone with the environment", diags.errors())
			}
		})
	})
}

// A closing that nobody can record is none, also of an account that the vendor itself shows as
// closed.
func TestKeptGuards_evidenceLogHoldsForWhoIsClosed(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	v.add(w.mock)
	d := newDriver(t, w, attributes{"evidence_log": filepath.Join(t.TempDir(), "log.jsonl")})
	m := d.mustImport(v.kind, v.id)
	v.drop(w.mock, v.id)
	refreshed, _ := d.read(m)
	for name, m := range map[string]managed{
		"the state has the account as open": m, "the state has the account as closed": refreshed,
	} {
		_, plan := newDriver(t, w, nil).planDestroy(m)
		refusedWithWayOut(t, name+", plan", plan, "evidence_log is missing")
		after, apply := newDriver(t, w, nil).apply(t.Context(), reviewed(m))
		refusedWithWayOut(t, name+", apply", apply, "evidence_log is missing")
		if after.gone() {
			t.Errorf("%s: got the user out of the state, want them kept", name)
		}
	}
}

// A person must know where read_only is set to unset it.
func TestKeptGuards_readOnlyNamesItsPlace(t *testing.T) {
	t.Parallel()
	set := closing.GuardSettings{ReadOnly: true}
	for want, g := range map[string]closing.EffectiveGuards{
		"":                                       {Kept: true},
		"read_only = true in the provider block": {GuardSettings: set},
		"read_only = true in the provider block of the last refresh": {GuardSettings: set, Kept: true},
		"OFFBOARD_READ_ONLY in the environment": {
			GuardSettings: set, Kept: true, ReadOnlyByEnvironment: true,
		},
	} {
		if got := readOnlyText(g); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
