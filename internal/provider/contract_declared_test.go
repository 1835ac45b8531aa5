package provider

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// onTwins runs a test for every declared vendor of the tests, on a mock with Ines and Otto.
func onTwins(t *testing.T, f func(t *testing.T, v vendorCase, s *mock.Server)) {
	for _, v := range casesWhere(t, func(v vendorCase) bool { return v.twin != "" }) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.add(s)
				f(t, v, s)
			})
		})
	}
}

// A declared vendor is compared with the examples of its definition. What they do not have is printed
// as examples that its definition takes.
func TestContract_comparesADeclaredVendorWithItsExamples(t *testing.T) {
	t.Parallel()
	onTwins(t, func(t *testing.T, v vendorCase, s *mock.Server) {
		got := virtualDriver(t, s, nil).invoke(v.kind.name, v.id)
		if got.errors() != "" || v.has(s, v.id) || !v.has(s, v.other) {
			t.Errorf("got %q, Ines open %t, want only Ines closed", got.errors(), v.has(s, v.id))
		}
		if n := got.report.Count(contract.Assumed); n < 3 {
			t.Errorf("got %d facts as assumed, want at least 3\n%s", n, got.page)
		}
		definition := definitionOf(v.twin) + "\n" + strings.Join(got.report.Examples, "\n")
		if _, problems := declared.Parse(v.twin, definition); len(problems) > 0 {
			t.Errorf("got the problems %v with the new examples, want none:\n%s", problems, got.page)
		}
		for _, value := range []string{v.id, v.other, "Ines", "Varga", "Otto", "acme.test", mockKey} {
			if strings.Contains(got.page, value) {
				t.Errorf("got %q in the report\n%s", value, got.page)
			}
		}
	})
}

// The report of a declared vendor tells an answer that no example has.
func TestContract_tellsAnAnswerOfADeclaredVendorThatNoExampleHas(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		set  func(*mock.TMS)
		fact string
		want contract.Verdict
	}{
		"as in its example":         {func(*mock.TMS) {}, "step close: closed", contract.Assumed},
		"a second closure in words": {func(s *mock.TMS) { s.Again = mock.TMSAgainError }, "step close", contract.New},
		"a closed user without a name": {
			func(s *mock.TMS) { s.Closed = mock.TMSClosedAnonymized }, "read: a disabled user", contract.Assumed,
		},
		"no status at all":    {func(s *mock.TMS) { s.NoStatus = true }, "alive", contract.New},
		"a wrong key":         {func(*mock.TMS) {}, "alive: a bad key", contract.Assumed},
		"a search by address": {func(*mock.TMS) {}, "find_by_email: found by email", contract.Assumed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				s.TMS.Add(mock.TMSUser{ID: 90417, Name: inesName, Email: inesEmail, UserName: "ines.varga", OrganizationID: 612})
				s.TMS.Set(c.set)
				got := tmsDriver(t, s).invoke("skillable_tms", "90417")
				for _, line := range got.report.Facts {
					if line.Fact == c.fact && line.Verdict != c.want {
						t.Errorf("got %+v, want %s. %s\n%s", line, c.want, got.errors(), got.page)
					}
				}
				if !strings.Contains(got.page, "| "+c.fact+" |") || strings.Contains(got.page, "Varga") {
					t.Errorf("got %s, want the fact %q and no name", got.page, c.fact)
				}
			})
		})
	}
}
