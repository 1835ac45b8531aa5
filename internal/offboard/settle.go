package offboard

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	maxSends  = 3                      // how often one closing call may leave in one run
	lostLooks = 3                      // how often to look after a lost answer before the call is sent again
	firstPoll = 100 * time.Millisecond // the first wait between two looks; each further one is twice as long
	lastPoll  = 15 * time.Second       // the longest wait between two looks
)

// errStale is why a call was not sent.
var errStale = errors.New("it was not sent, because the account was last read too long before")

// ErrStillOpen says that the vendor accepted a call whose effect its later answers do not show.
var ErrStillOpen = errors.New("the vendor accepted the call, but still shows the account as it was")

// UnprovenError says that a call was sent and that its effect cannot be known now.
type UnprovenError struct {
	Sent error // how the call itself ended: nil when the vendor accepted it, a *DeclinedError when it did not
	Look error // why the vendor could not be asked afterwards, or what its answers leave open
}

func (e *UnprovenError) Error() string {
	var declined *DeclinedError
	switch {
	case e.Sent == nil:
		return fmt.Sprintf("the vendor accepted the call, but gave no proof: %v", e.Look)
	case errors.As(e.Sent, &declined):
		return fmt.Sprintf("the vendor did not accept the call (%v), and could not be asked about the account: %v", e.Sent, e.Look)
	}
	return fmt.Sprintf("the answer was lost (%v), and the vendor could not be asked what became of the call: %v", e.Sent, e.Look)
}

// Unwrap gives both reasons.
func (e *UnprovenError) Unwrap() []error { return []error{e.Sent, e.Look} }

// Step is one changing call of a closing, and how its effect is seen.
type Step struct {
	Witness
	Send func(ctx context.Context) error // makes the call once; nil means that the vendor accepted it
	Sent Call                            // how far the same call came in an earlier run
}

// Settle makes one changing call and returns without an error only when the effect is proven by
// what the vendor answers later. It returns what proved it, Done or Absent:
//   - by its own words (Done), however the call ended;
//   - for an accepted call, by an absence and a sign of life after it;
//   - for a call whose answer was lost, by an absence, another one two seconds later, and a sign of life after that.
//
// An accepted call is watched with back-off until ctx ends. After a lost answer the vendor is asked
// first; what is still open may be sent again, three times in all. A call that the vendor did not take
// because it wants a wait is sent again after a look, too, as long as there is time. If the look of ctx
// is stale, another one comes before the first call. Transient trouble belongs to the waiting until ctx
// ends. A *DeclinedError is settled by a look: what is still there was refused, in the vendor's words;
// what is not is ErrNotVisible. Any other refusal is returned as it is. A canceled ctx never cuts a call
// that is under way.
func Settle(ctx context.Context, s Step) (Sight, error) {
	if Stale(ctx) {
		if sight, err := s.declined(ctx, &DeclinedError{Err: errStale}, nil); sight != Open || err != nil {
			return sight, err
		}
	}
	var lost error
	for sent, delayed := 0, 0; sent < maxSends; {
		if ctx.Err() != nil {
			return Open, errors.Join(context.Cause(ctx), lost)
		}
		err := s.Send(ctx)
		var declined *DeclinedError
		switch {
		case err == nil:
			return s.accepted(ctx)
		case errors.As(err, &declined):
			sight, settled := s.declined(ctx, declined, lost)
			if sight == Open && settled == nil {
				settled = declined
			}
			return sight, settled
		case Delayed(err):
			sight, settled := s.declined(ctx, &DeclinedError{Err: err}, lost)
			if sight != Open || settled != nil {
				return sight, settled
			}
			if delayed++; !Pause(ctx, delayed) {
				return Open, err
			}
			continue
		case !Ambiguous(err):
			return Open, err
		}
		sent++
		s.Sent, lost = Lost, err
		sight, lookErr := s.lost(ctx)
		switch {
		case lookErr != nil:
			return Open, &UnprovenError{Sent: err, Look: lookErr}
		case sight != Open:
			return sight, nil
		}
	}
	return Open, lost
}

// declined settles an answer that is no acceptance. lost is how an earlier call of this run ended, whose answer did not come. It returns
// Open without an error for an account that is still there.
func (s Step) declined(ctx context.Context, refusal *DeclinedError, lost error) (Sight, error) {
	sight, err := s.lookOn(ctx)
	if err == nil && sight == Absent && s.Sent != NotSent && s.SignOfLife != nil {
		sight, err = s.Confirm(ctx) // an earlier call, whose answer was lost, may have done it
		switch {
		case err == nil && sight == Absent:
			return Absent, nil
		case errors.Is(err, ErrListed):
			sight, err = Open, nil
		}
	}
	switch {
	case err != nil && lost != nil:
		return Open, &UnprovenError{Sent: lost, Look: err}
	case err != nil:
		return Open, &UnprovenError{Sent: refusal, Look: err}
	case sight == Done:
		return Done, nil
	case sight == Absent:
		return Open, errors.Join(ErrNotVisible, refusal)
	}
	return Open, nil
}

