package skillable_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

func TestUser_whatIsSeen(t *testing.T) {
	unknown := skillable.User{User: offboard.User{ID: "emp-3107", Status: offboard.Unknown}}
	labOnly := skillable.User{User: offboard.User{ID: "emp-3107", Status: offboard.Active}, Running: []skillable.Lab{{ID: 880123, Name: "Mesh basics"}}}
	labs := read(skillable.Lab{ID: 880123, Name: "Mesh basics"})
	labs.Saved = []skillable.Lab{{ID: 880077, Name: "Mesh exam"}, {ID: 880078, Name: "Saving", Busy: true}, {ID: 880079, Name: "Grading", Busy: true}}
	tests := map[string]struct {
		prepare func(*mock.Server)
		want    skillable.User
	}{
		"past labs": {func(*mock.Server) {}, read()},
		"labs": {user(func(u *mock.SkillableUser) {
			u.Running = []mock.Lab{basics}
			u.Saved = []mock.Lab{exam, {ID: 880078, Name: "Saving", SaveInProgress: true}, {ID: 880079, Name: "Grading", SubmittedForGrading: true}}
		}), labs},
		"lab of a nameless person": {user(func(u *mock.SkillableUser) { *u = mock.SkillableUser{ID: u.ID, Running: []mock.Lab{basics}} }), labOnly},
		"lab, search blind": {func(m *mock.Server) {
			user(func(u *mock.SkillableUser) { u.Running = []mock.Lab{basics} })(m)
			m.Fail(mock.Fault{Route: routeSearch, Status: 200, Body: `{"TotalResults":0,"Results":[]}`})
		}, labOnly},
		"no labs":                      {user(func(u *mock.SkillableUser) { u.History = 0 }), unknown},
		"closed":                       {gone(func(*mock.Skillable) {}), unknown},
		"closed, null lists":           {gone(func(s *mock.Skillable) { s.Unknown = mock.UnknownNull }), unknown},
		"closed, lists refused":        {gone(func(s *mock.Skillable) { s.Unknown = mock.UnknownError }), unknown},
		"closed, found blank":          {gone(func(s *mock.Skillable) { s.SearchClosed = true }), unknown},
		"closed, blank, lists refused": {gone(func(s *mock.Skillable) { s.SearchClosed, s.Unknown = true, mock.UnknownError }), unknown},
		"search without status":        {answers(routeSearch, `{"TotalResults":0,"TotalPages":0,"Results":null}`), unknown},
		"search, e-mail alone": {answers(routeSearch, `{"TotalResults":1,"Results":[{"UserId":"emp-3107","UserEmail":"o@acme.test","UserFirstName":null}],"Halo":1}`),
			skillable.User{User: offboard.User{ID: "emp-3107", Email: "o@acme.test", Status: offboard.Active}}},
		"search, nobody named": {answers(routeSearch, `{"TotalResults":1,"Results":[{"UserId":null,"UserEmail":"x@acme.test"}],"Status":1}`), unknown},
		"other letter case":    {answers(routeLabs, `{"runningLabs":[],"savedLabs":null,"status":1,"error":""}`), read()},
		"5xx once":             {func(m *mock.Server) { m.Fail(mock.Fault{Times: 2, Status: 503}) }, read()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				tt.prepare(m)
				got, err := c.User(ctx, "emp-3107")
				if err != nil || !reflect.DeepEqual(got, tt.want) {
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

// TestUser_requests holds down the spelling of the parameters, which differs from command to command, and the mode of the search.
func TestUser_requests(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		if _, err := c.User(ctx, "emp-3107"); err != nil {
			t.Fatalf("got %v, want nil", err)
		}
		want := []string{
			"/skillable/api/v3/userrunningandsavedlabs?userid=emp-3107",
			"/skillable/api/v3/labinstance/search?mode=5&pageIndex=0&pageSize=1&userId=emp-3107",
		}
		for i, r := range m.Requests() {
			if r.Path != want[i] {
				t.Errorf("got %s, want %s", r.Path, want[i])
			}
		}
	})
}

func TestUser_badAnswersAreErrors(t *testing.T) {
	tests := map[string]mock.Fault{
		"401":            {Status: 401},
		"403":            {Status: 403},
		"404 page":       {Status: 404, Body: html},
		"404 JSON":       {Status: 404, Body: `{"Status":0,"Error":"Unknown command"}`},
		"422":            {Status: 422},
		"500":            {Status: 500},
		"redirect":       {Status: 302},
		"broken":         {Drop: true},
		"200 page":       {Status: 200, Body: html},
		"200 empty":      {Status: 200},
		"truncated":      {Status: 200, Body: `{"Status":1,"TotalResults":0,"RunningLabs":[`},
		"an array":       {Status: 200, Body: `[]`},
		"nothing":        {Status: 200, Body: `{}`},
		"status alone":   {Status: 200, Body: `{"Status":1,"Error":null}`},
		"status of text": {Status: 200, Body: `{"Status":"1","TotalResults":0,"RunningLabs":[],"SavedLabs":[]}`},
		"status null":    {Status: 200, Body: `{"Status":null,"RunningLabs":[],"SavedLabs":[]}`},
	}
	only := map[string]map[string]mock.Fault{
		routeLabs: {
			"no running labs": {Status: 200, Body: `{"Status":1,"SavedLabs":[]}`},
			"no saved labs":   {Status: 200, Body: `{"Status":1,"RunningLabs":[]}`},
			"labs of text":    {Status: 200, Body: `{"Status":1,"RunningLabs":"none","SavedLabs":[]}`},
			"lab without id":  {Status: 200, Body: `{"Status":1,"RunningLabs":[{"LabProfileName":"x"}],"SavedLabs":[]}`},
		},
		routeSearch: {
			"another user":     {Status: 200, Body: `{"Status":1,"TotalResults":1,"Results":[{"UserId":"emp-3108","UserEmail":"x@acme.test"}]}`},
			"other case":       {Status: 200, Body: `{"Status":1,"TotalResults":1,"Results":[{"UserId":"EMP-3107","UserEmail":"x@acme.test"}]}`},
			"refused":          {Status: 200, Body: `{"Status":0,"Error":"Invalid integration key"}`},
			"1 with a text":    {Status: 200, Body: `{"Status":1,"Error":"Invalid integration key","TotalResults":0}`},
			"refused, a total": {Status: 200, Body: `{"Status":0,"TotalResults":0}`},
			"text, a total":    {Status: 200, Body: `{"Error":"Busy","TotalResults":0}`},
		},
	}
	for route, further := range only {
		for _, faults := range []map[string]mock.Fault{tests, further} {
			for name, f := range faults {
				t.Run(route+" "+name, func(t *testing.T) {
					bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
						f.Route = route
						m.Fail(f)
						m.Skillable.Drop("emp-3107") // so that the other request sees nobody
						_, err := c.User(ctx, "emp-3107")
						restError(t, err)
					})
				})
			}
		}
	}
}

