package offboard

import (
	"context"
	"sync"
	"time"
)

// lastReadKey carries the Turn of the last read of the account.
type lastReadKey struct{}

// TurnGap is the longest time that lies between the read and the call of a turn because of a rate.
const TurnGap = 1500 * time.Millisecond

// Turn is a read of an account together with the call after it. The rate limit lets both leave
// together: otherwise a slow rate would make each read too old for its call.
type Turn struct {
	mu      sync.Mutex
	read    time.Time // when the account was read, without the time that the vendor took to answer
	begun   bool      // a request has left
	answers int       // how many requests were answered
	due     time.Time // when the call has its place in the rate limit; zero if it has none
	joint   bool      // false for a read that was made before
}

// WithReadTime notes in the returned context when the account was read.
func WithReadTime(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, lastReadKey{}, &Turn{read: onWallClock(at)})
}

// WithReadOf returns a context for one more call after the last read of an earlier one. It reports
// whether there is such a read, and whether it is fresh enough: otherwise another read must come
// first.
func WithReadOf(ctx, earlier context.Context) (context.Context, bool) {
	t, ok := earlier.Value(lastReadKey{}).(*Turn)
	if !ok || Stale(earlier) {
		return ctx, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return context.WithValue(ctx, lastReadKey{}, &Turn{read: t.read}), !t.read.IsZero()
}

// onWallClock returns t without its monotonic reading: that clock stands still while a machine
// sleeps.
func onWallClock(t time.Time) time.Time { return t.Round(0) }

// WithTurn returns a context for a read of the account and the one call that follows it.
func WithTurn(ctx context.Context) context.Context {
	return context.WithValue(ctx, lastReadKey{}, &Turn{joint: true})
}

// WithoutTurn returns a context for a request that shows nothing of the account.
func WithoutTurn(ctx context.Context) context.Context {
	return context.WithValue(ctx, lastReadKey{}, nil)
}

// TurnOf returns the turn of WithTurn; nil if ctx has none.
func TurnOf(ctx context.Context) *Turn {
	if t, ok := ctx.Value(lastReadKey{}).(*Turn); ok && t.joint {
		return t
	}
	return nil
}

// Begun reports whether a request of the turn has left. The others follow it at once.
func (t *Turn) Begun() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.begun
}

// Begin notes that a request of the turn leaves.
func (t *Turn) Begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun = true
}

// Prepay notes when the call of the turn has its place in the rate limit.
func (t *Turn) Prepay(due time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.due = due
}

// Due returns when the call of the turn has its place in the rate limit; the zero time if it has
// none.
func (t *Turn) Due() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.due
}

// Answered notes an answer that shows something of the account, and how long the vendor took for
// it. That is no part of the age of the read: at a slow vendor each read would be too old for a
// call.
func (t *Turn) Answered(took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answers++; t.read.IsZero() {
		t.read = onWallClock(time.Now())
		return
	}
	t.read = t.read.Add(took)
}

// PauseInTurn waits between the read and the call of a turn whose call was delayed before. A vendor
// that takes one request a second would else delay each call because of the read before it. As it
// is the vendor's wish, it is no part of the age of the read. It reports whether it did: false if
// ctx ended before.
func PauseInTurn(ctx context.Context) bool {
	if !Sleep(ctx, TurnGap) {
		return false
	}
	if t := TurnOf(ctx); t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.read.IsZero() {
			t.read = t.read.Add(TurnGap)
		}
	}
	return true
}

// ForgetOnlyAnswer notes that the request is made again that had the only answer of a turn. So the read
// begins anew. If there were others, they stay as old as they are.
func ForgetOnlyAnswer(ctx context.Context) {
	if t := TurnOf(ctx); t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.answers == 1 {
			t.answers, t.read = 0, time.Time{}
		}
	}
}

// Stale reports whether the last read of the account is so old that another one must come before a
// call, because of a wait for a lock or a rate limit for example. It is false if ctx has no read.
func Stale(ctx context.Context) bool { return StaleAfter(ctx, 0) }

// StaleAfter reports whether the last read will be stale after a wait. A read that seems to be of
// later is stale too, because the clock was set back.
func StaleAfter(ctx context.Context, wait time.Duration) bool {
	t, ok := ctx.Value(lastReadKey{}).(*Turn)
	if !ok {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	age := time.Since(t.read)
	return !t.read.IsZero() && (age+wait > AbsencePause || age < -AbsencePause)
}
