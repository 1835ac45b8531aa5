package provider

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestKonstantlyUser_onDestroyBlockStopsAtTheStepThatCanBeUndone(t *testing.T) {
	v := vendorCases[0]
	for _, already := range []bool{false, true} {
		w := newWorld(t)
		v.add(w.mock)
		d := newDriver(t, w, nil)
		m := d.mustTake(konstantlyKind, v.id)
		p, diags := d.planBlock(m, attributes{"id": v.id, "on_destroy": "block"})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		if m, diags = d.apply(t.Context(), p); m.text("on_destroy") != "block" {
			t.Fatalf("got %q, %q, want on_destroy = block in the state", m.text("on_destroy"), diags.errors())
		}
		d = newDriver(t, w, nil) // the next run
		if already {
			v.suspend(w.mock, v.id)
		}
		_, plan := d.planDestroy(m)
		if !strings.Contains(plan.warnings(), "can be undone") {
			t.Errorf("plan: got %q, want that it can be undone", plan.warnings())
		}
		after, diags := d.destroy(m)
		u, open := w.mock.Konstantly.Get(v.id)
		if !after.gone() || !open || !u.Blocked {
			t.Errorf("blocked before %v: got %q, gone %v, open %v, blocked %v, want a blocked account out of the state", already, diags.errors(), after.gone(), open, u.Blocked)
		}
		if got := strings.Join(w.changes(), ", "); already && got != "" || !already && got != "POST /users/blocked" {
			t.Errorf("blocked before %v: changes %s", already, got)
		}
	}
}

func TestKonstantlyUser_expertStaysWithTheVendorsWords(t *testing.T) {
	v := vendorCases[0]
	w := newWorld(t)
	v.add(w.mock)
	w.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Expert = true })
	d := newDriver(t, w, nil)
	m := d.mustTake(konstantlyKind, v.id)
	after, diags := d.destroy(m)
	if !strings.Contains(diags.warnings(), "expert of a course") || !strings.Contains(diags.errors(), "HTTP 422") || after.gone() {
		t.Errorf("got %q, %q, gone %v, want a warning at plan and the refusal at apply", diags.warnings(), diags.errors(), after.gone())
	}
	w.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Expert = false })
	if after, diags = d.destroy(after); !after.gone() {
		t.Errorf("once cleared: got %q, want it closed", diags.errors())
	}
}

func TestKonstantlyUser_closingGoesOnAfterTheBlock(t *testing.T) {
	v := vendorCases[0]
	w := newWorld(t)
	v.add(w.mock)
	d := newDriver(t, w, nil)
	m := d.mustTake(konstantlyKind, v.id)
	w.mock.Fail(mock.Fault{Vendor: "konstantly", Route: v.closing, Status: 409})
	m, diags := d.destroy(m)
	if !strings.Contains(diags.errors(), "Done and confirmed: block") || m.text("status") != "suspended" {
		t.Fatalf("got %q, status %q, want that the block is done", diags.errors(), m.text("status"))
	}
	w.mock.Heal()
	w.mock.ForgetRequests()
	_, plan := d.planDestroy(m)
	if !strings.Contains(plan.warnings(), "an earlier run has done: block") {
		t.Errorf("plan: got %q, want what an earlier run has done", plan.warnings())
	}
	if after, diags := d.destroy(m); !after.gone() || strings.Join(w.changes(), ", ") != v.closing {
		t.Errorf("got %q, changes %v, want the delete alone", diags.errors(), w.changes())
	}
}
