package provider

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// emptyReplica answers every second list, and each read of Ines, by a replica that was just started and has no user
// yet. The list before comes from another one. The account of Ines is open, and on a later page.
func emptyReplica(c *unlistedLater) func(w http.ResponseWriter, r *http.Request, at string) bool {
	lists := 0
	return func(w http.ResponseWriter, r *http.Request, at string) bool {
		empty := map[string]string{"/users": `{"users":[],"totalCount":0}`, "/enterprise/users": `{"data":[]}`}[at]
		if empty != "" && r.URL.Query().Get("accountRole") == "" {
			if lists++; lists%2 == 0 || c.v.kind.name == "sfox" {
				return say(w, 200, empty)
			}
		}
		return c.lie(w, r, at)
	}
}

// withEmptyReplica are the vendors at which emptyReplica answers.
func withEmptyReplica() unlistedCases {
	return unlistedCases{unlistedLaters[0], unlistedLaters[1], unlistedLaters[4]}
}

// A list without anybody is not the list that shows nobody of that ID.
func TestHostile_anEmptyListIsNoWholeList(t *testing.T) {
	t.Parallel()
	withEmptyReplica().plansToClose(t, func(t *testing.T, c *unlistedLater, f *liar, d *driver, _ planned) {
		m := d.mustImport(c.v.kind, c.v.id)
		f.answer = emptyReplica(c)
		got, diags := f.process(t).data(c.v.kind.typeName(), attributes{"id": c.v.id})
		if got.exists() == "false" {
			t.Errorf("got exists = false and %q", diags.warnings())
		}
		f.answer = emptyReplica(c)
		if after, diags := f.process(t).read(m); after.text("status") == "closed" {
			t.Errorf("got the status closed and %q", diags.warnings())
		}
	})
}

// The same after a call, of an earlier run, that was accepted, and had no effect.
func TestHostile_anEmptyListProvesNoEarlierCall(t *testing.T) {
	t.Parallel()
	withEmptyReplica().plansToClose(t, func(t *testing.T, c *unlistedLater, f *liar, d *driver, p planned) {
		called := false
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method != http.MethodDelete {
				return called && say(w, 503, `upstream`)
			}
			called = say(w, 200, ``)
			return true
		}
		m, _ := d.apply(t.Context(), p)
		if m.gone() || f.outcome(t).Sent != evidence.Accepted {
			t.Fatalf("got gone %v and %q, want an accepted call without a proof", m.gone(), f.outcome(t).Sent)
		}
		f.answer = emptyReplica(c)
		p, diags := f.process(t).planDestroy(m)
		if diags.errors() != "" {
			return // the plan says that nothing is proven
		}
		f.answer = emptyReplica(c)
		m, _ = f.apply(t, f.process(t), p)
		f.wantOpen(t, c.v, m)
	})
}

// After an accepted deletion without an effect, a row shows Ines, then the first page shows others, and the whole
// list is empty.
func TestHostile_anEmptyListAfterARowOfTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &unlistedLaters[0]
		f := newLiar(t, c.v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(c.v.kind, c.v.id))
		called, lists := false, 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodDelete:
				called = say(w, 200, ``)
				return true
			case called && at == "/users/"+c.v.id:
				return say(w, 404, `{"status":404,"message":"Not found"}`)
			case called && at == "/users":
				lists++
				if lists == 2 {
					c.crowd(f)
				}
				return lists > 1 && lists%2 == 1 && say(w, 200, `{"users":[],"totalCount":0}`)
			}
			return false
		}
		after, _ := f.apply(t, d, p)
		f.wantOpen(t, c.v, after)
	})
}
