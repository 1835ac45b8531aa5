package sfox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
)

func TestUser(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		u, err := c.User(ctx, dana.ID)
		if err != nil || u != dana {
			t.Errorf("got %+v and %v, want %+v", u, err, dana)
		}
		wantRoutes(t, server, routeUser)
	})
}

func TestUser_readsTolerantly(t *testing.T) {
	bare := sfox.User{User: offboard.User{ID: dana.ID, Status: offboard.Active}}
	advisor := bare
	advisor.AccountRole, advisor.VerificationStatus = "advisor", "PENDING"
	for name, c := range map[string]struct {
		body string
		want sfox.User
	}{
		"the id alone":               {`{"data":{"user_id":"cust-7f31"}}`, bare},
		"nulls":                      {`{"data":{"user_id":"cust-7f31","email":null,"first_name":null,"advisor_user_id":null,"status":null}}`, bare},
		"another spelling of a role": {`{"data":{"user_id":"cust-7f31","account_role":"ADVISOR","status":"PENDING"}}`, advisor},
		"fields of any type": {`{"more":1,"data":{"user_id":"cust-7f31","individual":7,"requirements":[{}],"intermediary_status":false}}`,
			bare},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.Fail(fault(routeUser, 200, c.body))
				if u, err := client.User(ctx, dana.ID); err != nil || u != c.want {
					t.Errorf("got %+v and %v, want %+v", u, err, c.want)
				}
			})
		})
	}
}

func TestUser_isGoneWhenTheVendorSaysSo(t *testing.T) {
	for _, gone := range []mock.SFOXGone{mock.GoneNotFound, mock.GoneNull, mock.GoneObject, mock.GoneArray} {
		for _, id := range []string{dana.ID, "never-there", "a/../b?c"} {
			t.Run(fmt.Sprint(gone, " ", id), func(t *testing.T) {
				bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.Gone = gone
					server.SFOX.Drop(dana.ID)
					if _, err := c.User(ctx, id); !errors.Is(err, offboard.ErrNotFound) {
						t.Errorf("got %v, want ErrNotFound", err)
					}
					wantRoutes(t, server, routeUser, routeUsers)
				})
			})
		}
	}
}

// A key of another partner sees nobody either. Only of a user whom this client has seen can it be told that the account is gone.
func TestUser_isOnlyNotShownToWhoHasNotSeenThem(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, seeing *sfox.Client) {
		if _, err := seeing.User(ctx, dana.ID); err != nil {
			t.Fatal(err)
		}
		server.SFOX.Drop(dana.ID)
		if _, err := seeing.User(ctx, dana.ID); !errors.Is(err, offboard.ErrNotFound) || errors.Is(err, offboard.ErrNotShown) {
			t.Errorf("seen before: got %v, want ErrNotFound", err)
		}
		fresh := client(t, "https://vendor.test/sfox/v1", mock.Transport{Handler: server})
		if _, err := fresh.User(ctx, dana.ID); !errors.Is(err, offboard.ErrNotShown) {
			t.Errorf("never seen: got %v, want ErrNotShown", err)
		}
	})
}

func TestUser_isNotGoneWhileTheListHoldsThem(t *testing.T) {
	for _, body := range []string{`{"data":{}}`, `{"data":null}`} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.Fail(fault(routeUser, 200, body))
			if _, err := c.User(ctx, dana.ID); err == nil || errors.Is(err, offboard.ErrNotFound) {
				t.Errorf("%s: got %v, want another error than ErrNotFound", body, err)
			}
		})
	}
}

func TestUser_isNotGoneAfterADoubtfulAnswer(t *testing.T) {
	for name, f := range doubtful {
		for _, route := range []string{routeUser, routeUsers} { // the list must answer before a missing user counts as gone
			t.Run(name+" to "+route, func(t *testing.T) {
				bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.Drop(dana.ID)
					f.Route = route
					server.Fail(f)
					_, err := c.User(ctx, dana.ID)
					wantFault(t, err)
				})
			})
		}
	}
}

func TestUser_isNotGoneWhenTheListIsNoList(t *testing.T) {
	for _, body := range []string{`{"data":null}`, `{"data":{}}`, `[]`, `{"data":[1]}`} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.SFOX.Drop(dana.ID)
			server.Fail(fault(routeUsers, 200, body))
			_, err := c.User(ctx, dana.ID)
			wantFault(t, err)
		})
	}
}

func TestUser_mustBeTheOneAskedFor(t *testing.T) {
	for name, body := range map[string]string{
		"another user":        `{"data":{"user_id":"cust-0000","email":"other@acme.test"}}`,
		"another letter case": `{"data":{"user_id":"CUST-7F31"}}`,
		"nobody":              `{"data":{"email":"dana@acme.test"}}`,
		"a number":            `{"data":{"user_id":731}}`,
		"a list":              `{"data":[{"user_id":"cust-7f31"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(fault(routeUser, 200, body))
				_, err := c.User(ctx, dana.ID)
				wantFault(t, err)
			})
		})
	}
}

func TestUser_isNotGoneAtAWrongAddress(t *testing.T) {
	for _, address := range []string{"https://vendor.test", "https://vendor.test/sfox/v2", "https://vendor.test/sfox/v1/extra"} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, _ *sfox.Client) {
			_, err := client(t, address, mock.Transport{Handler: server}).User(ctx, dana.ID)
			wantFault(t, err)
		})
	}
}
