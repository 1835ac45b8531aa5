package provider

import (
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// switchCase is an answer of the mock that the documentation leaves open, and whether a closing is
// proven where the vendor gives it.
type switchCase struct {
	name   string
	set    func(s *mock.Server)
	proven bool
}

// Whatever a vendor answers where its documentation is silent, an account either is proven closed
// or its user stays in the state.
func TestSwitches_decideWhetherAClosingIsProven(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, func(v vendorCase) bool { return len(v.switches) > 0 }) {
		for _, c := range v.switches {
			t.Run(v.kind.name+", "+c.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { v.closesWith(t, c) })
			})
		}
	}
}

// closesWith closes Ines where the vendor gives an answer.
func (v vendorCase) closesWith(t *testing.T, c switchCase) {
	t.Helper()
	s := mock.New(mockKey)
	v.add(s)
	c.set(s)
	d := virtualDriver(t, s, nil)
	after, diags := d.destroy(d.mustImport(v.kind, v.id))
	if after.gone() != c.proven || after.gone() != (diags.errors() == "") {
		t.Errorf("got gone %v and %q, want gone %v", after.gone(), diags.errors(), c.proven)
	}
	if open, other := v.has(s, v.id), v.has(s, v.other); after.gone() && open || !other {
		t.Errorf("got gone %v, open %v and the other one open %v, want nobody out of the state and open, "+
			"and the other one untouched", after.gone(), open, other)
	}
}
