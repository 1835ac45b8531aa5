package provider

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// identified is the identity of a user.
func (v vendorCase) identified(w *testEnv, id string) map[string]any {
	all := map[string]any{"id": id, "tenant": v.tenant(w)}
	if !v.builtIn() {
		all[vendorAttribute] = v.kind.name
	}
	return all
}

func TestUser_isTakenOverAndClosed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.write("users.tf", v.imports(v.id), v.block(v.id, ""))
		c.run("apply", "-auto-approve").want(0, "1 imported, 0 added, 0 changed, 0 destroyed")
		for name, want := range map[string]string{
			"name": inesName, "email": inesEmail, "status": "active", "tenant": v.tenant(w),
		} {
			if got := c.state()[v.id][name]; got != want {
				t.Errorf("got %s %q, want %q", name, got, want)
			}
		}
		c.write("users.tf", v.block(v.id, ""))
		c.run("plan", "-detailed-exitcode").want(0, "No changes")
		v.untouched(t, w)
		c.write("users.tf")
		c.run("apply", "-auto-approve").want(0, "1 destroyed")
		v.closedBy(t, w, v.changes...)
		if !v.has(w.mock, v.other) {
			t.Error("got Otto closed, want him open")
		}
	})
}

// The block that Terraform generates for an import leaves nothing to do.
func TestUser_isImportedWithAGeneratedBlock(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: factories(),
			TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_5_0)},
			Steps: []resource.TestStep{{
				Config: w.provider(""), ResourceName: v.address(v.id), ImportState: true, GenerateConfig: true,
				ImportStateKind: resource.ImportBlockWithID, ImportStateId: v.kind.importID(v.id),
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(v.address(v.id), plancheck.ResourceActionNoop),
				}},
			}},
		})
	})
}

func TestUser_emailMustBeTheirs(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.write("users.tf", v.imports(v.id), v.block(v.id, "email = \""+ottoEmail+"\""))
		c.run("apply", "-auto-approve").want(1, inesName+" <"+inesEmail+">")
		c.users()
		c.write("users.tf", v.imports(v.id), v.block(v.id, "email = \""+strings.ToUpper(inesEmail)+"\""))
		c.run("apply", "-auto-approve").want(0, "1 imported, 0 added, 0 changed, 0 destroyed")
		c.run("plan", "-detailed-exitcode").want(0, "No changes")
	})
}

func TestUser_unknownIDIsNotImported(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		v.drop(w.mock, v.id)
		m, diags := newDriver(t, w, nil).importUser(v.kind, v.id)
		if v.noRead {
			if got := m.text("status"); got != "unknown" || !strings.Contains(diags.warnings(), " is not visible in ") {
				t.Errorf("status and warnings: got %q, %q, want unknown and a warning", got, diags.warnings())
			}
			return
		}
		if want := "no open account with the ID \"" + v.id + "\""; !strings.Contains(diags.errors(), want) {
			t.Errorf("errors: got %q, want %q in them", diags.errors(), want)
		}
	})
}

func TestUser_closedElsewhereStaysUntilItsBlockGoes(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		v.drop(w.mock, v.id)
		m, diags := d.read(m)
		if v.noRead {
			if got := m.text("status"); got != "unknown" {
				t.Errorf("status of a user of whom nothing is seen: got %q, want unknown", got)
			}
			return
		}
		if got := m.text("status"); got != "closed" {
			t.Errorf("status: got %q, want closed", got)
		}
		if got := strings.Count(diags.warnings(), "Remove the block"); got != 1 || diags.errors() != "" {
			t.Errorf("warnings and errors: got %q, %q, want one warning that says what to do", diags.warnings(), diags.errors())
		}
		if _, diags := d.planBlock(m, attributes{"id": v.id}); diags.errors() != "" {
			t.Errorf("planning with a closed user: got %q, want no error", diags.errors())
		}
		after, diags := d.destroy(m)
		if !after.gone() || diags.errors() != "" || len(w.changes()) > 0 {
			t.Errorf("destroying a closed user: got gone %v, %q, %v, want gone without a mutating request",
				after.gone(), diags.errors(), w.changes())
		}
	})
}

