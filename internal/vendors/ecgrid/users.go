package ecgrid

import (
	"context"
	"iter"
	"net/http"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// pageSize is how many users are asked for at once; the server may give fewer.
// https://api.ecgridos.io/docs/rest-api/users/list-users
const pageSize = 25

// Filter narrows a list down. What is not set does not.
// https://api.ecgridos.io/docs/rest-api/users/list-users
type Filter struct {
	NetworkID *int64 // nil for the network of the user who holds the key
	MailboxID *int64
	AuthLevel string // as ECGrid spells it, "MailboxUser" for example
	Status    string // likewise, "Suspended" for example
}

// Users reads the users of one network who are not terminated, page after page and no further than the caller asks. An error is an *rest.Error and ends the list.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) Users(ctx context.Context, f Filter) iter.Seq2[User, error] {
	all := rest.Pages(func(u User) string { return u.ID }, func(n int) (rest.Page[User], error) { return c.Page(ctx, f, n) })
	return func(yield func(User, error) bool) {
		for u, err := range all {
			if u.Status != offboard.Closed && !yield(u, err) {
				return
			}
		}
	}
}

// Page reads a page of the list, the first being 1, terminated users included, for without them a page may look like the empty one behind the last. How many pages there are
// is not told. A network is always named, because some pages of the documentation demand a filter. The error is an *rest.Error.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) Page(ctx context.Context, f Filter, n int) (rest.Page[User], error) {
	if f.NetworkID == nil {
		own, err := c.ownUser(ctx)
		if err != nil {
			return rest.Page[User]{}, err
		}
		f.NetworkID = &own.NetworkID
	}
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodPost, Path: []string{"users", "list"}, Body: listBody{
		NetworkID: f.NetworkID, MailboxID: f.MailboxID, AuthLevel: f.AuthLevel, Status: f.Status, PageNo: n, RecordsPerPage: pageSize,
	}})
	if err != nil {
		return rest.Page[User]{}, err
	}
	var rows []account
	if err := open(answer, &rows); err != nil {
		return rest.Page[User]{}, err
	}
	if rows == nil {
		return rest.Page[User]{}, answer.Garbled("the data of the answer is null instead of a list")
	}
	var page rest.Page[User]
	for _, a := range rows {
		if CheckID(string(a.UserID)) != nil {
			return rest.Page[User]{}, answer.Garbled("the answer has a user without an id")
		}
		page.Items = append(page.Items, a.user(answer))
	}
	return page, nil
}

// listBody is the request of the list.
type listBody struct {
	NetworkID      *int64 `json:"networkId"`
	MailboxID      *int64 `json:"mailboxId,omitempty"`
	AuthLevel      string `json:"authLevel,omitempty"`
	Status         string `json:"status,omitempty"`
	PageNo         int    `json:"pageNo"`
	RecordsPerPage int    `json:"recordsPerPage"`
}

// FindByEmail finds the users with an e-mail address, letter case aside, who are not terminated, in the network of the user who holds the key. There is no call for it, so the list
// is read. The error is an *rest.Error.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	var found []User
	for u, err := range c.Users(ctx, Filter{}) {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(u.Email, email) {
			found = append(found, u)
		}
	}
	return found, nil
}
