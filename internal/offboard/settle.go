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

// ErrStillOpen says that the vendor accepted a call whose effect its later answers do not show.
var ErrStillOpen = errors.New("the vendor accepted the call, but still shows the account as it was")

// UnprovenError says that a call was sent and that its effect cannot be known now.
type UnprovenError struct {
	Sent error // how the call itself ended; nil when the vendor accepted it
	Look error // why the vendor could not be asked afterwards
}

func (e *UnprovenError) Error() string {
	if e.Sent == nil {
		return fmt.Sprintf("the vendor accepted the call, but could not be asked for proof: %v", e.Look)
	}
	return fmt.Sprintf("the answer was lost (%v), and the vendor could not be asked what became of it: %v", e.Sent, e.Look)
}

// Unwrap gives both reasons.
func (e *UnprovenError) Unwrap() []error { return []error{e.Sent, e.Look} }

// Ambiguous tells whether the call that ended in err may have taken effect all the same. Errors say so with a method
// Ambiguous() bool; any other error means that the vendor did not do it.
func Ambiguous(err error) bool {
	var a interface{ Ambiguous() bool }
	return errors.As(err, &a) && a.Ambiguous()
}

// Settle makes one closing call and returns nil only when the vendor's own later answer shows the effect.
//
// send makes the call once. done asks the vendor whether the effect is there; so many consecutive yes answers as
// confirmations (at least one) are proof. A refusal of send is returned as it is. After an accepted call, done is asked with
// back-off until ctx ends: then the error is ErrStillOpen. After a lost answer done is asked first: what took effect is
// done; what is still open may be sent again, three times in all; what cannot be asked is an UnprovenError.
// A cancelled ctx never cuts a call that is under way.
func Settle(ctx context.Context, send func(context.Context) error, done func(context.Context) (bool, error), confirmations int) error {
	var lost error
	for range maxSends {
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), lost)
		}
		err := send(ctx)
		if err != nil && !Ambiguous(err) {
			return err
		}
		looks := 0 // without end
		if err != nil {
			looks = lostLooks
		}
		proven, lookErr := await(ctx, done, confirmations, looks)
		switch {
		case proven:
			return nil
		case lookErr != nil:
			return &UnprovenError{Sent: err, Look: lookErr}
		case err == nil:
			return errors.Join(ErrStillOpen, context.Cause(ctx))
		}
		lost = err
	}
	return lost
}

// Gone makes a done for Settle of a vendor's read of a user: the effect is there when the error is ErrNotFound.
func Gone[U any](read func(ctx context.Context, id string) (U, error), id string) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		_, err := read(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return true, nil
		}
		return false, err
	}
}

// Await asks done with back-off until it says yes so many times in a row as confirmations, or ctx ends.
// It returns whether that came about, and the error of done.
func Await(ctx context.Context, done func(context.Context) (bool, error), confirmations int) (bool, error) {
	return await(ctx, done, confirmations, 0)
}

// await asks at most looks times while the answer is no; 0 is without end.
func await(ctx context.Context, done func(context.Context) (bool, error), confirmations, looks int) (bool, error) {
	wait, yes := firstPoll, 0
	for asked := 1; ; asked++ {
		ok, err := look(ctx, done, asked == 1)
		if err != nil && asked > 1 && ctx.Err() != nil {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if yes++; !ok {
			yes = 0
		}
		if yes >= max(confirmations, 1) {
			return true, nil
		}
		if yes == 0 && looks > 0 && asked >= looks {
			return false, nil
		}
		tell(ctx, "waiting for the vendor to show the effect", map[string]any{"looks": asked, "next_look_ms": wait.Milliseconds()})
		if !sleep(ctx, wait) {
			return false, nil
		}
		wait = min(2*wait, lastPoll)
	}
}

// look asks once. The first look after a call is not cut by a cancelled ctx, so that an interrupted run still tells what
// became of the call; the deadline of ctx holds for it too.
func look(ctx context.Context, done func(context.Context) (bool, error), first bool) (bool, error) {
	if first {
		var cancel context.CancelFunc
		ctx, cancel = Uncut(ctx)
		defer cancel()
	}
	return done(ctx)
}

// Uncut gives a context that a cancelled ctx does not cut, but that ends at the deadline of ctx.
func Uncut(ctx context.Context) (context.Context, context.CancelFunc) {
	free := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(free, deadline)
	}
	return free, func() {}
}

// sleep waits for about d and tells whether it did: false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	d += rand.N(d / 4)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
