package offboard

import (
	"context"
	"time"
)

// logKey carries the function of WithLog.
type logKey struct{}

// WithLog has Pause tell log, before each wait for an effect, how often the vendor was asked, when
// it is called with the returned context.
func WithLog(
	ctx context.Context,
	log func(ctx context.Context, message string, fields ...map[string]any),
) context.Context {
	return context.WithValue(ctx, logKey{}, log)
}

// logWait writes to the log of ctx, if it has one.
func logWait(ctx context.Context, message string, fields map[string]any) {
	if log, ok := ctx.Value(logKey{}).(func(context.Context, string, ...map[string]any)); ok {
		log(ctx, message, fields)
	}
}

// proofResetKey carries the function of WithProofReset.
type proofResetKey struct{}

// WithProofReset has f called after each answer that proves nothing of what is waited for, when an
// effect or an absence is judged with the returned context. What was asked before is then no part
// of a proof.
func WithProofReset(ctx context.Context, f func()) context.Context {
	return context.WithValue(ctx, proofResetKey{}, f)
}

// ResetProof tells whoever keeps the proof that what was asked so far proves nothing.
func ResetProof(ctx context.Context) {
	if f, ok := ctx.Value(proofResetKey{}).(func()); ok {
		f()
	}
}

// readTimeKey carries the time of WithReadTime.
type readTimeKey struct{}

// WithReadTime notes in ctx that the account was looked at, at a time.
func WithReadTime(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, readTimeKey{}, at)
}

// Stale reports whether so much time has passed since the look of ctx that another one must come
// before a call: a lock or a rate limit was waited for, for example. It is false where no look is
// noted.
func Stale(ctx context.Context) bool {
	at, ok := ctx.Value(readTimeKey{}).(time.Time)
	return ok && time.Since(at) > AbsencePause
}
