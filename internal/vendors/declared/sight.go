package declared

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// checkListed asks whether the key still sees users, and whether a list shows u. Rights that are the same
// vouch for the key, and so do the users in the block alive. The list is asked all the same, because a row of the
// account beats its absence.
func (c *Client) checkListed(ctx context.Context, u offboard.User, found aliveAnswer, then string) (err error) {
	compares := c.def.alive.rights != nil && then != ""
	same := compares && then == found.rights
	asks, vouched := c.def.list != nil && !c.def.aliveShowsList(), same
	if c.def.alive.records != nil {
		err, vouched = shownBy(ctx, u, found.users, found), true
		asks = asks && (err == nil || isUnproven(err))
	}
	if asks || !vouched {
		if listed := c.checkSight(ctx, u, found); !vouched || isOfRow(listed) {
			err = listed
		}
	}
	return sightWith(compares && !same, err)
}

// aliveShowsList reports whether the block alive has users, and they are those of the first page of the list.
func (d *Definition) aliveShowsList() bool {
	if d.alive.records == nil || d.alive.records.leavesOut() || d.list.over == nil {
		return false
	}
	if over := loopsOver(d.alive.records.expr); len(over) != len(d.list.over) || !isPartOf(over, d.list.over) {
		return false
	}
	first, err := d.list.first.value(nil)
	alive, failed := d.alive.build(variables{varSetting: d.set})
	list, other := d.list.build(variables{varPage: first, varSetting: d.set})
	return cmp.Or(err, failed, other) == nil && reflect.DeepEqual(alive, list)
}

// isOfRow reports whether the error of a list counts beside something else that vouches for the key: a row of the
// account, or that there is no list.
func isOfRow(err error) bool {
	return err != nil && !isUnproven(err) && !errors.Is(err, offboard.ErrAnotherClosed)
}

// isUnproven reports whether an error says that nothing shows that the key still sees users, and no row of a list
// may be of the account.
func isUnproven(err error) bool {
	return errors.Is(err, offboard.ErrAccessUnproven) && !errors.Is(err, offboard.ErrPerhapsListed)
}

// sightWith returns what err, which says whether the key still sees users, means if the rights of the key
// have changed: others whom it sees may be of another organization, and so may a closed row that shows nobody. To
// see nobody is not to see the last user gone.
func sightWith(changed bool, err error) error {
	if changed && (err == nil || errors.Is(err, offboard.ErrEmptyList) || errors.Is(err, errBlank)) {
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

// errBlank is the offboard.ErrClosed of a row that shows nobody.
var errBlank = fmt.Errorf("%w, and the list shows no name and no address of it", offboard.ErrClosed)

// shownBy returns what a page of the list says after an absence of u. Another person on it, who does
// not own the key, proves the access. If several rows are of u, one that does not show u as closed counts.
func shownBy(ctx context.Context, u offboard.User, page rest.Page[User], found aliveAnswer) error {
	if err := page.CheckUnread(u); err != nil {
		return err
	}
	rows := slices.DeleteFunc(slices.Clone(page.Items), func(row User) bool { return !u.Matches(row.User) })
	isOpen := func(row User) bool { return row.Status != offboard.Closed }
	mayBe := func(row User) bool { return offboard.Same(u.ID, row.ID) || u.MayHaveNewID(ctx, row) }
	switch {
	case slices.ContainsFunc(rows, isOpen):
		return u.CheckListed(rows[slices.IndexFunc(rows, isOpen)].User)
	case slices.ContainsFunc(rows, func(row User) bool { return u.IsAnother(row.User) }):
		return offboard.ErrAnotherClosed
	case slices.ContainsFunc(rows, func(row User) bool { return row.Person().Known() }):
		return offboard.ErrClosed
	case len(rows) > 0:
		return errBlank
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

// endsAbsent reports whether an absence can be the end of a closure.
func (d *Definition) endsAbsent() bool {
	null := cty.NullVal(cty.DynamicPseudoType)
	return d.lastStep().done.holds(
		variables{varUser: plainUser("", true), varRecord: null, varWas: null, varSetting: d.set},
	)
}
