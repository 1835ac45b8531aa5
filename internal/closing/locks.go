package closing

import (
	"context"
	"fmt"
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Locks lets only one closure of an account run at a time. If an account is in the state at two
// addresses, Terraform closes both side by side: the second closure then looks only after the first
// one has its outcome, and sends no second call. It learns that outcome here if no evidence log tells
// it. The zero value is ready for use.
type Locks struct {
	running offboard.KeyedMutex

	mu   sync.Mutex
	told map[string]evidence.Earlier
	left map[string]offboard.Status
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

// NoteLeft notes how the last closure of this run left the account with this key: closed, which
// includes not visible, or suspended. The caller holds its lock.
func (l *Locks) NoteLeft(key string, status offboard.Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == nil {
		l.left = map[string]offboard.Status{}
	}
	l.left[key] = status
}

// Left returns what NoteLeft has noted last; empty if nothing.
func (l *Locks) Left(key string) offboard.Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left[key]
}

// Earlier returns what the last closure of this run tells of the account with this key; nothing if
// there was none.
func (l *Locks) Earlier(key string) evidence.Earlier {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.told[key]
}

// Lock waits until no other closure of the account with this key runs. The caller has to call
// unlock. The error is that of ctx, if it ends before. A canceled closure that need not wait ends in
// its own words.
func (l *Locks) Lock(ctx context.Context, key string) (unlock func(), err error) {
	unlock, err = l.running.Lock(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("another closure of the same account has not ended: %w", err)
	}
	return unlock, nil
}