func TestUser_suspendedElsewhereIsShownAndStaysSo(t *testing.T) {
	t.Parallel()
	forEachWhere(t, func(v vendorCase) bool { return v.suspend != nil }, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		v.suspend(w.mock, v.id)
		m, diags := d.read(m)
		if got := m.text("status"); got != "suspended" || !strings.Contains(diags.warnings(), "is suspended in") {
			t.Errorf("status and warnings: got %q, %q, want suspended and a warning", got, diags.warnings())
		}
		if got := w.changes(); len(got) > 0 {
			t.Errorf("mutating requests: got %v, want none", got)
		}
		if after, diags := d.destroy(m); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("destroying a suspended user: got %q, want it closed", diags.errors())
		}
	})
}

func TestUser_anotherTenantIsRefused(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		elsewhere := newTestEnv(t)
		v.add(elsewhere.mock)
		d := newDriver(t, elsewhere, nil)
		_, read := d.read(m)
		_, plan := d.planDestroy(m)
		_, apply := d.apply(t.Context(), reviewed(m))
		for what, diags := range map[string]diagnostics{"read": read, "plan": plan, "destroy": apply} {
			if !strings.Contains(diags.errors(), "was imported from "+strings.TrimPrefix(w.url, "http://")) {
				t.Errorf("%s: got %q, want a refusal that names the tenant", what, diags.errors())
			}
		}
		if got := elsewhere.mock.Requests(); len(got) > 0 {
			t.Errorf("requests to the other tenant: got %v, want none", got)
		}
	})
}

func TestUser_unconfiguredVendorIsNoErrorUntilTouched(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, v.settings(nil, nil))
		_, diags := d.importUser(v.kind, v.id)
		if want := v.kind.name + ".api_key"; !strings.Contains(diags.errors(), want) ||
			!strings.Contains(diags.errors(), v.kind.variable("api_key")) {
			t.Errorf("errors: got %q, want the setting %s and its variable", diags.errors(), want)
		}
		if got := w.mock.Requests(); len(got) > 0 {
			t.Errorf("requests: got %v, want none", got)
		}
	})
}

func TestUser_hostileIDsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		for _, id := range []string{"", ".", "..", "a\x00b", "a\nb"} {
			if _, diags := d.importUser(v.kind, id); diags.errors() == "" {
				t.Errorf("importing %q: got no error, want a refusal", id)
			}
		}
		if got := w.mock.Requests(); len(got) > 0 {
			t.Errorf("requests: got %v, want none", got)
		}
	})
}

func TestUser_emailChangeElsewhereStopsTheClosingUntilConfirmed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		v.email(w.mock, v.id, "ines.silva@acme.test")
		for range 2 { // the second read begins with a state that has the new address
			var diags diagnostics
			if m, diags = d.read(m); !strings.Contains(diags.warnings(), "may be another person") {
				t.Errorf("warnings: got %q, want one of the new address", diags.warnings())
			}
		}
		if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "may belong to another person now") {
			t.Errorf("planning the destroy: got %q, want a refusal", diags.errors())
		}
		_, diags := d.apply(t.Context(), reviewed(m))
		if !strings.Contains(diags.errors(), "may belong to another person now") {
			t.Errorf("destroying: got %q, want a refusal", diags.errors())
		}
		if got := w.changes(); len(got) > 0 {
			t.Fatalf("mutating requests: got %v, want none", got)
		}

		d = newDriver(t, w, nil) // the next run
		p, diags := d.planBlock(m, attributes{"id": v.id, "email": "Ines.Silva@acme.test"})
		if diags.errors() != "" || p.state.Equal(m.state) {
			t.Fatalf("confirming the address: got %q and the same state %v, want a change",
				diags.errors(), p.state.Equal(m.state))
		}
		m, diags = d.apply(t.Context(), p)
		if diags.errors() != "" || m.text("name") != inesName {
			t.Fatalf("applying the address: got %q, name %q", diags.errors(), m.text("name"))
		}
		d = newDriver(t, w, nil) // the next run
		if after, diags := d.destroy(m); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("destroying the confirmed user: got %q, want it closed", diags.errors())
		}
	})
}

