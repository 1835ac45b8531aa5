package offboard

import (
	"context"
	"errors"
	"sync"
)

// ErrNoTime says that a request was not made, because its time would have been up before.
var ErrNoTime = errors.New("no time for the request")

// Singleflight shares requests among concurrent callers, by a key, as
// golang.org/x/sync/singleflight does. But each caller gets the result of a request that began
// after it asked. So one answer serves all the absences before it, and never one after it. The zero
// value is ready for use.
type Singleflight[T any] struct {
	// Gather waits before each request, so that more callers share it. Nil stands for no wait.
	Gather func(context.Context)

	running KeyedMutex // held by the request that is under way

	mu   sync.Mutex
	next map[string]*sharedCall[T] // not begun yet
}

// sharedCall is one request for several callers.
type sharedCall[T any] struct {
	done  chan struct{}
	cut   bool // the caller that made it had no time for it, which says nothing of the others
	value T
	err   error
}

// Do returns the result of ask, which may have been called by another caller.
func (f *Singleflight[T]) Do(ctx context.Context, key string, ask func(context.Context) (T, error)) (T, error) {
	for {
		call, leads := f.joinCall(key)
		if leads {
			f.makeCall(ctx, key, call, ask)
			return call.value, call.err
		}
		select {
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		case <-call.done:
		}
		if !call.cut {
			return call.value, call.err
		}
	}
}

// joinCall returns the request that has not begun yet. leads reports whether the caller has to make
// it.
func (f *Singleflight[T]) joinCall(key string) (call *sharedCall[T], leads bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[string]*sharedCall[T]{}
	}
	if call = f.next[key]; call != nil {
		return call, false
	}
	call = &sharedCall[T]{done: make(chan struct{})}
	f.next[key] = call
	return call, true
}

// makeCall makes the request as soon as the one before it has ended. A caller that comes after it
// began needs another one.
func (f *Singleflight[T]) makeCall(
	ctx context.Context, key string, call *sharedCall[T], ask func(context.Context) (T, error),
) {
	defer close(call.done)
	if unlock, err := f.running.Lock(ctx, key); err == nil {
		defer unlock()
	}
	if f.Gather != nil {
		f.Gather(ctx)
	}
	f.mu.Lock()
	delete(f.next, key)
	f.mu.Unlock()
	if ctx.Err() != nil {
		call.cut, call.err = true, context.Cause(ctx)
		return
	}
	call.value, call.err = ask(ctx)
	call.cut = ctx.Err() != nil || errors.Is(call.err, ErrNoTime)
}
