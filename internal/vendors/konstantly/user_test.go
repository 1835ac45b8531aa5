package konstantly_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// envelope is the body of a 404 in Konstantly's own form.
const envelope = `{"status":404,"message":"Not found"}`

// doubtful are answers to a read that say neither that the user is open nor that the user is gone.
var doubtful = map[string]mock.Fault{
	"400":                   {Status: 400, Body: `{"status":400,"message":"bad","errors":{"id":["is odd"]}}`},
	"401":                   {Status: 401, Body: `{"status":401,"message":"Unauthorized"}`},
	"403":                   {Status: 403, Body: `{"status":403,"message":"Forbidden"}`},
	"404 in HTML":           {Status: 404, Body: vendortest.HTML},
	"404 without a body":    {Status: 404},
	"404 of another form":   {Status: 404, Body: `{"error":"no route"}`},
	"404 of another status": {Status: 404, Body: `{"status":403,"message":"Forbidden"}`},
	"404 and another value": {Status: 404, Body: envelope + `{}`},
	"404 with two statuses": {Status: 404, Body: `{"status":404,"Status":403,"message":"Not found"}`},
	"404 with a word":       {Status: 404, Body: `{"status":"404"}`},
	"400 with a 404 inside": {Status: 400, Body: envelope},
	"403 with a 404 inside": {Status: 403, Body: envelope},
	"409 with a 410 inside": {Status: 409, Body: `{"status":410,"message":"Gone"}`},
	"404 and the user": {
		Status: 404,
		Body:   `{"status":404,"id":"u7k2m9","email":"ines@acme.test","isBanned":true}`,
	},
	"404 and a user in it": {
		Status: 404,
		Body:   `{"status":404,"message":"Not found","user":{"id":"u7k2m9","isBanned":true}}`,
	},
	"200 with a 404 and user": {
		Status: 200,
		Body:   `{"status":404,"id":"u7k2m9","email":"ines@acme.test","isBanned":true}`,
	},
	"422":                      {Status: 422, Body: `{"status":422,"message":"no"}`},
	"429 for ever":             {Status: 429},
	"500":                      {Status: 500, Body: envelope},
	"503 with a 404 inside":    {Status: 503, Body: envelope},
	"503 in HTML":              {Status: 503, Body: vendortest.HTML},
	"a redirect":               {Status: 302, Header: http.Header{"Location": {"https://evil.test/"}}},
	"200 with a 500 inside":    {Status: 200, Body: `{"status":500,"message":"oops"}`},
	"200 with a 400 beside":    {Status: 200, Body: `{"id":"u7k2m9","isBanned":false,"status":400}`},
	"200 with a 500 beside":    {Status: 200, Body: `{"id":"u7k2m9","isBanned":false,"status":500}`},
	"200 in HTML":              {Status: 200, Body: vendortest.HTML},
	"200 without a body":       {Status: 200},
	"200 cut short":            {Status: 200, Body: `{"id":"u7k2m9","isBanned":fal`},
	"200 with null":            {Status: 200, Body: `null`},
	"200 with {}":              {Status: 200, Body: `{}`},
	"200 with a list":          {Status: 200, Body: `[]`},
	"200 about another user":   {Status: 200, Body: `{"id":"other","isBanned":true}`},
	"200 in other letters":     {Status: 200, Body: `{"id":"U7K2M9","isBanned":true}`},
	"200 with a number as ID":  {Status: 200, Body: `{"id":7,"isBanned":true}`},
	"200 without isBanned":     {Status: 200, Body: `{"id":"u7k2m9"}`},
	"200 with isBanned null":   {Status: 200, Body: `{"id":"u7k2m9","isBanned":null}`},
	"200 with isBanned a word": {Status: 200, Body: `{"id":"u7k2m9","isBanned":"false"}`},
	"a lost connection":        {Drop: true},
}

func TestUser(t *testing.T) {
	t.Parallel()
	blocked := ines
	blocked.Status = offboard.Suspended
	for name, c := range map[string]struct {
		prepare func(*mock.Konstantly)
		blocked bool
		want    konstantly.User
	}{
		"active":              {func(*mock.Konstantly) {}, false, ines},
		"blocked":             {func(*mock.Konstantly) {}, true, blocked},
		"the role is a word":  {func(k *mock.Konstantly) { k.RoleString = true }, false, ines},
		"the lists hide some": {func(k *mock.Konstantly) { k.HideBlocked = true }, true, blocked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				server.Konstantly.Set(c.prepare)
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Blocked = c.blocked })
				if u, err := client.User(ctx, ines.ID); err != nil || u != c.want {
					t.Errorf("got %+v and %v, want %+v", u, err, c.want)
				}
				vendortest.WantRoutes(t, server, routeUser)
			})
		})
	}
}

