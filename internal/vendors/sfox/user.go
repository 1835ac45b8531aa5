package sfox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The roles of an account, as User.AccountRole and the list's filter spell them.
const (
	roleClient  = "client"
	roleAdvisor = "advisor"
)

// User is an account of an end user. sFOX has no lifecycle state: an account that it shows is active.
type User struct {
	offboard.User
	AccountType        string // "individual" or "corporation"
	AccountRole        string // "client" or "advisor", in lower case whatever sFOX writes
	AdvisorUserID      string // the advisor this client hangs on; empty for none
	VerificationStatus string // of the identity check, as sFOX writes it: PENDING, VERIFIED, UNSUPPORTED
}

// account is a user as the API shows one. The field "individual" may hold a birth date and a national id: it is not decoded.
// https://docs.sfox.com/connect/rest-api/end-users/get-end-user
type account struct {
	UserID        string `json:"user_id"`
	Email         string `json:"email"`
	FirstName     string `json:"first_name"`
	LastName      string `json:"last_name"`
	AccountType   string `json:"account_type"`
	AccountRole   string `json:"account_role"`
	AdvisorUserID string `json:"advisor_user_id"`
	Status        string `json:"status"`
}

// User reads one user. When sFOX says that there is none, the error is offboard.ErrNotFound for a user whom this client has seen, and its kind offboard.ErrNotShown for any other: a key
// of another partner, or of the wrong environment, sees nobody either. Other errors are an *rest.Error.
// https://docs.sfox.com/connect/rest-api/end-users/get-end-user
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("%q cannot be a user's id: %w", id, err)
	}
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"enterprise", "users", id}})
	switch {
	case err != nil:
		return User{}, err
	case notFound(answer):
		return User{}, c.absent(ctx, id)
	case !answer.OK():
		return User{}, fault(answer)
	}
	var body struct {
		Data json.RawMessage `json:"data"`
	}
	if err := answer.JSON(&body); err != nil {
		return User{}, err
	}
	if blank(body.Data) {
		return User{}, c.absent(ctx, id)
	}
	var found struct {
		Data account `json:"data"`
	}
	if err := answer.JSON(&found); err != nil {
		return User{}, err
	}
	if found.Data.UserID != id {
		return User{}, answer.Garbled("asked for user %q, the answer is about %q", id, found.Data.UserID)
	}
	c.seen.Store(id, true)
	return found.Data.user(), nil
}

// absent says what it means that sFOX shows no user with an id. For one whom this client has seen it is enough that the key still lists users, and the advisors are the shorter list. For any
// other the list must not hold the user.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) absent(ctx context.Context, id string) error {
	role, err := "", offboard.ErrNotShown
	if _, seen := c.seen.Load(id); seen {
		role, err = roleAdvisor, offboard.ErrNotFound
	}
	accounts, problem := c.list(ctx, role)
	switch {
	case problem != nil:
		return problem
	case slices.ContainsFunc(accounts, func(a account) bool { return a.UserID == id }):
		return fmt.Errorf("the vendor answers that it has no user %q, and its list of users holds that user", id)
	}
	return err
}

// list reads all users of a role, or of both when it is empty; no paging is documented. The error is errNotPermitted when the key may not list.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) list(ctx context.Context, role string) ([]account, error) {
	query := url.Values{}
	if role != "" {
		query.Set("accountRole", role)
	}
	answer, err := c.ask(ctx, rest.Request{Method: http.MethodGet, Path: []string{"enterprise", "users"}, Query: query, Large: true}, http.StatusForbidden)
	if err != nil {
		return nil, err
	}
	var body struct {
		Data []account `json:"data"`
	}
	if err := answer.JSON(&body); err != nil {
		return nil, err
	}
	if body.Data == nil {
		return nil, answer.Garbled("the answer holds no list of users (data)")
	}
	for _, a := range body.Data {
		if a.UserID == "" {
			return nil, answer.Garbled("the answer has a user without an id (user_id)")
		}
	}
	return body.Data, nil
}

// blank tells whether raw is null, {} or []: what an answer without a user may hold. A missing value is none of them.
func blank(raw json.RawMessage) bool {
	var compact bytes.Buffer
	_ = json.Compact(&compact, raw) // what is not JSON is not blank
	switch compact.String() {
	case "null", "{}", "[]":
		return true
	}
	return false
}

func (a account) user() User {
	return User{
		User: offboard.User{
			ID: a.UserID, Email: a.Email, Name: strings.TrimSpace(a.FirstName + " " + a.LastName), Status: offboard.Active,
		},
		AccountType:        a.AccountType,
		AccountRole:        strings.ToLower(a.AccountRole),
		AdvisorUserID:      a.AdvisorUserID,
		VerificationStatus: a.Status,
	}
}
