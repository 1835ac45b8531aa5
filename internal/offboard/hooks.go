package offboard

import "context"

// logKey carries the function of WithLog.
type logKey struct{}

// WithLog returns a context in which Pause logs, before each wait for an effect, how often the
// vendor was asked.
func WithLog(
	ctx context.Context, log func(ctx context.Context, message string, fields ...map[string]any),
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

// WithProofReset returns a context in which f is called after each answer that proves nothing of
// what is waited for. What was asked before is then no part of a proof.
func WithProofReset(ctx context.Context, f func()) context.Context {
	return context.WithValue(ctx, proofResetKey{}, f)
}

// ResetProof calls the function of WithProofReset, if ctx has one: what was asked so far proves
// nothing.
func ResetProof(ctx context.Context) {
	if f, ok := ctx.Value(proofResetKey{}).(func()); ok {
		f()
	}
}
