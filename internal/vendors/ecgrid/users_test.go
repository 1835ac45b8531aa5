package ecgrid_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

const routeList = "POST /users/list"

// crowd adds n users from the id 40000 on, and says what is particular to the i-th.
func crowd(m *mock.Server, n int, particular func(i int, u *mock.ECGridUser)) {
	for i := range n {
		u := mock.ECGridUser{ID: int64(40000 + i), Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("person%d@acme.test", i), NetworkID: 12, MailboxID: 880}
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
	for name, change := range map[string]func(*mock.ECGrid){
		"as documented":        func(*mock.ECGrid) {},
		"loginName":            func(e *mock.ECGrid) { e.LoginName = true },
		"no status":            func(e *mock.ECGrid) { e.NoStatus = true },
		"null extras":          func(e *mock.ECGrid) { e.Extras = mock.ExtrasNull },
		"a filter is required": func(e *mock.ECGrid) { e.FilterRequired = true },
		"pages of ten":         func(e *mock.ECGrid) { e.PageCap = 10 },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
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
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 3, func(i int, u *mock.ECGridUser) { u.NetworkID = int64(13 + i) })
		if got := len(ids(ctx, t, c, ecgrid.Filter{})); got != 2 {
			t.Errorf("got %d users, want mina and the user who holds the key", got)
		}
		wantSent(t, m, routeMe, routeList, routeList)
	})
}

func TestUsers_areFilteredByECGrid(t *testing.T) {
	network, mailbox := int64(13), int64(881)
	for name, f := range map[string]ecgrid.Filter{
		"network": {NetworkID: &network},
		"mailbox": {MailboxID: &mailbox},
		"level":   {AuthLevel: "MailboxAdmin"},
		"status":  {Status: "Suspended"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
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
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
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
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 60, nil)
		for _, err := range c.Users(ctx, ecgrid.Filter{}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		wantSent(t, m, routeMe, routeList)
	})
}

func TestUsers_unusableAnswersAreErrors(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"a refusal":               {Status: http.StatusForbidden, Body: `{"success":false,"errorCode":"AccessDenied","message":"no","data":null}`},
		"not found":               {Status: http.StatusNotFound, Body: notFound},
		"a refusal with HTTP 200": {Status: http.StatusOK, Body: `{"success":false,"errorCode":"AccessDenied","message":"no","data":null}`},
		"HTML":                    {Status: http.StatusOK, Body: html},
		"no list":                 {Status: http.StatusOK, Body: body("null")},
		"an object":               {Status: http.StatusOK, Body: body("{}")},
		"a user without an id":    {Status: http.StatusOK, Body: body(`[{"login":"m.okafor"}]`)},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				f.Route = routeList
				m.Fail(f)
				for u, err := range c.Users(ctx, ecgrid.Filter{}) {
					if err == nil {
						t.Fatalf("got %+v, want an error", u)
					}
					restError(t, err)
				}
			})
		})
	}
}

func TestFindByEmail(t *testing.T) {
	for email, want := range map[string]int{"mina@acme.test": 1, "MINA@acme.test": 1, "twin@acme.test": 2, "nobody@acme.test": 0, "gone@acme.test": 0} {
		bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
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

func TestFindByEmail_aListThatBreaksOffFindsNobody(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 60, nil)
		m.Fail(mock.Fault{Route: routeList, After: 1, Status: http.StatusForbidden})
		found, err := c.FindByEmail(ctx, "person1@acme.test")
		if len(found) > 0 {
			t.Errorf("got %+v from a part of the list, want nobody: there may be a second one", found)
		}
		restError(t, err)
	})
}
