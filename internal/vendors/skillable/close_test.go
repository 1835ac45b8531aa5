package skillable_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// shown closes a person that this key has shown.
var shown = skillable.CloseOptions{Shown: true}

var nothingThere = []offboard.Finding{{Kind: offboard.NothingThere}}

// further is a closing call that is followed by another: the user is read between them.
var further = []string{routeClose, routeLabs, routeSearch}

// closeRoutes are the requests of a closure without errors whose read is not fresh: it touches rows,
// touches none, and nothing is seen.
var closeRoutes = slices.Concat(further, further)

// seenAfterClosing shows the person once after a call that touched no row.
func seenAfterClosing() mock.Fault {
	f := searchedOnce(labRow("1", "Off", "acme"))
	f.After = 1
	return f
}

func TestClose_sequence(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare  func(*mock.Server)
		findings []offboard.Finding
		sent     []string
	}{
		"open":         {func(*mock.Server) {}, nil, closeRoutes},
		"without labs": {user(func(u *mock.SkillableUser) { u.History = 0 }), nil, closeRoutes},
		"nothing there": {
			gone(func(*mock.Skillable) {}),
			nothingThere,
			[]string{routeClose, routeLabs, routeSearch, routeStats},
		},
		"rows left over": {
			func(m *mock.Server) { m.Skillable.LeaveRows = 2 }, nil, slices.Concat(further, further, closeRoutes),
		},
		"said yes, did nothing once": {
			func(m *mock.Server) { m.Fail(mock.Fault{Route: routeClose, Times: 1, Pretend: true}) },
			nil,
			slices.Concat(further, closeRoutes),
		},
		"asked to wait": {func(m *mock.Server) { m.Fail(mock.Fault{Route: routeClose, Times: 1, Status: 429}) }, nil,
			slices.Concat(further, closeRoutes)},
		"asked to wait, nothing there": {func(m *mock.Server) {
			m.Skillable.Drop("emp-3107")
			m.Fail(mock.Fault{Route: routeClose, Times: 1, Status: 429})
		}, nothingThere, slices.Concat(further, further, []string{routeStats})},
		"seen once more": {func(m *mock.Server) { m.Fail(seenAfterClosing()) }, nil,
			slices.Concat(closeRoutes, []string{routeLabs, routeSearch})},
		"errors for eight seconds": {
			func(m *mock.Server) { m.Fail(mock.Fault{Route: routeLabs, Status: 503, For: 8 * time.Second}) },
			nil,
			nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				tt.prepare(m)
				findings, err := c.Close(ctx, read(), shown)
				if err != nil || !slices.Equal(findings, tt.findings) {
					t.Errorf("got %v, %v, want %v and no error", findings, err, tt.findings)
				}
				if tt.sent != nil {
					vendortest.WantRoutes(t, m, tt.sent...)
				}
				if m.Skillable.Has("emp-3107") {
					t.Error("got an open user, want a closed one")
				}
			})
		})
	}
}

// The read before the first call serves the second one too, if that touched rows and the read is
// fresh.
func TestClose_readsOnceWhileTheReadIsFresh(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*mock.Server)
		age     time.Duration // of the read
		sent    []string
	}{
		"fresh":                        {func(*mock.Server) {}, 0, slices.Concat([]string{routeClose}, further)},
		"fresh at the first call only": {func(*mock.Server) {}, 1950 * time.Millisecond, closeRoutes},
		"first call lost": {
			func(m *mock.Server) { m.Fail(mock.Fault{Route: routeClose, Times: 1, Drop: true}) },
			0,
			slices.Concat(further, further, further),
		},
		"rows twice": {
			func(m *mock.Server) { m.Skillable.LeaveRows = 1 }, 0, slices.Concat([]string{routeClose}, further, further),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				c.prepare(m)
				u, err := client.User(ctx, "emp-3107")
				if err != nil {
					t.Fatal(err)
				}
				m.ForgetRequests()
				ctx = offboard.WithReadTime(ctx, time.Now().Add(-c.age))
				if _, err := client.Close(ctx, u, shown); err != nil {
					t.Errorf("got %v, want a closure", err)
				}
				vendortest.WantRoutes(t, m, c.sent...)
			})
		})
	}
}

