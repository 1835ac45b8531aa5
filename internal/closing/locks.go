package closing

import (
	"context"
	"fmt"
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// Locks lets only one closure of an account run at a time. If an account is in the state at two
// addresses, Terraform closes both side by side: the second closure then looks only after the first
// one has its outcome, and sends no second call. It learns that outcome here if no evidence log tells
// it. The zero value is ready for use.
type Locks struct {
	mu   sync.Mutex
	held map[string]chan struct{}
	told map[string]evidence.Earlier
}

// Ended notes what a closure of the account with this key tells of it. The caller holds its lock.
func (l *Locks) Ended(key string, told evidence.Earlier) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told == nil {
		l.told = map[string]evidence.Earlier{}
	}
	l.told[key] = told
}

// Earlier returns what the last closure of this run tells of the account with this key; nothing if
// there was none.
func (l *Locks) Earlier(key string) evidence.Earlier {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.told[key]
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
