package konstantly_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

func TestBlock_stopsThere(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		if proof, err := c.Block(ctx, ines); err != nil || proof != offboard.Done {
			t.Fatalf("got %v and %v, want the user blocked", proof, err)
		}
		u, err := c.User(ctx, ines.ID)
		if err != nil || u.Status != offboard.Suspended {
			t.Errorf("got status %q and %v, want suspended", u.Status, err)
		}
		vendortest.WantRoutes(t, server, routeBlock, routeUser, routeUser)
		server.ForgetRequests()
		if proof, err := c.Block(ctx, u); err != nil || proof != offboard.Done {
			t.Errorf("got %v and %v for a blocked user, want success", proof, err)
		}
		vendortest.WantRoutes(t, server)
	})
}

// An absence is no block: the user must still be shown.
func TestBlock_isNotProvenByAnAbsence(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Fail(mock.Fault{Route: routeUser, Lie: mock.Absent{Status: 404}})
		_, err := c.Block(ctx, ines)
		wantStopped(t, err, konstantly.StepBlock)
		wantCall(t, err, offboard.NotSent)
		if !errors.Is(err, offboard.ErrNotVisible) {
			t.Errorf("got %v, want ErrNotVisible", err)
		}
		vendortest.WantRoutes(t, server, routeBlock, routeUser, routeUser)
	})
}

// A block is accepted only with an answer that shows the user as blocked.
func TestBlock_isNoAcceptanceWithoutTheBlockedUser(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"not blocked": `{"id":"u7k2m9","isBanned":false}`, "no word on it": `{"id":"u7k2m9"}`,
		"null":         `{"id":"u7k2m9","isBanned":null}`,
		"another user": `{"id":"u1a2b3","isBanned":true}`, "no user": `{}`, "nothing": ``,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Fail(mock.Fault{Route: routeBlock, Status: 200, Body: body})
				_, err := c.Block(ctx, ines)
				wantStopped(t, err, konstantly.StepBlock)
				vendortest.WantFault(t, err)
				if errors.Is(err, offboard.ErrStillOpen) || vendortest.Count(server, routeBlock) != 3 {
					t.Errorf(
						"got %v after %d calls, want an answer that says nothing, three times", err,
						vendortest.Count(server, routeBlock),
					)
				}
			})
		})
	}
}

// wantNotBlocked wants the site's refusal to delete a user whose block was accepted.
func wantNotBlocked(t *testing.T, err error) {
	t.Helper()
	wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
	wantCall(t, err, offboard.NotSent)
	var refusal *rest.Error
	if !errors.As(err, &refusal) || refusal.Status != 422 || refusal.Message != "User must be blocked before deletion" {
		t.Errorf("got %v, want the vendor's 422 and its words", err)
	}
}

func TestClose_stopsWhenTheUserIsUnblocked(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.OnRequest(func(r mock.Request) {
			if r.Route == routeBlock {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Blocked = false })
			}
		})
		started := time.Now()
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantNotBlocked(t, err)
		if took := time.Since(started); took > 30*time.Second || vendortest.Count(server, routeBlock) != 1 ||
			vendortest.Count(server, routeDelete) != 1 {
			t.Errorf("got %v after %s, want one block and one deletion, and seconds", err, took)
		}
	})
}

// The site does not show the user for a while after the block. The deletion is sent all the same,
// also when it is delayed. Otherwise a user would stay who is blocked and not deleted.
func TestClose_deletesAUserWhomTheBlockHides(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hidden  int // reads
		delayed bool
		want    []string
	}{
		"hidden":              {2, false, []string{routeBlock, routeUser, routeUser, routeDelete}},
		"hidden, and delayed": {3, true, []string{routeBlock, routeUser, routeUser, routeDelete, routeUser, routeDelete}},
		"delayed, and hidden": {-1, true, []string{routeBlock, routeUser, routeDelete, routeUser, routeDelete}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				hide := mock.Fault{Route: routeUser, Lie: mock.Absent{Status: 404}, Times: c.hidden}
				if c.hidden < 0 {
					hide.Times, hide.After = 1, 1
				}
				server.Fail(hide)
				// an answer that shows nobody is no read
				server.Fail(mock.Fault{Route: routeBlock, Status: 200, Effect: true, Body: `{"id":"u7k2m9","isBanned":true}`})
				if c.delayed {
					server.Fail(mock.Fault{Route: routeDelete, Status: 429, Times: 1})
				}
				if _, err := client.Close(ctx, ines, offboard.NotSent); err != nil || server.Konstantly.Has(ines.ID) {
					t.Errorf("got %v, want the user closed", err)
				}
				vendortest.WantRoutes(t, server, append(c.want, routeUser, routeUsers)...)
			})
		})
	}
}