// Zero rows at first and nothing seen are "nothing there", unless an earlier call of ours may have
// closed the person that the key showed.
func TestClose_zeroRowsAtFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how  skillable.CloseOptions
		want []offboard.Finding
	}{
		"never sent, shown":         {skillable.CloseOptions{Shown: true}, nothingThere},
		"never sent, never shown":   {skillable.CloseOptions{}, nothingThere},
		"lost before, shown":        {skillable.CloseOptions{Shown: true, Sent: offboard.Lost}, nil},
		"lost before, never shown":  {skillable.CloseOptions{Sent: offboard.Lost}, nothingThere},
		"accepted before":           {skillable.CloseOptions{Sent: offboard.Accepted}, nil},
		"accepted before and shown": {skillable.CloseOptions{Shown: true, Sent: offboard.Accepted}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				m.Skillable.Drop("emp-3107")
				if got, err := client.Close(ctx, read(), c.how); err != nil || !slices.Equal(got, c.want) {
					t.Errorf("got %v, %v, want %v and no error", got, err, c.want)
				}
			})
		})
	}
}

// A key that does not work proves nothing: not even that nothing is there. Zero rows are no
// acceptance either.
func TestClose_nothingThereNeedsAWorkingKey(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"refused": {Status: 200, Body: `{"Status":0,"Error":"Invalid integration key"}`}, "403": {Status: 403},
		"404": {Status: 404, Body: vendortest.HTML}, "down": {Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				m.Skillable.Drop("emp-3107")
				f.Route = routeStats
				m.Fail(f)
				findings, err := c.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || len(findings) > 0 || offboard.CallOf(err) != offboard.NotSent {
					t.Errorf("got %v and %v with the call %q, want an UnprovenError and no call", findings, err, offboard.CallOf(err))
				}
			})
		})
	}
}

// A person who is still seen after zero rows is not closed, whether rows were touched before or
// not.
func TestClose_stillSeenAfterZeroRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults []mock.Fault
		call   offboard.Call
		want   string
	}{
		"zero rows at first": {[]mock.Fault{zero(0)}, offboard.NotSent, "still shows the person"},
		"three, then zero":   {[]mock.Fault{rowsOf(3, 1), zero(0)}, offboard.Accepted, "still shows the account as it was"},
		"lost, then zero": {
			[]mock.Fault{{Route: routeClose, Drop: true, Times: 1}, zero(0)}, offboard.Lost, "still shows the person",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				for _, f := range c.faults {
					m.Fail(f)
				}
				findings, err := client.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				if err == nil || len(findings) > 0 || !strings.Contains(err.Error(), c.want) || offboard.CallOf(err) != c.call {
					t.Errorf(
						"got %v and %v with the call %q, want %q and the call %q", findings, err, offboard.CallOf(err), c.want, c.call,
					)
				}
				looks := 5
				if c.call != offboard.NotSent {
					looks++ // one between the calls
				}
				wantCount(t, m, routeSearch, looks)
			})
		})
	}
}

// The tear-down of labs takes a while, so a person who is still seen is read again, each time
// later.
func TestClose_ofWhoIsSeenForASecond(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]mock.Fault{
		"seen": {Route: "none"}, "seen, and then transient errors": {Route: routeLabs, After: 2, Times: 40, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f := searched(labRow("1", "Off", "acme"))
				f.For = time.Second
				m.Fail(f)
				m.Fail(trouble)
				if findings, err := c.Close(ctx, read(), shown); err != nil || len(findings) > 0 || m.Skillable.Has("emp-3107") {
					t.Errorf("got %v and %v, want the user closed", findings, err)
				}
			})
		})
	}
}

