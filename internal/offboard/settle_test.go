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

func TestSettle_acceptedCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		looks []reading
		signs []error
		want  expectation
	}{
		"shown at once in the vendor's words": {
			[]reading{done}, []error{nil}, expectation{seen: offboard.Done, asked: "send read"},
		},
		"shown later": {
			[]reading{open, open, done}, []error{nil}, expectation{seen: offboard.Done, asked: "send read read read"},
		},
		"absent, and an access check": {
			[]reading{absent}, []error{nil}, expectation{seen: offboard.Absent, asked: "send read check"},
		},
		"absent, and the list shows it closed": {[]reading{absent}, []error{offboard.ErrClosed},
			expectation{seen: offboard.Done, asked: "send read check"}},
		"absent, and the list shows it open": {[]reading{absent}, []error{offboard.ErrListed},
			expectation{errs: []error{offboard.ErrStillOpen, context.DeadlineExceeded}, call: offboard.Accepted, took: minute}},
		"absent, after a row of a vendor without a list": {[]reading{absent}, []error{offboard.ErrListed, nil},
			expectation{
				errs: []error{offboard.ErrListNotWhole, offboard.ErrListed, context.DeadlineExceeded}, unproven: true,
				call: offboard.Accepted, took: minute,
			}},
		"absent, and nothing proves access": {[]reading{absent}, []error{offboard.ErrAccessUnproven},
			expectation{
				errs: []error{offboard.ErrAccessUnproven}, unproven: true, call: offboard.Accepted, asked: "send read check",
			}},
		"absent, and the list is empty twice": {[]reading{absent}, []error{offboard.ErrEmptyList},
			expectation{
				errs: []error{offboard.ErrUnverified}, call: offboard.Accepted, asked: "send read check read check",
				took: 2 * time.Second,
			}},
		"absent, and the list is empty once": {[]reading{absent}, []error{offboard.ErrEmptyList, nil},
			expectation{seen: offboard.Absent, asked: "send read check read check", took: 2 * time.Second}},
		"an empty list, open, an empty list": {[]reading{absent, open, absent, done}, []error{offboard.ErrEmptyList},
			expectation{seen: offboard.Done, asked: "send read check read read check read", took: 4 * time.Second}},
		"open for ever": {[]reading{open}, []error{nil},
			expectation{errs: []error{offboard.ErrStillOpen, context.DeadlineExceeded}, call: offboard.Accepted, took: minute}},
		"transient errors, and then absent": {[]reading{busy, busy, busy, busy, absent}, []error{errBusy, errBusy, nil},
			expectation{
				seen: offboard.Absent, asked: "send read read read read read check read check read check", took: 6 * time.Second,
			}},
		"transient errors for ever": {[]reading{open, busy}, []error{nil},
			expectation{
				errs: []error{errBusy, context.DeadlineExceeded}, unproven: true, call: offboard.Accepted, took: minute,
			}},
		"the list always fails": {[]reading{absent}, []error{errBusy},
			expectation{errs: []error{errBusy}, unproven: true, call: offboard.Accepted, took: minute}},
		"the key refused": {[]reading{open, refusedKey}, []error{nil},
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted, asked: "send read read"}},
		"the key refused for the list": {[]reading{absent}, []error{errBadKey},
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted, asked: "send read check"}},
		"an absence with an error": {[]reading{unsure}, []error{nil},
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted, asked: "send read"}},
		"a step without an access check, an absence and one with an error": {[]reading{absent, unsure}, nil,
			expectation{errs: []error{errBadKey}, unproven: true, call: offboard.Accepted,
				asked: "send read read", took: 2 * time.Second}},
		"a step without an access check, absent once": {[]reading{absent, done}, nil,
			expectation{seen: offboard.Done, asked: "send read read", took: 2 * time.Second}},
		"a step without an access check, absent twice": {[]reading{absent}, nil,
			expectation{
				errs: []error{offboard.ErrNotVisible}, unproven: true, call: offboard.Accepted, asked: "send read read",
				took: 2 * time.Second,
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: []error{nil}, reads: c.looks, checks: c.signs}
				seen, err := v.settle(t.Context(), offboard.NotSent)
				c.want.check(t, v, seen, err)
			})
		})
	}
}

