package ecgrid_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

func TestPreflight_asksOnceForTheKeysOwnUser(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Fail(mock.Fault{Route: routeMe, Times: 1, Status: 403})
		_, err := c.Preflight(ctx, read())
		vendortest.WantFault(t, err)
		m.ForgetRequests()
		m.Latency(time.Second)
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				got, err := c.Preflight(ctx, read())
				if err != nil || len(got) != 1 || got[0].Kind != offboard.FileTransfers {
					t.Errorf("got %v, %v, want nothing but that file transfers cannot be asked for", got, err)
				}
			})
		}
		callers.Wait()
		vendortest.WantRoutes(t, m, routeMe)
	})
}

// The key's own user is kept for the life of the client, unless a cache says who that is. A closure does not
// believe a cache at all.
func TestKeyRights_areNotThoseOfACache(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Fail(mock.Fault{
			Route: routeMe, Times: 3, Status: 200, Body: body(`{"userId":9,"networkId":12}`), Header: http.Header{"Age": {"60"}},
		})
		var old *rest.AgeError
		if own, err := c.KeyRights(ctx); err != nil || own.ID != "9" {
			t.Errorf("got %+v, %v, want the answer of the cache at a plan", own, err)
		}
		if own, err := c.KeyRights(offboard.WithoutCache(ctx)); !errors.As(err, &old) {
			t.Errorf("got %+v, %v, want the answer of the cache refused", own, err)
		}
		if own, err := c.KeyRights(ctx); err != nil || own != key {
			t.Errorf("got %+v, %v, want the own user of the key", own, err)
		}
	})
}

func TestPreflight_waitsNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Latency(20 * time.Second)
		var first sync.WaitGroup
		first.Go(func() {
			if _, err := c.Preflight(ctx, read()); err != nil {
				t.Errorf("got %v, want nil", err)
			}
		})
		synctest.Wait() // until the first call is on its way
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.Preflight(short, read()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		first.Wait()
	})
}
