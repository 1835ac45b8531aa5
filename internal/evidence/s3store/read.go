package s3store

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

var errMissing = errors.New("it is missing, although a later one is there")

// Read implements evidence.Store. A reading from the first object on asks for the history of all of
// them, too, which shows objects that were deleted or replaced.
func (s *Store) Read(ctx context.Context, n int, each func(evidence.Object) error) error {
	client, err := s.open(ctx)
	if err != nil {
		return err
	}
	known := &listing{}
	if n == 1 {
		if known, err = s.list(ctx, client); err != nil {
			return err
		}
	}
	for width := 1; ; width = min(2*width, window) {
		if known.last >= n {
			width = min(window, known.last-n+1)
		}
		objects, more, err := s.readWindow(ctx, client, n, width, known)
		if err != nil {
			return err
		}
		for _, o := range objects {
			if err := each(o); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
		n += len(objects)
	}
}

// readWindow reads so many objects at once. more says that there may be further ones.
func (s *Store) readWindow(
	ctx context.Context, client *s3.Client, n, width int, known *listing,
) (objects []evidence.Object, more bool, _ error) {
	texts, err := s.getAll(ctx, client, n, width)
	if err != nil {
		return nil, false, err
	}
	last := known.last // of all objects that are known
	for i, text := range texts {
		if text != nil {
			last = max(last, n+i)
		}
	}
	for i, text := range texts {
		if n+i > last {
			return objects, false, nil
		}
		if text == nil { // it may have been created after the answer, and before a later one was
			if text, err = s.get(ctx, client, n+i); err != nil {
				return nil, false, err
			}
		}
		o := evidence.Object{Number: n + i, Name: file(n + i), Text: text, Problem: known.problem(n + i)}
		if text == nil && o.Problem == nil {
			o.Problem = errMissing
		}
		objects = append(objects, o)
	}
	return objects, true, nil
}

// getAll gets objects at the same time. The text of one that is not there is nil.
func (s *Store) getAll(ctx context.Context, client *s3.Client, n, width int) ([][]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	texts := make([][]byte, width)
	var group sync.WaitGroup
	for i := range texts {
		group.Go(func() {
			var err error
			if texts[i], err = s.get(ctx, client, n+i); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	return texts, context.Cause(ctx)
}
