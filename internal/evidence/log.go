package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Log is a log to which closures are appended. It is safe for use by several goroutines and by
// several processes. What it returns as written is there to stay.
type Log struct{ place place }

// place is where the lines of a log are: a file, or numbered objects in a store. It keeps the chain
// of what has been read so far.
type place interface {
	name() string // for messages
	// read calls do when everything that is there is in the chain. The error is an fs.ErrNotExist if
	// there is no log yet.
	read(ctx context.Context, do func(*chain) error) error
	// append calls do likewise. Then it appends what do returns, and waits until it is there to stay.
	// If others append meanwhile, do is called again, with the chain as it is then.
	append(ctx context.Context, do func(*chain) ([]byte, error)) error
	// check returns why nothing can be appended now, or nil. It changes nothing.
	check(ctx context.Context) error
	// require makes the chain look for a record with this hash.
	require(head string)
}

// New returns a log in the file with this path. It reads and writes nothing.
func New(path string) *Log { return &Log{newFilePlace(path)} }

// NewInStore returns a log in a store. It reads and writes nothing.
func NewInStore(store Store) *Log { return &Log{newObjects(store)} }

// Require makes the log unusable, with a *HeadError, unless it has a record with this hash. It must
// be called before the first use.
func (l *Log) Require(head string) { l.place.require(head) }

// InStore reports whether the log is in a store, rather than in a file.
func (l *Log) InStore() bool {
	_, in := l.place.(*objects)
	return in
}

// HeadError says that a log does not have the record that was required.
type HeadError struct{ Name, Head string }

func (e *HeadError) Error() string {
	return e.Name + " does not have the record " + offboard.Text(e.Head) + " that evidence_head names"
}

// Check returns why nothing can be appended to the log now, or nil. It changes nothing.
func (l *Log) Check(ctx context.Context) error { return l.place.check(ctx) }

// Entry is an intent that is in the log and waits for its outcome.
type Entry struct {
	log  *Log
	hash string
	last string // the hash of the last record of the closure
}

// Last returns the hash of the last record of the closure in the log.
func (e *Entry) Last() string { return e.last }

// Begin writes an intent. It sets the time, and the interrupted intent that this one resumes.
// Nothing may be changed at the vendor unless Begin returns without an error. The error is a
// *BrokenError if the log is broken.
func (l *Log) Begin(ctx context.Context, intent Intent) (*Entry, error) {
	return l.BeginIf(ctx, intent, Conditions{})
}

// End writes the outcome and sets the intent that it belongs to. After an error the intent stays
// without an outcome, and the next Begin for the same account resumes it.
func (e *Entry) End(ctx context.Context, o Outcome) error {
	o.Intent = e.hash
	var outcome string
	err := e.log.append(ctx, func(_ *chain, add adder) (err error) {
		outcome, err = add(Record{Outcome: &o})
		return err
	})
	if err == nil {
		e.last = outcome
	}
	return err
}

// Record writes an intent and its outcome at once, for a closure that ended before it could begin:
// a guard refused it, or there was nothing to close. A refused closure does not resume an
// interrupted one.
func (l *Log) Record(ctx context.Context, intent Intent, o Outcome) error {
	return l.RecordIf(ctx, intent, o, Conditions{})
}

// RecordIf is Record under conditions, which are checked as those of BeginIf are.
func (l *Log) RecordIf(ctx context.Context, intent Intent, o Outcome, must Conditions) error {
	var refused error
	err := l.append(ctx, func(c *chain, add adder) (err error) {
		if refused = c.refuse(&intent, must); refused == nil { // a refusal is no error here: see BeginIf
			err = addWhole(c, add, intent, o)
		}
		return err
	})
	return cmp.Or(err, refused)
}

// addWhole adds an intent and its outcome.
func addWhole(c *chain, add adder, intent Intent, o Outcome) (err error) {
	if o.Result != RefusedByGuard {
		intent.Resumes = c.resumes(intent.Account)
	}
	if o.Intent, err = add(Record{Intent: &intent}); err != nil {
		return err
	}
	_, err = add(Record{Outcome: &o})
	return err
}

// Earlier returns what the log says of the earlier closures of the account. A log that does not
// exist says nothing. After Begin, the closure that has begun is among them.
func (l *Log) Earlier(ctx context.Context, a Account) (Earlier, error) {
	var e Earlier
	err := l.place.read(ctx, func(c *chain) error {
		e = c.earlier(a)
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Earlier{NoFile: true}, nil
	case err != nil: // e may be in use
		return Earlier{}, err
	}
	return e, nil
}

// adder adds a record to what is about to be written, and returns its hash.
type adder func(Record) (string, error)

// append writes the records that fill adds, in one piece. If fill adds none,
// nothing is written. It calls fill again if others were faster.
func (l *Log) append(ctx context.Context, fill func(*chain, adder) error) error {
	return l.place.append(ctx, func(c *chain) (text []byte, err error) {
		err = fill(c, func(r Record) (string, error) {
			line, err := c.next(r)
			if err != nil {
				return "", fmt.Errorf("%s does not hold the intent of this closure: %w", l.place.name(), err)
			}
			text = append(append(text, line...), '\n')
			return c.head, nil
		})
		return text, err
	})
}
