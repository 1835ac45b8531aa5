package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
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

// After the plan, the ID passes to Otto, whom the search shows in a lab that is not plainly the
// latest one of this ID.
func TestHostile_skillableClosesNobodyWhomTheReviewerDidNotSee(t *testing.T) {
	t.Parallel()
	ines := labRow(41, 1767225600, "Acme")
	otto := ottosLab(labRow(42, 1790000000, "Acme"))
	begun := func(start string) string { return strings.Replace(otto, "1790000000", start, 1) }
	for _, test := range []struct{ name, then, now string }{
		{"a start of null", searchOf(ines), searchOf(ines, begun("null"))},
		{"no start", searchOf(ines), searchOf(ines, strings.Replace(otto, `,"Start":1790000000`, "", 1))},
		{"a start in a string", searchOf(ines), searchOf(ines, begun(`"/Date(1790000000000)/"`))},
		{"a lab that was never started", searchOf(ines), searchOf(ines, begun("-62135596800"))},
		{"a lab that was never started, elsewhere", searchOf(ines), searchOf(ines, begun("28800"))},
		{"a start before that of Ines", searchOf(ines), searchOf(ines, begun("1600000000"))},
		{
			"hers in milliseconds", searchOf(begun("1600000000"), ines),
			searchOf(otto, strings.Replace(ines, "1767225600", "1767225600000", 1)),
		},
		{"Otto alone, in a row without the ID", searchOf(ines), searchOf(withoutUser(otto))},
		{"Otto beside Ines, in a row without the ID", searchOf(ines), searchOf(ines, withoutUser(otto))},
		{"Otto alone, as a user of two consumers", searchOf(ines), searchOf(otto, ottosLab(labRow(43, 1790000001, "Beta")))},
		{"both, as users of two consumers", searchOf(ines), searchOf(ines, ottosLab(labRow(43, 1790000001, "Beta")))},
		{"Otto in the same lab as Ines", searchOf(ines), searchOf(ines, strings.Replace(otto, `"Id":42`, `"Id":41`, 1))},
		{
			"Otto had the ID before, and has it again", searchOf(ines, begun("1600000000")),
			searchOf(begun("1600000000"), ottosLab(labRow(43, 1790000001, "Beta"))),
		},
		{"nobody was shown", searchOf(), searchOf(withoutUser(otto))},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				f.answer = shownBySearch(test.then)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
				closed := false
				f.answer = untilClosed(test.now, &closed)
				if m, diags := d.apply(t.Context(), p); closed || m.gone() || diags.errors() == "" {
					t.Errorf("got %q; a closing call left %t, though the search shows %s since the plan",
						diags.errors(), closed, ottoEmail)
				}
			})
		})
	}
}

// Whom the labs of an ID show before the plan, beside Ines or in her place, is named at the import or
// in the plan. A plan to close the account fails if Ines is not among them.
func TestHostile_skillableThePlanNamesEverybodyWhomTheSearchShows(t *testing.T) {
	t.Parallel()
	ines, otto := labRow(41, 1767225600, "Acme"), labRow(42, 1790000000, "Acme")
	for _, test := range []struct {
		name, search string
		hers         bool // Ines is among them
	}{
		{"no start", searchOf(ines, ottosLab(labRow(42, noStart, "Acme"))), false},
		{"an earlier lab", searchOf(ines, ottosLab(labRow(42, 1600000000, "Acme"))), true},
		{"a row without the ID", searchOf(ines, withoutUser(ottosLab(otto))), true},
		{"two consumers", searchOf(ines, ottosLab(labRow(42, 1767225600, "Beta"))), true},
		{"Otto alone, in a row without the ID", searchOf(withoutUser(ottosLab(otto))), false},
		{"Otto alone, as a user of two consumers", searchOf(ottosLab(otto), ottosLab(labRow(43, 1, "Beta"))), false},
	} {
		for what, labs := range map[string]mock.Labs{"no lab now": nil, "a saved lab": {{ID: 43, Name: "Mesh"}}} {
			t.Run(test.name+", "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, skillableCase)
					f.mock.Skillable.Update(skillableCase.id, func(u *mock.SkillableUser) { u.Saved = labs })
					f.answer = shownBySearch(searchOf(ines))
					m := f.process(t).mustImport(skillableKind, skillableCase.id)
					f.answer = shownBySearch(test.search)
					_, diags := f.process(t).planDestroy(m)
					said := diags.errors() + diags.warnings()
					if !strings.Contains(said, "Otto") || (diags.errors() == "") != test.hers {
						t.Errorf("got %q, want Otto named, and a plan %t", said, test.hers)
					}
				})
			})
		}
	}
}

