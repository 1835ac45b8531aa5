package konstantly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Users reads the users of the site in the order of their names, page after page and no further
// than the caller asks. It is not documented whether blocked users are among them, so a user who is
// missing may still exist. Errors are those of rest.Pages.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) Users(ctx context.Context) iter.Seq2[User, error] {
	shown := func(u User) any { return u }
	id := func(u User) string { return u.ID }
	return rest.Pages(id, shown, rest.Overlapping(id, func(at rest.Place) (rest.Page[User], error) {
		return c.Page(ctx, at)
	}))
}

// CheckList reads the whole list of the site, after a lost deletion and an absence of u. It is nil if no
// row shows u. The errors are those of rest.CheckWhole. Callers side by side share the requests.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) CheckList(ctx context.Context, u offboard.User) error {
	list, err := c.wholeList(ctx)
	return rest.CheckWhole(ctx, list, err, u)
}

// wholeList reads the list of the site to its end. Callers side by side share the requests.
func (c *Client) wholeList(ctx context.Context) (rest.Page[User], error) {
	return c.accessChecks.Do(ctx, "whole", func(ctx context.Context) (rest.Page[User], error) {
		return rest.Whole(c.Users(ctx))
	})
}

// CheckShown asks the whole list of the site about an absence of u that no call explains. It is nil if no
// row shows u. The errors are those of rest.CheckWhole. The list is kept for some minutes: see rest.Once.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) CheckShown(ctx context.Context, u offboard.User) error {
	list, err := c.shown.Do(ctx, "", func() (rest.Page[User], error) { return rest.Whole(c.Users(ctx)) })
	return rest.CheckWhole(ctx, list, err, u)
}

// Page reads the page of the list at a place. The offset counts the rows that came so far, because
// the site may send fewer than documented. The total may be that of all users or, as in the sample
// of the documentation, that of the page. The error is an *rest.Error.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) Page(ctx context.Context, at rest.Place) (rest.Page[User], error) {
	return c.page(ctx, url.Values{"offset": {strconv.Itoa(at.Rows)}}, at)
}

func (c *Client) page(ctx context.Context, query url.Values, at rest.Place) (rest.Page[User], error) {
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users"}, Query: query})
	switch {
	case err != nil:
		return rest.Page[User]{}, err
	case !answer.OK() || answer.ReportsFailure(false):
		return rest.Page[User]{}, fault(answer)
	}
	var body struct {
		Users []json.RawMessage `json:"users"`
	}
	if err := answer.JSON(&body); err != nil {
		return rest.Page[User]{}, err
	}
	switch {
	case body.Users == nil:
		return rest.Page[User]{}, answer.Malformed("the answer holds no list of users (users)")
	case answer.ReportsFailure(len(body.Users) == 0):
		return rest.Page[User]{}, fault(answer)
	}
	page, err := rest.PageOf(ctx, answer, body.Users, rowID, readRow)
	return page.Judged(answer, at, []string{"users"}), err
}

// readRow returns the user in a row of the list. The error names the user, if the row has an ID.
func readRow(row rest.Answer) (User, error) {
	var a account
	if err := row.JSON(&a); err != nil {
		return User{}, err
	}
	u, err := a.user(row)
	if err != nil && a.ID != "" {
		err = fmt.Errorf("user %q: %w", row.Text(string(a.ID)), err)
	}
	return u, err
}

// rowID is the ID in a row of which the rest cannot be read.
func rowID(row rest.Answer) string {
	var a struct {
		ID rest.ID `json:"id"`
	}
	if row.JSON(&a) != nil || CheckID(string(a.ID)) != nil {
		return ""
	}
	return string(a.ID)
}

// FindByEmail returns the user with an email address, which is unique on a site. If the site says
// that there is none, the list is searched for the address too. A row of the list counts more than
// a 404. It returns none if both show none. Where rest.Incomplete holds for the error, the users are
// those of the rows that came. Any other error is an *rest.Error.
// https://docs.konstantly.com/api-reference/users/get-user
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users", "byEmail", email}})
	switch {
	case err != nil:
		return nil, err
	case notFound(answer):
		if err := answer.Absence(email); !errors.Is(err, offboard.ErrNotFound) {
			return nil, err
		}
		return c.search(ctx, email)
	case !answer.OK() || faulty(answer):
		return nil, fault(answer)
	}
	var a account
	if err := answer.JSON(&a); err != nil {
		return nil, err
	}
	if !offboard.Same(a.Email, email) {
		return nil, answer.Malformed("asked for the user with one email address, the answer is about another")
	}
	u, err := a.user(answer)
	if err != nil {
		return nil, err
	}
	return []User{u}, nil
}

// search searches the list for an address. It is not documented how the site compares, so the rows
// are compared here. A user who is not among them may still exist. Where rest.Incomplete holds for
// the error, the users are those of the rows that came.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) search(ctx context.Context, email string) ([]User, error) {
	page, err := c.page(ctx, url.Values{"query": {email}}, rest.Place{})
	if err != nil {
		return nil, fmt.Errorf("the vendor shows no user with that address, and its list of users cannot be read: %w", err)
	}
	return rest.ByEmail(page.All(), email)
}
