package sfox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The roles of an account, as User.AccountRole and the list's filter spell them.
const (
	roleClient  = "client"
	roleAdvisor = "advisor"
)

// User is an account of an end user. sFOX has no lifecycle state: an account that it shows is
// active.
type User struct {
	offboard.User
	AccountType        string // "individual" or "corporation"
	AccountRole        string // "client" or "advisor", always in lower case
	AdvisorUserID      string // the advisor of this client; empty for none
	VerificationStatus string // of the identity check, as sFOX writes it: PENDING, VERIFIED, UNSUPPORTED
}

// account is a user as the API shows it. The field "individual" may hold a birth date and a
// national ID, so it is not decoded.
// https://docs.sfox.com/connect/rest-api/end-users/get-end-user
type account struct {
	UserID        rest.ID                `json:"user_id"`
	Email         string                 `json:"email"`
	FirstName     string                 `json:"first_name"`
	LastName      string                 `json:"last_name"`
	AccountType   rest.Optional[string]  `json:"account_type"`
	AccountRole   rest.Optional[string]  `json:"account_role"`
	AdvisorUserID rest.Optional[rest.ID] `json:"advisor_user_id"`
	Status        rest.Optional[string]  `json:"status"`
}

// User reads one user. The error is offboard.ErrNotFound if sFOX says that there is none. A key of
// another partner, or of the wrong environment, gets the same answer, so that is an absence and not
// a proof (see CheckAccess). Any other error is an *rest.Error.
// https://docs.sfox.com/connect/rest-api/end-users/get-end-user
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("the ID %q is refused: %w", id, err)
	}
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"enterprise", "users", id}})
	switch {
	case err != nil:
		return User{}, err
	case notFound(answer):
		return User{}, answer.Absence(id)
	case !accepted(answer):
		return User{}, fault(answer)
	}
	var body struct {
		Data json.RawMessage `json:"data"`
	}
	if err := answer.JSON(&body); err != nil {
		return User{}, err
	}
	switch {
	case blank(body.Data) && answer.SaysOnly("data"):
		return User{}, offboard.ErrNotFound
	case blank(body.Data):
		return User{}, answer.Malformed("the answer shows no user, and holds more than that")
	}
	var found struct {
		Data account `json:"data"`
	}
	if err := answer.JSON(&found); err != nil {
		return User{}, err
	}
	if found.Data.UserID != rest.ID(id) {
		return User{}, answer.Malformed(
			"asked for user %q, the answer is about %q", id, answer.Text(string(found.Data.UserID)),
		)
	}
	return found.Data.user(answer), nil
}

// CheckAccess asks, after sFOX did not show u, for the list of u's role, or of all users where the
// role is not known. It is nil when that list holds others and not u. The error is
// offboard.ErrListed when it holds u, offboard.ErrEmptyList when it holds no other person of that
// role (sFOX has no call for the key's own user), offboard.ErrAccessUnproven when that cannot be
// told, and an *rest.Error when it cannot be read, or a row that may be u's. Callers side by side share the
// request.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) CheckAccess(ctx context.Context, u User) error {
	role := u.listedRole()
	page, err := c.listOf(ctx, role)
	if err == nil {
		err = page.CheckUnread(u.User)
	}
	if err != nil {
		return err
	}
	shown := u.accessShownBy(page.Items, role)
	if errors.Is(shown, offboard.ErrEmptyList) && page.Missing() != nil {
		shown = offboard.ErrAccessUnproven // others may be where the list was not read
	}
	return page.ExplainUnproven(shown)
}

// CheckList reads the list of all users, after a lost deactivation and an absence of u, whose role may have
// changed since it was read. It is nil if the list is whole, and no row shows u. The errors are those of
// rest.CheckWhole.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) CheckList(ctx context.Context, u User) error {
	list, err := c.wholeList(ctx)
	return u.checkWhole(ctx, list, err)
}

// CheckShown is CheckList for an absence of u that no call explains. The list is kept for some minutes: see
// rest.Once.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) CheckShown(ctx context.Context, u User) error {
	list, err := c.shown.Do(ctx, "", func() (rest.Page[User], error) { return c.wholeList(ctx) })
	return u.checkWhole(ctx, list, err)
}

// checkWhole is rest.CheckWhole for the list of all users. One without another user of u's role may be that of the
// other role.
func (u User) checkWhole(ctx context.Context, list rest.Page[User], err error) error {
	if shown := u.accessShownBy(list.Items, u.listedRole()); err == nil && errors.Is(shown, offboard.ErrAccessUnproven) {
		err = offboard.ErrAccessUnproven
	}
	return rest.CheckWhole(ctx, list, err, u.User)
}

// wholeList reads the list of all users. The error says why it is not whole.
func (c *Client) wholeList(ctx context.Context) (rest.Page[User], error) {
	page, err := c.listOf(ctx, "")
	if err == nil {
		err = page.Partial()
	}
	return page, err
}

// listOf reads the list of a role. Callers side by side share the request.
func (c *Client) listOf(ctx context.Context, role string) (rest.Page[User], error) {
	return c.accessChecks.Do(
		ctx, role, func(ctx context.Context) (rest.Page[User], error) { return c.Page(ctx, role) },
	)
}

// listedRole returns the role in whose list u is, which is empty for the list of all users.
func (u User) listedRole() string {
	switch role := strings.ToLower(u.AccountRole); role {
	case roleClient, roleAdvisor:
		return role
	}
	return ""
}

// accessShownBy returns what the list of a role says after an absence of u, as CheckAccess does.
// The empty role is that of any user.
func (u User) accessShownBy(list []User, role string) error {
	access, perhapsItself := offboard.ErrEmptyList, false
	for _, a := range list {
		switch {
		case u.Matches(a.User):
			return u.CheckListed(a.User)
		case offboard.Same(u.ID, a.ID):
			perhapsItself = true
		case u.Resembles(a.User): // another account of the person
		case role == "" || a.AccountRole == role:
			access = nil
		case a.AccountRole == "" && access != nil:
			access = offboard.ErrAccessUnproven
		}
	}
	if perhapsItself {
		return offboard.ErrAccessUnproven
	}
	return access
}

// Verifier returns how sFOX is asked about u, as it was last read.
func (c *Client) Verifier(u User) offboard.Verifier {
	return offboard.Verifier{
		Observe:     offboard.ObserveWith(u.User, func(ctx context.Context) (User, error) { return c.User(ctx, u.ID) }),
		CheckAccess: func(ctx context.Context) error { return c.CheckAccess(ctx, u) },
		CheckList:   func(ctx context.Context) error { return c.CheckList(ctx, u) },
		CheckShown:  func(ctx context.Context) error { return c.CheckShown(ctx, u) },
	}
}

// blank reports whether raw is null, {} or []. An answer without a user may hold any of them. A
// missing value is none of them.
func blank(raw json.RawMessage) bool {
	var compact bytes.Buffer
	_ = json.Compact(&compact, raw) // a text that is not JSON is not blank
	switch compact.String() {
	case "null", "{}", "[]":
		return true
	}
	return false
}

func (a account) user(answer rest.Answer) User {
	return User{
		User: offboard.User{
			ID:     string(a.UserID),
			Email:  answer.Text(a.Email),
			Name:   answer.Text(a.FirstName + " " + a.LastName),
			Status: offboard.Active,
		},
		AccountType:        answer.Text(a.AccountType.Value),
		AccountRole:        strings.ToLower(answer.Text(a.AccountRole.Value)),
		AdvisorUserID:      answer.Text(string(a.AdvisorUserID.Value)),
		VerificationStatus: answer.Text(a.Status.Value),
	}
}
