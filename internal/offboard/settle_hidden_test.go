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

// A step before the call may have made the account absent. An absence alone then settles no lost
// answer. The answer to the same call does, sent again.
func TestSettle_lostAnswerAfterAStepThatHides(t *testing.T) {
	t.Parallel()
	noAccount := &offboard.DeclinedError{Err: errDeclined.Err, NoAccount: true}
	sends := func(n int) string { return strings.TrimSpace(strings.Repeat("send read read read ", n)) }
	for name, c := range map[string]struct {
		sends []error
		looks []reading
		signs []error
		want  expectation
	}{
		"absent, sent again, accepted": {
			[]error{errLost, nil}, []reading{absent}, []error{nil},
			expectation{seen: offboard.Absent, asked: sends(1) + " send read check"},
		},
		"absent, sent again, no such account": {
			[]error{errLost, noAccount}, []reading{absent}, []error{nil},
			expectation{seen: offboard.Absent, asked: sends(1) + " send read read check", took: offboard.AbsencePause},
		},
		"absent, sent again, no such account, and the list shows it": {
			[]error{errLost, noAccount}, []reading{absent}, []error{offboard.ErrListed},
			expectation{
				errs: []error{errLost, errDeclined.Err}, unproven: true, asked: sends(1) + " send read read check",
				took: offboard.AbsencePause,
			},
		},
		"absent, sent again, no such account, and nothing proves access": {
			[]error{errLost, noAccount}, []reading{absent}, []error{offboard.ErrAccessUnproven},
			expectation{
				errs: []error{errLost, offboard.ErrAccessUnproven}, unproven: true, asked: sends(1) + " send read read check",
				took: offboard.AbsencePause,
			},
		},
		"absent, sent again, declined by a gateway": {
			[]error{errLost, errDeclined}, []reading{absent}, []error{nil},
			expectation{
				errs: []error{errLost, offboard.ErrHidden, errDeclined.Err}, unproven: true, asked: sends(1) + " send read",
			},
		},
		"absent, sent again, refused": {
			[]error{errLost, errRefused}, []reading{absent}, []error{nil},
			expectation{errs: []error{errLost, errRefused}, unproven: true, asked: sends(1) + " send"},
		},
		"absent, and lost each time": {
			[]error{errLost}, []reading{absent}, []error{nil},
			expectation{errs: []error{errLost, offboard.ErrHidden}, unproven: true, asked: sends(3)},
		},
		"absent, then open, and lost each time": {
			[]error{errLost}, []reading{absent, absent, absent, open}, []error{nil},
			expectation{errs: []error{errLost}, asked: sends(3), call: offboard.Lost},
		},
		"the vendor's own words": {
			[]error{errLost}, []reading{absent, done}, []error{nil}, expectation{seen: offboard.Done, asked: "send read read"},
		},
		"declined at once by the vendor": {
			[]error{noAccount}, []reading{absent}, []error{nil},
			expectation{errs: []error{offboard.ErrNotVisible}, asked: "send read"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, reads: c.looks, checks: c.signs, hidden: true}
				seen, err := v.settle(t.Context(), offboard.NotSent)
				if err != nil {
					err = &offboard.StepError{Step: "delete", Hidden: true, Err: err}
				}
				c.want.check(t, v, seen, err)
			})
		})
	}
}

