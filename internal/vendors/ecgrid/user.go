package ecgrid

import (
	"context"
	"encoding/json"
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
	Login      string
	OtherLogin string // set if ECGrid shows both fields that its documentation has for the login
	AuthLevel  string // as ECGrid spells it, such as "MailboxUser"
	// NetworkID and MailboxID are numbers. "0" is the default network, and the level of the network. What
	// ECGrid does not show is empty, and is not 0.
	NetworkID, MailboxID rest.ID
}

// Logins returns the sign-in names that the user has.
func (u User) Logins() []string { return []string{u.Login, u.OtherLogin} }

// account is a user as the API shows it. The pages disagree on the name of the login, and on
// whether there is a status.
// https://api.ecgridos.io/docs/rest-api/users/get-user
// https://api.ecgridos.io/docs/common-operations/manage-users-permissions
type account struct {
	UserID    rest.ID               `json:"userId"`
	Login     string                `json:"login"`
	LoginName string                `json:"loginName"`
	Email     string                `json:"email"`
	FirstName string                `json:"firstName"`
	LastName  string                `json:"lastName"`
	NetworkID rest.ID               `json:"networkId"`
	MailboxID mailboxID             `json:"mailboxId"`
	AuthLevel rest.Optional[string] `json:"authLevel"`
	Status    json.RawMessage       `json:"status"`
}

// mailboxID is the ID of a mailbox. Null is that of a user of none, which is the level of the network.
type mailboxID struct{ rest.ID }

// UnmarshalJSON implements json.Unmarshaler.
func (m *mailboxID) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		m.ID = "0"
		return nil
	}
	return m.ID.UnmarshalJSON(data)
}

// User reads one user. The error is offboard.ErrClosed beside a user who is terminated, and
// offboard.ErrNotFound if ECGrid says that there is none. A key that may not see the user gets the
// same answer, so that is an absence and not a proof (see CheckAccess). Any other error is an
// *rest.Error.
// https://api.ecgridos.io/docs/rest-api/users/get-user
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("the ID %q is refused: %w", id, err)
	}
	answer, err := c.get(ctx, id)
	switch {
	case err != nil:
		return User{}, err
	case notFound(answer):
		return User{}, answer.Absence(id)
	}
	a, err := decodeAccount(answer)
	if err != nil {
		return User{}, err
	}
	u := a.user(answer)
	if u.ID != id {
		return User{}, answer.Malformed("asked for user %s, the answer is about %s", id, u.ID)
	}
	if u.Status == offboard.Closed {
		return u, offboard.ErrClosed
	}
	return u, nil
}

func (c *Client) get(ctx context.Context, id string) (rest.Answer, error) {
	return c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users", id}})
}

func decodeAccount(answer rest.Answer) (account, error) {
	var a account
	if err := decodeData(answer, &a); err != nil {
		return account{}, err
	}
	if CheckID(string(a.UserID)) != nil {
		return account{}, answer.Malformed("the answer does not say which user it is about")
	}
	return a, nil
}

func (a account) user(answer rest.Answer) User {
	login, other := a.Login, a.LoginName
	if login == "" {
		login, other = other, ""
	}
	return User{
		User: offboard.User{
			ID:     string(a.UserID),
			Email:  answer.Text(a.Email),
			Name:   answer.Text(a.FirstName + " " + a.LastName),
			Status: status(a.Status),
		},
		Login:      answer.Text(login),
		OtherLogin: answer.Text(other),
		AuthLevel:  answer.Text(a.AuthLevel.Value),
		NetworkID:  canonical(a.NetworkID),
		MailboxID:  canonical(a.MailboxID.ID),
	}
}

// Number returns the number of a network or mailbox. It is nil if ECGrid does not show it.
func Number(id rest.ID) *int64 {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// canonical returns the one form of a number. It is empty for what is none: that cannot be asked for.
func canonical(id rest.ID) rest.ID {
	if n := Number(id); n != nil {
		return rest.ID(strconv.FormatInt(*n, 10))
	}
	return ""
}

// status returns the status of a user, which is optional: a user who can be read without one counts
// as open. The letter case of the words is not documented, and an enum may come as a number. A word
// that is not documented is unknown, never active.
// https://api.ecgridos.io/docs/appendix/enums
func status(raw json.RawMessage) offboard.Status {
	var word string
	if len(raw) == 0 || string(raw) == "null" {
		return offboard.Active
	}
	if json.Unmarshal(raw, &word) != nil {
		return offboard.Unknown
	}
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "terminated":
		return offboard.Closed
	case "suspended":
		return offboard.Suspended
	case "active", "development", "preproduction", "":
		return offboard.Active
	}
	return offboard.Unknown
}

// FindByEmail returns the users with an email address who are not terminated, in the network of the
// key's own user. ECGrid has no call for it, so the list is read. If rest.Incomplete holds for the
// error, the users are those of the rows that could be read. With any other error, which is an
// *rest.Error, there are none.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	return rest.ByEmail(c.Users(ctx, Filter{}), email)
}
