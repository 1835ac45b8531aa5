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

// How a call or a look may end.
var (
	errLost     = ambiguous{errors.New("connection reset")}
	errRefused  = errors.New("HTTP 422: not now")
	errDeclined = &offboard.DeclinedError{Err: ambiguous{errors.New("HTTP 200: no such user")}}
	errBadKey   = errors.New("HTTP 401")
	errBusy     = transient{errors.New("HTTP 503")}
)

type ambiguous struct{ error }

func (ambiguous) Ambiguous() bool { return true }

type transient struct{ error }

func (transient) Transient() bool { return true }

// look is what one look at the account ends in.
type look struct {
	sight offboard.Observation
	err   error
}

var (
	open   = look{sight: offboard.Open}
	done   = look{sight: offboard.Done}
	absent = look{sight: offboard.Absent}
	busy   = look{err: errBusy}
	barred = look{err: errBadKey}
	unsure = look{sight: offboard.Absent, err: errBadKey} // an error counts for more than what is seen with it
)

// vendor answers as a test says, and keeps what it was asked and when. The last answer of each kind
// goes on for ever.
type vendor struct {
	sends   []error
	looks   []look
	signs   []error // none: the step has no sign of life
	takes   time.Duration
	sent    int
	looked  int
	signed  int
	asked   []string
	at      []time.Duration
	started time.Time
}

// next is answer number n of a script.
func next[T any](script []T, n *int) T {
	*n++
	return script[min(*n, len(script))-1]
}

func (v *vendor) note(what string) {
	v.asked = append(v.asked, what)
	v.at = append(v.at, time.Since(v.started))
}

func (v *vendor) send(context.Context) error {
	v.note("send")
	time.Sleep(v.takes) // a call takes its time, whatever becomes of ctx
	return next(v.sends, &v.sent)
}

func (v *vendor) witness() offboard.Verifier {
	w := offboard.Verifier{Observe: func(ctx context.Context) (offboard.Observation, error) {
		v.note("look")
		if err := ctx.Err(); err != nil {
			return offboard.Open, err
		}
		l := next(v.looks, &v.looked)
		return l.sight, l.err
	}}
	if len(v.signs) > 0 {
		w.CheckAccess = func(ctx context.Context) error {
			v.note("sign")
			if err := ctx.Err(); err != nil {
				return err
			}
			return next(v.signs, &v.signed)
		}
	}
	return w
}

// settle settles the step of the vendor in a time of its own, which ends after a minute.
func (v *vendor) settle(ctx context.Context, sent offboard.Call) (offboard.Observation, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	v.started = time.Now()
	return offboard.Settle(ctx, offboard.Step{Verifier: v.witness(), Send: v.send, Sent: sent})
}

// expectation is how Settle must end.
type expectation struct {
	sight    offboard.Observation // Open for an error
	errs     []error              // all of them
	unproven bool                 // whether the error is an *offboard.UnprovenError
	call     offboard.Call        // how far the error says that the call came
	asked    string               // the requests in order; empty where their number is open
	took     time.Duration        // at least; waits between looks add to it
}

func (want expectation) check(t *testing.T, v *vendor, sight offboard.Observation, err error) {
	t.Helper()
	if sight != want.sight || (err == nil) != (len(want.errs) == 0) {
		t.Errorf("got sight %v and %v, want sight %v and %v", sight, err, want.sight, want.errs)
	}
	for _, e := range want.errs {
		if !errors.Is(err, e) {
			t.Errorf("got %v, want %v in it", err, e)
		}
	}
	var unproven *offboard.UnprovenError
	if errors.As(err, &unproven) != want.unproven {
		t.Errorf("got %#v, want an UnprovenError %t", err, want.unproven)
	}
	if got := offboard.CallOf(err); got != want.call {
		t.Errorf("got the call %q of %v, want %q", got, err, want.call)
	}
	if got := strings.Join(v.asked, " "); want.asked != "" && got != want.asked {
		t.Errorf("got the requests %q, want %q", got, want.asked)
	}
	if took := time.Since(v.started); took < want.took || took > want.took+2*time.Second {
		t.Errorf("got it after %s, want it after about %s", took, want.took)
	}
}

const minute = time.Minute

