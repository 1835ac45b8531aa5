package provider

import (
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

var konstantlyCase = vendorCase{
	kind: konstantlyKind, id: "u7k2m9", other: "u8x3p1", unique: true, version1: true,
	put: func(s *mock.Server, id, name, email string) {
		s.Konstantly.Add(mock.KonstantlyUser{ID: id, Name: name, Email: email, Role: "learner"})
	},
	has:  func(s *mock.Server, id string) bool { return s.Konstantly.Has(id) },
	drop: func(s *mock.Server, id string) { s.Konstantly.Drop(id) },
	email: func(s *mock.Server, id, email string) {
		s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Email = email })
	},
	suspend: func(s *mock.Server, id string) {
		s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Blocked = true })
	},
	suspending: "POST /users/blocked",
	suspended: func(s *mock.Server, id string) bool {
		u, open := s.Konstantly.Get(id)
		return open && u.Blocked
	},
	enable: func(s *mock.Server, id string) {
		s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Blocked = false })
	},
	unseen: func(s *mock.Server, id string) bool {
		u, open := s.Konstantly.Get(id)
		return open && u.Blocked && s.Konstantly.BlockedNotFound
	},
	unlisted: func(s *mock.Server, id string) bool {
		u, open := s.Konstantly.Get(id)
		return open && u.Blocked && s.Konstantly.HideBlocked
	},
	fact: func(s *mock.Server, id, value string) {
		s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Role = value })
	},
	slow: func(s *mock.Server, looks int) { s.Konstantly.Set(func(k *mock.Konstantly) { k.SlowDelete = looks }) },
	asked: []string{
		"GET /users/{id}", "POST /users/blocked", "DELETE /users/{id}", "GET /users/{id}", "GET /users",
	},
	closing: "DELETE /users/{id}", changes: []string{"POST /users/blocked", "DELETE /users/{id}"}, reads: 1,
	search: "GET /users/byEmail/{email}",
	pages:  func(users int) int { return (users + 19) / 20 },
	row:    `{"id":"%d","name":"N","email":"n@acme.test","isBanned":false,"role":"learner"}`,
	hall: func(h *manyUsers, r *http.Request) string {
		if strings.HasSuffix(r.URL.Path, "/users") {
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			return fmt.Sprintf(`{"users":%s,"totalCount":%d}`, h.list(offset, offset+20), h.n)
		}
		return h.one(path.Base(r.URL.Path))
	},
	numbered: func(i int) string { return fmt.Sprintf("person-%d", i) },
	rename: func(s *mock.Server, id, name, email string) {
		s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Name, u.Email = name, email })
	},
	obstruct: func(s *mock.Server, id string) string {
		s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Expert = true })
		return "expert of a course"
	},
	reading: konstantlyReading,
	habits: func(s *simulation) {
		s.mock.Konstantly.Set(func(k *mock.Konstantly) {
			k.RoleString, k.BlockOnce, k.EmptyDelete, k.SlowDelete = s.chance(50), s.chance(50), s.chance(50), s.slow()
			k.BlockedNotFound = s.chance(50)
			k.HideBlocked = k.BlockedNotFound && s.chance(70) || s.chance(20)
			if k.BlockedNotFound && k.HideBlocked { // a run that ends between block and deletion leaves a user whom nobody sees
				s.lied["konstantly"] = map[string]bool{"a site that hides whom it blocks": true}
			}
		})
	},
	identity: func(e *exchange) (name, email, fact string) {
		return e.text("name"), e.text("email"), e.text("role") + e.text("role", "alias")
	},
	lossy: lossyList{list: "/users", left: `"isBanned":true`, by: `"isBanned":false`},
	lists: listCases{
		add: func(s *mock.Server) {
			s.Konstantly.Add(mock.KonstantlyUser{ID: "k1", Name: "A", Email: "a@acme.test"})
			s.Konstantly.Add(mock.KonstantlyUser{ID: "k2", Name: "B", Email: "b@ACME.test", Blocked: true})
			s.Konstantly.Add(mock.KonstantlyUser{ID: "k3", Name: "C", Email: "c@other.test"})
		},
		filters: []listFilter{
			{"all", nil, []string{"k1", "k2", "k3"}},
			{"e-mail", attributes{"email_suffix": "@acme.TEST"}, []string{"k1", "k2"}},
			{"suspended", attributes{"status": "suspended"}, []string{"k2"}},
			{"active", attributes{"status": "active"}, []string{"k1", "k3"}},
			{"without some", attributes{"exclude_ids": []string{"k1", "k3", "x"}}, []string{"k2"}},
		},
		limits: []listLimit{
			{"within a page", 5, 5, 1, true},
			{"at the end of a page", 20, 20, 1, true},
			{"Terraform's own", 100, 100, 6, true},
			{"exactly all", 120, 120, 7, true}, // only the next page would show that it is the end
			{"more than all", 121, 120, 8, false},
		},
	},
	switches: []switchCase{
		{"the total is of the page", func(s *mock.Server) { s.Konstantly.TotalOfPage = true }, true},
		{"pages of one", func(s *mock.Server) { s.Konstantly.PageCap = 1 }, true},
		{"who is blocked is not found", func(s *mock.Server) { s.Konstantly.BlockedNotFound = true }, true},
		{"who is blocked is not shown at all", func(s *mock.Server) {
			s.Konstantly.BlockedNotFound, s.Konstantly.HideBlocked = true, true
		}, true},
		{"optional fields are empty", func(s *mock.Server) { s.Konstantly.Optional = mock.OptionalEmpty }, true},
		{"optional fields are absent", func(s *mock.Server) { s.Konstantly.Optional = mock.OptionalAbsent }, true},
		{"attributes are a list", func(s *mock.Server) { s.Konstantly.AttributesList = true }, true},
	},
	obstacles: []obstacle{{
		title: "an expert", add: func(*mock.Server) {},
		says: []string{"Konstantly may refuse to block a user who is the expert of a course, and does not say so before"},
	}},
	surprises: []surprise{
		{
			title: "another role",
			happen: func(s *mock.Server, v vendorCase) {
				s.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Role = "administrator" })
			},
			says: []string{
				"is not as it was when the plan was made",
				`role: was "learner", is now "administrator"`,
				"Plan again",
			},
		},
	},
}

