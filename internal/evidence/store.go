package evidence

import (
	"context"
	"errors"
)

// Store keeps a log in objects, which are numbered from 1. Each of them holds one or more whole
// records. One after the other, they are the text of a log in a file.
type Store interface {
	// Name returns what messages call the log.
	Name() string
	// Read calls each with the objects from number n on, in order, until there is no further one. An
	// error of each ends it.
	Read(ctx context.Context, n int, each func(Object) error) error
	// Create writes the object with number n, unless there is one. Then the error is an fs.ErrExist.
	// After an error of another kind the object may be there.
	Create(ctx context.Context, n int, text []byte) error
}

// Object is one object of a log.
type Object struct {
	Number  int
	Name    string
	Text    []byte
	Problem error // why it is not as it was written, as far as the store tells; nil if it is
}

// StoreError is an error of a log in a store.
type StoreError struct{ Err error }

func (e *StoreError) Error() string { return e.Err.Error() }

// Unwrap returns the error.
func (e *StoreError) Unwrap() error { return e.Err }

var (
	errEmptyObject = errors.New("the object is empty")
	errNoLineEnd   = errors.New("the object does not end with a whole line")
)

// problem returns why the object cannot be part of a log; nil if it can.
func (o *Object) problem() error {
	switch n := len(o.Text); {
	case o.Problem != nil:
		return o.Problem
	case n == 0:
		return errEmptyObject
	case o.Text[n-1] != '\n':
		return errNoLineEnd
	}
	return nil
}
