package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// Each deletion ends in a 502 and does nothing. The run reads the account as open after it. Then the
// key does not see the account any more: at once, after a deletion that is answered "no such user",
// or at the last look. No deletion explains that, in this run or in a later one.
func TestHostile_aLostCallThatTheRunRefutedProvesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v      vendorCase
		hidden func(http.ResponseWriter, *http.Request, string) bool
		path   string
	}{
		{ecgridCase, withoutInes, "/users/" + ecgridCase.id},
		{sfoxCase, sfoxOfAnotherPartner, "/enterprise/users/" + sfoxCase.id},
	} {
		for name, when := range map[string]struct{ calls, shown, sent int }{
			"one read later":        {1, 1, 1}, // calls until the account is hidden, reads that show it, calls in all
			"two reads later":       {1, 2, 1},
			"the second is refused": {2, 0, 2},
			"at the last look":      {3, 3, 3},
		} {
			t.Run(fmt.Sprint(c.v.kind.name, " ", name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, c.v)
					d := f.process(t)
					p := d.mustPlanDestroy(d.mustImport(c.v.kind, c.v.id))
					calls, reads := 0, 0
					f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
						switch {
						case r.Method == http.MethodDelete && when.shown == 0 && calls+1 == when.calls:
							calls++
							return say(w, 404, `{"success":false,"errorCode":"ObjectNotFound","error":"user not found"}`)
						case r.Method == http.MethodDelete:
							calls++
							reads = 0
							return say(w, 502, "bad gateway")
						case calls == when.calls && at == c.path:
							reads++
						}
						return calls == when.calls && (reads > when.shown || when.shown == 0) && c.hidden(w, r, at)
					}
					after, diags := f.apply(t, d, p)
					if o := f.outcome(t); after.gone() || o.Result != evidence.Unproven || calls != when.sent ||
						!strings.Contains(diags.errors(), "first showed the account open") {
						t.Errorf("got gone %v, %q after %d calls and %q, want it unproven after %d", after.gone(), o.Result, calls,
							diags.errors(), when.sent)
					}
					f.answer = c.hidden
					m, _ := f.process(t).read(after)
					p, _ = f.process(t).planDestroy(m)
					f.apply(t, f.process(t), p)
					if o := f.outcome(t); o.Result.Done() {
						t.Errorf("got %q in the next run, and the account is open: %s", o.Result, o.Proof)
					}
				})
			})
		}
	}
}
