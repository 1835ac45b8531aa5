package provider

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// labRow is a row of Skillable's search that shows Ines Varga, with a start and an API consumer.
func labRow(id int, start int64, consumer string) string {
	return fmt.Sprintf(`{"Id":%d,"UserId":"emp-3107","UserFirstName":"Ines","UserLastName":"Varga","UserEmail":%q,`+
		`"State":"Off","Start":%d,"ApiConsumerName":%q}`, id, inesEmail, start, consumer)
}

// searchOf is an answer of Skillable's search.
func searchOf(rows ...string) string {
	return fmt.Sprintf(`{"TotalResults":%d,"Status":1,"Error":null,"Results":[%s]}`, len(rows), strings.Join(rows, ","))
}

// noStart is the Unix time of the zero DateTime of .NET, which is what a lab has that was never
// started.
const noStart = -62135596800

// shownBySearch has a Skillable whose search always answers the same.
func shownBySearch(search string) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, _ *http.Request, at string) bool {
		return at == "/labinstance/search" && say(w, 200, search)
	}
}

// The search shows the protected address in every row.
func TestHostile_neverCloseHoldsForWhoeverASearchShows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, search string }{
		{"a lab that was never started", searchOf(labRow(41, noStart, "Acme"))},
		{"labs of two API consumers", searchOf(labRow(41, 1767225600, "Acme"), labRow(42, 1767225600, "Beta"))},
		{"a row without the ID", strings.Replace(searchOf(labRow(41, 1767225600, "Acme")), `"UserId":"emp-3107",`, "", 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				f.answer = shownBySearch(test.search)
				d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{inesEmail}})
				m := d.mustImport(skillableKind, skillableCase.id)
				_, diags := d.destroy(m)
				t.Logf("status %q: errors %q warnings %q", m.text("status"), diags.errors(), diags.warnings())
				if !f.mock.Skillable.Has(skillableCase.id) {
					t.Errorf("closed, and each answer showed %s, who is in never_close", inesEmail)
				}
			})
		})
	}
}

// The vendor counts rows, does nothing, and shows the person as before.
func TestHostile_whoIsStillShownIsNotClosed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, before, after string }{
		{"a lab that was never started", searchOf(labRow(41, noStart, "Acme")), searchOf(labRow(41, noStart, "Acme"))},
		{
			"only a lab that was never started is left",
			searchOf(labRow(41, 1767225600, "Acme"), labRow(42, noStart, "Acme")), searchOf(labRow(42, noStart, "Acme")),
		},
		{
			"labs of two API consumers",
			searchOf(labRow(41, 1767225600, "Acme"), labRow(42, 1767225600, "Beta")),
			searchOf(labRow(41, 1767225600, "Acme"), labRow(42, 1767225600, "Beta")),
		},
		{
			"another API consumer launches a lab in between", searchOf(labRow(41, 1767225600, "Acme")),
			searchOf(labRow(41, 1767225600, "Acme"), labRow(42, 1767225600, "Beta")),
		},
		{
			"a row without the ID", searchOf(labRow(41, 1767225600, "Acme")),
			strings.Replace(searchOf(labRow(41, 1767225600, "Acme")), `"UserId":"emp-3107",`, "", 1),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				f.answer = shownBySearch(test.before)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
				calls := 0
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					switch {
					case at == "/CloseUserAccount":
						calls++
						return say(w, 200, fmt.Sprintf(`{"RowsAffected":%d,"Status":1,"Error":null}`, max(0, 6-3*calls)))
					case at == "/labinstance/search" && calls > 0:
						return say(w, 200, test.after)
					}
					return at == "/labinstance/search" && say(w, 200, test.before)
				}
				m, _ := f.apply(t, d, p)
				o := f.outcome(t)
				if m.gone() || o.Result == evidence.Closed {
					t.Errorf("%q: %q, and the last answer shows %s", o.Result, o.Proof, inesEmail)
				}
			})
		})
	}
}

// The log is held by another process for 20 seconds. Meanwhile the ID passes to somebody else.
func TestHostile_aCallThatWaitsForTheLogClosesNobodyElse(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.holdsTheLog(t, v, func() {
			v.drop(f.mock, v.id)
			v.put(f.mock, v.id, "Zoe New", "zoe.new@acme.test")
			f.mock.ForgetRequests()
		})
		f.apply(t, d, p)
		for _, r := range f.mock.Requests() {
			if r.Change {
				t.Errorf("%s was sent for Zoe New; her account is open: %v", r.Route, v.has(f.mock, v.id))
			}
		}
	})
}

