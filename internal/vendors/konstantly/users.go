package konstantly

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// pageSize is how many users a page of the list has; it cannot be chosen.
// https://docs.konstantly.com/api-reference/users/get-users
const pageSize = 20

// Users reads the users of the site in the order of their names, page after page and no further than the caller asks. Whether blocked users are
// among them is not documented, so a user who is missing is not gone. An error is an *rest.Error and ends the list.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) Users(ctx context.Context) iter.Seq2[User, error] {
	return rest.Pages(func(u User) string { return u.ID }, func(n int) (rest.Page[User], error) { return c.Page(ctx, n) })
}

// Page reads a page of the list, the first being 1. Pages may be read side by side. The error is an *rest.Error.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) Page(ctx context.Context, n int) (rest.Page[User], error) {
	answer, err := c.rest.Read(ctx, rest.Request{
		Method: http.MethodGet, Path: []string{"users"}, Query: url.Values{"offset": {strconv.Itoa((n - 1) * pageSize)}},
	})
	switch {
	case err != nil:
		return rest.Page[User]{}, err
	case !answer.OK():
		return rest.Page[User]{}, fault(answer)
	}
	var body struct {
		Users      []account `json:"users"`
		TotalCount int       `json:"totalCount"`
	}
	if err := answer.JSON(&body); err != nil {
		return rest.Page[User]{}, err
	}
	if body.Users == nil {
		return rest.Page[User]{}, answer.Garbled("the answer holds no list of users (users)")
	}
	page := rest.Page[User]{Of: (body.TotalCount + pageSize - 1) / pageSize}
	for _, a := range body.Users {
		u, err := a.user(answer)
		if err != nil {
			return rest.Page[User]{}, err
		}
		page.Items = append(page.Items, u)
	}
	return page, nil
}

// FindByEmail finds the user with an e-mail address, letter case aside; e-mail addresses are unique on a site. It returns none when the site says that there is none.
// The error is an *rest.Error.
// https://docs.konstantly.com/api-reference/users/get-user
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users", "byEmail", email}})
	switch {
	case err != nil:
		return nil, err
	case notFound(answer):
		return nil, nil
	case !answer.OK():
		return nil, fault(answer)
	}
	var a account
	if err := answer.JSON(&a); err != nil {
		return nil, err
	}
	if !offboard.Same(a.Email, email) {
		return nil, answer.Garbled("asked for the user with one e-mail address, the answer is about another")
	}
	u, err := a.user(answer)
	if err != nil {
		return nil, err
	}
	return []User{u}, nil
}
