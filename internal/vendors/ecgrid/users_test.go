package ecgrid_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

const routeList = "POST /users/list"

// crowd adds n users from the id 40000 on, and says what is particular to the i-th.
func crowd(m *mock.Server, n int, particular func(i int, u *mock.ECGridUser)) {
	for i := range n {
		u := mock.ECGridUser{
			ID:        int64(40000 + i),
			Name:      fmt.Sprintf("Person %d", i),
			Email:     fmt.Sprintf("person%d@acme.test", i),
			NetworkID: 12,
			MailboxID: 880,
		}
		if particular != nil {
			particular(i, &u)
		}
		m.ECGrid.Add(u)
	}
}

func ids(ctx context.Context, t *testing.T, c *ecgrid.Client, f ecgrid.Filter) []string {
	t.Helper()
	var all []string
	for u, err := range c.Users(ctx, f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, u.ID)
	}
	return all
}

func TestUsers_areWhatAReadOfEachShows(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*mock.ECGrid){
		"as documented":        func(*mock.ECGrid) {},
		"loginName":            func(e *mock.ECGrid) { e.LoginName = true },
		"no status":            func(e *mock.ECGrid) { e.NoStatus = true },
		"null extras":          func(e *mock.ECGrid) { e.Extras = mock.ExtrasNull },
		"a filter is required": func(e *mock.ECGrid) { e.FilterRequired = true },
		"pages of ten":         func(e *mock.ECGrid) { e.PageCap = 10 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				crowd(m, 60, func(i int, u *mock.ECGridUser) {
					if i%5 == 4 {
						u.Status = "Suspended"
					}
				})
				m.ECGrid.Set(change)
				got := 0
				for u, err := range c.Users(ctx, ecgrid.Filter{}) {
					if err != nil {
						t.Fatal(err)
					}
					if alone, err := c.User(ctx, u.ID); err != nil || alone != u {
						t.Errorf("got %+v in the list, %+v, %v by itself, want the same", u, alone, err)
					}
					got++
				}
				if want := 62; got != want { // with mina and the user who holds the key
					t.Errorf("got %d users, want %d", got, want)
				}
			})
		})
	}
}

func TestUsers_areThoseOfTheNetworkOfTheKey(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 3, func(i int, u *mock.ECGridUser) { u.NetworkID = int64(13 + i) })
		if got := len(ids(ctx, t, c, ecgrid.Filter{})); got != 2 {
			t.Errorf("got %d users, want mina and the user who holds the key", got)
		}
		vendortest.WantRoutes(t, m, routeMe, routeList, routeList)
	})
}

func TestUsers_areFilteredByECGrid(t *testing.T) {
	t.Parallel()
	network, mailbox := int64(13), int64(881)
	for name, f := range map[string]ecgrid.Filter{
		"network": {NetworkID: &network},
		"mailbox": {MailboxID: &mailbox},
		"level":   {AuthLevel: "MailboxAdmin"},
		"status":  {Status: "Suspended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				crowd(m, 8, func(i int, u *mock.ECGridUser) {
					switch i {
					case 1:
						u.NetworkID = network
					case 2:
						u.MailboxID = mailbox
					case 3:
						u.AuthLevel = "MailboxAdmin"
					case 4:
						u.Status = "Suspended"
					}
				})
				if got := ids(ctx, t, c, f); len(got) != 1 {
					t.Errorf("got %v, want one user", got)
				}
			})
		})
	}
}

// A page full of terminated users is not the end of the list.
func TestUsers_terminatedAreLeftOutAndNotTheEnd(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 60, func(i int, u *mock.ECGridUser) {
			if i < 55 {
				u.Status = "Terminated"
			}
		})
		if got := len(ids(ctx, t, c, ecgrid.Filter{})); got != 7 {
			t.Errorf("got %d users, want the 7 who are not terminated", got)
		}
	})
}

func TestUsers_areReadNoFurtherThanAsked(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 60, nil)
		for _, err := range c.Users(ctx, ecgrid.Filter{}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		vendortest.WantRoutes(t, m, routeMe, routeList)
	})
}

