package skillable_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

var nothingThere = []offboard.Finding{{Kind: offboard.NothingThere}}

func TestClose_sequence(t *testing.T) {
	tests := map[string]struct {
		prepare  func(*mock.Server)
		findings []offboard.Finding
		sent     []string
	}{
		"open":           {func(*mock.Server) {}, nil, []string{routeClose, routeClose}},
		"without labs":   {user(func(u *mock.SkillableUser) { u.History = 0 }), nil, []string{routeClose, routeClose}},
		"nothing there":  {gone(func(*mock.Skillable) {}), nothingThere, []string{routeClose}},
		"rows left over": {func(m *mock.Server) { m.Skillable.LeaveRows = 2 }, nil, []string{routeClose, routeClose, routeClose, routeClose}},
		"said yes, did nothing once": {func(m *mock.Server) { m.Fail(mock.Fault{Route: routeClose, Times: 1, Pretend: true}) }, nil,
			[]string{routeClose, routeClose, routeClose}},
		"told to wait": {func(m *mock.Server) { m.Fail(mock.Fault{Route: routeClose, Times: 1, Status: 429}) }, nil,
			[]string{routeClose, routeClose, routeClose}},
		"told to wait, nothing there": {func(m *mock.Server) {
			m.Skillable.Drop("emp-3107")
			m.Fail(mock.Fault{Route: routeClose, Times: 1, Status: 429})
		}, nothingThere, []string{routeClose, routeClose}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				tt.prepare(m)
				findings, err := c.Close(ctx, read(), false)
				if err != nil || !slices.Equal(findings, tt.findings) {
					t.Errorf("got %v, %v, want %v and no error", findings, err, tt.findings)
				}
				wantSent(t, m, tt.sent...)
				if m.Skillable.Has("emp-3107") {
					t.Error("got an open user, want a closed one")
				}
			})
		})
	}
}

func TestClose_twice(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		for _, want := range [][]offboard.Finding{nil, nothingThere} {
			if got, err := c.Close(ctx, read(), false); err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v, want %v and no error", got, err, want)
			}
		}
		wantSent(t, m, routeClose, routeClose, routeClose)
	})
}

// lost are the ways in which the answer of a close says nothing.
var lost = map[string]mock.Fault{
	"broken":          {Drop: true},
	"500":             {Status: 500},
	"503 page":        {Status: 503, Body: html},
	"408":             {Status: 408},
	"redirect":        {Status: 302},
	"200 page":        {Status: 200, Body: html},
	"200 empty":       {Status: 200},
	"204":             {Status: 204},
	"truncated":       {Status: 200, Body: `{"Status":1,"Error":null,"RowsAff`},
	"no status":       {Status: 200, Body: `{"RowsAffected":0}`},
	"no rows":         {Status: 200, Body: `{"Status":1,"Error":null}`},
	"rows null":       {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":null}`},
	"rows below zero": {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":-1}`},
	"rows of text":    {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":"0"}`},
}

// A key may see labs of a user whom it cannot close.
func TestClose_findsNothingWhileLabsAreLeft(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Skillable.Update("emp-3107", func(u *mock.SkillableUser) { u.Saved = mock.Labs{{}} })
		u, err := c.User(ctx, "emp-3107")
		if err != nil || len(u.Saved) != 1 {
			t.Fatalf("got %+v, %v, want a saved lab", u, err)
		}
		m.ForgetRequests()
		m.Fail(mock.Fault{Route: routeClose, Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":0}`})
		if _, err := c.Close(ctx, u, false); !errors.Is(err, offboard.ErrStillOpen) {
			t.Errorf("got %v, want ErrStillOpen", err)
		}
		m.Heal()
		if findings, err := c.Close(ctx, u, false); err != nil || len(findings) > 0 {
			t.Errorf("afterwards: got %v, %v, want a closed user", findings, err)
		}
	})
}

func TestClose_lostAnswerWithoutEffect(t *testing.T) {
	for name, f := range lost {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f.Route, f.Times = routeClose, 1
				m.Fail(f)
				if findings, err := c.Close(ctx, read(), false); err != nil || len(findings) > 0 {
					t.Errorf("got %v, %v, want no finding and no error", findings, err)
				}
				wantCount(t, m, routeClose, 3) // lost, done, proven
				if m.Skillable.Has("emp-3107") || m.Routes()[1] != routeLabs {
					t.Errorf("got %q, want a look before the second call, and the user closed", m.Routes())
				}
			})
		})
	}
}

func TestClose_lostAnswerAfterTheEffect(t *testing.T) {
	faults := map[string]mock.Fault{"timeout": {Delay: 2 * time.Minute}}
	for name, f := range lost {
		faults[name] = f
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f.Route, f.Times, f.Effect = routeClose, 1, true
				m.Fail(f)
				_, err := c.Close(ctx, read(), false)
				stopped(t, err, skillable.StepClose)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || unproven.Sent == nil {
					t.Errorf("got %v, want an *offboard.UnprovenError that tells of the lost answer", err)
				}
				wantSent(t, m, routeClose, routeLabs, routeSearch)
				if got, err := c.Close(ctx, read(), false); err != nil || !slices.Equal(got, nothingThere) {
					t.Errorf("got %v, %v on the next closing, want %v and no error", got, err, nothingThere)
				}
			})
		})
	}
}

