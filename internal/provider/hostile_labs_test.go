package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
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

// The lists are live and the search is an index that lags by a minute. Between the first look and
// the last one Ines starts a lab, which opens her account again at the vendor. The lists show it; the
// search does not yet.
func TestHostile_skillableALabThatStartsDuringTheClosureIsSeen(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"after the first call", "after the second call"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := skillableCase
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(skillableKind, v.id))
				calls, started := 0, false
				n := map[string]int{"after the first call": 1, "after the second call": 2}[at]
				f.answer = func(w http.ResponseWriter, _ *http.Request, path string) bool {
					switch {
					case path == "/labinstance/search" && started:
						return say(w, 200, noLabFound)
					case path == "/userrunningandsavedlabs" && started:
						return say(w, 200,
							`{"RunningLabs":[{"LabInstanceId":41,"LabProfileName":"Mesh"}],"SavedLabs":[],"Status":1,"Error":null}`)
					case path == "/CloseUserAccount":
						calls++
						started = started || calls >= n
						if calls == 2 { // the launch is queued: no record of the user yet
							return say(w, 200, `{"RowsAffected":0,"Status":1,"Error":null}`)
						}
					}
					return false
				}
				after, _ := f.apply(t, d, p)
				if after.gone() {
					t.Errorf("closed, while userrunningandsavedlabs shows a running lab: open %v", f.mock.Skillable.Has(v.id))
				}
			})
		})
	}
}

// The learning platform sends no names, so no lab shows a person. It launches a lab for Ines while she
// is closed, which opens her account again. No answer is old, and all are true. The search shows the
// lab in a state that is not documented, or beside the lab of another API consumer. In both cases only
// the lists count as saying that it runs.
func TestHostile_skillableALabThatOnlyTheListsShowIsSeen(t *testing.T) {
	t.Parallel()
	const page = `{"TotalResults":%d,"TotalPages":1,"Status":1,"Error":null,"Results":[%s]}`
	row := func(id int, state, consumer string) string {
		return fmt.Sprintf(`{"Id":%d,"UserId":"emp-3107","UserFirstName":"","UserLastName":"","UserEmail":"",`+
			`"State":%q,"Start":1767225600,"ApiConsumerName":%q,"LabProfileName":"Mesh"}`, id, state, consumer)
	}
	for name, c := range map[string]struct{ past, lab string }{
		"a state that is not documented": {row(40, "Off", "Acme"), row(41, "Queued", "Acme")},
		"two API consumers":              {row(40, "Off", "Beta"), row(41, "Running", "Acme")},
	} {
		for _, n := range []int{1, 2} {
			t.Run(fmt.Sprint(name, ", with call ", n), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, skillableCase)
					calls := 0
					f.answer = func(w http.ResponseWriter, _ *http.Request, path string) bool {
						switch {
						case path == "/CloseUserAccount":
							calls++
							return say(w, 200, fmt.Sprintf(`{"RowsAffected":%d,"Status":1,"Error":null}`, max(0, 2-calls)*7))
						case path == "/labinstance/search" && calls < n:
							return say(w, 200, fmt.Sprintf(page, 1, c.past))
						case path == "/labinstance/search":
							return say(w, 200, fmt.Sprintf(page, 2, c.lab+","+c.past))
						case path == "/userrunningandsavedlabs" && calls < n:
							return say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
						case path == "/userrunningandsavedlabs":
							return say(w, 200,
								`{"RunningLabs":[{"LabInstanceId":41,"LabProfileName":"Mesh"}],"SavedLabs":[],"Status":1,"Error":null}`)
						}
						return false
					}
					d := f.process(t)
					p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
					if after, _ := f.apply(t, d, p); after.gone() {
						t.Errorf("got %q, while userrunningandsavedlabs shows a running lab", f.outcome(t).Result)
					}
				})
			})
		}
	}
}

// After the first closing call Ines starts an exam, which was in no plan. No further call is sent, and
// the message names the exam. The last look shows the account open, so that a lost call has failed. An
// accepted one may still take effect.
func TestHostile_skillableALabThatStartsAfterACallStopsTheNextOne(t *testing.T) {
	t.Parallel()
	const runs = `"State":"Running","LabProfileName":"Final exam"`
	exam := strings.Replace(labRow(77, 1767229999, "Acme"), `"State":"Off"`, runs, 1)
	for name, c := range map[string]struct {
		status, calls int
		took          time.Duration // by each call
		want          evidence.Result
	}{
		"lost":         {500, 1, 0, evidence.Failed},
		"rows, slowly": {200, 1, 3 * time.Second, evidence.Unproven},
		"rows":         {200, 2, 0, evidence.Unproven}, // the read before the first call serves the second one
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				d := f.process(t)
				f.answer = shownBySearch(searchOf(labRow(41, 1767225600, "Acme")))
				p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
				calls := 0
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					switch {
					case at == "/CloseUserAccount":
						calls++
						time.Sleep(c.took)
						return say(w, c.status, `{"RowsAffected":3,"Status":1,"Error":null}`)
					case at == "/labinstance/search" && calls > 0:
						return say(w, 200, searchOf(exam))
					}
					return at == "/labinstance/search" && say(w, 200, searchOf(labRow(41, 1767225600, "Acme")))
				}
				after, diags := f.apply(t, d, p)
				if calls != c.calls || after.gone() || f.outcome(t).Result != c.want {
					t.Errorf("got %d calls, gone %t and %q, want %d calls, the user kept, and %q",
						calls, after.gone(), f.outcome(t).Result, c.calls, c.want)
				}
				if said := diags.errors(); !strings.Contains(said, `the lab "Final exam" (77) is running`) ||
					strings.Contains(said, nothingClosed) {
					t.Errorf("got %q, want it to name the lab, and not to say that nothing was changed", said)
				}
			})
		})
	}
}

// The lists of labs are refused in words, and the search shows nothing. For an ID of which nothing was shown
// that may mean that no person has it. If the plan showed the person or a lab, it does not: a lab may run.
// A plan that shows neither is needed then.
func TestHostile_refusedListsShowNoEndOfWhomThePlanShowed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(f *liar)
		shown   bool
	}{
		"a lab":      {(*liar).startsLab, true},
		"the person": {func(*liar) {}, true},
		"nothing": {func(f *liar) {
			f.mock.Skillable.Update(skillableCase.id, func(u *mock.SkillableUser) { u.History = 0 })
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := skillableCase
				f := newLiar(t, v)
				c.prepare(f)
				d := f.process(t)
				m := d.mustImport(skillableKind, v.id)
				p, _ := d.planDestroy(m)
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					return at == "/userrunningandsavedlabs" && say(w, 200, `{"Status":0,"Error":"The service is unavailable."}`) ||
						at == "/labinstance/search" && say(w, 200, noLabFound)
				}
				after, diags := f.apply(t, f.process(t), p)
				if v.has(f.mock, v.id) != c.shown || after.gone() && c.shown {
					t.Errorf("got gone %t, %q, want it open: %t", after.gone(), diags.errors(), c.shown)
				}
				if !c.shown {
					return
				}
				if !strings.Contains(diags.errors(), "The service is unavailable") {
					t.Errorf("got %q, want the refusal", diags.errors())
				}
				d = f.process(t)
				after, _ = d.read(after)
				if _, diags = f.apply(t, f.process(t), d.mustPlanDestroy(after)); v.has(f.mock, v.id) {
					t.Errorf("got %q, want a closure by a plan that shows nothing of the person", diags.errors())
				}
			})
		})
	}
}
