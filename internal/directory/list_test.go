package directory_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestDirectory_aListThatDisagreesIsNotUsed(t *testing.T) {
	t.Parallel()
	for _, counts := range []bool{true, false} {
		poor := person(0)
		poor.Role = ""
		v := &vendor{n: 400, size: 20, counts: counts, page: func(n int) (user, error) {
			if n == 1 {
				return poor, nil
			}
			return user{}, nil
		}}
		readAll(t, v.directory(), orders["the first"](400, 400), 1)
		if got, want := v.ones.Load(), int64(400); got != want || v.pages.Load() > 2 {
			t.Errorf(
				"length known %v: got %d single reads and %d pages, want %d and no more than 2", counts, got, v.pages.Load(),
				want,
			)
		}
	}
}

// If two rows with one ID differ, nothing says which of them is true.
func TestDirectory_aListWithTwoRowsOfOneUserIsNotUsed(t *testing.T) {
	t.Parallel()
	v := &vendor{n: 400, size: 20, page: func(n int) (user, error) {
		if n != 2 {
			return user{}, nil
		}
		other := person(3) // who is on the first page, too
		other.Email = "otto@acme.test"
		return other, nil
	}}
	d := v.directory()
	for _, i := range []int{0, 1, 2, 21, 22, 23, 3} {
		if u, err := d.User(t.Context(), name(i)); err != nil || u != person(i) {
			t.Errorf("got %+v and %v, want %+v", u, err, person(i))
		}
	}
	if v.pages.Load() < 2 {
		t.Errorf("got %d pages, want both that have the user", v.pages.Load())
	}
}

// A list is not believed before it has been compared, even if the users who were read so far are
// not in it.
func TestDirectory_aListIsComparedBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	poor := person(0)
	poor.Role = ""
	v := &vendor{n: 20, size: 20, counts: true, page: func(int) (user, error) { return poor, nil }}
	v.one = func(id string) (user, error) {
		return user{offboard.User{ID: id, Email: id + "@acme.test", Status: offboard.Active}, "learner"}, nil
	}
	d := v.directory()
	for _, id := range []string{"outsider", name(0), name(1)} {
		if got, err := d.User(t.Context(), id); err != nil || got.Role != "learner" {
			t.Errorf("%s: got %+v, %v, want what a read shows", id, got, err)
		}
	}
}

// A list with gaps, without an end, with rows that cannot be read or with a total that is wrong
// costs requests, and nothing else.
func TestDirectory_aWrongListAnswersAsReadsDo(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*vendor{
		"pages that are capped":         {n: 100, size: 20, counts: true, short: func(int) int { return 7 }},
		"one short page":                {n: 100, size: 20, counts: true, short: func(n int) int { return 20 - n%2*13 }},
		"one short page, no total":      {n: 100, size: 20, short: func(n int) int { return 20 - n%2*13 }},
		"the same page again and again": {n: 100, size: 20, repeats: true},
		"rows that cannot be read":      {n: 100, size: 20, bad: 5},
		"a total of the page's rows":    {n: 100, size: 20, counts: true, total: func(rows int) int { return rows }},
		"a total that is too low":       {n: 100, size: 20, counts: true, total: func(int) int { return 30 }},
		"a total that is too high":      {n: 100, size: 20, counts: true, total: func(int) int { return 1000 }},
		"nothing that can be read":      {n: 100, size: 20, counts: true, bad: 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			readAll(t, v.directory(), orders["all scattered"](v.n, v.n), 10)
			if got, most := v.requests(), 2*v.n+1; got > most {
				t.Errorf("got %d requests for %d users, want %d at the most", got, v.n, most)
			}
		})
	}
}

func TestDirectory_countsRowsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	v := &vendor{n: 100, size: 20, counts: true, bad: 5}
	readAll(t, v.directory(), orders["the first"](100, 100), 1)
	if got, want := v.pages.Load(), int64(v.cost()); got != want {
		t.Errorf("got %d pages, want %d: no row is asked for twice", got, want)
	}
}

