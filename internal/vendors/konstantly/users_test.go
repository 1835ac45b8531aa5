package konstantly_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
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
	t.Parallel()
	for _, roleString := range []bool{false, true} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
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
			if got != 45 || vendortest.Count(server, routeUsers) != 4 {
				t.Errorf("got %d users from %d pages, want 45 from 3 and an empty one", got, vendortest.Count(server, routeUsers))
			}
		})
	}
}

func TestUsers_areReadNoFurtherThanAsked(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		crowd(server, 44)
		for _, err := range c.Users(ctx) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		vendortest.WantRoutes(t, server, routeUsers)
	})
}

// A new user at the head of the list moves all others one place down while it is read.
func TestUsers_areSeenOnceThoughTheListMoves(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
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
		if len(seen) != 46 {
			t.Errorf(
				"got %d users, want the 45 who were there from the start and the one that a second reading finds", len(seen),
			)
		}
	})
}

func TestUsers_unusableAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"a bad key": {Status: http.StatusUnauthorized, Body: `{"status":401,"message":"Unauthorized"}`},
		"not found": {Status: http.StatusNotFound, Body: `{"status":404,"message":"Not found"}`},
		"HTML":      {Status: http.StatusOK, Body: vendortest.HTML},
		"no list":   {Status: http.StatusOK, Body: `{"totalCount":1}`},

		"a list beside an error": {Status: http.StatusConflict, Body: `{"users":[],"totalCount":0}`},
		"a list of an error":     {Status: http.StatusOK, Body: `{"users":[],"totalCount":0,"status":400}`},
		"a list and more":        {Status: http.StatusOK, Body: `{"users":[],"totalCount":0}{}`},
		"two lists": {
			Status: http.StatusOK, Body: `{"users":[],"Users":[{"id":"a","isBanned":false}],"totalCount":0}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Fail(f)
				vendortest.WantFaults(t, c.Users(ctx))
			})
		})
	}
}

// serving answers the list as f does, and nothing else.
func serving(t *testing.T, f func(offset int, query string) string) *konstantly.Client {
	t.Helper()
	return client(
		t,
		"https://vendor.test/openapi/v1",
		"mock-key",
		mock.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/byEmail/") {
				w.WriteHeader(http.StatusNotFound)
				fmt.Fprint(w, `{"status":404,"message":"Not found"}`)
				return
			}
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			fmt.Fprint(w, f(offset, r.URL.Query().Get("query")))
		})},
	)
}

// rows are users from one number to another, of n users.
func rows(from, to, n int) string {
	var all []string
	for i := from; i < min(to, n); i++ {
		all = append(all, fmt.Sprintf(`{"id":"k%d","name":"N","email":"k%d@acme.test","isBanned":false}`, i, i))
	}
	return "[" + strings.Join(all, ",") + "]"
}

// list reads the whole list.
func list(ctx context.Context, c *konstantly.Client) (users int, bad []string, end error) {
	all, bad, end := vendortest.ReadList(c.Users(ctx))
	return len(all), bad, end
}

func TestUsers_areWholeOrAPartialError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		list func(offset int) string
		want int
		end  string // empty for a whole list
	}{
		"pages capped at ten": {
			func(o int) string { return fmt.Sprintf(`{"users":%s,"totalCount":45}`, rows(o, o+10, 45)) }, 45, "",
		},
		"a total of the page": {func(o int) string {
			return fmt.Sprintf(`{"users":%s,"totalCount":%d}`, rows(o, o+20, 45), max(0, min(20, 45-o)))
		}, 45, ""},
		"a total that is too low": {
			func(o int) string { return fmt.Sprintf(`{"users":%s,"totalCount":20}`, rows(o, o+20, 45)) }, 45, "",
		},
		"a total that is a string": {
			func(o int) string { return fmt.Sprintf(`{"users":%s,"totalCount":"50"}`, rows(o, o+20, 45)) }, 45,
			"the vendor says 50, 45 were read",
		},
		"a total that cannot be read": {
			func(o int) string { return fmt.Sprintf(`{"users":%s,"totalCount":{"value":250}}`, rows(o, o+20, 45)) }, 45,
			"the total of the vendor (totalCount) cannot be read; 45 were read",
		},
		"a total beyond all numbers": {func(o int) string {
			return fmt.Sprintf(`{"users":%s,"totalCount":99999999999999999999}`, rows(o, o+20, 45))
		}, 45, "the total of the vendor (totalCount) cannot be read; 45 were read"},
		"a total that cannot be read on one page": {func(o int) string {
			total := map[bool]string{true: "45.0", false: "0"}[o == 0]
			return fmt.Sprintf(`{"users":%s,"totalCount":%s}`, rows(o, o+20, 45), total)
		}, 45, "the total of the vendor (totalCount) cannot be read; 45 were read"},
		"a total of another name": {
			func(o int) string { return fmt.Sprintf(`{"users":%s,"total":45}`, rows(o, o+20, 40)) }, 40,
			"the vendor says 45, 40 were read",
		},
		"an end that goes on": {
			func(o int) string { return fmt.Sprintf(`{"users":%s,"hasMore":true}`, rows(o, o+20, 45)) }, 45,
			`the field "hasMore" of the answer says that there is more; 45 were read`,
		},
		"marks of the end": {func(o int) string {
			return fmt.Sprintf(`{"users":%s,"total":45,"hasMore":%t,"totalPages":3}`, rows(o, o+20, 45), o < 44)
		}, 45, ""},
		"no total": {func(o int) string { return fmt.Sprintf(`{"users":%s}`, rows(o, o+20, 45)) }, 45, ""},
		"fewer than the total": {
			func(o int) string { return fmt.Sprintf(`{"users":%s,"totalCount":45}`, rows(o, o+20, 40)) }, 40,
			"the vendor says 45, 40 were read",
		},
		"the offset is not looked at": {
			func(int) string { return fmt.Sprintf(`{"users":%s,"totalCount":45}`, rows(0, 20, 45)) }, 20,
			"the vendor says 45, 20 were read",
		},
		"the offset is not looked at, and a total of the page": {
			func(int) string { return fmt.Sprintf(`{"users":%s,"totalCount":20}`, rows(0, 20, 45)) }, 20,
			"the vendor sends no further rows and no end; 20 were read",
		},
		"the offset is not looked at, for one user": {
			func(int) string { return fmt.Sprintf(`{"users":%s,"totalCount":1}`, rows(0, 1, 1)) }, 1,
			"the vendor sends no further rows and no end; 1 were read",
		},
		"no users, and a total": {
			func(int) string { return `{"users":[],"totalCount":45}` }, 0, "the vendor says 45, 0 were read",
		},
		"no user": {func(int) string { return `{"users":[],"totalCount":0}` }, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, end := list(t.Context(), serving(t, func(offset int, _ string) string { return c.list(offset) }))
			if got != c.want || (end == nil) != (c.end == "") || end != nil && end.Error() != c.end {
				t.Errorf("got %d users and %v, want %d and %q", got, end, c.want, c.end)
			}
		})
	}
}

func TestUsers_aRowThatCannotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"no ID":            `{"isBanned":false}`,
		"an ID of no kind": `{"id":{},"isBanned":false}`,
		"no status":        `{"id":"u1"}`,
		"a status of text": `{"id":"u1","isBanned":"no"}`,
		"null":             `null`,
		"a string":         `"u1"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serving(t, func(offset int, _ string) string {
				all := []string{`{"id":"a","isBanned":false}`, row, `{"id":"b","isBanned":true}`}
				return fmt.Sprintf(`{"users":[%s],"totalCount":3}`, strings.Join(all[min(offset, 3):], ","))
			})
			got, bad, end := list(t.Context(), c)
			if name == "no status" && !strings.Contains(strings.Join(bad, ""), `user "u1"`) {
				t.Errorf("got %q, want the ID of the user", bad)
			}
			if strings.Contains(strings.Join(bad, ""), `user ""`) {
				t.Errorf("got %q, want no ID where there is none", bad)
			}
			if got != 2 || len(bad) != 1 || !strings.HasPrefix(bad[0], "row 2 of page 1 cannot be read: ") || end != nil {
				t.Errorf("got %d users, %q, %v, want 2 and the second row named", got, bad, end)
			}
		})
	}
}

