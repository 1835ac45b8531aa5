package offboard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// How a call or a read may end.
var (
	errLost      = ambiguous{errors.New("connection reset")}
	errRefused   = errors.New("HTTP 422: not now")
	errDeclined  = &offboard.DeclinedError{Err: ambiguous{errors.New("HTTP 200: no such user")}}
	errNoAccount = &offboard.DeclinedError{Err: errDeclined.Err, NoAccount: true}
	errBadKey    = errors.New("HTTP 401")
	errBusy      = transient{errors.New("HTTP 503")}
	errDelayed   = delayed{errors.New("HTTP 429")}
)

type ambiguous struct{ error }

func (ambiguous) Ambiguous() bool { return true }

type transient struct{ error }

func (transient) Transient() bool { return true }

type delayed struct{ error }

func (delayed) Delayed() bool { return true }

// reading is what one read of the account ends in.
type reading struct {
	seen offboard.Observation
	err  error
}

var (
	open       = reading{seen: offboard.Open}
	done       = reading{seen: offboard.Done}
	absent     = reading{seen: offboard.Absent}
	busy       = reading{err: errBusy}
	refusedKey = reading{err: errBadKey}
	unsure     = reading{seen: offboard.Absent, err: errBadKey} // an error counts for more than what is seen with it
)

// vendor answers as a test says, and keeps what it was asked and when. The last answer of each kind
// goes on forever.
type vendor struct {
	sends   []error
	reads   []reading
	checks  []error // none: the step has no access check
	lists   []error // of the whole list; none: the vendor has no list
	hidden  bool    // a step before may have made the account absent
	earlier bool    // something before this run may have
	takes   time.Duration
	sent    int
	looked  int
	signed  int
	listed  int
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
	time.Sleep(v.takes) // a call takes its time, even if ctx is canceled
	return next(v.sends, &v.sent)
}

func (v *vendor) witness() offboard.Verifier {
	w := offboard.Verifier{Observe: func(ctx context.Context) (offboard.Observation, error) {
		v.note("read")
		if err := ctx.Err(); err != nil {
			return offboard.Open, err
		}
		l := next(v.reads, &v.looked)
		return l.seen, l.err
	}}
	if len(v.checks) > 0 {
		w.CheckAccess = func(ctx context.Context) error {
			v.note("check")
			if err := ctx.Err(); err != nil {
				return err
			}
			return next(v.checks, &v.signed)
		}
	}
	if len(v.lists) > 0 {
		w.CheckList = func(context.Context) error {
			v.note("list")
			return next(v.lists, &v.listed)
		}
	}
	return w
}

// settle settles the step of the vendor in a time of its own, which ends after a minute.
func (v *vendor) settle(ctx context.Context, sent offboard.Call) (offboard.Observation, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	v.started = time.Now()
	return offboard.Settle(ctx, offboard.Step{
		Verifier: v.witness(), Send: v.send, Sent: sent, Hidden: v.hidden, HiddenEarlier: v.earlier,
	})
}

// expectation is how Settle must end.
type expectation struct {
	seen     offboard.Observation // Open for an error
	errs     []error              // all of them
	unproven bool                 // whether the error is an *offboard.UnprovenError
	call     offboard.Call        // how far the error says that the call came
	asked    string               // the requests in order; empty where their number is open
	took     time.Duration        // at least; waits between reads add to it
}

func (want expectation) check(t *testing.T, v *vendor, seen offboard.Observation, err error) {
	t.Helper()
	if seen != want.seen || (err == nil) != (len(want.errs) == 0) {
		t.Errorf("got seen %v and %v, want seen %v and %v", seen, err, want.seen, want.errs)
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
