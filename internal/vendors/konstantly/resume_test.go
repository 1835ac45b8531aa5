package konstantly_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// A run that is canceled during a request finishes the call that is under way, and stops before
// the next one.
func TestClose_stopsBetweenStepsWhenCanceled(t *testing.T) {
	t.Parallel()
	for n, c := range []struct {
		step string // "" for closed
		done []string
	}{
		{konstantly.StepDelete, []string{konstantly.StepBlock}}, {}, {}, {},
	} {
		t.Run(fmt.Sprint("during request ", n+1), func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				cut, cancel := context.WithCancel(ctx)
				seen := 0
				server.OnRequest(func(mock.Request) {
					if seen++; seen == n+1 {
						cancel()
					}
				})
				_, err := client.Close(cut, ines, offboard.NotSent)
				if c.step == "" && err != nil {
					t.Errorf("got %v, want success", err)
				}
				if c.step != "" {
					wantStopped(t, err, c.step, c.done...)
					if !errors.Is(err, context.Canceled) {
						t.Errorf("got %v, want it to say that it was canceled", err)
					}
				}
				resume(ctx, t, server, client)
			})
		})
	}
}

// A run that loses the vendor at any request, before or after its effect, leaves an account that
// the next run closes.
func TestClose_resumesAfterAnInterruption(t *testing.T) {
	t.Parallel()
	for n, route := range closeRoutes {
		for _, effect := range []bool{false, true} {
			t.Run(fmt.Sprintf("request %d, %s, effect %t", n+1, route, effect), func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
					server.Fail(mock.Fault{Drop: true, Effect: effect, After: n})
					if _, err := c.Close(ctx, ines, offboard.NotSent); err == nil {
						t.Error("got success, want an error while the vendor is out of reach")
					}
					server.Heal()
					resume(ctx, t, server, c)
				})
			})
		}
	}
}

// resume is what the next run does: read, and close what is still open.
func resume(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
	defer cancel()
	server.OnRequest(nil)
	u, err := c.User(ctx, ines.ID)
	if err == nil {
		_, err = c.Close(ctx, u, offboard.NotSent)
	}
	if err != nil && !errors.Is(err, offboard.ErrNotFound) || server.Konstantly.Has(ines.ID) {
		t.Errorf("got %v from the next run, want the user closed", err)
	}
	for _, route := range []string{routeBlock, routeDelete} {
		if got := vendortest.Count(server, route); got > 2 {
			t.Errorf("got %d times %s in both runs, want no more than one each", got, route)
		}
	}
}
