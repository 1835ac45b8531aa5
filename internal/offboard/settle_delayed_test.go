package offboard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

var barredPerson = reading{err: offboard.ErrAnotherPerson}

// After a call that was delayed comes the wait, then a read, then the call.
func TestSettle_delayedCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sends []error
		reads []reading
		want  expectation
	}{
		"sent after a read": {[]error{errDelayed, nil}, []reading{open, absent},
			expectation{seen: offboard.Absent, asked: "send read send read check"}},
		"delayed twice": {[]error{errDelayed, errDelayed, nil}, []reading{open, open, absent},
			expectation{seen: offboard.Absent, asked: "send read send read send read check", took: 1500 * time.Millisecond}},
		"another person now": {[]error{errDelayed}, []reading{barredPerson},
			expectation{errs: []error{offboard.ErrAnotherPerson, errDelayed}, asked: "send read"}},
		"closed meanwhile": {[]error{errDelayed}, []reading{done},
			expectation{seen: offboard.Done, asked: "send read"}},
		"not shown any more": {[]error{errDelayed}, []reading{absent},
			expectation{errs: []error{offboard.ErrNotVisible, errDelayed}, asked: "send read"}},
		"delayed for ever": {[]error{errDelayed}, []reading{open},
			expectation{errs: []error{errDelayed}, took: minute}},
		"lost, open, delayed, sent": {[]error{errLost, errDelayed, nil}, []reading{open, open, open, open, done},
			expectation{seen: offboard.Done, asked: "send read read read send read send read"}},
		"lost, open, delayed for ever": {[]error{errLost, errDelayed}, []reading{open},
			expectation{errs: []error{errLost, errDelayed}, unproven: true, call: offboard.Lost, took: minute}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, reads: c.reads, checks: []error{nil}}
				sight, err := v.settle(t.Context(), offboard.NotSent)
				c.want.check(t, v, sight, err)
				pauses := 0
				for i := 2; i < len(v.asked); i++ {
					if v.asked[i] != "send" || v.asked[i-1] != "read" || v.asked[i-2] != "send" {
						continue
					}
					if pauses++; v.at[i-1] == v.at[i-2] || v.at[i]-v.at[i-1] > offboard.TurnGap {
						t.Errorf("got the requests %q after %s, want the wait before each read", v.asked, v.at)
					}
				}
			})
		})
	}
}

// Before replaces the read before a call that was delayed, or whose account was read long ago.
func TestSettle_readsWithBefore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age   time.Duration // of the read before
		sends []error
		want  string
	}{
		"delayed": {0, []error{errDelayed, nil}, "send before send read"},
		"stale":   {time.Hour, []error{nil}, "before send read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, reads: []reading{done}}
				before := func(context.Context) (offboard.Observation, error) {
					v.note("before")
					return offboard.Open, nil
				}
				ctx := offboard.WithReadTime(t.Context(), time.Now().Add(-c.age))
				_, err := offboard.Settle(ctx, offboard.Step{Verifier: v.witness(), Before: before, Send: v.send})
				if got := strings.Join(v.asked, " "); err != nil || got != c.want {
					t.Errorf("got %v and the requests %q, want %q", err, got, c.want)
				}
			})
		})
	}
}

// Each call is told when the account was last read, so that the rate limit can hold it back.
func TestSettle_tellsTheCallWhenTheAccountWasRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{errLost, errRefused}, reads: []reading{open}}
		var fresh, old []bool
		send := func(ctx context.Context) error {
			fresh = append(fresh, !offboard.Stale(ctx))
			time.Sleep(3 * time.Second)
			old = append(old, offboard.Stale(ctx))
			return v.send(ctx)
		}
		ctx := offboard.WithReadTime(t.Context(), time.Now())
		_, _ = offboard.Settle(ctx, offboard.Step{Verifier: v.witness(), Send: send})
		if len(fresh) != 2 || !fresh[0] || !fresh[1] || !old[0] || !old[1] {
			t.Errorf("got calls with a fresh read: %v, and an old one 3 seconds later: %v, want all", fresh, old)
		}
	})
}

// A read before a call must pass the check of the context, and a read after an accepted call need
// not: no call follows.
func TestSettle_checksReadsBeforeACall(t *testing.T) {
	t.Parallel()
	changed := errors.New("the rights are others")
	ines := offboard.User{ID: "1", Email: "ines@acme.test", Name: "Ines Varga", Status: offboard.Active}
	for name, c := range map[string]struct {
		sends []error
		want  error
	}{
		"delayed":  {[]error{errDelayed, nil}, changed},
		"lost":     {[]error{errLost, nil}, changed},
		"accepted": {[]error{nil}, offboard.ErrStillOpen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, started: time.Now()}
				step := offboard.Step{Send: v.send, Verifier: offboard.Verifier{
					Observe: offboard.ObserveWith(ines, func(context.Context) (offboard.User, error) { return ines, nil }),
				}}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				ctx = offboard.WithCheck(ctx, func(context.Context, offboard.User) error { return changed })
				if _, err := offboard.Settle(ctx, step); !errors.Is(err, c.want) || v.sent > 1 {
					t.Errorf("got %v after %d calls, want %v after one", err, v.sent, c.want)
				}
			})
		})
	}
}
