package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

var skillableCase = vendorCase{
	kind:     skillableKind,
	id:       "emp-3107",
	other:    "emp-3108",
	noRead:   true,
	version1: true,
	put: func(s *mock.Server, id, name, email string) {
		s.Skillable.Add(mock.SkillableUser{ID: id, Name: name, Email: email, History: 2})
	},
	has:  func(s *mock.Server, id string) bool { return s.Skillable.Has(id) },
	drop: func(s *mock.Server, id string) { s.Skillable.Drop(id) },
	email: func(s *mock.Server, id, email string) {
		s.Skillable.Update(id, func(u *mock.SkillableUser) { u.Email = email })
	},
	slow: func(s *mock.Server, looks int) { s.Skillable.Set(func(s *mock.Skillable) { s.LeaveRows = looks }) },
	list: func(s *mock.Server, id string) {
		s.Skillable.Update(id, func(u *mock.SkillableUser) { u.Running = make(mock.Labs, 2) })
	},
	asked: []string{
		"GET /userrunningandsavedlabs",
		"GET /labinstance/search",
		"GET /CloseUserAccount",
		"GET /CloseUserAccount",
		"GET /userrunningandsavedlabs",
		"GET /labinstance/search",
	},
	closing: "GET /CloseUserAccount",
	changes: []string{"GET /CloseUserAccount", "GET /CloseUserAccount"},

	reads: 2,
	row:   `{"UserId":"%d","UserEmail":"n@acme.test"}`,
	hall: func(h *manyUsers, r *http.Request) string {
		if strings.HasSuffix(r.URL.Path, "/userrunningandsavedlabs") {
			return `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`
		}
		return fmt.Sprintf(
			`{"TotalResults":1,"TotalPages":1,"Results":[%s],"Status":1,"Error":null}`, h.one(r.URL.Query().Get("userId")),
		)
	},
	numbered: func(i int) string { return fmt.Sprintf("person-%d", i) },
	rename: func(s *mock.Server, id, name, email string) {
		s.Skillable.Update(id, func(u *mock.SkillableUser) { u.Name, u.Email = name, email })
	},
	obstruct: func(s *mock.Server, id string) string {
		s.Skillable.Update(id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{}} })
		return "running lab"
	},
	addStranger: func(s *mock.Server, id string) {
		s.Skillable.Other.Add(mock.SkillableUser{ID: id, Name: "Stranger", Email: "stranger@elsewhere.test", History: 1})
	},
	reading: skillableReading,
	habits: func(s *simulation) {
		s.mock.Skillable.Set(func(k *mock.Skillable) {
			k.SearchClosed, k.BareSearch, k.LeaveRows, k.SlowCancel = s.chance(50), s.chance(50), s.slow(), s.slow()
			k.Shared = s.chance(15)
		})
	},
	identity: skillableIdentity,
	switches: []switchCase{
		{"pages of one", func(s *mock.Server) { s.Skillable.PageCap = 1 }, true},
		{"each close counts rows", func(s *mock.Server) { s.Skillable.AlwaysRows = true }, false},
		{
			"closed users keep their names",
			func(s *mock.Server) { s.Skillable.SearchClosed, s.Skillable.KeepNames = true, true },
			false,
		},
	},
	obstacles: []obstacle{
		{
			title:  "labs",
			strict: true,
			add: func(s *mock.Server) {
				s.Skillable.Update("emp-3107", func(u *mock.SkillableUser) {
					u.Running = mock.Labs{{ID: 880101, Name: "Mesh basics"}}
					u.Saved = mock.Labs{{ID: 880102, Name: "Exam A", SubmittedForGrading: true}}
				})
			},
			says: []string{
				`the lab "Mesh basics" (880101) is running`,
				`the lab "Exam A" (880102) is being saved or graded`,
				"set cancel_running_labs = true",
			},
		},
	},
	surprises: []surprise{{
		title: "a running lab",
		happen: func(s *mock.Server, v vendorCase) {
			s.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 880101, Name: "Mesh basics"}} })
		},
		says: []string{"cannot be closed yet", `the lab "Mesh basics" (880101) is running (the plan did not show this)`},
		undo: func(s *mock.Server, v vendorCase) {
			s.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Running = nil })
		},
	}},
}

