package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

var ecgridCase = vendorCase{
	kind:      ecgridKind,
	id:        "30417",
	other:     "30418",
	holder:    "7",
	tombstone: true,
	version1:  true,
	put: func(s *mock.Server, id, name, email string) {
		s.ECGrid.Add(
			mock.ECGridUser{
				ID:        number(id),
				Name:      name,
				Email:     email,
				Login:     "login-" + id,
				AuthLevel: "MailboxUser",
				Status:    "Active",
				NetworkID: 12,
				MailboxID: 880,
			},
		)
	},
	has:  func(s *mock.Server, id string) bool { return s.ECGrid.Has(number(id)) },
	drop: func(s *mock.Server, id string) { s.ECGrid.Drop(number(id)) },
	email: func(s *mock.Server, id, email string) {
		s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.Email = email })
	},
	suspend: func(s *mock.Server, id string) {
		s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.Status = "Suspended" })
	},
	fact: func(s *mock.Server, id, value string) {
		s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.Login = value })
	},
	hide: func(s *mock.Server, id string) {
		s.ECGrid.Set(func(e *mock.ECGrid) { e.Hidden = map[int64]bool{number(id): true} })
	},
	slow: func(s *mock.Server, looks int) { s.ECGrid.Set(func(e *mock.ECGrid) { e.SlowTerminate = looks }) },
	asked: []string{
		"GET /users/{id}", "GET /users/me", "DELETE /users/{id}", "GET /users/{id}",
	},
	closing: "DELETE /users/{id}",
	changes: []string{"DELETE /users/{id}"},
	reads:   1,
	search:  "POST /users/list",
	pages:   func(users int) int { return (users+1+24)/25 + 1 }, // with the user who holds the key; the last page is empty
	row: `{"userId":%d,"login":"n","email":"n@acme.test","networkId":12,"mailboxId":0,` +
		`"authLevel":"MailboxUser","status":"Active"}`,
	hall: func(h *manyUsers, r *http.Request) string {
		if strings.HasSuffix(r.URL.Path, "/users/list") {
			var body struct{ PageNo int }
			_ = json.NewDecoder(r.Body).Decode(&body)
			return fmt.Sprintf(`{"success":true,"data":%s}`, h.list(25*(body.PageNo-1), 25*body.PageNo))
		}
		id := path.Base(r.URL.Path)
		if id == "me" {
			id = "7"
		}
		return fmt.Sprintf(`{"success":true,"data":%s}`, h.one(id))
	},
	numbered: func(i int) string { return strconv.Itoa(40000 + i) },
	rename: func(s *mock.Server, id, name, email string) {
		s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.Name, u.Email = name, email })
	},
	reading: ecgridReading,
	habits: func(s *simulation) {
		s.mock.ECGrid.Set(func(e *mock.ECGrid) {
			e.TerminatedNotFound, e.LoginName, e.SlowTerminate = s.chance(50), s.chance(50), s.slow()
			e.Again = mock.ECGridAgain(s.rng.IntN(4))
		})
	},
	identity: func(e *exchange) (name, email, fact string) {
		name = e.text("data", "firstName") + " " + e.text("data", "lastName")
		return name, e.text("data", "email"), e.text("data", "login") + e.text("data", "loginName")
	},
	lossy: lossyList{list: "/users/list", left: `"status":"Suspended",`},
	lists: listCases{
		add: func(s *mock.Server) {
			s.ECGrid.Add(mock.ECGridUser{ID: 1, Name: "A", Email: "a@acme.test", MailboxID: 880})
			s.ECGrid.Add(mock.ECGridUser{ID: 2, Name: "B", Email: "b@other.test", MailboxID: 881, AuthLevel: "MailboxAdmin"})
			s.ECGrid.Add(mock.ECGridUser{ID: 3, Name: "C", Email: "c@other.test", MailboxID: 880, Status: "Suspended"})
			s.ECGrid.Add(mock.ECGridUser{ID: 4, Name: "D", Email: "d@other.test", NetworkID: 13})
			s.ECGrid.Add(mock.ECGridUser{ID: 5, Name: "E", Email: "e@other.test", MailboxID: 880, Status: "Preproduction"})
			s.ECGrid.Add(mock.ECGridUser{ID: 6, Name: "F", Email: "f@acme.test", MailboxID: 880, Status: "Terminated"})
		},
		filters: []listFilter{
			{"the key's network", nil, []string{"1", "2", "3", "5", "7"}},
			{"another network", attributes{"network_id": int64(13)}, []string{"4"}},
			{"a mailbox", attributes{"mailbox_id": int64(881)}, []string{"2"}},
			{"a level", attributes{"auth_level": "MailboxAdmin"}, []string{"2"}},
			{"suspended", attributes{"status": "suspended"}, []string{"3"}},
			{"active in a mailbox", attributes{"status": "active", "mailbox_id": int64(880)}, []string{"1", "5"}},
		},
		limits: []listLimit{ // the first request asks for the network of the key
			{"within a page", 30, 30, 3, true},
			{"at the end of a page", 100, 100, 5, true},
			{"more than all", 1000, 121, 7, false},
		},
	},
	switches: []switchCase{
		{"more fields", func(s *mock.Server) { s.ECGrid.MoreFields = true }, true},
		{"the call says false and is done", func(s *mock.Server) { s.ECGrid.Terminate = mock.TerminateFalseDone }, true},
		{"the call says false, not done", func(s *mock.Server) { s.ECGrid.Terminate = mock.TerminateFalse }, false},
		{"enums are numbers", func(s *mock.Server) { s.ECGrid.EnumNumbers = true }, false},
		{"who is terminated has no status", func(s *mock.Server) { s.ECGrid.StatusDropped = true }, false},
	},
	obstacles: []obstacle{{title: "nothing", add: func(*mock.Server) {}, says: []string{"This cannot be undone."}}},
	surprises: []surprise{
		{
			title: "another login and level",
			happen: func(s *mock.Server, v vendorCase) {
				s.ECGrid.Update(number(v.id), func(u *mock.ECGridUser) { u.Login, u.AuthLevel = "n.body", "NetworkAdmin" })
			},
			says: []string{
				"is not as it was when the plan was made",
				`login: was "login-30417", is now "n.body"`,
				`was "MailboxUser", is now "NetworkAdmin"`,
				"Plan again",
			},
		},
	},
}

