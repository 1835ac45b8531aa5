package offboard

import (
	"context"
	"errors"
	"time"
)

// AbsencePause is how far two absences must be apart to count as two.
const AbsencePause = 2 * time.Second

// Sight is what one look at an account shows.
type Sight int

// What a look can show.
const (
	Open   Sight = iota // the account is there, and the effect that is waited for is not
	Done                // the vendor's own words show the effect: a tombstone, a suspended account
	Absent              // the vendor answers that it has no such account, which proves nothing by itself
)

// SightOf is what the error of a read says of an account; other errors are returned as they are.
func SightOf(err error) (Sight, error) {
	switch {
	case errors.Is(err, ErrClosed):
		return Done, nil
	case errors.Is(err, ErrNotFound):
		return Absent, nil
	}
	return Open, err // nil for an account that is there
}

// Watch makes a look of a vendor's read of an account. Whoever is shown must be the person of whom something was known before.
func Watch(then User, read func(ctx context.Context) (User, error)) func(context.Context) (Sight, error) {
	return func(ctx context.Context) (Sight, error) {
		now, err := read(ctx)
		if err == nil {
			return Open, then.CheckPerson(now)
		}
		return SightOf(err)
	}
}

// Witness is how a vendor is asked about one account.
type Witness struct {
	// Look reads the account afresh.
	Look func(ctx context.Context) (Sight, error)
	// SignOfLife asks, after an absence, whether this key at this address still sees what it should: its own user, or at least one
	// user in a list of the same role, network or consumer. It returns nil if so and no list row that was read shows the account
	// open; ErrListed if one does; ErrEmptyList or ErrNoSign if nothing vouches; ErrClosed for a tombstone in the list; any other
	// error says why the vendor cannot be asked.
	SignOfLife func(ctx context.Context) error
}

// Confirm judges an absence that was just seen and that no accepted call explains. It looks again after two seconds and asks for a
// sign of life after the second absence. It returns Absent and nil only for an absence that both confirm; Open or Done if the
// second look shows the account or its tombstone; and Absent with an error for an absence of which nothing can be concluded.
func (w Witness) Confirm(ctx context.Context) (Sight, error) {
	if !pause(ctx) {
		return Absent, context.Cause(ctx)
	}
	sight, err := w.look(ctx)
	if err != nil || sight != Absent {
		return sight, err
	}
	return w.vouch(ctx)
}

// look reads the account, and has what was asked before forgotten if the answer proves nothing.
func (w Witness) look(ctx context.Context) (Sight, error) {
	sight, err := w.Look(ctx)
	if err != nil || sight == Open {
		Doubt(ctx)
	}
	return sight, err
}

// vouch asks for the sign of life that one absence needs.
func (w Witness) vouch(ctx context.Context) (Sight, error) {
	err := w.SignOfLife(ctx)
	if errors.Is(err, ErrClosed) {
		return Done, nil
	}
	if err != nil {
		Doubt(ctx)
	}
	return Absent, err
}

// pause waits until a second absence counts, and reports whether it did: false when ctx ended before.
func pause(ctx context.Context) bool { return sleep(ctx, AbsencePause) }

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
