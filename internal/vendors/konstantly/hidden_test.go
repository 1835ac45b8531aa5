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
		"lost, then another text": {[]mock.Fault{
			times(lost, 1), notFound(404, `{"status":404,"message":"No such endpoint"}`),
		}, false, 2},
		"lost, then the text of a framework": {[]mock.Fault{
			times(lost, 1), notFound(404, `{"status":404,"error":"Not Found","message":"Not found"}`),
		}, false, 2},
		"lost, then no text": {[]mock.Fault{times(lost, 1), notFound(404, `{"status":404}`)}, false, 2},
		"lost, then a status in quotes": {[]mock.Fault{
			times(lost, 1), notFound(404, `{"status":"404","message":"Not found"}`),
		}, false, 2},
		"lost, then the words in a 200": {[]mock.Fault{times(lost, 1), notFound(200, envelope)}, false, 2},
		"lost, then the words in a 410": {[]mock.Fault{times(lost, 1), notFound(410, envelope)}, false, 2},
		"lost, then the words twice": {[]mock.Fault{
			times(lost, 1), notFound(404, `{"status":404,"message":"Not found","Message":""}`),
		}, false, 2},
		"lost, then 429": {[]mock.Fault{times(lost, 1), times(busy, 1)}, true, 3},
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

// notFound is an answer to the deletion, which does nothing.
func notFound(status int, body string) mock.Fault {
	return mock.Fault{Route: routeDelete, Status: status, Body: body}
}

// A user was blocked before: by a run that stopped there, or by somebody else. The site may hide such
// a user at any time. Then a lost deletion is not settled by an absence, and no other one is sent.
func TestClose_whereTheSiteHidesWhomItHadBlocked(t *testing.T) {
	t.Parallel()
	lost := mock.Fault{Route: routeDelete, Status: 502}
	for name, c := range map[string]struct {
		faults    []mock.Fault
		hides     bool // from the first deletion on
		closed    bool
		deletions int
		call      offboard.Call
	}{
		"accepted":                  {nil, false, true, 1, offboard.NotSent},
		"lost, and hidden":          {[]mock.Fault{lost}, true, false, 1, offboard.NotSent},
		"lost once, and shown":      {[]mock.Fault{times(lost, 1)}, false, true, 2, offboard.NotSent},
		"lost each time, and shown": {[]mock.Fault{lost}, false, false, 3, offboard.Lost},
		"lost and done, nothing shown": {
			[]mock.Fault{{Route: routeDelete, Drop: true, Effect: true}}, true, false, 1, offboard.NotSent,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Blocked = true })
				blocked, err := client.User(ctx, ines.ID)
				if err != nil {
					t.Fatal(err)
				}
				server.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = c.hides, c.hides })
				for _, f := range c.faults {
					server.Fail(f)
				}
				_, err = client.Close(ctx, blocked, offboard.NotSent)
				if got := vendortest.Count(server, routeDelete); (err == nil) != c.closed || got != c.deletions {
					t.Errorf("got %v after %d deletions, want closed %t after %d", err, got, c.closed, c.deletions)
				}
				wantCall(t, err, c.call)
			})
		})
	}
}

func times(f mock.Fault, n int) mock.Fault {
	f.Times = n
	return f
}
