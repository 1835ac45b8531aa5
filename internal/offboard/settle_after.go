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
	wait := waitForEffect{began: time.Now()}
	for asked := 1; ; asked++ {
		seen, err := s.observeAccepted(ctx, asked == 1)
		switch {
		case err == nil && seen != Open:
			return seen, nil
		case errors.Is(err, ErrEmptyList):
			if wait.empty++; wait.empty > 1 {
				return Open, ErrUnverified
			}
			if !pauseForSecondAbsence(ctx) {
				return Open, errors.Join(&UnprovenError{Read: err}, context.Cause(ctx))
			}
			continue
		case wait.rowIsGone(err):
			return Absent, nil
		case wait.endsWith(err):
			return Open, &UnprovenError{Read: err}
		}
		if errors.Is(err, ErrListed) { // the row may be on any page later
			s.Verifier = s.AfterLost()
		}
		wait.note(err, asked == 1 || ctx.Err() == nil)
		if !Pause(ctx, asked) {
			return Open, errors.Join(wait.timeoutError(), context.Cause(ctx))
		}
	}
}

// waitForEffect is the wait for the effect of an accepted call.
type waitForEffect struct {
	began  time.Time
	empty  int       // empty lists in a row
	listed time.Time // when a row last showed the account open
	last   error     // of the last read that the end of the wait did not cut
}

// note notes how a read ended that proves nothing. whole is false if the end of the wait may have cut it.
func (w *waitForEffect) note(err error, whole bool) {
	if w.empty = 0; whole {
		w.last = err
	}
	if errors.Is(err, ErrListed) {
		w.listed = time.Now()
	}
}

// longestUnclear is how long a read is repeated after an accepted call, if its answers are unclear.
const longestUnclear = time.Minute

// rowIsGone reports whether a row that showed the account has been gone for a while from a list that cannot
// be read to its end. Some vendors have only such a list. err is that of a read whose access check passed:
// without a row before, no list is asked.
func (w *waitForEffect) rowIsGone(err error) bool {
	return errors.Is(err, ErrListNotWhole) && time.Since(w.listed) > longestUnclear
}

// endsWith reports whether no later read can show the effect. A row that showed the account may be late.
func (w *waitForEffect) endsWith(err error) bool {
	return w.listed.IsZero() && err != nil && !errors.Is(err, ErrListed) && !Transient(err) &&
		(!Unclear(err) || time.Since(w.began) > longestUnclear)
}

// timeoutError returns the error of an accepted call whose time is up.
func (w *waitForEffect) timeoutError() error {
	err := w.last
	if err == nil || errors.Is(err, ErrListed) {
		err = ErrStillOpen
	}
	if !w.listed.IsZero() {
		err = fmt.Errorf("%w (%w)", err, ErrListed)
	}
	if errors.Is(err, ErrStillOpen) {
		return err
	}
	return &UnprovenError{Read: err}
}

// observeAccepted observes the account once after an accepted call, and confirms an absence.
func (s Step) observeAccepted(ctx context.Context, first bool) (Observation, error) {
	seen, err := s.observeOnce(ctx, first)
	if err == nil && seen == Absent {
		return s.confirmAccepted(ctx, first)
	}
	return seen, err
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
