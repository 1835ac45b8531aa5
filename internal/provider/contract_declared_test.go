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
