package konstantly_test

import (
	"context"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// The site shows no blocked user, and does not answer the deletion. What the block hides is not
// deleted. The same deletion, sent again, tells.
func TestClose_whereTheSiteHidesWhomItBlocks(t *testing.T) {
	t.Parallel()
	lost, busy := mock.Fault{Route: routeDelete, Status: 500}, mock.Fault{Route: routeDelete, Status: 429}
	gateway := mock.Fault{Route: routeDelete, Status: 404, Body: vendortest.HTML}
	for name, c := range map[string]struct {
		faults    []mock.Fault
		closed    bool
		deletions int
	}{
		"lost once":            {[]mock.Fault{times(lost, 1)}, true, 2},
		"lost and done":        {[]mock.Fault{times(mock.Fault{Route: routeDelete, Drop: true, Effect: true}, 1)}, true, 2},
		"lost twice":           {[]mock.Fault{times(lost, 2)}, true, 3},
		"lost each time":       {[]mock.Fault{lost}, false, 3},
		"lost, then a gateway": {[]mock.Fault{times(lost, 1), gateway}, false, 2},
		"lost, then 429":       {[]mock.Fault{times(lost, 1), times(busy, 1)}, true, 3},
		"lost, then 422": {[]mock.Fault{
			times(lost, 1), {Route: routeDelete, Status: 422, Body: `{"status":422,"message":"no"}`},
		}, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				server.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = true, true })
				for _, f := range c.faults {
					server.Fail(f)
				}
				_, err := client.Close(ctx, ines, offboard.NotSent)
				deletions := vendortest.Count(server, routeDelete)
				if (err == nil) != c.closed || server.Konstantly.Has(ines.ID) == c.closed || deletions != c.deletions {
					t.Errorf("got %v after %d deletions, want closed %t after %d", err, deletions, c.closed, c.deletions)
				}
				wantCall(t, err, offboard.NotSent) // no later absence is explained by it
			})
		})
	}
}

func times(f mock.Fault, n int) mock.Fault {
	f.Times = n
	return f
}
