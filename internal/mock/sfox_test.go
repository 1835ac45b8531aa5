package mock_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

var sfoxCase = vendorCase{
	vendor: "sfox", prefix: "/sfox/v1", credential: [2]string{"Authorization", "Bearer " + key}, id: "c1",
	add:  func(s *mock.Server) { s.SFOX.Add(mock.SFOXUser{ID: "c1", Name: "Ines Varga", Email: "ines@acme.test"}) },
	has:  func(s *mock.Server) bool { return s.SFOX.Has("c1") },
	drop: func(s *mock.Server) { s.SFOX.Drop("c1") },
	crowd: func(s *mock.Server, i int, name, email string) {
		s.SFOX.Add(mock.SFOXUser{ID: fmt.Sprintf("c%02d", i), Name: name, Email: email,
			AccountRole: []string{"Client", "Advisor"}[i%2]})
	},
	steps: [][2]string{{"DELETE /enterprise/account/c1", ""}},
	route: "DELETE /enterprise/account/{id}", status: 200,
	read: "GET /enterprise/users/c1", list: "GET /enterprise/users",
	lists:   []listCase{{what: "GET /enterprise/users?accountRole=client", rows: "data", n: 23}},
	absence: `"error"`, noRoute: `{"error":"not found"}`, notFound: `{"error":"user not found"}`, gone: `{"error":"Gone"}`,
}

// partner is a server with a funded, an empty and an advising user at sFOX.
func sfoxServer() *mock.Server {
	s := mock.New(key)
	s.SFOX.Add(mock.SFOXUser{ID: "funded", Name: "Dana Reyes", Email: "dana@acme.test", Advisor: "advisor",
		Balances: map[string]string{"usd": "0.00", "btc": "0.01500"}, OpenOrders: 60, PendingTransactions: 2})
	s.SFOX.Add(mock.SFOXUser{ID: "empty", Name: "Ines Varga", Email: "ines@acme.test", Status: "PENDING",
		Balances: map[string]string{"usd": "0", "btc": "0.000", "eth": "-0"}})
	s.SFOX.Add(mock.SFOXUser{ID: "advisor", Name: "Ola Berg", Email: "ola@acme.test", AccountRole: "advisor"})
	return s
}

// token mints a user token and returns it as a credential.
func userToken(t *testing.T, s *mock.Server, user string) [2]string {
	t.Helper()
	g := ask(t, s, "sfox", "POST /enterprise/user-tokens/"+user, "")
	return [2]string{"Authorization", "Bearer " + g.field(t, "data", "token").(string)}
}

func TestSFOX_answersEachCall(t *testing.T) {
	t.Parallel()
	const notFound = `{"error":"user not found"}`
	for _, c := range []struct {
		what, body string
		status     int
		fields     string
	}{
		{"GET /enterprise/users/funded", "", 200, `{"data":{"user_id":"funded","account_type":"individual",
			"account_role":"Client",
			"advisor_user_id":"advisor","email":"dana@acme.test","first_name":"Dana","last_name":"Reyes","status":"VERIFIED",
			"requirements":{"email":false,"sms":false}}}`},
		{"GET /enterprise/users/empty", "", 200,
			`{"data":{"advisor_user_id":null,"status":"PENDING","requirements":{"email":true}}}`},
		{"GET /enterprise/users/advisor", "", 200, `{"data":{"account_role":"Advisor"}}`},
		{"GET /enterprise/users/unknown", "", 404, notFound},
		{"GET /enterprise/users?accountRole=king", "", 422, `{"error":"accountRole must be client or advisor"}`},
		{"DELETE /enterprise/account/funded", "", 422,
			`{"error":"Can not disable account with non-zero balances. Please remove all balances and try again."}`},
		{"DELETE /enterprise/account/unknown", "", 404, `{"error":"The account does not exist to be disabled."}`},
		{"DELETE /enterprise/account/", "", 404, `{"error":"not found"}`},
		{"DELETE /enterprise/users/empty", "", 405, `{"error":"method not allowed"}`},
		{"POST /enterprise/user-tokens/empty", "", 201, `{"data":{"partner_user_id":"empty"}}`},
		{"POST /enterprise/user-tokens/unknown", "", 404, notFound},
		{"POST /enterprise/user-tokens", `{"data":["empty","unknown"]}`, 404, notFound},
		{"POST /enterprise/user-tokens/", `{"data":[]}`, 422, `{"error":"data must name at least one user"}`},
		{"GET /user/balance", "", 403, `{"error":"these credentials are not accepted here"}`},
		{"GET /orders", "", 403, `{"error":"these credentials are not accepted here"}`},
	} {
		t.Run(c.what+" "+c.body, func(t *testing.T) {
			t.Parallel()
			ask(t, sfoxServer(), "sfox", c.what, c.body).want(t, c.status, c.fields)
		})
	}
}

func TestSFOX_listsByRole(t *testing.T) {
	t.Parallel()
	for query, count := range map[string]int{"": 3, "?accountRole=client": 2, "?accountRole=advisor": 1} {
		g := ask(t, sfoxServer(), "sfox", "GET /enterprise/users"+query, "")
		equal(t, query, len(g.field(t, "data").([]any)), count)
	}
}