func TestUser_faultsAreNeverTakenForGone(t *testing.T) {
	t.Parallel()
	faults := map[string]func(*testEnv, vendorCase){
		"401": func(w *testEnv, v vendorCase) {
			w.fail(v, 401, `{"status":401,"success":false,"error":"no","Status":0,"Error":"no"}`)
		},
		"403":       func(w *testEnv, v vendorCase) { w.fail(v, 403, `{"status":403,"success":false,"error":"no"}`) },
		"404 HTML":  func(w *testEnv, v vendorCase) { w.fail(v, 404, `<html>not here</html>`) },
		"500":       func(w *testEnv, v vendorCase) { w.fail(v, 500, `oops`) },
		"200 HTML":  func(w *testEnv, v vendorCase) { w.fail(v, 200, `<html>welcome</html>`) },
		"200 empty": func(w *testEnv, v vendorCase) { w.fail(v, 200, ``) },
	}
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for name, inject := range faults {
			d := newDriver(t, w, nil) // what one run learns of a vendor that cannot be asked holds for that run
			inject(w, v)
			after, diags := d.read(m)
			if diags.errors() == "" || after.text("status") != "active" {
				t.Errorf("%s: got status %q and errors %q, want an error and the state as it was",
					name, after.text("status"), diags.errors())
			}
			if !strings.Contains(diags.errors(), v.kind.title) || strings.Contains(diags.errors(), mockKey) {
				t.Errorf("%s: message %q must name the vendor and never the key", name, diags.errors())
			}
			if after, diags := d.destroy(m); after.gone() || diags.errors() == "" {
				t.Errorf("%s: destroy got gone %v, errors %q, want a refusal", name, after.gone(), diags.errors())
			}
			w.mock.Heal()
		}
		if !v.has(w.mock, v.id) || len(w.changes()) > 0 {
			t.Errorf("got open %v, mutating requests %v, want an open account and none", v.has(w.mock, v.id), w.changes())
		}
	})
}

func TestUser_anEffectThatComesAfterTheTimeoutIsProofToo(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		if v.noRead {
			continue // only another closing proves one there
		}
		synctest.Test(t, func(t *testing.T) {
			s := mock.New(mockKey)
			v.add(s)
			d := virtualDriver(t, s, nil)
			m := d.setTimeout(d.mustImport(v.kind, v.id), "20s")
			s.Fail(
				mock.Fault{Vendor: v.mockName(), Route: v.closing, Drop: true, Effect: true, Delay: 25 * time.Second, Times: 1},
			)
			after, diags := d.destroy(m)
			proves := v.unseen == nil // where a step before the lost call hides an account, an absence proves nothing
			if after.gone() != proves || (diags.errors() == "") != proves {
				t.Errorf("%s: got gone %v, %q, want the account proven closed by a last look: %t",
					v.kind.name, after.gone(), diags.errors(), proves)
			}
		})
	}
}

// An interrupt leaves time for one look. What it does not show yet is no matter of timeouts.
func TestUser_interruptedBeforeTheEffectShows(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		if v.noRead {
			continue // a closing call is its own look there
		}
		s := mock.New(mockKey)
		v.add(s)
		d := virtualDriver(t, s, nil)
		m := d.mustImport(v.kind, v.id)
		s.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, Pretend: true})
		ctx, cancel := context.WithCancel(t.Context())
		s.OnRequest(func(r mock.Request) {
			if r.Route == v.closing {
				cancel()
			}
		})
		after, diags := d.apply(ctx, reviewed(m))
		if after.gone() || !strings.Contains(diags.errors(), "Interrupted: "+v.kind.title+" does not show") ||
			strings.Contains(diags.errors(), "timeouts") {
			t.Errorf("%s: got gone %v and %q, want the user kept and nothing of timeouts",
				v.kind.name, after.gone(), diags.errors())
		}
	}
}
