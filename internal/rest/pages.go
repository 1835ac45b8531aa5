package rest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

const (
	// maxPages is how many pages of one list are read at most. No vendor has that many users.
	maxPages = 10_000
	// maxPagesWithoutNew is how many pages in a row may bring no row that can be read and was not seen
	// before.
	maxPagesWithoutNew = 3
	// maxUnread is how many rows of one page may be unreadable. A page with more is no list of users.
	maxUnread = 10_000
)

// Place is a place in a list: how much of the list is before it. The zero value is the beginning.
type Place struct {
	Pages int // pages before it
	Rows  int // rows before it, unreadable ones included
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Bad   []*RowError // the rows that cannot be read
	Total int         // how many rows the list has, as the vendor says; 0 when it does not
	Last  bool        // the vendor says that the list ends here
	More  bool        // the vendor says that the list goes on, also if the page is empty
	Left  int         // how many rows came and are left out, which the total counts
	Other int         // a hash of the rows of which some are left out; 0 for none
	Doubt string      // why the list may go on although it ends here; empty if nothing says so
	Again int         // how many of the first rows may be the last ones of the page before, because it was asked so
	// BadTotal says that a total cannot be read. Then nothing shows that the list is whole, wherever it ends.
	BadTotal string
}

// Rows returns how many rows the page has, the unreadable ones included.
func (p Page[T]) Rows() int { return len(p.Items) + len(p.Bad) }

// Ends reports whether the list ends at the page, as the vendor says or because the page is empty.
func (p Page[T]) Ends() bool { return p.Last || p.Rows() == 0 && !p.More }

// rowOf returns the number of the row of an item, from 1.
func (p Page[T]) rowOf(item int) int {
	row := item + 1
	for _, bad := range p.Bad {
		if bad.Row <= row {
			row++
		}
	}
	return row
}

// Missing returns an error for which Incomplete holds if the page is not a whole list by itself: a
// row cannot be read, or the vendor says that there are more.
func (p Page[T]) Missing() error {
	var all []error
	for _, bad := range p.Bad {
		all = append(all, bad)
	}
	return errors.Join(append(all, p.goesOn())...)
}

// goesOn returns the error of a page that is not a whole list by itself, if all its rows can be read.
func (p Page[T]) goesOn() error {
	if p.Total > p.Rows()+p.Left {
		return &PartialError{Read: p.Rows(), Total: p.Total}
	}
	return p.doubted(p.Rows())
}

// Partial returns an offboard.ErrListNotWhole if the vendor says that there is more than the page has.
func (p Page[T]) Partial() error {
	if err := p.goesOn(); err != nil {
		return fmt.Errorf("%w: %w", offboard.ErrListNotWhole, err)
	}
	return nil
}

// doubted returns the error of a list that ends at the page in doubt; nil without a doubt.
func (p Page[T]) doubted(read int) error {
	if doubt := cmp.Or(p.Doubt, p.BadTotal); doubt != "" {
		return &PartialError{Read: read, Reason: doubt, final: true}
	}
	return nil
}

// CheckUnread returns an error if a row that cannot be read may be about the account that u means.
// A row that names another ID is not.
func (p Page[T]) CheckUnread(u offboard.User) error {
	for _, bad := range p.Bad {
		switch {
		case u.ID != "" && bad.ID == u.ID:
			return offboard.InList(unread(bad))
		case u.ID == "" || bad.ID == "" || offboard.Same(u.ID, bad.ID):
			return unread(bad)
		}
	}
	return nil
}

// ExplainUnproven returns the error of a row that cannot be read in place of an
// offboard.ErrAccessUnproven: the row may be of a user who would have shown that the key sees
// others.
func (p Page[T]) ExplainUnproven(err error) error {
	if errors.Is(err, offboard.ErrAccessUnproven) && len(p.Bad) > 0 {
		return unread(p.Bad[0])
	}
	return err
}

func unread(bad *RowError) error { return fmt.Errorf("in the list of users, %w", bad) }

// RowError is a row of a list that cannot be read. The list goes on behind it.
type RowError struct {
	Page, Row int    // both count from 1; the page is 0 where only one is read, and the row if it is not known
	ID        string // which the row names all the same; empty if that cannot be read either
	Err       error
}

func (e *RowError) Error() string {
	switch {
	case e.Row == 0:
		return fmt.Sprintf("a row cannot be read: %v", e.Err)
	case e.Page == 0:
		return fmt.Sprintf("row %d cannot be read: %v", e.Row, e.Err)
	}
	return fmt.Sprintf("row %d of page %d cannot be read: %v", e.Row, e.Page, e.Err)
}