// A row whose ID is the key is not shown.
func TestUsers_anIDThatHoldsTheKeyIsNotShown(t *testing.T) {
	t.Parallel()
	c := serving(t, func(offset int, _ string) string {
		all := []string{`{"id":"x-mock-key","isBanned":false}`, `{"id":"b","isBanned":false}`}
		return fmt.Sprintf(`{"users":[%s],"totalCount":2}`, strings.Join(all[min(offset, 2):], ","))
	})
	got, bad, end := list(t.Context(), c)
	if all := strings.Join(bad, ""); got != 1 || len(bad) != 1 || end != nil || strings.Contains(all, "mock-key") ||
		!strings.Contains(all, "credential") {
		t.Errorf("got %d users, %q and %v, want one, and the row with the key named without it", got, bad, end)
	}
}

// The reason for a missing answer is shown as it is.
func TestUsers_sayWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, _ *mock.Server, c *konstantly.Client) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, _, end := list(ctx, c)
		_, found := c.FindByEmail(ctx, ines.Email)
		_, read := c.User(ctx, ines.ID)
		for name, err := range map[string]error{"the list": end, "a search": found, "a read": read} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want context.Canceled", name, err)
			}
		}
	})
}

func TestFindByEmail(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]int{
		"ines@acme.test": 1, "INES@acme.TEST": 1, "nobody@acme.test": 0, "o'hara+x/y@acme.test": 1,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Konstantly.Add(mock.KonstantlyUser{ID: "odd", Name: "Odd O'Hara", Email: "o'hara+x/y@acme.test"})
			found, err := c.FindByEmail(ctx, email)
			if err != nil || len(found) != want {
				t.Errorf("%s: got %+v, %v, want %d users", email, found, err, want)
			}
			if want == 0 {
				vendortest.WantRoutes(t, server, routeByEmail, routeUsers)
				return
			}
			vendortest.WantRoutes(t, server, routeByEmail)
		})
	}
}