// ecgridReading is how the answers of ECGrid are read.
var ecgridReading = reading{
	shows: func(e *exchange, id string) sighting {
		data := field(e.answer, "data")
		switch {
		case e.is("POST", "users", "list") && e.ok():
			return inList(e, id, "userId", "data")
		case !e.is("GET", "users", id):
		case field(e.answer, "success") == false && word(field(e.answer, "errorCode")) == "ObjectNotFound" &&
			(e.ok() || e.status == 404 || e.status == 410):
			return saysAbsent
		case !e.ok() || field(e.answer, "success") != true || word(field(data, "userId")) != id:
		case strings.EqualFold(word(field(data, "status")), "Terminated"):
			return saysClosed
		default:
			return saysOpen
		}
		return saysNothing
	},
	closes: func(e *exchange, id string) called {
		success := field(e.answer, "success")
		switch {
		case !e.is("DELETE", "users", id):
			return notCalled
		case e.ok() && success == true && field(e.answer, "data") == true:
			return accepted
		case absentStatus(strconv.Itoa(e.status)), e.ok() && success != nil, e.status == 400:
			return declined
		}
		return e.otherwise()
	},
	life: func(e *exchange, id string, sights map[string]bool) bool {
		if e.is("GET", "users", "me") && e.ok() {
			return sights[sightIn(e)]
		}
		return e.is("POST", "users", "list") && e.ok() && inList(e, id, "userId", "data") == saysNothing &&
			others(e, id, "userId", func(row any) bool {
				return word(field(row, "userId")) != "7" && word(field(row, "networkId")) == word(field(e.asked, "networkId")) &&
					!strings.EqualFold(word(field(row, "status")), "Terminated")
			}, "data") > 0
	},
	empty: func(*exchange) bool { return false },
}