func TestUsers_unusableAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"a refusal": {
			Status: http.StatusForbidden, Body: `{"success":false,"errorCode":"AccessDenied","message":"no","data":null}`,
		},
		"not found": {Status: http.StatusNotFound, Body: notFound},
		"a refusal with HTTP 200": {
			Status: http.StatusOK, Body: `{"success":false,"errorCode":"AccessDenied","message":"no","data":null}`,
		},
		"HTML":                   {Status: http.StatusOK, Body: vendortest.HTML},
		"no list":                {Status: http.StatusOK, Body: body("null")},
		"an object":              {Status: http.StatusOK, Body: body("{}")},
		"a list beside an error": {Status: http.StatusConflict, Body: body(rows(0, 1, 1))},
		"a list and more":        {Status: http.StatusOK, Body: body(rows(0, 1, 1)) + "{}"},
		"two lists":              {Status: http.StatusOK, Body: `{"success":true,"data":` + rows(0, 1, 1) + `,"Data":[]}`},
		"a list beside a code": {
			Status: http.StatusOK, Body: `{"success":true,"errorCode":"InternalError","data":` + rows(0, 1, 1) + `}`,
		},
		"no user beside errors": {Status: http.StatusOK, Body: `{"success":true,"errors":["timeout"],"data":[]}`},
		"a list of no success":  {Status: http.StatusOK, Body: `{"data":` + rows(0, 1, 1) + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				f.Route = routeList
				m.Fail(f)
				vendortest.WantFaults(t, c.Users(ctx, ecgrid.Filter{}))
			})
		})
	}
}

// Where nothing says which network is the key's, no list is asked for: that of another network
// would come.
func TestUsers_needTheNetworkOfTheKey(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Fail(mock.Fault{Route: routeMe, Status: 200, Body: body(`{}`)})
		users, _, end := list(ctx, c, ecgrid.Filter{})
		page, err := c.Page(ctx, ecgrid.Filter{}, rest.Place{})
		if len(users)+page.Rows() > 0 || end == nil || err == nil || vendortest.Count(m, routeList) > 0 {
			t.Errorf("got %v, %v, %+v and %v, want errors and no list", users, end, page, err)
		}
	})
}

// The reason for a missing answer is shown as it is.
func TestUsers_sayWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"before the key's own user is known": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, _ *mock.Server, c *ecgrid.Client) {
				if known {
					if _, err := c.KeyRights(ctx); err != nil {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				_, _, end := list(ctx, c, ecgrid.Filter{})
				_, page := c.Page(ctx, ecgrid.Filter{}, rest.Place{})
				_, found := c.FindByEmail(ctx, "mina@acme.test")
				_, read := c.User(ctx, "30417")
				sign := c.CheckAccess(ctx, ecgrid.User{}, key)
				for name, err := range map[string]error{
					"the list": end, "a page": page, "a search": found, "a read": read, "an access check": sign,
				} {
					if !errors.Is(err, context.Canceled) {
						t.Errorf("%s: got %v, want context.Canceled", name, err)
					}
				}
			})
		})
	}
}

func TestFindByEmail(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]int{
		"mina@acme.test": 1, "MINA@acme.test": 1, "twin@acme.test": 2, "nobody@acme.test": 0, "gone@acme.test": 0,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
			crowd(m, 40, func(i int, u *mock.ECGridUser) {
				switch i {
				case 5, 35:
					u.Email = "twin@acme.test"
				case 20:
					u.Email, u.Status = "gone@acme.test", "Terminated"
				}
			})
			if found, err := c.FindByEmail(ctx, email); err != nil || len(found) != want {
				t.Errorf("%s: got %+v, %v, want %d users", email, found, err, want)
			}
		})
	}
}

// serving answers the list as f does for a page, and the key's own user.
func serving(t *testing.T, f func(page int) string) *ecgrid.Client {
	t.Helper()
	return servingMailboxes(t, func(page int, _ *int64) string { return f(page) })
}

