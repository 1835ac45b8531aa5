package evidence

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// mode is that of a new file, which holds names and email addresses.
const mode = 0o600

// Log appends to one file. It is safe for use by several goroutines and by several processes. Each
// append locks the file, reads what others have appended meanwhile, writes, and returns when that
// is on the disk.
type Log struct {
	path string
	sync func(*os.File) error // writes the file to the disk

	turn  chan struct{} // full while the fields below are in use
	chain *chain        // what has been read so far; nil before the first use
	size  int64         // how much that is, in bytes
	cut   bool          // the last line that was read has no end, which a crash can cause
	file  os.FileInfo   // the file that was read
	seen  string        // the last head that was in the file
}

// New returns a log that appends to the file with this path. It reads and writes nothing.
func New(path string) *Log {
	return &Log{path: path, sync: (*os.File).Sync, turn: make(chan struct{}, 1), seen: Start}
}

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
	return l.BeginWithin(ctx, intent, nil)
}

// End writes the outcome and sets the intent that it belongs to. After an error the intent stays
// without an outcome, and the next Begin for the same account resumes it.
func (e *Entry) End(ctx context.Context, o Outcome) error {
	o.Intent = e.hash
	var outcome string
	err := e.log.append(ctx, func(add adder) (err error) {
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
	return l.append(ctx, func(add adder) error {
		if o.Result != RefusedByGuard {
			intent.Resumes = l.chain.resumes(intent.Account)
		}
		var err error
		if o.Intent, err = add(Record{Intent: &intent}); err != nil {
			return err
		}
		_, err = add(Record{Outcome: &o})
		return err
	})
}

// Earlier returns what the log says of the earlier closures of the account. A file that does not
// exist says nothing. After Begin, the closure that has begun is among them.
func (l *Log) Earlier(ctx context.Context, a Account) (Earlier, error) {
	var e Earlier
	err := l.use(ctx, os.O_RDONLY, func(*os.File) error {
		e = l.chain.earlier(a)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return Earlier{NoFile: true}, nil
	}
	return e, err
}

// adder adds a record to what is about to be written, and returns its hash.
type adder func(Record) (string, error)

// append writes the records that fill adds, in one piece, and waits until they are on the disk. If
// fill adds none, nothing is written.
func (l *Log) append(ctx context.Context, fill func(adder) error) error {
	return l.use(ctx, os.O_RDWR|os.O_APPEND|os.O_CREATE, func(file *os.File) error {
		var text []byte
		err := fill(func(r Record) (string, error) {
			line, err := l.next(r)
			text = append(append(text, line...), '\n')
			return l.chain.head, err
		})
		if err != nil || text == nil {
			return err
		}
		if l.cut {
			text = append([]byte{'\n'}, text...)
		}
		return l.write(file, text)
	})
}

// next returns the line of a record that follows the chain, and adds it to the chain.
func (l *Log) next(r Record) ([]byte, error) {
	r.Prev, r.Truncated, r.Time = l.chain.head, l.chain.truncatedHash(), time.Now().UTC()
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if _, err := l.chain.add(line); err != nil {
		return nil, fmt.Errorf("%s does not hold the intent of this closure: %w", l.path, err)
	}
	return line, nil
}

// use calls do with the file, locked and read to its end.
func (l *Log) use(ctx context.Context, flag int, do func(*os.File) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lockWait, errHeld)
	defer cancel()
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return fmt.Errorf("%s cannot be locked: %w", l.path, context.Cause(ctx))
	}
	file, err := openLocked(ctx, l.path, flag, flag != os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) && l.seen != Start {
		return l.errLost()
	}
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, closeLocked(file)); err != nil {
			l.chain = nil // the next use reads the whole file
		}
	}()
	if err := l.follow(file); err != nil {
		return err
	}
	return do(file)
}

// mustReadAll reports whether what was read before is not what the file begins with now. What was
// appended to a line without an end has made it another line.
func (l *Log) mustReadAll(file os.FileInfo) bool {
	return l.chain == nil || !os.SameFile(file, l.file) || file.Size() < l.size || l.cut && file.Size() > l.size
}

// follow reads what has been appended since the last time.
func (l *Log) follow(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	found := true
	if l.mustReadAll(info) {
		l.chain, l.size, l.cut, l.file, found = newChain(), 0, false, info, l.seen == Start
	}
	if _, err := file.Seek(l.size, io.SeekStart); err != nil {
		return err
	}
	err = eachLine(file, func(line []byte, ended bool) error {
		if _, err := l.chain.add(line); err != nil {
			return &BrokenError{Path: l.path, Line: l.chain.line, Err: err}
		}
		l.size += int64(len(line))
		if l.cut = !ended; ended {
			l.size++
		}
		found = found || l.chain.head == l.seen
		return nil
	})
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return &BrokenError{Path: l.path, Line: l.chain.line + 1, Err: errTooLong}
	case err != nil:
		return err
	case !found:
		return l.errLost()
	}
	l.seen = l.chain.head
	return nil
}

func (l *Log) errLost() error {
	return fmt.Errorf(
		"%s no longer holds the records that this run has seen in it: it was emptied, cut off, replaced or removed", l.path,
	)
}

var errTooLong = errors.New("it is longer than any record")

// write appends the text and waits until it is on the disk. After an error it truncates the file to
// its old size, if the disk lets it.
func (l *Log) write(file *os.File, text []byte) error {
	if l.size == 0 {
		l.syncFolder()
	}
	_, err := file.Write(text)
	if err == nil {
		err = l.sync(file)
	}
	if err != nil {
		_ = file.Truncate(l.size)
		return err
	}
	l.size, l.cut = l.size+int64(len(text)), false
	l.seen = l.chain.head
	return nil
}

// syncFolder writes the name of a new file to the disk, if the file system can.
func (l *Log) syncFolder() {
	if dir, err := os.Open(filepath.Dir(target(l.path))); err == nil {
		_ = l.sync(dir)
		_ = dir.Close()
	}
}
