package provider

import (
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