// TestUser_seenWithoutLists is the refusal that means nobody has the id, for somebody who is seen: what runs cannot be told.
func TestUser_seenWithoutLists(t *testing.T) {
	for _, text := range []string{`{"Status":0,"Error":"User not found"}`, `{"Status":1,"Error":"Invalid integration key"}`} {
		bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
			answers(routeLabs, text)(m)
			_, err := c.User(ctx, "emp-3107")
			restError(t, err)
		})
	}
}

func TestUser_badKey(t *testing.T) {
	for name, how := range map[string]mock.SkillableBadKey{
		"in the body": mock.BadKeyInBody, "401": mock.BadKeyUnauthorized, "403": mock.BadKeyForbidden,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, _ *skillable.Client) {
				m.Skillable.BadKey = how
				c := client(t, "other-key", "http://127.0.0.1/skillable/api/v3", mock.Transport{Handler: m})
				_, err := c.User(ctx, "emp-3107")
				restError(t, err)
			})
		})
	}
}

func TestUser_waitsWhenToldTo(t *testing.T) {
	for name, tt := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"Retry-After":    {http.Header{"Retry-After": {"7"}}, 7 * time.Second},
		"no Retry-After": {nil, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				m.Fail(mock.Fault{Times: 1, Status: 429, Header: tt.header})
				started := time.Now()
				if _, err := c.User(ctx, "emp-3107"); err != nil {
					t.Errorf("got %v, want nil", err)
				}
				if got := time.Since(started); got < tt.want || got > tt.want+time.Second {
					t.Errorf("got the answer after %s, want about %s", got, tt.want)
				}
			})
		})
	}
}

func TestUser_refusesIDs(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		for _, id := range []string{"", " ", "emp-3107 "} {
			if _, err := c.User(ctx, id); err == nil {
				t.Errorf("id %q: got nil, want a refusal", id)
			}
		}
		wantSent(t, m)
	})
}
