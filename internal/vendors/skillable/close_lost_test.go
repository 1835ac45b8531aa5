package skillable_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// lost are the ways in which the answer of a close says nothing.
var lost = map[string]mock.Fault{
	"broken":          {Drop: true},
	"500":             {Status: 500},
	"503 page":        {Status: 503, Body: vendortest.HTML},
	"408":             {Status: 408},
	"redirect":        {Status: 302},
	"200 page":        {Status: 200, Body: vendortest.HTML},
	"200 empty":       {Status: 200},
	"204":             {Status: 204},
	"truncated":       {Status: 200, Body: `{"Status":1,"Error":null,"RowsAff`},
	"two values":      {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":0}{}`},
	"no status":       {Status: 200, Body: `{"RowsAffected":0}`},
	"no rows":         {Status: 200, Body: `{"Status":1,"Error":null}`},
	"rows null":       {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":null}`},
	"rows below zero": {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":-1}`},
	"rows of text":    {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":"0"}`},
	"no success":      {Status: 200, Body: `{"Status":1,"Error":null,"RowsAffected":0,"Success":false,"Message":"Busy"}`},
}

func TestClose_lostAnswerWithoutEffect(t *testing.T) {
	t.Parallel()
	for name, f := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f.Route, f.Times = routeClose, 1
				m.Fail(f)
				if findings, err := c.Close(ctx, read(), shown); err != nil || len(findings) > 0 {
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

// The second close, which the proof needs anyway, settles a lost answer in the same run, for a
// person that the key has shown.
func TestClose_lostAnswerAfterTheEffect(t *testing.T) {
	t.Parallel()
	faults := map[string]mock.Fault{"timeout": {Delay: 2 * time.Minute}}
	maps.Copy(faults, lost)
	for name, f := range faults {
		f.Route, f.Times, f.Effect = routeClose, 1, true
		for known, want := range map[bool][]offboard.Finding{true: nil, false: nothingThere} {
			t.Run(fmt.Sprint(name, ", shown ", known), func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
					m.Fail(f)
					if findings, err := c.Close(ctx, read(), skillable.CloseOptions{Shown: known}); err != nil ||
						!slices.Equal(findings, want) {
						t.Errorf("got %v, %v, want %v and no error", findings, err, want)
					}
					wantCount(t, m, routeClose, 2)
				})
			})
		}
	}
}

func TestClose_cannotReadAfterALostAnswer(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(mock.Fault{Route: routeSearch, Status: 403})
		m.Fail(mock.Fault{Route: routeClose, Drop: true})
		_, err := c.Close(ctx, read(), shown)
		stopped(t, err, skillable.StepClose)
		var unproven *offboard.UnprovenError
		if !errors.As(err, &unproven) || unproven.Sent == nil || offboard.CallOf(err) != offboard.Lost {
			t.Errorf("got %v, want an *offboard.UnprovenError that tells of the lost answer", err)
		}
		wantCount(t, m, routeClose, 1)
	})
}

// A refusal after a lost answer says nothing of the call whose answer was lost.
func TestClose_refusedAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for _, effect := range []bool{true, false} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
			m.Fail(mock.Fault{Route: routeClose, Drop: true, Effect: effect, Times: 1})
			m.Fail(mock.Fault{Route: routeClose, Status: 403})
			_, err := c.Close(ctx, read(), shown)
			stopped(t, err, skillable.StepClose)
			var unproven *offboard.UnprovenError
			if !errors.As(err, &unproven) || offboard.CallOf(err) != offboard.Lost {
				t.Errorf(
					"effect %t: got %v with the call %q, want an UnprovenError of a lost call", effect, err, offboard.CallOf(err),
				)
			}
		})
	}
}

func TestClose_givesUpAfterThreeLostAnswers(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(mock.Fault{Route: routeClose, Drop: true})
		_, err := c.Close(ctx, read(), shown)
		stopped(t, err, skillable.StepClose)
		vendortest.WantFault(t, err)
		wantCount(t, m, routeClose, 3)
	})
}

// A person who was still seen is open; of one who is not shown, nothing can be said.
func TestClose_saysOfThreeLostAnswersWhetherThePersonIsSeen(t *testing.T) {
	t.Parallel()
	for name, unproven := range map[string]bool{"seen": false, "not seen": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				if unproven {
					m.Skillable.Drop("emp-3107")
				}
				m.Fail(mock.Fault{Route: routeClose, Drop: true})
				_, err := c.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				var u *offboard.UnprovenError
				if errors.As(err, &u) != unproven || offboard.CallOf(err) != offboard.Lost {
					t.Errorf("got %v with the call %q, want an UnprovenError %t and a lost call", err, offboard.CallOf(err), unproven)
				}
			})
		})
	}
}

func TestClose_unprovenAndThenResumed(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"refused":   {Status: 403},
		"lost":      {Drop: true},
		"garbled":   {Status: 200, Body: `{"Status":1}`},
		"all down":  {Status: 500},
		"not there": {Status: 404, Body: vendortest.HTML},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f.Route, f.After = routeClose, 1 // the first close is answered, the second should prove it
				m.Fail(f)
				_, err := c.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || unproven.Sent != nil {
					t.Errorf("got %v, want an *offboard.UnprovenError after an accepted call", err)
				}
				if f.Status == 403 || f.Status == 404 {
					wantCount(t, m, routeClose, 2)
				} else {
					wantCount(t, m, routeClose, 4) // an answer that is lost is asked for three times
				}
				m.Heal()
				again := skillable.CloseOptions{Sent: offboard.CallOf(err)}
				next := client(t, "mock-key", "http://127.0.0.1/skillable/api/v3", mock.Transport{Handler: m})
				if got, err := next.Close(ctx, read(), again); err != nil || len(got) > 0 {
					t.Errorf("got %v, %v on the next closure, want the proof of the first one", got, err)
				}
			})
		})
	}
}
