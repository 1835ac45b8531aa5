package mock_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

var ecgridCase = vendorCase{
	vendor: "ecgrid", prefix: "/ecgrid/v2", credential: [2]string{"X-API-Key", key}, id: "41", holder: "7",
	tombstone: true,
	add: func(s *mock.Server) {
		s.ECGrid.Add(mock.ECGridUser{ID: 41, Name: "Ines Varga", Email: "ines@acme.test"})
	},
	has:  func(s *mock.Server) bool { return s.ECGrid.Has(41) },
	drop: func(s *mock.Server) { s.ECGrid.Drop(41) },
	crowd: func(s *mock.Server, i int, name, email string) {
		s.ECGrid.Add(mock.ECGridUser{ID: int64(100 + i), Name: name, Email: email, MailboxID: int64(i % 3)})
	},
	steps: [][2]string{{"DELETE /users/41", ""}},
	route: "DELETE /users/{id}", status: 200, read: "GET /users/41", list: "POST /users/list", body: "{}",
	lists: []listCase{{
		what: "POST /users/list", body: `{"pageNo":2,"recordsPerPage":20}`,
		first: [2]string{"POST /users/list", `{"pageNo":1,"recordsPerPage":20}`}, rows: "data", n: 20,
	}},
	absence: "ObjectNotFound", noRoute: ecgridNotFound, notFound: `{"success":false,"errorCode":"ObjectNotFound"}`,
	gone: `{"success":false,"errorCode":"ObjectNotFound","message":"Gone","data":null}`,
}

// network is a server with users of several levels and states at ECGrid.
func ecgridServer() *mock.Server {
	s := mock.New(key)
	s.ECGrid.Add(mock.ECGridUser{ID: 30417, Name: "Mina Okafor", Email: "mina@acme.test", Login: "m.okafor",
		MailboxID: 880})
	s.ECGrid.Add(mock.ECGridUser{ID: 30418, Name: "Ola Berg", Email: "ola@acme.test", Status: "Suspended", NetworkID: 13})
	s.ECGrid.Add(mock.ECGridUser{ID: 30419, Name: "Gone", Email: "gone@acme.test", Status: "Terminated"})
	return s
}

// What ECGrid answers.
const (
	ecgridNotFound = `{"success":false,"errorCode":"ObjectNotFound","data":null}`
	ecgridInvalid  = `{"success":false,"errorCode":"InvalidParameter","data":null}`
	ecgridDenied   = `{"success":false,"errorCode":"AccessDenied"}`
	ecgridDone     = `{"success":true,"data":true}`
)

// ecgridAnswers has calls of ECGrid, and what it answers.
var ecgridAnswers = []struct {
	what, body string
	status     int
	fields     string
}{
	{"GET /auth/version", "", 200, `{"success":true,"data":{"version":"2.6"}}`},
	{"GET /users/me", "", 200, `{"data":{"userId":7,"login":"svc-offboard","authLevel":"NetworkAdmin","networkId":12}}`},
	{"GET /users/30417", "", 200, `{"success":true,"data":{"userId":30417,"login":"m.okafor","email":"mina@acme.test",
		"firstName":"Mina","lastName":"Okafor","networkId":12,"mailboxId":880,"authLevel":"MailboxUser",
		"status":"Active"}}`},
	{"GET /users/30418", "", 200, `{"data":{"status":"Suspended"}}`},
	{"GET /users/30419", "", 200, `{"data":{"status":"Terminated"}}`},
	{"GET /users/1", "", 404, ecgridNotFound},
	{"GET /users/-1", "", 404, ecgridNotFound},
	{"GET /users/abc", "", 400, ecgridInvalid},
	{"DELETE /users/30417", "", 200, ecgridDone},
	{"DELETE /users/30418", "", 200, ecgridDone},
	{"DELETE /users/30419", "", 404, ecgridNotFound},
	{"DELETE /users/1", "", 404, ecgridNotFound},
	{"DELETE /users/abc", "", 400, ecgridInvalid},
	{"POST /users/by-name", `{"login":"M.Okafor"}`, 200, `{"success":true}`},
	{"POST /users/by-name", `{}`, 400, ecgridInvalid},
	{"PUT /users", `{"userId":30417,"firstName":"Minna","authLevel":"General","status":"Suspended"}`, 200,
		`{"data":{"firstName":"Minna","lastName":"Okafor","authLevel":"MailboxUser",
		"status":"Active"}}`},
	{"PUT /users", `{"userId":1}`, 404, ecgridNotFound},
	{"PUT /users", `nonsense`, 400, ecgridInvalid},
	{"PUT /users/30417", `{}`, 405, `{"success":false,"data":null}`},
	{"POST /users/role", `{"userId":30417,"authLevel":"NetworkUser"}`, 200, `{"data":{"authLevel":"NetworkUser"}}`},
	{"POST /users/role", `{"userId":30417,"authLevel":"NoChange","networkId":13}`, 200,
		`{"data":{"authLevel":"MailboxUser","networkId":13}}`},
	{"POST /users/role", `{"userId":30417,"authLevel":"Root"}`, 403, ecgridDenied},
	{"POST /users/role", `{"userId":30417,"authLevel":"King"}`, 400, ecgridInvalid},
	{"POST /users/role", `{"userId":30417}`, 400, ecgridInvalid},
	{"POST /users/reset/30417", "", 200, ecgridDone},
	{"POST /users/reset/1", "", 404, ecgridNotFound},
	{"POST /users/reset/x", "", 400, ecgridInvalid},
	{"POST /users/list", `{"pageNo":0}`, 400, ecgridInvalid},
	{"POST /users/list", `{"status":"Gone"}`, 400, ecgridInvalid},
	{"POST /users/list", `{"authLevel":"King"}`, 400, ecgridInvalid},
	{"POST /users/list", `{"networkId":"12"}`, 400, ecgridInvalid},
}

