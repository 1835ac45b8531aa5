package konstantly_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
)

// closing are the requests of a closing without trouble.
var closing = []string{routeBlock, routeUser, routeDelete, routeUser}

// wantStopped wants a StepError of the step after those that are done.
func wantStopped(t *testing.T, err error, step string, done ...string) {
	t.Helper()
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) || stopped.Step != step || !slices.Equal(stopped.Done, done) {
		t.Errorf("got %#v, want a StepError of %q with %q done", err, step, done)
	}
}

func sends(server *mock.Server, route string) int {
	n := 0
	for _, r := range server.Requests() {
		if r.Route == route {
			n++
		}
	}
	return n
}

func TestPreflight(t *testing.T) {
	blocked := ines
	blocked.Status = offboard.Suspended
	if got, want := konstantly.Preflight(ines), []offboard.Finding{{Kind: offboard.RefusalNotKnowable}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := konstantly.Preflight(blocked); len(got) != 0 {
		t.Errorf("got %v for a blocked user, want nothing", got)
	}
}

func TestClose(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*mock.Konstantly)
		blocked bool
		want    []string
	}{
		"an active user":            {func(*mock.Konstantly) {}, false, closing},
		"a blocked user":            {func(*mock.Konstantly) {}, true, closing[2:]},
		"deleting has no body":      {func(k *mock.Konstantly) { k.EmptyDelete = true }, false, closing},
		"blocking works once":       {func(k *mock.Konstantly) { k.BlockOnce = true }, true, closing[2:]},
		"a read is two looks late":  {func(k *mock.Konstantly) { k.SlowDelete = 2 }, false, append(slices.Clone(closing), routeUser, routeUser)},
		"a role is a word":          {func(k *mock.Konstantly) { k.RoleString = true }, false, closing},
		"nobody could be unblocked": {func(k *mock.Konstantly) { k.NoSeats = true }, false, closing},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Blocked = c.blocked })
				u, err := client.User(ctx, ines.ID)
				if err != nil {
					t.Fatal(err)
				}
				server.Konstantly.Set(c.prepare)
				server.ForgetRequests()
				if err := client.Close(ctx, u); err != nil || server.Konstantly.Has(ines.ID) {
					t.Errorf("got %v, want the user closed", err)
				}
				wantRoutes(t, server, c.want...)
			})
		})
	}
}

func TestClose_twice(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		for range 2 {
			if err := c.Close(ctx, ines); err != nil {
				t.Fatalf("got %v, want success", err)
			}
		}
		wantRoutes(t, server, append(slices.Clone(closing), routeBlock, routeUser)...) // whoever is seen to be gone is not deleted
	})
}

func TestBlock_stopsThere(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		if err := c.Block(ctx, ines); err != nil {
			t.Fatal(err)
		}
		u, err := c.User(ctx, ines.ID)
		if err != nil || u.Status != offboard.Suspended {
			t.Errorf("got status %q and %v, want suspended", u.Status, err)
		}
		wantRoutes(t, server, routeBlock, routeUser, routeUser)
		server.ForgetRequests()
		if err := c.Block(ctx, u); err != nil {
			t.Errorf("got %v for a blocked user, want success", err)
		}
		wantRoutes(t, server)
	})
}

func TestClose_stopsAtTheExpertOfACourse(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Expert = true })
		err := c.Close(ctx, ines)
		wantStopped(t, err, konstantly.StepBlock)
		var refusal *rest.Error
		if !errors.As(err, &refusal) || refusal.Status != 422 || refusal.Message != "User cannot be banned" {
			t.Errorf("got %v, want the vendor's 422 and its words", err)
		}
		wantRoutes(t, server, routeBlock)
	})
}

func TestClose_stopsWhenSomebodyUnblocks(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.OnRequest(func(r mock.Request) {
			if r.Route == routeUser {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Blocked = false })
			}
		})
		err := c.Close(ctx, ines)
		wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
		wantFault(t, err)
		wantRoutes(t, server, closing[:3]...)
	})
}

func TestClose_namesNoStepThatWasDoneBefore(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		blocked := ines
		blocked.Status = offboard.Suspended
		wantStopped(t, c.Close(ctx, blocked), konstantly.StepDelete) // refused: the vendor knows better
		wantRoutes(t, server, routeDelete)
	})
}

func TestClose_showsAllComplaints(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Fail(mock.Fault{Route: routeBlock, Status: 400, Body: `{"status":400,"message":"Invalid","errors":{"z":["late"],"id":["is odd","is long"],"a":["early"]}}`})
		err := c.Close(ctx, ines)
		if want := "Invalid a: early id: is odd id: is long z: late"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	})
}

