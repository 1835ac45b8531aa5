package directory_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// user is what the vendor of these tests shows of a user.
type user struct {
	offboard.User
	Role string
}

// vendor has users 0 to n-1 in its list. It counts its requests.
type vendor struct {
	n, size int
	counts  bool               // a page says how many users there are, and the place counts rows; else pages
	bad     int                // how many rows of each page cannot be read
	last    bool               // each page says that it is the last
	repeats bool               // each page is the first one
	short   func(n int) int    // how many users the n-th page has, from 1 on; nil for size
	total   func(rows int) int // what a page of so many rows says; nil for n

	one func(id string) (user, error) // nil for the user of the list
	// nil for nothing; a user who replaces the first of the page, or why it fails
	page        func(n int) (user, error)
	wait        func(context.Context) error // nil for no wait
	ones, pages atomic.Int64
}

func name(i int) string { return fmt.Sprintf("u%05d", i) }

func person(i int) user {
	return user{offboard.User{ID: name(i), Email: name(i) + "@acme.test", Status: offboard.Active}, "learner"}
}

func (v *vendor) directory() *directory.Directory[user] {
	return directory.New(
		directory.Source[user]{
			Same:   directory.Equal[user],
			One:    v.readOne,
			Page:   v.readPage,
			Common: func(u user) offboard.User { return u.User },
		},
	)
}

func (v *vendor) readOne(ctx context.Context, id string) (user, error) {
	v.ones.Add(1)
	if v.wait != nil {
		if err := v.wait(ctx); err != nil {
			return user{}, err
		}
	}
	if v.one != nil {
		return v.one(id)
	}
	var i int
	if _, err := fmt.Sscanf(id, "u%d", &i); err != nil || i >= v.n {
		return user{}, offboard.ErrNotFound
	}
	return person(i), nil
}

func (v *vendor) readPage(ctx context.Context, at rest.Place) (rest.Page[user], error) {
	v.pages.Add(1)
	if v.wait != nil {
		if err := v.wait(ctx); err != nil {
			return rest.Page[user]{}, err
		}
	}
	var page rest.Page[user]
	from, size := at.Pages*v.size, v.size
	if v.counts {
		from = at.Rows
	}
	if v.repeats {
		from = 0
	}
	if v.short != nil {
		size = v.short(at.Pages + 1)
	}
	for i := from; i < min(from+size, v.n); i++ {
		if i%v.size < v.bad {
			page.Bad = append(page.Bad, &rest.RowError{Row: i - from + 1})
			continue
		}
		page.Items = append(page.Items, person(i))
	}
	return v.changed(page, at)
}

// changed adds to a page what the vendor says of the whole list, and the fault of the test.
func (v *vendor) changed(page rest.Page[user], at rest.Place) (rest.Page[user], error) {
	page.Last = v.last
	switch {
	case v.total != nil:
		page.Total = v.total(page.Rows())
	case v.counts:
		page.Total = v.n
	}
	if v.page == nil {
		return page, nil
	}
	instead, err := v.page(at.Pages + 1)
	if err != nil {
		return rest.Page[user]{}, err
	}
	if instead != (user{}) && len(page.Items) > 0 {
		page.Items[0] = instead
	}
	return page, nil
}

// cost is how many requests the list takes.
func (v *vendor) cost() int {
	pages := (v.n + v.size - 1) / v.size
	if v.counts {
		return max(pages, 1)
	}
	return pages + 1 // the last one is empty
}

func (v *vendor) requests() int { return int(v.ones.Load() + v.pages.Load()) }

// readAll reads users side by side and fails the test when one is not as a read of it would show.
func readAll(t *testing.T, d *directory.Directory[user], ids []int, atOnce int) {
	t.Helper()
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, i := range ids {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if got, err := d.User(t.Context(), name(i)); err != nil || got != person(i) {
				t.Errorf("reading %s: got %+v, %v, want the user", name(i), got, err)
			}
		})
	}
	all.Wait()
}

// orders are ways to choose k of n users.
var orders = map[string]func(k, n int) []int{
	"the first":     func(k, _ int) []int { return choose(k, func(i int) int { return i }) },
	"the last":      func(k, n int) []int { return choose(k, func(i int) int { return n - 1 - i }) },
	"spread":        func(k, n int) []int { return choose(k, func(i int) int { return i * (n / k) }) },
	"spread, back":  func(k, n int) []int { return choose(k, func(i int) int { return n - 1 - i*(n/k) }) },
	"all scattered": func(k, n int) []int { return choose(k, func(i int) int { return i * 7919 % n }) },
}

func choose(k int, at func(int) int) []int {
	var ids []int
	for i := range k {
		ids = append(ids, at(i))
	}
	return ids
}
