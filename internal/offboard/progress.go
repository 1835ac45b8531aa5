package offboard

import "context"

// logKey carries the function of WithLog.
type logKey struct{}

// WithLog has Settle and Await tell log what they wait for, before each wait, when they are called with the returned context.
func WithLog(ctx context.Context, log func(ctx context.Context, message string, fields ...map[string]any)) context.Context {
	return context.WithValue(ctx, logKey{}, log)
}

// tell writes to the log of ctx, if it has one.
func tell(ctx context.Context, message string, fields map[string]any) {
	if log, ok := ctx.Value(logKey{}).(func(context.Context, string, ...map[string]any)); ok {
		log(ctx, message, fields)
	}
}