func TestSFOX_deactivatesAUser(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	user := userToken(t, s, "empty")
	g := ask(t, s, "sfox", "DELETE /enterprise/account/empty", "")
	equal(t, "status", g.status, 200)
	equal(t, "body", g.body, "")
	for _, what := range []string{
		"GET /enterprise/users/empty", "POST /enterprise/user-tokens/empty", "DELETE /enterprise/account/empty",
	} {
		equal(t, what, ask(t, s, "sfox", what, "").status, 404)
	}
	equal(t, "listed", len(ask(t, s, "sfox", "GET /enterprise/users", "").field(t, "data").([]any)), 2)
	equal(t, "old token's balances", askAs(t, s, "sfox", "GET /user/balance", "", user).body, "[]")
}

func TestSFOX_deactivatesOnlyWithoutFunds(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	equal(t, "with funds", ask(t, s, "sfox", "DELETE /enterprise/account/funded", "").status, 422)
	for _, amount := range []string{"-0.015", "0.00000001", "1e-9"} {
		s.SFOX.Update("funded", func(u *mock.SFOXUser) { u.Balances["btc"] = amount })
		equal(t, amount, ask(t, s, "sfox", "DELETE /enterprise/account/funded", "").status, 422)
	}
	s.SFOX.Update("funded", func(u *mock.SFOXUser) { u.Balances["btc"] = "0.0" })
	equal(t, "without", ask(t, s, "sfox", "DELETE /enterprise/account/funded", "").status, 200)
}

func TestSFOX_answersTheReadOfADeactivatedUserInFourWays(t *testing.T) {
	t.Parallel()
	for gone, c := range map[mock.SFOXGone]struct {
		status int
		body   string
	}{
		mock.GoneNotFound: {404, `{"error":"user not found"}`},
		mock.GoneNull:     {200, `{"data":null}`},
		mock.GoneObject:   {200, `{"data":{}}`},
		mock.GoneArray:    {200, `{"data":[]}`},
	} {
		s := sfoxServer()
		s.SFOX.Gone = gone
		s.SFOX.Drop("empty")
		g := ask(t, s, "sfox", "GET /enterprise/users/empty", "")
		equal(t, "status", g.status, c.status)
		equal(t, "body", g.body, c.body)
	}
}

func TestSFOX_answers404AsAPage(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	s.SFOX.PlainNotFound = true
	for _, what := range []string{"GET /enterprise/users/unknown", "DELETE /enterprise/account/unknown", "GET /nowhere"} {
		g := ask(t, s, "sfox", what, "")
		equal(t, what, g.status, 404)
		equal(t, what, strings.HasPrefix(g.body, "<!DOCTYPE html>"), true)
	}
}

func TestSFOX_refusesAlthoughAllIsZero(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	s.SFOX.Stakes = true
	equal(t, "status", ask(t, s, "sfox", "DELETE /enterprise/account/empty", "").status, 422)
	equal(t, "open", s.SFOX.Has("empty"), true)
}

func TestSFOX_showsADeactivatedUserForAWhile(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	s.SFOX.SlowDelete = 1
	ask(t, s, "sfox", "DELETE /enterprise/account/empty", "")
	ask(t, s, "sfox", "GET /enterprise/users/empty", "").want(t, 200, `{"data":{"user_id":"empty"}}`)
	equal(t, "status", ask(t, s, "sfox", "GET /enterprise/users/empty", "").status, 404)
}

func TestSFOX_writesBalances(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	user := userToken(t, s, "funded")
	const none = `"held":0,"borrow_wallet":0,"collateral_wallet":0,"lending_wallet":0,`
	const btc = `{"currency":"btc","balance":0.01500,"available":0.01500,` + none + `"trading_wallet":0.01500}`
	const usd = `{"currency":"usd","balance":0.00,"available":0.00,` + none + `"trading_wallet":0.00}`
	equal(t, "numbers", askAs(t, s, "sfox", "GET /user/balance", "", user).body, "["+btc+","+usd+"]")
	s.SFOX.HideZero = true
	equal(t, "without zeros", askAs(t, s, "sfox", "GET /user/balance", "", user).body, "["+btc+"]")
	s.SFOX.Strings = true
	g := askAs(t, s, "sfox", "GET /user/balance", "", user)
	equal(t, "strings", strings.Contains(g.body, `"balance":"0.01500"`), true)
	equal(t, "no rows", askAs(t, s, "sfox", "GET /user/balance", "", userToken(t, s, "empty")).body, "[]")
}

func TestSFOX_listsOrders(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	user := userToken(t, s, "funded")
	for query, count := range map[string]int{
		"": 50, "?limit=7": 7, "?limit=999": 50, "?after=910050": 10, "?before=910003": 2,
	} {
		equal(t, query, len(askAs(t, s, "sfox", "GET /orders"+query, "", user).field(t).([]any)), count)
	}
	askAs(t, s, "sfox", "GET /orders?limit=x", "", user).want(t, 400,
		`{"error":"limit, before and after are whole numbers"}`)
}

