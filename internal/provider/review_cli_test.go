package provider

import (
	"fmt"
	"slices"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// named is how messages name Ines Varga.
func (v vendorCase) named() string {
	return fmt.Sprintf("%s <%s> (ID %q in %s)", inesName, inesEmail, v.id, v.kind.title)
}

// untouched checks that no request has changed anything since the last call of ForgetRequests, and
// that the account is open.
func (v vendorCase) untouched(tb testing.TB, w *testEnv) {
	tb.Helper()
	if got := w.changes(); len(got) > 0 {
		tb.Errorf("got mutating requests %q, want none", got)
	}
	if !v.has(w.mock, v.id) {
		tb.Errorf("the account %s is closed, want it open", v.id)
	}
}

// closedBy checks that the account is closed, by exactly these mutating requests since the last
// call of ForgetRequests.
func (v vendorCase) closedBy(tb testing.TB, w *testEnv, changes ...string) {
	tb.Helper()
	if got := w.changes(); !slices.Equal(got, changes) {
		tb.Errorf("got mutating requests %q, want %q", got, changes)
	}
	if v.has(w.mock, v.id) {
		tb.Errorf("the account %s is open, want it closed", v.id)
	}
}

// surprise is something that happens at a vendor after a plan was saved, and before it is applied.
type surprise struct {
	title  string
	happen func(s *mock.Server, v vendorCase)
	says   []string
	undo   func(s *mock.Server, v vendorCase) // nil when the next plan may close the account as it is now
}

var somebodyElse = surprise{
	title:  "another person",
	happen: func(s *mock.Server, v vendorCase) { v.email(s, v.id, "newcomer@acme.test") },
	says: []string{
		"may belong to another person now",
		"imported as " + inesName + " <" + inesEmail + ">",
		"newcomer@acme.test",
	},
	undo: func(s *mock.Server, v vendorCase) { v.email(s, v.id, inesEmail) },
}

func TestCLI_savedPlanClosesOnlyWhatWasReviewed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for _, one := range append(slices.Clone(v.surprises), somebodyElse) {
			t.Run(one.title, func(t *testing.T) {
				t.Parallel()
				w := v.env(t)
				c := w.imported(t, v, "", "", v.id)
				c.write("users.tf")
				c.run("plan", "-out=saved").want(0, v.named())
				one.happen(w.mock, v)
				c.run("apply", "saved").want(1, append([]string{v.id, nothingClosed}, one.says...)...)
				c.users(v.id)
				v.untouched(t, w)
				if one.undo != nil {
					one.undo(w.mock, v)
				}
				c.run("plan", "-out=again").want(0, "1 to destroy")
				c.run("apply", "again").want(0)
				c.users()
				v.closedBy(t, w, v.changes...)
			})
		}
	})
}

func TestCLI_savedPlanOfAClosedUserDoesNotCloseAReopenedOne(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		v.drop(w.mock, v.id)
		c.write("users.tf")
		was, says := "closed", short(offboard.User{ID: v.id, Name: inesName})+" is already closed in "+v.kind.title
		if v.noRead { // which has no word for closed
			was, says = "unknown", "this ID is not visible in "+v.kind.title+", so check it letter by letter"
		}
		c.run("plan", "-out=saved").want(0, says)
		v.add(w.mock)
		c.run("apply", "saved").want(1, v.named(), fmt.Sprintf("status: was %q, is now \"active\"", was), "Plan again")
		c.users(v.id)
		v.untouched(t, w)
		c.run("apply", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}

// The advice that the refusal of another person gives must work.
func TestCLI_personIsConfirmedByTheirNewAddress(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		v.email(w.mock, v.id, "ines.married@acme.test")
		c.write("users.tf")
		c.run("apply", "-auto-approve").want(1, `email = "ines.married@acme.test"`)
		c.write("users.tf", v.block(v.id, `email = "ines.married@acme.test"`))
		c.run("apply", "-auto-approve").want(0, "1 changed")
		v.untouched(t, w)
		c.write("users.tf")
		c.run("apply", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}
