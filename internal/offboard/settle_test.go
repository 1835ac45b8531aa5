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

// lost is an answer that did not come; refused is the vendor's no.
var (
	errLost    = ambiguous{errors.New("connection reset")}
	errRefused = errors.New("HTTP 422: not now")
	errBlind   = errors.New("HTTP 401")
)

type ambiguous struct{ error }

func (ambiguous) Ambiguous() bool { return true }

// account is a vendor's account of which a test says how it answers.
type account struct {
	sends []error                   // how each call ends; the last one goes on for ever
	looks func(n int) (bool, error) // what the nth look shows, counted from 1
	sent  int
	asked int
	at    []time.Duration // when each look came
	start time.Time
}

func (a *account) send(context.Context) error {
	a.sent++
	return a.sends[min(a.sent, len(a.sends))-1]
}

func (a *account) done(ctx context.Context) (bool, error) {
	a.asked++
	a.at = append(a.at, time.Since(a.start))
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return a.looks(a.asked)
}

// openUntil shows the account as open until the nth look.
func openUntil(n int) func(int) (bool, error) {
	return func(asked int) (bool, error) { return asked >= n, nil }
}

func never(int) (bool, error) { return false, nil }

func blindFrom(n int) func(int) (bool, error) {
	return func(asked int) (bool, error) {
		if asked >= n {
			return false, errBlind
		}
		return false, nil
	}
}

// script gives the looks one by one, y for yes and n for no, and the last one for ever.
func script(looks string) func(int) (bool, error) {
	return func(asked int) (bool, error) { return looks[min(asked, len(looks))-1] == 'y', nil }
}

func TestSettle(t *testing.T) {
	for name, c := range map[string]struct {
		account       account
		confirmations int
		want          error // nil for success
		unproven      bool
		sent, asked   int // asked -1 for many
	}{
		"accepted and shown at once":            {account{sends: []error{nil}, looks: openUntil(1)}, 1, nil, false, 1, 1},
		"no confirmations count as one":         {account{sends: []error{nil}, looks: openUntil(1)}, 0, nil, false, 1, 1},
		"accepted and shown later":              {account{sends: []error{nil}, looks: openUntil(5)}, 1, nil, false, 1, 5},
		"accepted and never shown":              {account{sends: []error{nil}, looks: never}, 1, offboard.ErrStillOpen, false, 1, -1},
		"accepted and then nobody to ask":       {account{sends: []error{nil}, looks: blindFrom(1)}, 1, errBlind, true, 1, 1},
		"accepted, open, then nobody to ask":    {account{sends: []error{nil}, looks: blindFrom(3)}, 1, errBlind, true, 1, 3},
		"refused":                               {account{sends: []error{errRefused}, looks: never}, 1, errRefused, false, 1, 0},
		"lost and done":                         {account{sends: []error{errLost}, looks: openUntil(1)}, 1, nil, false, 1, 1},
		"lost and done a little later":          {account{sends: []error{errLost}, looks: openUntil(3)}, 1, nil, false, 1, 3},
		"lost and open, then accepted":          {account{sends: []error{errLost, nil}, looks: openUntil(4)}, 1, nil, false, 2, 4},
		"lost and open, then refused":           {account{sends: []error{errLost, errRefused}, looks: never}, 1, errRefused, false, 2, 3},
		"lost again and again":                  {account{sends: []error{errLost}, looks: never}, 1, errLost, false, 3, 9},
		"lost and nobody to ask":                {account{sends: []error{errLost}, looks: blindFrom(1)}, 1, errBlind, true, 1, 1},
		"lost, open, then nobody to ask":        {account{sends: []error{errLost}, looks: blindFrom(2)}, 1, errBlind, true, 1, 2},
		"three confirmations":                   {account{sends: []error{nil}, looks: openUntil(1)}, 3, nil, false, 1, 3},
		"three confirmations of a flapping one": {account{sends: []error{nil}, looks: script("ynyynyyy")}, 3, nil, false, 1, 8},
		"one that flaps for ever":               {account{sends: []error{nil}, looks: func(n int) (bool, error) { return n%3 != 0, nil }}, 3, offboard.ErrStillOpen, false, 1, -1},
		"lost, and confirmed three times":       {account{sends: []error{errLost}, looks: script("nyyy")}, 3, nil, false, 1, 4},
		"lost, flapping, and sent again":        {account{sends: []error{errLost, nil}, looks: script("ynnyyy")}, 3, nil, false, 2, 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				a := c.account
				a.start = time.Now()
				err := offboard.Settle(ctx, a.send, a.done, c.confirmations)
				if !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				var unproven *offboard.UnprovenError
				if errors.As(err, &unproven) != c.unproven {
					t.Errorf("got %v, want an UnprovenError %t", err, c.unproven)
				}
				if a.sent != c.sent || c.asked >= 0 && a.asked != c.asked {
					t.Errorf("got %d calls and %d looks, want %d and %d", a.sent, a.asked, c.sent, c.asked)
				}
				if errors.Is(c.want, offboard.ErrStillOpen) && (time.Since(a.start) != 20*time.Minute || !errors.Is(err, context.DeadlineExceeded)) {
					t.Errorf("got %v after %s, want it at the deadline", err, time.Since(a.start))
				}
			})
		})
	}
}

