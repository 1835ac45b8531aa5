package mock_test

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// konstantlyCase closes Ines, who is blocked already.
var konstantlyCase = vendorCase{
	vendor: "konstantly", prefix: "/konstantly/openapi/v1", credential: [2]string{"X-API-KEY", key}, id: "u1",
	add: func(s *mock.Server) {
		s.Konstantly.Add(mock.KonstantlyUser{ID: "u1", Name: "Ines Varga", Email: "ines@acme.test", Blocked: true})
	},
	has:  func(s *mock.Server) bool { return s.Konstantly.Has("u1") },
	drop: func(s *mock.Server) { s.Konstantly.Drop("u1") },
	crowd: func(s *mock.Server, i int, name, email string) {
		s.Konstantly.Add(mock.KonstantlyUser{ID: fmt.Sprintf("u%02d", i), Name: name, Email: email})
	},
	steps: [][2]string{{"POST /users/blocked", `{"id":"u1"}`}, {"DELETE /users/u1", ""}},
	route: "DELETE /users/{id}", status: 200, read: "GET /users/u1", list: "GET /users",
	lists: []listCase{{
		what: "GET /users?offset=20", first: [2]string{"GET /users?offset=0"}, rows: "users", total: "totalCount", n: 20,
	}},
	absence: `"status":404`, noRoute: konstantlyNotFound, notFound: `{"status":404}`,
	gone: `{"status":410,"message":"Gone"}`,
}

// site is a server with one active, one blocked and one expert user at Konstantly.
func konstantlyServer() *mock.Server {
	s := mock.New(key)
	s.Konstantly.Add(mock.KonstantlyUser{ID: "active", Name: "Ines Varga", Email: "ines@acme.test", FromAPI: true})
	s.Konstantly.Add(mock.KonstantlyUser{ID: "blocked", Name: "Mina Okafor", Email: "mina@acme.test", Blocked: true})
	s.Konstantly.Add(mock.KonstantlyUser{ID: "expert", Name: "Ola Berg", Email: "ola@acme.test", Expert: true})
	return s
}

const konstantlyNotFound = `{"status":404,"message":"Not found"}`

// konstantlyAnswers has calls of Konstantly, and what it answers.
var konstantlyAnswers = []struct {
	what, body string
	status     int
	fields     string
}{
	{"GET /users/active", "", 200, `{"id":"active","name":"Ines Varga","email":"ines@acme.test","language":"en",
		"timezone":"Europe/Lisbon","isBanned":false,"role":{"alias":"learner"},"fromApi":true,"image":null,
		"occupation":null,"attributes":{}}`},
	{"GET /users/blocked", "", 200, `{"isBanned":true}`},
	{"GET /users/unknown", "", 404, konstantlyNotFound},
	{"GET /users/byEmail/INES%40acme.test", "", 200, `{"id":"active"}`},
	{"GET /users/byEmail/unknown%40acme.test", "", 404, konstantlyNotFound},
	{"GET /users/byEmail/nonsense", "", 400, `{"status":400,"errors":{"email":["is not a valid e-mail"]}}`},
	{"GET /users/byEmail", "", 404, konstantlyNotFound},
	{"POST /users/blocked", `{"id":"active"}`, 200, `{"id":"active","isBanned":true}`},
	{"POST /users/blocked", `{"id":"blocked"}`, 200, `{"isBanned":true}`},
	{"POST /users/blocked", `{"id":"expert"}`, 422, `{"status":422}`},
	{"POST /users/blocked", `{"id":"unknown"}`, 404, konstantlyNotFound},
	{"POST /users/blocked", `{}`, 400, `{"status":400,"errors":{"id":["is required"]}}`},
	{"POST /users/blocked", ``, 400, `{"status":400}`},
	{"DELETE /users/blocked/blocked", "", 200, `{}`},
	{"DELETE /users/blocked/active", "", 200, `{}`},
	{"DELETE /users/blocked/unknown", "", 404, konstantlyNotFound},
	{"DELETE /users/active", "", 422, `{"status":422}`},
	{"DELETE /users/blocked", "", 200, `{}`},
	{"DELETE /users/unknown", "", 404, konstantlyNotFound},
	{"DELETE /users/", "", 405, `{"status":405}`},
	{"PATCH /users/active", `{"email":"new@acme.test","name":"Ines V"}`, 200,
		`{"email":"new@acme.test","name":"Ines V"}`},
	{"PATCH /users/blocked", `{"email":"mina@acme.test"}`, 200, `{"isBanned":true}`},
	{"PATCH /users/active", `{"name":"Ines V"}`, 400, `{"errors":{"email":["is required"]}}`},
	{"PATCH /users/active", `{"email":"mina@acme.test"}`, 400, `{"errors":{"email":["is taken"]}}`},
	{"PATCH /users/unknown", `{"email":"a@acme.test"}`, 404, konstantlyNotFound},
	{"GET /users?offset=-1", "", 400, `{"status":400}`},
}

