package closing

import (
	"context"
	"fmt"
	"sync"
)

// Locks lets only one closure of an account run at a time. If an account is in the state at two
// addresses, Terraform closes both side by side: the second closure then looks only after the first
// one has its outcome, and sends no second call. The zero value is ready for use.
type Locks struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// Lock waits until no other closure of the account with this key runs. The caller has to call
// unlock. The error is that of ctx, if it ends before.
func (l *Locks) Lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]chan struct{}{}
	}
	lock := l.held[key]
	if lock == nil {
		lock = make(chan struct{}, 1)
		l.held[key] = lock
	}
	l.mu.Unlock()
	unlock = func() { <-lock }
	select {
	case lock <- struct{}{}: // a canceled closure that need not wait ends in its own words
		return unlock, nil
	default:
	}
	select {
	case lock <- struct{}{}:
		return unlock, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("another closure of the same account has not ended: %w", context.Cause(ctx))
	}
}
