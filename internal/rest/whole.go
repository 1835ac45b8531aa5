package rest

import (
	"cmp"
	"errors"
	"fmt"
	"iter"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Whole reads a list of Pages to its end, as one page. Rows that cannot be read are in Bad. The error
// says why the list is not whole. The page has the rows until there.
func Whole[T any](list iter.Seq2[T, error]) (Page[T], error) {
	page := Page[T]{Last: true}
	for item, err := range list {
		var bad *RowError
		switch {
		case err == nil:
			page.Items = append(page.Items, item)
		case errors.As(err, &bad):
			page.Bad = append(page.Bad, bad)
		case Incomplete(err):
			return page, fmt.Errorf("%w: %w", offboard.ErrListNotWhole, err)
		default:
			return page, err
		}
	}
	return page, nil
}

// CheckWhole is CheckAbsent for what Whole returned. What a row says counts, whether or not the list is whole.
func CheckWhole[T offboard.Reading](list Page[T], err error, u offboard.User) error {
	return cmp.Or(CheckAbsent(list, u), err)
}

// CheckAbsent returns nil if no row of a whole list shows u, or shows u closed only. The error is that of
// offboard.User.CheckListed, or says that a row may be of u. A u without an ID is looked for by its email
// address: see ByEmail.
func CheckAbsent[T offboard.Reading](list Page[T], u offboard.User) error {
	perhapsItself := list.CheckUnread(u)
	if u.ID == "" {
		rows := Page[T]{Items: list.Items, Last: true}
		_, missing := ByEmail(rows.All(), u.Email)
		perhapsItself = cmp.Or(perhapsItself, missing)
	}
	for _, item := range list.Items {
		row := item.Common()
		switch {
		case u.Matches(row) && row.Status == offboard.Closed && !u.IsAnother(row):
		case u.Matches(row):
			return u.CheckListed(row)
		case offboard.Same(u.ID, row.ID) && perhapsItself == nil:
			perhapsItself = fmt.Errorf("the list of users shows the ID in another letter case, as %q", row.ID)
		}
	}
	return perhapsItself
}