func TestSettle_acceptedCall(t *testing.T) {
	for name, c := range map[string]struct {
		looks []look
		signs []error
		want  expectation
	}{
		"shown at once in the vendor's words": {
			[]look{done}, []error{nil}, expectation{sight: offboard.Done, asked: "send look"},
		},
		"shown later": {
			[]look{open, open, done}, []error{nil}, expectation{sight: offboard.Done, asked: "send look look look"},
		},
		"absent, and a sign of life": {
			[]look{absent}, []error{nil}, expectation{sight: offboard.Absent, asked: "send look sign"},
		},
		"absent, and the list has a tombstone": {[]look{absent}, []error{offboard.ErrClosed},
			expectation{sight: offboard.Done, asked: "send look sign"}},
		"absent, and the list shows it open": {[]look{absent}, []error{offboard.ErrListed},
			expectation{errs: []error{offboard.ErrStillOpen, context.DeadlineExceeded}, call: offboard.Accepted, took: minute}},
		"absent, and the list lags a little": {[]look{absent}, []error{offboard.ErrListed, offboard.ErrListed, nil},
			expectation{sight: offboard.Absent, asked: "send look sign look sign look sign"}},
		"absent, and nothing vouches": {[]look{absent}, []error{offboard.ErrAccessUnproven},
			expectation{
				errs: []error{offboard.ErrAccessUnproven}, unproven: true, call: offboard.Accepted, asked: "send look sign",
			}},
		"absent, and the list is empty twice": {[]look{absent}, []error{offboard.ErrEmptyList},
			expectation{
				errs: []error{offboard.ErrUnverified}, call: offboard.Accepted, asked: "send look sign look sign",
				took: 2 * time.Second,
			}},
		"absent, and the list is empty once": {[]look{absent}, []error{offboard.ErrEmptyList, nil},
			expectation{sight: offboard.Absent, asked: "send look sign look sign", took: 2 * time.Second}},
		"an empty list, open, an empty list": {[]look{absent, open, absent, done}, []error{offboard.ErrEmptyList},
			expectation{sight: offboard.Done, asked: "send look sign look look sign look", took: 4 * time.Second}},
		"open for ever": {[]look{open}, []error{nil},
			expectation{errs: []error{offboard.ErrStillOpen, context.DeadlineExceeded}, call: offboard.Accepted, took: minute}},
		"trouble, and then absent": {[]look{busy, busy, busy, busy, absent}, []error{errBusy, errBusy, nil},
			expectation{
				sight: offboard.Absent, asked: "send look look look look look sign look sign look sign", took: 6 * time.Second,
			}},
		"trouble for ever": {[]look{open, busy}, []error{nil},
			expectation{
				errs: []error{errBusy, context.DeadlineExceeded}, unproven: true, call: offboard.Accepted, took: minute,
			}},
		"the list in trouble for ever": {[]look{absent}, []error{errBusy},
			expectation{errs: []error{errBusy}, unproven: true, call: offboard.Accepted, took: minute}},
		"the key refused": {[]look{open, barred}, []error{nil},
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted, asked: "send look look"}},
		"the key refused for the list": {[]look{absent}, []error{errBadKey},
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted, asked: "send look sign"}},
		"an absence with an error": {[]look{unsure}, []error{nil},
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted, asked: "send look"}},
		"a step without a sign of life, an absence and one with an error": {[]look{absent, unsure}, nil,
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted,
				asked: "send look look", took: 2 * time.Second}},
		"a step without a sign of life, absent once": {[]look{absent, done}, nil,
			expectation{sight: offboard.Done, asked: "send look look", took: 2 * time.Second}},
		"a step without a sign of life, absent twice": {[]look{absent}, nil,
			expectation{
				errs: []error{offboard.ErrNotVisible}, unproven: true, call: offboard.Accepted, asked: "send look look",
				took: 2 * time.Second,
			}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: []error{nil}, looks: c.looks, signs: c.signs}
				sight, err := v.settle(t.Context(), offboard.NotSent)
				c.want.check(t, v, sight, err)
			})
		})
	}
}

