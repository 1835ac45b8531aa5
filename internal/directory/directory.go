// Package directory answers the reads of many users from one reading of the vendor's list, if that
// takes fewer requests than a read of each.
//
// It does not know how many users it will be asked for, and often not how long the list is. So it
// reads users one by one until that has cost about as much as the list would. Then it reads the
// list once and answers the rest from it. That takes at most twice the requests of the better way.
// It is the ski rental problem.
//
// A list is believed only if it says the same of a user as a read of that user did. A user who is
// missing in the list is read. So a list that is not whole, or that has rows that cannot be read,
// costs requests and nothing else.
package directory

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Source reads the users of one vendor.
type Source[U any] struct {
	One    func(ctx context.Context, id string) (U, error)                     // reads one user
	Page   func(ctx context.Context, at rest.Place) (rest.Page[U], error)      // reads the page of the list at a place
	Common func(U) offboard.User                                               // the part that all vendors have
	Same   func(a, b U) bool                                                   // whether two readings show the same
	Log    func(ctx context.Context, message string, fields ...map[string]any) // nil for none
}

// Directory reads users. It is safe for use by several goroutines. Those that come while the list
// is being read wait for it.
type Directory[U any] struct {
	source Source[U]
	turn   chan struct{} // held while pages, or the user to compare the list with, are read

	mu       sync.Mutex
	stopped  bool         // Stop was called
	disabled bool         // the list is not used: it failed, it was wrong, or something was written since
	trusted  bool         // the list says the same of a user as a read of that user
	complete bool         // nothing more of the list is read
	rows     map[string]U // what the pages showed
	singles  map[string]U // what reads showed, to compare
	at       rest.Place   // how much of the list came so far
	stride   int          // how many rows the last page had
	total    int          // how many rows the list has; 0 while that is not known
	asked    int          // how many reads were asked for
	waiting  int          // how many of them have neither an answer nor a request of their own
	spent    int          // how many requests were made, a page or a user each
}

// New returns a directory that has read nothing.
func New[U any](source Source[U]) *Directory[U] {
	return &Directory[U]{source: source, turn: make(chan struct{}, 1), rows: map[string]U{}, singles: map[string]U{}}
}

// Stop ends the use of the list for good. It is called before anything is written, because an
// earlier reading says nothing after that.
func (d *Directory[U]) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped, d.disabled = true, true
	clear(d.rows)
}

// Row returns what the pages that were read show of a user, whether or not the list is believed. It
// makes no request.
func (d *Directory[U]) Row(id string) (U, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, ok := d.rows[id]
	return u, ok && !d.stopped
}

// User returns a user, from the list or by a read. The errors are those of Source.One.
func (d *Directory[U]) User(ctx context.Context, id string) (U, error) {
	promising := d.countRead()
	if u, ok := d.listed(id); ok {
		return u, nil
	}
	listCtx, cancel := halfOfTime(ctx)
	defer cancel()
	if !promising || !d.acquire(listCtx) {
		return d.read(ctx, id)
	}
	if d.nothingRead() {
		defer d.release() // no page is read before the user to compare it with
		return d.read(ctx, id)
	}
	u, ok := d.search(listCtx, id)
	d.release()
	if ok {
		return u, nil
	}
	return d.read(ctx, id)
}

// halfOfTime returns a context that ends at half of the time to the deadline of ctx. The rest is
// for the read of a single user. The next caller then continues a long list.
func halfOfTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithTimeout(ctx, time.Until(deadline)/2)
	}
	return context.WithCancel(ctx)
}

func (d *Directory[U]) acquire(ctx context.Context) bool {
	select {
	case d.turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (d *Directory[U]) release() { <-d.turn }

// countRead counts a read. It reports whether a wait for the turn can bring an answer from the
// list.
func (d *Directory[U]) countRead() (promising bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	d.waiting++
	return !d.disabled
}

// nothingRead reports whether nothing was read yet.
func (d *Directory[U]) nothingRead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.spent == 0
}

// listed returns an open user from the list, and whether the list has the answer.
func (d *Directory[U]) listed(id string) (U, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, ok := d.rows[id]
	if !ok || d.disabled || !d.trusted || d.source.Common(u).Status == offboard.Closed {
		var none U
		return none, false
	}
	d.waiting--
	return u, true
}

// read reads one user.
func (d *Directory[U]) read(ctx context.Context, id string) (U, error) {
	d.mu.Lock()
	d.spent++
	d.waiting--
	d.mu.Unlock()
	u, err := d.source.One(ctx, id)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.singles[id] = u
		d.compare(ctx, id)
	}
	return u, err
}

