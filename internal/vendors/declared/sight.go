package declared

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// checkListed asks whether the key still sees users, and whether a list shows u. Rights that are the same,
// or another user in the records of alive, vouch for the key. The list is asked all the same, because a row
// of the account beats its absence.
func (c *Client) checkListed(ctx context.Context, u offboard.User, found aliveAnswer, then string) (err error) {
	compares := c.def.alive.rights != nil && then != ""
	same := compares && then == found.rights
	vouched := same
	if c.def.alive.records != nil {
		err = shownBy(ctx, u, found.users, found)
		vouched = true
	}
	if err == nil && (c.def.list != nil || !vouched) {
		err = c.checkSight(ctx, u, found)
		unproven := errors.Is(err, offboard.ErrAccessUnproven) && !errors.Is(err, offboard.ErrPerhapsListed)
		if vouched && (unproven || errors.Is(err, errAnotherClosed)) {
			err = nil
		}
	}
	return sightWith(compares && !same, err)
}

// sightWith returns what err, which says whether the key still sees users, means if the rights of the key
// have changed: others whom it sees may be of another organization, and to see nobody is not to
// see the last user gone.
func sightWith(changed bool, err error) error {
	if changed && (err == nil || errors.Is(err, offboard.ErrEmptyList)) {
		return offboard.ErrAccessUnproven
	}
	return err
}

// checkSight asks whether the key still sees users, and not only works: the list shows another user,
// or, without a list, the user who owns the key can be read. Without both, a key that works must do,
// unless the definition has rights to compare, which the caller could not.
func (c *Client) checkSight(ctx context.Context, u offboard.User, found aliveAnswer) error {
	switch {
	case c.def.list != nil:
		listed, err := c.access.Do(ctx, "list", func(ctx context.Context) (aliveAnswer, error) {
			users, err := c.firstPage(ctx)
			return aliveAnswer{users: users}, err
		})
		if err != nil {
			return err
		}
		err = shownBy(ctx, u, listed.users, found)
		if errors.Is(err, offboard.ErrEmptyList) && (listed.users.Rows() > 0 || listed.users.More) && !listed.users.Last {
			return offboard.ErrAccessUnproven // others may be on a further page
		}
		return err
	case c.def.alive.rights != nil:
		return offboard.ErrAccessUnproven
	case found.self != "" && !(User{User: u}).isCalled(found.self):
		_, err := c.access.Do(ctx, "self", func(ctx context.Context) (aliveAnswer, error) {
			_, err := c.User(ctx, found.self)
			return aliveAnswer{}, err
		})
		if errors.Is(err, offboard.ErrNotFound) || errors.Is(err, offboard.ErrClosed) {
			return offboard.ErrAccessUnproven
		}
		return err
	}
	return nil
}

// errAnotherClosed is the offboard.ErrAnotherPerson of a closed row, which shows no open account.
var errAnotherClosed = fmt.Errorf("%w, whose account is closed", offboard.ErrAnotherPerson)

// shownBy returns what a page of the list says after an absence of u. Another person on it, who does
// not own the key, proves the access. If several rows are of u, one that does not show u as closed counts.
func shownBy(ctx context.Context, u offboard.User, page rest.Page[User], found aliveAnswer) error {
	if err := page.CheckUnread(u); err != nil {
		return err
	}
	rows := slices.DeleteFunc(slices.Clone(page.Items), func(row User) bool { return !u.Matches(row.User) })
	isOpen := func(row User) bool { return row.Status != offboard.Closed }
	mayBe := func(row User) bool { return perhapsItself(ctx, u, row) }
	switch {
	case slices.ContainsFunc(rows, isOpen):
		return u.CheckListed(rows[slices.IndexFunc(rows, isOpen)].User)
	case slices.ContainsFunc(rows, func(row User) bool { return u.IsAnother(row.User) }):
		return errAnotherClosed
	case len(rows) > 0:
		return offboard.ErrClosed
	case slices.ContainsFunc(page.Items, mayBe): // whoever else is in the list
		return page.ExplainUnproven(offboard.ErrPerhapsListed)
	case slices.ContainsFunc(page.Items, func(row User) bool {
		return !found.mayOwn(row) && row.Status != offboard.Closed && !u.Resembles(row.User)
	}):
		return nil
	case page.Missing() == nil:
		return offboard.ErrEmptyList
	}
	return page.ExplainUnproven(offboard.ErrAccessUnproven)
}

// perhapsItself reports whether a row with another ID may be of u: if only the letter case of the ID is another
// one. If no call explains the absence, also if the account is open, and has the email address and no other name:
// a vendor may give its accounts new IDs.
func perhapsItself(ctx context.Context, u offboard.User, row User) bool {
	switch {
	case offboard.Same(u.ID, row.ID):
		return true
	case row.Status == offboard.Closed || !offboard.IsUnexplained(ctx):
		return false
	}
	return u.Resembles(row.User) && (u.Name == "" || row.Name == "" || offboard.Same(u.Name, row.Name))
}

// endsAbsent reports whether an absence can be the end of a closure.
func (d *Definition) endsAbsent() bool {
	null := cty.NullVal(cty.DynamicPseudoType)
	return d.lastStep().done.holds(
		variables{varUser: plainUser("", true), varRecord: null, varWas: null, varSetting: d.set},
	)
}
