package mock_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

var skillableCase = vendorCase{
	vendor: "skillable", prefix: "/skillable/api/v3", credential: [2]string{"api_key", key}, id: "e1",
	add: func(s *mock.Server) {
		s.Skillable.Add(mock.SkillableUser{ID: "e1", Name: "Ines Varga", Email: "ines@acme.test",
			Running: mock.Labs{{ID: 5, Name: "Drill"}}})
	},
	has:  func(s *mock.Server) bool { return s.Skillable.Has("e1") },
	drop: func(s *mock.Server) { s.Skillable.Drop("e1") },
	crowd: func(s *mock.Server, i int, name, email string) {
		s.Skillable.Add(mock.SkillableUser{ID: fmt.Sprintf("e%02d", i), Name: name, Email: email,
			Running: make(mock.Labs, 1)})
	},
	steps: [][2]string{{"GET /CloseUserAccount?userId=e1", ""}},
	route: "GET /CloseUserAccount", status: 200,
	read: "GET /labinstance/search?userId=e1&mode=5", list: "GET /labinstance/search?mode=5",
	lists: []listCase{
		{
			what:  "GET /labinstance/search?pageIndex=1&pageSize=20&mode=5",
			first: [2]string{"GET /labinstance/search?pageIndex=0&pageSize=20&mode=5"},
			rows:  "Results", total: "TotalResults", n: 20,
		},
		{what: "GET /runningandsavedlabs", rows: "RunningLabs", n: 45},
	},
	absence: `"TotalResults":0`, noRoute: `{"Status":0}`, notFound: `{"Status":0}`,
	gone: `{"Status":0,"Error":"Gone"}`, unauthorized: `{"Status":0,"Error":"Invalid integration key"}`,
}

// consumer is a server with one user with labs and one without at Skillable.
func skillableServer() *mock.Server {
	s := mock.New(key)
	s.Skillable.Add(mock.SkillableUser{ID: "emp+1", Name: "Ola Berg", Email: "ola@acme.test", History: 2,
		Running: mock.Labs{{ID: 1, Name: "Drill"}}, Saved: mock.Labs{{ID: 2, SaveInProgress: true,
			SubmittedForGrading: true}}})
	s.Skillable.Add(mock.SkillableUser{ID: "idle", Name: "Ines Varga", Email: "ines@acme.test"})
	return s
}

// count returns the length of a list in an answer.
func rowCount(t *testing.T, g reply, list string) int {
	t.Helper()
	return len(g.field(t, list).([]any))
}

func TestSkillable_answersEachCommand(t *testing.T) {
	t.Parallel()
	const failed = `{"Status":0}`
	for _, c := range []struct {
		what   string
		fields string
	}{
		{"GET /CloseUserAccount?userId=emp%2B1", `{"Status":1,"Error":null,"RowsAffected":23}`},
		{"GET /CloseUserAccount?userId=idle", `{"Status":1,"Error":null,"RowsAffected":11}`},
		{"GET /CloseUserAccount?userId=unknown", `{"Status":1,"Error":null,"RowsAffected":0}`},
		{"GET /CloseUserAccount?userId=IDLE", `{"Status":1,"RowsAffected":0}`},
		{"GET /CloseUserAccount", failed},
		{"GET /closeuseraccount/?USERID=idle", `{"RowsAffected":11}`},
		{"POST /CloseUserAccount?userId=idle", `{"RowsAffected":11}`},
		{"GET /" + key + "/CloseUserAccount?userId=idle", `{"RowsAffected":11}`},
		{"GET /wrong-key/CloseUserAccount?userId=idle", failed},
		{"GET /userrunningandsavedlabs?userid=idle", `{"Status":1,"Error":null,"RunningLabs":[],"SavedLabs":[]}`},
		{"GET /userrunningandsavedlabs?userid=unknown", `{"Status":1,"Error":null,"RunningLabs":[],"SavedLabs":[]}`},
		{"GET /userrunningandsavedlabs", failed},
		{"GET /labinstance/search?userId=emp%2B1&mode=0&pageSize=1",
			`{"Status":1,"Error":null,"TotalResults":4,"TotalPages":4}`},
		{"GET /labinstance/search?userId=idle", `{"TotalResults":0,"TotalPages":0,"Results":[]}`},
		{"GET /labinstance/search?userId=unknown", `{"TotalResults":0,"Results":[]}`},
		{"GET /labinstance/search", `{"TotalResults":4,"TotalPages":1}`},
		{"GET /labinstance/search?mode=7", failed},
		{"GET /labinstance/search?pageSize=0", failed},
		{"GET /details?labinstanceid=1", `{"Status":1,"Id":1,"UserId":"emp+1","State":"Running","LabProfileName":"Drill"}`},
		{"GET /details?labinstanceid=99", failed},
		{"GET /cancel?labinstanceid=1&note=closing", `{"Result":1,"Status":1,"Error":null}`},
		{"GET /cancel?labinstanceid=99", failed},
		{"GET /cancel", failed},
		{"GET /save?labinstanceid=1", `{"Result":1,"Status":1}`},
		{"GET /save?labinstanceid=2", `{"Result":2,"Status":1}`},
		{"GET /save?labinstanceid=99", failed},
		{"GET /stats", `{"NumActive":1,"NumSaved":1,"Status":1,"Error":null}`},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			ask(t, skillableServer(), "skillable", c.what, "").want(t, 200, c.fields)
		})
	}
}