func TestUser_readsTolerantly(t *testing.T) {
	t.Parallel()
	bare := konstantly.User{User: offboard.User{ID: ines.ID, Status: offboard.Active}}
	manager := bare
	manager.Role = "manager"
	for name, c := range map[string]struct {
		body string
		want konstantly.User
	}{
		"what is needed alone": {`{"id":"u7k2m9","isBanned":false}`, bare},
		"nulls": {
			`{"id":"u7k2m9","isBanned":false,"name":null,"email":null,"role":null,"fromApi":null,"image":null}`, bare,
		},
		"fields of any type": {
			`{"id":"u7k2m9","isBanned":false,"attributes":[],"image":7,"role":["x"],"occupation":{}}`, bare,
		},
		"a role with more": {`{"id":"u7k2m9","isBanned":false,"role":{"alias":"manager","id":4}}`, manager},
		"a role as a word": {`{"id":"u7k2m9","isBanned":false,"role":"manager"}`, manager},
		"an odd role":      {`{"id":"u7k2m9","isBanned":false,"role":{"alias":4}}`, bare},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				server.Fail(mock.Fault{Route: routeUser, Status: 200, Body: c.body})
				if u, err := client.User(ctx, ines.ID); err != nil || u != c.want {
					t.Errorf("got %+v and %v, want %+v", u, err, c.want)
				}
			})
		})
	}
}

// A key that an object has twice is a doubt where it is read, and nowhere else.
func TestUser_believesNoRoleWithAKeyTwice(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
		for body, want := range map[string]bool{
			`{"id":"u7k2m9","isBanned":false,"role":{"alias":"a","Alias":"b"}}`:     false,
			`{"id":"u7k2m9","isBanned":false,"attributes":{"Team":1,"team":"x"}}`:   true,
			`{"id":"u7k2m9","isBanned":false,"role":{"alias":"a","x":1,"more":{}}}`: true,
		} {
			server.Heal()
			server.Fail(mock.Fault{Route: routeUser, Status: 200, Body: body})
			if u, err := client.User(ctx, ines.ID); (err == nil) != want {
				t.Errorf("%s: got %+v and %v, want it believed %t", body, u, err, want)
			}
		}
	})
}

// The row of a colleague that cannot be trusted hides no other row.
func TestClient_CheckAccess_besideARowWithAKeyTwice(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
		server.Fail(mock.Fault{Route: routeUsers, Status: 200, Body: `{"users":[
			{"id":"a","isBanned":false,"role":{"alias":"a","Alias":"b"}},{"id":"b","isBanned":false}],"totalCount":2}`})
		if err := client.CheckAccess(ctx, ines.User); err != nil {
			t.Errorf("got %v, want that the other row shows that the key sees others", err)
		}
	})
}

// Konstantly shows no closed users: any "not found" is an absence and no proof, and no user else is
// asked at once.
func TestUser_isAbsentWhenTheSiteSaysSo(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"the site":              {Lie: mock.Absent{Status: 404}},
		"the site, another one": {Lie: mock.Absent{Status: 404, Text: "No such endpoint"}},
		"410":                   {Lie: mock.Absent{Status: 410, Text: "Gone"}},
		"200 with a 404 inside": {Status: 200, Body: envelope},
		"200 with a 410 inside": {Status: 200, Body: `{"status":410,"message":"Gone"}`},
		"404 with a 410 inside": {Status: 404, Body: `{"status":410,"message":"Gone"}`},
		"a framework": {
			Status: 404, Body: `{"timestamp":"2031-01-01T00:00:00Z","path":"/users/u7k2m9","status":404,"error":"Not Found"}`,
		},
		"RFC 9457": {
			Status: 404, Body: `{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}`,
		},
		"a message of no words": {Status: 404, Body: `{"status":404,"message":{"text":"no"},"errors":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				f.Route = routeUser
				server.Fail(f)
				if _, err := c.User(ctx, ines.ID); !errors.Is(err, offboard.ErrNotFound) || errors.Is(err, offboard.ErrClosed) {
					t.Errorf("got %v, want ErrNotFound and not ErrClosed", err)
				}
				vendortest.WantRoutes(t, server, routeUser)
			})
		})
	}
}

func TestUser_isAbsentForAnyID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{ines.ID, "never-there", "a/../b?c"} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Konstantly.Drop(ines.ID)
			if _, err := c.User(ctx, id); !errors.Is(err, offboard.ErrNotFound) {
				t.Errorf("%q: got %v, want ErrNotFound", id, err)
			}
		})
	}
}

func TestUser_isTheOneWithTheIDAsANumber(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":731,"isBanned":false}`: "731", `{"id":"731","isBanned":false}`: "731", `{"id":7310,"isBanned":false}`: "",
		`{"id":"0731","isBanned":false}`: "",
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Fail(mock.Fault{Route: routeUser, Status: 200, Body: body})
			if u, err := c.User(ctx, "731"); u.ID != want || (err == nil) != (want != "") {
				t.Errorf("%s: got %q and %v, want %q", body, u.ID, err, want)
			}
		})
	}
}