// A "not found" that shows the very user is no answer.
func TestFindByEmail_aUserBesideANotFound(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"status":404,"id":"u7k2m9","email":"Ines@acme.test","isBanned":true}`: true,
		`{"status":404,"message":"Not found","query":"ines@acme.test"}`:         false,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Fail(mock.Fault{Route: routeByEmail, Status: 404, Body: body})
			if found, err := c.FindByEmail(ctx, ines.Email); (err != nil) != want {
				t.Errorf("%s: got %+v and %v, want an error %t", body, found, err, want)
			}
		})
	}
}

// Some servers read a plus in a path as a blank.
func TestFindByEmail_aPlusLeavesEscaped(t *testing.T) {
	t.Parallel()
	var path string
	c := client(
		t,
		"https://vendor.test",
		"mock-key",
		mock.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			path = r.URL.EscapedPath()
			fmt.Fprint(w, `{"id":"k1","email":"i+l@a.test","isBanned":false}`)
		})},
	)
	if found, err := c.FindByEmail(t.Context(), "i+l@a.test"); err != nil || len(found) != 1 ||
		path != "/users/byEmail/i%2Bl@a.test" {
		t.Errorf("got %v, %v from %s, want the user from a path without a bare plus", found, err, path)
	}
}

// A row of the list counts more than a 404. Who is not in the answer to a search is still not
// found.
func TestFindByEmail_theListHasAUserThatTheLookupHasNot(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]int{"k3@acme.test": 1, "K3@ACME.test": 1, "k9@acme.test": 0, "@acme.test": 0} {
		c := serving(t, func(_ int, query string) string {
			if query != email {
				t.Errorf("got the query %q, want %q", query, email)
			}
			return fmt.Sprintf(`{"users":%s,"totalCount":5}`, rows(0, 20, 5))
		})
		if found, err := c.FindByEmail(t.Context(), email); err != nil || len(found) != want {
			t.Errorf("%s: got %v, %v, want %d users", email, found, err, want)
		}
	}
	c := serving(t, func(int, string) string { return vendortest.HTML })
	if found, err := c.FindByEmail(t.Context(), "k3@acme.test"); err == nil {
		t.Errorf("got %v, want the error of a list that cannot be read", found)
	}
}

func TestFindByEmail_anotherPersonInTheAnswerIsAnError(t *testing.T) {
	t.Parallel()
	for _, f := range []mock.Fault{
		{Status: http.StatusOK, Body: `{"id":"u1","email":"otto@acme.test","isBanned":false}`},
		{Status: http.StatusOK, Body: `{"email":"ines@acme.test","isBanned":false}`},
		{Status: http.StatusOK, Body: vendortest.HTML},
		{Status: http.StatusOK, Body: `{"id":"u1","email":"ines@acme.test","isBanned":false}{}`},
		{Status: http.StatusOK, Body: `{"id":"u1","email":"ines@acme.test","isBanned":false,"status":400}`},
		{Status: http.StatusConflict, Body: `{"id":"u1","email":"ines@acme.test","isBanned":false}`},
		{Status: http.StatusNotFound, Body: vendortest.HTML},
		{Status: http.StatusBadRequest, Body: `{"status":400,"message":"Validation failed"}`},
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Fail(f)
			found, err := c.FindByEmail(ctx, "ines@acme.test")
			if len(found) > 0 {
				t.Errorf("HTTP %d %s: got %+v, want none", f.Status, f.Body, found)
			}
			vendortest.WantFault(t, err)
		})
	}
}

// The headers are obeyed before they bite, however many requests are on their way at once.
func TestClient_keepsTheQuotaWithConcurrentRequests(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
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

// A run may ask about very many users who are gone, at once and one after the other. It reads the list
// once. A list that ends early is not read again either, and shows nothing of who is not in it.
func TestClient_CheckShown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lie  mock.Lie
		id   string
		want error
	}{
		"gone":              {nil, "u-gone", nil},
		"on the last page":  {nil, "c049", offboard.ErrListed},
		"a list with a gap": {mock.Listing{Total: mock.TotalHigher}, "u-gone", offboard.ErrListNotWhole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				crowd(server, 50)
				server.Latency(time.Second)
				if c.lie != nil {
					server.Fail(mock.Fault{Vendor: "konstantly", Route: routeUsers, Lie: c.lie})
				}
				check := func() {
					u := offboard.User{ID: c.id, Status: offboard.Active}
					if err := client.Verifier(u).Unexplained().CheckAccess(ctx); !errors.Is(err, c.want) {
						t.Errorf("got %v, want %v", err, c.want)
					}
				}
				check()
				once := vendortest.Count(server, routeUsers)
				var all sync.WaitGroup
				for range 40 {
					all.Go(check)
				}
				all.Wait()
				if got := vendortest.Count(server, routeUsers) - once; once > 11 || got > 3 {
					t.Errorf("got %d requests, and %d for 40 further users, want 11 and 3 at most", once, got)
				}
			})
		})
	}
}
