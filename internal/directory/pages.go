package directory

import (
	"context"
	"slices"
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// atOnce is how many pages are on their way at the same time.
const atOnce = 8

// sideBySide reads n pages from a first one on. It returns them in order up to a failed one, and why one failed.
func sideBySide[U any](ctx context.Context, from, n int, page func(context.Context, int) (rest.Page[U], error)) ([]rest.Page[U], error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	pages, errs := make([]rest.Page[U], n), make([]error, n)
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			if pages[i], errs[i] = page(ctx, from+i); errs[i] != nil {
				fail(errs[i])
			}
			<-slots
		})
	}
	all.Wait()
	good := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if good < 0 {
		good = n
	}
	return pages[:good], context.Cause(ctx)
}
