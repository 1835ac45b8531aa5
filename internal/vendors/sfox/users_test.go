package sfox_test

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
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// crowd adds n users, each third of them an advisor.
func crowd(server *mock.Server, n int) {
	for i := range n {
		u := mock.SFOXUser{
			ID:    fmt.Sprintf("crowd-%05d", i),
			Name:  fmt.Sprintf("Person %d", i),
			Email: fmt.Sprintf("person%d@acme.test", i%1000),
		}
		if i%3 == 2 {
			u.AccountRole = "Advisor"
		}
		server.SFOX.Add(u)
	}
}

func TestUsers_areWhatAReadOfEachShows(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]int{"": 31, "client": 21, "advisor": 10} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			crowd(server, 30)
			got := 0
			for u, err := range c.Users(ctx, role) {
				if err != nil {
					t.Fatal(err)
				}
				if role != "" && u.AccountRole != role {
					t.Errorf("got role %q, want %q", u.AccountRole, role)
				}
				if alone, err := c.User(ctx, u.ID); err != nil || alone != u {
					t.Errorf("got %+v in the list, %+v, %v by itself, want the same", u, alone, err)
				}
				got++
			}
			if got != want {
				t.Errorf("role %q: got %d users, want %d", role, got, want)
			}
		})
	}
}

// The list comes in one piece, however long it is.
func TestUsers_mayBeVeryMany(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		crowd(server, 50000)
		page, err := c.Page(ctx, "")
		if err != nil || len(page.Items) != 50001 || !page.Last {
			t.Errorf("got %d users, %v, the last page %t, want 50001 on the one page", len(page.Items), err, page.Last)
		}
		vendortest.WantRoutes(t, server, routeUsers)
	})
}