// After an absence the list must show another user, and not the absent user.
func TestClient_CheckAccess(t *testing.T) {
	t.Parallel()
	const otto = `{"id":"u1a2b3","isBanned":false}`
	again := `{"id":"u9","email":"` + ines.Email + `","isBanned":false}`
	for name, c := range map[string]struct {
		fault mock.Fault
		want  error // nil for a sign; errFault for an *rest.Error
	}{
		"a colleague":           {mock.Fault{Status: 200, Body: `{"users":[` + otto + `],"totalCount":1}`}, nil},
		"a colleague, no total": {mock.Fault{Status: 200, Body: `{"users":[` + otto + `]}`}, nil},
		"the user":              {mock.Fault{}, offboard.ErrListed},
		"the user as a number":  {mock.Fault{Lie: mock.IDTypes}, offboard.ErrListed},
		"no user":               {mock.Fault{Lie: mock.Listing{Empty: true}}, offboard.ErrEmptyList},
		"no users, no total":    {mock.Fault{Status: 200, Body: `{"users":[]}`}, offboard.ErrEmptyList},
		"nobody but another account of the person": {
			mock.Fault{Status: 200, Body: `{"users":[` + again + `],"totalCount":1}`}, offboard.ErrEmptyList,
		},
		"nobody else on a page of many": {
			mock.Fault{Status: 200, Body: `{"users":[` + again + `],"totalCount":2}`}, offboard.ErrAccessUnproven,
		},
		"nobody but the ID in another letter case": {
			mock.Fault{Status: 200, Body: `{"users":[{"id":"U7K2M9","isBanned":false}],"totalCount":1}`},
			offboard.ErrAccessUnproven,
		},
		"a colleague beside the ID in another letter case": {
			mock.Fault{Status: 200, Body: `{"users":[{"id":"U7K2M9","isBanned":false},` + otto + `],"totalCount":2}`},
			offboard.ErrAccessUnproven,
		},
		"no users, although there are some": {
			mock.Fault{Status: 200, Body: `{"users":[],"totalCount":3}`}, offboard.ErrAccessUnproven,
		},
		"no users, and errors": {
			mock.Fault{Status: 200, Body: `{"users":[],"totalCount":0,"errors":{"db":["down"]}}`}, errFault,
		},
		"no users, and an error": {
			mock.Fault{Status: 200, Body: `{"users":[],"totalCount":0,"error":"the search index is down"}`}, errFault,
		},
		"no users, and no success": {mock.Fault{Status: 200, Body: `{"users":[],"totalCount":0,"success":false}`}, errFault},
		"no users, and a status of words": {
			mock.Fault{Status: 200, Body: `{"users":[],"totalCount":0,"status":"unavailable"}`}, errFault,
		},
		"no users, and words": {mock.Fault{Status: 200, Body: `{"users":[],"totalCount":0,"message":"down"}`}, errFault},
		"no users, and what says nothing": {
			mock.Fault{Status: 200, Body: `{"users":[],"totalCount":0,"errors":[ ],"status":200,"more":false,"limit":20}`},
			offboard.ErrEmptyList,
		},
		"a colleague, and errors": {
			mock.Fault{Status: 200, Body: `{"users":[` + otto + `],"totalCount":1,"errors":{"db":["down"]}}`}, errFault,
		},
		"a colleague, and words": {
			mock.Fault{Status: 200, Body: `{"users":[` + otto + `],"totalCount":1,"message":"One user."}`}, nil,
		},
		"rows that cannot be read": {mock.Fault{Status: 200, Body: `{"users":[{"name":"x"}],"totalCount":1}`}, errFault},
		"a colleague beside such a row": {
			mock.Fault{Status: 200, Body: `{"users":[` + otto + `,{"name":"x"}],"totalCount":2}`}, errFault,
		},
		"a colleague beside such a row of another ID": {
			mock.Fault{Status: 200, Body: `{"users":[{"id":"g1","name":"x"},` + otto + `],"totalCount":2}`}, nil,
		},
		"a colleague beside such a row of the user": {
			mock.Fault{Status: 200, Body: `{"users":[{"id":"g1"},{"id":"` + ines.ID + `"},` + otto + `],"totalCount":3}`},
			errFault,
		},
		"a colleague beside such a row of the user in another letter case": {
			mock.Fault{Status: 200, Body: `{"users":[{"id":"` + strings.ToUpper(ines.ID) + `"},` + otto + `],"totalCount":2}`},
			errFault,
		},
		"a colleague beside such a row of two IDs": {
			mock.Fault{Status: 200, Body: `{"users":[{"id":"g1","ID":"g2"},` + otto + `],"totalCount":2}`}, errFault,
		},
		"nobody but such a row of another ID": {
			mock.Fault{Status: 200, Body: `{"users":[{"id":"g1","name":"x"}],"totalCount":1}`}, errFault,
		},
		"no list":                   {mock.Fault{Status: 200, Body: `{"totalCount":0}`}, errFault},
		"null":                      {mock.Fault{Status: 200, Body: `{"users":null,"totalCount":0}`}, errFault},
		"HTML":                      {mock.Fault{Status: 200, Body: vendortest.HTML}, errFault},
		"a 404":                     {mock.Fault{Lie: mock.Absent{Status: 404}}, errFault},
		"a 404 with 200":            {mock.Fault{Status: 200, Body: envelope}, errFault},
		"a 404 with 200 and a list": {mock.Fault{Status: 200, Body: `{"status":404,"users":[` + otto + `]}`}, errFault},
		"a refused key":             {mock.Fault{Status: 401}, errFault},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				server.Konstantly.Add(mock.KonstantlyUser{ID: "731", Name: "Ada Nu", Email: "ada@acme.test"})
				u := offboard.User{ID: ines.ID, Email: ines.Email}
				if name == "the user as a number" {
					u = offboard.User{ID: "731"}
				}
				c.fault.Route = routeUsers
				server.Fail(c.fault)
				err := client.CheckAccess(ctx, u)
				if errors.Is(c.want, errFault) {
					vendortest.WantFault(t, err)
				} else if empty := offboard.ErrEmptyList; !errors.Is(err, c.want) || c.want == nil && err != nil ||
					errors.Is(err, empty) != errors.Is(c.want, empty) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				vendortest.WantRoutes(t, server, routeUsers)
			})
		})
	}
}