// What came before this run may hide the account, too. Then nothing is sent after an absence, and
// nothing but the answer to the same call settles a lost one.
func TestSettle_lostAnswerWhereAnEarlierStepHides(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sends []error
		looks []reading
		want  expectation
	}{
		"absent twice": {
			[]error{errLost}, []reading{absent},
			expectation{
				errs: []error{errLost, offboard.ErrHidden}, unproven: true, asked: "send read read check",
				took: offboard.AbsencePause,
			},
		},
		"the vendor's own words": {
			[]error{errLost}, []reading{absent, done},
			expectation{seen: offboard.Done, asked: "send read read", took: offboard.AbsencePause},
		},
		"open, sent again, accepted": {
			[]error{errLost, nil}, []reading{open, open, open, absent},
			expectation{seen: offboard.Absent, asked: "send read read read send read check"},
		},
		"open, sent again, no such account": {
			[]error{errLost, errNoAccount}, []reading{open, open, open, absent},
			expectation{
				seen: offboard.Absent, asked: "send read read read send read read check", took: offboard.AbsencePause,
			},
		},
		"open, sent again, declined by a gateway": {
			[]error{errLost, errDeclined}, []reading{open, open, open, absent},
			expectation{
				errs: []error{errLost, errDeclined, offboard.ErrHidden}, unproven: true,
				asked: "send read read read send read read check", took: offboard.AbsencePause,
			},
		},
		"the key refused": {
			[]error{errLost}, []reading{refusedKey},
			expectation{errs: []error{errLost, errBadKey}, unproven: true, asked: "send read"},
		},
		"accepted": {[]error{nil}, []reading{absent}, expectation{seen: offboard.Absent, asked: "send read check"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{sends: c.sends, reads: c.looks, checks: []error{nil}, earlier: true}
				seen, err := v.settle(t.Context(), offboard.NotSent)
				if err != nil {
					err = &offboard.StepError{Step: "delete", Hidden: true, Err: err}
				}
				c.want.check(t, v, seen, err)
			})
		})
	}
}

// An interrupt after the lost answer leaves it as open as the last look does.
func TestSettle_canceledAfterAStepThatHides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		v := &vendor{
			sends:  []error{errLost},
			reads:  []reading{absent},
			checks: []error{nil},
			hidden: true,
			takes:  time.Second,
		}
		time.AfterFunc(time.Second+500*time.Millisecond, cancel)
		seen, err := v.settle(ctx, offboard.NotSent)
		err = &offboard.StepError{Step: "delete", Hidden: true, Err: err}
		expectation{errs: []error{errLost, context.Canceled}, unproven: true, took: 2 * time.Second}.check(t, v, seen, err)
	})
}

// An accepted call may have closed the account, whatever came before it.
func TestSettle_acceptedBeforeAStepThatHides(t *testing.T) {
	t.Parallel()
	noAccount := &offboard.DeclinedError{Err: errDeclined.Err, NoAccount: true}
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{sends: []error{noAccount}, reads: []reading{absent}, checks: []error{nil}, hidden: true}
		seen, err := v.settle(t.Context(), offboard.Accepted)
		expectation{seen: offboard.Absent, asked: "send read read check"}.check(t, v, seen, err)
	})
}

// A lost call explains no absence that the step before it explains, too. That holds in the last look
// of a run as well, also if its reads before showed the account.
func TestExplainingCall(t *testing.T) {
	t.Parallel()
	unproven := &offboard.UnprovenError{Sent: errLost, Read: errBadKey}
	hidden := func(err error) error { return &offboard.StepError{Step: "delete", Hidden: true, Err: err} }
	for name, c := range map[string]struct {
		err    error
		want   offboard.Call
		hidden bool // whether an absence after that makes another error of it
	}{
		"lost, and still open":            {offboard.WrapStep("delete", errLost), offboard.Lost, false},
		"the same, where the step hides":  {hidden(errLost), offboard.NotSent, true},
		"lost, and not read":              {offboard.WrapStep("delete", unproven), offboard.Lost, false},
		"the same where the step hides":   {hidden(unproven), offboard.NotSent, false},
		"accepted, and not shown as done": {hidden(offboard.ErrStillOpen), offboard.Accepted, false},
		"refused":                         {hidden(errRefused), offboard.NotSent, false},
	} {
		if got := offboard.ExplainingCall(c.err); got != c.want {
			t.Errorf("%s: got %q of %v, want %q", name, got, c.err, c.want)
		}
		if got := errors.Is(offboard.Hide(c.err), offboard.ErrHidden); got != c.hidden {
			t.Errorf("%s: got ErrHidden %t, want %t", name, got, c.hidden)
		}
	}
}