func TestSettle_backsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		a := account{sends: []error{nil}, looks: never, start: time.Now()}
		_ = offboard.Settle(ctx, a.send, a.done, 1)
		wait := 100 * time.Millisecond
		for i := range a.at[1:] {
			if got := a.at[i+1] - a.at[i]; got < wait || got > wait+wait/4 {
				t.Fatalf("got %s before look %d, want between %s and a quarter more", got, i+2, wait)
			}
			wait = min(2*wait, 15*time.Second)
		}
		if a.asked < 30 || a.asked > 60 {
			t.Errorf("got %d looks in ten minutes, want some forty", a.asked)
		}
	})
}

func TestSettle_unprovenSaysWhatIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		sent error
		want string
	}{
		"accepted": {nil, "accepted the call"},
		"lost":     {errLost, "the answer was lost (connection reset)"},
	} {
		t.Run(name, func(t *testing.T) {
			a := account{sends: []error{c.sent}, looks: blindFrom(1)}
			err := offboard.Settle(t.Context(), a.send, a.done, 1)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "HTTP 401") {
				t.Errorf("got %v, want %q and the reason in it", err, c.want)
			}
			if c.sent != nil && !errors.Is(err, c.sent) {
				t.Errorf("got %v, want it to be %v too", err, c.sent)
			}
		})
	}
}

func TestSettle_whenCancelled(t *testing.T) {
	why := errors.New("interrupted")
	for name, c := range map[string]struct {
		sends       []error
		looks       func(int) (bool, error)
		cancelAfter time.Duration
		want        []error // none for success
		sent, asked int
	}{
		"before the call":             {[]error{nil}, never, 0, []error{why}, 0, 0},
		"during a call that works":    {[]error{nil}, openUntil(1), time.Second / 2, nil, 1, 1},
		"during a call without trace": {[]error{nil}, never, time.Second / 2, []error{why, offboard.ErrStillOpen}, 1, 1},
		"during a call that is lost":  {[]error{errLost}, never, time.Second / 2, []error{why, errLost}, 1, 1},
		"during a refused call":       {[]error{errRefused}, never, time.Second / 2, []error{errRefused}, 1, 0},
		"lost, done all the same":     {[]error{errLost}, openUntil(1), time.Second / 2, nil, 1, 1},
		"while waiting":               {[]error{nil}, never, time.Second + 150*time.Millisecond, []error{why, offboard.ErrStillOpen}, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				if c.cancelAfter == 0 {
					cancel(why)
				}
				timer := time.AfterFunc(c.cancelAfter, func() { cancel(why) })
				defer timer.Stop()
				a := account{sends: c.sends, looks: c.looks, start: time.Now()}
				err := offboard.Settle(ctx, func(ctx context.Context) error {
					time.Sleep(time.Second) // a call takes its time, whatever becomes of ctx
					return a.send(ctx)
				}, a.done, 1)
				if len(c.want) == 0 && err != nil {
					t.Errorf("got %v, want success", err)
				}
				for _, want := range c.want {
					if !errors.Is(err, want) {
						t.Errorf("got %v, want %v", err, want)
					}
				}
				if a.sent != c.sent || a.asked != c.asked {
					t.Errorf("got %d calls and %d looks, want %d and %d", a.sent, a.asked, c.sent, c.asked)
				}
			})
		})
	}
}

func TestSettle_whenTheDeadlinePassesDuringTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		a := account{sends: []error{errLost}, looks: never}
		err := offboard.Settle(ctx, func(ctx context.Context) error {
			time.Sleep(2 * time.Second)
			return a.send(ctx)
		}, a.done, 1)
		var unproven *offboard.UnprovenError
		if !errors.As(err, &unproven) || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errLost) || a.sent != 1 {
			t.Errorf("got %v after %d calls, want an UnprovenError after 1", err, a.sent)
		}
	})
}

func TestAwait(t *testing.T) {
	for name, c := range map[string]struct {
		looks func(int) (bool, error)
		ok    bool
		want  error
	}{
		"there at once": {openUntil(1), true, nil},
		"there later":   {openUntil(7), true, nil},
		"never there":   {never, false, nil},
		"nobody to ask": {blindFrom(2), false, errBlind},
		"asked in vain": {blindFrom(1), false, errBlind},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				a := account{looks: c.looks}
				ok, err := offboard.Await(ctx, a.done, 1)
				if ok != c.ok || !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("got %t and %v, want %t and %v", ok, err, c.ok, c.want)
				}
			})
		})
	}
}

// The look that is under way when the time is up does not hide that the account is still open.
func TestAwait_cutInALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		looks := 0
		ok, err := offboard.Await(ctx, func(ctx context.Context) (bool, error) {
			if looks++; looks == 1 {
				return false, nil
			}
			<-ctx.Done()
			return false, ctx.Err()
		}, 1)
		if ok || err != nil || looks != 2 {
			t.Errorf("got %t and %v after %d looks, want false and no error after 2", ok, err, looks)
		}
	})
}
