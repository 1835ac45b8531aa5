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
	lostReads = 3                      // reads after a lost answer, before the call is sent again
	firstPoll = 100 * time.Millisecond // the first wait between two reads; each further one is twice as long
	lastPoll  = 15 * time.Second       // the longest wait between two reads
)

// errStale is why a call was not sent.
var errStale error = staleError{}

type staleError struct{}

func (staleError) Error() string {
	return "it was not sent, because the account was last read too long before"
}

// Delayed returns true: the call may leave after another read.
func (staleError) Delayed() bool { return true }

// ErrStillOpen says that the vendor accepted a call whose effect its later answers do not show.
var ErrStillOpen = errors.New("the vendor accepted the call, but still shows the account as it was")

// ErrHidden says that the vendor does not show the account, and that what came before the lost call
// explains that, too: a step of this run, or a suspension before it.
var ErrHidden = errors.New("the vendor does not show the account, and its suspension explains that, too")

// UnprovenError says that a call was sent and that its effect cannot be known now.
type UnprovenError struct {
	Sent error // how the call itself ended: nil when the vendor accepted it, a *DeclinedError when it did not
	Read error // why the vendor could not be asked afterwards, or what its answers leave open
	Open bool  // whether the last read of the run, after that, showed the account open
}

func (e *UnprovenError) Error() string {
	var declined *DeclinedError
	switch {
	case e.Sent == nil && e.Open:
		return fmt.Sprintf("the vendor accepted the call, and the last read shows the account open: %v", e.Read)
	case e.Sent == nil:
		return fmt.Sprintf("the vendor accepted the call, but gave no proof: %v", e.Read)
	case e.Open:
		return fmt.Sprintf("no answer accepted the call (%v), and the last read shows the account open: %v", e.Sent, e.Read)
	case errors.As(e.Sent, &declined):
		return fmt.Sprintf(
			"the vendor did not accept the call (%v), and could not be asked about the account: %v", e.Sent, e.Read,
		)
	}
	return fmt.Sprintf(
		"the answer was lost (%v), and it is not known what became of the call: %v", e.Sent, e.Read,
	)
}

// Unwrap returns both.
func (e *UnprovenError) Unwrap() []error { return []error{e.Sent, e.Read} }

// UnsentError says that the vendor took no call: it had to wait, and then the account could not be
// read, or must not be closed any more.
type UnsentError struct {
	Delay error // why the call had to wait
	Read  error // what kept it from leaving after that
}

func (e *UnsentError) Error() string {
	return fmt.Sprintf("no call was taken (%v), and none followed because of the read before it: %v", e.Delay, e.Read)
}

// Unwrap returns both.
func (e *UnsentError) Unwrap() []error { return []error{e.Read, e.Delay} }

// Ambiguous returns false: no call was taken.
func (e *UnsentError) Ambiguous() bool { return false }

// Step is one changing call of a closure, and how its effect is observed.
type Step struct {
	Verifier
	// Before reads the account before a call that would leave too long after the last read. It returns
	// Open if the call may leave. Nil stands for Observe.
	Before func(ctx context.Context) (Observation, error)
	Send   func(ctx context.Context) error // makes the call once; nil means that the vendor accepted it
	Sent   Call                            // how far the same call came in an earlier run
	// Lost is how the same call ended, earlier in this run, if its answer was lost. Nil stands for no such call.
	Lost error
	// Hidden says that a step before this call may have made the account absent. Then an absence does
	// not settle a lost answer. Only the answer to the same call, sent again, does.
	Hidden bool
	// HiddenEarlier says that something before this run may make the account absent. Then an absence
	// settles no lost answer, and no call follows it.
	HiddenEarlier bool
	// Shown reports whether the answer of the accepted call showed the effect. Then nothing is read
	// for it. Nil stands for no. It is for a step before the closing call only: a closing call is
	// proven by later answers.
	Shown func() bool
}

// Settle makes one changing call. It returns without an error only if later answers of the vendor
// prove the effect. It returns what proved it, Done or Absent:
//   - the vendor's own words (Done), however the call ended;
//   - after an accepted call, an absence and an access check after it;
//   - after a lost answer, an absence, another one two seconds later, and after that an access check
//     and the whole list (CheckList). If something else than the lost call explains the absence
//     (Hidden, HiddenEarlier), the same call must have been answered "no such account" before.
//
// After an accepted call it reads with back-off until ctx ends. After a lost answer it reads before
// it sends again, and it sends three times at most. A call that did not leave or that the vendor
// did not take, because a wait comes first (Delayed), is sent after the wait and a read, as long as
// there is time. If the read of ctx is stale, it reads again before the first call. Transient
// errors of reads are waited out until ctx ends.
//
// A *DeclinedError is settled by a read. If the account is still there, the *DeclinedError is
// returned. If it is not, the error is ErrNotVisible. Any other refusal is returned as it is. A
// canceled ctx never cuts a call that is on its way.
func Settle(ctx context.Context, s Step) (Observation, error) {
	run := settling{Step: s, lost: s.Lost}
	if s.Lost != nil {
		run.Sent = Lost
	}
	if Stale(ctx) {
		run.delay = errStale
	}
	for run.sends < maxSends {
		if ctx.Err() != nil {
			return Open, run.stillLost(context.Cause(ctx))
		}
		call, seen, err := run.beforeCall(ctx)
		if seen != Open || err != nil {
			return seen, err
		}
		if seen, settled, err := run.send(ctx, call); settled {
			return seen, err
		}
	}
	return Open, run.stillLost(nil)
}