func TestDirectory_readsNoPageBehindTheLast(t *testing.T) {
	t.Parallel()
	v := &vendor{n: 100, size: 60, last: true}
	readAll(t, v.directory(), orders["the first"](100, 100), 1)
	if got := v.pages.Load(); got != 1 {
		t.Errorf("got %d pages, want the one that says that it is the last", got)
	}
}

func TestDirectory_readsNoPageBehindOneThatBringsNothingNew(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*vendor{
		"an empty page": {n: 40, size: 20}, "the same page": {n: 40, size: 20, repeats: true},
	} {
		d := v.directory()
		readAll(t, d, orders["the first"](40, 40), 1)
		for i := range 100 {
			_, _ = d.User(t.Context(), name+strconv.Itoa(i)) // a user in no list
		}
		if got, most := v.pages.Load(), int64(v.cost()); got > most {
			t.Errorf("%s: got %d pages, want %d at the most", name, got, most)
		}
	}
}

// A total that is that of the page does not end the list, whether all rows of the page can be read
// or not.
func TestDirectory_aTotalOfThePageIsNoEnd(t *testing.T) {
	t.Parallel()
	for _, bad := range []int{0, 1} {
		v := &vendor{n: 400, size: 20, bad: bad, counts: true, total: func(rows int) int { return rows }}
		readAll(t, v.directory(), orders["the first"](400, 400), 1)
		if got, want := v.requests(), 2*v.cost()+2+20*bad; got > want {
			t.Errorf("%d bad rows a page: got %d requests, want %d at the most", bad, got, want)
		}
	}
}

// A list without an answer leaves time for reading the user.
func TestDirectory_aListWithoutAnAnswerLeavesTimeForARead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{n: 40, size: 20, counts: true}
		hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		d := directory.New(directory.Source[user]{Same: directory.Equal[user],
			One: func(ctx context.Context, id string) (user, error) {
				if err := ctx.Err(); err != nil {
					return user{}, err
				}
				return v.readOne(ctx, id)
			},
			Page:   func(ctx context.Context, _ rest.Place) (rest.Page[user], error) { return rest.Page[user]{}, hang(ctx) },
			Common: func(u user) offboard.User { return u.User },
		})
		started := time.Now()
		for i := range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if got, err := d.User(ctx, name(i)); err != nil || got != person(i) {
				t.Errorf("reading %s: got %+v, %v, want the user", name(i), got, err)
			}
			cancel()
		}
		if took := time.Since(started); took != 5*time.Second {
			t.Errorf("got %s, want half of the time of the reader who came to the list", took)
		}
	})
}

// A long list at a slow pace takes longer than one reader may wait. Then the next readers read on,
// and no caller runs out of time.
func TestDirectory_aLongListIsReadOnByTheNext(t *testing.T) {
	t.Parallel()
	for _, counts := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			v := &vendor{n: 2000, size: 20, counts: counts}
			pace := make(chan struct{}, 1)
			v.wait = func(ctx context.Context) error {
				select {
				case pace <- struct{}{}:
					defer func() { <-pace }()
				case <-ctx.Done():
					return &rest.BudgetError{Reason: "stopped", Err: ctx.Err()}
				}
				if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < time.Second {
					return &rest.BudgetError{Wait: time.Second, Reason: "the pace"}
				}
				time.Sleep(time.Second)
				return nil
			}
			d := v.directory()
			slots := make(chan struct{}, 10)
			var all sync.WaitGroup
			for i := range 2000 {
				slots <- struct{}{}
				all.Go(func() {
					defer func() { <-slots }()
					ctx, cancel := context.WithTimeout(t.Context(), 80*time.Second)
					defer cancel()
					if _, err := d.User(ctx, name(i)); err != nil {
						t.Errorf("reading %s: got %v, want the user", name(i), err)
					}
				})
			}
			all.Wait()
			if got, want := v.requests(), 3*v.cost(); got > want {
				t.Errorf("length known %v: got %d requests, want %d at the most", counts, got, want)
			}
		})
	}
}
