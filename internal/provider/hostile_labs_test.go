package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// The search shows 100 of 150 labs. All 100 are of one API consumer; of the others nothing is
// known. So it does not say who has the ID, and whose labs these are.
func TestHostile_aCappedSearchShowsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		var rows []string
		for i := range 100 {
			rows = append(rows, labRow(41+i, 1767225600, "Beta"))
		}
		total, changed := 100, ""
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/userrunningandsavedlabs":
				return say(
					w,
					200,
					`{"RunningLabs":[{"LabInstanceId":41,"LabProfileName":"Mesh"}],"SavedLabs":[],"Status":1,"Error":null}`,
				)
			case "/labinstance/search":
				return say(
					w,
					200,
					fmt.Sprintf(`{"TotalResults":%d,"Results":[%s],"Status":1,"Error":null}`, total, strings.Join(rows, ",")),
				)
			case "/cancel", "/CloseUserAccount":
				changed = at
			}
			return false
		}
		d := virtualDriver(t, f, attributes{"evidence_log": f.log})
		m := d.mustImport(skillableKind, "emp-3107")
		p, diags := d.planBlock(m, attributes{"id": "emp-3107", "cancel_running_labs": true})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		m, _ = d.apply(t.Context(), p)
		d = virtualDriver(t, f, attributes{"evidence_log": f.log})
		p = d.mustPlanDestroy(m)
		total = 150
		refused := map[string]diagnostics{}
		_, refused["import"] = d.importUser(skillableKind, "emp-3107")
		_, refused["refresh"] = d.read(m)
		_, refused["plan"] = d.planDestroy(m)
		_, refused["apply"] = d.apply(t.Context(), p)
		for what, diags := range refused {
			said := diags.errors()
			if !strings.Contains(said, "does not show all labs under this ID") ||
				!strings.Contains(said, "the vendor says 150, 100 were read") ||
				strings.Contains(said, "base_url") {
				t.Errorf("%s: got %q, want that the search is not whole, and nothing of base_url", what, said)
			}
		}
		if changed != "" {
			t.Errorf(
				"%s left, though 50 labs, which may show another person or name another API consumer, were never seen",
				changed,
			)
		}
	})
}

// A hundred labs of another API consumer show Ines under the ID and fill the first page of the
// search. The second page shows whose account the key closes: somebody in never_close.
func TestHostile_everybodyOnAllPagesOfASearchIsAskedAbout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := skillableCase
		f := newLiar(t, v)
		var rows []string
		for i := range 100 {
			rows = append(rows, labRow(1000-i, int64(1790000000-i), "Beta"))
		}
		names := strings.NewReplacer("Ines", "Bea", "Varga", "Boss", inesEmail, "boss@acme.test")
		const page = `{"TotalResults":101,"TotalPages":2,"Status":1,"Error":null,"Results":[%s]}`
		closed := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case at == "/CloseUserAccount":
				closed = true
			case at == "/labinstance/search" && r.URL.Query().Get("pageIndex") == "0":
				return say(w, 200, fmt.Sprintf(page, strings.Join(rows, ",")))
			case at == "/labinstance/search":
				return say(w, 200, fmt.Sprintf(page, names.Replace(labRow(7, 1767225600, "Acme"))))
			}
			return false
		}
		d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{"boss@acme.test"}})
		m := d.mustImport(v.kind, v.id)
		_, diags := d.destroy(m)
		t.Logf("imported as %q: errors %q warnings %q", m.text("email"), diags.errors(), diags.warnings())
		if closed {
			t.Error("a closing call left for an ID that shows boss@acme.test, who is in never_close, on page two")
		}
	})
}