// What the vendor says to one of the closing calls, and what Close makes of it.
func TestClose_answers(t *testing.T) {
	const refused, stillOpen = "refused", "still open"
	for name, c := range map[string]struct {
		fault mock.Fault
		want  string // "" for closed
		sends int
	}{
		"422":                             {mock.Fault{Status: 422, Body: `{"status":422,"message":"no"}`}, refused, 1},
		"401":                             {mock.Fault{Status: 401}, refused, 1},
		"403":                             {mock.Fault{Status: 403, Body: html}, refused, 1},
		"404 in HTML":                     {mock.Fault{Status: 404, Body: html}, refused, 1},
		"404 of another form":             {mock.Fault{Status: 404, Body: `{"error":"no"}`}, refused, 1},
		"404 that is not true":            {mock.Fault{Status: 404, Body: envelope}, stillOpen, 1},
		"404 although done":               {mock.Fault{Status: 404, Body: envelope, Effect: true}, "", 1},
		"200 and nothing done":            {mock.Fault{Pretend: true}, stillOpen, 1},
		"200 in HTML and nothing done":    {mock.Fault{Status: 200, Body: html}, stillOpen, 1},
		"200 in HTML and done":            {mock.Fault{Status: 200, Body: html, Effect: true}, "", 1},
		"200 without a body and done":     {mock.Fault{Status: 200, Effect: true}, "", 1},
		"200 cut short and done":          {mock.Fault{Status: 200, Body: `{"id`, Effect: true}, "", 1},
		"204 and done":                    {mock.Fault{Status: 204, Effect: true}, "", 1},
		"429 once":                        {mock.Fault{Status: 429, Times: 1}, "", 2},
		"429 with a wait":                 {mock.Fault{Status: 429, Times: 1, Header: http.Header{"Retry-After": {"90"}}}, "", 2},
		"429 for ever":                    {mock.Fault{Status: 429}, refused, 4},
		"429 for longer than there is":    {mock.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}}, refused, 1},
		"500 and done":                    {mock.Fault{Status: 500, Effect: true}, "", 1},
		"500 and not done":                {mock.Fault{Status: 500, Times: 1}, "", 2},
		"500 for ever":                    {mock.Fault{Status: 500}, refused, 3},
		"a redirect":                      {mock.Fault{Status: 302, Header: http.Header{"Location": {"https://evil.test/"}}}, refused, 3},
		"lost and done":                   {mock.Fault{Drop: true, Effect: true}, "", 1},
		"lost and not done":               {mock.Fault{Drop: true, Times: 1}, "", 2},
		"lost for ever":                   {mock.Fault{Drop: true}, refused, 3},
		"done, but too slow to answer":    {mock.Fault{Delay: time.Minute}, "", 1},
		"not done and too slow to answer": {mock.Fault{Delay: time.Minute, Pretend: true, Times: 1}, "", 2},
	} {
		for route, step := range map[string]string{routeBlock: konstantly.StepBlock, routeDelete: konstantly.StepDelete} {
			t.Run(step+", "+name, func(t *testing.T) {
				bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
					c.fault.Route = route
					server.Fail(c.fault)
					err := client.Close(ctx, ines)
					if c.want == "" && err != nil || server.Konstantly.Has(ines.ID) != (c.want != "") {
						t.Errorf("got %v, want closed %t", err, c.want == "")
					}
					if c.want != "" {
						wantStopped(t, err, step, map[string][]string{konstantly.StepDelete: {konstantly.StepBlock}}[step]...)
					}
					if c.want == refused {
						wantFault(t, err)
					}
					if errors.Is(err, offboard.ErrStillOpen) != (c.want == stillOpen) {
						t.Errorf("got %v, want ErrStillOpen %t", err, c.want == stillOpen)
					}
					if got := sends(server, route); got != c.sends {
						t.Errorf("got %d calls, want %d", got, c.sends)
					}
				})
			})
		}
	}
}

// Whatever the reads answer after the call, only the vendor's own 404 is proof.
func TestClose_isNotProvenByADoubtfulAnswer(t *testing.T) {
	for name, f := range doubtful {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				f.Route, f.After = routeUser, 1 // the look at the block is answered
				server.Fail(f)
				err := c.Close(ctx, ines)
				wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || unproven.Sent != nil {
					t.Errorf("got %v, want an UnprovenError of an accepted call", err)
				}
			})
		})
	}
}
