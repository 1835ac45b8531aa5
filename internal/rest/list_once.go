package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Once keeps each list of users that it has read for maxKept, so that a run with many users who are gone does
// not read it for each. A row may show a user who has gone since then: the next run reads the list anew.
type Once[T any] struct {
	turn  chan struct{} // held while a list is read
	lists map[string]onceRead[T]
}

// maxKept is how long a list is kept. A user may come into view again after it was read.
const maxKept = 10 * time.Minute

// onceRead is what a list showed, why it is not whole, and when its reading ended.
type onceRead[T any] struct {
	page Page[T]
	err  error
	at   time.Time
}

// NewOnce returns a Once that has read nothing.
func NewOnce[T any]() *Once[T] {
	return &Once[T]{turn: make(chan struct{}, 1), lists: map[string]onceRead[T]{}}
}

// Do returns what read returns, which reads the list with a key to its end, or what it returned before. A list
// that has no end, or takes all the time, is not whole, and not read again so soon.
func (o *Once[T]) Do(ctx context.Context, key string, read func() (Page[T], error)) (Page[T], error) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return Page[T]{}, noTimeForList(context.Cause(ctx))
	}
	if earlier, ok := o.lists[key]; ok && time.Since(earlier.at) < maxKept {
		return earlier.page, earlier.err
	}
	page, err := read()
	err = noTimeForList(err)
	if err == nil || errors.Is(err, offboard.ErrListNotWhole) {
		o.lists[key] = onceRead[T]{page, err, time.Now()}
	}
	return page, err
}

// noTimeForList returns the error of a list as one that is not whole, if it took all the time.
func noTimeForList(err error) error {
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, offboard.ErrListNotWhole) {
		return fmt.Errorf("%w: %w", offboard.ErrListNotWhole, err)
	}
	return err
}
