package mock_test

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// consumers is a server with a user 555 at each of two consumers of Skillable.
func twoConsumers(shared bool) *mock.Server {
	s := mock.New(key)
	s.Skillable.OtherKey, s.Skillable.Shared = "other-key", shared
	s.Skillable.Add(mock.SkillableUser{ID: "555", Name: "Ines Varga", Email: "ines@acme.test",
		Running: mock.Labs{{ID: 1, Name: "Drill"}}})
	s.Skillable.Other.Add(mock.SkillableUser{ID: "555", Name: "Otto Berg", Email: "otto@beta.test",
		Running: mock.Labs{{ID: 900, Name: "Exam"}}})
	return s
}

// consumersIn returns the first names in the rows of a search, each with its consumer.
func consumersIn(t *testing.T, g reply) []string {
	t.Helper()
	all := []string{}
	for _, row := range g.field(t, "Results").([]any) {
		fields := row.(map[string]any)
		all = append(all, fields["UserFirstName"].(string)+" "+fields["ApiConsumerName"].(string))
	}
	return all
}

func TestSkillable_hasConsumersWithTheSameUserID(t *testing.T) {
	t.Parallel()
	other := [2]string{"api_key", "other-key"}
	for _, c := range []struct {
		shared        bool
		mine, theirs  []string
		labs          int
		details       int // status of the other's lab in details
		cancelOfOther string
	}{
		{false, []string{"Ines Acme Training"}, []string{"Otto Beta Academy"}, 1, 0, `"Error":"Lab instance not found"`},
		{true, []string{"Otto Beta Academy", "Ines Acme Training"}, []string{"Ines Acme Training", "Otto Beta Academy"}, 2, 1,
			`{"Error":"Invalid integration key","Status":1}`},
	} {
		s := twoConsumers(c.shared)
		const search = "GET /labinstance/search?userId=555&mode=5"
		equal(t, "mine", consumersIn(t, ask(t, s, "skillable", search, "")), c.mine)
		equal(t, "theirs", consumersIn(t, askAs(t, s, "skillable", search, "", other)), c.theirs)
		equal(t, "labs", rowCount(t, ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=555", ""), "RunningLabs"),
			c.labs)
		equal(t, "all labs", rowCount(t, ask(t, s, "skillable", "GET /runningandsavedlabs", ""), "RunningLabs"), c.labs)
		equal(t, "details", int(ask(t, s, "skillable", "GET /details?labinstanceid=900", "").field(t, "Status").(float64)),
			c.details)
		if got := ask(t, s, "skillable", "GET /cancel?labinstanceid=900", "").body; !strings.Contains(got, c.cancelOfOther) {
			t.Errorf("cancel: got %s, want %s in it", got, c.cancelOfOther)
		}
		ask(t, s, "skillable", "GET /save?labinstanceid=900", "")
		u, _ := s.Skillable.Other.Get("555")
		equal(t, "labs of the other", len(u.Running), 1)
	}
}

func TestSkillable_closesTheUserOfItsOwnConsumer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		credential   string
		mine, theirs bool
	}{{key, false, true}, {"other-key", true, false}} {
		s := twoConsumers(true)
		askAs(t, s, "skillable", "GET /CloseUserAccount?userId=555", "", [2]string{"api_key", c.credential}).want(t, 200,
			`{"RowsAffected":14}`)
		equal(t, "open", []bool{s.Skillable.Has("555"), s.Skillable.Other.Has("555")}, []bool{c.mine, c.theirs})
		askAs(t, s, "skillable", "GET /CloseUserAccount?userId=555", "", [2]string{"api_key", c.credential}).want(t, 200,
			`{"RowsAffected":0}`)
		equal(t, "ids", s.Vendors()[3].IDs, map[bool][]string{true: {"555"}, false: {}}[c.mine])
	}
}

func TestSkillable_showsLabsOfAUserOfTheOtherConsumer(t *testing.T) {
	t.Parallel()
	for shared, want := range map[bool]int{true: 1, false: 0} {
		s := twoConsumers(shared)
		s.Skillable.Other.Add(mock.SkillableUser{ID: "777", Name: "Ola Moss", Running: make(mock.Labs, 1)})
		g := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=777", "")
		equal(t, "labs", rowCount(t, g, "RunningLabs"), want)
	}
}

func TestSkillable_acceptsTheOtherKeyOnlyIfSet(t *testing.T) {
	t.Parallel()
	s := twoConsumers(false)
	s.Skillable.OtherKey = ""
	for _, credential := range [][2]string{{"api_key", "other-key"}, {"api_key", ""}} {
		askAs(t, s, "skillable", "GET /stats", "", credential).want(t, 200, `{"Status":0,"Error":"Invalid integration key"}`)
	}
}

