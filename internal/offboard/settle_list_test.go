package offboard_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Nobody knows whether the vendor took a lost call. So an absence after it counts only if the whole list
// does not show the account either. An accepted call needs no list in its own run.
func TestSettle_theWholeListAfterALostCall(t *testing.T) {
	t.Parallel()
	pause := 2 * time.Second
	errPartial := errors.New("the vendor says 42, 20 were read")
	for name, c := range map[string]struct {
		sends  []error
		sent   offboard.Call
		looks  []reading
		lists  []error
		hidden bool
		want   expectation
	}{
		"accepted": {[]error{nil}, offboard.NotSent, []reading{absent}, []error{offboard.ErrListed}, false,
			expectation{seen: offboard.Absent, asked: "send read check"}},
		"lost, and not listed": {[]error{errLost}, offboard.NotSent, []reading{absent}, []error{nil}, false,
			expectation{seen: offboard.Absent, asked: "send read read check list", took: pause}},
		"lost, and listed each time": {
			[]error{errLost}, offboard.NotSent, []reading{absent}, []error{offboard.ErrListed}, false,
			expectation{
				errs: []error{errLost, offboard.ErrListed}, unproven: true, call: offboard.Lost,
				asked: "send" + strings.Repeat(" read read check list", 4), took: 4 * pause,
			}},
		"lost, and the list is not whole": {[]error{errLost}, offboard.NotSent, []reading{absent}, []error{errPartial}, false,
			expectation{
				errs: []error{errLost, errPartial}, unproven: true, call: offboard.Lost, asked: "send read read check list",
				took: pause,
			}},
		"lost, and the list fails for a while": {
			[]error{errLost}, offboard.NotSent, []reading{absent}, []error{errBusy, nil}, false,
			expectation{seen: offboard.Absent, asked: "send read read check list read read check list", took: 2 * pause}},
		"lost, and closed by the vendor's own words": {
			[]error{errLost}, offboard.NotSent, []reading{done}, []error{offboard.ErrListed}, false,
			expectation{seen: offboard.Done, asked: "send read"}},
		"declined, after a lost call of an earlier run": {
			[]error{errDeclined}, offboard.Lost, []reading{absent}, []error{offboard.ErrListed}, false,
			expectation{errs: []error{errDeclined}, asked: "send read read check list", took: pause}},
		"declined, after an accepted call of an earlier run": {
			[]error{errDeclined}, offboard.Accepted, []reading{absent}, []error{offboard.ErrListed}, false,
			expectation{errs: []error{errDeclined}, asked: "send read read check list", took: pause}},
		"declined, after an accepted call of an earlier run, and not listed": {
			[]error{errDeclined}, offboard.Accepted, []reading{absent}, []error{nil}, false,
			expectation{seen: offboard.Absent, asked: "send read read check list", took: pause}},
		"hidden, lost, then no such account, and listed": {
			[]error{errLost, errNoAccount}, offboard.NotSent, []reading{absent}, []error{offboard.ErrListed}, true,
			expectation{
				errs: []error{errLost, errNoAccount}, unproven: true, call: offboard.Lost,
				asked: "send read read read send read read check list", took: pause,
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, reads: c.looks, checks: []error{nil}, lists: c.lists, hidden: c.hidden}
				seen, err := v.settle(t.Context(), c.sent)
				c.want.check(t, v, seen, err)
			})
		})
	}
}

// A row showed the account after an accepted call, and is gone. A list without an end, and an empty one, count
// once they have not shown it for a minute, in more than one look. One that is not the right one, or that
// shows somebody else under the ID, proves nothing.
func TestSettle_aRowThatIsGone(t *testing.T) {
	t.Parallel()
	timeIsUp := []error{offboard.ErrListed, context.DeadlineExceeded}
	outage := slices.Concat([]reading{absent}, slices.Repeat([]reading{{err: errBusy}}, 11), []reading{absent})
	for name, c := range map[string]struct {
		reads  []reading
		checks []error
		lists  []error // of all that the access check leaves
		seen   offboard.Observation
		errs   []error
		after  time.Duration // at the earliest
	}{
		"whole":          {nil, nil, []error{nil}, offboard.Absent, nil, 0},
		"without an end": {nil, nil, []error{offboard.ErrListNotWhole}, offboard.Absent, nil, time.Minute},
		"no list":        {nil, nil, nil, offboard.Absent, nil, time.Minute},
		"a row that shows somebody else": {
			nil, []error{offboard.InList(offboard.ErrAnotherPerson), nil}, nil, offboard.Absent, nil, time.Minute,
		},
		"gone after an outage, without an end": {
			outage, nil, []error{offboard.ErrListNotWhole}, offboard.Absent, nil, 2 * time.Minute,
		},
		"empty": {
			nil, []error{offboard.ErrListed, offboard.ErrEmptyList}, nil, offboard.Open,
			[]error{offboard.ErrUnverified, offboard.ErrListed}, time.Minute,
		},
		"of another place": {
			nil, nil, []error{offboard.ErrAccessUnproven}, offboard.Open, timeIsUp, 5 * time.Minute,
		},
		"of somebody else": {
			nil, nil, []error{offboard.ErrAnotherPerson}, offboard.Open, timeIsUp, 5 * time.Minute,
		},
		"listed again": {
			nil, nil, []error{offboard.ErrListed}, offboard.Open, timeIsUp, 5 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: []error{nil}, reads: c.reads, checks: c.checks, lists: c.lists}
				if v.reads == nil {
					v.reads = []reading{absent}
				}
				if v.checks == nil {
					v.checks = []error{offboard.ErrListed, nil}
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				v.started = time.Now()
				seen, err := offboard.Settle(ctx, offboard.Step{Verifier: v.witness(), Send: v.send})
				if seen != c.seen || (err == nil) != (c.errs == nil) ||
					slices.ContainsFunc(c.errs, func(want error) bool { return !errors.Is(err, want) }) {
					t.Errorf("got %v, %v, want %v and %v", seen, err, c.seen, c.errs)
				}
				if took := time.Since(v.started); took < c.after || took > c.after+time.Minute {
					t.Errorf("got it after %s, want it after %s", took, c.after)
				}
			})
		})
	}
}