// compare checks, with the lock held, that the list and a read agree on a user.
func (d *Directory[U]) compare(ctx context.Context, id string) {
	row, listed := d.rows[id]
	single, read := d.singles[id]
	switch {
	case !listed || !read:
	case d.source.Same(row, single):
		d.trusted = true
	default:
		d.disabled = true
		d.log(ctx, "the list of users and a read of one of them do not agree; users are read one by one", nil)
	}
}

// search reads pages until one of them shows the user, or the budget allows no more now.
func (d *Directory[U]) search(ctx context.Context, id string) (U, bool) {
	for {
		u, ok := d.listed(id)
		if ok {
			return u, true
		}
		places := d.nextPages()
		if len(places) == 0 {
			return u, false
		}
		pages, err := readPages(ctx, places, d.source.Page)
		d.addPages(ctx, pages, err)
		if err != nil {
			return d.listed(id)
		}
	}
}

// nextPages returns the places of the pages that may be read now. If a vendor counts in rows, they
// assume that each page has as many rows as the one before. If a page has fewer, the list has a gap
// behind it, and users in the gap are read.
func (d *Directory[U]) nextPages() []rest.Place {
	d.mu.Lock()
	defer d.mu.Unlock()
	var places []rest.Place
	for i := range d.pageBudget() {
		places = append(places, rest.Place{Pages: d.at.Pages + i, Rows: d.at.Rows + i*d.stride})
	}
	return places
}

// pageBudget returns how many pages may be read now, with the lock held. All requests together must
// stay within twice those of the better way.
//
// If the length of the list is known, the list is read as soon as as many users were asked for as
// it has pages. If it is not known, the list takes at least one request more than the pages seen so
// far, and the users take one each. Twice the smaller of both may be spent, reads that still wait
// included. One page for each read is always within that.
func (d *Directory[U]) pageBudget() int {
	seen := d.at.Pages
	switch {
	case d.disabled || d.complete:
		return 0
	case d.total > 0:
		left := (d.total - d.at.Rows + d.stride - 1) / d.stride
		if d.asked < seen+left {
			return 0
		}
		return left
	}
	return max(0, min(2*d.asked-d.waiting-d.spent, max(1, 2*seen+2-d.spent)))
}

// addPages adds the pages that came, and what their error says about the rest.
func (d *Directory[U]) addPages(ctx context.Context, pages []rest.Page[U], err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, page := range pages {
		d.spent++
		d.add(ctx, page)
	}
	var budget *rest.BudgetError
	fields := map[string]any{"users": len(d.rows), "pages": d.at.Pages}
	switch {
	case err == nil && d.complete:
		d.log(ctx, "read the list of users, to answer reads from it", fields)
	case err == nil:
		d.log(ctx, "read a part of the list of users", fields)
	case ctx.Err() == nil && !errors.As(err, &budget):
		d.disabled = true
		d.log(ctx, "the list of users could not be read; users are read one by one", map[string]any{"error": err.Error()})
	}
}

// add adds a page, with the lock held. A total that is no more than the rows of the page may be
// that of the page, so it does not end the list. A wrong total does no harm, because a user who is
// missing is read.
func (d *Directory[U]) add(ctx context.Context, page rest.Page[U]) {
	before := len(d.rows)
	for _, u := range page.Items {
		id := d.source.Common(u).ID
		if other, twice := d.rows[id]; twice && !d.source.Same(other, u) {
			d.disabled = true
			d.log(ctx, "two rows of the list of users have one ID and differ; users are read one by one", nil)
		}
		d.rows[id] = u
		d.compare(ctx, id)
	}
	d.at.Pages++
	d.at.Rows += page.Rows()
	d.stride = page.Rows()
	if page.Total > page.Rows() {
		d.total = page.Total
	}
	d.complete = d.complete || page.Last || len(d.rows) == before || d.total > 0 && d.at.Rows >= d.total
}

func (d *Directory[U]) log(ctx context.Context, message string, fields map[string]any) {
	if d.source.Log != nil {
		d.source.Log(ctx, message, fields)
	}
}

// Equal is a Source.Same for readings of which every field counts.
func Equal[U comparable](a, b U) bool { return a == b }