// Unwrap returns what is wrong with the row.
func (e *RowError) Unwrap() error { return e.Err }

// PartialError is a list that was read as far as it goes and that is not whole, or not provably so.
type PartialError struct {
	Read   int    // how many rows came, each counted once
	Total  int    // how many the list has, as the vendor says; 0 when it does not
	Reason string // why the list may not be whole, if not because of the total
	final  bool   // a second reading would not help
}

func (e *PartialError) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s; %d were read", e.Reason, e.Read)
	}
	return fmt.Sprintf("the vendor says %d, %d were read", e.Total, e.Read)
}

// Incomplete reports whether an error says that a list was read, and that something is missing: a
// row that cannot be read, or rows that never came. Any other error is that of a request.
func Incomplete(err error) bool {
	var row *RowError
	var partial *PartialError
	return errors.As(err, &row) || errors.As(err, &partial)
}

// Total returns how many rows a list has, as a field or header of its answer says: a number, or a text
// that is one. A missing one is 0, and so is an empty text or -1. ok is false for anything else: it says
// neither how many there are nor that there are no more.
func Total(field json.RawMessage) (n int, ok bool) {
	if len(field) == 0 || string(field) == "null" {
		return 0, true
	}
	said := strings.Trim(string(field), `"`)
	if said == "" || said == "-1" {
		return 0, true
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 0 {
		return 0, false
	}
	return n, true
}

// PageOf returns the page that an answer holds. The function read gets each row as an answer of its
// own; a row for which it returns an error does not keep the others from being read. The function
// id gets such a row, and returns the ID in it if that can be read; it may be nil. The error is an
// *Error: ctx ended before all rows were read, or too many of them cannot be read.
func PageOf[T any](
	ctx context.Context, a Answer, rows []json.RawMessage, id func(row Answer) string, read func(row Answer) (T, error),
) (Page[T], error) {
	all := make([]Answer, len(rows))
	for i, raw := range rows {
		all[i] = a
		all[i].Body = raw
	}
	return PageOfRows(ctx, a, all, id, read)
}

// PageOfRows is PageOf for rows of any type.
func PageOfRows[R, T any](
	ctx context.Context, a Answer, rows []R, id func(row R) string, read func(row R) (T, error),
) (Page[T], error) {
	var page Page[T]
	for i, row := range rows {
		if ctx.Err() != nil {
			return Page[T]{}, a.Malformed("there was no time to read all its %d rows: %w", len(rows), ctx.Err())
		}
		item, err := read(row)
		if err == nil {
			page.Items = append(page.Items, item)
			continue
		}
		if len(page.Bad) == maxUnread {
			return Page[T]{}, a.Malformed("more than %d of its %d rows cannot be read: %w", maxUnread, len(rows), err)
		}
		bad := &RowError{Row: i + 1, Err: err}
		if id != nil {
			bad.ID = id(row)
		}
		page.Bad = append(page.Bad, bad)
	}
	return page, nil
}

// Pages reads a list page after page, and no further than its caller asks. It yields each item
// once, although a list that moves while it is read may show an item on two pages, and then may hide another one:
// such a list is not whole, unless it has as many items as the vendor says of all pages, or was asked so (Again).
// Items with the same id are the same, and must show the same: shown returns what a row shows. A row that does not
// is a *RowError, because nothing says which of them is true. If shown is nil, rows with the same id
// may differ. An error comes with the zero item.
//
// A *RowError is about one row, and the list continues. Any other error ends the list. A list is
// whole if an empty page without More ended it, or the vendor's end mark, and that page has no Doubt. No
// page may have a BadTotal, or have said that there are more rows than came. A short page alone proves
// nothing, because a server may cap the size. A page with nothing new proves nothing, whatever the total:
// a server may ignore the place, and count its page.
// A list that is not whole is read once more, because it may have moved. Then it ends with a
// *PartialError.
func Pages[T any](
	id func(T) string, shown func(T) any, page func(Place) (Page[T], error),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		r := pageReader[T]{
			id: id, shown: shown, page: page, yield: yield, seed: maphash.MakeSeed(), yielded: map[string]uint64{},
		}
		err := r.read()
		var partial *PartialError
		if errors.As(err, &partial) && !partial.final {
			err = r.read()
		}
		if err != nil && !errors.Is(err, errStopped) {
			var none T
			yield(none, err)
		}
	}
}