func TestECGridUser_outOfSightIsNotTakenForClosedInSilence(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	v := ecgridCase
	v.add(w.mock)
	d := newDriver(t, w, nil)
	m := d.mustImport(ecgridKind, v.id)
	v.hide(w.mock, v.id)

	const doubt = "the API key may not see"
	_, read := d.read(m)
	plans, plan := d.planDestroy(m)
	after, apply := d.apply(t.Context(), plans)
	for what, diags := range map[string]diagnostics{"read": read, "plan": plan, "apply": apply} {
		if !strings.Contains(diags.warnings(), doubt) || diags.errors() != "" {
			t.Errorf("%s: got %q, %q, want a warning with %q", what, diags.warnings(), diags.errors(), doubt)
		}
	}
	if !after.gone() || len(w.changes()) > 0 {
		t.Errorf("got gone %v, changes %v, want gone without a closing call", after.gone(), w.changes())
	}
	// a person who planned when the account was to be seen was told nothing of this
	if after, diags := d.apply(t.Context(), reviewed(m)); after.gone() ||
		!strings.Contains(diags.errors(), "any more since the plan") || !strings.Contains(diags.errors(), doubt) {
		t.Errorf("got gone %v and %q, want the user kept and an error", after.gone(), diags.errors())
	}
}

func TestECGridUser_everyReadingOfTheDocumentationIsClosed(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	habits := map[string]func(*mock.ECGrid){
		"terminated is readable": func(*mock.ECGrid) {},
		"terminated is 404":      func(e *mock.ECGrid) { e.TerminatedNotFound = true },
		"loginName":              func(e *mock.ECGrid) { e.LoginName = true },
		"slow":                   func(e *mock.ECGrid) { e.SlowTerminate = 3 },
	}
	for name, habit := range habits {
		w := newTestEnv(t)
		v.add(w.mock)
		w.mock.ECGrid.Set(habit)
		d := newDriver(t, w, nil)
		m := d.mustImport(ecgridKind, v.id)
		if got, want := m.text("login"), "login-"+v.id; got != want {
			t.Errorf("%s: login: got %q, want %q", name, got, want)
		}
		if after, diags := d.destroy(m); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("%s: got %q, want it closed", name, diags.errors())
		}
	}
}

func TestECGridUser_withoutAStatusNothingIsProven(t *testing.T) {
	t.Parallel()
	// In virtual time no read is under way when the second ends.
	forEachLiar(t, []vendorCase{ecgridCase}, func(t *testing.T, v vendorCase, f *liar) {
		f.mock.ECGrid.Set(func(e *mock.ECGrid) { e.NoStatus = true })
		d := f.process(t)
		after, diags := d.destroy(d.setTimeout(d.mustImport(v.kind, v.id), "1s"))
		if !strings.Contains(diags.errors(), "still shows it open") || after.gone() {
			t.Errorf("got %q, gone %v, want that the closing is not proven", diags.errors(), after.gone())
		}
		calls := slices.DeleteFunc(f.mock.Routes(), func(route string) bool { return route != v.closing })
		if len(calls) != 1 {
			t.Errorf("closing calls: got %d, want 1", len(calls))
		}
	})
}

func TestECGridUser_outOfSightAfterARefusalIsNotTakenForClosed(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	v := ecgridCase
	v.add(w.mock)
	d := newDriver(t, w, nil)
	m := d.mustImport(ecgridKind, v.id)
	w.mock.Fail(mock.Fault{Vendor: "ecgrid", Route: v.closing, Status: 403, Body: `{"success":false}`})
	w.mock.OnRequest(func(r mock.Request) {
		if r.Route == v.closing { // the key loses its rights while it closes
			v.hide(w.mock, v.id)
		}
	})
	if after, diags := d.destroy(m); after.gone() || !strings.Contains(diags.errors(), "did not close") {
		t.Errorf("got gone %v and %q, want the user kept and an error", after.gone(), diags.errors())
	}
}
