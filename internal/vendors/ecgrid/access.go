package ecgrid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// KeyRights are the rights with which a key sees users: those of its own user. A key whose user is
// demoted still sees itself, and no other user.
type KeyRights struct {
	ID        string  `json:"id"`
	AuthLevel string  `json:"auth_level"`
	NetworkID rest.ID `json:"network_id"`
	MailboxID rest.ID `json:"mailbox_id"`
}

// areKnown reports whether ECGrid has shown all that decides what the key sees. Without it, a change
// cannot be told.
func (r KeyRights) areKnown() bool {
	return r.AuthLevel != "" && r.NetworkID != "" && r.MailboxID != ""
}

// KeyRights returns the rights with which the key sees users. It reads them once in the life of the
// client. The error is an *rest.Error.
// https://api.ecgridos.io/docs/rest-api/users/get-me
func (c *Client) KeyRights(ctx context.Context) (KeyRights, error) {
	own, err := c.readKeyOwner(ctx)
	return own.rights(), err
}

// SeesMailbox reports whether the key may see the users of one mailbox alone. It reads the key's own user
// once in the life of the client. The error is an *rest.Error.
// https://api.ecgridos.io/docs/appendix/enums
func (c *Client) SeesMailbox(ctx context.Context) (bool, error) {
	own, err := c.readKeyOwner(ctx)
	return err == nil && own.ofMailbox(), err
}

func (u User) rights() KeyRights {
	return KeyRights{ID: u.ID, AuthLevel: u.AuthLevel, NetworkID: u.NetworkID, MailboxID: u.MailboxID}
}

// CheckAccess asks, after ECGrid did not show u, whether the key still sees what it should. It is
// nil when the key's own user is active, with the rights of the time when u was last seen (then),
// or when the list shows another user of u's network. A key whose own user has a mailbox may see
// that mailbox alone, so that the other user must be in u's mailbox then. If ECGrid has not shown u's
// network, or the mailbox that matters, the error is offboard.ErrPlaceUnknown. It is
// offboard.ErrListed when the list shows u as open, offboard.ErrClosed when it shows u as
// terminated, offboard.ErrAnotherPerson when it shows somebody else under the ID,
// offboard.ErrAccessUnproven when nothing proves it, and an *rest.Error when ECGrid cannot be
// asked, or a row that may be u's cannot be read. Callers side by side share the requests.
// https://api.ecgridos.io/docs/rest-api/users/get-me
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) CheckAccess(ctx context.Context, u User, then KeyRights) error {
	owner, err := c.accessChecks.Do(ctx, "me", func(ctx context.Context) (rest.Page[User], error) {
		me, err := c.me(ctx)
		return rest.Page[User]{Items: []User{me}}, err
	})
	if err != nil {
		return err
	}
	own := owner.Items[0]
	// A user who is not active may see less than before.
	if then.areKnown() && own.rights() == then && own.Status == offboard.Active {
		return nil
	}
	network := cmp.Or(u.NetworkID, own.NetworkID)
	page, err := c.accessChecks.Do(ctx, string(network), func(ctx context.Context) (rest.Page[User], error) {
		return c.rows(ctx, Filter{NetworkID: Number(network)}, rest.Place{}, func(User) string { return "" })
	})
	if err == nil {
		err = page.CheckUnread(u.User)
	}
	if err != nil {
		return err
	}
	return page.ExplainUnproven(u.accessShownBy(page.Items, own))
}

// CheckList reads the whole list of u's network, after a lost termination and an absence of u. It is nil
// if no row shows u as open. The errors are those of rest.CheckWhole. A list without an open user of that
// network, be it the key's own, is not the one that was asked for, or the key does not see the network any
// more. The list of a key of a mailbox may be that of the mailbox alone, so that it must show somebody in
// u's mailbox. Otherwise the error is offboard.ErrAccessUnproven. If the rows are those of the root mailbox
// alone, u's own mailbox is asked for, too, and must be known. Callers side by side share the requests.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) CheckList(ctx context.Context, u User, then KeyRights) error {
	return u.checkWhole(ctx, then, func(f Filter) (rest.Page[User], error) {
		return c.accessChecks.Do(ctx, f.key(), func(ctx context.Context) (rest.Page[User], error) {
			return rest.Whole(c.everyone(ctx, f))
		})
	})
}

// CheckShown is CheckList for an absence of u that no call explains. Each list is kept for some minutes: see
// rest.Once. A user who is searched for by address has no ID: that search has read the list.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) CheckShown(ctx context.Context, u User, then KeyRights) error {
	if u.ID == "" {
		return nil
	}
	return u.checkWhole(ctx, then, func(f Filter) (rest.Page[User], error) {
		return c.shown.Do(ctx, f.key(), func() (rest.Page[User], error) { return rest.Whole(c.everyone(ctx, f)) })
	})
}