func TestSettle_lostAnswer(t *testing.T) {
	t.Parallel()
	pause := 2 * time.Second
	for name, c := range map[string]struct {
		sends []error
		looks []reading
		signs []error
		want  expectation
	}{
		"done": {[]error{errLost}, []reading{done}, []error{nil}, expectation{seen: offboard.Done, asked: "send read"}},
		"absent twice, and an access check after that": {[]error{errLost}, []reading{absent}, []error{nil},
			expectation{seen: offboard.Absent, asked: "send read read check", took: pause}},
		"absent once, then done": {[]error{errLost}, []reading{absent, done}, []error{nil},
			expectation{seen: offboard.Done, asked: "send read read", took: pause}},
		"absent once, then open, and sent again": {
			[]error{errLost, nil}, []reading{absent, open, open, open, done}, []error{nil},
			expectation{seen: offboard.Done, asked: "send read read read read send read", took: pause}},
		"absent, and the list shows it open": {[]error{errLost, errRefused}, []reading{absent}, []error{offboard.ErrListed},
			expectation{
				errs: []error{errLost, offboard.ErrListed}, unproven: true, call: offboard.Lost,
				asked: "send" + strings.Repeat(" read read check", 4), took: 4 * pause,
			}},
		"absent, and the list shows it open, then open": {
			[]error{errLost, errRefused}, []reading{absent, absent, absent, absent, absent, absent, open},
			[]error{offboard.ErrListed},
			expectation{
				errs: []error{errLost, errRefused}, unproven: true, call: offboard.Lost,
				asked: "send" + strings.Repeat(" read read check", 3) + " read send", took: 3 * pause,
			}},
		"absent, and the list is empty": {[]error{errLost}, []reading{absent}, []error{offboard.ErrEmptyList},
			expectation{
				errs: []error{offboard.ErrEmptyList}, unproven: true, call: offboard.Lost, asked: "send read read check",
				took: pause,
			}},
		"absent, and nothing proves access": {[]error{errLost}, []reading{absent}, []error{offboard.ErrAccessUnproven},
			expectation{
				errs: []error{offboard.ErrAccessUnproven, errLost}, unproven: true, call: offboard.Lost,
				asked: "send read read check", took: pause,
			}},
		"open, sent again, accepted": {[]error{errLost, nil}, []reading{open, open, open, absent}, []error{nil},
			expectation{seen: offboard.Absent, asked: "send read read read send read check"}},
		"open, sent again, refused": {[]error{errLost, errRefused}, []reading{open}, []error{nil},
			expectation{
				errs: []error{errLost, errRefused}, unproven: true, call: offboard.Lost, asked: "send read read read send",
			}},
		"open, and lost three times": {[]error{errLost}, []reading{open}, []error{nil},
			expectation{
				errs: []error{errLost}, call: offboard.Lost, asked: strings.TrimSpace(strings.Repeat("send read read read ", 3)),
			}},
		"open, sent again, declined, absent": {[]error{
			errLost, errDeclined,
		}, []reading{open, open, open, absent}, []error{nil},
			expectation{seen: offboard.Absent, asked: "send read read read send read read check", took: pause}},
		"open, sent again, declined, absent, empty list": {
			[]error{errLost, errDeclined}, []reading{open, open, open, absent}, []error{offboard.ErrEmptyList},
			expectation{errs: []error{errLost, offboard.ErrEmptyList}, unproven: true, call: offboard.Lost,
				asked: "send read read read send read read check", took: pause}},
		"open, sent again, declined, absent, but listed": {
			[]error{errLost, errDeclined}, []reading{open, open, open, absent}, []error{offboard.ErrListed},
			expectation{
				errs: []error{errLost, errDeclined}, unproven: true, call: offboard.Lost,
				asked: "send read read read send read read check", took: pause,
			}},
		"transient errors for a while, then absent": {[]error{
			errLost,
		}, []reading{busy, busy, busy, busy, busy, absent}, []error{nil},
			expectation{seen: offboard.Absent, asked: "send read read read read read read read check", took: 5 * time.Second}},
		"transient errors are not counted": {[]error{
			errLost, errRefused,
		}, []reading{busy, busy, busy, open, done}, []error{nil},
			expectation{seen: offboard.Done, asked: "send read read read read read", took: time.Second}},
		"transient errors for ever": {[]error{errLost}, []reading{busy}, []error{nil},
			expectation{
				errs: []error{errLost, errBusy, context.DeadlineExceeded}, unproven: true, call: offboard.Lost, took: minute,
			}},
		"absent, and errors of the list for a while": {[]error{errLost}, []reading{absent}, []error{errBusy, nil},
			expectation{seen: offboard.Absent, asked: "send read read check read read check", took: 2 * pause}},
		"absent, and errors of the list for ever": {[]error{errLost}, []reading{absent}, []error{errBusy},
			expectation{errs: []error{errLost, context.DeadlineExceeded}, unproven: true, call: offboard.Lost, took: minute}},
		"an absence with an error": {[]error{errLost}, []reading{unsure}, []error{nil},
			expectation{errs: []error{errLost, errBadKey}, unproven: true, call: offboard.Lost, asked: "send read"}},
		"the key refused": {[]error{errLost}, []reading{refusedKey}, []error{nil},
			expectation{errs: []error{errLost, errBadKey}, unproven: true, call: offboard.Lost, asked: "send read"}},
		"a step without an access check, absent once": {[]error{errLost}, []reading{absent, done}, nil,
			expectation{seen: offboard.Done, asked: "send read read", took: pause}},
		"a step without an access check, absent twice": {[]error{errLost}, []reading{absent}, nil,
			expectation{
				errs: []error{errLost, offboard.ErrNotVisible}, unproven: true, call: offboard.Lost, asked: "send read read",
				took: pause,
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, reads: c.looks, checks: c.signs}
				seen, err := v.settle(t.Context(), offboard.NotSent)
				c.want.check(t, v, seen, err)
			})
		})
	}
}

