package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// inBothOrders plans on one provider a block that keeps somebody and the destroy of a user, each of
// them first, and checks the errors.
func inBothOrders(
	t *testing.T,
	w *testEnv,
	keep func(*driver) diagnostics,
	m managed,
	check func(order, first, second string),
) {
	t.Helper()
	destroy := func(d *driver) diagnostics { _, diags := d.planDestroy(m); return diags }
	d := newDriver(t, w, nil)
	check("keep, destroy", keep(d).errors(), destroy(d).errors())
	d = newDriver(t, w, nil)
	check("destroy, keep", destroy(d).errors(), keep(d).errors())
}

// A block whose ID is not known yet may manage any account of its vendor, so that nobody there is
// closed in the same plan.
func TestClashes_unknownIDClashesWithEveryClosingAtItsVendor(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m, other := newDriver(t, w, nil).mustImport(v.kind, v.id), newDriver(t, w, nil).mustImport(v.kind, v.other)
		for name, keep := range map[string]func(*driver) diagnostics{
			"a block without a state": func(d *driver) diagnostics {
				_, diags := d.planBlock(v.unmanaged(), attributes{"id": tftypes.UnknownValue})
				return diags
			},
			"a block with a state": func(d *driver) diagnostics {
				_, diags := d.planBlock(other, attributes{"id": tftypes.UnknownValue})
				return diags
			},
		} {
			inBothOrders(t, w, keep, m, func(order, first, second string) {
				if first != "" || !strings.Contains(second, "may keep and close the same account") {
					t.Errorf("%s, %s: got %q and %q, want an error of the second", name, order, first, second)
				}
			})
		}
	})
}

func TestClashes_unknownIDIsOfItsOwnVendorOnly(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		w := newTestEnv(t)
		elsewhere := v.elsewhere()
		elsewhere.add(w.mock)
		m := newDriver(t, w, nil).mustImport(elsewhere.kind, elsewhere.id)
		inBothOrders(t, w, func(d *driver) diagnostics {
			_, diags := d.planBlock(
				v.unmanaged(),
				attributes{"id": tftypes.UnknownValue},
			)
			return diags
		}, m, func(order, first, second string) {
			if first != "" || second != "" {
				t.Errorf("%s and %s, %s: got %q and %q, want no errors", v.kind.name, elsewhere.kind.name, order, first, second)
			}
		})
	}
}

// Another plan of the same configuration knows nothing of the first one.
func TestClashes_areThoseOfOnePlan(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		newDriver(
			t,
			w,
			nil,
		).planBlock(v.unmanaged(), attributes{"id": tftypes.UnknownValue})
		if _, diags := newDriver(t, w, nil).planDestroy(m); diags.errors() != "" {
			t.Errorf("got %q, want no error", diags.errors())
		}
	})
}

// Vendors differ in whether the case of an ID matters. Where it does not, two blocks hold one
// account.
func TestClashes_IDsThatDifferInCaseOnly(t *testing.T) {
	t.Parallel()
	letters := func(v vendorCase) bool { return strings.ToUpper(v.id) != v.id }
	for _, v := range casesWhere(t, letters) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			v.add(w.mock)
			v.put(w.mock, strings.ToUpper(v.id), inesName, "ines.too@acme.test")
			m := newDriver(t, w, nil).mustImport(v.kind, v.id)
			upper := newDriver(t, w, nil).mustImport(v.kind, strings.ToUpper(v.id))
			inBothOrders(t, w, func(d *driver) diagnostics {
				_, diags := d.planBlock(upper, attributes{"id": strings.ToUpper(v.id)})
				return diags
			}, m, func(order, first, second string) {
				if first != "" || !strings.Contains(second, "and closes the same account") {
					t.Errorf("%s: got %q and %q, want an error of the second", order, first, second)
				}
			})
		})
	}
}

func TestStrictPlan_thatIsNotKnownCountsAsTrue(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.hasStrict) {
		w := newTestEnv(t)
		v.add(w.mock)
		v.addStrict(w.mock)
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for _, c := range []struct {
			strict  any
			refused bool
		}{{tftypes.UnknownValue, true}, {true, true}, {false, false}, {nil, false}} {
			_, diags := newDriver(t, w, attributes{"strict_plan": c.strict}).planDestroy(m)
			if got := strings.Contains(diags.errors(), "strict_plan"); got != c.refused {
				t.Errorf("%s, strict_plan %v: got %q, want refused %v", v.kind.name, c.strict, diags.errors(), c.refused)
			}
		}
	}
}

