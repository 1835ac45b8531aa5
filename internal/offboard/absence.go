package offboard

import (
	"context"
	"errors"
	"time"
)

// AbsencePause is how far two absences must be apart to count as two.
const AbsencePause = 2 * time.Second

// withoutCacheKey marks the context of WithoutCache.
type withoutCacheKey struct{}

// WithoutCache returns a context for reads that prove something, or that come before a call. An
// answer that a cache has kept for longer than AbsencePause is a transient error to them.
func WithoutCache(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutCacheKey{}, true)
}

// NeedsNewAnswer reports whether ctx is one of WithoutCache.
func NeedsNewAnswer(ctx context.Context) bool { return ctx.Value(withoutCacheKey{}) != nil }

// Observation is what one read of an account shows.
type Observation int

// What a read can show.
const (
	Open   Observation = iota // the account is there, without the effect that is waited for
	Done                      // the vendor's own words show the effect: a tombstone, a suspended account
	Absent                    // the vendor answers that it has no such account, which proves nothing by itself
)

// ObservationOf returns what the error of a read says of an account. It returns any other error as
// it is.
func ObservationOf(err error) (Observation, error) {
	switch {
	case errors.Is(err, ErrClosed):
		return Done, nil
	case errors.Is(err, ErrNotFound):
		return Absent, nil
	}
	return Open, err // nil for an account that is there
}

// ObserveWith returns a Verifier.Observe that calls read. If read shows an account, it must be that
// of the person in then, and pass the check of ctx: the error is that of CheckRead. A closed
// account of another person is ErrAnotherPerson, except after an accepted call: the vendor may
// rename what it closes.
func ObserveWith[U Reading](then User, read func(ctx context.Context) (U, error)) func(context.Context) (
	Observation, error,
) {
	return func(ctx context.Context) (Observation, error) {
		now, err := read(ctx)
		switch {
		case err == nil:
			return Open, CheckRead(ctx, then, now)
		case errors.Is(err, ErrClosed) && then.IsAnother(now.Common()) && ctx.Value(uncheckedKey{}) == nil:
			return Open, ErrAnotherPerson
		}
		return ObservationOf(err)
	}
}

// Verifier is how a vendor is asked about one account.
type Verifier struct {
	// Observe reads the account. It never answers from an earlier read.
	Observe func(ctx context.Context) (Observation, error)
	// CheckAccess checks, after an absence, that this key at this address still sees what it should:
	// its own user, or another user in a list of the same role, network or consumer. It returns nil if
	// the key does, and no row of a list shows the account open. The error is
	//   - ErrListed if a row shows the account open;
	//   - ErrClosed if the list shows the account closed;
	//   - ErrEmptyList or ErrAccessUnproven if nothing shows that the key does;
	//   - any other error if the vendor cannot be asked.
	CheckAccess func(ctx context.Context) error
	// CheckList checks, after an absence that only a lost call or one of an earlier run explains, that the
	// list of the place where the account was can be read to its end, and that no row of it shows the
	// account open. It returns ErrListed for such a row, and ErrListNotWhole if the list cannot be read to
	// its end. Any other error says why the list proves nothing. Nil stands for a vendor without one.
	CheckList func(ctx context.Context) error
	// CheckShown checks, after an absence that no call explains, that no row of the list that this run reads
	// once shows the account open. The errors are those of CheckList. Nil stands for a vendor at which
	// CheckAccess is enough.
	CheckShown func(ctx context.Context) error
	SignIn     string // the sign-in name of the account, which a row with a new ID may have; empty for none
}

// AfterLost returns the verifier of an absence that only a lost call explains, or one of an earlier run:
// nobody knows whether the vendor took the call, or what became of the account since then. So CheckList
// belongs to the access check.
func (w Verifier) AfterLost() Verifier {
	w.CheckAccess, w.CheckList = bothChecks(w.CheckAccess, w.CheckList), nil
	return w
}

// Unexplained returns the verifier of an absence that no call explains: CheckShown belongs to the access
// check, whose context says so.
func (w Verifier) Unexplained() Verifier {
	w.CheckAccess, w.CheckShown = bothChecks(w.CheckAccess, w.CheckShown), nil
	return w.Doubted()
}

// Doubted returns a verifier to whose access check the context says that no call of this run explains the absence:
// there was none, or it is not known what became of the account after one in an earlier run.
func (w Verifier) Doubted() Verifier {
	check := w.CheckAccess
	w.CheckAccess = func(ctx context.Context) error { return check(context.WithValue(ctx, unexplainedKey{}, w.SignIn)) }
	return w
}

// unexplainedKey marks the context of Doubted, and carries SignIn.
type unexplainedKey struct{}

// bothChecks asks first, and then second. Without one of them it is first.
func bothChecks(first, second func(context.Context) error) func(context.Context) error {
	if first == nil || second == nil {
		return first
	}
	return func(ctx context.Context) error {
		if err := first(ctx); err != nil {
			return err
		}
		return second(ctx)
	}
}

// Confirm confirms an absence that was just read and that no accepted call explains. It reads again
// after AbsencePause and checks the access after the second absence. It returns Absent and nil only
// if both confirm the absence. It returns Open or Done if the second read shows the account or that
// it is closed. It returns Absent and an error if nothing can be concluded.
func (w Verifier) Confirm(ctx context.Context) (Observation, error) {
	if !pauseForSecondAbsence(ctx) {
		return Absent, context.Cause(ctx)
	}
	seen, err := w.observe(ctx)
	if err != nil || seen != Absent {
		return seen, err
	}
	return w.checkAccess(ctx)
}

// observe reads the account. If the answer proves nothing, it resets the proof.
func (w Verifier) observe(ctx context.Context) (Observation, error) {
	seen, err := w.Observe(WithoutCache(ctx))
	if err != nil || seen == Open {
		ResetProof(ctx)
	}
	return seen, err
}

// checkAccess checks the access after an absence. It returns Done if the list shows the account
// closed.
func (w Verifier) checkAccess(ctx context.Context) (Observation, error) {
	err := w.CheckAccess(WithoutCache(ctx))
	if errors.Is(err, ErrClosed) {
		return Done, nil
	}
	if err != nil {
		ResetProof(ctx)
	}
	return Absent, err
}

// pauseForSecondAbsence waits until a second absence counts. It reports whether it did: false if
// ctx ended before.
func pauseForSecondAbsence(ctx context.Context) bool { return Sleep(ctx, AbsencePause) }

// Sleep waits for d. It reports whether it did: false if ctx ended before.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
