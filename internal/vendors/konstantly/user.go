package konstantly

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// User is an account of the site.
type User struct {
	offboard.User
	Role     string // alias of the role
	Language string
	Timezone string
	FromAPI  bool // true: the web form cannot edit the user
}

// account is a user as the API shows one. https://docs.konstantly.com/api-reference/users/get-user-by-id
type account struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Email    string          `json:"email"`
	Language string          `json:"language"`
	Timezone string          `json:"timezone"`
	IsBanned *bool           `json:"isBanned"`
	Role     json.RawMessage `json:"role"`
	FromAPI  bool            `json:"fromApi"`
}

// User reads one user, blocked ones included. The error is offboard.ErrNotFound when the site, which has shown users at the same address with the same key, says that
// there is none, and an *rest.Error otherwise.
// https://docs.konstantly.com/api-reference/users/get-user-by-id
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("%q cannot be a user's id: %w", id, err)
	}
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users", id}})
	switch {
	case err != nil:
		return User{}, err
	case notFound(answer):
		return User{}, c.absent(ctx)
	case !answer.OK():
		return User{}, fault(answer)
	}
	var a account
	if err := answer.JSON(&a); err != nil {
		return User{}, err
	}
	if a.ID != id {
		return User{}, answer.Garbled("asked for user %q, the answer is about %q", id, a.ID)
	}
	u, err := a.user(answer)
	if err == nil {
		c.known.Store(true)
	}
	return u, err
}

// absent is offboard.ErrNotFound when it is really the site that answers, and else the error that shows that it is not. Whoever has not seen a user yet asks for a page of the list.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) absent(ctx context.Context) error {
	if c.known.Load() {
		return offboard.ErrNotFound
	}
	if _, err := c.Page(ctx, 1); err != nil {
		return fmt.Errorf("the vendor does not show the user, and its list of users cannot be read: %w", err)
	}
	c.known.Store(true)
	return offboard.ErrNotFound
}

// user reads what an answer says of one user. The error is an *rest.Error for a user without an id or without a word on blocking.
func (a account) user(answer rest.Answer) (User, error) {
	switch {
	case a.ID == "":
		return User{}, answer.Garbled("the answer has a user without an id")
	case a.IsBanned == nil:
		return User{}, answer.Garbled("the answer does not say whether the user is blocked (isBanned)")
	}
	status := offboard.Active
	if *a.IsBanned {
		status = offboard.Suspended
	}
	return User{
		User:     offboard.User{ID: a.ID, Email: a.Email, Name: a.Name, Status: status},
		Role:     role(a.Role),
		Language: a.Language, Timezone: a.Timezone, FromAPI: a.FromAPI,
	}, nil
}

// role accepts the string of the field table and the object of the examples, for the documentation has both.
func role(raw json.RawMessage) string {
	var object struct {
		Alias string `json:"alias"`
	}
	if bytes.HasPrefix(raw, []byte("{")) && json.Unmarshal(raw, &object) == nil {
		return object.Alias
	}
	var alias string
	_ = json.Unmarshal(raw, &alias) // anything else is no role
	return alias
}