func TestECGrid_answersEachCall(t *testing.T) {
	t.Parallel()
	for _, c := range ecgridAnswers {
		t.Run(c.what+" "+c.body, func(t *testing.T) {
			t.Parallel()
			ask(t, ecgridServer(), "ecgrid", c.what, c.body).want(t, c.status, c.fields)
		})
	}
}

// userIDs returns the IDs of the users in an answer's list.
func userIDs(t *testing.T, g reply) []int {
	t.Helper()
	all := []int{}
	for _, row := range g.field(t, "data").([]any) {
		all = append(all, int(row.(map[string]any)["userId"].(float64)))
	}
	return all
}

func TestECGrid_listsByFilterAndPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body string
		want []int
	}{
		{"", []int{7, 30417, 30418, 30419}},
		{`{}`, []int{7, 30417, 30418, 30419}},
		{`{"networkId":12}`, []int{7, 30417, 30419}},
		{`{"networkId":13}`, []int{30418}},
		{`{"networkId":0}`, []int{7, 30417, 30419}},
		{`{"mailboxId":880}`, []int{30417}},
		{`{"authLevel":"networkadmin"}`, []int{7}},
		{`{"status":"Active"}`, []int{7, 30417}},
		{`{"status":"Terminated"}`, []int{30419}},
		{`{"pageNo":2,"recordsPerPage":3}`, []int{30419}},
		{`{"pageNo":3,"recordsPerPage":3}`, []int{}},
	} {
		equal(t, c.body, userIDs(t, ask(t, ecgridServer(), "ecgrid", "POST /users/list", c.body)), c.want)
	}
}

func TestECGrid_listsTwentyFiveOnAPage(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Invent(130)
	equal(t, "default", len(userIDs(t, ask(t, s, "ecgrid", "POST /users/list", `{}`))), 25)
	equal(t, "largest", len(userIDs(t, ask(t, s, "ecgrid", "POST /users/list", `{"recordsPerPage":500}`))), 100)
	s.ECGrid.PageCap = 10
	equal(t, "capped", userIDs(t, ask(t, s, "ecgrid", "POST /users/list", `{"pageNo":2}`))[0], 30410)
}

func TestECGrid_listFollowsItsSwitches(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.ECGrid.HideTerminated = true
	equal(t, "terminated hidden", userIDs(t, ask(t, s, "ecgrid", "POST /users/list", `{"networkId":12}`)), []int{7, 30417})
	equal(t, "terminated asked for", userIDs(t, ask(t, s, "ecgrid", "POST /users/list", `{"status":"Terminated"}`)),
		[]int{30419})
	s.ECGrid.FilterRequired = true
	ask(t, s, "ecgrid", "POST /users/list", `{"pageNo":1}`).want(t, 400, `{"errorCode":"InvalidParameter"}`)
	equal(t, "filter given", len(userIDs(t, ask(t, s, "ecgrid", "POST /users/list", `{"networkId":13}`))), 1)
}

func TestECGrid_answers404ForHiddenUsers(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.ECGrid.Hidden = map[int64]bool{30417: true}
	for _, what := range []string{"GET /users/30417", "DELETE /users/30417", "POST /users/reset/30417"} {
		ask(t, s, "ecgrid", what, "").want(t, 404, `{"errorCode":"ObjectNotFound"}`)
	}
	ask(t, s, "ecgrid", "PUT /users", `{"userId":30417}`).want(t, 404, `{"errorCode":"ObjectNotFound"}`)
	equal(t, "listed", userIDs(t, ask(t, s, "ecgrid", "POST /users/list", `{"networkId":12}`)), []int{7, 30419})
	equal(t, "by name", userIDs(t, ask(t, s, "ecgrid", "POST /users/by-name", `{"login":"m.okafor"}`)), []int{})
	equal(t, "open", s.ECGrid.Has(30417), true)
}

