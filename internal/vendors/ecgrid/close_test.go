package ecgrid_test

import (
	"context"
	"errors"

	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// key are the rights of the key of most tests.
var key = ecgrid.KeyRights{ID: "7", AuthLevel: "NetworkAdmin", NetworkID: "12", MailboxID: "0"}

// stopped fails the test unless err stopped the step terminate with nothing done before, and says
// that the call came so far.
func stopped(t *testing.T, err error, call offboard.Call) {
	t.Helper()
	var step *offboard.StepError
	if !errors.As(err, &step) || step.Step != ecgrid.StepTerminate || len(step.Done) > 0 {
		t.Errorf("got %v, want it stopped at the step %q", err, ecgrid.StepTerminate)
	}
	if got := offboard.CallOf(err); got != call {
		t.Errorf("got the call %q of %v, want %q", got, err, call)
	}
}

// vanishing makes a terminated user one who is not found.
func vanishing(m *mock.Server) { m.ECGrid.TerminatedNotFound = true }

func TestClose_sequence(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*mock.Server)
		proof   offboard.Observation
		sent    []string
	}{
		"closed":    {func(*mock.Server) {}, offboard.Done, []string{routeMe, routeDelete, routeGet}},
		"suspended": {status("Suspended"), offboard.Done, []string{routeMe, routeDelete, routeGet}},
		"vanishes":  {vanishing, offboard.Absent, []string{routeMe, routeDelete, routeGet, routeMe}},
		"without state": {
			func(m *mock.Server) { m.ECGrid.TerminatedNotFound, m.ECGrid.NoStatus = true, true },
			offboard.Absent,
			[]string{routeMe, routeDelete, routeGet, routeMe},
		},
		"slow": {func(m *mock.Server) { m.ECGrid.SlowTerminate = 2 }, offboard.Done,
			[]string{routeMe, routeDelete, routeGet, routeGet, routeGet}},
		"asked to wait": {
			func(m *mock.Server) { m.Fail(mock.Fault{Route: routeDelete, Times: 1, Status: 429}) },
			offboard.Done,
			[]string{routeMe, routeDelete, routeGet, routeDelete, routeGet},
		}, // a read after the wait
		"errors for eight seconds": {func(m *mock.Server) {
			vanishing(m)
			m.Fail(mock.Fault{Route: routeGet, Status: 503, For: 8 * time.Second})
		}, offboard.Absent, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				tt.prepare(m)
				if proof, err := c.Close(ctx, read(), key, offboard.NotSent); err != nil || proof != tt.proof {
					t.Errorf("got %v, %v, want the proof %v", proof, err, tt.proof)
				}
				if tt.sent != nil {
					vendortest.WantRoutes(t, m, tt.sent...)
				}
				if m.ECGrid.Has(mina.ID) {
					t.Error("got an open user, want a terminated one")
				}
			})
		})
	}
}

// The second call is no closure, but a terminated user is closed, whichever call did it.
func TestClose_twice(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]mock.ECGridAgain{
		"404": mock.AgainNotFound, "400": mock.AgainInvalid, "data false": mock.AgainFalse,
	} {
		for _, vanishes := range []bool{false, true} {
			for _, sent := range []offboard.Call{offboard.NotSent, offboard.Lost, offboard.Accepted} {
				t.Run(
					strings.Join([]string{name, map[bool]string{true: "vanished", false: "closed"}[vanishes], string(sent)}, ", "),
					func(t *testing.T) {
						t.Parallel()
						oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
							m.ECGrid.Again, m.ECGrid.TerminatedNotFound = again, vanishes
							m.ECGrid.Drop(mina.ID)
							proof, err := c.Close(ctx, read(), key, sent)
							wantSecondEnd(t, proof, err, vanishes, sent)
							if got := vendortest.Count(m, routeDelete); got != 1 {
								t.Errorf("got %d terminations, want 1", got)
							}
						})
					},
				)
			}
		}
	}
}

