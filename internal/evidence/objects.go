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

// gather is how long a new object waits for further records. Those that waited for the same object, or
// for answers that come at the same time, then go into it together.
const gather = time.Millisecond

// fresh is how old what is known of a store may be for a caller who reads. Between such a reading and
// the intent, a closure reads its account, which takes longer.
const fresh = 200 * time.Millisecond

// objects is a log in a store. What its callers want while one object is being written goes into the
// next one together.
type objects struct {
	store    Store
	required string

	mu      sync.Mutex
	waiting []*job
	working bool      // a goroutine does the jobs, and alone changes the fields below
	chain   *chain    // of the objects before next; nil before the first use
	next    int       // the number of the first object that is not in the chain
	whole   bool      // the chain was read to its end
	current time.Time // when the chain had everything that was in the store, at least
	broken  error     // a *BrokenError; no object is read after one
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
	j := &job{reads: true, do: func(c *chain) ([]byte, error) {
		if c.line == 0 {
			return nil, fs.ErrNotExist
		}
		return nil, do(c)
	}}
	return o.wait(ctx, j)
}

func (o *objects) append(ctx context.Context, do func(*chain) ([]byte, error)) error {
	return o.wait(ctx, &job{do: do})
}

// work does the jobs until there are no more.
func (o *objects) work(ctx context.Context) {
	for {
		readers, writers := o.jobs(false)
		if len(readers)+len(writers) == 0 {
			return
		}
		var err error
		if !o.whole || len(writers) == 0 && o.stale(readers) {
			err = o.follow(ctx)
		}
		if err == nil && len(writers) > 0 {
			<-time.After(gather)
		}
		readers, writers = o.jobs(true)
		if err != nil {
			for _, j := range append(readers, writers...) {
				j.end(err)
			}
			continue
		}
		o.serve(ctx, readers, writers)
	}
}

// stale reports whether one of these readers must know more than the chain has.
func (o *objects) stale(readers []*job) bool {
	return slices.ContainsFunc(readers, func(j *job) bool { return j.since.Sub(o.current) > fresh })
}

// serve does these jobs, and writes one object for all writers. To create it shows that the chain had
// everything, as a reading does.
func (o *objects) serve(ctx context.Context, readers, writers []*job) {
	readers = o.answer(readers)
	if len(writers) > 0 {
		err := o.commit(ctx, writers)
		for _, j := range writers {
			j.end(cmp.Or(j.result, err))
		}
	}
	if o.stale(readers) {
		if err := o.follow(ctx); err != nil {
			for _, j := range readers {
				j.end(err)
			}
			return
		}
	}
	o.answer(readers)
}

// answer does the jobs of the readers for whom the chain has enough, and returns the others.
func (o *objects) answer(readers []*job) (others []*job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, j := range readers {
		if o.stale([]*job{j}) {
			others = append(others, j)
			continue
		}
		_, err := j.do(o.chain)
		j.end(err)
	}
	return others
}

// commit writes one object for these jobs. If another run has its number, it reads that object, and
// does the jobs again.
func (o *objects) commit(ctx context.Context, jobs []*job) error {
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

// write creates the next object with what the jobs write.
func (o *objects) write(ctx context.Context, jobs []*job) error {
	text := o.text(jobs)
	if len(text) == 0 {
		return nil
	}
	sent := time.Now()
	err := o.store.Create(ctx, o.next, text)
	if err == nil {
		err = o.add(Object{Number: o.next, Text: text})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.whole = err == nil; o.whole {
		o.current = sent
	}
	return err
}

// errNotYet takes back what is not in the store yet.
var errNotYet = errors.New("the records are not in the store yet")

// text returns what the jobs write, with the chain as it is.
func (o *objects) text(jobs []*job) (text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.chain.try(func() error {
		for _, j := range jobs {
			j.result = o.chain.try(func() error {
				records, err := j.do(o.chain)
				if err == nil {
					text = append(text, records...)
				}
				return err
			})
		}
		return errNotYet
	})
	return text
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
	begun := time.Now()
	err := o.store.Read(ctx, o.next, o.add)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		err = o.chain.requirement(o.name())
	}
	if o.whole = err == nil; o.whole {
		o.current = begun
	}
	if errors.As(err, new(*BrokenError)) {
		o.broken = err
	}
	return err
}

// add adds an object to the chain.
func (o *objects) add(object Object) error {
	o.mu.Lock()
	defer o.mu.Unlock()
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
