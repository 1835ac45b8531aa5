package offboard_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Nobody knows whether the vendor took a lost call. So an absence after it counts only if the whole list
// does not show the account either. An accepted call needs no list.
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
			expectation{seen: offboard.Absent, asked: "send read read check", took: pause}},
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

// A row showed the account after an accepted call, and is gone. Only a list without an end is believed after
// a while. One that is not the right one, or that shows somebody else under the ID, proves nothing.
func TestSettle_aRowThatIsGone(t *testing.T) {
	t.Parallel()
	for list, proven := range map[error]bool{
		nil: true, offboard.ErrListNotWhole: true,
		offboard.ErrAccessUnproven: false, offboard.ErrAnotherPerson: false, offboard.ErrListed: false,
	} {
		t.Run(fmt.Sprint(list), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{
					sends: []error{nil}, reads: []reading{absent},
					checks: []error{offboard.ErrListed, nil}, lists: []error{list},
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				v.started = time.Now()
				seen, err := offboard.Settle(ctx, offboard.Step{Verifier: v.witness(), Send: v.send})
				if (err == nil && seen == offboard.Absent) != proven {
					t.Errorf("got %v, %v, want it proven: %t", seen, err, proven)
				}
				if took := time.Since(v.started); list != nil && took < time.Minute {
					t.Errorf("got it after %s, want it after a minute", took)
				}
			})
		})
	}
}