// settling is a run of Settle.
type settling struct {
	Step

	sends   int       // calls whose answer was lost
	delayed int       // calls that were delayed
	delay   error     // why a read must come before the next call; nil if none must
	lost    error     // how the last call ended whose answer was lost
	read    time.Time // when the account was last read after a lost answer
	hidden  bool      // that read did not show the account, which a step before the call explains
}

// stillLost returns the error of a call after which no other one follows, because of a cause or
// because the last answer was lost.
func (s *settling) stillLost(cause error) error {
	if s.hidden {
		return s.lostUnproven(errors.Join(ErrHidden, cause))
	}
	return errors.Join(cause, s.lost)
}

// lostUnproven returns the error of a call whose answer was lost, and of which nothing is known.
func (s *settling) lostUnproven(read error) error {
	return &UnprovenError{Sent: s.lost, Read: read}
}

// beforeCall returns the context of the next call. After a delay it reads the account first, and
// returns Open without an error if the call may leave.
func (s *settling) beforeCall(ctx context.Context) (call context.Context, seen Observation, err error) {
	if s.delay == nil {
		if !s.read.IsZero() {
			ctx = WithReadTime(ctx, s.read)
		}
		return ctx, Open, nil
	}
	ctx = WithTurn(ctx)
	step := s.Step
	if s.Before != nil {
		step.Observe = s.Before
	}
	seen, err = step.afterDeclined(ctx, &DeclinedError{Err: s.delay}, s.lost)
	var unproven *UnprovenError
	if s.lost == nil && errors.As(err, &unproven) {
		err = &UnsentError{Delay: s.delay, Read: unproven.Read}
	}
	if seen == Open && err == nil && s.delayed > 1 && !PauseInTurn(ctx) {
		err = s.afterLastDelay()
	}
	s.delay = nil
	return ctx, seen, err
}

// send makes the call once, with a context of its own, and settles its answer. settled is false if
// the call may be sent again.
func (s *settling) send(ctx, call context.Context) (seen Observation, settled bool, err error) {
	err = s.Send(call)
	var declined *DeclinedError
	switch {
	case err == nil && s.Shown != nil && s.Shown():
		return Done, true, nil
	case err == nil:
		seen, err = s.afterAccepted(ctx)
		return seen, true, err
	case errors.As(err, &declined):
		seen, err = s.settleDeclined(ctx, declined)
		return seen, true, err
	case Delayed(err):
		s.delayed++
		s.delay = err
		return Open, !Pause(ctx, s.delayed), s.afterLastDelay()
	case !Ambiguous(err):
		return Open, true, s.refused(err)
	}
	return s.settleLost(ctx, err)
}

// settleDeclined settles an answer that is no acceptance. An account that is still there, as a read or a row
// of a list shows it, is the error of the call.
func (s *settling) settleDeclined(ctx context.Context, declined *DeclinedError) (Observation, error) {
	seen, err := s.afterDeclined(ctx, declined, s.lost)
	if seen == Open && (err == nil || errors.Is(err, ErrListed)) {
		return Open, s.refused(declined)
	}
	return seen, err
}

// refused returns the error of a call that was refused. That says nothing of a lost call before it.
func (s *settling) refused(err error) error {
	if s.lost != nil {
		return s.lostUnproven(&FurtherCallError{err})
	}
	return err
}

// FurtherCallError says that the same call was sent again after a lost one, and was not accepted.
type FurtherCallError struct{ Err error }

func (e *FurtherCallError) Error() string {
	return "it was sent again, and not accepted: " + e.Err.Error()
}

// Unwrap returns how the further call ended.
func (e *FurtherCallError) Unwrap() error { return e.Err }

// settleLost settles a call whose answer was lost. settled is as in send.
func (s *settling) settleLost(ctx context.Context, err error) (seen Observation, settled bool, _ error) {
	s.sends++
	s.Sent, s.lost = Lost, err
	seen, readErr := s.afterLost(ctx)
	if errors.Is(readErr, ErrListed) { // a call follows only if a read shows the account, too
		s.delay, s.read, s.hidden = errStale, time.Time{}, false
		return Open, false, nil
	}
	if readErr == nil && seen == Absent && s.HiddenEarlier {
		readErr = ErrHidden
	}
	if readErr != nil {
		return Open, true, s.lostUnproven(readErr)
	}
	s.read, s.hidden = time.Now(), s.Hidden && seen == Absent
	return seen, seen != Open && !s.hidden, nil
}

// afterLastDelay returns the error of a delayed call after which there is no time for another one.
func (s *settling) afterLastDelay() error {
	if s.lost != nil {
		return s.lostUnproven(s.delay)
	}
	return s.delay
}

// DetachKeepDeadline returns a context that is not canceled with ctx, but that ends at the deadline
// of ctx.
func DetachKeepDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	free := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(free, deadline)
	}
	return free, func() {}
}

// Pause waits before read number tried+1, longer each time. It reports whether there is time for
// that read: false if ctx ended before.
func Pause(ctx context.Context, tried int) bool {
	wait := min(firstPoll<<min(tried-1, 10), lastPoll)
	logWait(
		ctx, "waiting for the vendor to show the effect",
		map[string]any{"looks": tried, "next_look_ms": wait.Milliseconds()},
	)
	return Sleep(ctx, wait+rand.N(wait/4))
}