// checkWhole is CheckList with the function that reads the list of a network, or of a mailbox in it, to its
// end.
func (u User) checkWhole(
	ctx context.Context, then KeyRights, whole func(Filter) (rest.Page[User], error),
) error {
	network := Number(u.NetworkID)
	if network == nil {
		return offboard.ErrPlaceUnknown
	}
	list, err := whole(Filter{NetworkID: network})
	err = rest.CheckWhole(ctx, list, err, u.User)
	own := User{AuthLevel: then.AuthLevel, MailboxID: then.MailboxID} // without the ID: the key's own user counts here
	isThere := func(row User) bool { return u.isNear(row, own, u.NetworkID) }
	if err == nil && !slices.ContainsFunc(list.Items, isThere) {
		return offboard.ErrAccessUnproven
	}
	inAnother := func(row User) bool { return row.MailboxID != "0" && row.MailboxID != "" }
	mailbox := Number(u.MailboxID)
	switch {
	case err != nil || slices.ContainsFunc(list.Items, inAnother):
		return err
	case mailbox == nil:
		return offboard.ErrPlaceUnknown
	}
	list, err = whole(Filter{NetworkID: network, MailboxID: mailbox})
	return rest.CheckWhole(ctx, list, err, u.User)
}

// everyone reads all users of a network, or of a mailbox in it, whatever fields their rows have.
func (c *Client) everyone(ctx context.Context, f Filter) iter.Seq2[User, error] {
	return c.users(ctx, Filter{}, Filter{Terminated: true}, f)
}

// key tells the list of a network, or of a mailbox in it, from others.
func (f Filter) key() string {
	key := fmt.Sprint("whole ", *f.NetworkID)
	if f.MailboxID != nil {
		key += fmt.Sprint(" ", *f.MailboxID)
	}
	return key
}

// accessShownBy returns what the rows of a network say after an absence of u: nil, or an error as
// in CheckAccess. own is the user who holds the key.
func (u User) accessShownBy(rows []User, own User) error {
	access, terminated := offboard.ErrAccessUnproven, false
	network, known := u.place(own)
	if !known { // no user shows the place where u would be
		access = offboard.ErrPlaceUnknown
	}
	for _, row := range rows {
		switch {
		case u.Matches(row.User) && row.Status == offboard.Closed && !u.IsAnother(row.User):
			terminated = u.ID != "" // of an address there may be another account
		case u.Matches(row.User):
			return u.CheckListed(row.User) // also beside a row that shows the user terminated
		case known && u.isNear(row, own, network):
			access = nil
		}
	}
	if terminated {
		return offboard.ErrClosed
	}
	return access
}

// place returns the network of u, or that of the key for a user who is searched for by address. known
// reports whether it is known, and the mailbox of u too, if the key may see one mailbox alone.
func (u User) place(own User) (network rest.ID, known bool) {
	network = u.NetworkID
	if u.ID == "" {
		network = own.NetworkID
	}
	return network, network != "" && (u.MailboxID != "" || !own.ofMailbox())
}

// isNear reports whether a row shows another open user where u would be. A key of a mailbox shows
// nothing of another one.
func (u User) isNear(row, own User, network rest.ID) bool {
	if own.ofMailbox() && (u.MailboxID == "" || row.MailboxID != u.MailboxID) {
		return false
	}
	return row.ID != own.ID && !u.Resembles(row.User) && row.NetworkID == network && row.Status != offboard.Closed
}

// ofMailbox reports whether the rights of the user may be those of one mailbox.
// https://api.ecgridos.io/docs/appendix/enums
func (u User) ofMailbox() bool {
	return u.MailboxID != "0" || strings.HasPrefix(strings.ToLower(u.AuthLevel), "mailbox")
}

// Verifier is how ECGrid is asked about u, which was last seen by a key with the rights then.
func (c *Client) Verifier(u User, then KeyRights) offboard.Verifier {
	return offboard.Verifier{
		Observe:     offboard.ObserveWith(u.User, func(ctx context.Context) (User, error) { return c.User(ctx, u.ID) }),
		CheckAccess: func(ctx context.Context) error { return c.CheckAccess(ctx, u, then) },
		CheckList:   func(ctx context.Context) error { return c.CheckList(ctx, u, then) },
		CheckShown:  func(ctx context.Context) error { return c.CheckShown(ctx, u, then) },
	}
}

// readKeyOwner returns the user who holds the key. It is read once in the life of the client. What a cache says
// is not kept: that user must not be terminated.
func (c *Client) readKeyOwner(ctx context.Context) (User, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return User{}, context.Cause(ctx)
	}
	if c.keyOwner == nil {
		u, err := c.me(offboard.WithoutCache(ctx))
		if _, old := errors.AsType[*rest.AgeError](err); old && !offboard.NeedsNewAnswer(ctx) {
			return c.me(ctx)
		}
		if err != nil {
			return User{}, err
		}
		c.keyOwner = &u
	}
	return *c.keyOwner, nil
}

// me reads the user who holds the key. https://api.ecgridos.io/docs/rest-api/users/get-me
func (c *Client) me(ctx context.Context) (User, error) {
	answer, err := c.get(ctx, "me")
	if err != nil {
		return User{}, err
	}
	a, err := decodeAccount(answer)
	return a.user(answer), err
}
