package offboard

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// afterDeclined settles an answer that is not an acceptance. lost is how an earlier call of this
// run ended whose answer was lost, or nil. It returns Open without an error if the account is still
// there.
func (s Step) afterDeclined(ctx context.Context, refusal *DeclinedError, lost error) (Observation, error) {
	seen, err := s.observeUntilAnswered(ctx)
	proven := false
	if err == nil && seen == Absent {
		seen, proven, err = s.explainAbsence(ctx, refusal, lost)
	}
	switch {
	case proven:
		return Absent, nil
	case err != nil && lost != nil:
		return Open, &UnprovenError{Sent: lost, Read: err}
	case err != nil:
		return Open, &UnprovenError{Sent: refusal, Read: err}
	case seen == Done:
		return Done, nil
	case seen == Absent:
		return Open, errors.Join(ErrNotVisible, refusal)
	}
	return Open, nil
}

// explainAbsence returns whether an earlier call, whose answer was lost, proves an absence after a call
// that was declined. If something before this run may hide the account, it proves none, unless the
// vendor says in its own form that there is no such account.
func (s Step) explainAbsence(ctx context.Context, refusal *DeclinedError, lost error) (
	seen Observation, proven bool, err error,
) {
	hidden := s.Hidden && !refusal.NoAccount
	switch {
	case hidden && lost != nil:
		return Absent, false, errors.Join(ErrHidden, refusal)
	case hidden, s.Sent == NotSent, s.CheckAccess == nil:
		return Absent, false, nil
	}
	seen, err = s.confirmAfterLost(ctx)
	if err == nil && seen == Absent && s.HiddenEarlier && s.Sent == Lost && !refusal.NoAccount {
		err = errors.Join(ErrHidden, refusal)
	}
	return seen, err == nil && seen == Absent, err
}

// observeUntilAnswered observes the account after a call. It repeats a read that ended in a
// transient error, as long as there is time.
func (s Step) observeUntilAnswered(ctx context.Context) (Observation, error) {
	for asked := 1; ; asked++ {
		seen, err := s.observeOnce(ctx, asked == 1)
		if err == nil || !Transient(err) || !Pause(ctx, asked) {
			return seen, err
		}
	}
}

// afterLost observes the account a few times after a call whose answer was lost. It returns Open
// without an error if the account is still open, and ErrListed if only a list shows that. If Hidden or
// HiddenEarlier, Absent without an error is no proof.
func (s Step) afterLost(ctx context.Context) (Observation, error) {
	answered := 0 // reads that did not end in a transient error
	for asked := 1; ; asked++ {
		seen, settled, err := s.observeLost(ctx, asked == 1)
		listed := errors.Is(err, ErrListed) // so nothing has happened yet
		if err == nil || listed {
			answered++
		}
		switch {
		case err != nil && !listed && !Transient(err):
			return Open, err
		case err == nil && settled, answered >= lostReads && (err == nil || listed):
			return seen, err
		}
		if !Pause(ctx, asked) {
			return Open, errors.Join(context.Cause(ctx), err)
		}
	}
}

// observeLost observes the account once after a lost answer, and confirms an absence that is no work
// of a step before. It reports whether no further read is needed.
func (s Step) observeLost(ctx context.Context, first bool) (seen Observation, settled bool, err error) {
	seen, err = s.observeOnce(ctx, first)
	if s.Hidden && seen == Absent {
		return seen, false, err
	}
	if err == nil && seen == Absent {
		seen, err = s.confirmAfterLost(ctx)
	}
	return seen, seen != Open, err
}

// confirmAfterLost confirms an absence after a lost answer, also by the whole list unless an earlier
// run had the call accepted. An absence never proves a step after which the vendor must still show the
// account.
func (s Step) confirmAfterLost(ctx context.Context) (Observation, error) {
	if s.CheckAccess == nil {
		return s.confirmAccepted(ctx, false)
	}
	w := s.Verifier
	if s.Sent == Lost {
		w = w.AfterLost()
	}
	return w.Confirm(ctx)
}