// konstantlyReading is how the answers of Konstantly are read.
var konstantlyReading = reading{
	shows: func(e *exchange, id string) sighting {
		switch {
		case e.is("GET", "users") && e.ok():
			return inList(e, id, "id", "users")
		case e.is("GET", "users", "byEmail", "*") && e.ok() && word(field(e.answer, "id")) == id:
			return saysOpen
		case !e.is("GET", "users", id):
		case absentStatus(word(field(e.answer, "status"))) && (e.ok() || absentStatus(strconv.Itoa(e.status))):
			return saysAbsent
		case e.ok() && word(field(e.answer, "id")) == id:
			return saysOpen
		}
		return saysNothing
	},
	closes: func(e *exchange, id string) called {
		said := word(field(e.answer, "status"))
		switch {
		case !e.is("DELETE", "users", id):
			return notCalled
		case e.status == 404 && len(fieldsOf(e)) == 2 && said == "404" && e.text("message") == "Not found":
			return nobody
		case absentStatus(said) && e.ok(), absentStatus(strconv.Itoa(e.status)):
			return declined
		case e.ok() && (e.length == 0 || e.answer != nil && said < "400"):
			return accepted
		}
		return e.otherwise()
	},
	life: func(e *exchange, id string, _ map[string]bool) bool {
		return e.is("GET", "users") && e.query.Get("query") == "" && e.ok() && others(e, id, "id", nil, "users") > 0 &&
			inList(e, id, "id", "users") != saysOpen
	},
	empty: func(e *exchange) bool {
		return e.is("GET", "users") && e.ok() && others(e, "", "id", nil, "users") == 0
	},
	hidden: func(e *exchange, id string) bool {
		for _, row := range append(rowsOf(e, "users"), e.answer) {
			if word(field(row, "id")) == id && field(row, "isBanned") == true {
				return true
			}
		}
		return false
	},
	hides: func(e *exchange, id string) bool {
		return e.is("POST", "users", "blocked") && e.asked["id"] == id && (e.status/100 != 4 || e.status == 408)
	},
	suspends: func(e *exchange, id string) called {
		switch {
		case !e.is("POST", "users", "blocked") || e.asked["id"] != id:
			return notCalled
		case e.ok() && word(field(e.answer, "id")) == id && field(e.answer, "isBanned") == true:
			return accepted
		}
		return e.otherwise()
	},
	suspended: func(e *exchange, id string) bool {
		return e.is("GET", "users", id) && e.ok() && word(field(e.answer, "id")) == id && field(e.answer, "isBanned") == true
	},
}

