package provider

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestSFOXUser_everyBalanceIsNamedAndStopsTheClosing(t *testing.T) {
	v := vendorCases[2]
	w := newWorld(t)
	v.add(w.mock)
	w.mock.SFOX.Update(v.id, func(u *mock.SFOXUser) {
		u.Balances = map[string]string{"btc": "0.00000001", "usd": "0", "eth": "12345678901234567890.5"}
	})
	d := newDriver(t, w, nil)
	after, diags := d.destroy(d.mustTake(sfoxKind, v.id))
	for _, want := range []string{"0.00000001 btc", "12345678901234567890.5 eth"} {
		if !strings.Contains(diags.warnings(), want) || !strings.Contains(diags.errors(), want) {
			t.Errorf("got %q and %q, want %s at plan and at apply", diags.warnings(), diags.errors(), want)
		}
	}
	if strings.Contains(diags.errors(), "usd") || after.gone() || len(w.changes()) > 0 {
		t.Errorf("got %q, gone %v, changes %v, want no word of zero balances and no closing call", diags.errors(), after.gone(), w.changes())
	}
}

func TestSFOXUser_balanceAfterThePlanIsSaidToBeNew(t *testing.T) {
	v := vendorCases[2]
	w := newWorld(t)
	v.add(w.mock)
	w.mock.SFOX.Update(v.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "1"} })
	d := newDriver(t, w, nil)
	p, _ := d.planDestroy(d.mustTake(sfoxKind, v.id))
	w.mock.SFOX.Update(v.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "1", "usd": "5"} })
	_, diags := d.apply(t.Context(), p)
	if text := diags.errors(); !strings.Contains(text, "5 usd (the plan did not show this)") || strings.Contains(text, "1 btc (the plan") {
		t.Errorf("got %q, want the new balance told from the old one", text)
	}
}

func TestSFOXUser_theVendorHasTheLastWord(t *testing.T) {
	v := vendorCases[2]
	w := newWorld(t)
	v.add(w.mock)
	w.mock.SFOX.Set(func(s *mock.SFOX) { s.Stakes = true })
	d := newDriver(t, w, nil)
	after, diags := d.destroy(d.mustTake(sfoxKind, v.id))
	if !strings.Contains(diags.errors(), "HTTP 422") || after.gone() || len(w.changes()) != 1 {
		t.Errorf("got %q, gone %v, changes %v, want the refusal after one call", diags.errors(), after.gone(), w.changes())
	}
}
