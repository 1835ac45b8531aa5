package skillable_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

func TestUser_whatIsSeen(t *testing.T) {
	t.Parallel()
	unknown := skillable.User{User: offboard.User{ID: "emp-3107", Status: offboard.Unknown}}
	labOnly := skillable.User{
		User:    offboard.User{ID: "emp-3107", Status: offboard.Active},
		Running: []skillable.Lab{{ID: 880123, Name: "Mesh basics", Owned: true}},
	}
	labs := read(skillable.Lab{ID: 880123, Name: "Mesh basics", Owned: true})
	labs.Saved = []skillable.Lab{
		{ID: 880077, Name: "Mesh exam", Owned: true},
		{ID: 880078, Name: "Saving", Busy: true, Owned: true},
		{ID: 880079, Name: "Grading", Busy: true, Owned: true},
	}
	unowned := labOnly
	unowned.Running = []skillable.Lab{{ID: 880123, Name: "Mesh basics"}}
	tests := map[string]struct {
		prepare func(*mock.Server)
		want    skillable.User
	}{
		"past labs": {func(*mock.Server) {}, read()},
		"labs": {user(func(u *mock.SkillableUser) {
			u.Running = []mock.Lab{basics}
			u.Saved = []mock.Lab{
				exam,
				{ID: 880078, Name: "Saving", SaveInProgress: true},
				{ID: 880079, Name: "Grading", SubmittedForGrading: true},
			}
		}), labs},
		"lab of a nameless person": {
			user(func(u *mock.SkillableUser) { *u = mock.SkillableUser{ID: u.ID, Running: []mock.Lab{basics}} }),
			labOnly,
		},
		"lab, search without rights": {func(m *mock.Server) {
			user(func(u *mock.SkillableUser) { u.Running = []mock.Lab{basics} })(m)
			m.Fail(mock.Fault{Route: routeSearch, Status: 200, Body: `{"TotalResults":0,"Results":[]}`})
		}, unowned},
		"no labs":               {user(func(u *mock.SkillableUser) { u.History = 0 }), unknown},
		"closed":                {gone(func(*mock.Skillable) {}), unknown},
		"closed, null lists":    {gone(func(s *mock.Skillable) { s.Unknown = mock.UnknownNull }), unknown},
		"closed, lists refused": {gone(func(s *mock.Skillable) { s.Unknown = mock.UnknownError }), unknown},
		"closed, found blank":   {gone(func(s *mock.Skillable) { s.SearchClosed = true }), unknown},
		"closed, blank, lists refused": {
			gone(func(s *mock.Skillable) { s.SearchClosed, s.Unknown = true, mock.UnknownError }),
			unknown,
		},
		"search without status": {answers(routeSearch, `{"TotalResults":0,"TotalPages":0,"Results":null}`), unknown},
		"search, e-mail alone": {
			answers(
				routeSearch,
				`{"TotalResults":1,"Results":[{"UserId":"emp-3107","UserEmail":"o@acme.test","UserFirstName":null}],"Halo":1}`,
			),
			skillable.User{User: offboard.User{ID: "emp-3107", Email: "o@acme.test", Status: offboard.Active}},
		},
		"search, no person named": {
			answers(routeSearch, `{"TotalResults":1,"Results":[{"UserId":null,"UserEmail":"x@acme.test"}],"Status":1}`),
			unknown,
		},
		"other letter case": {answers(routeLabs, `{"runningLabs":[],"savedLabs":null,"status":1,"error":""}`), read()},
		"5xx once":          {func(m *mock.Server) { m.Fail(mock.Fault{Times: 2, Status: 503}) }, read()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				tt.prepare(m)
				got, err := c.User(ctx, "emp-3107")
				if (got.Refusal != nil) != strings.HasSuffix(name, "lists refused") {
					t.Errorf("got the refusal %v", got.Refusal)
				}
				seen := func(u skillable.User) []any { return []any{u.User, u.Running, u.Saved} }
				if err != nil || !reflect.DeepEqual(seen(got), seen(tt.want)) {
					t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
				}
			})
		})
	}
}

func user(change func(*mock.SkillableUser)) func(*mock.Server) {
	return func(m *mock.Server) { m.Skillable.Update("emp-3107", change) }
}

func gone(change func(*mock.Skillable)) func(*mock.Server) {
	return func(m *mock.Server) { m.Skillable.Set(change); m.Skillable.Drop("emp-3107") }
}

func answers(route, body string) func(*mock.Server) {
	return func(m *mock.Server) { m.Fail(mock.Fault{Route: route, Status: 200, Body: body}) }
}

