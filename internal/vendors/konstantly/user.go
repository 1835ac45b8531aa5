package konstantly

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

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

// account is a user as the API shows one.
// https://docs.konstantly.com/api-reference/users/get-user-by-id
type account struct {
	ID       rest.ID               `json:"id"`
	Name     string                `json:"name"`
	Email    string                `json:"email"`
	Language rest.Optional[string] `json:"language"`
	Timezone rest.Optional[string] `json:"timezone"`
	IsBanned *bool                 `json:"isBanned"`
	Role     json.RawMessage       `json:"role"`
	FromAPI  rest.Optional[bool]   `json:"fromApi"`
}

// User reads one user, blocked or not. The error is offboard.ErrNotFound if the site answers that
// there is none, which is an absence and not a proof (see CheckAccess). Any other error is an
// *rest.Error.
// https://docs.konstantly.com/api-reference/users/get-user-by-id
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("the ID %q is refused: %w", id, err)
	}
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users", id}})
	switch {
	case err != nil:
		return User{}, err
	case notFound(answer):
		return User{}, answer.Absence(id)
	case !answer.OK() || faulty(answer):
		return User{}, fault(answer)
	}
	var a account
	if err := answer.JSON(&a); err != nil {
		return User{}, err
	}
	if a.ID != rest.ID(id) {
		return User{}, answer.Malformed("asked for user %q, the answer is about %q", id, answer.Text(string(a.ID)))
	}
	return a.user(answer)
}

// CheckAccess asks, after the site did not show u, for the first page of its list. It is nil when
// the page holds others and not this user. The error is offboard.ErrListed when it holds this user,
// offboard.ErrEmptyList when the list holds no other person (the site has no call for the key's own
// user), offboard.ErrAccessUnproven when that cannot be told, and an *rest.Error when the list, or a
// row that may be this user's, cannot be read. Callers side by side share the request.
// https://docs.konstantly.com/api-reference/users/get-users
func (c *Client) CheckAccess(ctx context.Context, u offboard.User) error {
	page, err := c.accessChecks.Do(
		ctx, "", func(ctx context.Context) (rest.Page[User], error) { return c.Page(ctx, rest.Place{}) },
	)
	if err == nil {
		err = page.CheckUnread(u)
	}
	at := slices.IndexFunc(page.Items, func(row User) bool { return u.Matches(row.User) })
	perhapsItself := slices.ContainsFunc(page.Items, func(row User) bool { return offboard.Same(u.ID, row.ID) })
	switch {
	case err != nil:
		return err
	case at >= 0:
		return u.CheckListed(page.Items[at].User)
	case perhapsItself: // whoever else is in the list
	case slices.ContainsFunc(page.Items, func(row User) bool { return !u.Resembles(row.User) }):
		return nil
	case page.Missing() == nil:
		return offboard.ErrEmptyList // any row is that of another account of the person
	}
	return page.ExplainUnproven(offboard.ErrAccessUnproven)
}

// user returns the user in an answer. The error is an *rest.Error for a user without an ID, without
// the field that says whether the user is blocked, or with a role that cannot be trusted.
func (a account) user(answer rest.Answer) (User, error) {
	switch {
	case a.ID == "":
		return User{}, answer.Malformed("the answer has a user without an ID")
	case answer.HoldsSecret(string(a.ID)):
		return User{}, answer.Malformed("the user's ID holds a credential")
	case a.IsBanned == nil:
		return User{}, answer.Malformed("the answer does not say whether the user is blocked (isBanned)")
	}
	alias, err := role(answer, a.Role)
	if err != nil {
		return User{}, err
	}
	status := offboard.Active
	if *a.IsBanned {
		status = offboard.Suspended
	}
	return User{
		User: offboard.User{
			ID: string(a.ID), Email: answer.Text(a.Email), Name: answer.Text(a.Name), Status: status,
		},
		Role:     answer.Text(alias),
		Language: answer.Text(a.Language.Value), Timezone: answer.Text(a.Timezone.Value), FromAPI: a.FromAPI.Value,
	}, nil
}

// role returns the role. The documentation has a string in the table of fields and an object in the
// examples. Any other value is not a role. The error is an *rest.Error for an object with a key twice.
func role(answer rest.Answer, raw json.RawMessage) (string, error) {
	if bytes.HasPrefix(raw, []byte("{")) {
		var object struct {
			Alias rest.Optional[string] `json:"alias"`
		}
		err := answer.Decode(raw, &object)
		return object.Alias.Value, err
	}
	var alias string
	_ = json.Unmarshal(raw, &alias)
	return alias, nil
}
