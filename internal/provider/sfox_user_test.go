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

var sfoxCase = vendorCase{
	kind:     sfoxKind,
	id:       "cust-7f31",
	other:    "cust-7f32",
	version1: true,
	put: func(s *mock.Server, id, name, email string) {
		s.SFOX.Add(mock.SFOXUser{ID: id, Name: name, Email: email})
	},
	has:   func(s *mock.Server, id string) bool { return s.SFOX.Has(id) },
	drop:  func(s *mock.Server, id string) { s.SFOX.Drop(id) },
	email: func(s *mock.Server, id, email string) { s.SFOX.Update(id, func(u *mock.SFOXUser) { u.Email = email }) },
	fact: func(s *mock.Server, id, value string) {
		s.SFOX.Update(id, func(u *mock.SFOXUser) { u.AccountType = value })
	},
	slow: func(s *mock.Server, looks int) { s.SFOX.Set(func(s *mock.SFOX) { s.SlowDelete = looks }) },
	planned: []string{
		"POST /enterprise/user-tokens/{id}", "GET /user/balance", "GET /orders", "GET /account/transactions",
	},
	asked: []string{
		"GET /enterprise/users/{id}",
		"POST /enterprise/user-tokens/{id}",
		"GET /user/balance",
		"DELETE /enterprise/account/{id}",
		"GET /enterprise/users/{id}",
		"GET /enterprise/users",
	},
	closing: "DELETE /enterprise/account/{id}",
	changes: []string{"DELETE /enterprise/account/{id}"},

	reads:  1,
	search: "GET /enterprise/users",
	pages:  func(int) int { return 1 },
	row:    `{"user_id":"%d","email":"n@acme.test","account_role":"Client"}`,
	hall: func(h *manyUsers, r *http.Request) string {
		if strings.HasSuffix(r.URL.Path, "/users") {
			return fmt.Sprintf(`{"data":%s}`, h.list(0, h.n))
		}
		return fmt.Sprintf(`{"data":%s}`, h.one(path.Base(r.URL.Path)))
	},
	lossy: lossyList{list: "/users", left: `"account_type":"individual"`, by: `"account_type":null`},
	lists: listCases{
		add: func(s *mock.Server) {
			s.SFOX.Add(mock.SFOXUser{ID: "s1", Name: "A", Email: "a@acme.test"})
			s.SFOX.Add(mock.SFOXUser{ID: "s2", Name: "B", Email: "b@other.test", AccountRole: "Advisor"})
		},
		filters: []listFilter{
			{"all", nil, []string{"s1", "s2"}},
			{"advisors", attributes{"account_role": "advisor"}, []string{"s2"}},
			{"e-mail and role", attributes{"account_role": "client", "email_suffix": "@other.test"}, nil},
		},
		limits: []listLimit{ // all are on one page
			{"some", 100, 100, 1, true},
			{"exactly all", 120, 120, 1, false},
			{"no limit, as no CLI but a test has", 0, 120, 1, false},
		},
	},
	numbered: func(i int) string { return fmt.Sprintf("person-%d", i) },
	rename: func(s *mock.Server, id, name, email string) {
		s.SFOX.Update(id, func(u *mock.SFOXUser) { u.Name, u.Email = name, email })
	},
	obstruct: func(s *mock.Server, id string) string {
		s.SFOX.Update(id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "0.00000001"} })
		return "balance"
	},
	reading: sfoxReading,
	habits: func(s *simulation) {
		s.mock.SFOX.Set(func(x *mock.SFOX) {
			x.Gone, x.WrongUnauthorized, x.Strings = mock.SFOXGone(s.rng.IntN(4)), s.chance(50), s.chance(50)
			x.HideZero, x.TokensDie, x.SlowDelete = s.chance(50), s.chance(50), s.slow()
		})
	},
	identity: func(e *exchange) (name, email, fact string) {
		name = e.text("data", "first_name") + " " + e.text("data", "last_name")
		return name, e.text("data", "email"), e.text("data", "account_type")
	},
	switches: []switchCase{
		{"balances carry no wallets", func(s *mock.Server) { s.SFOX.BareBalances = true }, true},
		{"lists have more keys", func(s *mock.Server) { s.SFOX.ListExtras = true }, true},
		{"requirements have the newer shape", func(s *mock.Server) { s.SFOX.NewRequirements = true }, true},
		{"more fields", func(s *mock.Server) { s.SFOX.MoreFields = true }, true},
	},
	obstacles: []obstacle{
		{
			title:  "money",
			strict: true,
			add: func(s *mock.Server) {
				s.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) {
					u.Balances = map[string]string{"btc": "0.015", "usd": "0", "eth": "0.000000000000000001"}
					u.OpenOrders, u.PendingTransactions = 1, 1
				})
			},
			says: []string{
				"Ines Varga (cust-7f31) in sFOX cannot be closed yet",
				"it holds 0.015 btc",
				"it holds 0.000000000000000001 eth",
				"it has an open order",
				"it has a pending transaction",
				"each balance is exactly zero",
			},
		},
		{
			title: "clients of an advisor", strict: true,
			add: func(s *mock.Server) {
				s.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) { u.AccountRole = "Advisor" })
				s.SFOX.Update("cust-7f32", func(u *mock.SFOXUser) { u.Advisor = "cust-7f31" })
			},
			says: []string{`it is the advisor of the client "cust-7f32"`, "Move the clients to another advisor"},
		},
		{
			title: "checks that are not permitted",
			add: func(s *mock.Server) {
				s.Fail(mock.Fault{Vendor: "sfox", Route: "GET /user/balance", Status: 403})
				s.Fail(mock.Fault{Vendor: "sfox", Route: "GET /orders", Status: 403})
			},
			says: []string{"the API key may not read balances, so that was not checked", "the API key may not read open orders"},
		},
	},
	surprises: []surprise{
		{
			title: "another role",
			happen: func(s *mock.Server, v vendorCase) {
				s.SFOX.Update(v.id, func(u *mock.SFOXUser) { u.AccountRole = "Advisor" })
			},
			says: []string{"is not as it was when the plan was made", `was "client", is now "advisor"`, "Plan again"},
		},
		{
			title: "a balance",
			happen: func(s *mock.Server, v vendorCase) {
				s.SFOX.Update(v.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "0.00000001"} })
			},
			says: []string{"cannot be closed yet", "it holds 0.00000001 btc (the plan did not show this)"},
			undo: func(s *mock.Server, v vendorCase) { s.SFOX.Update(v.id, func(u *mock.SFOXUser) { u.Balances = nil }) },
		},
	},
}

