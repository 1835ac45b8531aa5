package provider

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillabletms"
)

// vendorFacts are the facts of each vendor that the mock has, and the switches of its mock.
var vendorFacts = []struct {
	title string
	facts []contract.Fact
	mock  func(*mock.Server) any
}{
	{"Konstantly", konstantly.Facts, func(s *mock.Server) any { return s.Konstantly }},
	{"ECGrid", ecgrid.Facts, func(s *mock.Server) any { return s.ECGrid }},
	{"sFOX", sfox.Facts, func(s *mock.Server) any { return s.SFOX }},
	{"Skillable Studio", skillable.Facts, func(s *mock.Server) any { return s.Skillable }},
	{"Skillable TMS", skillabletms.Facts, func(s *mock.Server) any { return s.TMS }},
}

// settings of a mock that are no answer of the vendor.
var noSwitch = []string{"Me"}

func TestFacts_haveEverySwitchOfTheMock(t *testing.T) {
	t.Parallel()
	for _, v := range vendorFacts {
		var have []string
		for _, f := range v.facts {
			if f.Switch != "" {
				have = append(have, f.Switch)
			}
		}
		want := slices.DeleteFunc(slices.Sorted(maps.Keys(mock.Switches(v.mock(mock.New(mockKey))))), func(name string) bool {
			return slices.Contains(noSwitch, name)
		})
		slices.Sort(have)
		if !slices.Equal(have, want) {
			t.Errorf("%s: got facts for the switches %q, want one for each of %q", v.title, have, want)
		}
	}
}

// A fact has a name of its own and one sentence, and a documented one an address.
func TestFacts_areWellFormed(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, v := range vendorFacts {
		seen := map[string]bool{}
		for _, f := range v.facts {
			switch {
			case !name.MatchString(f.Name) || seen[f.Name]:
				t.Errorf("%s: got the name %q, want words with hyphens, once", v.title, f.Name)
			case !strings.HasSuffix(f.Says, ".") || strings.ContainsAny(f.Says, "|\n"):
				t.Errorf("%s: got %q, want a sentence", v.title, f.Says)
			case f.Source != "" && !strings.HasPrefix(f.Source, "https://"):
				t.Errorf("%s: got the source %q, want an address", v.title, f.Source)
			}
			seen[f.Name] = true
		}
	}
}

// The page of facts is what the code has.
func TestFacts_areWhatThePageSays(t *testing.T) {
	t.Parallel()
	const page = "../../templates/guides/vendor-facts.md.tmpl"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if want := factTables(); !strings.Contains(string(text), want) {
		t.Errorf("%s lacks the tables of facts, want\n%s", page, want)
	}
}

// factTables renders the facts of all vendors, with their numbers.
func factTables() string {
	var page strings.Builder
	page.WriteString("| vendor | facts | documented | assumed | decided by the check |\n|---|---|---|---|---|\n")
	for _, v := range vendorFacts {
		documented, decided := 0, 0
		for _, f := range v.facts {
			if f.Source != "" {
				documented++
			}
			if f.Judge != nil {
				decided++
			}
		}
		fmt.Fprintf(&page, "| %s | %d | %d | %d | %d |\n",
			v.title, len(v.facts), documented, len(v.facts)-documented, decided)
	}
	yes := map[bool]string{true: "yes", false: "no"}
	for _, v := range vendorFacts {
		fmt.Fprintf(&page, "\n## %s\n\n| fact | what the provider believes | from | "+
			"switch of the mock | decided by the check |\n|---|---|---|---|---|\n", v.title)
		for _, f := range v.facts {
			from, setting := "assumed", f.Switch
			if f.Source != "" {
				from = "[documented](" + f.Source + ")"
			}
			if setting != "" {
				setting = "`" + setting + "`"
			}
			fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s |\n",
				f.Name, f.Says, from, setting, yes[f.Judge != nil])
		}
	}
	return page.String()
}