func TestSettle_lostAnswer(t *testing.T) {
	pause := 2 * time.Second
	for name, c := range map[string]struct {
		sends []error
		looks []look
		signs []error
		want  expectation
	}{
		"done": {[]error{errLost}, []look{done}, []error{nil}, expectation{sight: offboard.Done, asked: "send look"}},
		"absent twice, and a sign of life after that": {[]error{errLost}, []look{absent}, []error{nil},
			expectation{sight: offboard.Absent, asked: "send look look sign", took: pause}},
		"absent once, then done": {[]error{errLost}, []look{absent, done}, []error{nil},
			expectation{sight: offboard.Done, asked: "send look look", took: pause}},
		"absent once, then open, and sent again": {
			[]error{errLost, nil}, []look{absent, open, open, open, done}, []error{nil},
			expectation{sight: offboard.Done, asked: "send look look look look send look", took: pause}},
		"absent, and the list shows it open": {[]error{errLost, errRefused}, []look{absent}, []error{offboard.ErrListed},
			expectation{
				errs: []error{errRefused}, asked: "send look look sign look look sign look look sign send", took: 3 * pause,
			}},
		"absent, and the list is empty": {[]error{errLost}, []look{absent}, []error{offboard.ErrEmptyList},
			expectation{
				errs: []error{offboard.ErrEmptyList}, unproven: true, call: offboard.Lost, asked: "send look look sign",
				took: pause,
			}},
		"absent, and nothing vouches": {[]error{errLost}, []look{absent}, []error{offboard.ErrAccessUnproven},
			expectation{
				errs: []error{offboard.ErrAccessUnproven, errLost}, unproven: true, call: offboard.Lost,
				asked: "send look look sign", took: pause,
			}},
		"open, sent again, accepted": {[]error{errLost, nil}, []look{open, open, open, absent}, []error{nil},
			expectation{sight: offboard.Absent, asked: "send look look look send look sign"}},
		"open, sent again, refused": {[]error{errLost, errRefused}, []look{open}, []error{nil},
			expectation{errs: []error{errRefused}, asked: "send look look look send"}},
		"open, and lost three times": {[]error{errLost}, []look{open}, []error{nil},
			expectation{
				errs: []error{errLost}, call: offboard.Lost, asked: strings.TrimSpace(strings.Repeat("send look look look ", 3)),
			}},
		"open, sent again, declined, absent": {[]error{errLost, errDeclined}, []look{open, open, open, absent}, []error{nil},
			expectation{sight: offboard.Absent, asked: "send look look look send look look sign", took: pause}},
		"open, sent again, declined, absent, empty list": {
			[]error{errLost, errDeclined}, []look{open, open, open, absent}, []error{offboard.ErrEmptyList},
			expectation{errs: []error{errLost, offboard.ErrEmptyList}, unproven: true, call: offboard.Lost,
				asked: "send look look look send look look sign", took: pause}},
		"open, sent again, declined, absent, but listed": {
			[]error{errLost, errDeclined}, []look{open, open, open, absent}, []error{offboard.ErrListed},
			expectation{errs: []error{errDeclined}, asked: "send look look look send look look sign", took: pause}},
		"trouble for a while, then absent": {[]error{errLost}, []look{busy, busy, busy, busy, busy, absent}, []error{nil},
			expectation{sight: offboard.Absent, asked: "send look look look look look look look sign", took: 5 * time.Second}},
		"trouble is no look": {[]error{errLost, errRefused}, []look{busy, busy, busy, open, done}, []error{nil},
			expectation{sight: offboard.Done, asked: "send look look look look look", took: time.Second}},
		"trouble for ever": {[]error{errLost}, []look{busy}, []error{nil},
			expectation{
				errs: []error{errLost, errBusy, context.DeadlineExceeded}, unproven: true, call: offboard.Lost, took: minute,
			}},
		"absent, and trouble with the list for a while": {[]error{errLost}, []look{absent}, []error{errBusy, nil},
			expectation{sight: offboard.Absent, asked: "send look look sign look look sign", took: 2 * pause}},
		"absent, and trouble with the list for ever": {[]error{errLost}, []look{absent}, []error{errBusy},
			expectation{errs: []error{errLost, context.DeadlineExceeded}, unproven: true, call: offboard.Lost, took: minute}},
		"an absence with an error": {[]error{errLost}, []look{unsure}, []error{nil},
			expectation{errs: []error{errLost, errBadKey}, unproven: true, call: offboard.Lost, asked: "send look"}},
		"the key refused": {[]error{errLost}, []look{barred}, []error{nil},
			expectation{errs: []error{errLost, errBadKey}, unproven: true, call: offboard.Lost, asked: "send look"}},
		"a step without a sign of life, absent once": {[]error{errLost}, []look{absent, done}, nil,
			expectation{sight: offboard.Done, asked: "send look look", took: pause}},
		"a step without a sign of life, absent twice": {[]error{errLost}, []look{absent}, nil,
			expectation{
				errs: []error{errLost, offboard.ErrNotVisible}, unproven: true, call: offboard.Lost, asked: "send look look",
				took: pause,
			}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, looks: c.looks, signs: c.signs}
				sight, err := v.settle(t.Context(), offboard.NotSent)
				c.want.check(t, v, sight, err)
			})
		})
	}
}