func TestKonstantly_answersEachCallInEachState(t *testing.T) {
	t.Parallel()
	for _, c := range konstantlyAnswers {
		t.Run(c.what+" "+c.body, func(t *testing.T) {
			t.Parallel()
			ask(t, konstantlyServer(), "konstantly", c.what, c.body).want(t, c.status, c.fields)
		})
	}
}

func TestKonstantly_blocksABlockedExpertAgain(t *testing.T) {
	t.Parallel()
	s := konstantlyServer()
	s.Konstantly.Update("expert", func(u *mock.KonstantlyUser) { u.Blocked = true })
	ask(t, s, "konstantly", "POST /users/blocked", `{"id":"expert"}`).want(t, 200, `{"isBanned":true}`)
}

func TestKonstantly_answersABlockWithoutAttributes(t *testing.T) {
	t.Parallel()
	g := ask(t, konstantlyServer(), "konstantly", "POST /users/blocked", `{"id":"active"}`)
	if _, has := g.field(t).(map[string]any)["attributes"]; has {
		t.Errorf("body: got %s, want no attributes", g.body)
	}
}

func TestKonstantly_closesInTwoSteps(t *testing.T) {
	t.Parallel()
	s := konstantlyServer()
	ask(t, s, "konstantly", "POST /users/blocked", `{"id":"active"}`)
	ask(t, s, "konstantly", "DELETE /users/active", "").want(t, 200, `{}`)
	ask(t, s, "konstantly", "GET /users/active", "").want(t, 404, `{"status":404}`)
	ask(t, s, "konstantly", "GET /users/byEmail/ines%40acme.test", "").want(t, 404, `{"status":404}`)
	ask(t, s, "konstantly", "DELETE /users/active", "").want(t, 404, `{"status":404}`)
	ask(t, s, "konstantly", "GET /users", "").want(t, 200, `{"totalCount":2}`)
}

func TestKonstantly_listsTwentyOnAPage(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	for i := range 41 {
		s.Konstantly.Add(mock.KonstantlyUser{ID: strconv.Itoa(i), Name: fmt.Sprintf("Person %02d", 40-i),
			Email: "p@acme.test"})
	}
	for offset, count := range map[int]int{0: 20, 20: 20, 40: 1, 41: 0, 400: 0} {
		g := ask(t, s, "konstantly", fmt.Sprintf("GET /users?offset=%d&limit=5", offset), "")
		rows := g.field(t, "users").([]any)
		equal(t, fmt.Sprintf("rows at %d", offset), len(rows), count)
		equal(t, "total", g.field(t, "totalCount").(float64), 41)
		if count > 0 {
			equal(t, "first name", rows[0].(map[string]any)["name"].(string), fmt.Sprintf("Person %02d", offset))
		}
	}
}

func TestKonstantly_listsByQuery(t *testing.T) {
	t.Parallel()
	ask(t, konstantlyServer(), "konstantly", "GET /users?query=MINA%40", "").want(t, 200, `{"totalCount":1}`)
}

