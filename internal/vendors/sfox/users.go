package sfox

import (
	"context"
	"iter"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Users reads the users of a role, "client" or "advisor", or of both when it is empty. An error is an *rest.Error and ends the list.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) Users(ctx context.Context, role string) iter.Seq2[User, error] {
	return rest.Pages(func(u User) string { return u.ID }, func(int) (rest.Page[User], error) { return c.Page(ctx, role) })
}

// Page reads the one page of the list, which holds all users of a role, or of both when it is empty. The error is an *rest.Error.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) Page(ctx context.Context, role string) (rest.Page[User], error) {
	accounts, err := c.list(ctx, role)
	if err != nil {
		return rest.Page[User]{}, err
	}
	return rest.Page[User]{Items: accounts, Of: 1}, nil
}

// FindByEmail finds the users with an e-mail address, letter case aside. There is no call for it, so the list is read. The error is an *rest.Error.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	var found []User
	for u, err := range c.Users(ctx, "") {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(u.Email, email) {
			found = append(found, u)
		}
	}
	return found, nil
}