func TestSettle_declinedAndRefused(t *testing.T) {
	for name, c := range map[string]struct {
		send  error
		sent  offboard.Call
		looks []look
		signs []error
		want  expectation
	}{
		"refused": {
			errRefused, offboard.NotSent, []look{done}, []error{nil}, expectation{errs: []error{errRefused}, asked: "send"},
		},
		"declined, and still there": {errDeclined, offboard.NotSent, []look{open}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send look"}},
		"declined, and not there": {errDeclined, offboard.NotSent, []look{absent}, []error{nil},
			expectation{errs: []error{offboard.ErrNotVisible, errDeclined}, asked: "send look"}},
		"declined, and a tombstone": {errDeclined, offboard.NotSent, []look{done}, []error{nil},
			expectation{sight: offboard.Done, asked: "send look"}},
		"declined, and nobody to ask": {errDeclined, offboard.NotSent, []look{barred}, []error{nil},
			expectation{errs: []error{errDeclined, errBadKey}, unproven: true, asked: "send look"}},
		"declined, and trouble before it is still there": {
			errDeclined, offboard.NotSent, []look{busy, busy, open}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send look look look"}},
		"declined, and trouble for ever": {errDeclined, offboard.NotSent, []look{busy}, []error{nil},
			expectation{errs: []error{errDeclined, errBusy}, unproven: true, took: minute}},
		"declined, not there, after a lost call of an earlier run": {errDeclined, offboard.Lost, []look{absent}, []error{nil},
			expectation{sight: offboard.Absent, asked: "send look look sign", took: 2 * time.Second}},
		"declined, not there, after an accepted call of an earlier run": {
			errDeclined, offboard.Accepted, []look{absent}, []error{nil},
			expectation{sight: offboard.Absent, asked: "send look look sign", took: 2 * time.Second}},
		"declined, not there, after a lost call, and no sign": {
			errDeclined, offboard.Lost, []look{absent}, []error{offboard.ErrAccessUnproven},
			expectation{
				errs: []error{offboard.ErrAccessUnproven}, unproven: true, asked: "send look look sign", took: 2 * time.Second,
			}},
		"declined, not there, then open, after a lost call": {errDeclined, offboard.Lost, []look{absent, open}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send look look", took: 2 * time.Second}},
		"declined, and still there, after a lost call": {errDeclined, offboard.Lost, []look{open}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send look"}},
		"declined, and a tombstone, after a lost call": {errDeclined, offboard.Lost, []look{done, absent}, []error{nil},
			expectation{sight: offboard.Done, asked: "send look"}},
		"declined, an absence with an error, after a lost call": {errDeclined, offboard.Lost, []look{unsure, absent},
			[]error{nil}, expectation{errs: []error{errDeclined, errBadKey}, unproven: true, asked: "send look"}},
		"declined, not there, of a step without a sign of life": {errDeclined, offboard.Lost, []look{absent}, nil,
			expectation{errs: []error{offboard.ErrNotVisible}, asked: "send look"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: []error{c.send}, looks: c.looks, signs: c.signs}
				sight, err := v.settle(t.Context(), c.sent)
				c.want.check(t, v, sight, err)
			})
		})
	}
}

func TestSettle_whenCancelled(t *testing.T) {
	why := errors.New("interrupted")
	during, between := time.Second/2, 1250*time.Millisecond
	for name, c := range map[string]struct {
		send   error
		looks  []look
		cancel time.Duration // the call takes a second
		want   expectation
	}{
		"before the call": {nil, []look{open}, 0, expectation{errs: []error{why}}},
		"during a call that the vendor shows to be done": {
			nil, []look{done}, during, expectation{sight: offboard.Done, asked: "send look"},
		},
		"during an accepted call that an absence proves": {
			nil, []look{absent}, during, expectation{sight: offboard.Absent, asked: "send look sign"},
		},
		"during an accepted call without trace": {nil, []look{open}, during,
			expectation{errs: []error{why, offboard.ErrStillOpen}, call: offboard.Accepted, asked: "send look"}},
		"during an accepted call, and trouble": {nil, []look{busy}, during,
			expectation{errs: []error{why, errBusy}, unproven: true, call: offboard.Accepted, asked: "send look"}},
		"during a call that is lost, done all the same": {
			errLost, []look{done}, during, expectation{sight: offboard.Done, asked: "send look"},
		},
		"during a call that is lost, open": {errLost, []look{open}, during,
			expectation{errs: []error{why, errLost}, unproven: true, call: offboard.Lost, asked: "send look"}},
		"during a call that is lost, absent once": {errLost, []look{absent}, during,
			expectation{errs: []error{why, errLost}, unproven: true, call: offboard.Lost, asked: "send look"}},
		"during a refused call": {
			errRefused, []look{open}, during, expectation{errs: []error{errRefused}, asked: "send"},
		},
		"during a declined call": {
			errDeclined, []look{open}, during, expectation{errs: []error{errDeclined}, asked: "send look"},
		},
		"while waiting for an accepted call": {
			nil, []look{open}, between,
			expectation{errs: []error{why, offboard.ErrStillOpen}, call: offboard.Accepted, asked: "send look look"},
		},
		"while waiting for the second absence": {
			errLost, []look{absent}, between,
			expectation{errs: []error{why}, unproven: true, call: offboard.Lost, asked: "send look"},
		},
		"while an accepted call waits for trouble": {
			nil, []look{busy}, between,
			expectation{errs: []error{why, errBusy}, unproven: true, call: offboard.Accepted, asked: "send look look"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				if c.cancel == 0 {
					cancel(why)
				}
				defer time.AfterFunc(c.cancel, func() { cancel(why) }).Stop()
				v := &vendor{sends: []error{c.send}, looks: c.looks, signs: []error{nil}, takes: time.Second}
				sight, err := v.settle(ctx, offboard.NotSent)
				c.want.check(t, v, sight, err)
			})
		})
	}
}

