package provider

import (
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// switched are answers of the mock that the documentation leaves open, and whether a closing is
// proven where a vendor gives them.
var switched = map[string]struct {
	v      vendorCase
	set    func(s *mock.Server)
	proven bool
}{
	"konstantly, the total is of the page": {
		konstantlyCase,
		func(s *mock.Server) { s.Konstantly.TotalOfPage = true },
		true,
	},
	"konstantly, pages of one": {konstantlyCase, func(s *mock.Server) { s.Konstantly.PageCap = 1 }, true},
	"konstantly, who is blocked is not found": {
		konstantlyCase,
		func(s *mock.Server) { s.Konstantly.BlockedNotFound = true },
		true,
	},
	"konstantly, optional fields are empty": {
		konstantlyCase,
		func(s *mock.Server) { s.Konstantly.Optional = mock.OptionalEmpty },
		true,
	},
	"konstantly, optional fields are absent": {
		konstantlyCase,
		func(s *mock.Server) { s.Konstantly.Optional = mock.OptionalAbsent },
		true,
	},
	"konstantly, attributes are a list": {
		konstantlyCase,
		func(s *mock.Server) { s.Konstantly.AttributesList = true },
		true,
	},
	"ecgrid, more fields": {ecgridCase, func(s *mock.Server) { s.ECGrid.MoreFields = true }, true},
	"ecgrid, the call says false and is done": {
		ecgridCase,
		func(s *mock.Server) { s.ECGrid.Terminate = mock.TerminateFalseDone },
		true,
	},
	"ecgrid, the call says false, not done": {
		ecgridCase,
		func(s *mock.Server) { s.ECGrid.Terminate = mock.TerminateFalse },
		false,
	},
	"ecgrid, enums are numbers": {ecgridCase, func(s *mock.Server) { s.ECGrid.EnumNumbers = true }, false},
	"ecgrid, who is terminated has no status": {
		ecgridCase,
		func(s *mock.Server) { s.ECGrid.StatusDropped = true },
		false,
	},
	"sfox, balances carry no wallets":         {sfoxCase, func(s *mock.Server) { s.SFOX.BareBalances = true }, true},
	"sfox, lists have more keys":              {sfoxCase, func(s *mock.Server) { s.SFOX.ListExtras = true }, true},
	"sfox, requirements have the newer shape": {sfoxCase, func(s *mock.Server) { s.SFOX.NewRequirements = true }, true},
	"sfox, more fields":                       {sfoxCase, func(s *mock.Server) { s.SFOX.MoreFields = true }, true},
	"skillable, pages of one":                 {skillableCase, func(s *mock.Server) { s.Skillable.PageCap = 1 }, true},
	"skillable, each close counts rows": {
		skillableCase,
		func(s *mock.Server) { s.Skillable.AlwaysRows = true },
		false,
	},
	"skillable, closed users keep their names": {
		skillableCase,
		func(s *mock.Server) { s.Skillable.SearchClosed, s.Skillable.KeepNames = true, true },
		false,
	},
}

// Whatever a vendor answers where its documentation is silent, an account either is proven closed
// or its user stays in the state.
func TestSwitches_decideWhetherAClosingIsProven(t *testing.T) {
	for name, c := range switched {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				c.v.add(s)
				c.set(s)
				d := virtualDriver(t, s, nil)
				after, diags := d.destroy(d.mustImport(c.v.kind, c.v.id))
				if after.gone() != c.proven || after.gone() != (diags.errors() == "") {
					t.Errorf("got gone %v and %q, want gone %v", after.gone(), diags.errors(), c.proven)
				}
				if after.gone() && c.v.has(s, c.v.id) || !c.v.has(s, c.v.other) {
					t.Errorf(
						"got gone %v, open %v and the other one open %v, want nobody out of the state and open, "+
							"and the other one untouched",
						after.gone(),
						c.v.has(s, c.v.id),
						c.v.has(s, c.v.other),
					)
				}
			})
		})
	}
}