// The key as the ID of a user who has a lab.
func TestHostile_aKeyAsTheIDInALabIsMasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &liar{mock: mock.New(mockKey), answer: func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/runningandsavedlabs" && say(w, 200, fmt.Sprintf(
				`{"Status":1,"RunningLabs":[{"Id":1,"UserId":%q,"UserFirstName":"Z"}],"SavedLabs":[]}`, mockKey))
		}}
		m, diags := virtualDriver(t, f, nil).data("offboard_skillable_users", attributes{})
		if strings.Contains(m.state.String()+diags.errors()+diags.warnings(), mockKey) {
			t.Errorf("shows the key: %v %q", m.state, diags.errors()+diags.warnings())
		}
	})
}

// startsLab starts a lab of Ines.
func (f *liar) startsLab() {
	f.mock.Skillable.Update(skillableCase.id, func(u *mock.SkillableUser) {
		u.Running = mock.Labs{{ID: 41, Name: "Exam"}}
	})
}

// While the closing waits for the log, a lab is started.
func TestHostile_aCallThatWaitsForTheLogEndsNoNewLab(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		f.holdsTheLog(t, skillableCase, f.startsLab)
		f.apply(t, d, p)
		if !f.mock.Skillable.Has(skillableCase.id) {
			t.Error("closed while a lab runs, which the plan did not show")
		}
	})
}

// The ID of a closed user is given to somebody else, whose closing finds nothing to see. The old
// proof is not theirs.
func TestHostile_theProofOfAnotherPersonIsNotTheirs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		if m, diags := d.destroy(d.mustImport(sfoxKind, sfoxCase.id)); !m.gone() {
			t.Fatal(diags.errors())
		}
		sfoxCase.put(f.mock, sfoxCase.id, "Zoe New", "zoe.new@acme.test")
		d = f.process(t)
		m := d.mustImport(sfoxKind, sfoxCase.id)
		f.answer = sfoxOfAnotherPartner
		d = f.process(t)
		after, diags := d.destroy(m)
		report := readEvidence(t, f.log).Report("log", reportWords)
		t.Logf("gone %v result %q errors %q\n%s", after.gone(), f.outcome(t).Result, diags.errors(), report)
		if strings.Contains(report, "Every account was proven") {
			t.Errorf("the report proves Zoe New by the closing of Ines Varga; open: %v", sfoxCase.has(f.mock, sfoxCase.id))
		}
	})
}

// A closed user launches a lab again, and is shown as active just before the closing that touches
// no row.
func TestHostile_reportProvesNobodyWhoWasShownBeforeACallThatClosedNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		if m, diags := d.destroy(d.mustImport(skillableKind, skillableCase.id)); !m.gone() {
			t.Fatal(diags.errors())
		}
		skillableCase.put(f.mock, skillableCase.id, inesName, inesEmail)
		f.answer = shownBySearch(searchOf(labRow(41, 1790000000, "Acme")))
		d = f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		called := false
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/CloseUserAccount":
				called = true
				return say(w, 200, `{"RowsAffected":0,"Status":1,"Error":null}`)
			case "/labinstance/search":
				if called {
					return say(w, 200, searchOf())
				}
				return say(w, 200, searchOf(labRow(41, 1790000000, "Acme")))
			case "/userrunningandsavedlabs":
				return called && say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
			}
			return false
		}
		f.apply(t, d, p)
		report := readEvidence(t, f.log).Report("log", reportWords)
		if strings.Contains(report, "Every account was proven") {
			t.Errorf("proven, and the last closing saw the account active; open: %v", f.mock.Skillable.Has(skillableCase.id))
		}
	})
}

// ECGrid slows down the question for the key's own user, which comes between the look at the
// account and the closing call.
func TestHostile_ecgridLooksAgainAfterAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		d = f.process(t)
		asksForTheOwner := func(_ *http.Request, at string) bool { return at == "/users/me" }
		f.delays(t, "120", asksForTheOwner, func() {
			ecgridCase.drop(f.mock, ecgridCase.id)
			ecgridCase.put(f.mock, ecgridCase.id, "Zoe New", "zoe.new@acme.test")
		})
		f.apply(t, d, p)
		if !ecgridCase.has(f.mock, ecgridCase.id) {
			t.Error("Zoe New is closed by a look that is two minutes old")
		}
	})
}

// Skillable slows down the search, which comes after the list of labs.
func TestHostile_skillableListsTheLabsAgainAfterAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		d = f.process(t)
		searches := func(_ *http.Request, at string) bool { return at == "/labinstance/search" }
		f.delays(t, "120", searches, f.startsLab)
		f.apply(t, d, p)
		if !f.mock.Skillable.Has(skillableCase.id) {
			t.Error("closed while a lab runs, by a list of labs that is two minutes old")
		}
	})
}

