package evidence

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// mode is that of a new file, which holds names and email addresses.
const mode = 0o600

// filePlace is a log in one file. Each append locks the file, reads what others have appended
// meanwhile, writes, and returns when that is on the disk.
type filePlace struct {
	path     string
	sync     func(*os.File) error // writes the file to the disk
	required string

	turn  chan struct{} // full while the fields below are in use
	chain *chain        // what has been read so far; nil before the first use
	size  int64         // how much that is, in bytes
	cut   bool          // the last line that was read has no end, which a crash can cause
	file  os.FileInfo   // the file that was read
	seen  string        // the last head that was in the file
}

func newFilePlace(path string) *filePlace {
	return &filePlace{path: path, sync: (*os.File).Sync, turn: make(chan struct{}, 1), seen: Start}
}

func (p *filePlace) name() string { return p.path }

func (p *filePlace) require(head string) { p.required = head }

func (p *filePlace) read(ctx context.Context, do func(*chain) error) error {
	return p.use(ctx, os.O_RDONLY, func(*os.File) error { return do(p.chain) })
}

func (p *filePlace) append(ctx context.Context, do func(*chain) ([]byte, error)) error {
	flag := os.O_RDWR | os.O_APPEND
	if newChain(p.required).holds { // a file that must hold a record is not made here
		flag |= os.O_CREATE
	}
	return p.use(ctx, flag, func(file *os.File) error {
		var text []byte
		if p.cut {
			text = append(text, '\n')
		}
		return p.chain.try(func() error {
			records, err := do(p.chain)
			if err != nil || len(records) == 0 {
				return err
			}
			return p.write(file, append(text, records...))
		})
	})
}

// use calls do with the file, locked and read to its end.
func (p *filePlace) use(ctx context.Context, flag int, do func(*os.File) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lockWait, errHeld)
	defer cancel()
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return fmt.Errorf("%s cannot be locked: %w", p.path, context.Cause(ctx))
	}
	file, err := openLocked(ctx, p.path, flag, flag != os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return p.missing(err)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, closeLocked(file)); err != nil {
			p.chain = nil // the next use reads the whole file
		}
	}()
	if err := p.follow(file); err != nil {
		return err
	}
	return do(file)
}

// missing returns the error for a file that does not exist.
func (p *filePlace) missing(err error) error {
	switch {
	case p.seen != Start:
		return p.errLost()
	case !newChain(p.required).holds:
		return &HeadError{p.path, p.required}
	}
	return err
}

// mustReadAll reports whether what was read before is not what the file begins with now. What was
// appended to a line without an end has made it another line.
func (p *filePlace) mustReadAll(file os.FileInfo) bool {
	return p.chain == nil || !os.SameFile(file, p.file) || file.Size() < p.size || p.cut && file.Size() > p.size
}

// follow reads what has been appended since the last time.
func (p *filePlace) follow(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	found := true
	if p.mustReadAll(info) {
		p.chain, p.size, p.cut, p.file, found = newChain(p.required), 0, false, info, p.seen == Start
	}
	if _, err := file.Seek(p.size, io.SeekStart); err != nil {
		return err
	}
	err = eachLine(file, func(line []byte, ended bool) error {
		if _, err := p.chain.add(line); err != nil {
			return &BrokenError{Path: p.path, Line: p.chain.line, Err: err}
		}
		p.size += int64(len(line))
		if p.cut = !ended; ended {
			p.size++
		}
		found = found || p.chain.head == p.seen
		return nil
	})
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return &BrokenError{Path: p.path, Line: p.chain.line + 1, Err: errTooLong}
	case err != nil:
		return err
	case !found:
		return p.errLost()
	}
	p.seen = p.chain.head
	return p.chain.requirement(p.path)
}

func (p *filePlace) errLost() error {
	return fmt.Errorf(
		"%s no longer holds the records that this run has seen in it: it was emptied, cut off, replaced or removed", p.path,
	)
}

// write appends the text and waits until it is on the disk. After an error it truncates the file to
// its old size, if the disk lets it.
func (p *filePlace) write(file *os.File, text []byte) error {
	if p.size == 0 {
		p.syncFolder()
	}
	_, err := file.Write(text)
	if err == nil {
		err = p.sync(file)
	}
	if err != nil {
		_ = file.Truncate(p.size)
		return err
	}
	p.size, p.cut = p.size+int64(len(text)), false
	p.seen = p.chain.head
	return nil
}

// syncFolder writes the name of a new file to the disk, if the file system can.
func (p *filePlace) syncFolder() {
	if dir, err := os.Open(filepath.Dir(target(p.path))); err == nil {
		_ = p.sync(dir)
		_ = dir.Close()
	}
}
