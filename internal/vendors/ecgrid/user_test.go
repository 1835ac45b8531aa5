package ecgrid_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

func body(data string) string { return `{"success":true,"data":` + data + `}` }

func TestUser_whatEachAnswerMeans(t *testing.T) {
	suspended := read()
	suspended.Status = offboard.Suspended
	bare := ecgrid.User{User: offboard.User{ID: "30417", Status: offboard.Active}}
	tests := map[string]struct {
		prepare func(*mock.Server)
		want    ecgrid.User
	}{
		"as documented":         {func(*mock.Server) {}, read()},
		"loginName":             {func(m *mock.Server) { m.ECGrid.LoginName = true }, read()},
		"no status":             {func(m *mock.Server) { m.ECGrid.NoStatus = true }, read()},
		"empty code":            {func(m *mock.Server) { m.ECGrid.Extras = mock.ExtrasEmpty }, read()},
		"null code":             {func(m *mock.Server) { m.ECGrid.Extras = mock.ExtrasNull }, read()},
		"suspended":             {status("Suspended"), suspended},
		"suspended, other case": {status("sUSPENDED"), suspended},
		"development":           {status("Development"), read()},
		"preproduction":         {status("Preproduction"), read()},
		"unknown status":        {status("Frozen"), read()},
		"id alone":              {answers(200, body(`{"userId":30417}`)), bare},
		"nulls":                 {answers(200, body(`{"userId":30417,"login":null,"email":null,"firstName":null,"networkId":null,"status":null}`)), bare},
		"locked out":            {answers(200, body(`{"userId":30417,"lockoutStatus":true,"status":"Active"}`)), bare},
		"new fields":            {answers(200, body(`{"userId":30417,"halo":{"a":[1]}}`)), bare},
		"5xx once":              {func(m *mock.Server) { m.Fail(mock.Fault{Route: routeGet, Times: 1, Status: 503}) }, read()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				tt.prepare(m)
				got, err := c.User(ctx, "30417")
				if err != nil || got != tt.want {
					t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
				}
			})
		})
	}
}

func status(word string) func(*mock.Server) {
	return func(m *mock.Server) { m.ECGrid.Update(mina.ID, func(u *mock.ECGridUser) { u.Status = word }) }
}

// answers makes every read of a user answer so.
func answers(code int, text string) func(*mock.Server) {
	return func(m *mock.Server) { m.Fail(mock.Fault{Route: routeGet, Status: code, Body: text}) }
}

func TestUser_notFound(t *testing.T) {
	tests := map[string]struct {
		prepare func(*mock.Server)
		sent    []string
	}{
		"tombstone":             {func(m *mock.Server) { m.ECGrid.Drop(mina.ID) }, []string{routeGet}},
		"tombstone, other case": {answers(200, body(`{"userId":30417,"status":"TERMINATED"}`)), []string{routeGet}},
		"vanished": {func(m *mock.Server) { m.ECGrid.TerminatedNotFound = true; m.ECGrid.Drop(mina.ID) },
			[]string{routeGet, routeMe}},
		"not visible": {func(m *mock.Server) { m.ECGrid.Hidden = map[int64]bool{mina.ID: true} }, []string{routeGet, routeMe}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				tt.prepare(m)
				if _, err := c.User(ctx, "30417"); !errors.Is(err, offboard.ErrNotFound) {
					t.Errorf("got %v, want %v", err, offboard.ErrNotFound)
				}
				wantSent(t, m, tt.sent...)
			})
		})
	}
}