// An empty list that a canceled run could read only once is an open question, and no empty list
// read twice.
func TestSettle_cancelledAfterOneEmptyList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(time.Second, cancel).Stop()
		v := &vendor{sends: []error{nil}, looks: []look{absent}, signs: []error{offboard.ErrEmptyList}}
		sight, err := v.settle(ctx, offboard.NotSent)
		expectation{
			errs:     []error{offboard.ErrEmptyList, context.Canceled},
			unproven: true,
			call:     offboard.Accepted,
			asked:    "send look sign",
			took:     time.Second,
		}.check(t, v, sight, err)
		if errors.Is(err, offboard.ErrUnverified) {
			t.Errorf("got %v, want no ErrUnverified", err)
		}
	})
}

// A step after which the account must still be shown asks no second time after the run was
// canceled.
func TestSettle_cancelledAfterOneAbsenceThatProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(time.Second, cancel).Stop()
		v := &vendor{sends: []error{nil}, looks: []look{absent}}
		sight, err := v.settle(ctx, offboard.NotSent)
		expectation{errs: []error{context.Canceled}, unproven: true, call: offboard.Accepted, asked: "send look",
			took: time.Second}.check(t, v, sight, err)
	})
}

func TestDetachKeepDeadline(t *testing.T) {
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

// The look that is under way when the time is up does not hide that the account is still open.
func TestSettle_cutInALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{nil}, looks: []look{open}, started: time.Now()}
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
		sight, err := offboard.Settle(ctx, step)
		expectation{
			errs: []error{offboard.ErrStillOpen, context.DeadlineExceeded},
			call: offboard.Accepted,
			took: minute,
		}.check(t, v, sight, err)
	})
}

