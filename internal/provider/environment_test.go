package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
)

func TestEnvironment_isAFloorThatTheBlockOnlyTightens(t *testing.T) {
	const none, reached = "max_closures = 0 allows", "max_closures = 0 is reached"
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for name, c := range map[string]struct {
			variable, value string
			block           attributes
			plan, apply     string // what is refused; empty for a closing
		}{
			"read-only, the block says no": {
				closing.ReadOnlyVariable, "true", attributes{"read_only": false}, "", "OFFBOARD_READ_ONLY in the environment",
			},
			"read-only, the block says nothing": {
				closing.ReadOnlyVariable, "1", nil, "", "OFFBOARD_READ_ONLY in the environment",
			},
			"not read-only, the block is": {
				closing.ReadOnlyVariable, "false", attributes{"read_only": true}, "", "read_only = true in the provider block",
			},
			"no closures, the block allows some": {
				closing.MaxClosuresVariable, "0", attributes{"max_closures": 50}, none, reached,
			},
			"no closures, the block lifts the limit": {
				closing.MaxClosuresVariable, "0", attributes{"max_closures": -1}, none, reached,
			},
			"some closures, the block allows none": {
				closing.MaxClosuresVariable, "50", attributes{"max_closures": 0}, none, reached,
			},
			"no limit, the block allows none": {
				closing.MaxClosuresVariable, "-1", attributes{"max_closures": 0}, none, reached,
			},
			"an ID, the block names others": {
				closing.NeverCloseVariable, "x@acme.test, " + v.id, attributes{"never_close": []string{"y"}}, "never_close",
				"never_close",
			},
			"an address on a line of its own": {
				closing.NeverCloseVariable, "x@acme.test\n" + inesEmail + "\n", nil, "never_close", "never_close",
			},
			"others, the block names the ID": {
				closing.NeverCloseVariable, "x@acme.test", attributes{"never_close": []string{v.id}}, "never_close", "never_close",
			},
		} {
			t.Run(name, func(t *testing.T) {
				m := newDriver(t, w, c.block).mustImport(v.kind, v.id)
				before, diags := newDriver(t, w, attributes{"max_closures": 10}).planDestroy(m) // a pipeline without the variable
				if diags.errors() != "" {
					t.Fatal(diags.errors())
				}
				t.Setenv(c.variable, c.value)
				d := newDriver(t, w, c.block)
				if _, plan := d.planDestroy(m); c.plan != "" && !strings.Contains(plan.errors(), c.plan) {
					t.Errorf("plan: got %q, want %q", plan.errors(), c.plan)
				} else if c.plan == "" && !strings.Contains(plan.warnings(), c.apply) {
					t.Errorf("plan: got warnings %q, want %q", plan.warnings(), c.apply)
				}
				after, apply := d.apply(t.Context(), before)
				v.stays(t, w, "apply", after, apply, c.apply)
			})
		}
	})
}

// The variables are read again by each closing: the person who applies a saved plan may have
// another environment than the one who made it.
func TestEnvironment_isReadAgainBeforeAClosing(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"max_closures": 10})
		p, diags := d.planDestroy(d.mustImport(v.kind, v.id))
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		for variable, c := range map[string]struct{ value, says string }{
			closing.ReadOnlyVariable:    {"true", "The provider is read-only"},
			closing.MaxClosuresVariable: {"0", "max_closures = 0 is reached"},
			closing.NeverCloseVariable:  {v.id, "is never closed"},
		} {
			t.Run(variable, func(t *testing.T) {
				t.Setenv(variable, c.value)
				after, diags := d.apply(t.Context(), p)
				v.stays(t, w, variable, after, diags, c.says)
			})
		}
	})
}

