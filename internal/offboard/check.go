package offboard

import (
	"context"
	"errors"
)

// Reading is a User of a vendor, as one read showed it.
type Reading interface{ Common() User }

// Common returns what all vendors know of the account.
func (u User) Common() User { return u }

// checkKey carries the function of WithCheck, uncheckedKey takes it away.
type (
	checkKey[U Reading] struct{}
	uncheckedKey        struct{}
)

// WithCheck returns a context in which each further read of the account before a call must pass
// check, as the first read did: otherwise a call could close an account that changed during a wait.
func WithCheck[U Reading](ctx context.Context, check func(context.Context, U) error) context.Context {
	return context.WithValue(ctx, checkKey[U]{}, check)
}

// withoutCheck returns a context for reads after which no call comes.
func withoutCheck(ctx context.Context) context.Context {
	return context.WithValue(ctx, uncheckedKey{}, true)
}

// Check returns the error of the check of ctx; nil if ctx has none.
func Check[U Reading](ctx context.Context, now U) error {
	check, ok := ctx.Value(checkKey[U]{}).(func(context.Context, U) error)
	if !ok || ctx.Value(uncheckedKey{}) != nil {
		return nil
	}
	return check(ctx, now)
}

// CheckRead returns nil if a further read of an account shows the person in then, and passes the
// check of ctx. Its error counts for more than that of another person, because it says more.
func CheckRead[U Reading](ctx context.Context, then User, now U) error {
	person := then.CheckPerson(now.Common())
	if errors.Is(person, ErrPersonNotShown) {
		return person
	}
	if err := Check(ctx, now); err != nil {
		return err
	}
	return person
}