func TestSettle_whenTheDeadlinePassesDuringTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{errLost}, looks: []look{open}, signs: []error{nil}, takes: 2 * time.Minute}
		sight, err := v.settle(t.Context(), offboard.NotSent)
		expectation{errs: []error{context.DeadlineExceeded, errLost}, unproven: true, call: offboard.Lost, asked: "send look",
			took: 2 * time.Minute}.check(t, v, sight, err)
	})
}

func TestSettle_backsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{nil}, looks: []look{open}, signs: []error{nil}}
		_, _ = v.settle(t.Context(), offboard.NotSent)
		looks := v.at[1:]
		wait := 100 * time.Millisecond
		for i := range looks[1:] {
			if got := looks[i+1] - looks[i]; got < wait || got > wait+wait/4 {
				t.Fatalf("got %s before look %d, want between %s and a quarter more", got, i+2, wait)
			}
			wait = min(2*wait, 15*time.Second)
		}
		if len(looks) < 9 || len(looks) > 12 {
			t.Errorf("got %d looks in a minute, want some ten", len(looks))
		}
	})
}

func TestUnprovenError_saysWhatIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		sent error
		want []string
	}{
		"accepted": {nil, []string{"accepted the call", "HTTP 401"}},
		"lost":     {errLost, []string{"the answer was lost (connection reset)", "HTTP 401"}},
		"declined": {errDeclined, []string{"did not accept the call (HTTP 200: no such user)", "HTTP 401"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := &offboard.UnprovenError{Sent: c.sent, Look: errBadKey}
			if slices.ContainsFunc(c.want, func(part string) bool { return !strings.Contains(err.Error(), part) }) {
				t.Errorf("got %q, want %q in it", err, c.want)
			}
			if !errors.Is(err, errBadKey) || c.sent != nil && !errors.Is(err, c.sent) {
				t.Errorf("got %v, want both reasons in its chain", err)
			}
		})
	}
}

func TestCallOf_theClosingCallAlone(t *testing.T) {
	lost, accepted := &offboard.UnprovenError{Sent: errLost, Look: errBadKey}, &offboard.UnprovenError{Look: errBadKey}
	refused := &offboard.UnprovenError{Sent: errRefused, Look: errLost}
	for name, c := range map[string]struct {
		err  error
		want offboard.Call
	}{
		"none":     {nil, offboard.NotSent},
		"refused":  {offboard.WrapStep("delete", errRefused), offboard.NotSent},
		"declined": {offboard.WrapStep("delete", errDeclined), offboard.NotSent},
		"declined and not visible": {
			offboard.WrapStep("delete", errors.Join(offboard.ErrNotVisible, errDeclined)), offboard.NotSent,
		},
		"declined and nobody to ask": {
			offboard.WrapStep("delete", &offboard.UnprovenError{Sent: errDeclined, Look: errLost}), offboard.NotSent,
		},
		"lost":                          {offboard.WrapStep("delete", errLost), offboard.Lost},
		"lost and nobody to ask":        {offboard.WrapStep("delete", lost), offboard.Lost},
		"refused and nobody to ask":     {offboard.WrapStep("delete", refused), offboard.NotSent},
		"accepted and nobody to ask":    {offboard.WrapStep("delete", accepted), offboard.Accepted},
		"accepted and still open":       {offboard.WrapStep("delete", offboard.ErrStillOpen), offboard.Accepted},
		"accepted and unvouched":        {offboard.WrapStep("delete", offboard.ErrUnverified), offboard.Accepted},
		"a lost answer to a check":      {offboard.WrapStepBefore("check balances", errLost), offboard.NotSent},
		"a lost answer to a block":      {offboard.WrapStepBefore("block", lost), offboard.NotSent},
		"a block accepted and not seen": {offboard.WrapStepBefore("block", accepted), offboard.NotSent},
		"a lab that still runs":         {offboard.WrapStepBefore("cancel lab 7", offboard.ErrStillOpen), offboard.NotSent},
		"canceled before the first one": {context.Canceled, offboard.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			if got := offboard.CallOf(c.err); got != c.want {
				t.Errorf("got %q of %v, want %q", got, c.err, c.want)
			}
		})
	}
}
