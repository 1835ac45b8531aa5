package rest

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

var errStopped = errors.New("the reader wants no more")

// pageReader reads a list for Pages.
type pageReader[T any] struct {
	id      func(T) string
	shown   func(T) any
	page    func(Place) (Page[T], error)
	yield   func(T, error) bool
	seed    maphash.Seed
	yielded map[string]uint64 // a hash of what each item shows, and the texts of errors, in all readings
}

// reading is one reading of the list from its beginning.
type reading struct {
	at         Place
	known      map[string]int // the ids of items, and how many pages were before that of each
	others     map[int]bool   // the hashes of the pages of which rows are left out
	left       int            // rows that are left out
	bad        int            // rows that cannot be read
	total      int            // the largest that a page has: a list that shrinks while it is read may hide rows
	withoutNew int            // pages in a row that brought nothing new
	badTotal   string         // the BadTotal of a page
	longest    int            // the most rows that a page has
	moved      bool           // an item came again on a later page, perhaps in the place of another one
	last       []string       // the ids of the items of the page before
}

// read reads the list once.
func (r *pageReader[T]) read() error {
	in := reading{known: map[string]int{}, others: map[int]bool{}}
	for {
		p, err := r.page(in.at)
		if err != nil {
			return err
		}
		fresh, err := r.yieldNew(p, &in)
		if err != nil {
			return err
		}
		in.longest = max(in.longest, p.Rows())
		in.add(p.Rows(), len(p.Bad), fresh, p.Left, p.Other, p.Total)
		in.badTotal = cmp.Or(in.badTotal, p.BadTotal)
		p.BadTotal = in.badTotal
		if in.endsAt(p.Rows(), p.Total) {
			p.Last, p.Doubt = true, ""
		}
		if p.Ends() {
			return cmp.Or(in.complete(), in.still(), p.doubted(in.count()))
		}
		if in.withoutNew == maxPagesWithoutNew || in.withoutNew > 0 && len(p.Bad) == 0 && p.Rows() > 0 {
			return in.ended()
		}
		if in.at.Pages == maxPages {
			reason := fmt.Sprintf("the list does not end within %d pages", maxPages)
			return &PartialError{Read: in.count(), Reason: reason, final: true}
		}
	}
}

// add counts a page. Rows that are left out are new, unless they came before: a server that ignores the place
// sends the same ones again.
func (in *reading) add(rows, bad, fresh, left, other, total int) {
	in.at.Pages++
	in.at.Rows += rows
	in.bad += bad
	in.total = max(in.total, total)
	in.withoutNew++
	isNew := other != 0 && !in.others[other]
	if isNew {
		in.left += left
	}
	if fresh > 0 || isNew {
		in.withoutNew = 0
	}
	in.others[other] = true
}

// yieldNew yields what is new on a page. It returns how many items were not on earlier pages of
// this reading.
func (r *pageReader[T]) yieldNew(p Page[T], in *reading) (fresh int, err error) {
	ids := make([]string, len(p.Items))
	for i, item := range p.Items {
		ids[i] = r.id(item)
	}
	joined := in.joined(ids, p.Again)
	for i, item := range p.Items {
		id := ids[i]
		if in.isNew(id, i < joined) {
			fresh++
		}
		shown := r.hash(item)
		earlier, again := r.yielded[id]
		switch {
		case again && earlier != shown: // the row is counted by its ID
			if !r.yieldBad(&RowError{Row: p.rowOf(i), ID: id, Err: TwoRows(id)}, in) {
				return fresh, errStopped
			}
		case !again:
			r.yielded[id] = shown
			if !r.yield(item, nil) {
				return fresh, errStopped
			}
		}
	}
	for _, bad := range p.Bad {
		if !r.yieldBad(bad, in) {
			return fresh, errStopped
		}
	}
	return fresh, nil
}

// joined returns how many rows at the beginning of a page, so many at most, are the last ones of the page before.
func (in *reading) joined(ids []string, most int) int {
	before := in.last
	in.last = ids
	for n := min(len(before), len(ids), most); n > 0; n-- {
		if slices.Equal(before[len(before)-n:], ids[:n]) {
			return n
		}
	}
	return 0
}

// isNew notes an item, and reports whether none of this reading had its id. Unless it was asked for again, one of an
// earlier page is in the place of another.
func (in *reading) isNew(id string, mayRepeat bool) bool {
	page, again := in.known[id]
	in.moved = in.moved || again && page != in.at.Pages && !mayRepeat
	if !again {
		in.known[id] = in.at.Pages
	}
	return !again
}

// yieldBad yields a row that cannot be read, if it was not yielded before. It reports whether the
// reader wants more.
func (r *pageReader[T]) yieldBad(bad *RowError, in *reading) bool {
	bad.Page = in.at.Pages + 1
	text := bad.Error()
	if _, again := r.yielded[text]; again {
		return true
	}
	r.yielded[text] = 0
	var none T
	return r.yield(none, bad)
}

// hash returns a hash of what an item shows.
func (r *pageReader[T]) hash(item T) uint64 {
	if r.shown == nil {
		return 0
	}
	return maphash.String(r.seed, fmt.Sprintf("%#v", r.shown(item)))
}

// TwoRows is why a row with an ID cannot be believed.
func TwoRows(id string) error {
	return fmt.Errorf("another row has its ID, %q, and does not show the same", offboard.Text(id))
}

// count returns how many rows came, each counted once.
func (in *reading) count() int { return len(in.known) + in.bad + in.left }

// endsAt reports whether an empty page has a total that was reached, which is an end whatever comes next.
func (in *reading) endsAt(rows, total int) bool {
	return rows == 0 && total > 0 && in.count() >= in.total
}

// complete returns nil if the list has at least as many rows as the vendor says.
func (in *reading) complete() error {
	if read := in.count(); read < in.total {
		return &PartialError{Read: read, Total: in.total}
	}
	return nil
}

// movedReason is why a list is not whole that showed other rows, or rows in another order, on a later page.
const movedReason = "the list moved while it was read"

// still returns nil if the list did not move, or if its total is that of more than one page, and came.
func (in *reading) still() error {
	if in.moved && in.total <= in.longest {
		return &PartialError{Read: in.count(), Reason: movedReason}
	}
	return nil
}

// ended returns what a page with nothing new means. It is no end, because a vendor that ignores the
// place sends the same rows forever, and its total may be that of the page.
func (in *reading) ended() error {
	if err := in.complete(); err != nil {
		return err
	}
	return &PartialError{Read: in.count(), Reason: "the vendor sends no further rows and no end"}
}
