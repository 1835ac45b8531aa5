package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockPoll = 10 * time.Millisecond // how often a process that waits for another one tries again
	mode     = 0o600                 // the file holds names and e-mail addresses
)

// Log appends to one file. It is safe for use by several goroutines, and by several processes: each append holds a lock on a file
// of the same name with ".lock" behind it, follows what others have appended meanwhile, writes one line, and returns when
// the line is on the disk.
type Log struct {
	path string

	mu    sync.Mutex
	chain *chain // what has been followed so far; nil before the first append
	size  int64  // how far that is, in bytes
}

// New returns a log that appends to the file with this path. Nothing is read or written before the first closing.
func New(path string) *Log { return &Log{path: path} }

// Entry is an intent that is in the log and waits for its outcome.
type Entry struct {
	log  *Log
	hash string
}

// Begin writes an intent; its time, and which interrupted intent it resumes, are filled in. Nothing may be changed at the vendor
// unless it returns without an error. A log that is broken is not continued: the error is a *BrokenError.
func (l *Log) Begin(ctx context.Context, intent Intent) (*Entry, error) {
	hash, err := l.append(ctx, func(open *chain) Record {
		intent.Resumes = open.latest[intent.Account]
		return Record{Intent: &intent}
	})
	if err != nil {
		return nil, err
	}
	return &Entry{l, hash}, nil
}

// End writes the outcome; which intent it belongs to is filled in. After an error the intent stays without an outcome, and the next
// Begin for the same account resumes it.
func (e *Entry) End(ctx context.Context, o Outcome) error {
	o.Intent = e.hash
	_, err := e.log.append(ctx, func(*chain) Record { return Record{Outcome: &o} })
	return err
}

// append writes the record that next makes of the log as it is, and returns its hash.
func (l *Log) append(ctx context.Context, next func(*chain) Record) (_ string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() {
		if err != nil {
			l.chain = nil // what was written, if anything, is found out anew
		}
	}()
	lock := flock.New(lockPath(l.path), flock.SetPermissions(mode))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return "", fmt.Errorf("%s cannot be locked: %w", lock.Path(), err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	file, err := l.open()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	ragged, err := l.follow(file)
	if err != nil {
		return "", err
	}
	return l.write(file, ragged, next(l.chain))
}

// lockPath is the name of the lock. A file has one lock, whatever links lead to it.
func lockPath(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	return path + ".lock"
}

// open opens the file, or makes it.
func (l *Log) open() (*os.File, error) {
	file, err := os.OpenFile(l.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, mode)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", l.path)
	}
	if err == nil && info.Size() < l.size && l.chain != nil {
		err = fmt.Errorf("%s has become shorter since the last record", l.path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if info.Size() == 0 {
		l.syncName()
	}
	return file, nil
}

// syncName makes the name of a new file outlast a loss of power, where the file system can promise that.
func (l *Log) syncName() {
	if dir, err := os.Open(filepath.Dir(l.path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// follow reads what has been appended since the last time. It tells whether the last line has no end, as a crash leaves it.
func (l *Log) follow(file *os.File) (ragged bool, err error) {
	if l.chain == nil {
		l.chain, l.size = newChain(), 0
	}
	if _, err := file.Seek(l.size, io.SeekStart); err != nil {
		return false, err
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return false, err
	}
	l.size += int64(len(data))
	for line := range lines(data) {
		if _, err := l.chain.add(line); err != nil {
			return false, &BrokenError{Path: l.path, Line: l.chain.line, Err: err}
		}
	}
	return len(data) > 0 && data[len(data)-1] != '\n', nil
}

// write appends a record as one line, in one piece, and waits until it is on the disk.
func (l *Log) write(file *os.File, ragged bool, r Record) (string, error) {
	r.Prev, r.Torn, r.Time = l.chain.head, l.chain.tornHash(), time.Now().UTC()
	line, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	if _, err := l.chain.add(line); err != nil {
		return "", fmt.Errorf("%s does not hold the beginning of this closing: %w", l.path, err)
	}
	line = append(line, '\n')
	if ragged {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := file.Write(line); err != nil {
		return "", err
	}
	if err := file.Sync(); err != nil {
		return "", err
	}
	l.size += int64(len(line))
	return l.chain.head, nil
}

// lines are the lines of data without their line breaks; what follows the last break is a line too, unless it is empty.
func lines(data []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			line, rest, _ := bytes.Cut(data, []byte{'\n'})
			if !yield(line) {
				return
			}
			data = rest
		}
	}
}
