package sfox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// A run that ends at any request, canceled or cut off, leaves an account that the next run closes.
func TestClose_resumesAfterAnInterruption(t *testing.T) {
	t.Parallel()
	for n, route := range closeRoutes {
		t.Run(fmt.Sprint("canceled during ", route), func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				cut, cancel := context.WithCancel(ctx)
				server.OnRequest(func(r mock.Request) {
					if r.Route == route {
						cancel()
					}
				})
				_, err := c.Close(cut, dana, offboard.NotSent, nil)
				server.OnRequest(nil)
				// A closing call under way is finished, and the user is read once.
				if finished := n >= 2; (err == nil) != finished || server.SFOX.Has(dana.ID) == finished {
					t.Errorf("got %v, want the call finished %t", err, finished)
				}
				if err != nil {
					wantStopped(t, err, sfox.StepCheck, offboard.NotSent)
				}
				resume(ctx, t, server)
			})
		})
		t.Run(fmt.Sprint("no answer from ", route), func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(mock.Fault{Drop: true, Effect: true, After: n})
				if _, err := c.Close(ctx, dana, offboard.NotSent, nil); err == nil {
					t.Error("got success, want an error while the vendor is out of reach")
				}
				server.Heal()
				resume(ctx, t, server)
			})
		})
	}
}

// resume is what the next run does: read, and close what is still open.
func resume(ctx context.Context, t *testing.T, server *mock.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
	defer cancel()
	c := client(t, "https://vendor.test/sfox/v1", mock.Transport{Handler: server})
	u, err := c.User(ctx, dana.ID)
	if err == nil {
		_, err = c.Close(ctx, u, offboard.NotSent, nil)
	}
	if err != nil && !errors.Is(err, offboard.ErrNotFound) || server.SFOX.Has(dana.ID) {
		t.Errorf("got %v from the next run, want the user closed", err)
	}
	if effective := vendortest.Count(server, routeDeactivate); effective != 1 {
		t.Errorf("got %d closing calls in both runs, want 1", effective)
	}
}
