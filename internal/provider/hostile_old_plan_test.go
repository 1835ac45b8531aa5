package provider

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The removal of a block was planned, and taken back. Terraform takes the saved plan all the same, as
// long as the state is the same.
func TestHostile_anOldPlanClosesNobody(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	for age, closes := range map[time.Duration]bool{week - time.Minute: true, week + time.Minute: false} {
		t.Run(age.String(), func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				time.Sleep(age)
				after, diags := f.process(t).apply(t.Context(), p)
				refused := strings.Contains(diags.errors(), "the plan is too old")
				if after.gone() != closes || v.has(f.mock, v.id) == closes || refused == closes {
					t.Errorf("got gone %t and %q, want the account closed: %t", after.gone(), diags.errors(), closes)
				}
			})
		})
	}
}

// The clock of the machine that applies was set back. That of the vendor shows how old the plan is. A clock
// that is wrong by the same time at the plan and at the apply says nothing of that.
func TestHostile_aPlanThatIsOldByTheClockOfTheVendorClosesNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan, apply int // how many days the clock of the vendor is ahead
		closes      bool
	}{
		"right at the plan, then 8 days ahead": {0, 8, false},
		"always a year ahead":                  {365, 365, true},
		"a year behind":                        {0, -365, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
				ahead := c.plan
				f.answer = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
					w.Header().Set("Date", time.Now().AddDate(0, 0, ahead).UTC().Format(http.TimeFormat))
					return false
				}
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				ahead = c.apply
				after, diags := f.process(t).apply(t.Context(), p)
				refused := strings.Contains(diags.errors(), "the plan is too old")
				if after.gone() != c.closes || refused == c.closes {
					t.Errorf("got gone %t and %q, want the account closed: %t", after.gone(), diags.errors(), c.closes)
				}
			})
		})
	}
}