func TestSkillable_listsLabsOfAUser(t *testing.T) {
	t.Parallel()
	g := ask(t, skillableServer(), "skillable", "GET /userrunningandsavedlabs?userid=emp%2B1", "")
	g.want(t, 200, `{"RunningLabs":[{"LabInstanceId":1,"LabProfileId":42,"LabProfileName":"Drill",
		"LabProfileNumber":"LAB-42",
		"Start":1767225600,"Expires":1798761600,"Url":null,"IsExam":false}],
		"SavedLabs":[{"LabInstanceId":2,"LabProfileId":43,"LabProfileName":"Backup drill","LabProfileNumber":"LAB-43",
		"MinutesRemaining":85,"Saved":1767225600,"Expires":1798761600,"SaveInProgress":true,"IsExam":false,
		"SubmittedForGrading":true}]}`)
}

func TestSkillable_listsLabsOfAll(t *testing.T) {
	t.Parallel()
	g := ask(t, skillableServer(), "skillable", "GET /runningandsavedlabs", "")
	equal(t, "running", rowCount(t, g, "RunningLabs"), 1)
	equal(t, "saved", rowCount(t, g, "SavedLabs"), 1)
	equal(t, "user", g.field(t, "RunningLabs").([]any)[0].(map[string]any)["UserId"].(string), "emp+1")
}

func TestSkillable_namesLabs(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Skillable.Add(mock.SkillableUser{ID: "e", Running: make(mock.Labs, 2)})
	u, _ := s.Skillable.Get("e")
	if u.Running[0].ID == 0 || u.Running[0].ID == u.Running[1].ID || u.Running[0].Name == "" {
		t.Errorf("labs: got %v, want two ids and names", u.Running)
	}
}

func TestSkillable_readsAPostedForm(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	ask(t, s, "skillable", "POST /CloseUserAccount", "UserID=emp%2B1").want(t, 200, `{"RowsAffected":23}`)
	equal(t, "log", s.Requests()[0].Route, "POST /CloseUserAccount")
	equal(t, "change", s.Requests()[0].Change, true)
}

func TestSkillable_countsNoRowsOnASecondClose(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	ask(t, s, "skillable", "GET /CloseUserAccount?userId=emp%2B1", "").want(t, 200, `{"RowsAffected":23}`)
	ask(t, s, "skillable", "GET /CloseUserAccount?userId=emp%2B1", "").want(t, 200, `{"RowsAffected":0}`)
	ask(t, s, "skillable", "GET /labinstance/search?userId=emp%2B1", "").want(t, 200, `{"TotalResults":0}`)
	ask(t, s, "skillable", "GET /stats", "").want(t, 200, `{"NumActive":0,"NumSaved":0}`)
}

func TestSkillable_leavesRowsForLaterCloses(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Skillable.LeaveRows = 2
	for _, rows := range []string{"11", "1", "1", "0", "0"} {
		ask(t, s, "skillable", "GET /CloseUserAccount?userId=idle", "").want(t, 200, `{"RowsAffected":`+rows+`}`)
	}
}

func TestSkillable_closesWhileLabsRun(t *testing.T) {
	t.Parallel()
	for closing, c := range map[mock.SkillableClose]struct {
		fields string
		open   bool
		labs   int
	}{
		mock.CloseEndsLabs:   {`{"Status":1,"RowsAffected":23}`, false, 0},
		mock.CloseLeavesLabs: {`{"Status":1,"RowsAffected":23}`, false, 1},
		mock.CloseRefused:    {`{"Status":0}`, true, 1},
	} {
		s := skillableServer()
		s.Skillable.Closing = closing
		ask(t, s, "skillable", "GET /CloseUserAccount?userId=emp%2B1", "").want(t, 200, c.fields)
		equal(t, "open", s.Skillable.Has("emp+1"), c.open)
		g := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=emp%2B1", "")
		equal(t, "labs", rowCount(t, g, "RunningLabs"), c.labs)
	}
}

