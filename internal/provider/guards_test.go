package provider

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestGuards_renamedBlockDoesNotCloseWhoStays(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		orders := map[string][]func(*driver) diagnostics{}
		keep := func(d *driver) diagnostics { _, diags := d.planBlock(m, attributes{"id": v.id}); return diags }
		destroy := func(d *driver) diagnostics { _, diags := d.planDestroy(m); return diags }
		orders["kept first"] = []func(*driver) diagnostics{keep, destroy}
		orders["destroyed first"] = []func(*driver) diagnostics{destroy, keep}
		for name, calls := range orders {
			d := newDriver(t, w, nil)
			if text := calls[0](d).errors(); text != "" {
				t.Errorf("%s: got %q from the first, want no error", name, text)
			}
			if text := calls[1](d).errors(); !strings.Contains(text, "moved block") {
				t.Errorf("%s: got %q from the second, want an error that names the moved block", name, text)
			}
		}
		if _, diags := newDriver(t, w, nil).planDestroy(m); diags.errors() != "" {
			t.Errorf("another run: got %q, want no error", diags.errors())
		}
	})
}

func TestGuards_readOnlySendsNothingWhenClosing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"read_only": true})
		m := d.mustImport(v.kind, v.id)
		p, diags := d.planDestroy(m)
		if diags.errors() != "" || !strings.Contains(diags.warnings(), "read_only") {
			t.Errorf("plan: got %q, %q, want a warning", diags.errors(), diags.warnings())
		}
		w.mock.ForgetRequests()
		after, diags := d.apply(t.Context(), p)
		if !strings.Contains(diags.errors(), "read_only") || after.gone() || len(w.mock.Requests()) > 0 {
			t.Errorf("apply: got %q, gone %v, requests %v, want a refusal without a request",
				diags.errors(), after.gone(), w.mock.Requests())
		}
	})
}

func TestGuards_neverCloseMatchesIDsAndAddressesInAnyCase(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for _, entry := range []string{v.id, strings.ToUpper(v.id), strings.ToUpper(inesEmail)} {
			d := newDriver(t, w, attributes{"never_close": []string{"somebody@else.test", entry}})
			m := d.mustImport(v.kind, v.id)
			_, plan := d.planDestroy(m)
			after, apply := d.apply(t.Context(), reviewed(m))
			if !strings.Contains(plan.errors(), "never_close") || !strings.Contains(apply.errors(), "never_close") ||
				after.gone() {
				t.Errorf("%s: got %q at plan and %q at apply, want refusals", entry, plan.errors(), apply.errors())
			}
		}
		if got := w.changes(); len(got) > 0 {
			t.Errorf("mutating requests: got %v, want none", got)
		}
	})
}

func TestGuards_neverCloseLooksAtTheAddressOfTheDay(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		protected := attributes{"never_close": []string{"chief@acme.test"}}
		m := newDriver(t, w, protected).mustImport(v.kind, v.id)
		v.email(w.mock, v.id, "chief@acme.test")
		if _, diags := newDriver(t, w, protected).planDestroy(m); !strings.Contains(diags.errors(), "never_close") {
			t.Errorf("got %q, want a refusal of the protected address", diags.errors())
		}
	})
}