func TestSettle_declinedAndRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		send  error
		sent  offboard.Call
		looks []reading
		signs []error
		want  expectation
	}{
		"refused": {
			errRefused, offboard.NotSent, []reading{done}, []error{nil}, expectation{errs: []error{errRefused}, asked: "send"},
		},
		"declined, and still there": {errDeclined, offboard.NotSent, []reading{open}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send read"}},
		"declined, and not there": {errDeclined, offboard.NotSent, []reading{absent}, []error{nil},
			expectation{errs: []error{offboard.ErrNotVisible, errDeclined}, asked: "send read"}},
		"declined, and closed": {errDeclined, offboard.NotSent, []reading{done}, []error{nil},
			expectation{seen: offboard.Done, asked: "send read"}},
		"declined, and the vendor cannot be asked": {errDeclined, offboard.NotSent, []reading{refusedKey}, []error{nil},
			expectation{errs: []error{errDeclined, errBadKey}, unproven: true, asked: "send read"}},
		"declined, and transient errors before it is still there": {
			errDeclined, offboard.NotSent, []reading{busy, busy, open}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send read read read"}},
		"declined, and transient errors for ever": {errDeclined, offboard.NotSent, []reading{busy}, []error{nil},
			expectation{errs: []error{errDeclined, errBusy}, unproven: true, took: minute}},
		"declined, not there, after a lost call of an earlier run": {errDeclined, offboard.Lost, []reading{
			absent,
		}, []error{nil},
			expectation{seen: offboard.Absent, asked: "send read read check", took: 2 * time.Second}},
		"declined, not there, after an accepted call of an earlier run": {
			errDeclined, offboard.Accepted, []reading{absent}, []error{nil},
			expectation{seen: offboard.Absent, asked: "send read read check", took: 2 * time.Second}},
		"declined, not there, after a lost call, and no sign": {
			errDeclined, offboard.Lost, []reading{absent}, []error{offboard.ErrAccessUnproven},
			expectation{
				errs: []error{offboard.ErrAccessUnproven}, unproven: true, asked: "send read read check", took: 2 * time.Second,
			}},
		"declined, not there, then open, after a lost call": {errDeclined, offboard.Lost, []reading{
			absent, open,
		}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send read read", took: 2 * time.Second}},
		"declined, and still there, after a lost call": {errDeclined, offboard.Lost, []reading{open}, []error{nil},
			expectation{errs: []error{errDeclined}, asked: "send read"}},
		"declined, and closed, after a lost call": {errDeclined, offboard.Lost, []reading{done, absent}, []error{nil},
			expectation{seen: offboard.Done, asked: "send read"}},
		"declined, an absence with an error, after a lost call": {errDeclined, offboard.Lost, []reading{unsure, absent},
			[]error{nil}, expectation{errs: []error{errDeclined, errBadKey}, unproven: true, asked: "send read"}},
		"declined, not there, of a step without an access check": {errDeclined, offboard.Lost, []reading{absent}, nil,
			expectation{errs: []error{offboard.ErrNotVisible}, asked: "send read"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: []error{c.send}, reads: c.looks, checks: c.signs}
				seen, err := v.settle(t.Context(), c.sent)
				c.want.check(t, v, seen, err)
			})
		})
	}
}