// A person is closed whose labs are shown in the documented form: with a start, a state, one API
// consumer, and perhaps the people who had the ID, or the names that the person had, before.
func TestHostile_skillableClosesWhomTheReviewerSaw(t *testing.T) {
	t.Parallel()
	ines := labRow(41, 1767225600, "Acme")
	for _, test := range []struct {
		name string
		rows []string
	}{
		{"one lab", []string{ines}},
		{"an earlier lab of somebody else", []string{ines, ottosLab(labRow(40, 1600000000, "Acme"))}},
		{"an earlier lab with another address", []string{
			ines, strings.Replace(labRow(40, 1600000000, "Acme"), inesEmail, "ines.costa@acme.test", 1),
		}},
		{"a lab that was never started", []string{ines, labRow(42, noStart, "Acme")}},
		{"only one that was never started", []string{labRow(42, noStart, "Acme")}},
		{"a lab without a name", []string{ines, `{"Id":42,"UserId":"emp-3107","State":"Off","Start":null}`}},
		{"a saved lab", []string{strings.Replace(ines, `"Off"`, `"Saved"`, 1)}},
		{"a lab that is torn down", []string{strings.Replace(ines, `"Off"`, `"Tearing Down"`, 1)}},
		{"a scheduled lab", []string{ines, strings.Replace(labRow(42, 1999999999, "Acme"), `"Off"`, `"Scheduled"`, 1)}},
		{"a lab in a state of a later version", []string{strings.Replace(ines, `"Off"`, `"Archived"`, 1)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, closed := newLiar(t, skillableCase), false
				f.answer = untilClosed(searchOf(test.rows...), &closed)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
				if m, diags := f.apply(t, d, p); !m.gone() || f.mock.Skillable.Has(skillableCase.id) {
					t.Errorf("got %q, want the account closed", diags.errors())
				}
			})
		})
	}
}

// The lists of running and saved labs are empty, and the search shows a lab of the user that is
// being graded, saved, or that runs.
func TestHostile_skillableALabOnlyTheSearchShowsIsAnObstacle(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"Scoring", "Saving", "Running", "Starting", "Resuming", "Building"} {
		for what, row := range map[string]string{
			"": labRow(41, 1767225600, "Acme"), ", without the ID": withoutUser(labRow(41, 1767225600, "Acme")),
			", without a start": labRow(41, noStart, "Acme"),
		} {
			t.Run(state+what, func(t *testing.T) {
				t.Parallel()
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
	t.Parallel()
	ines := labRow(41, 1767225600, "Acme")
	const nobody = `{"Id":41,"UserId":"emp-3107","State":"Off","Start":1767225600,"ApiConsumerName":"Acme"}`
	for _, test := range []struct{ name, search string }{
		{"two API consumers", searchOf(ines, labRow(42, 1767225600, "Beta"))},
		{"a row without the ID", searchOf(withoutUser(ines))},
		{"a row without a person", searchOf(nobody)},
	} {
		for _, state := range []string{"Running", "Saved", "Scoring", "Starting"} {
			t.Run(test.name+", "+state, func(t *testing.T) {
				t.Parallel()
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
	t.Parallel()
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