// afterAccepted observes the account after an accepted call, until the effect is proven or ctx
// ends.
func (s Step) afterAccepted(ctx context.Context) (Observation, error) {
	ctx = withoutCheck(ctx) // no call follows, and the vendor may take the account apart step by step
	empty := 0              // empty lists in a row
	listed := false         // a row has shown the account open
	began := time.Now()
	var last error // of the last read that the end of ctx did not cut
	for asked := 1; ; asked++ {
		seen, err := s.observeAccepted(ctx, asked == 1)
		switch {
		case err == nil && seen != Open:
			return seen, nil
		case errors.Is(err, ErrEmptyList):
			if empty++; empty > 1 {
				return Open, ErrUnverified
			}
			if !pauseForSecondAbsence(ctx) {
				return Open, errors.Join(&UnprovenError{Read: err}, context.Cause(ctx))
			}
			continue
		case endsAccepted(err, time.Since(began)):
			return Open, &UnprovenError{Read: afterRow(err, listed)}
		}
		if errors.Is(err, ErrListed) { // the row may be on any page later
			s.Verifier, listed = s.AfterLost(), true
		}
		empty = 0
		if asked == 1 || ctx.Err() == nil {
			last = err
		}
		if !Pause(ctx, asked) {
			return Open, errors.Join(timeoutError(last, listed), context.Cause(ctx))
		}
	}
}

// observeAccepted observes the account once after an accepted call, and confirms an absence.
func (s Step) observeAccepted(ctx context.Context, first bool) (Observation, error) {
	seen, err := s.observeOnce(ctx, first)
	if err == nil && seen == Absent {
		return s.confirmAccepted(ctx, first)
	}
	return seen, err
}

// longestUnclear is how long a read is repeated after an accepted call, if its answers are unclear.
const longestUnclear = time.Minute

// endsAccepted reports whether no later read can show the effect of an accepted call, some time
// after it.
func endsAccepted(err error, after time.Duration) bool {
	return err != nil && !errors.Is(err, ErrListed) && !Transient(err) && (!Unclear(err) || after > longestUnclear)
}

// timeoutError returns the error of an accepted call whose time is up. err is how the last read
// ended.
func timeoutError(err error, listed bool) error {
	if err == nil || errors.Is(err, ErrListed) {
		return afterRow(ErrStillOpen, listed)
	}
	return &UnprovenError{Read: afterRow(err, listed)}
}

// afterRow returns an error that says, too, that a row of a list has shown the account open.
func afterRow(err error, listed bool) error {
	if !listed || errors.Is(err, ErrListed) {
		return err
	}
	return fmt.Errorf("%w (%w)", err, ErrListed)
}

// confirmAccepted makes the access check that proves an accepted call. The first one is not cut by
// a canceled ctx. An absence never proves a step after which the vendor must still show the
// account: there, a second absence is ErrNotVisible.
func (s Step) confirmAccepted(ctx context.Context, first bool) (Observation, error) {
	if s.CheckAccess == nil {
		if !pauseForSecondAbsence(ctx) {
			return Absent, context.Cause(ctx)
		}
		seen, err := s.observe(ctx)
		if err == nil && seen == Absent {
			err = ErrNotVisible
		}
		return seen, err
	}
	if first {
		var cancel context.CancelFunc
		ctx, cancel = DetachKeepDeadline(ctx)
		defer cancel()
	}
	return s.checkAccess(ctx)
}

// observeOnce observes the account once. The first read after a call is not cut by a canceled ctx,
// so that an interrupted run still says what happened to the call. The deadline of ctx holds all
// the same.
func (s Step) observeOnce(ctx context.Context, first bool) (Observation, error) {
	if first {
		var cancel context.CancelFunc
		ctx, cancel = DetachKeepDeadline(ctx)
		defer cancel()
	}
	return s.observe(ctx)
}