func TestECGrid_answersASecondTerminationInFourWays(t *testing.T) {
	t.Parallel()
	for again, c := range map[mock.ECGridAgain]struct {
		status int
		fields string
	}{
		mock.AgainNotFound: {404, `{"success":false,"errorCode":"ObjectNotFound"}`},
		mock.AgainInvalid:  {400, `{"success":false,"errorCode":"InvalidParameter"}`},
		mock.AgainFalse:    {200, `{"success":true,"data":false}`},
		mock.AgainTrue:     {200, `{"success":true,"data":true}`},
	} {
		s := ecgridServer()
		s.ECGrid.Again = again
		ask(t, s, "ecgrid", "DELETE /users/30417", "").want(t, 200, `{"success":true,"data":true}`)
		ask(t, s, "ecgrid", "DELETE /users/30417", "").want(t, c.status, c.fields)
		ask(t, s, "ecgrid", "GET /users/30417", "").want(t, 200, `{"data":{"status":"Terminated"}}`)
	}
}

func TestECGrid_hidesATerminatedUser(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.ECGrid.TerminatedNotFound = true
	ask(t, s, "ecgrid", "GET /users/30419", "").want(t, 404, `{"errorCode":"ObjectNotFound"}`)
}

func TestECGrid_showsATerminatedUserForAWhile(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.ECGrid.SlowTerminate = 1
	ask(t, s, "ecgrid", "DELETE /users/30418", "")
	ask(t, s, "ecgrid", "GET /users/30418", "").want(t, 200, `{"data":{"status":"Suspended"}}`)
	ask(t, s, "ecgrid", "GET /users/30418", "").want(t, 200, `{"data":{"status":"Terminated"}}`)
}

func TestECGrid_writesLoginAndStatusInOtherFields(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.ECGrid.LoginName, s.ECGrid.NoStatus = true, true
	g := ask(t, s, "ecgrid", "GET /users/30417", "")
	g.want(t, 200, `{"data":{"loginName":"m.okafor","lockoutStatus":false}}`)
	user := g.field(t, "data").(map[string]any)
	for _, name := range []string{"login", "status"} {
		if _, has := user[name]; has {
			t.Errorf("%s: got %v, want none", name, user[name])
		}
	}
}

func TestECGrid_writesErrorCodeAndMessageOnSuccess(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	if g := ask(t, s, "ecgrid", "GET /users/me", "").field(t).(map[string]any); len(g) != 2 {
		t.Errorf("envelope: got %v, want success and data alone", g)
	}
	s.ECGrid.Extras = mock.ExtrasEmpty
	ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"errorCode":"","message":""}`)
	s.ECGrid.Extras = mock.ExtrasNull
	ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"errorCode":null,"message":null}`)
}

func TestECGrid_answersErrorsWithStatus200(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.ECGrid.Errors200 = true
	ask(t, s, "ecgrid", "GET /users/1", "").want(t, 200, `{"success":false,"errorCode":"ObjectNotFound","data":null}`)
}

func TestECGrid_needsALevelToTerminate(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.ECGrid.Update(s.ECGrid.Me, func(u *mock.ECGridUser) { u.AuthLevel = "NetworkUser" })
	ask(t, s, "ecgrid", "DELETE /users/30417", "").want(t, 403, `{"errorCode":"AccessDenied","data":null}`)
	ask(t, s, "ecgrid", "GET /users/30417", "").want(t, 200, `{"success":true}`)
	equal(t, "open", s.ECGrid.Has(30417), true)
}

func TestECGrid_endsTheKeyWithItsOwnUser(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	ask(t, s, "ecgrid", "DELETE /users/7", "").want(t, 200, `{"data":true}`)
	for _, what := range []string{"GET /users/me", "GET /users/30417"} {
		ask(t, s, "ecgrid", what, "").want(t, 401, `{"success":false,"errorCode":"InvalidAPIKey","data":null}`)
	}
}

func TestECGrid_versionNeedsNoKey(t *testing.T) {
	t.Parallel()
	askAs(t, ecgridServer(), "ecgrid", "GET /auth/version", "", [2]string{}).want(t, 200, `{"success":true}`)
}

func TestECGrid_namesTheOwnerOfTheKeyInASession(t *testing.T) {
	t.Parallel()
	ask(t, ecgridServer(), "ecgrid", "POST /auth/session", "").want(t, 200, `{"data":{"userId":7,"login":"svc-offboard"}}`)
}

func TestECGrid_refusesASessionToken(t *testing.T) {
	t.Parallel()
	credential := [2]string{"Authorization", "Bearer " + key}
	askAs(t, ecgridServer(), "ecgrid", "GET /users/me", "", credential).want(t, 401, `{"errorCode":"InvalidSession"}`)
}

func TestECGrid_limitsRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := ecgridServer()
		s.ECGrid.RateLimit = 1
		ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"success":true}`)
		g := ask(t, s, "ecgrid", "GET /users/me", "")
		g.want(t, 429, `{"success":false,"errorCode":"RateLimitExceeded","data":null}`)
		equal(t, "retry after", g.header.Get("Retry-After"), "1")
		s.ECGrid.Set(func(e *mock.ECGrid) { e.NoRetryAfter = true })
		_, has := ask(t, s, "ecgrid", "GET /users/me", "").header[http.CanonicalHeaderKey("Retry-After")]
		equal(t, "has retry after", has, false)
		time.Sleep(time.Second)
		ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"success":true}`)
	})
}