func TestGuards_closureLimitHoldsAtPlanAndAtApply(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	var all []managed
	limited := func() *driver { return newDriver(t, w, attributes{"max_closures": 2}) }
	for i := range 13 {
		w.mock.ECGrid.Add(
			mock.ECGridUser{
				ID:        int64(500 + i),
				Name:      fmt.Sprintf("Person %02d", i),
				Email:     fmt.Sprintf("p%d@acme.test", i),
				Status:    "Active",
				AuthLevel: "MailboxUser",
			},
		)
		all = append(all, limited().mustImport(ecgridKind, strconv.Itoa(500+i)))
	}
	w.mock.ECGrid.Drop(512)

	d := limited()
	if _, diags := d.planDestroy(all[12]); diags.errors() != "" {
		t.Fatalf("a closed user: got %q, want them not to count", diags.errors())
	}
	for i := range 2 {
		for range 2 { // a user is counted once
			if _, diags := d.planDestroy(all[i]); diags.errors() != "" {
				t.Fatalf("closing %d of 2: got %q, want no error", i+1, diags.errors())
			}
		}
	}
	_, diags := d.planDestroy(all[2])
	for _, want := range []string{"max_closures = 2", "At least 3 users", "Person 00", "Person 02"} {
		if !strings.Contains(diags.errors(), want) {
			t.Errorf("closing 3 of 2: got %q, want %q in it", diags.errors(), want)
		}
	}
	for i := 3; i < 12; i++ {
		_, diags = d.planDestroy(all[i])
	}
	if text := diags.warnings(); !strings.Contains(text, "Person 11 ") ||
		!strings.Contains(text, "number 12 in this plan") ||
		strings.Contains(text, "Person 10 ") {
		t.Errorf("closing 12 of 2: got %q, want who it is and the number, and nobody else", text)
	}

	d = limited()
	closed := 0
	for i := range 4 {
		if after, _ := d.apply(t.Context(), reviewed(all[i])); after.gone() {
			closed++
		}
	}
	if closed != 2 || len(w.changes()) != 2 {
		t.Errorf("applying 4 without a plan: got %d closed by %d calls, want 2 by 2", closed, len(w.changes()))
	}
}

func TestGuards_strictPlanMakesErrorsOfObstacles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    userKind
		id      string
		prepare func(*mock.Server)
		want    []string
	}{
		{sfoxKind, "cust-1", func(s *mock.Server) {
			s.SFOX.Add(mock.SFOXUser{
				ID: "cust-1", Name: "Dana Reyes", Balances: map[string]string{"btc": "0.015", "usd": "40"}, OpenOrders: 1,
				PendingTransactions: 1,
			})
		}, []string{"0.015 btc", "40 usd", "open order", "pending transaction"}},
		{sfoxKind, "adv-1", func(s *mock.Server) {
			s.SFOX.Add(mock.SFOXUser{ID: "adv-1", Name: "Ada Visor", AccountRole: "Advisor"})
			s.SFOX.Add(mock.SFOXUser{ID: "cust-9", Name: "Clio Ent", Advisor: "adv-1"})
		}, []string{`advisor of the client "cust-9"`}},
		{skillableKind, "emp-1", func(s *mock.Server) {
			s.Skillable.Add(mock.SkillableUser{
				ID: "emp-1", Name: "Ola Berg", Running: []mock.Lab{{ID: 41, Name: "Mesh basics"}},
				Saved: []mock.Lab{{ID: 42, Name: "Mesh exam", SubmittedForGrading: true}},
			})
		}, []string{`"Mesh basics" (41) is running`, `"Mesh exam" (42) is being saved or graded`}},
	} {
		w := newTestEnv(t)
		c.prepare(w.mock)
		m := newDriver(t, w, nil).mustImport(c.kind, c.id)
		_, lenient := newDriver(t, w, nil).planDestroy(m)
		_, strict := newDriver(t, w, attributes{"strict_plan": true}).planDestroy(m)
		for _, want := range c.want {
			if !strings.Contains(lenient.warnings(), want) || lenient.errors() != "" {
				t.Errorf("%s: got warnings %q and errors %q, want %q as a warning",
					c.id, lenient.warnings(), lenient.errors(), want)
			}
			if !strings.Contains(strict.errors(), want) {
				t.Errorf("%s, strict: got errors %q, want %q", c.id, strict.errors(), want)
			}
		}
	}
}

func TestGuards_keysOwnUserIsNeverTerminated(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	d := newDriver(t, w, nil)
	m := d.mustImport(ecgridKind, "7")
	_, plan := d.planDestroy(m)
	after, apply := d.apply(t.Context(), reviewed(m))
	if !strings.Contains(plan.errors(), "own API key") || !strings.Contains(apply.errors(), "own API key") ||
		after.gone() ||
		len(w.changes()) > 0 {
		t.Errorf("got %q at plan, %q at apply, changes %v, want refusals", plan.errors(), apply.errors(), w.changes())
	}
}

