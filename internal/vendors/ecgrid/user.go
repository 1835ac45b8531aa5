package ecgrid

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// User is an account of a network.
type User struct {
	offboard.User
	Login     string
	AuthLevel string // as ECGrid spells it, "MailboxUser" for example
	NetworkID int64  // 0 is the default network
	MailboxID int64  // 0 is the level of the network
}

// account is a user as the API shows one; the pages disagree on the name of the login, and on whether there is a status.
// https://api.ecgridos.io/docs/rest-api/users/get-user
// https://api.ecgridos.io/docs/common-operations/manage-users-permissions
type account struct {
	UserID    int64  `json:"userId"`
	Login     string `json:"login"`
	LoginName string `json:"loginName"`
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	NetworkID int64  `json:"networkId"`
	MailboxID int64  `json:"mailboxId"`
	AuthLevel string `json:"authLevel"`
	Status    string `json:"status"`
}

// User reads one user. The error is offboard.ErrNotFound when the user is terminated, and its kind offboard.ErrNotShown when ECGrid
// says that there is none while the key is demonstrably good: the same answer comes to a key that may not see the user.
// Other answers are an *rest.Error.
// https://api.ecgridos.io/docs/rest-api/users/get-user
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("%q cannot be a user's id: %w", id, err)
	}
	answer, err := c.get(ctx, id)
	switch {
	case err != nil:
		return User{}, err
	case notFound(answer):
		return User{}, c.missing(ctx)
	}
	a, err := decode(answer)
	if err != nil {
		return User{}, err
	}
	u := a.user()
	if u.ID != id {
		return User{}, answer.Garbled("asked for user %s, the answer is about %s", id, u.ID)
	}
	if u.Status == offboard.Closed {
		return User{}, offboard.ErrNotFound
	}
	return u, nil
}

// missing is the error for a user whom ECGrid does not show: ErrNotShown if the key still answers for its own user.
// https://api.ecgridos.io/docs/appendix/error-codes
func (c *Client) missing(ctx context.Context) error {
	if _, err := c.me(ctx); err != nil {
		return fmt.Errorf("the vendor does not show the user, and the key cannot be checked: %w", err)
	}
	return offboard.ErrNotShown
}

// ownUser is the user who holds the key, asked for once in the life of the client.
func (c *Client) ownUser(ctx context.Context) (User, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return User{}, context.Cause(ctx)
	}
	if c.own == nil {
		u, err := c.me(ctx)
		if err != nil {
			return User{}, err
		}
		c.own = &u
	}
	return *c.own, nil
}

// me reads the user who holds the key. https://api.ecgridos.io/docs/rest-api/users/get-me
func (c *Client) me(ctx context.Context) (User, error) {
	answer, err := c.get(ctx, "me")
	if err != nil {
		return User{}, err
	}
	a, err := decode(answer)
	return a.user(), err
}

func (c *Client) get(ctx context.Context, id string) (rest.Answer, error) {
	return c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users", id}})
}

func decode(answer rest.Answer) (account, error) {
	var a account
	if err := open(answer, &a); err != nil {
		return account{}, err
	}
	if a.UserID <= 0 {
		return account{}, answer.Garbled("the answer does not say which user it is about")
	}
	return a, nil
}

func (a account) user() User {
	login := a.Login
	if login == "" {
		login = a.LoginName
	}
	return User{
		User: offboard.User{
			ID:     strconv.FormatInt(a.UserID, 10),
			Email:  a.Email,
			Name:   strings.TrimSpace(a.FirstName + " " + a.LastName),
			Status: status(a.Status),
		},
		Login: login, AuthLevel: a.AuthLevel, NetworkID: a.NetworkID, MailboxID: a.MailboxID,
	}
}

// status reads the optional status; whoever can be read without one counts as open. The letter case of the words is not
// documented. https://api.ecgridos.io/docs/appendix/enums
func status(word string) offboard.Status {
	switch {
	case strings.EqualFold(word, "Terminated"):
		return offboard.Closed
	case strings.EqualFold(word, "Suspended"):
		return offboard.Suspended
	}
	return offboard.Active
}
