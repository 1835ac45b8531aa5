package ecgrid_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

// stopped fails the test unless err stopped the step terminate with nothing done before.
func stopped(t *testing.T, err error) {
	t.Helper()
	var step *offboard.StepError
	if !errors.As(err, &step) || step.Step != ecgrid.StepTerminate || len(step.Done) > 0 {
		t.Errorf("got %v, want it stopped at the step %q", err, ecgrid.StepTerminate)
	}
}

func TestClose_sequence(t *testing.T) {
	tests := map[string]struct {
		prepare func(*mock.Server)
		sent    []string
	}{
		"tombstone":     {func(*mock.Server) {}, []string{routeMe, routeDelete, routeGet}},
		"suspended":     {status("Suspended"), []string{routeMe, routeDelete, routeGet}},
		"vanishes":      {func(m *mock.Server) { m.ECGrid.TerminatedNotFound = true }, []string{routeMe, routeDelete, routeGet, routeMe}},
		"without state": {func(m *mock.Server) { m.ECGrid.TerminatedNotFound, m.ECGrid.NoStatus = true, true }, []string{routeMe, routeDelete, routeGet, routeMe}},
		"slow":          {func(m *mock.Server) { m.ECGrid.SlowTerminate = 2 }, []string{routeMe, routeDelete, routeGet, routeGet, routeGet}},
		"told to wait": {func(m *mock.Server) { m.Fail(mock.Fault{Route: routeDelete, Times: 1, Status: 429}) },
			[]string{routeMe, routeDelete, routeDelete, routeGet}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				tt.prepare(m)
				if err := c.Close(ctx, read()); err != nil {
					t.Errorf("got %v, want nil", err)
				}
				wantSent(t, m, tt.sent...)
				if m.ECGrid.Has(mina.ID) {
					t.Error("got an open user, want a terminated one")
				}
			})
		})
	}
}

func TestClose_twice(t *testing.T) {
	for name, again := range map[string]mock.ECGridAgain{
		"404": mock.AgainNotFound, "400": mock.AgainInvalid, "data false": mock.AgainFalse, "data true": mock.AgainTrue,
	} {
		for _, vanishes := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
					m.ECGrid.Again, m.ECGrid.TerminatedNotFound = again, vanishes
					for range 2 {
						if err := c.Close(ctx, read()); err != nil {
							t.Errorf("got %v, want nil", err)
						}
					}
					if got := count(m, routeDelete); got != 2 {
						t.Errorf("got %d terminations, want 2", got)
					}
				})
			})
		}
	}
}

func TestClose_lostAnswer(t *testing.T) {
	faults := map[string]mock.Fault{
		"broken":        {Drop: true},
		"500":           {Status: 500},
		"503 page":      {Status: 503, Body: html},
		"408":           {Status: 408},
		"200 page":      {Status: 200, Body: html},
		"200 empty":     {Status: 200},
		"204":           {Status: 204},
		"truncated":     {Status: 200, Body: `{"success":tr`},
		"wrong types":   {Status: 200, Body: body(`"true"`)},
		"data null":     {Status: 200, Body: body(`null`)},
		"data false":    {Status: 200, Body: body(`false`)},
		"success false": {Status: 200, Body: `{"success":false,"data":true}`},
		"no success":    {Status: 200, Body: `{"data":true}`},
		"400":           {Status: 400, Body: `{"success":false,"errorCode":"InvalidParameter"}`},
		"404":           {Status: 404, Body: notFound},
		"timeout":       {Delay: time.Minute},
	}
	for name, f := range faults {
		for effect, want := range map[bool]int{true: 1, false: 2} {
			if f.Delay > 0 && !effect {
				continue // the mock's delay comes after the effect
			}
			t.Run(name, func(t *testing.T) {
				bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
					f.Route, f.Times, f.Effect = routeDelete, 1, effect
					m.Fail(f)
					if err := c.Close(ctx, read()); err != nil {
						t.Errorf("effect %v: got %v, want nil", effect, err)
					}
					if got := count(m, routeDelete); got != want || m.ECGrid.Has(mina.ID) {
						t.Errorf("effect %v: got %d terminations, want %d and the user closed", effect, got, want)
					}
				})
			})
		}
	}
}

func TestClose_givesUpAfterThreeCalls(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"broken":     {Drop: true},
		"500":        {Status: 500},
		"data false": {Status: 200, Body: body(`false`)},
		"404":        {Status: 404, Body: notFound},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				f.Route = routeDelete
				m.Fail(f)
				err := c.Close(ctx, read())
				stopped(t, err)
				restError(t, err)
				if got := count(m, routeDelete); got != 3 {
					t.Errorf("got %d terminations, want 3", got)
				}
			})
		})
	}
}