func TestSkillable_answersForAnUnknownUserInThreeWays(t *testing.T) {
	t.Parallel()
	for unknown, fields := range map[mock.SkillableUnknown]string{
		mock.UnknownEmpty: `{"Status":1,"RunningLabs":[],"SavedLabs":[]}`,
		mock.UnknownNull:  `{"Status":1,"RunningLabs":null,"SavedLabs":null}`,
		mock.UnknownError: `{"Status":0}`,
	} {
		s := skillableServer()
		s.Skillable.Unknown = unknown
		s.Skillable.Drop("emp+1")
		for _, id := range []string{"unknown", "emp%2B1"} {
			ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid="+id, "").want(t, 200, fields)
		}
	}
}

func TestSkillable_refusesABadKey(t *testing.T) {
	t.Parallel()
	for answer, status := range map[mock.SkillableBadKey]int{
		mock.BadKeyInBody: 200, mock.BadKeyUnauthorized: 401, mock.BadKeyForbidden: 403} {
		s := skillableServer()
		s.Skillable.BadKey = answer
		askAs(t, s, "skillable", "GET /stats", "", [2]string{"api_key", "wrong"}).want(t, status,
			`{"Status":0,"Error":"Invalid integration key"}`)
	}
}

func TestSkillable_searchesInThreeModes(t *testing.T) {
	t.Parallel()
	const full = "ApiConsumerName CloudCredentials CompletionStatus End Id LabProfileId LabProfileName Start State " +
		"UserEmail UserFirstName UserId UserLastName VirtualMachineCredentials"
	s := skillableServer()
	for mode, want := range map[string]string{
		"0":  "CompletionStatus End LabProfileId Start UserId",
		"5":  full,
		"10": full,
	} {
		g := ask(t, s, "skillable", "GET /labinstance/search?userId=emp%2B1&mode="+mode, "")
		row := g.field(t, "Results").([]any)[0].(map[string]any)
		equal(t, "fields in mode "+mode, strings.Join(slices.Sorted(maps.Keys(row)), " "), want)
		equal(t, "status in mode "+mode, row["CompletionStatus"], map[bool]any{true: 3.0, false: "Incomplete"}[mode == "0"])
	}
	equal(t, "without a mode", ask(t, s, "skillable", "GET /labinstance/search", "").body,
		ask(t, s, "skillable", "GET /labinstance/search?mode=10", "").body)
}

func TestSkillable_searchesByPage(t *testing.T) {
	t.Parallel()
	for index, want := range map[string]int{"0": 3, "1": 1, "2": 0} {
		g := ask(t, skillableServer(), "skillable", "GET /labinstance/search?pageSize=3&pageIndex="+index, "")
		equal(t, "page "+index, rowCount(t, g, "Results"), want)
	}
}

func TestSkillable_findsClosedUsers(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Skillable.SearchClosed = true
	ask(t, s, "skillable", "GET /CloseUserAccount?userId=emp%2B1", "")
	g := ask(t, s, "skillable", "GET /labinstance/search?userId=emp%2B1", "")
	g.want(t, 200, `{"TotalResults":4}`)
	equal(t, "name", g.field(t, "Results").([]any)[0].(map[string]any)["UserFirstName"].(string), "")
}

func TestSkillable_searchesWithoutStatus(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Skillable.BareSearch = true
	if _, has := ask(t, s, "skillable", "GET /labinstance/search?mode=0", "").field(t).(map[string]any)["Status"]; has {
		t.Error("mode 0: got a Status, want none")
	}
	ask(t, s, "skillable", "GET /labinstance/search?mode=5", "").want(t, 200, `{"Status":1}`)
}

func TestSkillable_cancelsALab(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	ask(t, s, "skillable", "GET /cancel?labinstanceid=1", "")
	g := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=emp%2B1", "")
	equal(t, "running", rowCount(t, g, "RunningLabs"), 0)
	u, _ := s.Skillable.Get("emp+1")
	equal(t, "history", u.History, 3)
}

func TestSkillable_showsACanceledLabForAWhile(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Skillable.SlowCancel = 2
	ask(t, s, "skillable", "GET /cancel?labinstanceid=1", "")
	for _, want := range []int{1, 1, 0} {
		ask(t, s, "skillable", "GET /details?labinstanceid=1", "")
		g := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=emp%2B1", "")
		equal(t, "running", rowCount(t, g, "RunningLabs"), want)
		ask(t, s, "skillable", "GET /cancel?labinstanceid=1", "") // does not start the wait again
	}
}

func TestSkillable_refusesToCancelAForeignLab(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Skillable.Set(func(s *mock.Skillable) { s.ForeignLabs = true })
	g := ask(t, s, "skillable", "GET /cancel?labinstanceid=1", "")
	equal(t, "body", g.body, `{"Error":"Invalid integration key","Status":1}`)
	ask(t, s, "skillable", "GET /stats", "").want(t, 200, `{"NumActive":1}`)
}

func TestSkillable_savesALab(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	ask(t, s, "skillable", "GET /save?labinstanceid=1", "")
	ask(t, s, "skillable", "GET /stats", "").want(t, 200, `{"NumActive":0,"NumSaved":2}`)
}
