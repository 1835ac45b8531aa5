package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestImport_byEmail(t *testing.T) {
	forEachList(t, func(t *testing.T, v vendorCase, w *world) {
		acceptance(t,
			resource.TestStep{
				Config: w.provider("", fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", v.address(v.id), strings.ToUpper(inesEmail)), v.block(v.id, "")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(v.address(v.id), plancheck.ResourceActionNoop),
				}},
				Check: resource.TestCheckResourceAttr(v.address(v.id), "id", v.id),
			},
			resource.TestStep{
				Config:           w.provider("", v.block(v.id, "")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
		)
	})
}

// An id that looks like an e-mail address is an id first.
func TestImport_anIDMayLookLikeAnEmail(t *testing.T) {
	w := newWorld(t)
	w.mock.Konstantly.Add(mock.KonstantlyUser{ID: "ines@acme.test", Name: "By Id", Email: "other@acme.test"})
	w.mock.Konstantly.Add(mock.KonstantlyUser{ID: "u2", Name: "By E-mail", Email: "ines@acme.test"})
	w.mock.SFOX.Add(mock.SFOXUser{ID: "ines@acme.test", Name: "By Id", Email: "other@acme.test"})
	w.mock.SFOX.Add(mock.SFOXUser{ID: "s2", Name: "By E-mail", Email: "ines@acme.test"})
	w.mock.Skillable.Add(mock.SkillableUser{ID: "ines@acme.test", Name: "By Id", Email: "other@acme.test", History: 1})
	for _, k := range []userKind{konstantlyKind, sfoxKind, skillableKind} {
		if m := newDriver(t, w, nil).mustTake(k, "ines@acme.test"); m.text("name") != "By Id" {
			t.Errorf("%s: got %q, want the user with that id", k.title, m.text("name"))
		}
	}
}

func TestImport_anEmailThatIsNobodysOrSeverals(t *testing.T) {
	forEachList(t, func(t *testing.T, v vendorCase, w *world) {
		_, diags := newDriver(t, w, nil).take(v.kind, "nobody@acme.test")
		if want := `the id "nobody@acme.test", and shows this key no user with that e-mail address; both were tried`; !strings.Contains(diags.errors(), want) {
			t.Errorf("nobody: got %q, want %q in it", diags.errors(), want)
		}
		if v.kind.name == "konstantly" {
			return // an e-mail address is unique there
		}
		v.email(w.mock, v.other, inesEmail)
		_, diags = newDriver(t, w, nil).take(v.kind, inesEmail)
		for _, want := range []string{"does not say who is meant", inesName, ottoName, fmt.Sprintf("id %q", v.id), fmt.Sprintf("id %q", v.other)} {
			if !strings.Contains(diags.errors(), want) {
				t.Errorf("several: got %q, want %q in it", diags.errors(), want)
			}
		}
	})
}

// Whoever cannot be looked up is not taken for nobody.
func TestImport_anEmailThatCannotBeLookedUp(t *testing.T) {
	forEachList(t, func(t *testing.T, v vendorCase, w *world) {
		route := map[string]string{"konstantly": "GET /users/byEmail/{email}", "ecgrid": "POST /users/list", "sfox": "GET /enterprise/users"}[v.kind.name]
		w.mock.Fail(mock.Fault{Vendor: v.kind.name, Route: route, Status: 403, Body: `{"success":false,"errorCode":"AccessDenied","error":"no","status":403,"message":"no"}`})
		_, diags := newDriver(t, w, nil).take(v.kind, inesEmail)
		if !strings.Contains(diags.errors(), v.kind.title) || !strings.Contains(diags.errors(), "HTTP 403") || strings.Contains(diags.errors(), "both were tried") {
			t.Errorf("got %q, want the refusal of %s", diags.errors(), v.kind.title)
		}
	})
}

// Without an "@" nothing but the read that follows asks the vendor, and an identity holds an id, never an e-mail address.
func TestImport_onlyAnEmailIsLookedUp(t *testing.T) {
	forEachVendor(t, func(t *testing.T, v vendorCase, w *world) {
		d := newDriver(t, w, nil)
		for _, given := range []string{"@", "ines@", "@acme.test", "ines varga@acme.test"} {
			before := len(w.mock.Requests())
			if _, diags := d.take(v.kind, given); diags.errors() == "" && v.kind.name != "skillable" {
				t.Errorf("%q: got no error, want a refusal", given)
			}
			for _, r := range w.mock.Requests()[before:] {
				if strings.Contains(r.Route, "byEmail") || strings.Contains(r.Route, "list") {
					t.Errorf("%q: got the request %s, want no search", given, r.Route)
				}
			}
		}
	})
}
