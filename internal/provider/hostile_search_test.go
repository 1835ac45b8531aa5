package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// ottosLab is a row of a search that shows Otto under the ID of Ines.
func ottosLab(row string) string {
	return strings.NewReplacer(`"Ines"`, `"Otto"`, `"Varga"`, `"Ostrander"`, inesEmail, ottoEmail).Replace(row)
}

// untilClosed has a Skillable whose search answers the same until the account is closed. It reports
// that in closed.
func untilClosed(search string, closed *bool) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, r *http.Request, at string) bool {
		*closed = *closed || at == "/CloseUserAccount"
		return !*closed && shownBySearch(search)(w, r, at)
	}
}

// The search shows 50 labs a page, counts those of the page, and says that there are two pages. The
// second one shows that the ID is Otto's now.
func TestHostile_skillableASearchOfTwoPagesIsReadWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		var rows []string
		for i := range 50 {
			rows = append(rows, labRow(100+i, int64(1767225600+i), "Acme"))
		}
		page := func(rows ...string) string {
			return strings.Replace(searchOf(rows...), `"Status"`, `"TotalPages":2,"Status"`, 1)
		}
		f.answer = shownBySearch(searchOf(rows[0]))
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		closed := false
		first := untilClosed(page(rows...), &closed)
		second := untilClosed(page(ottosLab(labRow(7, 1790000000, "Acme"))), &closed)
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.URL.Query().Get("pageIndex") == "1" {
				return second(w, r, at)
			}
			return first(w, r, at)
		}
		if m, _ := f.apply(t, d, p); closed || m.gone() {
			t.Errorf("a closing call left, though page two of the search shows %s as the latest", ottoEmail)
		}
	})
}