func TestEnvironment_malformedClosesNobody(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"max_closures": 10})
		m := d.mustImport(v.kind, v.id)
		p, _ := d.planDestroy(m)
		for _, c := range []struct{ variable, value string }{
			{closing.ReadOnlyVariable, "maybe"}, {closing.ReadOnlyVariable, "yes"}, {closing.ReadOnlyVariable, " true"},
			{closing.MaxClosuresVariable, "ten"}, {closing.MaxClosuresVariable, "1.5"}, {closing.MaxClosuresVariable, "-2"},
			{closing.MaxClosuresVariable, "99999999999999999999"},
			{closing.NeverCloseVariable, ""}, {closing.NeverCloseVariable, " "}, {closing.NeverCloseVariable, ","},
			{closing.NeverCloseVariable, "a@b.test,\u200b"}, {closing.NeverCloseVariable, "a@b.test; c@d.test"},
			{closing.NeverCloseVariable, "Boss <boss@acme.test>"}, {closing.NeverCloseVariable, "mailto:boss@acme.test"},
			{closing.NeverCloseVariable, "boss @acme.test"},
		} {
			t.Run(fmt.Sprintf("%s=%q", c.variable, c.value), func(t *testing.T) {
				t.Setenv(c.variable, c.value)
				if _, plan := d.planDestroy(m); !strings.Contains(plan.errors(), c.variable) {
					t.Errorf("plan: got %q, want a refusal that names %s", plan.errors(), c.variable)
				}
				after, apply := d.apply(t.Context(), p)
				v.stays(t, w, "apply", after, apply, c.variable)
			})
		}
	})
}

func TestMaxClosures_isTenUnlessSomethingIsSaid(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		all := v.crew(newDriver(t, w, nil), w.mock, 11)
		for name, c := range map[string]struct {
			block       attributes
			environment string
			refused     string // what is said of the 11th; empty for nothing
		}{
			"nothing":                              {nil, "", "max_closures = 10 allows"},
			"another guard":                        {attributes{"never_close": []string{"x"}}, "", "max_closures = 10 allows"},
			"11":                                   {attributes{"max_closures": 11}, "", ""},
			"no limit":                             {attributes{"max_closures": -1}, "", ""},
			"11 in the environment":                {nil, "11", ""},
			"no limit in the environment":          {nil, "-1", ""},
			"no limit, 10 in the environment":      {attributes{"max_closures": -1}, "10", "max_closures = 10 allows"},
			"10, no limit in the environment":      {attributes{"max_closures": 10}, "-1", "max_closures = 10 allows"},
			"12, 10 in the environment":            {attributes{"max_closures": 12}, "10", "max_closures = 10 allows"},
			"no limit in either":                   {attributes{"max_closures": -1}, "-1", ""},
			"another guard, 11 in the environment": {attributes{"read_only": false}, "11", ""},
		} {
			t.Run(name, func(t *testing.T) {
				if c.environment != "" {
					t.Setenv(closing.MaxClosuresVariable, c.environment)
				}
				d := newDriver(t, w, c.block)
				for i, m := range all {
					_, diags := d.planDestroy(m)
					if i < 10 && diags.errors() != "" {
						t.Fatalf("number %d: got %q, want no error", i+1, diags.errors())
					}
					if said := diags.errors(); i == 10 && (c.refused == "") != (said == "") ||
						i == 10 && !strings.Contains(said, c.refused) {
						t.Errorf("number 11: got %q, want %q", said, c.refused)
					}
				}
			})
		}
	})
}

func TestMaxClosures_isTenAtApplyToo(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		all := v.crew(newDriver(t, w, nil), w.mock, 11)
		closed, said := 0, ""
		d := newDriver(t, w, nil)
		for _, m := range all {
			after, diags := d.apply(t.Context(), reviewed(m))
			said += diags.errors()
			if after.gone() {
				closed++
			}
		}
		if closed != 10 || !strings.Contains(said, "max_closures = 10 is reached") {
			t.Errorf("got %d closed and %q, want 10 and the limit", closed, said)
		}
	})
}