// A site in the block and the address of another one in the environment: nothing says which is
// meant.
func TestSettings_siteBesideAnAddressInTheEnvironment(t *testing.T) {
	v := konstantlyCase
	for name, c := range map[string]struct {
		block, environment string
		refused            bool
	}{
		"site in the block, address in the environment":     {"site", "MOCK", true},
		"base_url in the block, address in the environment": {"base_url", "https://other.konstant.ly/openapi/v1", false},
		"base_url in the block alone":                       {"base_url", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w, requests := newTestEnv(t), 1
			v.add(w.mock)
			t.Setenv("KONSTANTLY_BASE_URL", strings.Replace(c.environment, "MOCK", w.url+prefixes["konstantly"], 1))
			settings := attributes{
				"api_key": mockKey,
				c.block:   map[string]string{"site": "acme", "base_url": w.url + prefixes["konstantly"]}[c.block],
			}
			_, diags := newDriver(t, w, attributes{"konstantly": settings}).importUser(konstantlyKind, v.id)
			if got := strings.Contains(diags.errors(), "KONSTANTLY_BASE_URL"); got != c.refused ||
				!c.refused && diags.errors() != "" {
				t.Errorf("got %q, want refused %v", diags.errors(), c.refused)
			}
			if c.refused {
				requests = 0
			}
			if got := len(w.mock.Requests()); got != requests {
				t.Errorf("got %d requests, want %d", got, requests)
			}
		})
	}
}

// timeoutsWith are the timeouts of a block, of which one is given.
func timeoutsWith(name string, limit any) map[string]tftypes.Value {
	all := map[string]tftypes.Value{
		"delete": tftypes.NewValue(tftypes.String, nil),
		"read":   tftypes.NewValue(tftypes.String, nil),
	}
	all[name] = tftypes.NewValue(tftypes.String, limit)
	return all
}

func TestTimeouts_belowASecondAreRefused(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for _, name := range []string{"read", "delete"} {
			for limit, refused := range map[string]bool{
				"999ms": true, "0": true, "0s": true, "-5m": true, "1ns": true, "0.5s": true, "1s": false, "1000ms": false,
				"90s": false,
			} {
				_, diags := newDriver(t, w, nil).planBlock(m, attributes{"id": v.id, "timeouts": timeoutsWith(name, limit)})
				if got := strings.Contains(diags.errors(), "This timeout is too short"); got != refused ||
					!refused && diags.errors() != "" {
					t.Errorf("%s = %q: got %q, want refused %v", name, limit, diags.errors(), refused)
				}
			}
		}
	})
}

func TestTimeouts_thatAreNotKnownAreNoError(t *testing.T) {
	t.Parallel()
	v, w := ecgridCase, newTestEnv(t)
	w.mock.ECGrid.Add(
		mock.ECGridUser{ID: number(v.id), Name: inesName, Email: inesEmail, Status: "Active", AuthLevel: "MailboxUser"},
	)
	m := newDriver(t, w, nil).mustImport(v.kind, v.id)
	for name, timeouts := range map[string]any{
		"a timeout": timeoutsWith("delete", tftypes.UnknownValue), "all of them": tftypes.UnknownValue,
	} {
		_, diags := newDriver(t, w, nil).planBlock(m, attributes{"id": v.id, "timeouts": timeouts})
		if strings.Contains(diags.errors(), "too short") {
			t.Errorf("%s: got %q, want no error", name, diags.errors())
		}
	}
}

// A vendor whose API has a new version is declared again, and its blocks move. What the plan keeps at the new
// name is not closed at the old one.
func TestClashes_aVendorIsDeclaredAgain(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	konstantlyCase.add(w.mock)
	m := newDriver(t, w, declares(w, parleyText(t), nil)).mustImport(parley, parleyInes)
	settings := declares(w, parleyText(t), nil)
	newer := strings.Replace(parleyText(t), "{ offset = 0 }", "{ offset = 0, api = setting.api }", 1)
	settings["vendors"].(attributes)["parley2"] = attributes{
		"definition": newer + "\nsetting \"api\" {\n  description = \"Version.\"\n  default = \"2\"\n}\n",
		"api_key":    mockKey, "base_url": w.url + prefixes["konstantly"], "requests_per_second": 100000,
	}
	again := newDriver(t, w, settings).mustImport(kindDeclared("parley2", "Parley"), parleyInes)
	for _, keepFirst := range []bool{true, false} {
		d := newDriver(t, w, settings)
		keep := func() string {
			_, diags := d.planBlock(again, attributes{"vendor": "parley2", "id": parleyInes, "email": inesEmail})
			return diags.errors()
		}
		destroy := func() string { _, diags := d.planDestroy(m); return diags.errors() }
		first, second := destroy, keep
		if keepFirst {
			first, second = keep, destroy
		}
		if said := first(); said != "" {
			t.Errorf("keep first %t: got %q, want no error of the first", keepFirst, said)
		}
		if said := second(); !strings.Contains(said, "closes the same account") {
			t.Errorf("keep first %t: got %q, want an error of the second", keepFirst, said)
		}
	}
}