// sfoxReading is how the answers of sFOX are read.
var sfoxReading = reading{
	shows: func(e *exchange, id string) sighting {
		data := field(e.answer, "data")
		object, isObject := data.(map[string]any)
		array, isArray := data.([]any)
		switch {
		case e.is("GET", "enterprise", "users") && e.ok():
			return inList(e, id, "user_id", "data")
		case !e.is("GET", "enterprise", "users", id):
		case absentStatus(strconv.Itoa(e.status)) && word(field(e.answer, "error")) != "":
			return saysAbsent
		case e.ok() && e.answer != nil && (data == nil || isObject && len(object) == 0 || isArray && len(array) == 0):
			return saysAbsent
		case e.ok() && word(field(data, "user_id")) == id:
			return saysOpen
		}
		return saysNothing
	},
	closes: func(e *exchange, id string) called {
		switch {
		case !e.is("DELETE", "enterprise", "account", id):
			return notCalled
		case absentStatus(strconv.Itoa(e.status)), e.ok() && word(field(e.answer, "error")) != "":
			return declined
		case e.ok() && (e.length == 0 || e.answer != nil):
			return accepted
		}
		return e.otherwise()
	},
	life: func(e *exchange, id string, _ map[string]bool) bool {
		role := e.query.Get("accountRole")
		return e.is("GET", "enterprise", "users") && e.query.Get("query") == "" && e.ok() &&
			inList(e, id, "user_id", "data") != saysOpen && ofRole(e, id, role) > 0
	},
	empty: func(e *exchange) bool {
		role := e.query.Get("accountRole")
		return e.is("GET", "enterprise", "users") && e.ok() && ofRole(e, "", role) == 0
	},
}

func TestSFOXUser_everyBalanceIsNamedAndStopsTheClosing(t *testing.T) {
	t.Parallel()
	v := sfoxCase
	w := newTestEnv(t)
	v.add(w.mock)
	w.mock.SFOX.Update(v.id, func(u *mock.SFOXUser) {
		u.Balances = map[string]string{"btc": "0.00000001", "usd": "0", "eth": "12345678901234567890.5"}
	})
	d := newDriver(t, w, nil)
	after, diags := d.destroy(d.mustImport(sfoxKind, v.id))
	for _, want := range []string{"0.00000001 btc", "12345678901234567890.5 eth"} {
		if !strings.Contains(diags.warnings(), want) || !strings.Contains(diags.errors(), want) {
			t.Errorf("got %q and %q, want %s at plan and at apply", diags.warnings(), diags.errors(), want)
		}
	}
	if strings.Contains(diags.errors(), "usd") || after.gone() || len(w.changes()) > 0 {
		t.Errorf("got %q, gone %v, changes %v, want no word of zero balances and no closing call",
			diags.errors(), after.gone(), w.changes())
	}
}

func TestSFOXUser_balanceAfterThePlanIsSaidToBeNew(t *testing.T) {
	t.Parallel()
	v := sfoxCase
	w := newTestEnv(t)
	v.add(w.mock)
	w.mock.SFOX.Update(v.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "1"} })
	d := newDriver(t, w, nil)
	p, _ := d.planDestroy(d.mustImport(sfoxKind, v.id))
	w.mock.SFOX.Update(v.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "1", "usd": "5"} })
	_, diags := d.apply(t.Context(), p)
	if text := diags.errors(); !strings.Contains(text, "5 usd (the plan did not show this)") ||
		strings.Contains(text, "1 btc (the plan") {
		t.Errorf("got %q, want the new balance told from the old one", text)
	}
}

func TestSFOXUser_theVendorHasTheLastWord(t *testing.T) {
	t.Parallel()
	v := sfoxCase
	w := newTestEnv(t)
	v.add(w.mock)
	w.mock.SFOX.Set(func(s *mock.SFOX) { s.Stakes = true })
	d := newDriver(t, w, nil)
	after, diags := d.destroy(d.mustImport(sfoxKind, v.id))
	if !strings.Contains(diags.errors(), "HTTP 422") || after.gone() || len(w.changes()) != 1 {
		t.Errorf("got %q, gone %v, changes %v, want the refusal after one call", diags.errors(), after.gone(), w.changes())
	}
}