func TestKonstantly_followsItsSwitches(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set        func(*mock.Konstantly)
		what, body string
		status     int
		fields     string
	}{
		"a bad key is forbidden": {func(k *mock.Konstantly) { k.Forbidden = true }, "GET /users", "", 403,
			`{"status":403}`},
		"the role is a string": {func(k *mock.Konstantly) { k.RoleString = true }, "GET /users/active", "", 200,
			`{"role":"learner"}`},
		"blocking twice is refused": {func(k *mock.Konstantly) { k.BlockOnce = true }, "POST /users/blocked",
			`{"id":"blocked"}`, 422, `{"status":422}`},
		"no seat is free": {func(k *mock.Konstantly) { k.NoSeats = true }, "DELETE /users/blocked/blocked", "",
			402, `{"status":402}`},
		"the list hides blocked": {func(k *mock.Konstantly) { k.HideBlocked = true }, "GET /users", "", 200,
			`{"totalCount":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := konstantlyServer()
			s.Konstantly.Set(c.set)
			credential := credentials["konstantly"]
			if c.status == 403 {
				credential[1] = "wrong"
			}
			askAs(t, s, "konstantly", c.what, c.body, credential).want(t, c.status, c.fields)
		})
	}
}

func TestKonstantly_answersADeleteWithoutABody(t *testing.T) {
	t.Parallel()
	s := konstantlyServer()
	s.Konstantly.EmptyDelete = true
	g := ask(t, s, "konstantly", "DELETE /users/blocked", "")
	equal(t, "status", g.status, 200)
	equal(t, "body", g.body, "")
}

func TestKonstantly_showsADeletedUserForAWhile(t *testing.T) {
	t.Parallel()
	s := konstantlyServer()
	s.Konstantly.SlowDelete = 2
	ask(t, s, "konstantly", "DELETE /users/blocked", "")
	equal(t, "open", s.Konstantly.Has("blocked"), false)
	for range 2 {
		ask(t, s, "konstantly", "GET /users/blocked", "").want(t, 200, `{"id":"blocked","isBanned":true}`)
	}
	ask(t, s, "konstantly", "GET /users/blocked", "").want(t, 404, `{"status":404}`)
}

func TestKonstantly_limitsRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := konstantlyServer()
		s.Konstantly.RateLimit, s.Konstantly.RetryAfter = 2, true
		time.Sleep(time.Millisecond) // so that the window ends within a second, not on it
		reset := strconv.FormatInt(time.Now().Add(time.Minute+time.Second).Unix(), 10)
		for _, remaining := range []string{"1", "0"} {
			g := ask(t, s, "konstantly", "GET /users/active", "")
			equal(t, "limit", g.header.Get("X-RateLimit-Limit"), "2")
			equal(t, "remaining", g.header.Get("X-RateLimit-Remaining"), remaining)
			equal(t, "reset", g.header.Get("X-RateLimit-Reset"), reset)
		}
		time.Sleep(20*time.Second + time.Millisecond)
		g := ask(t, s, "konstantly", "GET /users/active", "")
		g.want(t, 429, `{"status":429}`)
		equal(t, "remaining", g.header.Get("X-RateLimit-Remaining"), "0")
		equal(t, "retry after", g.header.Get("Retry-After"), "40")
		time.Sleep(40 * time.Second)
		ask(t, s, "konstantly", "GET /users/active", "").want(t, 200, `{"id":"active"}`)
	})
}

func TestKonstantly_hasAHighLimitByDefault(t *testing.T) {
	t.Parallel()
	g := ask(t, konstantlyServer(), "konstantly", "GET /users/active", "")
	equal(t, "limit", g.header.Get("X-RateLimit-Limit"), "100000")
	equal(t, "remaining", g.header.Get("X-RateLimit-Remaining"), "99999")
}

func TestKonstantly_decodesIDsInPaths(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Konstantly.Add(mock.KonstantlyUser{ID: "a/b c%@+é", Name: "Strange", Email: "a+b@acme.test"})
	ask(t, s, "konstantly", "GET /users/a%2Fb%20c%25%40+%C3%A9", "").want(t, 200, `{"id":"a/b c%@+é"}`)
	ask(t, s, "konstantly", "GET /users/byEmail/a+b%40acme.test", "").want(t, 200, `{"name":"Strange"}`)
}
