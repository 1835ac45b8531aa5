package offboard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestSettle_whenCanceled(t *testing.T) {
	t.Parallel()
	why := errors.New("interrupted")
	during, between := time.Second/2, 1250*time.Millisecond
	for name, c := range map[string]struct {
		send   error
		looks  []reading
		cancel time.Duration // the call takes a second
		want   expectation
	}{
		"before the call": {nil, []reading{open}, 0, expectation{errs: []error{why}}},
		"during a call that the vendor shows to be done": {
			nil, []reading{done}, during, expectation{seen: offboard.Done, asked: "send read"},
		},
		"during an accepted call that an absence proves": {
			nil, []reading{absent}, during, expectation{seen: offboard.Absent, asked: "send read check"},
		},
		"during an accepted call without trace": {nil, []reading{open}, during,
			expectation{errs: []error{why, offboard.ErrStillOpen}, call: offboard.Accepted, asked: "send read"}},
		"during an accepted call, and transient errors": {nil, []reading{busy}, during,
			expectation{errs: []error{why, errBusy}, unproven: true, call: offboard.Accepted, asked: "send read"}},
		"during a call that is lost, done all the same": {
			errLost, []reading{done}, during, expectation{seen: offboard.Done, asked: "send read"},
		},
		"during a call that is lost, open": {errLost, []reading{open}, during,
			expectation{errs: []error{why, errLost}, unproven: true, call: offboard.Lost, asked: "send read"}},
		"during a call that is lost, absent once": {errLost, []reading{absent}, during,
			expectation{errs: []error{why, errLost}, unproven: true, call: offboard.Lost, asked: "send read"}},
		"during a refused call": {
			errRefused, []reading{open}, during, expectation{errs: []error{errRefused}, asked: "send"},
		},
		"during a declined call": {
			errDeclined, []reading{open}, during, expectation{errs: []error{errDeclined}, asked: "send read"},
		},
		"while waiting for an accepted call": {
			nil, []reading{open}, between,
			expectation{errs: []error{why, offboard.ErrStillOpen}, call: offboard.Accepted, asked: "send read read"},
		},
		"while waiting for the second absence": {
			errLost, []reading{absent}, between,
			expectation{errs: []error{why}, unproven: true, call: offboard.Lost, asked: "send read"},
		},
		"while an accepted call waits for transient errors": {
			nil, []reading{busy}, between,
			expectation{errs: []error{why, errBusy}, unproven: true, call: offboard.Accepted, asked: "send read read"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				if c.cancel == 0 {
					cancel(why)
				}
				defer time.AfterFunc(c.cancel, func() { cancel(why) }).Stop()
				v := &vendor{sends: []error{c.send}, reads: c.looks, checks: []error{nil}, takes: time.Second}
				seen, err := v.settle(ctx, offboard.NotSent)
				c.want.check(t, v, seen, err)
			})
		})
	}
}

// An empty list that a canceled run could read only once is an open question, and no empty list
// read twice.
func TestSettle_canceledAfterOneEmptyList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(time.Second, cancel).Stop()
		v := &vendor{sends: []error{nil}, reads: []reading{absent}, checks: []error{offboard.ErrEmptyList}}
		seen, err := v.settle(ctx, offboard.NotSent)
		expectation{
			errs:     []error{offboard.ErrEmptyList, context.Canceled},
			unproven: true,
			call:     offboard.Accepted,
			asked:    "send read check",
			took:     time.Second,
		}.check(t, v, seen, err)
		if errors.Is(err, offboard.ErrUnverified) {
			t.Errorf("got %v, want no ErrUnverified", err)
		}
	})
}

// A step after which the account must still be shown asks no second time after the run was
// canceled.
func TestSettle_canceledAfterOneAbsenceThatProvesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(time.Second, cancel).Stop()
		v := &vendor{sends: []error{nil}, reads: []reading{absent}}
		seen, err := v.settle(ctx, offboard.NotSent)
		expectation{errs: []error{context.Canceled}, unproven: true, call: offboard.Accepted, asked: "send read",
			took: time.Second}.check(t, v, seen, err)
	})
}

func TestDetachKeepDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		free, end := offboard.DetachKeepDeadline(canceled)
		defer end()
		if err := free.Err(); err != nil {
			t.Errorf("got %v without a deadline, want a context that goes on", err)
		}
		limited, cancel := context.WithTimeout(t.Context(), time.Minute)
		cancel()
		free, end = offboard.DetachKeepDeadline(limited)
		defer end()
		if err := free.Err(); err != nil {
			t.Errorf("got %v before the deadline, want a context that goes on", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := free.Err(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v after the deadline, want %v", err, context.DeadlineExceeded)
		}
	})
}

// A read in flight when the time is up does not hide that the account is still open.
func TestSettle_endsDuringARead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{nil}, reads: []reading{open}, started: time.Now()}
		w := v.witness()
		step := offboard.Step{
			Send:     v.send,
			Verifier: offboard.Verifier{CheckAccess: func(context.Context) error { return nil }},
		}
		step.Observe = func(ctx context.Context) (offboard.Observation, error) {
			if len(v.asked) > 2 {
				<-ctx.Done()
				return offboard.Open, transient{ctx.Err()}
			}
			return w.Observe(ctx)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		seen, err := offboard.Settle(ctx, step)
		expectation{
			errs: []error{offboard.ErrStillOpen, context.DeadlineExceeded},
			call: offboard.Accepted,
			took: minute,
		}.check(t, v, seen, err)
	})
}

func TestSettle_whenTheDeadlinePassesDuringTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{errLost}, reads: []reading{open}, checks: []error{nil}, takes: 2 * time.Minute}
		seen, err := v.settle(t.Context(), offboard.NotSent)
		expectation{errs: []error{context.DeadlineExceeded, errLost}, unproven: true, call: offboard.Lost, asked: "send read",
			took: 2 * time.Minute}.check(t, v, seen, err)
	})
}

// The time ends in the middle of a read. What the vendor answered to the one before says more than that.
func TestSettle_namesTheAnswerBeforeTheEndOfTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		reads := 0
		_, err := offboard.Settle(ctx, offboard.Step{
			Send: func(context.Context) error { return errLost },
			Verifier: offboard.Verifier{Observe: func(ctx context.Context) (offboard.Observation, error) {
				if reads++; reads < 4 {
					return offboard.Open, errBusy
				}
				<-ctx.Done()
				return offboard.Open, ctx.Err()
			}},
		})
		if reads != 4 || !errors.Is(err, errBusy) || !errors.Is(err, errLost) {
			t.Errorf("got %v after %d reads, want %v and %v after 4", err, reads, errBusy, errLost)
		}
	})
}
