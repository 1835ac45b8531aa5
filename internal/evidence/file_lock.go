package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

const (
	lockPoll = 10 * time.Millisecond // the time between two attempts to get the lock
	lockWait = 30 * time.Second      // how long to wait at most: no working process holds the lock that long
)

// errHeld says that a longer wait for the lock is of no use.
var errHeld = errors.New("another process has held its lock for 30 s; a process that is stopped keeps it until it ends")

// openLocked opens the file with this path and locks it, exclusively if alone is set. The lock is
// on the file itself, so it is the same for all names of the file. closeLocked ends it.
func openLocked(ctx context.Context, path string, flag int, alone bool) (*os.File, error) {
	for {
		file, err := openRegular(path, flag)
		if err != nil {
			return nil, err
		}
		err = waitForLock(ctx, file, alone)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s cannot be locked: %w", path, err), file.Close())
		}
		if leadsTo(path, file) {
			return file, nil
		}
		if err := closeLocked(file); err != nil { // another file has its path now
			return nil, err
		}
	}
}

// closeLocked ends the lock on the file, and closes it.
func closeLocked(file *os.File) error {
	unlock(file)
	return file.Close()
}

// openRegular opens a regular file. It opens nothing else, because that could block or have an
// effect.
func openRegular(path string, flag int) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, notRegular(path)
	}
	file, err := os.OpenFile(path, flag|syscall.O_NONBLOCK, mode)
	if err != nil {
		return nil, err
	}
	info, err = file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func notRegular(path string) error { return fmt.Errorf("%s is not a regular file", path) }

// waitForLock waits until the file is locked.
func waitForLock(ctx context.Context, file *os.File, alone bool) error {
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		locked, err := tryLock(file, alone)
		if locked || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(lockPoll):
		}
	}
}

// leadsTo reports whether the path still leads to the file.
func leadsTo(path string, file *os.File) bool {
	now, err := os.Stat(path)
	if err != nil {
		return false
	}
	locked, err := file.Stat()
	return err == nil && os.SameFile(now, locked)
}

// load calls use with the file while no process appends to it. If the file system has no locks, the
// file is read without one.
func load(ctx context.Context, path string, use func(io.Reader) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lockWait, errHeld)
	defer cancel()
	file, err := openLocked(ctx, path, os.O_RDONLY, false)
	if errors.Is(err, errors.ErrUnsupported) {
		file, err = openRegular(path, os.O_RDONLY)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLocked(file)) }()
	return use(file)
}