// wantSecondEnd wants the end of a closure of a user who is terminated already. vanishes says that
// ECGrid does not show such a user, sent how far the call came in an earlier run.
func wantSecondEnd(t *testing.T, proof offboard.Observation, err error, vanishes bool, sent offboard.Call) {
	t.Helper()
	switch {
	case vanishes && sent == offboard.NotSent:
		stopped(t, err, offboard.NotSent)
		if !errors.Is(err, offboard.ErrNotVisible) {
			t.Errorf("got %v, %v, want ErrNotVisible", proof, err)
		}
	case vanishes && (err != nil || proof != offboard.Absent):
		t.Errorf("got %v, %v, want the earlier call to be proven by two absences", proof, err)
	case !vanishes && (err != nil || proof != offboard.Done):
		t.Errorf("got %v, %v, want the terminated user", proof, err)
	}
}

func TestClose_lostAnswer(t *testing.T) {
	t.Parallel()
	faults := map[string]mock.Fault{
		"broken":      {Drop: true},
		"500":         {Status: 500},
		"503 page":    {Status: 503, Body: vendortest.HTML},
		"408":         {Status: 408},
		"200 page":    {Status: 200, Body: vendortest.HTML},
		"200 empty":   {Status: 200},
		"204":         {Status: 204},
		"truncated":   {Status: 200, Body: `{"success":tr`},
		"wrong types": {Status: 200, Body: body(`"true"`)},
		"no success":  {Status: 200, Body: `{"data":true}`},
		"no data":     {Status: 200, Body: `{"success":true}`},
		"timeout":     {Delay: time.Minute},
	}
	for name, f := range faults {
		for _, vanishes := range []bool{false, true} {
			for effect, want := range map[bool]int{true: 1, false: 2} {
				if f.Delay > 0 && !effect {
					continue // the mock's delay comes after the effect
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
						m.ECGrid.TerminatedNotFound = vanishes
						f.Route, f.Times, f.Effect = routeDelete, 1, effect
						m.Fail(f)
						if _, err := c.Close(ctx, read(), key, offboard.NotSent); err != nil {
							t.Errorf("effect %v: got %v, want nil", effect, err)
						}
						if got := vendortest.Count(m, routeDelete); got != want || m.ECGrid.Has(mina.ID) {
							t.Errorf("effect %v: got %d terminations, want %d and the user closed", effect, got, want)
						}
						if effect && vanishes && vendortest.Count(m, routeGet) != 2 {
							t.Errorf("got %q, want two absences of a user whose termination was lost", m.Routes())
						}
					})
				})
			}
		}
	}
}

// A call that never left is no lost one.
func TestClose_thatWasNeverSent(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, _ *ecgrid.Client) {
		c := client(t, "http://127.0.0.1/ecgrid/v2", vendortest.NoRoute(http.MethodDelete, mock.Transport{Handler: m}))
		_, err := c.Close(ctx, read(), key, offboard.NotSent)
		stopped(t, err, offboard.NotSent)
		vendortest.WantFault(t, err)
		if !strings.Contains(err.Error(), "no route to host") {
			t.Errorf("got %v, want the reason", err)
		}
		vendortest.WantRoutes(t, m, routeMe)
	})
}

func TestClose_givesUpAfterThreeCalls(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"broken": {Drop: true}, "500": {Status: 500}, "200 page": {Status: 200, Body: vendortest.HTML},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				f.Route = routeDelete
				m.Fail(f)
				_, err := c.Close(ctx, read(), key, offboard.NotSent)
				stopped(t, err, offboard.Lost)
				vendortest.WantFault(t, err)
				if got := vendortest.Count(m, routeDelete); got != 3 {
					t.Errorf("got %d terminations, want 3", got)
				}
			})
		})
	}
}