// TestUser_requests holds down the spelling of the parameters, which differs from command to
// command, and the mode of the search.
func TestUser_requests(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		if _, err := c.User(ctx, "emp-3107"); err != nil {
			t.Fatalf("got %v, want nil", err)
		}
		want := []string{
			"/skillable/api/v3/userrunningandsavedlabs?userid=emp-3107",
			"/skillable/api/v3/labinstance/search?mode=5&pageIndex=0&pageSize=100&userId=emp-3107",
		}
		for i, r := range m.Requests() {
			if r.Path != want[i] {
				t.Errorf("got %s, want %s", r.Path, want[i])
			}
		}
	})
}

func TestUser_badAnswersAreErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]mock.Fault{
		"401":            {Status: 401},
		"403":            {Status: 403},
		"404 page":       {Status: 404, Body: vendortest.HTML},
		"404 JSON":       {Status: 404, Body: `{"Status":0,"Error":"Unknown command"}`},
		"422":            {Status: 422},
		"500":            {Status: 500},
		"redirect":       {Status: 302},
		"broken":         {Drop: true},
		"200 page":       {Status: 200, Body: vendortest.HTML},
		"200 empty":      {Status: 200},
		"truncated":      {Status: 200, Body: `{"Status":1,"TotalResults":0,"RunningLabs":[`},
		"an array":       {Status: 200, Body: `[]`},
		"nothing":        {Status: 200, Body: `{}`},
		"status alone":   {Status: 200, Body: `{"Status":1,"Error":null}`},
		"status of text": {Status: 200, Body: `{"Status":"1","TotalResults":0,"RunningLabs":[],"SavedLabs":[]}`},
		"good, but 409":  {Status: 409, Body: `{"Status":1,"TotalResults":0,"RunningLabs":[],"SavedLabs":[]}`},
		"two values":     {Status: 200, Body: `{"Status":1,"TotalResults":0,"RunningLabs":[],"SavedLabs":[]}{}`},
		"two statuses":   {Status: 200, Body: `{"Status":1,"status":1,"TotalResults":0,"RunningLabs":[],"SavedLabs":[]}`},
		"status null":    {Status: 200, Body: `{"Status":null,"RunningLabs":[],"SavedLabs":[]}`},
		"no success": {
			Status: 200, Body: `{"Status":1,"TotalResults":0,"RunningLabs":[],"SavedLabs":[],"Success":false,"Message":"Busy"}`,
		},
		"errors": {
			Status: 200, Body: `{"Status":1,"TotalResults":0,"RunningLabs":[],"SavedLabs":[],"Errors":["Busy"]}`,
		},
	}
	only := map[string]map[string]mock.Fault{
		routeLabs: {
			"no running labs": {Status: 200, Body: `{"Status":1,"SavedLabs":[]}`},
			"no saved labs":   {Status: 200, Body: `{"Status":1,"RunningLabs":[]}`},
			"labs of text":    {Status: 200, Body: `{"Status":1,"RunningLabs":"none","SavedLabs":[]}`},
			"lab of zero":     {Status: 200, Body: `{"Status":1,"RunningLabs":[{"LabInstanceId":0}],"SavedLabs":[]}`},
			"lab with an ID twice": {
				Status: 200, Body: `{"Status":1,"RunningLabs":[{"LabInstanceId":1,"labInstanceId":2}],"SavedLabs":[]}`,
			},
			"lab in words":   {Status: 200, Body: `{"Status":1,"RunningLabs":[],"SavedLabs":[{"LabInstanceId":"x"}]}`},
			"lab without id": {Status: 200, Body: `{"Status":1,"RunningLabs":[{"LabProfileName":"x"}],"SavedLabs":[]}`},
		},
		routeSearch: {
			"another user": {
				Status: 200,
				Body:   `{"Status":1,"TotalResults":1,"Results":[{"UserId":"emp-3108","UserEmail":"x@acme.test"}]}`,
			},
			"other case": {
				Status: 200,
				Body:   `{"Status":1,"TotalResults":1,"Results":[{"UserId":"EMP-3107","UserEmail":"x@acme.test"}]}`,
			},
			"refused":          {Status: 200, Body: `{"Status":0,"Error":"Invalid integration key"}`},
			"1 with a text":    {Status: 200, Body: `{"Status":1,"Error":"Invalid integration key","TotalResults":0}`},
			"a total below 0":  {Status: 200, Body: `{"Status":1,"TotalResults":-1,"Results":[]}`},
			"refused, a total": {Status: 200, Body: `{"Status":0,"TotalResults":0}`},
			"text, a total":    {Status: 200, Body: `{"Error":"Busy","TotalResults":0}`},
			"no success and no status": {
				Status: 200, Body: `{"TotalResults":0,"Results":null,"Success":false,"Message":"Busy"}`,
			},
			"a message and no status": {Status: 200, Body: `{"TotalResults":0,"Results":null,"Message":"Busy"}`},
			"errors and no status":    {Status: 200, Body: `{"TotalResults":0,"Results":[],"Error":null,"Errors":["Busy"]}`},
		},
	}
	for route, further := range only {
		for _, faults := range []map[string]mock.Fault{tests, further} {
			for name, f := range faults {
				t.Run(route+" "+name, func(t *testing.T) {
					t.Parallel()
					oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
						f.Route = route
						m.Fail(f)
						m.Skillable.Drop("emp-3107") // so the other request sees no user
						_, err := c.User(ctx, "emp-3107")
						vendortest.WantFault(t, err)
					})
				})
			}
		}
	}
}

