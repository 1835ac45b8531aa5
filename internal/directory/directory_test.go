package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestDirectory_neverCostsMoreThanTwiceTheBetterWay(t *testing.T) {
	t.Parallel()
	for _, counts := range []bool{true, false} {
		for order, chosen := range orders {
			for _, n := range []int{1, 2, 3, 7, 8, 9, 40, 100, 1001} {
				for k := 1; k <= n; k += 1 + k/3 {
					for _, atOnce := range []int{1, 3, 10, 50} {
						v := &vendor{n: n, size: 4, counts: counts}
						readAll(t, v.directory(), chosen(k, n), atOnce)
						if got, want := v.requests(), 2*min(k, v.cost()); got > want {
							t.Errorf("%s, %d of %d users, %d at once, length known %v: got %d requests (%d single), want %d at the most",
								order, k, n, atOnce, counts, got, v.ones.Load(), want)
						}
					}
				}
			}
		}
	}
}

func TestDirectory_loadsOnceForConcurrentReaders(t *testing.T) {
	t.Parallel()
	for _, counts := range []bool{true, false} {
		v := &vendor{n: 400, size: 20, counts: counts}
		readAll(t, v.directory(), orders["the first"](400, 400), 50)
		if got := v.ones.Load(); got > int64(v.cost()) {
			t.Errorf("length known %v: got %d single reads, want no more than the list costs", counts, got)
		}
		pages := v.pages.Load()
		d := v.directory()
		readAll(t, d, orders["the first"](400, 400), 50)
		readAll(t, d, orders["the first"](400, 400), 50)
		if got := v.pages.Load() - pages; got > 2*int64(v.cost()) {
			t.Errorf("length known %v: got %d pages, want one load", counts, got)
		}
	}
}

func TestDirectory_aMissingUserIsRead(t *testing.T) {
	t.Parallel()
	v := &vendor{n: 40, size: 20, counts: true}
	d := v.directory()
	readAll(t, d, orders["the first"](40, 40), 1)
	before := v.ones.Load()
	if _, err := d.User(t.Context(), "u99999"); !errors.Is(err, offboard.ErrNotFound) {
		t.Errorf("got %v, want the answer of a read: ErrNotFound", err)
	}
	if got := v.ones.Load() - before; got != 1 {
		t.Errorf("got %d single reads, want 1", got)
	}
}

func TestDirectory_aClosedUserInTheListIsRead(t *testing.T) {
	t.Parallel()
	closed := person(3)
	closed.ID, closed.Status = name(20), offboard.Closed
	v := &vendor{n: 40, size: 20, counts: true, page: func(n int) (user, error) {
		if n == 2 {
			return closed, nil
		}
		return user{}, nil
	}}
	d := v.directory()
	readAll(t, d, orders["the first"](20, 40), 1)
	readAll(t, d, []int{20}, 1)
	if got := v.ones.Load(); got != 2 {
		t.Errorf("got %d single reads, want the first and that of the closed user", got)
	}
	readAll(t, d, []int{5, 6}, 1)
	if got := v.ones.Load(); got != 4 {
		t.Errorf("got %d single reads, want two more: a list that was wrong about one user is not used for others", got)
	}
}

func TestDirectory_aFailedListIsNotReadAgain(t *testing.T) {
	t.Parallel()
	for _, failing := range []int{1, 2, 5} {
		for _, counts := range []bool{true, false} {
			v := &vendor{n: 200, size: 20, counts: counts, page: func(n int) (user, error) {
				if n == failing {
					return user{}, errors.New("the vendor has a fault")
				}
				return user{}, nil
			}}
			readAll(t, v.directory(), orders["the last"](200, 200), 1)
			if got := v.ones.Load(); got != 200 {
				t.Errorf("page %d fails, length known %v: got %d single reads, want one for each user", failing, counts, got)
			}
			if got := v.pages.Load(); got > int64(v.cost()) {
				t.Errorf("page %d fails, length known %v: got %d pages, want no second load", failing, counts, got)
			}
		}
	}
}

func TestDirectory_stopEndsTheUseOfTheList(t *testing.T) {
	t.Parallel()
	v := &vendor{n: 40, size: 20, counts: true}
	d := v.directory()
	readAll(t, d, orders["the first"](40, 40), 1)
	d.Stop()
	before, pages := v.ones.Load(), v.pages.Load()
	readAll(t, d, orders["the first"](40, 40), 10)
	if got := v.ones.Load() - before; got != 40 || v.pages.Load() != pages {
		t.Errorf("got %d single reads and %d pages, want 40 and none", got, v.pages.Load()-pages)
	}
}

// What users at the end of a list of five pages cost, one after the other: single reads and pages.
func TestDirectory_whatEachReadCosts(t *testing.T) {
	t.Parallel()
	for counts, want := range map[bool]string{
		true:  "1+0 2+1 3+1 4+1 4+5 4+5", // the first page says five, and five users make the list worth its price
		false: "1+0 2+2 3+3 4+4 4+5 4+5", // its length is not known, so it may cost no more than the users so far
	} {
		v := &vendor{n: 100, size: 20, counts: counts}
		d := v.directory()
		var got []string
		for i := range 6 {
			readAll(t, d, []int{99 - i}, 1)
			got = append(got, fmt.Sprintf("%d+%d", v.ones.Load(), v.pages.Load()))
		}
		if all := strings.Join(got, " "); all != want {
			t.Errorf("length known %v: got %s, want %s", counts, all, want)
		}
	}
}