// skillableReading is how the answers of Skillable are read.
var skillableReading = reading{
	shows: func(e *exchange, id string) sighting {
		switch {
		case !strings.EqualFold(e.query.Get("userid")+e.query.Get("userId"), id):
		case e.is("GET", "userrunningandsavedlabs") && word(field(e.answer, "Status")) == "1" &&
			len(rowsOf(e, "RunningLabs"))+len(rowsOf(e, "SavedLabs")) > 0:
			return saysOpen
		case e.is("GET", "labinstance", "search") && e.ok() && field(e.answer, "TotalResults") != nil:
			consumers := map[string]bool{}
			for _, row := range rowsOf(e, "Results") {
				consumers[word(field(row, "ApiConsumerName"))] = true
			}
			for _, row := range rowsOf(e, "Results") { // of several consumers nothing says whose rows are the person's
				if len(consumers) == 1 &&
					strings.TrimSpace(
						word(field(row, "UserEmail"))+word(field(row, "UserFirstName"))+word(field(row, "UserLastName")),
					) != "" {
					return saysOpen
				}
			}
			return saysAbsent
		}
		return saysNothing
	},
	closes: func(e *exchange, id string) called {
		rows := word(field(e.answer, "RowsAffected"))
		switch {
		case !e.is("GET", "CloseUserAccount") || e.query.Get("userId") != id:
			return notCalled
		case e.ok() && word(field(e.answer, "Status")) == "1" && rows == "0":
			return declined
		case e.ok() && word(field(e.answer, "Status")) == "1" && rows > "0":
			return accepted
		}
		return e.otherwise()
	},
	life:  func(e *exchange, _ string, _ map[string]bool) bool { return e.is("GET", "stats") && e.ok() },
	empty: func(*exchange) bool { return false },
}

func TestSkillableUser_runningLabsStopTheClosingUnlessCancelled(t *testing.T) {
	t.Parallel()
	v := skillableCase
	w := newTestEnv(t)
	v.add(w.mock)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) {
		u.Running = mock.Labs{{ID: 41, Name: "Mesh basics"}, {ID: 42, Name: "Mesh exam"}}
	})
	w.mock.Skillable.Set(func(s *mock.Skillable) { s.SlowCancel = 2 })
	d := newDriver(t, w, nil)
	m, diags := d.destroy(d.mustImport(skillableKind, v.id))
	for _, lab := range []string{`"Mesh basics" (41)`, `"Mesh exam" (42)`} {
		if !strings.Contains(diags.warnings(), lab) || !strings.Contains(diags.errors(), lab) {
			t.Errorf("got %q and %q, want the lab %s at plan and at apply", diags.warnings(), diags.errors(), lab)
		}
	}
	if m.gone() || len(w.changes()) > 0 {
		t.Fatalf("got gone %v, changes %v, want nothing canceled and nothing closed", m.gone(), w.changes())
	}

	d = newDriver(t, w, nil) // the next run
	p, diags := d.planBlock(m, attributes{"id": v.id, "cancel_running_labs": true})
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	m, _ = d.apply(t.Context(), p)
	d = newDriver(t, w, nil) // the next run
	if _, diags = d.planDestroy(m); !strings.Contains(diags.warnings(), "is canceled first") {
		t.Errorf("plan: got %q, want that labs are canceled", diags.warnings())
	}
	if m, diags = d.destroy(m); !m.gone() {
		t.Fatalf("got %q, want it closed", diags.errors())
	}
	want := "GET /cancel, GET /cancel, GET /CloseUserAccount, GET /CloseUserAccount"
	if got := strings.Join(w.changes(), ", "); got != want {
		t.Errorf("changes: got %s, want %s", got, want)
	}
}

func TestSkillableUser_nobodyIsClosedWithAWarning(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	d := newDriver(t, w, nil)
	m := d.mustImport(skillableKind, "emp-0000")
	after, diags := d.destroy(m)
	if !after.gone() || !strings.Contains(diags.warnings(), "had nothing to close") ||
		!strings.Contains(diags.warnings(), "this ID is not visible in") {
		t.Errorf("got %q, gone %v, want success with warnings at plan and at apply", diags.warnings(), after.gone())
	}
	if got := len(w.changes()); got != 1 {
		t.Errorf("closing calls: got %d, want 1", got)
	}
}

func TestSkillableUser_emailThatIsNotShownIsNotTakenOnTrust(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	w.mock.Skillable.Add(mock.SkillableUser{ID: "emp-1", Name: inesName, Email: inesEmail})
	d := newDriver(t, w, nil)
	m := d.mustImport(skillableKind, "emp-1")
	_, diags := d.planBlock(m, attributes{"id": "emp-1", "email": inesEmail})
	if !strings.Contains(diags.errors(), "Cannot check the email") {
		t.Errorf("got %q, want that the address cannot be checked", diags.errors())
	}
	w.mock.Skillable.Update("emp-1", func(u *mock.SkillableUser) { u.History = 1 })
	m, _ = d.read(m)
	if _, diags := d.planBlock(m, attributes{"id": "emp-1", "email": inesEmail}); diags.errors() != "" {
		t.Errorf("got %q, want the address accepted once it is shown", diags.errors())
	}
	w.mock.Skillable.Update("emp-1", func(u *mock.SkillableUser) { u.History = 0 })
	m, _ = d.read(m)
	if got := m.text("email"); got != inesEmail {
		t.Errorf("email: got %q, want what was seen last, %q", got, inesEmail)
	}
}

// skillableIdentity is the first of several rows that shows a person.
func skillableIdentity(e *exchange) (name, email, fact string) {
	for _, row := range rowsOf(e, "Results") { // of several rows the first one with a person has the last word
		name = strings.TrimSpace(word(field(row, "UserFirstName")) + " " + word(field(row, "UserLastName")))
		if email = word(field(row, "UserEmail")); email != "" || name != "" {
			return name, email, ""
		}
	}
	return "", "", ""
}