// servingMailboxes is serving with the mailbox that is asked for.
func servingMailboxes(t *testing.T, f func(page int, mailbox *int64) string) *ecgrid.Client {
	t.Helper()
	c, err := ecgrid.New(rest.Config{APIKey: "mock-key", BaseURL: "https://vendor.test", Transport: mock.Transport{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/me") {
				fmt.Fprint(w, body(`{"userId":7,"networkId":12}`))
				return
			}
			var asked struct {
				PageNo    int
				MailboxID *int64
			}
			_ = json.NewDecoder(r.Body).Decode(&asked)
			fmt.Fprint(w, body(f(asked.PageNo, asked.MailboxID)))
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rows are users from one number to another, of n users.
func rows(from, to, n int) string {
	var all []string
	for i := from; i < min(to, n); i++ {
		all = append(
			all,
			fmt.Sprintf(
				`{"userId":%d,"email":"p%d@acme.test","networkId":12,"mailboxId":880,"authLevel":"MailboxUser","status":"Active"}`,
				i+1,
				i+1,
			),
		)
	}
	return "[" + strings.Join(all, ",") + "]"
}

// list reads the whole list.
func list(ctx context.Context, c *ecgrid.Client, f ecgrid.Filter) (users []string, bad []string, end error) {
	all, bad, end := vendortest.ReadList(c.Users(ctx, f))
	for _, u := range all {
		users = append(users, u.ID)
	}
	return users, bad, end
}

func TestUsers_areWholeOrAPartialError(t *testing.T) {
	t.Parallel()
	const endless = "the vendor sends no further rows and no end"
	for name, c := range map[string]struct {
		page func(n int) string
		want int
		end  string // the beginning; empty for a whole list
	}{
		"pages of 25":                {func(n int) string { return rows(25*(n-1), 25*n, 60) }, 60, ""},
		"pages capped at ten":        {func(n int) string { return rows(10*(n-1), 10*n, 60) }, 60, ""},
		"the page number is ignored": {func(int) string { return rows(0, 25, 60) }, 25, endless},
		"ignored, and capped at ten": {
			func(n int) string { return rows(10*(min(n, 2)-1), 10*min(n, 2), 60) }, 20, endless,
		},
		"ignored, and all on the one page": {func(int) string { return rows(0, 7, 7) }, 7, endless},
		"the last page again and again": {
			func(n int) string { n = min(n, 3); return rows(25*(n-1), 25*n, 60) }, 60, endless,
		},
		"no user": {func(int) string { return "[]" }, 0, ""},
		"an end that goes on": {
			func(n int) string { return rows(25*(n-1), 25*n, 60) + `,"hasMore":true` }, 60, `the field "hasMore"`,
		},
		"an end below the total": {
			func(n int) string { return rows(25*(n-1), 25*n, 50) + `,"totalRecords":60` }, 50,
			"the vendor says 60, 50 were read",
		},
		"an end before the last page": {
			func(n int) string { return rows(25*(n-1), 25*n, 25) + `,"totalPages":3` }, 25,
			"the vendor says that there are 3 pages",
		},
		"a total that is reached": {
			func(n int) string { return rows(25*(n-1), 25*n, 60) + `,"totalRecords":60,"totalPages":3` }, 60, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, end := list(t.Context(), serving(t, c.page), ecgrid.Filter{})
			if len(got) != c.want || (end == nil) != (c.end == "") || end != nil && !strings.HasPrefix(end.Error(), c.end) {
				t.Errorf("got %d users and %v, want %d and %q", len(got), end, c.want, c.end)
			}
		})
	}
}

// ECGrid may ignore each filter, and write the words in another letter case.
func TestUsers_areFilteredHereToo(t *testing.T) {
	t.Parallel()
	mina := `{"userId":1,"networkId":12,"mailboxId":880,"authLevel":"MAILBOXUSER","status":"suspended"}`
	network, otherNetwork, mailbox, noMailbox := int64(12), int64(13), int64(880), int64(0)
	for name, c := range map[string]struct {
		row    string
		filter ecgrid.Filter
		listed bool
		named  string // what a row that cannot be compared lacks
	}{
		"nothing asked":              {mina, ecgrid.Filter{}, true, ""},
		"the same network":           {mina, ecgrid.Filter{NetworkID: &network}, true, ""},
		"another network":            {mina, ecgrid.Filter{NetworkID: &otherNetwork}, false, ""},
		"another than the key's":     {`{"userId":1,"networkId":13}`, ecgrid.Filter{}, false, ""},
		"no network, and none asked": {`{"userId":1}`, ecgrid.Filter{}, true, ""},
		"no network, and one asked":  {`{"userId":1}`, ecgrid.Filter{NetworkID: &network}, false, "networkId"},
		"null for the network": {
			`{"userId":1,"networkId":null}`, ecgrid.Filter{NetworkID: &network}, false, "networkId",
		},
		"the same mailbox": {mina, ecgrid.Filter{MailboxID: &mailbox}, true, ""},
		"a mailbox as a string": {
			`{"userId":1,"networkId":12,"mailboxId":"880"}`, ecgrid.Filter{MailboxID: &mailbox}, true, "",
		},
		"another mailbox": {mina, ecgrid.Filter{MailboxID: &noMailbox}, false, ""},
		"null for the mailbox": {
			`{"userId":1,"networkId":12,"mailboxId":null}`, ecgrid.Filter{MailboxID: &mailbox}, false, "",
		},
		"no mailbox, and one asked": {
			`{"userId":1,"networkId":12}`, ecgrid.Filter{MailboxID: &mailbox}, false, "mailboxId",
		},
		"the same level": {mina, ecgrid.Filter{AuthLevel: "MailboxUser"}, true, ""},
		"another level":  {mina, ecgrid.Filter{AuthLevel: "MailboxAdmin"}, false, ""},
		"no level, and one asked": {
			`{"userId":1,"networkId":12}`, ecgrid.Filter{AuthLevel: "MailboxUser"}, false, "authLevel",
		},
		"the same status": {mina, ecgrid.Filter{Status: "Suspended"}, true, ""},
		"another status": {
			`{"userId":1,"networkId":12,"status":"Active"}`, ecgrid.Filter{Status: "Suspended"}, false, "",
		},
		"terminated, and none asked":      {`{"userId":1,"networkId":12,"status":"TERMINATED"}`, ecgrid.Filter{}, false, ""},
		"a status that is not documented": {`{"userId":1,"networkId":12,"status":"Limbo"}`, ecgrid.Filter{}, true, ""},
		"a status as a number": {
			`{"userId":1,"networkId":12,"status":2}`, ecgrid.Filter{Status: "Suspended"}, false, "",
		},
		"a status as a number, asked": {`{"userId":1,"networkId":12,"status":2}`, ecgrid.Filter{}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serving(t, func(n int) string {
				if n > 1 {
					return "[]"
				}
				return "[" + c.row + "]"
			})
			users, bad, end := list(t.Context(), client, c.filter)
			if (len(users) == 1) != c.listed || (len(bad) == 1) != (c.named != "") || end != nil {
				t.Errorf("got %v, %q, %v, want listed %t, unreadable for %q", users, bad, end, c.listed, c.named)
			}
			if c.named != "" && !strings.Contains(strings.Join(bad, ""), c.named) {
				t.Errorf("got %q, want %q in it", bad, c.named)
			}
		})
	}
}

func TestUsers_aRowThatCannotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"no ID":           `{"login":"m.okafor"}`,
		"an ID of zero":   `{"userId":0}`,
		"an ID of text":   `{"userId":"mina"}`,
		"an ID in halves": `{"userId":1.5}`,
		"null":            `null`,
		"a list":          `[]`,
		"a wrong email":   `{"userId":9,"email":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serving(t, func(n int) string {
				if n > 1 {
					return "[]"
				}
				return `[{"userId":1},` + row + `,{"userId":"3"}]`
			})
			users, bad, end := list(t.Context(), c, ecgrid.Filter{})
			if !slices.Equal(users, []string{"1", "3"}) || len(bad) != 1 ||
				!strings.HasPrefix(bad[0], "row 2 of page 1 cannot be read: ") ||
				end != nil {
				t.Errorf("got %v, %q, %v, want 1 and 3, and the second row named", users, bad, end)
			}
		})
	}
}

// A list that is not whole finds the users that it shows, and says that there may be others.
func TestFindByEmail_inAListThatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]func(n int) string{
		"a repeated page": func(int) string { return rows(0, 25, 60) },
		"a row that cannot be read": func(n int) string {
			if n > 1 {
				return "[]"
			}
			return `[{},` + rows(0, 25, 60)[1:]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for email, want := range map[string]int{"P3@acme.test.": 1, "nobody@acme.test": 0} {
				found, err := serving(t, page).FindByEmail(t.Context(), email)
				if len(found) != want || !rest.Incomplete(err) {
					t.Errorf("%s: got %v, %v, want %d users from an incomplete list", email, found, err, want)
				}
			}
		})
	}
}

func TestFindByEmail_aListThatBreaksOffFindsNoUser(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 60, nil)
		m.Fail(mock.Fault{Route: routeList, After: 1, Status: http.StatusForbidden})
		found, err := c.FindByEmail(ctx, "person1@acme.test")
		if len(found) > 0 {
			t.Errorf("got %+v from a part of the list, want no user: there may be a second one", found)
		}
		vendortest.WantFault(t, err)
	})
}