func TestSFOX_listsTransactions(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	user := userToken(t, s, "funded")
	long := fmt.Sprintf("from=%d", time.Now().Add(-30*24*time.Hour).UnixMilli())
	for query, count := range map[string]int{"": 0, "?pending=true": 0, "?" + long: 1, "?pending=true&" + long: 3,
		"?pending=true&types=withdraw&" + long: 2, "?pending=true&limit=2&" + long: 2, "?pending=true&to=1&" + long: 0} {
		equal(t, query, len(askAs(t, s, "sfox", "GET /account/transactions"+query, "", user).field(t).([]any)), count)
	}
	equal(t, "limit too high", askAs(t, s, "sfox", "GET /account/transactions?limit=1001", "", user).status, 400)
}

func TestSFOX_acceptsEachCredentialOnItsOwnRoutes(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	user := userToken(t, s, "empty")
	equal(t, "user token at enterprise", askAs(t, s, "sfox", "DELETE /enterprise/account/empty", "", user).status, 403)
	equal(t, "key at trading", ask(t, s, "sfox", "GET /user/balance", "").status, 403)
	s.SFOX.WrongUnauthorized = true
	equal(t, "user token at enterprise", askAs(t, s, "sfox", "DELETE /enterprise/account/empty", "", user).status, 401)
	equal(t, "key at trading", ask(t, s, "sfox", "GET /user/balance", "").status, 401)
	equal(t, "open", s.SFOX.Has("empty"), true)
}

func TestSFOX_createsManyTokens(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	first, second := userToken(t, s, "empty"), userToken(t, s, "empty")
	if first == second || len(first[1]) != len("Bearer ")+64 {
		t.Errorf("tokens: got %s and %s, want two of 64 digits", first, second)
	}
	for _, credential := range [][2]string{first, second} {
		equal(t, "status", askAs(t, s, "sfox", "GET /user/balance", "", credential).status, 200)
	}
	g := ask(t, s, "sfox", "POST /enterprise/user-tokens", `{"data":["empty","funded"]}`)
	equal(t, "status", g.status, 201)
	equal(t, "rows", len(g.field(t, "data").([]any)), 2)
	ask(t, s, "sfox", "POST /enterprise/user-tokens", `{"data":["empty","unknown"]}`).want(t, 404,
		`{"error":"user not found"}`)
}

func TestSFOX_expiresTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sfoxServer()
		long := userToken(t, s, "empty")
		s.SFOX.TokenLife = time.Minute
		short := userToken(t, s, "empty")
		time.Sleep(time.Minute)
		equal(t, "short", askAs(t, s, "sfox", "GET /user/balance", "", short).status, 401)
		equal(t, "long", askAs(t, s, "sfox", "GET /user/balance", "", long).status, 200)
		time.Sleep(24*time.Hour - time.Minute)
		equal(t, "long in the end", askAs(t, s, "sfox", "GET /user/balance", "", long).status, 401)
	})
}

func TestSFOX_endsTokensWithTheUser(t *testing.T) {
	t.Parallel()
	s := sfoxServer()
	s.SFOX.TokensDie = true
	user := userToken(t, s, "empty")
	ask(t, s, "sfox", "DELETE /enterprise/account/empty", "")
	equal(t, "status", askAs(t, s, "sfox", "GET /user/balance", "", user).status, 401)
}

func TestSFOX_limitsRequestsByRoute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sfoxServer()
		user := userToken(t, s, "empty")
		s.SFOX.RateLimits = true
		for range 5 {
			equal(t, "within", askAs(t, s, "sfox", "GET /user/balance", "", user).status, 200)
		}
		g := askAs(t, s, "sfox", "GET /user/balance", "", user)
		g.want(t, 429, `{"error":"too many requests"}`)
		equal(t, "retry after", g.header.Get("Retry-After"), "")
		equal(t, "another route", ask(t, s, "sfox", "GET /enterprise/users/empty", "").status, 200)
		s.SFOX.Set(func(f *mock.SFOX) { f.RetryAfter = true })
		time.Sleep(4 * time.Second)
		equal(t, "retry after", askAs(t, s, "sfox", "GET /user/balance", "", user).header.Get("Retry-After"), "6")
		time.Sleep(6 * time.Second)
		equal(t, "after the penalty", askAs(t, s, "sfox", "GET /user/balance", "", user).status, 200)
	})
}

func TestSFOX_limitsAllRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sfoxServer()
		s.SFOX.RateLimits, s.SFOX.RetryAfter = true, true
		for range 250 {
			ask(t, s, "sfox", "GET /enterprise/users/empty", "")
		}
		equal(t, "retry after", ask(t, s, "sfox", "GET /enterprise/users/empty", "").header.Get("Retry-After"), "60")
		time.Sleep(59 * time.Second)
		equal(t, "in the penalty", ask(t, s, "sfox", "GET /enterprise/users/empty", "").status, 429)
		time.Sleep(time.Second)
		equal(t, "after the penalty", ask(t, s, "sfox", "GET /enterprise/users/empty", "").status, 200)
	})
}
