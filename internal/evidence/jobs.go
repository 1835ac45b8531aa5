package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// job is what one caller wants: to read, or to write.
type job struct {
	do     func(*chain) ([]byte, error)
	reads  bool
	since  time.Time
	done   chan struct{} // closed when it is done
	result error
}

// end ends a job.
func (j *job) end(result error) {
	j.result = result
	close(j.done)
}

// wait adds a job, and waits until it is done. A caller who writes does not leave while that is
// under way, because then nobody would know whether the record is there.
func (o *objects) wait(ctx context.Context, j *job) error {
	j.done, j.since = make(chan struct{}), time.Now()
	o.mu.Lock()
	if j.reads && o.whole && !o.stale([]*job{j}) {
		defer o.mu.Unlock()
		_, j.result = j.do(o.chain)
		return j.err()
	}
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

// jobs returns the jobs that wait. With take, they no longer do. Without jobs the work ends.
func (o *objects) jobs(take bool) (readers, writers []*job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, j := range o.waiting {
		if j.reads {
			readers = append(readers, j)
		} else {
			writers = append(writers, j)
		}
	}
	if take {
		o.waiting = nil
	} else {
		o.working = len(o.waiting) > 0
	}
	return readers, writers
}
