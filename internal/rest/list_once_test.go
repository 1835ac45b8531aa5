package rest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// What a list showed is kept, also that it has no end or takes all the time. What failed is read again.
func TestOnce(t *testing.T) {
	t.Parallel()
	errDown := errors.New("down")
	for name, c := range map[string]struct {
		err   error
		whole bool
		reads int // of two looks
	}{
		"whole":           {nil, true, 1},
		"without an end":  {offboard.ErrListNotWhole, false, 1},
		"without time":    {context.DeadlineExceeded, false, 1},
		"failed":          {errDown, true, 2},
		"canceled midway": {context.Canceled, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			once, reads := rest.NewOnce[offboard.User](), 0
			look := func(key string) {
				page, err := once.Do(t.Context(), key, func() (rest.Page[offboard.User], error) {
					reads++
					return rest.Page[offboard.User]{Items: []offboard.User{{ID: "u1"}}}, c.err
				})
				if len(page.Items) != 1 || !errors.Is(err, c.err) || errors.Is(err, offboard.ErrListNotWhole) == c.whole {
					t.Errorf("got %v, %v, want the page and %v", page, err, c.err)
				}
			}
			look("a")
			look("a")
			if reads != c.reads {
				t.Errorf("got %d readings of one list, want %d", reads, c.reads)
			}
			if look("b"); reads != c.reads+1 {
				t.Errorf("got %d readings, want one more for another list", reads)
			}
		})
	}
}

// Somebody may come into view again after a list was read.
func TestOnce_keepsNoOldList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once, reads := rest.NewOnce[offboard.User](), 0
		for _, wait := range []time.Duration{0, 9 * time.Minute, 9 * time.Minute} {
			time.Sleep(wait)
			if _, err := once.Do(t.Context(), "", func() (rest.Page[offboard.User], error) {
				reads++
				return rest.Page[offboard.User]{}, nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if reads != 2 {
			t.Errorf("got %d readings in 18 minutes, want 2", reads)
		}
	})
}

// A look waits for the reading of another one, as long as it has time.
func TestOnce_waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once := rest.NewOnce[offboard.User]()
		go func() {
			_, _ = once.Do(t.Context(), "", func() (rest.Page[offboard.User], error) {
				time.Sleep(time.Minute)
				return rest.Page[offboard.User]{}, nil
			})
		}()
		synctest.Wait()
		for _, wait := range []time.Duration{time.Second, time.Hour} {
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			defer cancel()
			_, err := once.Do(ctx, "", func() (rest.Page[offboard.User], error) {
				t.Error("the list is read again")
				return rest.Page[offboard.User]{}, nil
			})
			if whole := wait == time.Hour; (err == nil) != whole || !whole && !errors.Is(err, offboard.ErrListNotWhole) {
				t.Errorf("got %v after %s, want a whole list %t", err, wait, whole)
			}
		}
	})
}
