package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// label is whose account it is, as a block says it.
const labelOfInes = "i.varga@people.test"

// labeled is a user whose block names a person.
func labeled(d *driver, v vendorCase, m managed, person string) managed {
	d.t.Helper()
	p, diags := d.planBlock(m, attributes{"id": v.id, "person": person})
	if diags.errors() != "" {
		d.t.Fatal(diags.errors())
	}
	after, diags := d.apply(d.t.Context(), p)
	if diags.errors() != "" {
		d.t.Fatal(diags.errors())
	}
	return after
}

// The label is the configuration's alone: an import has none, a refresh keeps it, and to change it
// asks the vendor nothing.
func TestWhose_isSetByTheConfigurationAlone(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		if got := m.text("person"); got != "" {
			t.Errorf("after the import: got the person %q, want none", got)
		}
		w.mock.ForgetRequests()
		m = labeled(d, v, m, labelOfInes)
		if got := w.mock.Requests(); len(got) > 0 {
			t.Errorf("got the requests %v for a change of the label, want none", got)
		}
		v.email(w.mock, v.id, "ines.silva@acme.test")
		m, _ = newDriver(t, w, nil).read(m)
		if got := m.text("person"); got != labelOfInes {
			t.Errorf("after a refresh: got the person %q, want %q", got, labelOfInes)
		}
		if m = labeled(newDriver(t, w, nil), v, m, "other@people.test"); m.text("person") != "other@people.test" {
			t.Errorf("after a change: got the person %q, want the new one", m.text("person"))
		}
	})
}

// The block is gone when an account is closed, so the label must be in the state.
func TestWhose_isInMessagesAndEvidenceOfARemovedBlock(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d, path := logged(t, w)
		m := labeled(d, v, d.mustImport(v.kind, v.id), labelOfInes)
		after, diags := loggedTo(t, w, path).destroy(m)
		if !after.gone() || v.has(w.mock, v.id) {
			t.Fatalf("got %q, want the account closed", diags.errors())
		}
		if want := `person "` + labelOfInes + `"`; !strings.Contains(diags.warnings(), want) {
			t.Errorf("got the warnings %q, want %q in them", diags.warnings(), want)
		}
		if c := readEvidence(t, path).Closures[0]; c.Person != labelOfInes || c.Email != inesEmail {
			t.Errorf("got the person %q and the email %q, want both", c.Person, c.Email)
		}
	})
}

// A user of Skillable without a lab is shown by nothing. Only the label says who it is.
func TestWhose_namesAUserWhomTheVendorDoesNotShow(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), skillableCase
	v.put(w.mock, v.id, "", "")
	d, path := logged(t, w)
	m := labeled(d, v, d.mustImport(v.kind, v.id), labelOfInes)
	_, diags := loggedTo(t, w, path).destroy(m)
	if want := labelOfInes + " (" + v.id + ")"; !strings.Contains(diags.warnings(), want) {
		t.Errorf("got the warnings %q, want %q in them", diags.warnings(), want)
	}
	if c := readEvidence(t, path).Closures[0]; c.Person != labelOfInes || c.Email != "" || c.Name != "" {
		t.Errorf("got the intent %+v, want the label, and nothing that Skillable did not show", c.Intent)
	}
}

// never_close finds the label in any writing, at plan and at apply, and also when only the guards of
// the last refresh hold.
func TestWhose_isProtectedByNeverClose(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := labeled(newDriver(t, w, nil), v, newDriver(t, w, nil).mustImport(v.kind, v.id), labelOfInes)
		guard := attributes{"never_close": []string{"I.Varga@People.test"}}
		kept, _ := newDriver(t, w, guard).read(m)
		for name, c := range map[string]struct {
			of       managed
			settings attributes
		}{"written": {m, guard}, "kept": {kept, nil}} {
			d := newDriver(t, w, c.settings)
			if _, plan := d.planDestroy(c.of); !strings.Contains(plan.errors(), "is never closed") {
				t.Errorf("%s: got %q at plan, want that the user is never closed", name, plan.errors())
			}
			after, apply := d.apply(t.Context(), reviewed(c.of))
			v.stays(t, w, name, after, apply, "is never closed")
		}
	})
}

// An account that is not visible stays in the state under the guard, too.
func TestWhose_protectsWhoIsNotVisible(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	v.add(w.mock)
	m := labeled(newDriver(t, w, nil), v, newDriver(t, w, nil).mustImport(v.kind, v.id), labelOfInes)
	v.vanish(w.mock)
	d := newDriver(t, w, attributes{"never_close": []string{labelOfInes}})
	if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "a guard protects it") {
		t.Errorf("got %q, want a refusal", diags.errors())
	}
}

func TestWhose_refusesWhatNoGuardCouldName(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	v.add(w.mock)
	d := newDriver(t, w, nil)
	m := d.mustImport(v.kind, v.id)
	for _, person := range []string{"", " ", "a@acme.test, b@acme.test", "in\u200bes@acme.test", "mailto:ines@acme.test"} {
		if _, diags := d.planBlock(m, attributes{"id": v.id, "person": person}); !strings.Contains(
			diags.errors(), "Cannot use this value as the label of a person",
		) {
			t.Errorf("%q: got %q, want a refusal", person, diags.errors())
		}
	}
}

// A state from before there was a label has none, and works.
func TestWhose_isMissingInOldStates(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		old := attributes{"id": v.id, "email": m.text("email"), "name": m.text("name"), "status": m.text("status")}
		old["tenant"] = m.text("tenant")
		raw, err := json.Marshal(m.configOf(old))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := d.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
			TypeName: m.typeName, RawState: &tfprotov6.RawState{JSON: raw},
		})
		if err != nil || diagnostics(resp.Diagnostics).errors() != "" {
			t.Fatal(err, diagnostics(resp.Diagnostics).errors())
		}
		m.state = d.value(m.typeName, resp.UpgradedState)
		if after, diags := d.destroy(m); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("got %q, want the account closed", diags.errors())
		}
	})
}

// A label is compared with the entry as both are read, whatever spaces they hold and however long
// they are.
func TestNeverClose_findsALabelInEachSpelling(t *testing.T) {
	t.Parallel()
	for name, label := range map[string]string{
		"two spaces": "Ines  Varga", "a space that does not break": "Ines\u00a0Varga",
		"an ideographic space": "Ines\u3000Varga", "a long one": strings.Repeat("ab", 160),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, w := ecgridCase, newTestEnv(t)
			v.add(w.mock)
			m := labeled(newDriver(t, w, nil), v, newDriver(t, w, nil).mustImport(v.kind, v.id), label)
			d := newDriver(t, w, attributes{"never_close": []string{label}})
			if p, diags := d.planDestroy(m); diags.errors() == "" {
				after, _ := d.apply(t.Context(), p)
				t.Errorf("got no error at plan, and gone %v, want the label to protect the account", after.gone())
			}
		})
	}
}