// errFault means any *rest.Error.
var errFault = errors.New("an *rest.Error")

func TestClient_CheckAccess_isOneRequestForAllWhoAskAtOnce(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Konstantly.Drop(ines.ID)
		server.Latency(time.Second)
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				if err := c.CheckAccess(ctx, offboard.User{ID: fmt.Sprint("gone-", i)}); err != nil {
					t.Errorf("got %v, want an access check that succeeds", err)
				}
			})
		}
		all.Wait()
		if got := vendortest.Count(server, routeUsers); got > 2 {
			t.Errorf("got %d requests for 40 users, want no more than two", got)
		}
	})
}

func TestUser_isNotAbsentAfterAnUnclearAnswer(t *testing.T) {
	t.Parallel()
	for name, f := range doubtful {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Konstantly.Drop(ines.ID)
				f.Route = routeUser
				server.Fail(f)
				_, err := c.User(ctx, ines.ID)
				vendortest.WantFault(t, err)
			})
		})
	}
}

func TestUser_isNotGoneForAWrongKey(t *testing.T) {
	t.Parallel()
	for _, forbidden := range []bool{false, true} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, _ *konstantly.Client) {
			server.Konstantly.Forbidden = forbidden
			c := client(t, oneUser.BaseURL, "other-key", mock.Transport{Handler: server})
			_, err := c.User(ctx, "never-there")
			vendortest.WantFault(t, err)
		})
	}
}

func TestUser_isNotGoneAtAWrongHost(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, _ *konstantly.Client) {
		_, err := client(t, "https://vendor.test", "mock-key", mock.Transport{Handler: server}).User(ctx, ines.ID)
		vendortest.WantFault(t, err)
	})
}
