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

// withoutUser is a row of a search that does not say whose lab it is.
func withoutUser(row string) string { return strings.Replace(row, `"UserId":"emp-3107",`, "", 1) }

// untilClosed has a Skillable whose search answers the same until the account is closed. It reports
// that in closed.
func untilClosed(search string, closed *bool) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, r *http.Request, at string) bool {
		*closed = *closed || at == "/CloseUserAccount"
		return !*closed && shownBySearch(search)(w, r, at)
	}
}

// The lists of running and saved labs are empty, and the search shows a lab of the user that is
// being graded, saved, or that runs.
func TestHostile_skillableALabOnlyTheSearchShowsIsAnObstacle(t *testing.T) {
	for _, state := range []string{"Scoring", "Saving", "Running", "Starting", "Resuming", "Building"} {
		for what, row := range map[string]string{
			"": labRow(41, 1767225600, "Acme"), ", without the ID": withoutUser(labRow(41, 1767225600, "Acme")),
			", without a start": labRow(41, noStart, "Acme"),
		} {
			t.Run(state+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f, closed := newLiar(t, skillableCase), false
					f.answer = untilClosed(strings.Replace(searchOf(row), `"Off"`, `"`+state+`"`, 1), &closed)
					d := f.process(t)
					m, diags := d.destroy(d.mustImport(skillableKind, skillableCase.id))
					if closed || m.gone() || diags.errors() == "" {
						t.Errorf("a closing call left, though the search shows a lab in the state %s", state)
					}
				})
			})
		}
	}
}

// The lists of labs are refused, and the search shows labs that run under the ID.
func TestHostile_skillableLabsThatCannotBeListedAreNoPermission(t *testing.T) {
	ines := labRow(41, 1767225600, "Acme")
	const nobody = `{"Id":41,"UserId":"emp-3107","State":"Off","Start":1767225600,"ApiConsumerName":"Acme"}`
	for _, test := range []struct{ name, search string }{
		{"two API consumers", searchOf(ines, labRow(42, 1767225600, "Beta"))},
		{"a row without the ID", searchOf(withoutUser(ines))},
		{"a row without a person", searchOf(nobody)},
	} {
		for _, state := range []string{"Running", "Saved", "Scoring", "Starting"} {
			t.Run(test.name+", "+state, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f, closed := newLiar(t, skillableCase), false
					m := f.process(t).mustImport(skillableKind, skillableCase.id)
					search := untilClosed(strings.ReplaceAll(test.search, `"Off"`, `"`+state+`"`), &closed)
					f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
						if at == "/userrunningandsavedlabs" && !closed {
							return say(w, 200, `{"Status":0,"Error":"The request could not be processed. Try again later."}`)
						}
						return search(w, r, at)
					}
					m, _ = f.process(t).destroy(m)
					if closed || m.gone() {
						t.Error("a closing call left, though the search shows labs, and their list was refused")
					}
				})
			})
		}
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
