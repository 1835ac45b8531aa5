package offboard

import (
	"context"
	"errors"
	"time"
)

// AbsencePause is how far two absences must be apart to count as two.
const AbsencePause = 2 * time.Second

// Observation is what one read at an account shows.
type Observation int

// What a look can show.
const (
	Open   Observation = iota // the account is there, and the effect that is waited for is not
	Done                      // the vendor's own words show the effect: a tombstone, a suspended account
	Absent                    // the vendor answers that it has no such account, which proves nothing by itself
)

// ObservationOf is what the error of a read says of an account; other errors are returned as they
// are.
func ObservationOf(err error) (Observation, error) {
	switch {
	case errors.Is(err, ErrClosed):
		return Done, nil
	case errors.Is(err, ErrNotFound):
		return Absent, nil
	}
	return Open, err // nil for an account that is there
}

// ObserveWith makes a look of a vendor's read of an account. Whoever is shown must be the person of
// whom something was known before.
func ObserveWith(then User, read func(ctx context.Context) (User, error)) func(context.Context) (Observation, error) {
	return func(ctx context.Context) (Observation, error) {
		now, err := read(ctx)
		if err == nil {
			return Open, then.CheckPerson(now)
		}
		return ObservationOf(err)
	}
}

// Verifier is how a vendor is asked about one account.
type Verifier struct {
	// Observe reads the account afresh.
	Observe func(ctx context.Context) (Observation, error)
	// CheckAccess asks, after an absence, whether this key at this address still sees what it should:
	// its own user, or at least one user in a list of the same role, network or consumer. It returns
	// nil if so and no list row that was read shows the account open; ErrListed if one does;
	// ErrEmptyList or ErrAccessUnproven if nothing vouches; ErrClosed for a tombstone in the list; any
	// other error says why the vendor cannot be asked.
	CheckAccess func(ctx context.Context) error
}

// Confirm judges an absence that was just seen and that no accepted call explains. It looks again
// after two seconds and asks for a sign of life after the second absence. It returns Absent and nil
// only for an absence that both confirm; Open or Done if the second look shows the account or its
// tombstone; and Absent with an error for an absence of which nothing can be concluded.
func (w Verifier) Confirm(ctx context.Context) (Observation, error) {
	if !pauseForSecondAbsence(ctx) {
		return Absent, context.Cause(ctx)
	}
	sight, err := w.observe(ctx)
	if err != nil || sight != Absent {
		return sight, err
	}
	return w.checkAccess(ctx)
}

// observe reads the account, and has what was asked before forgotten if the answer proves nothing.
func (w Verifier) observe(ctx context.Context) (Observation, error) {
	sight, err := w.Observe(ctx)
	if err != nil || sight == Open {
		ResetProof(ctx)
	}
	return sight, err
}

// checkAccess asks for the sign of life that one absence needs.
func (w Verifier) checkAccess(ctx context.Context) (Observation, error) {
	err := w.CheckAccess(ctx)
	if errors.Is(err, ErrClosed) {
		return Done, nil
	}
	if err != nil {
		ResetProof(ctx)
	}
	return Absent, err
}

// pauseForSecondAbsence waits until a second absence counts, and reports whether it did: false when
// ctx ended before.
func pauseForSecondAbsence(ctx context.Context) bool { return sleep(ctx, AbsencePause) }

// sleep waits for d and reports whether it did: false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
