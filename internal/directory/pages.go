package directory

import (
	"context"
	"slices"
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// maxInFlight is how many pages are on their way at the same time.
const maxInFlight = 8

// readPages reads the pages at some places, some of them at the same time. It returns them in order
// up to a page that failed, and why one failed.
func readPages[U any](
	ctx context.Context, places []rest.Place, page func(context.Context, rest.Place) (rest.Page[U], error),
) ([]rest.Page[U], error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	pages, errs := make([]rest.Page[U], len(places)), make([]error, len(places))
	slots := make(chan struct{}, maxInFlight)
	var all sync.WaitGroup
	for i, at := range places {
		slots <- struct{}{}
		all.Go(func() {
			if pages[i], errs[i] = page(ctx, at); errs[i] != nil {
				fail(errs[i])
			}
			<-slots
		})
	}
	all.Wait()
	good := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if good < 0 {
		good = len(places)
	}
	return pages[:good], context.Cause(ctx)
}
