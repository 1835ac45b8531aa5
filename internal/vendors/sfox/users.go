package sfox

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Users reads the users of a role, "client" or "advisor", or of both if it is empty. sFOX filters,
// and the rows are filtered here again. Errors are those of rest.Pages.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) Users(ctx context.Context, role string) iter.Seq2[User, error] {
	shown := func(u User) any { return u }
	all := rest.Pages(func(u User) string { return u.ID }, shown, func(rest.Place) (rest.Page[User], error) {
		return c.page(ctx, role, func(u User) bool { return role == "" || u.AccountRole != "" })
	})
	return func(yield func(User, error) bool) {
		for u, err := range all {
			if err == nil && role != "" && !strings.EqualFold(u.AccountRole, role) {
				continue
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// Page reads the one page of the list, which holds all users of a role, or of both if it is empty.
// If sFOX ignores the filter, users of another role are among them. The error is an *rest.Error.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) Page(ctx context.Context, role string) (rest.Page[User], error) {
	return c.page(ctx, role, func(User) bool { return true })
}

// page reads the list. No paging is documented, so its one answer is all of it, unless it says in a
// usual way that there is more. A row is unreadable if hasRole is false for its user, who cannot be
// compared with the role.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) page(ctx context.Context, role string, hasRole func(User) bool) (rest.Page[User], error) {
	query := url.Values{}
	if role != "" {
		query.Set("accountRole", role)
	}
	request := rest.Request{Method: http.MethodGet, Path: []string{"enterprise", "users"}, Query: query, Large: true}
	answer, err := c.ask(ctx, request, http.StatusForbidden)
	if err != nil {
		return rest.Page[User]{}, err
	}
	var body struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := answer.JSON(&body); err != nil {
		return rest.Page[User]{}, err
	}
	switch {
	case body.Data == nil:
		return rest.Page[User]{}, answer.Malformed("the answer holds no list of users (data)")
	case answer.ReportsFailure(len(body.Data) == 0):
		return rest.Page[User]{}, answer.Malformed("the answer holds no user, and says that something failed")
	}
	page, err := rest.PageOf(ctx, answer, body.Data, rowID, func(row rest.Answer) (User, error) {
		u, err := readRow(row)
		if err == nil && !hasRole(u) {
			err = row.Malformed("it does not say the user's role (account_role), so the filter cannot be checked")
		}
		return u, err
	})
	page = page.Judged(answer, rest.Place{}, []string{"data"})
	page.Last = true
	if page.Doubt == "" && saysMore(answer) {
		page.Doubt = "the answer holds more than the users, and sFOX documents no further page"
	}
	return page, err
}

// saysMore reports whether an answer with the list holds what may be about pages, which sFOX does not document.
func saysMore(a rest.Answer) bool {
	return a.Status != http.StatusOK || a.Header.Get("Content-Range") != "" ||
		a.HoldsMore("data", "total", "message", "request_id")
}

// readRow returns the user in a row of the list.
func readRow(row rest.Answer) (User, error) {
	var a account
	if err := row.JSON(&a); err != nil {
		return User{}, err
	}
	u := a.user(row)
	switch {
	case row.HoldsSecret(u.ID):
		return User{}, row.Malformed("the user's ID holds a credential")
	case u.ID == "":
		return User{}, row.Malformed("the user has no ID (user_id)")
	}
	return u, nil
}

// rowID is the ID in a row of which the rest cannot be read.
func rowID(row rest.Answer) string {
	var a struct {
		UserID rest.ID `json:"user_id"`
	}
	if row.JSON(&a) != nil || CheckID(string(a.UserID)) != nil {
		return ""
	}
	return string(a.UserID)
}

// FindByEmail finds the users with an email address. There is no call for it, so the list is read.
// Where rest.Incomplete holds for the error, the users are those of the rows that could be read;
// with any other error, which is an *rest.Error, there are none.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	return rest.ByEmail(c.Users(ctx, ""), email)
}
