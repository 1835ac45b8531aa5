package offboard

import (
	"cmp"
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
	if err == nil && seen == Absent && s.HiddenEarlier && s.Sent != Accepted && !refusal.NoAccount {
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
	var earlier error
	for asked := 1; ; asked++ {
		seen, settled, err := s.observeLost(ctx, asked == 1)
		err = lastAnswer(ctx, earlier, err)
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
		if earlier = err; !Pause(ctx, asked) {
			return Open, errors.Join(context.Cause(ctx), err)
		}
	}
}

// lastAnswer returns the error of a read. If the end of the time may have cut it, that is the one of the read before.
func lastAnswer(ctx context.Context, earlier, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return cmp.Or(earlier, err)
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

// confirmAfterLost confirms an absence after a lost answer, or a call of an earlier run, also by the whole
// list. An absence never proves a step after which the vendor must still show the account.
func (s Step) confirmAfterLost(ctx context.Context) (Observation, error) {
	if s.CheckAccess == nil {
		return s.confirmAccepted(ctx, false)
	}
	return s.AfterLost().Confirm(ctx)
}

// afterAccepted observes the account after an accepted call, until the effect is proven or ctx
// ends. A row that shows the account meanwhile may be late, and may be on any page later: after it, the
// whole list must not show it. A list that is empty, or that has no end, must not for a while.
func (s Step) afterAccepted(ctx context.Context) (Observation, error) {
	ctx = withoutCheck(ctx) // no call follows, and the vendor may take the account apart step by step
	wait := waitForEffect{began: time.Now()}
	for asked := 1; ; asked++ {
		seen, err := s.observeAccepted(ctx, asked == 1)
		if errors.Is(err, ErrInList) && wait.row == nil {
			s.Verifier = wait.afterRow(s.Verifier)
		}
		wait.note(seen, err, asked == 1 || ctx.Err() == nil)
		if seen, ended, err := wait.end(seen, err); ended {
			return seen, err
		}
		again := func() bool { return Pause(ctx, asked) }
		if wait.empty > 0 && wait.row == nil {
			again = func() bool { return pauseForSecondAbsence(ctx) }
		}
		if !again() {
			return Open, errors.Join(wait.timeoutError(), context.Cause(ctx))
		}
	}
}

// waitForEffect is the wait for the effect of an accepted call.
type waitForEffect struct {
	began   time.Time
	empty   int       // empty lists in a row
	row     error     // of the last row with the account's ID, an ErrInList; nil for none
	missing time.Time // since when no list shows the account that a row showed; zero if one does
	whole   bool      // whether the last of these lists could be read to its end
	last    error     // of the last read that the end of the wait did not cut
}

// afterRow is Verifier.AfterLost after a row that showed the account. A list that cannot be read to its end
// is no error, but noted. Some vendors have only such a list, and a definition may have none.
func (w *waitForEffect) afterRow(v Verifier) Verifier {
	list := v.CheckList
	v.CheckList = func(ctx context.Context) error {
		if w.whole = false; list == nil {
			return nil
		}
		err := list(ctx)
		if errors.Is(err, ErrListNotWhole) {
			return nil
		}
		w.whole = err == nil
		return err
	}
	return v.AfterLost()
}

// note notes how a read ended. complete is false if the end of the wait may have cut it.
func (w *waitForEffect) note(seen Observation, err error, complete bool) {
	empty := errors.Is(err, ErrEmptyList)
	absent := err == nil && seen == Absent
	switch {
	case errors.Is(err, ErrInList):
		w.row, w.missing = err, time.Time{}
	case err == nil && seen == Open:
		w.missing = time.Time{}
	case (absent || empty) && w.missing.IsZero():
		w.missing = time.Now()
	}
	if absent {
		err = ErrListNotWhole
	}
	if w.empty++; !empty {
		w.empty = 0
	}
	if complete {
		w.last = err
	}
}

// end returns how the wait ends after a read, and whether it does.
func (w *waitForEffect) end(seen Observation, err error) (_ Observation, ended bool, _ error) {
	empty := errors.Is(err, ErrEmptyList)
	switch {
	case err == nil && (seen == Done || seen == Absent && w.proves()):
		return seen, true, nil
	case empty && w.row == nil:
		return Open, w.empty > 1, ErrUnverified
	case empty:
		return Open, w.rowIsGone(), errors.Join(ErrUnverified, w.row)
	case w.fails(err):
		return Open, true, &UnprovenError{Read: err}
	}
	return Open, false, nil
}

// longestUnclear is how long a read is repeated after an accepted call, if its answers are unclear.
const longestUnclear = time.Minute

// proves reports whether an absence whose access check passed proves the effect.
func (w *waitForEffect) proves() bool { return w.row == nil || w.whole || w.rowIsGone() }

// rowIsGone reports whether no list has shown the account for a while that a row had shown.
func (w *waitForEffect) rowIsGone() bool {
	return !w.missing.IsZero() && time.Since(w.missing) > longestUnclear
}

// fails reports whether no later read can show the effect. A row that showed the account may be late.
func (w *waitForEffect) fails(err error) bool {
	return w.row == nil && err != nil && !Transient(err) &&
		(!Unclear(err) || time.Since(w.began) > longestUnclear)
}

// timeoutError returns the error of an accepted call whose time is up.
func (w *waitForEffect) timeoutError() error {
	err := w.last
	if err == nil || errors.Is(err, ErrListed) {
		err = ErrStillOpen
	}
	if w.row != nil && !errors.Is(err, ErrInList) {
		err = fmt.Errorf("%w (%w)", err, w.row)
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