func TestKonstantlyUser_onDestroyBlockStopsAtTheStepThatCanBeUndone(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	for _, already := range []bool{false, true} {
		w := newTestEnv(t)
		v.add(w.mock)
		d := newDriver(t, w, nil)
		m := d.mustImport(konstantlyKind, v.id)
		p, diags := d.planBlock(m, attributes{"id": v.id, "on_destroy": "block"})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		if m, diags = d.apply(t.Context(), p); m.text("on_destroy") != "block" {
			t.Fatalf("got %q, %q, want on_destroy = block in the state", m.text("on_destroy"), diags.errors())
		}
		d = newDriver(t, w, nil) // the next run
		if already {
			v.suspend(w.mock, v.id)
		}
		_, plan := d.planDestroy(m)
		if !strings.Contains(plan.warnings(), "can be undone") {
			t.Errorf("plan: got %q, want that it can be undone", plan.warnings())
		}
		after, diags := d.destroy(m)
		u, open := w.mock.Konstantly.Get(v.id)
		if !after.gone() || !open || !u.Blocked {
			t.Errorf("blocked before %v: got %q, gone %v, open %v, blocked %v, want a blocked account out of the state",
				already, diags.errors(), after.gone(), open, u.Blocked)
		}
		if got := strings.Join(w.changes(), ", "); already && got != "" || !already && got != "POST /users/blocked" {
			t.Errorf("blocked before %v: changes %s", already, got)
		}
	}
}

func TestKonstantlyUser_expertStaysWithTheVendorsWords(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	w := newTestEnv(t)
	v.add(w.mock)
	w.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Expert = true })
	d := newDriver(t, w, nil)
	m := d.mustImport(konstantlyKind, v.id)
	after, diags := d.destroy(m)
	if !strings.Contains(diags.warnings(), "expert of a course") || !strings.Contains(diags.errors(), "HTTP 422") ||
		after.gone() {
		t.Errorf("got %q, %q, gone %v, want a warning at plan and the refusal at apply",
			diags.warnings(), diags.errors(), after.gone())
	}
	w.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Expert = false })
	if after, diags = d.destroy(after); !after.gone() {
		t.Errorf("once cleared: got %q, want it closed", diags.errors())
	}
}

func TestKonstantlyUser_closingGoesOnAfterTheBlock(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	w := newTestEnv(t)
	v.add(w.mock)
	d := newDriver(t, w, nil)
	m := d.mustImport(konstantlyKind, v.id)
	w.mock.Fail(mock.Fault{Vendor: "konstantly", Route: v.closing, Status: 409})
	m, diags := d.destroy(m)
	if !strings.Contains(diags.errors(), "Done and confirmed: block") || m.text("status") != "suspended" {
		t.Fatalf("got %q, status %q, want that the block is done", diags.errors(), m.text("status"))
	}
	w.mock.Heal()
	w.mock.ForgetRequests()
	_, plan := d.planDestroy(m)
	if !strings.Contains(plan.warnings(), "an earlier run has done: block") {
		t.Errorf("plan: got %q, want what an earlier run has done", plan.warnings())
	}
	if after, diags := d.destroy(m); !after.gone() || strings.Join(w.changes(), ", ") != v.closing {
		t.Errorf("got %q, changes %v, want the delete alone", diags.errors(), w.changes())
	}
}