// If the vendor cannot be asked after zero rows, nothing is concluded, and the error has the
// reason.
func TestClose_cannotReadAfterZeroRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults []mock.Fault
		call   offboard.Call
	}{
		"zero rows at first": {[]mock.Fault{zero(0)}, offboard.NotSent},
		"three, then zero":   {[]mock.Fault{rowsOf(3, 1), zero(0)}, offboard.Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				for _, f := range append(c.faults, mock.Fault{Route: routeSearch, Status: 403}) {
					m.Fail(f)
				}
				_, err := client.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				vendortest.WantFault(t, err)
				if errors.Is(err, offboard.ErrStillOpen) || offboard.CallOf(err) != c.call {
					t.Errorf(
						"got %v with the call %q, want the call %q and nothing said of the account", err, offboard.CallOf(err), c.call,
					)
				}
				wantCount(t, m, routeSearch, 1) // a refusal does not pass with time
			})
		})
	}
}

// What showed the person is no part of the proof that comes after it.
func TestClose_resetsTheProofWhenThePersonIsSeen(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(seenAfterClosing())
		doubts := 0
		if _, err := c.Close(offboard.WithProofReset(ctx, func() { doubts++ }), read(), shown); err != nil || doubts != 1 {
			t.Errorf("got %v and %d resets, want a closure after one", err, doubts)
		}
	})
}

// A search that counts labs and shows none of them says nothing of the person, so that no closure
// is concluded from it.
func TestClose_isNotProvenByASearchThatHidesItsRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults []mock.Fault
		call   offboard.Call
	}{
		"zero rows at first": {[]mock.Fault{zero(0)}, offboard.NotSent},
		"three, then zero":   {[]mock.Fault{rowsOf(3, 1), zero(0)}, offboard.Accepted},
		"lost, then zero":    {[]mock.Fault{{Route: routeClose, Drop: true, Times: 1}, zero(0)}, offboard.Lost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				for _, f := range append(c.faults, mock.Fault{Route: routeSearch, Lie: mock.Listing{Short: 100}}) {
					m.Fail(f)
				}
				findings, err := client.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || len(findings) > 0 || offboard.CallOf(err) != c.call {
					t.Errorf(
						"got %v and %v with the call %q, want an UnprovenError and the call %q", findings, err, offboard.CallOf(err),
						c.call,
					)
				}
			})
		})
	}
}

func rowsOf(n, times int) mock.Fault {
	return mock.Fault{
		Route:  routeClose,
		Times:  times,
		Status: 200,
		Body:   fmt.Sprintf(`{"Status":1,"Error":null,"RowsAffected":%d}`, n),
	}
}

func zero(times int) mock.Fault { return rowsOf(0, times) }

// A vendor that always counts rows can never prove a closure, and the message says so.
func TestClose_alwaysCountsRows(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(rowsOf(1, 0))
		_, err := c.Close(ctx, read(), shown)
		stopped(t, err, skillable.StepClose)
		if !errors.Is(err, offboard.ErrStillOpen) ||
			!strings.Contains(err.Error(), "each closing call counts rows, so no call proves that nothing is left") {
			t.Errorf("got %v, want it to say that no proof is possible", err)
		}
		wantCount(t, m, routeClose, 10)
	})
}