// TestUser_seenWithoutLists is the refusal that means that no user has the ID, for a user who is
// seen: the running labs are not known.
func TestUser_seenWithoutLists(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"Status":0,"Error":"User not found"}`, `{"Status":1,"Error":"Invalid integration key"}`,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
			answers(routeLabs, text)(m)
			_, err := c.User(ctx, "emp-3107")
			vendortest.WantFault(t, err)
		})
	}
}

// The reason for a missing answer is shown as it is.
func TestUser_saysWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, _ *mock.Server, c *skillable.Client) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, read := c.User(ctx, "emp-3107")
		var seen error
		for _, err := range c.Seen(ctx) {
			seen = err
		}
		for name, err := range map[string]error{
			"a read": read, "the labs of all": seen, "an access check": c.CheckAccess(ctx),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want context.Canceled", name, err)
			}
		}
	})
}

func TestUser_badKey(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]mock.SkillableBadKey{
		"in the body": mock.BadKeyInBody, "401": mock.BadKeyUnauthorized, "403": mock.BadKeyForbidden,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, _ *skillable.Client) {
				m.Skillable.BadKey = how
				c := client(t, "other-key", "http://127.0.0.1/skillable/api/v3", mock.Transport{Handler: m})
				_, err := c.User(ctx, "emp-3107")
				vendortest.WantFault(t, err)
			})
		})
	}
}

func TestUser_waitsAfterA429(t *testing.T) {
	t.Parallel()
	for header, want := range vendortest.RetryAfter() {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
			m.Fail(mock.Fault{Times: 1, Status: 429, Header: header})
			vendortest.WantWait(t, want, func() error {
				_, err := c.User(ctx, "emp-3107")
				return err
			})
		})
	}
}

func TestUser_refusesIDs(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		for _, id := range []string{"", " ", "emp-3107 "} {
			if _, err := c.User(ctx, id); err == nil {
				t.Errorf("id %q: got nil, want a refusal", id)
			}
		}
		vendortest.WantRoutes(t, m)
	})
}

// labRow is a row of a search about a lab of the user, of one API consumer.
func labRow(id, state, consumer string) string {
	return `{"Id":` + id + `,"UserId":"emp-3107","UserEmail":"ola@acme.test","UserFirstName":"Ola",` +
		`"UserLastName":"Berg","State":"` + state + `","Start":1767225600,"ApiConsumerName":"` + consumer + `",` +
		`"VirtualMachineCredentials":[{"Username":"lab","Password":"invented-only"}]}`
}

func searched(rows ...string) mock.Fault { return searchedOf(len(rows), rows...) }

// searchedOf is a search that shows some rows of so many.
func searchedOf(total int, rows ...string) mock.Fault {
	body := fmt.Sprintf(`{"Status":1,"TotalResults":%d,"Results":[%s]}`, total, strings.Join(rows, ","))
	return mock.Fault{Route: routeSearch, Status: 200, Body: body}
}

func searchedOnce(rows ...string) mock.Fault {
	f := pagesOf(1, searched(rows...))
	f.Times = 1
	return f
}

// A lab is only the user's if the search says so, and only if no other API consumer has a user with
// the same ID.
func TestUser_ownsTheLabsThatTheSearchShows(t *testing.T) {
	t.Parallel()
	lab := func(owned, busy bool) skillable.Lab {
		return skillable.Lab{ID: 880123, Name: "Mesh basics", Owned: owned, Busy: busy}
	}
	for name, c := range map[string]struct {
		search mock.Fault
		want   skillable.Lab
		status offboard.Status
		email  string
	}{
		"shown": {
			searched(labRow("880123", "Running", "acme")), lab(true, false), offboard.Active, "ola@acme.test",
		},
		"shown with a text as ID": {
			searched(labRow(`"880123"`, "Running", "acme")), lab(true, false), offboard.Active, "ola@acme.test",
		},
		"shown without a consumer": {
			searched(labRow("880123", "Running", "")), lab(false, false), offboard.Active, "ola@acme.test",
		},
		"another lab": {
			searched(labRow("880999", "Off", "acme")), lab(false, false), offboard.Active, "ola@acme.test",
		},
		"no rows": {searched(), lab(false, false), offboard.Active, ""},
		"a row without an ID": {
			searched(`{"UserId":"emp-3107","UserEmail":"ola@acme.test"}`), lab(false, false), offboard.Active, "ola@acme.test",
		},
		"a row without a user": {searched(`{"Id":880123,"UserId":null}`), lab(false, false), offboard.Active, ""},
		"being saved": {
			searched(labRow("880123", "saving", "acme")), lab(true, true), offboard.Active, "ola@acme.test",
		},
		"being scored": {
			searched(labRow("880123", "Scoring", "acme")), lab(true, true), offboard.Active, "ola@acme.test",
		},
		"a state of a number": {
			searched(`{"Id":880123,"UserId":"emp-3107","State":3,"ApiConsumerName":"acme"}`), lab(true, false), offboard.Active,
			"",
		},
		"two consumers": {
			searched(labRow("880123", "Running", "acme"), labRow("1", "Off", "other")), lab(false, false), offboard.Active, "",
		},
		"one consumer, and no name": {
			searched(labRow("880123", "Running", "acme"), labRow("1", "Off", "")), lab(true, false), offboard.Active,
			"ola@acme.test",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				m.Skillable.Add(ola(basics))
				m.Fail(c.search)
				u, err := client.User(ctx, "emp-3107")
				if err != nil || len(u.Running) != 1 || u.Running[0] != c.want || u.Email != c.email || u.Status != c.status {
					t.Errorf("got %+v and %v, want the lab %+v of %q", u, err, c.want, c.email)
				}
			})
		})
	}
}

// Where several API consumers have the ID, nothing says which of their users is meant.
func TestUser_isUnknownWhereSeveralConsumersHaveTheID(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(searched(labRow("1", "Off", "acme"), labRow("2", "Off", "other")))
		u, err := c.User(ctx, "emp-3107")
		if want := (offboard.User{ID: "emp-3107", Status: offboard.Unknown}); err != nil || u.User != want {
			t.Errorf("got %+v and %v, want %+v", u, err, want)
		}
	})
}

func TestClient_CheckAccess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault mock.Fault
		ok    bool
	}{
		"the key works":   {mock.Fault{}, true},
		"refused":         {mock.Fault{Status: 200, Body: `{"Status":0,"Error":"Invalid integration key"}`}, false},
		"1 with a text":   {mock.Fault{Status: 200, Body: `{"Status":1,"Error":"API Access has Expired"}`}, false},
		"no status":       {mock.Fault{Status: 200, Body: `{"NumActive":1}`}, false},
		"1, no success":   {mock.Fault{Status: 200, Body: `{"Status":1,"Error":null,"success":false}`}, false},
		"1, a message":    {mock.Fault{Status: 200, Body: `{"Status":1,"Error":null,"Message":"Hi","IsTrial":false}`}, true},
		"HTML":            {mock.Fault{Status: 200, Body: vendortest.HTML}, false},
		"404":             {mock.Fault{Status: 404, Body: vendortest.HTML}, false},
		"401":             {mock.Fault{Status: 401}, false},
		"down":            {mock.Fault{Status: 503}, false},
		"another API's":   {mock.Fault{Status: 200, Body: `{"Status":0,"Error":null}`}, false},
		"good, but 409":   {mock.Fault{Status: 409, Body: `{"Status":1}`}, false},
		"two values":      {mock.Fault{Status: 200, Body: `{"Status":1}{}`}, false},
		"a status a text": {mock.Fault{Status: 200, Body: `{"Status":"1"}`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				c.fault.Route = routeStats
				m.Fail(c.fault)
				if err := client.CheckAccess(ctx); (err == nil) != c.ok {
					t.Errorf("got %v, want an access check that succeeds %t", err, c.ok)
				}
			})
		})
	}
}

// All people that the labs show under the ID are returned, even if nothing says which of them the
// user is: guards ask about all.
func TestUser_showsAllPeople(t *testing.T) {
	t.Parallel()
	ola := offboard.Person{Email: "ola@acme.test", Name: "Ola Berg"}
	for name, c := range map[string]struct {
		search mock.Fault
		want   []offboard.Person
	}{
		"one":           {searched(labRow("1", "Off", "acme"), labRow("2", "Off", "acme")), []offboard.Person{ola}},
		"two consumers": {searched(labRow("1", "Off", "acme"), labRow("2", "Off", "other")), []offboard.Person{ola}},
		"without a user": {
			searched(`{"Id":1,"UserEmail":"x@acme.test"}`, labRow("2", "Off", "acme")),
			[]offboard.Person{{Email: "x@acme.test"}, ola},
		},
		"without a name": {searched(`{"Id":1,"UserId":"emp-3107"}`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				m.Fail(c.search)
				if u, err := client.User(ctx, "emp-3107"); err != nil || !slices.Equal(u.Shown, c.want) {
					t.Errorf("got %v and %v, want %v", u.Shown, err, c.want)
				}
			})
		})
	}
}
