package konstantly_test

import (
	"context"
	"errors"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// switches are the answers that the documentation leaves open. With each of them, a closure is
// proven.
var switches = map[string]func(*mock.Konstantly){
	"few requests a minute":                            func(k *mock.Konstantly) { k.RateLimit = 3 },
	"few requests a minute, with a wait in the answer": func(k *mock.Konstantly) { k.RateLimit, k.RetryAfter = 3, true },
	"a bad key is forbidden":                           func(k *mock.Konstantly) { k.Forbidden = true },
	"the role is a word":                               func(k *mock.Konstantly) { k.RoleString = true },
	"no user is blocked twice":                         func(k *mock.Konstantly) { k.BlockOnce = true },
	"no user can be unblocked":                         func(k *mock.Konstantly) { k.NoSeats = true },
	"a deletion has no body":                           func(k *mock.Konstantly) { k.EmptyDelete = true },
	"a deletion takes a while":                         func(k *mock.Konstantly) { k.SlowDelete = 2 },
	"the list hides who is blocked":                    func(k *mock.Konstantly) { k.HideBlocked = true },
	"the total is of the page":                         func(k *mock.Konstantly) { k.TotalOfPage = true },
	"pages of one":                                     func(k *mock.Konstantly) { k.PageCap = 1 },
	"who is blocked is not found":                      func(k *mock.Konstantly) { k.BlockedNotFound = true },
	"who is blocked is not shown at all": func(k *mock.Konstantly) {
		k.BlockedNotFound, k.HideBlocked = true, true
	},
	"a search takes whole addresses": func(k *mock.Konstantly) { k.QueryExact = true },
	"a search takes the letter case": func(k *mock.Konstantly) { k.EmailExact = true },
	"a search takes both": func(k *mock.Konstantly) {
		k.QueryExact, k.EmailExact = true, true
	},
	"a plus sign is a blank":            func(k *mock.Konstantly) { k.PlusIsBlank = true },
	"fields without a value are empty":  func(k *mock.Konstantly) { k.Optional = mock.OptionalEmpty },
	"fields without a value are absent": func(k *mock.Konstantly) { k.Optional = mock.OptionalAbsent },
	"no attributes are a list":          func(k *mock.Konstantly) { k.AttributesList = true },
}

func TestSwitches_areAllSet(t *testing.T) {
	t.Parallel()
	vendor := func(server *mock.Server) *mock.Konstantly { return server.Konstantly }
	vendortest.WantAllSwitches(t, vendor, func(set func(func(*mock.Konstantly))) {
		for _, f := range switches {
			set(f)
		}
	})
}

// A user is found by the address, closed and proven to be, and the colleague stays as he is.
func TestSwitches_leaveEveryClosureProven(t *testing.T) {
	t.Parallel()
	for name, set := range switches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Email = "ines+l@acme.test" })
				server.Konstantly.Set(set)
				found, err := c.FindByEmail(ctx, "Ines+L@acme.test")
				if err != nil || len(found) != 1 || found[0].ID != ines.ID {
					t.Fatalf("got %+v and %v, want Ines", found, err)
				}
				wantClosedAlone(ctx, t, server, c, found[0])
			})
		})
	}
}

// wantClosedAlone closes u and wants the closure proven, and the colleague as he was.
func wantClosedAlone(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client, u konstantly.User) {
	t.Helper()
	if proof, err := c.Close(ctx, u, offboard.NotSent); err != nil || proof != offboard.Absent ||
		server.Konstantly.Has(ines.ID) {
		t.Errorf("got %v and %v, want the user closed and the absence as the proof", proof, err)
	}
	if _, err := c.User(ctx, ines.ID); !errors.Is(err, offboard.ErrNotFound) {
		t.Errorf("got %v of a read after it, want ErrNotFound", err)
	}
	if found, err := c.FindByEmail(ctx, "ines+l@acme.test"); err != nil || len(found) > 0 {
		t.Errorf("got %+v and %v of a search after it, want none", found, err)
	}
	if otto, ok := server.Konstantly.Get("u1a2b3"); !ok || otto.Blocked {
		t.Errorf("got %+v, want the colleague as he was", otto)
	}
}

// Where the address of one user is a part of the address of another one, a loose search finds both.
func TestSwitches_aSearchFindsNoLongerAddress(t *testing.T) {
	t.Parallel()
	for name, exact := range map[string]bool{"whole addresses": true, "parts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Konstantly.Add(mock.KonstantlyUser{ID: "other", Name: "Marines Roth", Email: "marines@acme.test"})
				// The lookup compares the letter case and finds no user, so the list is read.
				server.Konstantly.EmailExact, server.Konstantly.QueryExact = true, exact
				if found, err := c.FindByEmail(ctx, "INES@acme.test"); err != nil || len(found) != 1 || found[0].ID != ines.ID {
					t.Errorf("got %+v and %v, want Ines alone", found, err)
				}
				vendortest.WantRoutes(t, server, routeByEmail, routeUsers)
			})
		})
	}
}

// A site that reads "a+b" in a path as "a b" shows another user than it was asked for. So there is
// nobody to close.
func TestSwitches_aPlusInAnIDShowsNoOtherUser(t *testing.T) {
	t.Parallel()
	for name, twin := range map[string]bool{"beside the other user": true, "alone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				plus := ines
				plus.ID = "a+b"
				server.Konstantly.PlusIsBlank = true
				server.Konstantly.Add(mock.KonstantlyUser{ID: "a+b", Name: plus.Name, Email: plus.Email})
				if twin {
					server.Konstantly.Add(mock.KonstantlyUser{ID: "a b", Name: "Zoe New", Email: "zoe@acme.test", Blocked: true})
				}
				if _, err := c.User(ctx, plus.ID); err == nil {
					t.Error("got a user to close, want none: the answer is about another one")
				}
			})
		})
	}
}
