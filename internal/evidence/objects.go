package evidence

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"
)

const (
	longestRead  = 5 * time.Minute  // to read what is new in a store; the first time that is all
	longestWrite = 30 * time.Second // to write one object
)

// errSlow says that a longer wait for a store is of no use.
var errSlow = errors.New("the store did not answer in time")

// errHidden says that a store refuses to create an object that it does not show.
var errHidden = errors.New("the next object is there, and cannot be read")

// objects is a log in a store. What its callers want while one object is being written goes into the
// next one together. So does what they want to know.
type objects struct {
	store    Store
	required string

	mu      sync.Mutex
	waiting []*job
	working bool // a goroutine does the jobs, and alone uses the fields below

	chain  *chain // of the objects before next; nil before the first use
	next   int    // the number of the first object that is not in the chain
	whole  bool   // the chain was read to its end
	broken error  // a *BrokenError; no object is read after one
}

// job is what one caller wants: to read, or to write.
type job struct {
	do     func(*chain) ([]byte, error)
	reads  bool // it must know everything that was in the store when it began
	known  bool // it does
	done   chan struct{}
	result error
}

func newObjects(store Store) *objects { return &objects{store: store} }

func (o *objects) name() string { return o.store.Name() }

func (o *objects) require(head string) { o.required = head }

func (o *objects) check(ctx context.Context) error {
	err := o.read(ctx, func(*chain) error { return nil })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (o *objects) read(ctx context.Context, do func(*chain) error) error {
	return o.wait(ctx, &job{reads: true, do: func(c *chain) ([]byte, error) {
		if c.line == 0 {
			return nil, fs.ErrNotExist
		}
		return nil, do(c)
	}})
}

func (o *objects) append(ctx context.Context, do func(*chain) ([]byte, error)) error {
	return o.wait(ctx, &job{do: do})
}

// wait adds a job, and waits until it is done. A caller who writes does not leave while that is
// under way, because then nobody would know whether the record is there.
func (o *objects) wait(ctx context.Context, j *job) error {
	j.done = make(chan struct{})
	o.mu.Lock()
	o.waiting = append(o.waiting, j)
	if !o.working {
		o.working = true
		go o.work(context.WithoutCancel(ctx))
	}
	o.mu.Unlock()
	select {
	case <-j.done:
		return j.err()
	case <-ctx.Done():
	}
	if o.withdraw(j) || j.reads {
		return &StoreError{fmt.Errorf("%s was not used: %w", o.name(), context.Cause(ctx))}
	}
	<-j.done
	return j.err()
}

// err returns how a job that is done has ended.
func (j *job) err() error {
	if j.result == nil || errors.Is(j.result, fs.ErrNotExist) {
		return j.result
	}
	return &StoreError{j.result}
}

// withdraw takes back a job that has not begun. It reports whether it could.
func (o *objects) withdraw(j *job) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := len(o.waiting)
	o.waiting = slices.DeleteFunc(o.waiting, func(other *job) bool { return other == j })
	return len(o.waiting) < before
}

// work does the jobs until there are no more.
func (o *objects) work(ctx context.Context) {
	for {
		stale, more := o.look()
		if !more {
			return
		}
		var err error
		if stale {
			err = o.follow(ctx)
		}
		jobs := o.take()
		if err != nil {
			fail(jobs, err)
		} else if err := o.serve(ctx, jobs); err != nil {
			fail(slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.reads }), err)
		}
		for _, j := range jobs {
			close(j.done)
		}
	}
}

// fail gives an error to the jobs that have none of their own.
func fail(jobs []*job, err error) {
	for _, j := range jobs {
		j.result = cmp.Or(j.result, err)
	}
}

// look reports whether there are jobs, and whether the store must be read for them.
func (o *objects) look() (stale, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	stale = !o.whole
	for _, j := range o.waiting {
		j.known = true
		stale = stale || j.reads
	}
	o.working = len(o.waiting) > 0
	return stale, o.working
}

// take returns the jobs that can be done now, which no longer wait. Those that read come first: what
// is not written yet is none of their concern.
func (o *objects) take() (jobs []*job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = slices.DeleteFunc(o.waiting, func(j *job) bool {
		now := j.known || !j.reads
		if now {
			jobs = append(jobs, j)
		}
		return now
	})
	first := slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return !j.reads })
	return append(first, slices.DeleteFunc(jobs, func(j *job) bool { return j.reads })...)
}

// serve does these jobs, and writes one object for all of them. If another run has its number, it
// reads that object, and does the jobs again.
func (o *objects) serve(ctx context.Context, jobs []*job) error {
	ctx, cancel := context.WithTimeoutCause(ctx, longestWrite, errSlow)
	defer cancel()
	for {
		tried := o.next
		err := o.write(ctx, jobs)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := o.follow(ctx); err != nil {
			return err
		}
		if o.next == tried {
			return fmt.Errorf("%s: %w", o.name(), errHidden)
		}
	}
}

// write does the jobs with the chain as it is, and creates the next object with what they write.
func (o *objects) write(ctx context.Context, jobs []*job) error {
	return o.chain.try(func() error {
		var text []byte
		for _, j := range jobs {
			j.result = o.chain.try(func() error {
				records, err := j.do(o.chain)
				if err == nil {
					text = append(text, records...)
				}
				return err
			})
		}
		if len(text) == 0 {
			return nil
		}
		err := o.store.Create(ctx, o.next, text)
		if err == nil {
			o.next++
		}
		return err
	})
}

// follow reads the objects that are new.
func (o *objects) follow(ctx context.Context) error {
	if o.broken != nil {
		return o.broken
	}
	if o.chain == nil {
		o.chain, o.next = newChain(o.required), 1
	}
	ctx, cancel := context.WithTimeoutCause(ctx, longestRead, errSlow)
	defer cancel()
	o.whole = false
	err := o.store.Read(ctx, o.next, o.add)
	if err == nil {
		err = o.chain.requirement(o.name())
	}
	o.whole = err == nil
	if errors.As(err, new(*BrokenError)) {
		o.broken = err
	}
	return err
}

// add adds an object to the chain.
func (o *objects) add(object Object) error {
	broken := func(line int, err error) error {
		return &BrokenError{Path: o.name(), Object: object.Name, Line: line, Err: err}
	}
	if err := object.problem(); err != nil {
		return broken(o.chain.line+1, err)
	}
	err := eachLine(bytes.NewReader(object.Text), func(line []byte, _ bool) error {
		if _, err := o.chain.add(line); err != nil {
			return broken(o.chain.line, err)
		}
		return nil
	})
	if errors.Is(err, bufio.ErrTooLong) {
		return broken(o.chain.line+1, errTooLong)
	}
	o.next = object.Number + 1
	return err
}
