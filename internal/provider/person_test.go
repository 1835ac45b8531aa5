package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const mallory = "mallory@acme.test"

// stays checks that a destroy is refused with these words and that nobody is closed.
func (v vendorCase) stays(t *testing.T, w *testEnv, what string, after managed, diags diagnostics, says string) {
	t.Helper()
	if after.gone() || !strings.Contains(diags.errors(), says) {
		t.Errorf("%s: got gone %v and %q, want the user kept and an error with %q", what, after.gone(), diags.errors(), says)
	}
	if got := w.changes(); len(got) > 0 || !v.has(w.mock, v.id) {
		t.Errorf("%s: got mutating requests %v, open %v, want none and an open account", what, got, v.has(w.mock, v.id))
	}
}

// timeoutsOf is the timeouts of a block that gives one for closing.
func timeoutsOf(limit string) map[string]tftypes.Value {
	return timeoutsWith("delete", limit)
}

func TestPerson_isNotAdoptedByChangingSomethingElse(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		v.email(w.mock, v.id, mallory)
		m, _ = d.read(m)
		p, diags := newDriver(t, w, nil).planBlock(m, attributes{"id": v.id, "timeouts": timeoutsOf("20m")})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		m, diags = newDriver(t, w, nil).apply(t.Context(), p)
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		after, diags := newDriver(t, w, nil).destroy(m)
		v.stays(t, w, "after an update", after, diags, "may belong to another person now")
	})
}

// An e-mail address that comes into sight after the import is the person's from then on.
func TestPerson_isKnownAsSoonAsAnAddressIs(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), skillableCase
	w.mock.Skillable.Add(mock.SkillableUser{ID: v.id, Name: inesName, Email: inesEmail}) // no lab, so that nothing is seen
	d := newDriver(t, w, nil)
	m := d.mustImport(v.kind, v.id)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.History = 2 })
	m, _ = d.read(m)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Name, u.Email = ottoName, ottoEmail })
	m, diags := d.read(m)
	if !strings.Contains(diags.warnings(), "may be another person") {
		t.Errorf("got %q, want a warning of another address", diags.warnings())
	}
	after, diags := d.destroy(m)
	v.stays(t, w, "after a change of hands", after, diags, "may belong to another person now")
}

func TestPerson_withoutAnAddressIsComparedByName(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), skillableCase
	w.mock.Skillable.Add(mock.SkillableUser{ID: v.id, Name: inesName, History: 1})
	d := newDriver(t, w, nil)
	p, diags := d.planDestroy(d.mustImport(v.kind, v.id))
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Name = ottoName })
	after, diags := d.apply(t.Context(), p)
	v.stays(t, w, "another name", after, diags, "may belong to another person now")
}

func TestPerson_unreadablePrivateDataClosesNobody(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		p := reviewed(d.mustImport(v.kind, v.id))
		private := piecesOf(p.private)
		private[recordKey] = []byte(`{"version":2,"person":"odd"}`)
		p.private = encode(private)
		after, diags := d.apply(t.Context(), p)
		v.stays(t, w, recordKey, after, diags, "Cannot read the private data in the state")
	})
}

// A closing that no plan has shown is that of a replacement. A review holds for one apply.
func TestPerson_whomNoPlanShowedIsNotClosed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		after, diags := d.apply(t.Context(), planned{m, nullOf(m), nullOf(m), m.private})
		v.stays(t, w, "without a plan", after, diags, "no plan said that it would be")

		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Status: 500})
		after, diags = d.apply(t.Context(), reviewed(m))
		w.mock.Heal()
		v.stays(t, w, "a failed closing", after, diags, "Cannot check")
		after, diags = d.apply(t.Context(), planned{after, nullOf(m), nullOf(m), after.private})
		v.stays(t, w, "the review of an earlier run", after, diags, "no plan said that it would be")
	})
}

// A new address without an import, for somebody whom the vendor does not show, is no less a rename
// than another.
func TestPerson_renamedIsNotClosedThoughNotToBeSeen(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), skillableCase
	w.mock.Skillable.Add(mock.SkillableUser{ID: v.id, Name: inesName, Email: inesEmail})
	m := newDriver(t, w, nil).mustImport(v.kind, v.id)
	for _, createFirst := range []bool{true, false} {
		d := newDriver(t, w, nil)
		var said string
		for _, create := range []bool{createFirst, !createFirst} {
			var diags diagnostics
			if create {
				_, diags = d.planBlock(managed{typeName: m.typeName, vendor: m.vendor}, attributes{"id": v.id})
			} else {
				_, diags = d.planDestroy(m)
			}
			said += diags.errors()
		}
		v.stays(t, w, "a rename", m, nil, "")
		if !strings.Contains(said, "This plan keeps") {
			t.Errorf("created first %v: got %q, want that the plan keeps and closes the same account", createFirst, said)
		}
	}
}