// lookOn asks what became of a call, and asks on through transient trouble as long as there is time. The first look is not cut.
func (s Step) lookOn(ctx context.Context) (Sight, error) {
	for asked := 1; ; asked++ {
		sight, err := s.look(ctx, asked == 1)
		if err == nil || !Transient(err) || !Pause(ctx, asked) {
			return sight, err
		}
	}
}

// lost looks for the effect of a call whose answer was lost, a few times. It returns Open without an error for an account that is still
// open.
func (s Step) lost(ctx context.Context) (Sight, error) {
	answered := 0 // looks that transient trouble hit do not count
	for asked := 1; ; asked++ {
		sight, err := s.look(ctx, asked == 1)
		if err == nil && sight == Absent {
			sight, err = s.confirmLost(ctx)
		}
		if err == nil {
			answered++
		}
		switch {
		case err != nil && !Transient(err):
			return Open, err
		case err == nil && (sight != Open || answered >= lostLooks):
			return sight, nil
		}
		if !Pause(ctx, asked) {
			return Open, errors.Join(context.Cause(ctx), err)
		}
	}
}

// confirmLost judges an absence after a lost answer. A step after which the account must still be shown is not proven by an absence.
func (s Step) confirmLost(ctx context.Context) (Sight, error) {
	if s.SignOfLife == nil {
		return s.vouchFor(ctx, false)
	}
	sight, err := s.Confirm(ctx)
	if errors.Is(err, ErrListed) {
		return Open, nil // the list says that nothing has happened yet
	}
	return sight, err
}

// accepted watches for the effect of an accepted call until it is proven or ctx ends.
func (s Step) accepted(ctx context.Context) (Sight, error) {
	empty := 0
	var last error // of the last look that the end of ctx did not cut
	for asked := 1; ; asked++ {
		sight, err := s.look(ctx, asked == 1)
		if err == nil && sight == Absent {
			sight, err = s.vouchFor(ctx, asked == 1)
		}
		switch {
		case err == nil && sight != Open:
			return sight, nil
		case errors.Is(err, ErrEmptyList):
			if empty++; empty > 1 {
				return Open, ErrUnvouched
			}
			if !pause(ctx) {
				return Open, errors.Join(&UnprovenError{Look: err}, context.Cause(ctx))
			}
			continue
		case err != nil && !errors.Is(err, ErrListed) && !Transient(err):
			return Open, &UnprovenError{Look: err}
		}
		empty = 0
		if asked == 1 || ctx.Err() == nil {
			last = err
		}
		if !Pause(ctx, asked) {
			return Open, errors.Join(unsettled(last), context.Cause(ctx))
		}
	}
}

// unsettled is what to say of an accepted call when the time is up; err is what the last look ended in.
func unsettled(err error) error {
	if err == nil || errors.Is(err, ErrListed) {
		return ErrStillOpen
	}
	return &UnprovenError{Look: err}
}

// vouchFor asks for the sign of life that proves an accepted call. The first time it is not cut by a canceled ctx. A step after which
// the account must still be shown is not proven by an absence: a second one ends the watch.
func (s Step) vouchFor(ctx context.Context, first bool) (Sight, error) {
	if s.SignOfLife == nil {
		if !pause(ctx) {
			return Absent, context.Cause(ctx)
		}
		sight, err := s.Witness.look(ctx)
		if err == nil && sight == Absent {
			err = ErrNotVisible
		}
		return sight, err
	}
	if first {
		var cancel context.CancelFunc
		ctx, cancel = DetachKeepDeadline(ctx)
		defer cancel()
	}
	return s.vouch(ctx)
}

// look asks once. The first look after a call is not cut by a canceled ctx, so that an interrupted run still tells what became of the
// call; the deadline of ctx holds for it too.
func (s Step) look(ctx context.Context, first bool) (Sight, error) {
	if first {
		var cancel context.CancelFunc
		ctx, cancel = DetachKeepDeadline(ctx)
		defer cancel()
	}
	return s.Witness.look(ctx)
}

// DetachKeepDeadline gives a context that a canceled ctx does not cut, but that ends at the deadline of ctx.
func DetachKeepDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	free := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(free, deadline)
	}
	return free, func() {}
}

// Pause waits before look number tried+1, longer each time, and reports whether there is time for it: false when ctx ended before.
func Pause(ctx context.Context, tried int) bool {
	wait := min(firstPoll<<min(tried-1, 10), lastPoll)
	tell(ctx, "waiting for the vendor to show the effect", map[string]any{"looks": tried, "next_look_ms": wait.Milliseconds()})
	return sleep(ctx, wait+rand.N(wait/4))
}