func TestSkillable_appliesLiesToBothConsumers(t *testing.T) {
	t.Parallel()
	s := twoConsumers(true)
	for _, lie := range []mock.Lie{mock.NotVisible{}, mock.Stale{Requests: 100}, mock.OtherPerson{}} {
		s.Heal()
		s.Fail(mock.Fault{Lie: lie})
		got := ask(t, s, "skillable", "GET /labinstance/search?userId=555&mode=5", "").body
		if strings.Contains(got, "Otto") || strings.Contains(got, "Ines") {
			t.Errorf("%T: got %s, want unknown in it", lie, got)
		}
	}
	s.Heal()
	s.Fail(mock.Fault{Pretend: true})
	askAs(t, s, "skillable", "GET /CloseUserAccount?userId=555", "", [2]string{"api_key", "other-key"})
	equal(t, "open", s.Skillable.Other.Has("555"), true)
}

func TestSkillable_refusesAnExpiredConsumer(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Skillable.Expired = true
	for _, what := range []string{"GET /stats", "GET /CloseUserAccount?userId=idle", "GET /labinstance/search"} {
		ask(t, s, "skillable", what, "").want(t, 200, `{"Status":0,"Error":"API Access has Expired"}`)
	}
	equal(t, "open", s.Skillable.Has("idle"), true)
}

func TestSkillable_alwaysCountsRows(t *testing.T) {
	t.Parallel()
	for always, rows := range map[bool]string{true: `{"RowsAffected":3}`, false: `{"RowsAffected":0}`} {
		s := skillableServer()
		s.Skillable.AlwaysRows = always
		ask(t, s, "skillable", "GET /CloseUserAccount?userId=idle", "").want(t, 200, `{"RowsAffected":11}`)
		for _, id := range []string{"idle", "idle", "unknown"} {
			ask(t, s, "skillable", "GET /CloseUserAccount?userId="+id, "").want(t, 200, rows)
		}
	}
}

func TestSkillable_keepsNamesOfClosedUsers(t *testing.T) {
	t.Parallel()
	for keep, name := range map[bool]string{true: "Ola", false: ""} {
		s := skillableServer()
		s.Skillable.SearchClosed, s.Skillable.KeepNames = true, keep
		ask(t, s, "skillable", "GET /CloseUserAccount?userId=emp%2B1", "")
		g := ask(t, s, "skillable", "GET /labinstance/search?userId=emp%2B1&mode=5", "")
		equal(t, "name", g.field(t, "Results").([]any)[0].(map[string]any)["UserFirstName"].(string), name)
	}
}

func TestSkillable_answersWithTheLabsOfAll(t *testing.T) {
	t.Parallel()
	for ignored, labs := range map[bool]int{true: 1, false: 0} {
		s := skillableServer()
		s.Skillable.LabsIgnoreUser = ignored
		g := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=idle", "")
		equal(t, "labs", rowCount(t, g, "RunningLabs"), labs)
	}
}

func TestSkillable_showsTheStateOfALab(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Skillable.Add(mock.SkillableUser{ID: "e", Running: mock.Labs{{ID: 1, State: "Scoring"}, {ID: 2}}})
	for id, state := range map[string]string{"1": "Scoring", "2": "Running"} {
		ask(t, s, "skillable", "GET /details?labinstanceid="+id, "").want(t, 200,
			`{"UserId":"e","State":"`+state+`","ApiConsumerName":"Acme Training"}`)
	}
	ask(t, s, "skillable", "GET /labinstance/search?mode=5", "").want(t, 200,
		`{"Results":[{"Id":1,"State":"Scoring"},{"Id":2,"State":"Running"}]}`)
	if got := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=e", "").body; strings.Contains(got, "Scoring") {
		t.Errorf("running labs: got %s, want no state in it", got)
	}
}

func TestSkillable_foldsIDs(t *testing.T) {
	t.Parallel()
	for fold, rows := range map[bool]string{true: `{"RowsAffected":23}`, false: `{"RowsAffected":0}`} {
		s := skillableServer()
		s.Skillable.FoldIDs = fold
		labs := map[bool]int{true: 1, false: 0}[fold]
		equal(t, "labs", rowCount(t, ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=EMP%2B1", ""),
			"RunningLabs"), labs)
		ask(t, s, "skillable", "GET /CloseUserAccount?userId=EMP%2B1", "").want(t, 200, rows)
		equal(t, "open", s.Skillable.Has("emp+1"), !fold)
	}
}

func TestSkillable_capsPages(t *testing.T) {
	t.Parallel()
	for pageCap, want := range map[int]int{0: 4, 3: 3} {
		s := skillableServer()
		s.Skillable.PageCap = pageCap
		equal(t, "rows", rowCount(t, ask(t, s, "skillable", "GET /labinstance/search", ""), "Results"), want)
	}
}

func TestSkillable_refusesAMissingParameter(t *testing.T) {
	t.Parallel()
	for _, what := range []string{
		"GET /CloseUserAccount", "GET /userrunningandsavedlabs", "GET /labinstance/search?mode=7",
	} {
		ask(t, skillableServer(), "skillable", what, "").want(t, 200, `{"Status":0}`)
	}
}