func TestClose_lostAnswerAndStillSeen(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Skillable.Closing = mock.CloseLeavesLabs // so that a closed user is seen
		user(func(u *mock.SkillableUser) { u.Saved = []mock.Lab{exam} })(m)
		m.Fail(mock.Fault{Route: routeClose, Times: 1, Drop: true, Effect: true})
		if findings, err := c.Close(ctx, read(), false); err != nil || len(findings) > 0 {
			t.Errorf("got %v, %v, want no finding, for it was the lost call that closed, and no error", findings, err)
		}
		wantCount(t, m, routeClose, 2)
	})
}

func TestClose_cannotLookAfterALostAnswer(t *testing.T) {
	unseen := skillable.User{User: offboard.User{ID: "emp-3107", Status: offboard.Unknown}}
	for name, tt := range map[string]struct {
		user    skillable.User
		prepare func(*mock.Server)
	}{
		"never seen": {unseen, user(func(u *mock.SkillableUser) { u.History = 0 })},
		"look fails": {read(), func(m *mock.Server) { m.Fail(mock.Fault{Route: routeSearch, Status: 500}) }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				tt.prepare(m)
				m.Fail(mock.Fault{Route: routeClose, Drop: true})
				_, err := c.Close(ctx, tt.user, false)
				stopped(t, err, skillable.StepClose)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || unproven.Sent == nil {
					t.Errorf("got %v, want an *offboard.UnprovenError that tells of the lost answer", err)
				}
				wantCount(t, m, routeClose, 1)
			})
		})
	}
}

func TestClose_givesUpAfterThreeLostAnswers(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(mock.Fault{Route: routeClose, Drop: true})
		_, err := c.Close(ctx, read(), false)
		stopped(t, err, skillable.StepClose)
		restError(t, err)
		wantCount(t, m, routeClose, 3)
	})
}

func TestClose_refusedByTheVendor(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"401":             {Status: 401},
		"403":             {Status: 403},
		"404 page":        {Status: 404, Body: html},
		"404 JSON":        {Status: 404, Body: `{"Status":0,"Error":"Unknown command"}`},
		"422":             {Status: 422},
		"429 forever":     {Status: 429},
		"status 0":        {Status: 200, Body: `{"Status":0,"Error":"The user has running labs"}`},
		"0 and no rows":   {Status: 200, Body: `{"Status":0,"Error":null,"RowsAffected":0}`},
		"another API's 0": {Status: 200, Body: `{"Status":20,"Error":null,"RowsAffected":0}`},
		"1 with a text":   {Status: 200, Body: `{"Status":1,"Error":"Invalid integration key","RowsAffected":0}`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f.Route = routeClose
				m.Fail(f)
				_, err := c.Close(ctx, read(), false)
				stopped(t, err, skillable.StepClose)
				var e *rest.Error
				if !errors.As(err, &e) || e.Status != f.Status || offboard.Ambiguous(err) {
					t.Errorf("got %v, want the vendor's answer %d", err, f.Status)
				}
				wantCount(t, m, routeLabs, 0)
				if !m.Skillable.Has("emp-3107") {
					t.Error("got a closed user, want an open one")
				}
			})
		})
	}
}

func TestClose_refusedForALabThatStartedMeanwhile(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Skillable.Closing = mock.CloseRefused
		m.Skillable.Add(ola(basics))
		_, err := c.Close(ctx, read(), false)
		stopped(t, err, skillable.StepClose)
		restError(t, err)
		if !strings.Contains(err.Error(), "The user has running labs") {
			t.Errorf("got %q, want the vendor's own words in it", err)
		}
		wantSent(t, m, routeClose)
	})
}

func TestClose_saidYesDidNothing(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(mock.Fault{Route: routeClose, Pretend: true})
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := c.Close(short, read(), false)
		stopped(t, err, skillable.StepClose)
		if !errors.Is(err, offboard.ErrStillOpen) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v until the deadline", err, offboard.ErrStillOpen)
		}
	})
}

func TestClose_unprovenAndThenResumed(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"refused":   {Status: 403},
		"lost":      {Drop: true},
		"garbled":   {Status: 200, Body: `{"Status":1}`},
		"all down":  {Status: 500},
		"not there": {Status: 404, Body: html},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f.Route, f.After = routeClose, 1 // the first close is answered, the second should prove it
				m.Fail(f)
				_, err := c.Close(ctx, read(), false)
				stopped(t, err, skillable.StepClose)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || unproven.Sent != nil {
					t.Errorf("got %v, want an *offboard.UnprovenError after an accepted call", err)
				}
				wantCount(t, m, routeClose, 2)
				m.Heal()
				if got, err := c.Close(ctx, read(), false); err != nil || !slices.Equal(got, nothingThere) {
					t.Errorf("got %v, %v on the next closing, want %v and no error", got, err, nothingThere)
				}
			})
		})
	}
}

func TestClose_refusesIDs(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		for _, id := range []string{"", " ", "emp-3107 "} {
			u := read()
			u.ID = id
			_, err := c.Close(ctx, u, true)
			stopped(t, err, skillable.StepClose)
		}
		wantSent(t, m)
	})
}

func TestClose_cancelled(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		before, cancel := context.WithCancel(ctx)
		cancel()
		_, err := c.Close(before, read(), false)
		stopped(t, err, skillable.StepClose)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		wantSent(t, m)
		during, cancel := context.WithCancel(ctx)
		m.OnRequest(func(mock.Request) { cancel() })
		if findings, err := c.Close(during, read(), false); err != nil || len(findings) > 0 {
			t.Errorf("got %v, %v, want the call on its way to end and to be proven", findings, err)
		}
		wantSent(t, m, routeClose, routeClose)
	})
}
