package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

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

// CheckWhole is CheckAbsent for what Whole returned. What a row says counts, whether or not the list is whole. A
// list of no other open account proves nothing: the error is offboard.ErrAccessUnproven.
func CheckWhole[T offboard.Reading](ctx context.Context, list Page[T], err error, u offboard.User) error {
	isOther := func(item T) bool { row := item.Common(); return row.Status != offboard.Closed && !u.Resembles(row) }
	if err == nil && !slices.ContainsFunc(list.Items, isOther) {
		err = offboard.ErrAccessUnproven
	}
	return cmp.Or(CheckAbsent(ctx, list, u), err)
}

// CheckAbsent returns nil if no row of a whole list shows u, or shows u closed only. The error is that of
// offboard.User.CheckListed, or says that a row may be of u: see offboard.User.MayHaveNewID for an absence that no
// call explains. A u without an ID is looked for by its email address: see ByEmail.
func CheckAbsent[T offboard.Reading](ctx context.Context, list Page[T], u offboard.User) error {
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
		case u.ID != "":
			perhapsItself = cmp.Or(perhapsItself, underAnotherID(ctx, u, item))
		}
	}
	return perhapsItself
}

// underAnotherID returns the error of a row with another ID that may be of u all the same; nil for another one.
func underAnotherID(ctx context.Context, u offboard.User, row offboard.Reading) error {
	switch {
	case offboard.Same(u.ID, row.Common().ID):
		return fmt.Errorf("the list of users shows the ID in another letter case, as %q", row.Common().ID)
	case u.MayHaveNewID(ctx, row):
		return offboard.ErrPerhapsListed
	}
	return nil
}
