package konstantly_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
)

const (
	routeUsers   = "GET /users"
	routeByEmail = "GET /users/byEmail/{email}"
)

// crowd adds n users, each fifth of them blocked.
func crowd(server *mock.Server, n int) {
	for i := range n {
		server.Konstantly.Add(mock.KonstantlyUser{ID: fmt.Sprintf("c%03d", i), Name: fmt.Sprintf("Person %03d", i),
			Email: fmt.Sprintf("person%03d@acme.test", i), Blocked: i%5 == 4})
	}
}

func TestUsers_areWhatAReadOfEachShows(t *testing.T) {
	for _, roleString := range []bool{false, true} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Konstantly.RoleString = roleString
			crowd(server, 44)
			got := 0
			for u, err := range c.Users(ctx) {
				if err != nil {
					t.Fatal(err)
				}
				if alone, err := c.User(ctx, u.ID); err != nil || alone != u {
					t.Errorf("got %+v in the list, %+v, %v by itself, want the same", u, alone, err)
				}
				got++
			}
			if got != 45 || sends(server, routeUsers) != 3 {
				t.Errorf("got %d users from %d pages, want 45 from 3", got, sends(server, routeUsers))
			}
		})
	}
}

func TestUsers_areReadNoFurtherThanAsked(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		crowd(server, 44)
		for _, err := range c.Users(ctx) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		wantRoutes(t, server, routeUsers)
	})
}

// Somebody new at the head of the list moves everybody one place down while it is read.
func TestUsers_areSeenOnceThoughTheListMoves(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		crowd(server, 44)
		var once sync.Once
		server.OnRequest(func(mock.Request) {
			once.Do(func() {
				server.Konstantly.Add(mock.KonstantlyUser{ID: "new", Name: "Aaron New", Email: "aaron@acme.test"})
			})
		})
		seen := map[string]int{}
		for u, err := range c.Users(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			if seen[u.ID]++; seen[u.ID] > 1 {
				t.Errorf("got %s twice, want once", u.ID)
			}
		}
		if len(seen) != 45 {
			t.Errorf("got %d users, want the 45 who were there from the start", len(seen))
		}
	})
}

func TestUsers_unusableAnswersAreErrors(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"a bad key":               {Status: http.StatusUnauthorized, Body: `{"status":401,"message":"Unauthorized"}`},
		"not found":               {Status: http.StatusNotFound, Body: `{"status":404,"message":"Not found"}`},
		"HTML":                    {Status: http.StatusOK, Body: html},
		"no list":                 {Status: http.StatusOK, Body: `{"totalCount":1}`},
		"a user without an id":    {Status: http.StatusOK, Body: `{"users":[{"isBanned":false}],"totalCount":1}`},
		"a user without a status": {Status: http.StatusOK, Body: `{"users":[{"id":"u1"}],"totalCount":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Fail(f)
				for u, err := range c.Users(ctx) {
					if err == nil {
						t.Fatalf("got %+v, want an error", u)
					}
					wantFault(t, err)
				}
			})
		})
	}
}

func TestPage_tellsHowManyThereAre(t *testing.T) {
	for users, want := range map[int]int{0: 1, 19: 1, 20: 2, 44: 3} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			crowd(server, users)
			if page, err := c.Page(ctx, 1); err != nil || page.Of != want {
				t.Errorf("%d users and Ines: got %d pages, %v, want %d", users, page.Of, err, want)
			}
		})
	}
}

func TestFindByEmail(t *testing.T) {
	for email, want := range map[string]int{"ines@acme.test": 1, "INES@acme.TEST": 1, "nobody@acme.test": 0, "o'hara+x/y@acme.test": 1} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Konstantly.Add(mock.KonstantlyUser{ID: "odd", Name: "Odd O'Hara", Email: "o'hara+x/y@acme.test"})
			found, err := c.FindByEmail(ctx, email)
			if err != nil || len(found) != want {
				t.Errorf("%s: got %+v, %v, want %d users", email, found, err, want)
			}
			if want == 0 {
				wantRoutes(t, server, routeByEmail, routeUsers)
				return
			}
			wantRoutes(t, server, routeByEmail)
		})
	}
}

func TestFindByEmail_anotherPersonInTheAnswerIsAnError(t *testing.T) {
	for _, f := range []mock.Fault{
		{Status: http.StatusOK, Body: `{"id":"u1","email":"otto@acme.test","isBanned":false}`},
		{Status: http.StatusOK, Body: `{"email":"ines@acme.test","isBanned":false}`},
		{Status: http.StatusOK, Body: html},
		{Status: http.StatusNotFound, Body: html},
		{Status: http.StatusBadRequest, Body: `{"status":400,"message":"Validation failed"}`},
	} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Fail(f)
			found, err := c.FindByEmail(ctx, "ines@acme.test")
			if len(found) > 0 {
				t.Errorf("HTTP %d %s: got %+v, want nobody", f.Status, f.Body, found)
			}
			wantFault(t, err)
		})
	}
}

// The headers are obeyed before they bite, however many requests are on their way at once.
func TestClient_overdrawsNoQuotaSideBySide(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Konstantly.RateLimit = 20
		crowd(server, 60)
		slots := make(chan struct{}, 10)
		var all sync.WaitGroup
		for i := range 60 {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				if u, err := c.User(ctx, fmt.Sprintf("c%03d", i)); err != nil || u.Status == offboard.Closed {
					t.Errorf("got %+v, %v, want the user", u, err)
				}
			})
		}
		all.Wait()
		for _, r := range server.Requests() {
			if r.Status != http.StatusOK {
				t.Errorf("got HTTP %d, want the budget to prevent that", r.Status)
			}
		}
	})
}
