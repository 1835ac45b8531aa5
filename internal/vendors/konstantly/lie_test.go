package konstantly_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

var errRefused = errors.New("the site refuses the deletion")

// Answers that are well-formed and false, and how a closure ends after them.
func TestClose_afterLies(t *testing.T) {
	t.Parallel()
	absent := mock.Absent{Status: 404}
	for name, c := range map[string]struct {
		faults []mock.Fault
		closed bool
		want   error // nil for a proven closure; errRefused for an HTTP 422
		asked  []string
	}{
		"a block without effect": {
			[]mock.Fault{{Route: routeBlock, Pretend: true}}, false, errRefused, nil,
		},
		"a block that takes ten seconds": {
			[]mock.Fault{{Route: routeBlock, Lie: mock.Queue{Wait: 10 * time.Second}}}, true, nil, nil,
		},
		"a block that takes a minute": {
			[]mock.Fault{{Route: routeBlock, Lie: mock.Queue{Wait: time.Minute}}}, false, errRefused, nil,
		},
		"an old replica of the list": {[]mock.Fault{{Route: routeUsers, Lie: mock.Stale{Requests: 3}, Times: 1}}, true, nil,
			append(slices.Clone(closeRoutes), routeUser, routeUsers, routeUsers, routeUsers)},
		"an old replica of both, after a deletion without effect": {
			[]mock.Fault{
				{Route: routeDelete, Pretend: true}, {Route: routeUser, Lie: absent},
			}, false, offboard.ErrStillOpen, nil},
		"a key that sees no user any more after the deletion": {
			[]mock.Fault{
				{Route: routeDelete, Pretend: true}, {Route: routeUser, Lie: absent},
				{Route: routeUsers, Lie: mock.Listing{Empty: true}},
			},
			false, offboard.ErrUnverified, append(slices.Clone(closeRoutes), routeUser, routeUsers)},
		"a queue that never works": {
			[]mock.Fault{{Route: routeDelete, Lie: mock.Queue{}}}, false, offboard.ErrStillOpen, nil,
		},
		"a queue that takes a minute": {
			[]mock.Fault{{Route: routeDelete, Lie: mock.Queue{Wait: time.Minute}}}, true, nil, nil,
		},
		"errors for eight seconds": {
			[]mock.Fault{{Route: routeUser, Status: 503, For: 8 * time.Second}}, true, nil, nil,
		},
		"errors of the list for eight seconds": {
			[]mock.Fault{{Route: routeUsers, Drop: true, For: 8 * time.Second}}, true, nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				for _, f := range c.faults {
					server.Fail(f)
				}
				_, err := client.Close(ctx, ines, offboard.NotSent)
				if refusal := new(rest.Error); errors.As(err, &refusal) && refusal.Status == 422 {
					err = errRefused
				}
				if !errors.Is(err, c.want) || c.want == nil && err != nil || server.Konstantly.Has(ines.ID) == c.closed {
					t.Errorf("got %v, want %v and the user closed %t", err, c.want, c.closed)
				}
				if c.asked != nil {
					vendortest.WantRoutes(t, server, c.asked...)
				}
			})
		})
	}
}

// A redeploy answers 404 to everything, from one request on. It proves nothing at any place.
func TestClose_inARedeploy(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"the site's form": {Lie: mock.Absent{Status: 404}}, "410": {Lie: mock.Absent{Status: 410}},
		"with 200":  {Status: 200, Body: envelope},
		"a gateway": {Status: 404, Body: `{"message":"no Route matched with those values"}`},
		"HTML":      {Status: 404, Body: vendortest.HTML},
	} {
		for n, route := range closeRoutes {
			t.Run(fmt.Sprintf("%s, from request %d, %s", name, n+1, route), func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
					f.After = n
					server.Fail(f)
					if proof, err := c.Close(ctx, ines, offboard.NotSent); err == nil {
						t.Errorf("got a closure (%v), want an error", proof)
					} else if n < 2 && offboard.CallOf(err) != offboard.NotSent {
						t.Errorf("got the call %q of %v, want that none was accepted or lost", offboard.CallOf(err), err)
					}
				})
			})
		}
	}
}

// After any one lie, at any request, a closure that is reported is one.
func TestClose_isTrueAfterAnyOneLie(t *testing.T) {
	t.Parallel()
	for name, fault := range vendortest.Lies(6) {
		twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Fail(fault)
			proof, err := c.Close(ctx, ines, offboard.NotSent)
			if err == nil && server.Konstantly.Has(ines.ID) {
				t.Errorf(
					"%s after %d requests, %d times: got a proof (%v) for a user who is open: %q", name, fault.After, fault.Times,
					proof, server.Routes(),
				)
			}
		})
	}
}