// The vendor shows the protected address among other text.
func TestHostile_neverCloseHoldsForAnAddressAmongOtherText(t *testing.T) {
	t.Parallel()
	forEachWhere(t, func(v vendorCase) bool { return v.email != nil }, func(t *testing.T, v vendorCase, w *testEnv) {
		for _, email := range []string{
			"Ines Varga <" + inesEmail + ">", inesEmail + "; edi@acme.test", inesEmail + ",edi@acme.test", "mailto:" + inesEmail,
		} {
			v.email(w.mock, v.id, email)
			d := newDriver(t, w, attributes{"never_close": []string{inesEmail}})
			p, diags := d.planDestroy(d.mustImport(v.kind, v.id))
			if diags.errors() == "" {
				t.Errorf("a plan closes %q, who is shown with the address %q, in spite of never_close", p.prior.text("id"), email)
			}
		}
	})
}

// After an accepted call the only other row of the list is the same person, with the ID in other
// letter case.
func TestHostile_theSamePersonInOtherLetterCaseVouchesForNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v    vendorCase
		gone string
		list string
		rows string
	}{
		{
			konstantlyCase, `{"status":404,"message":"not found"}`, "/users",
			`{"users":[{"id":%q,"name":%q,"email":%q,"isBanned":false}],"totalCount":1}`,
		},
		{
			sfoxCase, `{"error":"user not found"}`, "/enterprise/users",
			`{"data":[{"user_id":%q,"first_name":%q,"email":%q,"account_type":"individual","account_role":"client"}]}`,
		},
	} {
		t.Run(test.v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, test.v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(test.v.kind, test.v.id))
				f.ignoresDelete(200, "", func(w http.ResponseWriter, _ *http.Request, at string) bool {
					switch {
					case at == test.list:
						return say(w, 200, fmt.Sprintf(test.rows, strings.ToUpper(test.v.id), inesName, inesEmail))
					case strings.HasSuffix(at, "/"+test.v.id):
						return say(w, 404, test.gone)
					}
					return false
				})
				f.apply(t, d, p)
				o := f.outcome(t)
				if o.Result == evidence.Closed {
					t.Errorf("%q by a list that shows nobody but %s as open", o.Result, inesEmail)
				}
			})
		})
	}
}

// The search names the API consumer of one lab, and none for the lab that runs: it was launched
// elsewhere.
func TestHostile_skillableCancelsNoLabOfWhichNoConsumerIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		row := strings.Replace(labRow(41, 1790000000, "none"), `"none"`, "null", 1)
		canceled := false
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch {
			case at == "/userrunningandsavedlabs" && !canceled:
				return say(w, 200, `{"RunningLabs":[{"LabInstanceId":41,"LabProfileName":"Exam"}],`+
					`"SavedLabs":[],"Status":1,"Error":null}`)
			case at == "/labinstance/search":
				return say(w, 200, searchOf(labRow(40, 1767225600, "Acme"), row))
			case at == "/cancel":
				canceled = true
				return say(w, 200, `{"Result":1,"Status":1,"Error":null}`)
			}
			return false
		}
		d := f.process(t)
		m := d.mustImport(skillableKind, skillableCase.id)
		p, diags := d.planBlock(m, attributes{"id": skillableCase.id, "cancel_running_labs": true})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		m, _ = d.apply(t.Context(), p)
		d = f.process(t)
		p, _ = d.planDestroy(m)
		f.apply(t, d, p)
		if canceled {
			t.Error("a lab is canceled of which no answer says that it is of the consumer of the key")
		}
	})
}

// Two labs of the ID show two people, and nothing says which of them is the later one.
func TestHostile_skillableClosesNobodyWhoseIDShowsTwoPeopleAtOnce(t *testing.T) {
	t.Parallel()
	for _, start := range []int64{0, noStart, 1767225600} {
		t.Run(strconv.FormatInt(start, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				names := strings.NewReplacer("Ines", "Otto", "Varga", "Ostrander", inesEmail, ottoEmail)
				otto := names.Replace(labRow(42, start, "Acme"))
				f.answer = shownBySearch(searchOf(labRow(41, start, "Acme"), otto))
				d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{ottoEmail}})
				_, diags := d.importUser(skillableKind, skillableCase.id)
				if !strings.Contains(diags.errors(), "two labs that began at the same time") {
					t.Errorf("got %q, want that the labs contradict each other", diags.errors())
				}
				_, diags = d.dataSource("offboard_accounts", attributes{
					"people": peopleOf(
						row{"email": inesEmail, "left_on": "2026-11-02", "accounts": row{"skillable": skillableCase.id}},
						row{"email": ottoEmail, "accounts": row{"skillable": strings.Repeat("a", 400)}},
					),
					"fail_on": []string{"leaver"},
				})
				for _, id := range []string{"ID " + skillableCase.id + ": ", "is refused"} {
					if !strings.Contains(diags.errors(), "Cannot tell whose accounts") || !strings.Contains(diags.errors(), id) {
						t.Errorf("got %q, want an error about %q", diags.errors(), id)
					}
				}

			})
		})
	}
}

// holdLog locks a log as another process does, and returns what releases it.
func holdLog(t *testing.T, path string) func() {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := lockFile(file); err != nil {
		t.Fatal(err)
	}
	return func() { _ = file.Close() }
}