func TestUser_otherAnswersNeverMeanGone(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
	}{
		"wrong key":            {401, `{"success":false,"errorCode":"InvalidAPIKey","message":"","data":null}`},
		"not allowed":          {403, `{"success":false,"errorCode":"AccessDenied","message":"","data":null}`},
		"404 page":             {404, html},
		"404 empty":            {404, ""},
		"404 of another API":   {404, `{"message":"no route"}`},
		"404 with other code":  {404, `{"success":false,"errorCode":"InvalidParameter"}`},
		"404 called a success": {404, `{"success":true,"errorCode":"ObjectNotFound"}`},
		"404 without success":  {404, `{"errorCode":"ObjectNotFound"}`},
		"not found with 200":   {200, notFound},
		"not found with 400":   {400, notFound},
		"gone page":            {410, html},
		"invalid":              {422, `{"success":false,"errorCode":"InvalidParameter"}`},
		"500":                  {500, `{"success":false,"errorCode":"InternalError"}`},
		"501":                  {501, notFound},
		"503 page":             {503, html},
		"redirect":             {302, ""},
		"200 page":             {200, html},
		"200 empty":            {200, ""},
		"204":                  {204, ""},
		"truncated":            {200, `{"success":true,"data":{"userId":30417,"status":"Term`},
		"two values":           {200, body(`{"userId":30417,"status":"Terminated"}`) + `{}`},
		"wrong types":          {200, body(`{"userId":"30417","status":"Terminated"}`)},
		"status of wrong type": {200, body(`{"userId":30417,"status":5}`)},
		"an array":             {200, body(`[]`)},
		"no data":              {200, `{"success":true}`},
		"data null":            {200, body(`null`)},
		"no success":           {200, `{"data":{"userId":30417,"status":"Terminated"}}`},
		"success false":        {200, `{"success":false,"data":{"userId":30417,"status":"Terminated"}}`},
		"no id":                {200, body(`{"status":"Terminated"}`)},
		"another user":         {200, body(`{"userId":30418,"status":"Terminated"}`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				answers(tt.status, tt.body)(m)
				_, err := c.User(ctx, "30417")
				restError(t, err)
				if count(m, routeMe) != 0 {
					t.Errorf("got %q, want no further request", m.Routes())
				}
			})
		})
	}
}

func TestUser_notFoundNeedsAGoodKey(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"401":           {Status: 401, Body: `{"success":false,"errorCode":"InvalidAPIKey"}`},
		"403":           {Status: 403},
		"404":           {Status: 404, Body: notFound},
		"500":           {Status: 500},
		"200 page":      {Status: 200, Body: html},
		"success false": {Status: 200, Body: notFound},
		"nobody":        {Status: 200, Body: body(`{}`)},
		"broken":        {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				if _, err := c.Preflight(ctx, read()); err != nil { // an earlier success is no proof now
					t.Fatalf("got %v, want nil", err)
				}
				f.Route = routeMe
				m.Fail(f)
				_, err := c.User(ctx, "404")
				restError(t, err)
			})
		})
	}
}

func TestUser_refusesIDs(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		for _, id := range []string{"", "me", "007", ".."} {
			if _, err := c.User(ctx, id); err == nil || errors.Is(err, offboard.ErrNotFound) {
				t.Errorf("id %q: got %v, want a refusal", id, err)
			}
		}
		wantSent(t, m)
	})
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
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				m.Fail(mock.Fault{Route: routeGet, Times: 1, Status: 429, Header: tt.header})
				started := time.Now()
				if _, err := c.User(ctx, "30417"); err != nil {
					t.Errorf("got %v, want nil", err)
				}
				if got := time.Since(started); got < tt.want || got > tt.want+time.Second {
					t.Errorf("got the answer after %s, want about %s", got, tt.want)
				}
			})
		})
	}
}

func TestPreflight_asksOnceForTheKeysOwnUser(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Fail(mock.Fault{Route: routeMe, Times: 1, Status: 403})
		_, err := c.Preflight(ctx, read())
		restError(t, err)
		m.ForgetRequests()
		m.Latency(time.Second)
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				if got, err := c.Preflight(ctx, read()); len(got) > 0 || err != nil {
					t.Errorf("got %v, %v, want nothing to be found", got, err)
				}
			})
		}
		callers.Wait()
		wantSent(t, m, routeMe)
	})
}

func TestPreflight_waitsNoLongerThanTold(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Latency(20 * time.Second)
		var first sync.WaitGroup
		first.Go(func() {
			if _, err := c.Preflight(ctx, read()); err != nil {
				t.Errorf("got %v, want nil", err)
			}
		})
		synctest.Wait() // until the first call is on its way
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.Preflight(short, read()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		first.Wait()
	})
}