func TestGuards_unknownCloseNobody(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for _, guard := range []string{"read_only", "max_closures", "never_close"} {
			w.mock.ForgetRequests()
			after, diags := newDriver(t, w, attributes{guard: tftypes.UnknownValue}).apply(t.Context(), reviewed(m))
			v.stays(t, w, guard, after, diags, guard+" is not known")
			if got := w.mock.Requests(); len(got) > 0 {
				t.Errorf("%s: got requests %v, want none", guard, got)
			}
		}
	})
}

// What is around an entry is not seen, as after split("\n", …) of a file from Windows.
func TestGuards_neverCloseMindsNoBlanks(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for _, entry := range []string{inesEmail + "\r", " " + v.id, v.id + "\n"} {
			after, diags := newDriver(t, w, attributes{"never_close": []string{entry}}).destroy(m)
			v.stays(t, w, entry, after, diags, "is never closed")
		}
	})
}

// A destroy does not close whom the vendor itself shows as closed. No guard refuses it, and no
// warning doubts it.
func TestGuards_leaveOutWhomTheVendorShowsAsClosed(t *testing.T) {
	t.Parallel()
	forEachWhere(t, func(v vendorCase) bool { return v.tombstone }, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		v.drop(w.mock, v.id)
		for name, settings := range map[string]attributes{
			"no guard": nil, "never_close": {"never_close": []string{v.id}}, "strict_plan": {"strict_plan": true},
		} {
			d := newDriver(t, w, settings)
			p, plan := d.planDestroy(m)
			after, apply := d.apply(t.Context(), p)
			if text := plan.errors() + plan.warnings() + apply.errors(); text != "" || !after.gone() || len(w.changes()) > 0 {
				t.Errorf("%s: got %q, gone %v and %v, want it gone in silence", name, text, after.gone(), w.changes())
			}
		}
	})
}

// A state that has somebody as closed is let go of without a question. An account that turns out to
// be open is not.
func TestGuards_holdForWhoIsOpenAgain(t *testing.T) {
	t.Parallel()
	shown := func(v vendorCase) bool { return !v.noRead } // no state ever has somebody as closed at the others
	forEachWhere(t, shown, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		v.drop(w.mock, v.id)
		m, _ = d.read(m)
		v.put(w.mock, v.id, inesName, inesEmail)
		p, diags := newDriver(t, w, nil).planDestroy(m)
		if m.text("status") != "closed" || diags.errors() != "" {
			t.Fatalf("got the status %q and %q, want closed and a plan", m.text("status"), diags.errors())
		}
		after, diags := newDriver(t, w, attributes{"read_only": true}).apply(t.Context(), p)
		v.stays(t, w, "read_only", after, diags, "The provider is read-only")
		after, diags = newDriver(t, w, attributes{"max_closures": tftypes.UnknownValue}).apply(t.Context(), p)
		v.stays(t, w, "unknown", after, diags, "max_closures is not known")
	})
}

// An account without an address, or with a mask, may be that of somebody whom never_close names by one. The
// reviewer is told.
func TestGuards_neverCloseComparesNoAddress(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for _, shown := range []string{"", "i***@acme.test"} {
			v.rename(w.mock, v.id, "Ines Varga", shown)
			m := newDriver(t, w, nil).mustImport(v.kind, v.id)
			for entry, told := range map[string]bool{"boss@acme.test": true, "boss": false} {
				_, diags := newDriver(t, w, attributes{"never_close": []string{entry}}).planDestroy(m)
				if got := strings.Contains(diags.warnings(), "never_close names addresses"); got != told {
					t.Errorf("%q and %s: got %q, want a warning: %t", shown, entry, diags.warnings(), told)
				}
			}
		}
	})
}