func TestClose_refusedByTheVendor(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"401":             {Status: 401},
		"403":             {Status: 403},
		"404 page":        {Status: 404, Body: vendortest.HTML},
		"404 JSON":        {Status: 404, Body: `{"Status":0,"Error":"Unknown command"}`},
		"422":             {Status: 422},
		"429 forever":     {Status: 429},
		"status 0":        {Status: 200, Body: `{"Status":0,"Error":"The user has running labs"}`},
		"0 and no rows":   {Status: 200, Body: `{"Status":0,"Error":null,"RowsAffected":0}`},
		"another API's 0": {Status: 200, Body: `{"Status":20,"Error":null,"RowsAffected":0}`},
		"1 with a text":   {Status: 200, Body: `{"Status":1,"Error":"Invalid integration key","RowsAffected":0}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				f.Route = routeClose
				m.Fail(f)
				_, err := c.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				var e *rest.Error
				var unproven *offboard.UnprovenError
				if !errors.As(err, &e) || e.Status != f.Status || offboard.Ambiguous(err) || errors.As(err, &unproven) {
					t.Errorf("got %v, want the vendor's answer %d", err, f.Status)
				}
				if offboard.CallOf(err) != offboard.NotSent {
					t.Errorf("got the call %q, want none", offboard.CallOf(err))
				}
				if f.Status != http.StatusTooManyRequests { // the user is read after a wait
					wantCount(t, m, routeSearch, 0)
				}
				if !m.Skillable.Has("emp-3107") {
					t.Error("got a closed user, want an open one")
				}
			})
		})
	}
}

func TestClose_refusedForALabThatStartedMeanwhile(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Skillable.Closing = mock.CloseRefused
		m.Skillable.Add(ola(basics))
		_, err := c.Close(ctx, read(), shown)
		stopped(t, err, skillable.StepClose)
		vendortest.WantFault(t, err)
		if !strings.Contains(err.Error(), "The user has running labs") {
			t.Errorf("got %q, want the vendor's own words in it", err)
		}
		vendortest.WantRoutes(t, m, routeClose)
	})
}

func TestClose_acceptedWithoutEffect(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(mock.Fault{Route: routeClose, Pretend: true})
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := c.Close(short, read(), shown)
		stopped(t, err, skillable.StepClose)
		if !errors.Is(err, offboard.ErrStillOpen) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v until the deadline", err, offboard.ErrStillOpen)
		}
	})
}

func TestClose_refusesIDs(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		for _, id := range []string{"", " ", "emp-3107 "} {
			u := read()
			u.ID = id
			_, err := c.Close(ctx, u, withCancel)
			if err == nil || offboard.CallOf(err) != offboard.NotSent {
				t.Errorf("ID %q: got %v, want a refusal", id, err)
			}
		}
		vendortest.WantRoutes(t, m)
	})
}

func TestClose_canceled(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		before, cancel := context.WithCancel(ctx)
		cancel()
		_, err := c.Close(before, read(), shown)
		stopped(t, err, skillable.StepClose)
		if !errors.Is(err, context.Canceled) || offboard.CallOf(err) != offboard.NotSent {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		vendortest.WantRoutes(t, m)
		during, cancel := context.WithCancel(ctx)
		m.OnRequest(func(mock.Request) { cancel() })
		_, err = c.Close(during, read(), shown)
		stopped(t, err, skillable.StepClose)
		if !errors.Is(err, context.Canceled) || offboard.CallOf(err) != offboard.Accepted || m.Skillable.Has("emp-3107") {
			t.Errorf(
				"got %v with the call %q, want the call on its way to end and to be known as accepted", err, offboard.CallOf(err),
			)
		}
		vendortest.WantRoutes(t, m, routeClose)
	})
}

// After any one lie, at any request, a closure that is reported is one.
func TestClose_isTrueAfterAnyOneLie(t *testing.T) {
	t.Parallel()
	for name, fault := range vendortest.Lies(5) {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
			m.Fail(fault)
			findings, err := c.Close(ctx, read(), shown)
			if err == nil && len(findings) == 0 && m.Skillable.Has("emp-3107") {
				t.Errorf(
					"%s after %d requests, %d times: got a closure of a user who is open: %q", name, fault.After, fault.Times,
					m.Routes(),
				)
			}
		})
	}
}

// The read before a further call must pass the check, too.
func TestClose_checksTheReadBeforeAFurtherCall(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		changed := errors.New("protected by never_close")
		ctx = offboard.WithCheck(ctx, func(context.Context, skillable.User) error { return changed })
		_, err := c.Close(ctx, read(), shown)
		stopped(t, err, skillable.StepClose)
		if !errors.Is(err, changed) {
			t.Errorf("got %v, want %v", err, changed)
		}
		vendortest.WantRoutes(t, m, further...)
	})
}