func TestClose_refusedByTheVendor(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"401":         {Status: 401, Body: `{"success":false,"errorCode":"InvalidAPIKey"}`},
		"403":         {Status: 403, Body: `{"success":false,"errorCode":"AccessDenied"}`},
		"400 page":    {Status: 400, Body: vendortest.HTML},
		"422":         {Status: 422, Body: `{"success":false,"errorCode":"InvalidParameter"}`},
		"429 forever": {Status: 429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				f.Route = routeDelete
				m.Fail(f)
				_, err := c.Close(ctx, read(), key, offboard.NotSent)
				stopped(t, err, offboard.NotSent)
				var e *rest.Error
				if !errors.As(err, &e) || e.Status != f.Status || e.Method != "DELETE" {
					t.Errorf("got %v, want the vendor's answer %d", err, f.Status)
				}
				if !m.ECGrid.Has(mina.ID) || vendortest.Count(m, routeGet) > 0 && f.Status != http.StatusTooManyRequests {
					t.Errorf("got the requests %q, want no look after a plain refusal", m.Routes())
				}
			})
		})
	}
}

func TestClose_acceptedWithoutEffect(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*mock.Server){
		"undone":    func(m *mock.Server) { m.Fail(mock.Fault{Route: routeDelete, Pretend: true}) },
		"a queue":   func(m *mock.Server) { m.Fail(mock.Fault{Route: routeDelete, Lie: mock.Queue{}}) },
		"no status": func(m *mock.Server) { m.ECGrid.NoStatus = true }, // and still read: nothing to prove it by
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				prepare(m)
				_, err := c.Close(ctx, read(), key, offboard.NotSent)
				stopped(t, err, offboard.Accepted)
				if !errors.Is(err, offboard.ErrStillOpen) || vendortest.Count(m, routeDelete) != 1 {
					t.Errorf(
						"got %v after %d terminations, want %v after one", err, vendortest.Count(m, routeDelete), offboard.ErrStillOpen,
					)
				}
			})
		})
	}
}

func TestClose_unprovenAndThenResumed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults []mock.Fault
		call   offboard.Call
	}{
		"cannot read": {[]mock.Fault{{Route: routeGet, Status: 500}}, offboard.Accepted},
		"wrong page":  {[]mock.Fault{{Route: routeGet, Status: 404, Body: vendortest.HTML}}, offboard.Accepted},
		"another user": {
			[]mock.Fault{{Route: routeGet, Status: 200, Body: body(`{"userId":1,"status":"Terminated"}`)}},
			offboard.Accepted,
		},
		"lost, cannot read": {
			[]mock.Fault{{Route: routeDelete, Drop: true, Effect: true}, {Route: routeGet, Drop: true}},
			offboard.Lost,
		},
		"404 with a dead key": {
			[]mock.Fault{{Route: routeGet, Status: 404, Body: notFound}, {Route: routeMe, After: 1, Status: 403}},
			offboard.Accepted,
		},
		"404 with a demoted key": {
			[]mock.Fault{
				{Route: routeGet, Status: 404, Body: notFound},
				{Route: routeMe, After: 1, Lie: mock.NotVisible{Level: "General"}},
				{Route: routeList, Status: 200, Body: body(`[{"userId":7,"networkId":12}]`)},
			},
			offboard.Accepted,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				for _, f := range tt.faults {
					m.Fail(f)
				}
				_, err := c.Close(ctx, read(), key, offboard.NotSent)
				stopped(t, err, tt.call)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || (unproven.Sent == nil) != (tt.call == offboard.Accepted) {
					t.Errorf("got %v, want an *offboard.UnprovenError", err)
				}
				m.Heal()
				next, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
				defer cancel()
				if _, err := c.User(next, "30417"); !errors.Is(err, offboard.ErrClosed) {
					t.Errorf("got %v on the next look, want %v", err, offboard.ErrClosed)
				}
				if _, err := c.Close(next, read(), key, tt.call); err != nil {
					t.Errorf("got %v on the next closure, want nil", err)
				}
			})
		})
	}
}