func TestUsers_unusableAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"a bad key":     fault(routeUsers, http.StatusUnauthorized, `{"error":"no"}`),
		"no permission": fault(routeUsers, http.StatusForbidden, `{"error":"no"}`),
		"not found":     fault(routeUsers, http.StatusNotFound, `{"error":"no"}`),
		"HTML":          fault(routeUsers, http.StatusOK, vendortest.HTML),
		"no list":       fault(routeUsers, http.StatusOK, `{"data":null}`),
		"a bare array":  fault(routeUsers, http.StatusOK, `[]`),

		"a list beside an error": fault(routeUsers, http.StatusConflict, `{"data":[{"user_id":"a"}]}`),
		"a list and more":        fault(routeUsers, http.StatusOK, `{"data":[{"user_id":"a"}]}{}`),
		"two lists":              fault(routeUsers, http.StatusOK, `{"data":[{"user_id":"a"}],"Data":[]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(f)
				vendortest.WantFaults(t, c.Users(ctx, ""))
			})
		})
	}
}

// A row whose ID is the key is not shown.
func TestUsers_anIDThatHoldsTheKeyIsNotShown(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(fault(routeUsers, http.StatusOK, `{"data":[{"user_id":"x-mock-key"},{"user_id":"b"}]}`))
		page, err := c.Page(ctx, "")
		if err != nil || len(page.Items) != 1 || len(page.Bad) != 1 {
			t.Fatalf("got %+v and %v, want one user and one row that is not shown", page, err)
		}
		if why := page.Bad[0].Error(); strings.Contains(why, "mock-key") || !strings.Contains(why, "credential") {
			t.Errorf("got %q, want the reason without the key", why)
		}
	})
}

// The reason for a missing answer is shown as it is.
func TestUsers_sayWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, _ *mock.Server, c *sfox.Client) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, list := c.Page(ctx, "")
		_, found := c.FindByEmail(ctx, dana.Email)
		_, read := c.User(ctx, dana.ID)
		_, closed := c.Close(ctx, dana, offboard.NotSent, nil)
		sign := c.CheckAccess(ctx, dana)
		for name, err := range map[string]error{
			"the list": list, "a search": found, "a read": read, "a closure": closed, "an access check": sign,
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want context.Canceled", name, err)
			}
		}
	})
}

// A list that breaks off finds no user, because there may be a second one with the address.
func TestFindByEmail_inAListThatCannotBeRead(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(fault(routeUsers, http.StatusForbidden, `{"error":"no"}`))
		found, err := c.FindByEmail(ctx, dana.Email)
		vendortest.WantFault(t, err)
		if len(found) > 0 {
			t.Errorf("got %+v, want none", found)
		}
	})
}

func TestFindByEmail(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]int{
		"dana@acme.test": 1, "DANA@acme.test": 1, "person1@acme.test": 2, "nobody@acme.test": 0,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			crowd(server, 1002)
			if found, err := c.FindByEmail(ctx, email); err != nil || len(found) != want {
				t.Errorf("%s: got %d users, %v, want %d", email, len(found), err, want)
			}
			vendortest.WantRoutes(t, server, routeUsers)
		})
	}
}

func TestUsers_areFilteredHereToo(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(
			fault(
				routeUsers,
				http.StatusOK,
				`{"data":[{"user_id":"a","account_role":"ADVISOR"},{"user_id":"b","account_role":"Client"},{"user_id":"c"}]}`,
			),
		)
		for role, want := range map[string]string{"": "a b c", "advisor": "a", "client": "b"} {
			var got, bad []string
			for u, err := range c.Users(ctx, role) {
				if err != nil {
					bad = append(bad, err.Error())
					continue
				}
				got = append(got, u.ID)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("role %q: got %v, want %s", role, got, want)
			}
			if role != "" &&
				(len(bad) != 1 || !strings.Contains(bad[0], "row 3 of page 1") || !strings.Contains(bad[0], "account_role")) {
				t.Errorf("role %q: got %q, want the row without a role named", role, bad)
			}
		}
	})
}

func TestUsers_aRowThatCannotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"no ID": `{"email":"dana@acme.test"}`, "an ID of no kind": `{"user_id":[]}`,
		"a wrong email": `{"user_id":"x","email":7}`, "null": `null`, "a number": `7`,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.Fail(
				fault(
					routeUsers,
					http.StatusOK,
					`{"data":[{"user_id":"a","email":"a@acme.test"},`+row+`,{"user_id":7,"email":"b@acme.test"}]}`,
				),
			)
			page, err := c.Page(ctx, "")
			if err != nil || len(page.Items) != 2 || page.Items[1].ID != "7" || len(page.Bad) != 1 || page.Bad[0].Row != 2 {
				t.Errorf("%s: got %+v, %v, want two users and the second row named", name, page, err)
			}
			for email, want := range map[string]int{"b@acme.test": 1, "nobody@acme.test": 0} {
				if found, err := c.FindByEmail(ctx, email); len(found) != want || !rest.Incomplete(err) {
					t.Errorf("%s: finding %s: got %v, %v, want %d users from an incomplete list", name, email, found, err, want)
				}
			}
		})
	}
}

// A list that says in a usual way that there is more is not whole.
func TestUsers_areNotWholeIfTheAnswerSaysThatThereIsMore(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]struct {
		status int
		header http.Header
		beside string
		whole  bool
	}{
		"nothing":               {200, nil, ``, true},
		"a total of the rows":   {200, http.Header{"X-Total-Count": {"1"}}, `,"total":1`, true},
		"no further page":       {200, http.Header{"Link": {`</users>; rel="self"`}}, `,"next":null,"has_more":false`, true},
		"marks of success":      {200, nil, `,"success":true,"status":"ok","error":null`, true},
		"what is about no page": {200, nil, `,"message":"fine","request_id":"r-1"`, true},
		"next in an address":    {200, http.Header{"Link": {`</_next/a.js>; rel=preload`}}, ``, true},
		"two links in one":      {200, http.Header{"Link": {`</users>; rel="self", </users?p=2>; rel="next"`}}, ``, false},
		"a part of the content": {206, nil, ``, false},
		"a range":               {200, http.Header{"Content-Range": {"users 0-0/900"}}, ``, false},
		"a link":                {200, http.Header{"Link": {`</users?cursor=x>; rel="next"`}}, ``, false},
		"a link in other case":  {200, http.Header{"Link": {`</users>; rel=self`, `</users?cursor=x>; REL=Next`}}, ``, false},
		"a total in a header":   {200, http.Header{"X-Total-Count": {"900"}}, ``, false},
		"a header with a comma": {200, http.Header{"X-Total-Count": {"1,250"}}, ``, false},
		"two totals":            {200, http.Header{"X-Total-Count": {"1", "900"}}, ``, false},
		"a total":               {200, nil, `,"total":900`, false},
		"a total that is text":  {200, nil, `,"total":"900"`, false},
		"a fraction as a total": {200, nil, `,"total":1.0`, false},
		"a total in an object":  {200, nil, `,"total":{"value":1}`, false},
		"a total with a comma":  {200, nil, `,"total":"1,250"`, false},
		"a total count":         {200, nil, `,"total_count":900`, false},
		"meta":                  {200, nil, `,"meta":{"next_cursor":"x","total":900}`, false},
		"pagination":            {200, nil, `,"pagination":{"page":1,"pages":90,"has_more":true}`, false},
		"an address":            {200, nil, `,"next":"https://api.sfox.com/v1/enterprise/users?cursor=x"`, false},
		"a cursor":              {200, nil, `,"next_cursor":"x"`, false},
		"more":                  {200, nil, `,"has_more":true`, false},
		"not the last page":     {200, nil, `,"last_page":false`, false},
		"not done":              {200, nil, `,"done":false`, false},
		"a page in a header":    {200, http.Header{"X-Next-Page": {"2"}}, ``, false},
		"more in a header":      {200, http.Header{"X-Has-More": {"true"}}, ``, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				zoe := `{"data":[{"user_id":"z-1","email":"zoe@acme.test","account_role":"client"}]` + f.beside + `}`
				server.Fail(mock.Fault{Route: routeUsers, Status: f.status, Header: f.header, Body: zoe})
				_, err := c.FindByEmail(ctx, "dana@acme.test")
				if (err == nil) != f.whole || err != nil && !rest.Incomplete(err) {
					t.Errorf("got %v, want a whole list %t", err, f.whole)
				}
				gone := c.Verifier(sfox.User{User: offboard.User{ID: "u9"}, AccountRole: "client"})
				lost, unexplained := gone.CheckList(ctx), gone.CheckShown(ctx)
				if (lost == nil) != f.whole || (unexplained == nil) != f.whole {
					t.Errorf("got %v after a lost call, and %v without one, want a proof %t", lost, unexplained, f.whole)
				}
			})
		})
	}
}

// The role of a user may have changed since the user was read. So the list of all users speaks of an absence,
// and is read once where no call explains that.
func TestVerifier_asksForTheUsersOfAllRoles(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.AccountRole = "advisor" })
		w := c.Verifier(dana)
		lost, unexplained := w.CheckList(ctx), w.CheckShown(ctx)
		if !errors.Is(lost, offboard.ErrListed) || !errors.Is(unexplained, offboard.ErrListed) {
			t.Errorf("got %v and %v, want ErrListed", lost, unexplained)
		}
		asked := len(server.Requests())
		if err := w.CheckShown(ctx); !errors.Is(err, offboard.ErrListed) || len(server.Requests()) > asked {
			t.Errorf("got %v after %d further requests, want the list that was read", err, len(server.Requests())-asked)
		}
	})
}

// The documented limits, that of all requests and those of single routes, are kept by many at once.
func TestClient_keepsTheLimitsWithConcurrentRequests(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, _ *sfox.Client) {
		server.SFOX.RateLimits = true
		crowd(server, 300)
		c, err := sfox.New(
			rest.Config{APIKey: "mock-key", BaseURL: "https://vendor.test/sfox/v1", Transport: mock.Transport{Handler: server}},
		)
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		slots := make(chan struct{}, 10)
		var all sync.WaitGroup
		for i := range 300 {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				u, err := c.User(ctx, fmt.Sprintf("crowd-%05d", i))
				if err != nil {
					t.Errorf("got %v, want the user", err)
				}
				if i%50 == 0 {
					if _, err := c.Preflight(ctx, u); err != nil {
						t.Errorf("got %v, want the findings", err)
					}
				}
			})
		}
		all.Wait()
		for _, r := range server.Requests() {
			if r.Status == http.StatusTooManyRequests {
				t.Errorf("got HTTP 429 for %s after %s, want the budget to prevent that", r.Route, r.At.Sub(started))
			}
		}
	})
}
