package rest

import (
	"errors"
	"iter"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ByEmail returns the users of a list of Pages with an email address. One who shows it beside a name, or
// beside another address, or who shows a mask of it, may be meant or not, and is a *RowError. So may anybody
// in a list in which one user at most shows an address, who may be the key's own. That is a *PartialError. If
// Incomplete holds for the error, the users are those of the rows that could be read. With any other error
// there are none.
func ByEmail[T offboard.Reading](list iter.Seq2[T, error], email string) (found []T, _ error) {
	var missing []error
	hidden, shown := 0, 0
	for item, err := range list {
		u := item.Common()
		switch {
		case err != nil:
		case u.HidesAddress():
			hidden++
		case u.Status != offboard.Closed:
			shown++
		}
		switch {
		case Incomplete(err):
			missing = append(missing, err)
		case err != nil:
			return nil, err
		case offboard.Same(u.Email, email):
			found = append(found, item)
		case u.Status == offboard.Closed: // a vendor may write something beside the address of who is closed
		case offboard.HasAddress(u.Email, email):
			missing = append(missing, &RowError{ID: u.ID, Err: errBesideAddress})
		case offboard.MasksAddress(u.Email, email):
			missing = append(missing, &RowError{ID: u.ID, Err: errMaskedAddress})
		}
	}
	if len(found) == 0 {
		missing = append(missing, tooFewShown(shown, hidden))
	}
	return found, errors.Join(missing...)
}

// tooFewShown returns the error of a list in which so many users show an address, and so many do not.
func tooFewShown(shown, hidden int) error {
	if shown > 1 || hidden <= shown {
		return nil
	}
	return &PartialError{
		Read: hidden + shown, Reason: "no more than one user in the list shows an email address", final: true,
	}
}

var (
	errBesideAddress = errors.New("the address stands there beside a name, or beside another address")
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
