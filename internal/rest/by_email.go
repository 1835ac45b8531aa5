package rest

import (
	"errors"
	"iter"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ByEmail returns the users of a list of Pages with an email address. One who shows it beside a name, or beside
// another address, or who shows a mask of it, may be meant or not, and is a *RowError. If no open user is found, so is
// one who has it as the ID, the name or the sign-in name, or with a tag, or who hides the address and has a name that
// is in it. Then anybody may be meant in a list of which FewAddresses holds, which is a *PartialError. If Incomplete
// holds for the error, the users are those of the rows that could be read. With any other error there are none.
func ByEmail[T offboard.Reading](list iter.Seq2[T, error], email string) (found []T, _ error) {
	var missing, called []error
	hidden, shown := 0, map[string]int{}
	for item, err := range list {
		u := item.Common()
		switch {
		case err != nil:
		case u.HidesAddress():
			hidden++
		case u.Status != offboard.Closed:
			shown[offboard.Normal(u.Email)]++
		}
		switch {
		case Incomplete(err):
			missing = append(missing, err)
		case err != nil:
			return nil, err
		case offboard.Same(u.Email, email):
			found = append(found, item)
		case u.Status == offboard.Closed: // a vendor may write something beside the address of who is closed
		default:
			isSure, why := mayBe(item, email)
			if isSure {
				missing = withRow(missing, u.ID, why)
			} else {
				called = withRow(called, u.ID, why)
			}
		}
	}
	isOpen := func(one T) bool { return one.Common().Status != offboard.Closed }
	if !slices.ContainsFunc(found, isOpen) {
		missing = append(missing, called...)
		missing = append(missing, tooFewShown(shown, hidden))
	}
	return found, errors.Join(missing...)
}

// mayBe returns why an open row may be meant by an email address; nil if it is not. If it does not show the address
// where it should, or a mask of it, it is not sure: then it is meant only if no other open row is.
func mayBe(row offboard.Reading, email string) (isSure bool, why error) {
	shown := row.Common().Email
	switch {
	case offboard.HasAddress(shown, email):
		return true, errBesideAddress
	case offboard.IsCut(shown):
		return true, errCutAddress
	case offboard.MasksAddress(shown, email):
		return true, errMaskedAddress
	case offboard.IsMeant(row, email):
		return false, errMeant
	}
	return false, nil
}

// IsOnlyOf reports whether the error of ByEmail is nil, or about the row with an ID alone.
func IsOnlyOf(err error, id string) bool {
	var all interface{ Unwrap() []error }
	if errors.As(err, &all) {
		return !slices.ContainsFunc(all.Unwrap(), func(one error) bool { return !IsOnlyOf(one, id) })
	}
	var row *RowError
	return err == nil || errors.As(err, &row) && row.ID == id
}

// withRow adds the *RowError of a row, if there is one.
func withRow(rows []error, id string, why error) []error {
	if why == nil {
		return rows
	}
	return append(rows, &RowError{ID: id, Err: why})
}

// tooFewShown returns the error of a list of which FewAddresses holds.
func tooFewShown(shown map[string]int, hidden int) error {
	if !FewAddresses(shown, hidden) {
		return nil
	}
	for _, n := range shown {
		hidden += n
	}
	return &PartialError{
		Read: hidden, Reason: "the list shows few email addresses, or one for all", final: true,
	}
}

// FewAddresses reports whether a list in which so many users show each address, and so many show none, tells nothing
// of an address: more users hide theirs than show it, or all show the same, which may be a mask.
func FewAddresses(shown map[string]int, hidden int) bool {
	users := 0
	for _, n := range shown {
		users += n
	}
	return hidden > users || len(shown) == 1 && users > 1
}

var (
	errBesideAddress = errors.New("the address stands there beside a name, or beside another address")
	errCutAddress    = errors.New("what it shows in the place of an address is too long to be read to its end")
	errMeant         = errors.New("it may be meant by its ID, its name or its sign-in name, or by an address with a tag")
	errMaskedAddress = errors.New("it shows a mask, which may be that of the address")
)

// All yields the items of a page that is a whole list by itself, and the error of Missing.
func (p Page[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range p.Items {
			if !yield(item, nil) {
				return
			}
		}
		if err := p.Missing(); err != nil {
			var none T
			yield(none, err)
		}
	}
}