// A read that fails shows nothing, so that it speaks neither for nor against the list.
func TestDirectory_aReadThatFailsDisagreesWithNoList(t *testing.T) {
	t.Parallel()
	v := &vendor{n: 40, size: 20, counts: true}
	v.one = func(id string) (user, error) {
		if id == name(0) {
			return user{}, errors.New("the vendor has a fault")
		}
		var i int
		_, err := fmt.Sscanf(id, "u%d", &i)
		return person(i), err
	}
	d := v.directory()
	if got, err := d.User(t.Context(), name(0)); err == nil {
		t.Errorf("got %+v, want the error of the read", got)
	}
	readAll(t, d, orders["the last"](39, 40), 1)
	if got := v.ones.Load(); got != 2 {
		t.Errorf("got %d single reads, want the one that failed and one that the list is compared with", got)
	}
}

// A caller that comes after Stop waits for no page that is still under way.
func TestDirectory_stopEndsTheWaitForTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{n: 40, size: 20, counts: true}
		d := directory.New(directory.Source[user]{Same: directory.Equal[user],
			One: v.readOne,
			Page: func(ctx context.Context, at rest.Place) (rest.Page[user], error) {
				time.Sleep(time.Hour)
				return v.readPage(ctx, at)
			},
			Common: func(u user) offboard.User { return u.User },
		})
		readAll(t, d, []int{0}, 1)
		go func() { _, _ = d.User(t.Context(), name(1)) }()
		synctest.Wait() // the page is under way
		d.Stop()
		started := time.Now()
		if got, err := d.User(t.Context(), name(2)); err != nil || got != person(2) || time.Since(started) > 0 {
			t.Errorf("got %+v and %v after %s, want the user at once", got, err, time.Since(started))
		}
		time.Sleep(2 * time.Hour)
	})
}

// The log says what happened to the list: that it was read, whole or in part, or why it is not
// used.
func TestDirectory_logsWhatBecameOfTheList(t *testing.T) {
	t.Parallel()
	const whole, part = "read the list of users, to answer reads from it", "read a part of the list of users"
	const failed, differs = "the list of users could not be read; users are read one by one",
		"the list of users and a read of one of them do not agree; users are read one by one"
	broken := errors.New("the vendor has a fault")
	for name, c := range map[string]struct {
		v    *vendor
		want []string
	}{
		"one page of several":     {&vendor{n: 20, size: 20}, []string{part}},
		"two pages, length known": {&vendor{n: 40, size: 20, counts: true}, []string{part, whole}},
		"one page, the last one":  {&vendor{n: 20, size: 20, last: true}, []string{whole}},
		"it fails": {
			&vendor{n: 40, size: 20, counts: true, page: func(int) (user, error) { return user{}, broken }}, []string{failed},
		},
		"it differs": {&vendor{n: 40, size: 20, counts: true, page: func(int) (user, error) {
			return user{offboard.User{ID: person(0).ID, Status: offboard.Active}, "admin"}, nil
		}}, []string{differs, part}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			d := directory.New(directory.Source[user]{Same: directory.Equal[user],
				One: c.v.readOne, Page: c.v.readPage, Common: func(u user) offboard.User { return u.User },
				Log: func(_ context.Context, message string, fields ...map[string]any) {
					got = append(got, message)
					for _, f := range fields {
						if reason, ok := f["error"]; ok && reason != broken.Error() {
							t.Errorf("got the reason %v, want %v", reason, broken)
						}
						if message == whole && (f["users"] != c.v.n || f["pages"] != c.v.n/20) {
							t.Errorf("got %v, want %d users", f, c.v.n)
						}
					}
				},
			})
			readAll(t, d, orders["the first"](c.v.n, c.v.n), 1)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The read that the list is compared with comes before the list, however many readers come at once.
func TestDirectory_noPageIsReadBeforeTheFirstUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{n: 40, size: 20, counts: true, wait: func(context.Context) error { time.Sleep(time.Second); return nil }}
		d := v.directory()
		for i := range 10 {
			go func() { _, _ = d.User(t.Context(), name(i)) }()
		}
		synctest.Wait()
		if ones, pages := v.ones.Load(), v.pages.Load(); ones != 1 || pages != 0 {
			t.Errorf("got %d single reads and %d pages under way, want one read and no page", ones, pages)
		}
		time.Sleep(time.Second / 2)
		synctest.Wait()
		if pages := v.pages.Load(); pages != 0 {
			t.Errorf("got %d pages while the first read is under way, want none", pages)
		}
		time.Sleep(time.Hour)
	})
}

// A person who reads the log of a run sees how users were read, and why one by one.
func TestDirectory_logsHowUsersAreRead(t *testing.T) {
	t.Parallel()
	poor := person(0)
	poor.Role = ""
	failing := func(int) (user, error) { return user{}, errors.New("HTTP 500") }
	for name, c := range map[string]struct {
		page       func(n int) (user, error)
		all, first string // the message when all users were read, and the one after the first page
	}{
		"a list":                {nil, "read the list of users", "read a part of the list of users"},
		"a list that disagrees": {func(int) (user, error) { return poor, nil }, "do not agree", "do not agree"},
		"a list that fails":     {failing, "could not be read", "could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{n: 80, size: 20, page: c.page}
			var told []string
			d := directory.New(directory.Source[user]{Same: directory.Equal[user],
				One: v.readOne, Page: v.readPage, Common: func(u user) offboard.User { return u.User },
				Log: func(_ context.Context, message string, _ ...map[string]any) { told = append(told, message) },
			})
			readAll(t, d, orders["the first"](80, 80), 1)
			isAll := func(message string) bool { return strings.Contains(message, c.all) }
			if len(told) == 0 || !strings.Contains(told[0], c.first) || !slices.ContainsFunc(told, isAll) {
				t.Errorf("got %q, want first %q, and %q", told, c.first, c.all)
			}
		})
	}
}