// What shows the block is the last reading before the deletion, so it must pass the check. If the
// answer to the block shows nobody, a read decides. If nothing follows the block, it need not pass.
func TestClose_checksTheReadAfterTheBlock(t *testing.T) {
	t.Parallel()
	changed := errors.New("the role is another")
	nobody := mock.Fault{Route: routeBlock, Status: 200, Effect: true, Body: `{"id":"u7k2m9","isBanned":true}`}
	for name, c := range map[string]struct {
		closes bool
		answer *mock.Fault // to the block; nil for that which shows the user
		asked  []string
	}{
		"delete, in the answer to the block": {true, nil, []string{routeBlock}},
		"delete, in the read after it":       {true, &nobody, []string{routeBlock, routeUser}},
		"block":                              {false, nil, []string{routeBlock, routeUser}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				ctx = offboard.WithCheck(ctx, func(context.Context, konstantly.User) error { return changed })
				if c.answer != nil {
					server.Fail(*c.answer)
				}
				var err error
				if c.closes {
					_, err = client.Close(ctx, ines, offboard.NotSent)
					wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
					wantCall(t, err, offboard.NotSent)
				} else {
					_, err = client.Block(ctx, ines)
				}
				if errors.Is(err, changed) != c.closes || !c.closes && err != nil {
					t.Errorf("got %v, want the check asked: %t", err, c.closes)
				}
				vendortest.WantRoutes(t, server, c.asked...)
			})
		})
	}
}

// A user who is not shown before any block is sent is not deleted: no call explains the absence.
func TestClose_deletesNobodyWhoIsNotShownBeforeTheBlock(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Fail(mock.Fault{Route: routeUser, Lie: mock.Absent{Status: 404}})
		server.Fail(mock.Fault{Route: routeBlock, Status: 429, Times: 1})
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepBlock)
		if !errors.Is(err, offboard.ErrNotVisible) {
			t.Errorf("got %v, want ErrNotVisible", err)
		}
		vendortest.WantRoutes(t, server, routeBlock, routeUser)
	})
}

// After the refusal of a deletion, what is said of the user is why nothing follows: a guard, or the
// refusal itself if nothing can be read.
func TestClose_afterARefusedDeletion(t *testing.T) {
	t.Parallel()
	changed := errors.New("the role is another")
	for name, c := range map[string]struct {
		prepare func(*mock.Server)
		check   error
		want    error // nil for the refusal of the deletion
	}{
		"refused by a check":  {func(*mock.Server) {}, changed, changed},
		"the reads fail":      {failing(503), nil, nil},
		"the key is refused":  {failing(401), nil, nil},
		"nobody is shown":     {renaming("", ""), nil, nil},
		"another person then": {renaming("Zoe New", "zoe@acme.test"), nil, offboard.ErrAnotherPerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				var refusal error
				ctx = offboard.WithCheck(ctx, func(context.Context, konstantly.User) error { return refusal })
				server.Fail(mock.Fault{Route: routeDelete, Status: 422, Body: `{"message":"User must be blocked before deletion"}`})
				server.OnRequest(func(r mock.Request) {
					if r.Route == routeDelete {
						refusal = c.check
						c.prepare(server)
					}
				})
				_, err := client.Close(ctx, ines, offboard.NotSent)
				if c.want == nil {
					wantNotBlocked(t, err)
					return
				}
				wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
				wantCall(t, err, offboard.NotSent)
				if !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

func failing(status int) func(*mock.Server) {
	return func(server *mock.Server) { server.Fail(mock.Fault{Route: routeUser, Status: status}) }
}

func renaming(name, email string) func(*mock.Server) {
	return func(server *mock.Server) {
		server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Name, u.Email = name, email })
	}
}