func TestSettle_backsOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{nil}, reads: []reading{open}, checks: []error{nil}}
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
	t.Parallel()
	for name, c := range map[string]struct {
		sent error
		want []string
	}{
		"accepted": {nil, []string{"accepted the call", "HTTP 401"}},
		"lost":     {errLost, []string{"the answer was lost (connection reset)", "HTTP 401"}},
		"declined": {errDeclined, []string{"did not accept the call (HTTP 200: no such user)", "HTTP 401"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := &offboard.UnprovenError{Sent: c.sent, Read: errBadKey}
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
	t.Parallel()
	lost, accepted := &offboard.UnprovenError{Sent: errLost, Read: errBadKey}, &offboard.UnprovenError{Read: errBadKey}
	refused := &offboard.UnprovenError{Sent: errRefused, Read: errLost}
	open := &offboard.UnprovenError{Sent: errLost, Read: errBadKey, Open: true}
	hidden := func(err error) error { return &offboard.StepError{Step: "delete", Hidden: true, Err: err} }
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
		"declined and the vendor cannot be asked": {
			offboard.WrapStep("delete", &offboard.UnprovenError{Sent: errDeclined, Read: errLost}), offboard.NotSent,
		},
		"lost":                                    {offboard.WrapStep("delete", errLost), offboard.Lost},
		"lost and the vendor cannot be asked":     {offboard.WrapStep("delete", lost), offboard.Lost},
		"refused and the vendor cannot be asked":  {offboard.WrapStep("delete", refused), offboard.NotSent},
		"accepted and the vendor cannot be asked": {offboard.WrapStep("delete", accepted), offboard.Accepted},
		"accepted and still open":                 {offboard.WrapStep("delete", offboard.ErrStillOpen), offboard.Accepted},
		"accepted and unvouched":                  {offboard.WrapStep("delete", offboard.ErrUnverified), offboard.Accepted},
		"a lost answer to a check":                {offboard.WrapStepBefore("check balances", errLost), offboard.NotSent},
		"a lost answer to a block":                {offboard.WrapStepBefore("block", lost), offboard.NotSent},
		"a block accepted and not seen":           {offboard.WrapStepBefore("block", accepted), offboard.NotSent},
		"a lab that still runs": {
			offboard.WrapStepBefore("cancel lab 7", offboard.ErrStillOpen), offboard.NotSent,
		},
		"canceled before the first one":      {context.Canceled, offboard.NotSent},
		"lost after a block":                 {hidden(lost), offboard.NotSent},
		"lost after a block, and open again": {hidden(open), offboard.Lost},
		"lost after a block, and still open": {hidden(errLost), offboard.Lost},
		"accepted after a block":             {hidden(accepted), offboard.Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := offboard.CallOf(c.err); got != c.want {
				t.Errorf("got %q of %v, want %q", got, c.err, c.want)
			}
		})
	}
}