// A key that lost its rights still reads its own user: that proves nothing.
func TestClose_withAKeyThatLostRights(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"a key without rights after the call":    {Lie: mock.NotVisible{}, After: 1},
		"a demoted key without rights":           {Lie: mock.NotVisible{Level: "General"}, After: 1},
		"a key without rights, with empty lists": {Lie: mock.NotVisible{Lists: true}, After: 1},
		"a key of another network":               {Lie: mock.NotVisible{Network: 99, Lists: true}, After: 1},
		"404 to everything but its own":          {Only: mock.Change, Lie: mock.Absent{Status: 404}},
		"200 not found, to the call too":         {Lie: mock.Absent{Status: 200}, After: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				m.Fail(f)
				proof, err := c.Close(ctx, read(), key, offboard.NotSent)
				stopped(t, err, offboard.NotSent)
				if err == nil || !m.ECGrid.Has(mina.ID) {
					t.Errorf("got %v, %v, want no closure", proof, err)
				}
			})
		})
	}
}

// After any one lie, at any request, a closure that is reported is one.
func TestClose_isTrueAfterAnyOneLie(t *testing.T) {
	t.Parallel()
	for _, lie := range mock.Lies() {
		for _, vanishes := range []bool{false, true} {
			for _, times := range []int{0, 1, 2} {
				for after := range 5 {
					oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
						m.ECGrid.TerminatedNotFound = vanishes
						lie.Fault.After, lie.Fault.Times = after, times
						m.Fail(lie.Fault)
						proof, err := c.Close(ctx, read(), key, offboard.NotSent)
						if err == nil && m.ECGrid.Has(mina.ID) {
							t.Errorf(
								"%s after %d requests, %d times: got a proof (%v) for a user who is open: %q", lie.Name, after, times, proof,
								m.Routes(),
							)
						}
					})
				}
			}
		}
	}
}

func TestClose_refusesTheKeysOwnUser(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
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
		_, err = c.Close(ctx, own, key, offboard.NotSent)
		if !errors.As(err, &refused) || errors.As(err, &step) || len(refused.Findings) != 1 || refused.Findings[0] != want {
			t.Errorf("got %v, want it refused for %v", err, want)
		}
		vendortest.WantRoutes(t, m, routeGet, routeMe)
	})
}

// An error in reading the key's own user is no lost answer to the closing call.
func TestClose_needsToKnowTheKeysOwnUser(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"403": {Status: 403}, "500": {Status: 500}, "broken": {Drop: true}, "200 page": {Status: 200, Body: vendortest.HTML},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				f.Route = routeMe
				m.Fail(f)
				_, err := c.Close(ctx, read(), key, offboard.NotSent)
				stopped(t, err, offboard.NotSent)
				vendortest.WantFault(t, err)
				if vendortest.Count(m, routeDelete) != 0 {
					t.Errorf("got %q, want no termination", m.Routes())
				}
			})
		})
	}
}

func TestClose_refusesIDs(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		for _, id := range []string{"", "me", "007"} { // each could mean the key's own user
			u := read()
			u.ID = id
			_, err := c.Close(ctx, u, key, offboard.NotSent)
			stopped(t, err, offboard.NotSent)
		}
		vendortest.WantRoutes(t, m)
	})
}

func TestClose_canceled(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		if _, err := c.Preflight(ctx, read()); err != nil {
			t.Fatalf("got %v, want nil", err)
		}
		before, cancel := context.WithCancel(ctx)
		cancel()
		_, err := c.Close(before, read(), key, offboard.NotSent)
		stopped(t, err, offboard.NotSent)
		if !errors.Is(err, context.Canceled) || vendortest.Count(m, routeDelete) != 0 {
			t.Errorf("got %v and %q, want %v and no termination", err, m.Routes(), context.Canceled)
		}
		during, cancel := context.WithCancel(ctx)
		m.OnRequest(func(r mock.Request) {
			if r.Change {
				cancel()
			}
		})
		if _, err := c.Close(during, read(), key, offboard.NotSent); err != nil {
			t.Errorf("got %v, want the call on its way to end and to be proven", err)
		}
	})
}