func TestClose_refusedByTheVendor(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"401":         {Status: 401, Body: `{"success":false,"errorCode":"InvalidAPIKey"}`},
		"403":         {Status: 403, Body: `{"success":false,"errorCode":"AccessDenied"}`},
		"400 page":    {Status: 400, Body: html},
		"404 page":    {Status: 404, Body: html},
		"422":         {Status: 422, Body: `{"success":false,"errorCode":"InvalidParameter"}`},
		"429 forever": {Status: 429},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				f.Route = routeDelete
				m.Fail(f)
				err := c.Close(ctx, read())
				stopped(t, err)
				var e *rest.Error
				if !errors.As(err, &e) || e.Status != f.Status || e.Method != "DELETE" {
					t.Errorf("got %v, want the vendor's answer %d", err, f.Status)
				}
				if !m.ECGrid.Has(mina.ID) || count(m, routeGet) > 0 {
					t.Errorf("got the requests %q, want no look after a plain refusal", m.Routes())
				}
			})
		})
	}
}

func TestClose_saidYesDidNothing(t *testing.T) {
	for name, prepare := range map[string]func(*mock.Server){
		"undone":    func(m *mock.Server) { m.Fail(mock.Fault{Route: routeDelete, Pretend: true}) },
		"no status": func(m *mock.Server) { m.ECGrid.NoStatus = true }, // and still read: nothing to prove it by
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				prepare(m)
				err := c.Close(ctx, read())
				stopped(t, err)
				if !errors.Is(err, offboard.ErrStillOpen) || count(m, routeDelete) != 1 {
					t.Errorf("got %v after %d terminations, want %v after one", err, count(m, routeDelete), offboard.ErrStillOpen)
				}
			})
		})
	}
}

func TestClose_unprovenAndThenResumed(t *testing.T) {
	tests := map[string]struct {
		faults []mock.Fault
		sent   bool // whether the error knows how the call ended
	}{
		"cannot look":         {[]mock.Fault{{Route: routeGet, Status: 500}}, false},
		"wrong page":          {[]mock.Fault{{Route: routeGet, Status: 404, Body: html}}, false},
		"another user":        {[]mock.Fault{{Route: routeGet, Status: 200, Body: body(`{"userId":1,"status":"Terminated"}`)}}, false},
		"lost, cannot look":   {[]mock.Fault{{Route: routeDelete, Drop: true, Effect: true}, {Route: routeGet, Drop: true}}, true},
		"404 with a dead key": {[]mock.Fault{{Route: routeGet, Status: 404, Body: notFound}, {Route: routeMe, After: 1, Status: 401}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				for _, f := range tt.faults {
					m.Fail(f)
				}
				err := c.Close(ctx, read())
				stopped(t, err)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || (unproven.Sent != nil) != tt.sent {
					t.Errorf("got %v, want an *offboard.UnprovenError", err)
				}
				m.Heal()
				if _, err := c.User(ctx, "30417"); !errors.Is(err, offboard.ErrNotFound) {
					t.Errorf("got %v on the next look, want %v", err, offboard.ErrNotFound)
				}
				if err := c.Close(ctx, read()); err != nil {
					t.Errorf("got %v on the next closing, want nil", err)
				}
			})
		})
	}
}

func TestClose_refusesTheKeysOwnUser(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		own, err := c.User(ctx, "7")
		if err != nil {
			t.Fatalf("got %v, want nil", err)
		}
		want := offboard.Finding{Kind: offboard.OwnUser, Subject: "svc-offboard"}
		if got, err := c.Preflight(ctx, own); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		var refused *offboard.RefusedError
		var step *offboard.StepError
		err = c.Close(ctx, own)
		if !errors.As(err, &refused) || errors.As(err, &step) || len(refused.Findings) != 1 || refused.Findings[0] != want {
			t.Errorf("got %v, want it refused for %v", err, want)
		}
		wantSent(t, m, routeGet, routeMe)
	})
}

func TestClose_needsToKnowTheKeysOwnUser(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Fail(mock.Fault{Route: routeMe, Status: 403})
		err := c.Close(ctx, read())
		stopped(t, err)
		restError(t, err)
		wantSent(t, m, routeMe)
	})
}

func TestClose_refusesIDs(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		for _, id := range []string{"", "me", "007"} { // each could stand for the key's own user
			u := read()
			u.ID = id
			stopped(t, c.Close(ctx, u))
		}
		wantSent(t, m)
	})
}

func TestClose_cancelled(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		if _, err := c.Preflight(ctx, read()); err != nil {
			t.Fatalf("got %v, want nil", err)
		}
		before, cancel := context.WithCancel(ctx)
		cancel()
		err := c.Close(before, read())
		stopped(t, err)
		if !errors.Is(err, context.Canceled) || count(m, routeDelete) != 0 {
			t.Errorf("got %v and %q, want %v and no termination", err, m.Routes(), context.Canceled)
		}
		during, cancel := context.WithCancel(ctx)
		m.OnRequest(func(r mock.Request) {
			if r.Change {
				cancel()
			}
		})
		if err := c.Close(during, read()); err != nil {
			t.Errorf("got %v, want the call on its way to end and to be proven", err)
		}
	})
}
