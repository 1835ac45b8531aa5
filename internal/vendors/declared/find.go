package declared

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// FindByEmail returns the users with an email address. It compares the addresses itself, because a
// vendor may compare otherwise or not at all. Where rest.Incomplete holds for the error, the users
// are those of the rows that came. So it does if nobody else has the address than a user who is shown as closed, of
// whom a trace is found. Any other error is an *rest.Error.
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	block := c.def.find
	if block == nil {
		return nil, errors.New("the definition has no block find_by_email")
	}
	if _, err := c.ready(ctx); err != nil {
		return nil, err
	}
	asked := User{User: offboard.User{Email: email}}
	a, err := c.exchange(ctx, &block.requestBlock, variables{varUser: asked.variable()})
	if err != nil {
		return nil, err
	}
	found, closed, err := c.def.findAnswer(ctx, a, email)
	if err == nil && len(found) == 0 {
		err = c.checkTracesOfClosed(ctx, closed)
	}
	return found, err
}

// checkTracesOfClosed returns an error for which rest.Incomplete holds if a trace is found of users who are shown as
// closed, or if too little is shown of them to ask for it.
func (c *Client) checkTracesOfClosed(ctx context.Context, closed []User) error {
	for _, u := range closed {
		err := c.checkTraces(ctx, u)
		switch {
		case errors.Is(err, offboard.ErrListed):
			return &rest.PartialError{Read: len(closed), Reason: "a trace is left of a user who is shown as closed"}
		case errors.Is(err, offboard.ErrAccessUnproven):
			return &rest.PartialError{Read: len(closed), Reason: "a trace of a user who is shown as closed cannot be asked for"}
		case err != nil:
			return err
		}
	}
	return nil
}

// findAnswer returns the users with an email address in an answer to the block find_by_email, and those who are shown
// as closed.
func (d *Definition) findAnswer(ctx context.Context, a answerValue, email string) (found, closed []User, _ error) {
	block := d.find
	switch {
	case block.saysAbsent(a):
		if d.shows(a, block.record, d.user.email, email) {
			return nil, nil, a.Malformed("it says that there is no such account, and shows the address that was asked for")
		}
		return nil, nil, a.checkNothing(block.absent)
	case !block.succeeds(a):
		return nil, nil, d.fault(a)
	}
	var page rest.Page[User]
	var err error
	if block.records != nil {
		page, err = d.rows(ctx, a, block.records)
	} else {
		page, err = d.one(a, block.record, email)
	}
	looks := []*expression{block.ok, block.records, block.record}
	if failure := a.checkFailure(err == nil && page.Rows() == 0, looks...); failure != nil {
		return nil, nil, failure
	}
	all, missing := rest.ByEmail(page.All(), email)
	for _, u := range all {
		if u.Status == offboard.Closed {
			closed = append(closed, u)
		} else {
			found = append(found, u)
		}
	}
	err = cmp.Or(err, missing)
	if err == nil && len(found) == 0 {
		err = cmp.Or(checkAddressed(page), checkCut(page, a), a.checkWhole(looks...))
	}
	return found, closed, err
}

// checkAddressed returns an error for which rest.Incomplete holds if a search brought an open user who shows no
// email address, or a mask instead. A vendor may search by an address that it hides.
func checkAddressed(page rest.Page[User]) error {
	if !slices.ContainsFunc(page.Items, User.HidesAddress) {
		return nil
	}
	return &rest.PartialError{Read: page.Rows(), Reason: "the search brought a user who shows no email address"}
}

// checkCut returns an error for which rest.Incomplete holds if a search brought as many other users as it asks for.
func checkCut(page rest.Page[User], a answerValue) error {
	if page.Rows() == 0 || !a.asksFor(page.Rows()) {
		return nil
	}
	return &rest.PartialError{
		Read:   page.Rows(),
		Reason: "the search brought as many users as it asks for, so there may be more",
	}
}

// one returns the one record of an answer as a page. It must have the email address.
func (d *Definition) one(a answerValue, record *expression, email string) (rest.Page[User], error) {
	value, err := record.aRecord(variables{varAnswer: a.value})
	if err != nil {
		return rest.Page[User]{}, a.unreadable(err)
	}
	u, err := d.userIn(a, value)
	if err != nil {
		return rest.Page[User]{}, a.unreadable(err)
	}
	if !offboard.Same(u.Email, email) {
		return rest.Page[User]{}, a.Malformed("asked for the user with one email address, the answer is about another")
	}
	return rest.Page[User]{Items: []User{u}}, nil
}
