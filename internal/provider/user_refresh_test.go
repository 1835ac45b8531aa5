package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// crowd fills the mock with invented people and returns their ids, in the order of the vendor's list.
func (v vendorCase) crowd(s *mock.Server, n int) []string {
	s.Invent(n)
	var all []string
	switch v.kind.name {
	case "konstantly":
		for _, u := range s.Konstantly.Open() {
			all = append(all, u.ID)
		}
	case "ecgrid":
		for _, u := range s.ECGrid.Open() {
			if u.ID != s.ECGrid.Me {
				all = append(all, fmt.Sprint(u.ID))
			}
		}
	case "sfox":
		for _, u := range s.SFOX.Open() {
			all = append(all, u.ID)
		}
	default:
		for _, u := range s.Skillable.Open() {
			all = append(all, u.ID)
		}
	}
	return all
}

// listCost is how many requests reading the list of n users takes; 0 when there is no list.
func (v vendorCase) listCost(n int) int {
	switch v.kind.name {
	case "konstantly":
		return (n + 19) / 20
	case "ecgrid":
		return (n+1+24)/25 + 1 // with the user who holds the key; the last page is empty
	case "sfox":
		return 1
	default:
		return 0
	}
}

// readCost is how many requests reading one user takes.
func (v vendorCase) readCost() int {
	if v.kind.name == "skillable" {
		return 2
	}
	return 1
}

// refresh reads users, so many at once as a CLI does, and fails the test when one of them is not read as open.
func (d *driver) refresh(k userKind, users []string, atOnce int) {
	d.t.Helper()
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, id := range users {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			m, diags := d.take(k, id)
			if diags.errors() != "" || m.text("id") != id || m.text("status") == "closed" {
				d.t.Errorf("reading %s: got status %q, %s, want an open user", id, m.text("status"), diags.errors())
			}
		})
	}
	all.Wait()
}

// spread picks k of the users, evenly.
func spread(users []string, k int) []string {
	var picked []string
	for i := range k {
		picked = append(picked, users[i*len(users)/k])
	}
	return picked
}

// A refresh never takes more than twice the requests of the better of two ways: a request for each user, or the pages of the list.
func TestRefresh_requests(t *testing.T) {
	for _, v := range vendorCases {
		for _, size := range []struct{ users, of int }{{1, 1}, {1, 10}, {100, 100}, {100, 1000}, {5000, 5000}, {5000, 50000}} {
			for _, atOnce := range []int{1, 10} {
				t.Run(fmt.Sprintf("%s, %d of %d, %d at once", v.kind.title, size.users, size.of, atOnce), func(t *testing.T) {
					started := time.Now()
					s := mock.New(mockKey)
					users := spread(v.crowd(s, size.of), size.users)
					virtualDriver(t, s, nil).refresh(v.kind, users, atOnce)
					got, single, list := len(s.Requests()), size.users*v.readCost(), v.listCost(size.of)
					best := min(single, cmp.Or(list, single))
					if got > 2*best || v.kind.name == "skillable" && got != best {
						t.Errorf("got %d requests, want at most twice %d", got, best)
					}
					t.Logf("%d requests; one by one %d, the list %d; %s", got, single, list, time.Since(started))
				})
			}
		}
	}
}

var _ = slices.Sort[[]string]
var _ = strings.Contains
