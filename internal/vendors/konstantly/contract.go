package konstantly

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// contractCheck asks Konstantly for the contract check.
type contractCheck struct{ *Client }

// Contract returns what the contract check needs of the client.
func (c *Client) Contract() contract.Vendor { return contractCheck{c} }

// Facts implements contract.Vendor.
func (c contractCheck) Facts() []contract.Fact { return Facts }

// The questions of a check, as the transcript labels their answers.
const (
	askUnknown     = "an unknown user"
	askBadKey      = "a wrong key"
	askList        = "the list"
	askFromOne     = "the list from the second user on"
	askNext        = "the next page"
	askWhole       = "a whole address"
	askUpper       = "an address in other case"
	askPlus        = "an address with a plus sign"
	askPart        = "a part of an address"
	askBefore      = "the list before the block"
	askBlockedRead = "a blocked user"
	askBlockedList = "the list after the block"
	askBlockAgain  = "a second block"
	askDeleteAgain = "a second deletion"
	noUser         = "offboard-no-such-user"
	wrongKey       = "offboardwrongkey0000000000000000"
)

// Ask implements contract.Vendor. It searches for addresses that the list has shown.
func (c contractCheck) Ask(ctx context.Context) {
	c.get(contract.As(ctx, askUnknown), nil, "users", noUser)
	_, _ = c.rest.Read(contract.As(ctx, askBadKey), rest.Request{
		Method: http.MethodGet, Path: []string{"users", noUser}, Header: http.Header{"X-API-KEY": {wrongKey}},
	})
	page, err := c.Page(contract.As(ctx, askList), rest.Place{})
	if err != nil {
		return
	}
	c.get(contract.As(ctx, askFromOne), url.Values{"offset": {"1"}}, "users")
	_, _ = c.Page(contract.As(ctx, askNext), rest.Place{Rows: page.Rows()})
	asked := false
	for _, u := range page.Items {
		name, _, ok := strings.Cut(u.Email, "@")
		switch plus := strings.Contains(u.Email, "+"); {
		case !ok || len(name) < 2:
		case plus:
			c.get(contract.As(ctx, askPlus), nil, "users", "byEmail", u.Email)
		case !asked && strings.ToUpper(u.Email) != u.Email:
			asked = true
			c.get(contract.As(ctx, askWhole), nil, "users", "byEmail", u.Email)
			c.get(contract.As(ctx, askUpper), nil, "users", "byEmail", strings.ToUpper(u.Email))
			c.get(contract.As(ctx, askPart), url.Values{"query": {u.Email[:len(name)-1]}}, "users")
		}
	}
}

func (c contractCheck) get(ctx context.Context, query url.Values, path ...string) {
	_, _ = c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: query})
}

// AskOf implements contract.Vendor.
func (c contractCheck) AskOf(ctx context.Context, at contract.Stage, u offboard.User) {
	switch at {
	case contract.Before:
		c.get(contract.As(ctx, askBefore), url.Values{"query": {u.Email}}, "users")
	case contract.Suspended:
		c.get(contract.As(ctx, askBlockedRead), nil, "users", u.ID)
		c.get(contract.As(ctx, askBlockedList), url.Values{"query": {u.Email}}, "users")
	case contract.Closed:
	}
}

// Again implements contract.Vendor.
func (c contractCheck) Again(ctx context.Context, at contract.Stage, id string) {
	again := rest.Request{Method: http.MethodDelete, Path: []string{"users", id}}
	ctx = contract.As(ctx, askDeleteAgain)
	if at == contract.Suspended {
		again = rest.Request{Method: http.MethodPost, Path: []string{"users", "blocked"}, Body: map[string]string{"id": id}}
		ctx = contract.As(ctx, askBlockAgain)
	}
	_, _ = c.rest.Change(ctx, again)
}

// isNotFound reports whether an answer is Konstantly's own "no such user".
func isNotFound(x *contract.Exchange) bool {
	return x.Status == http.StatusNotFound && contract.Text(x.Body, "status") == "404"
}

// changes returns the answers to the calls of closures with a method, without those that a check makes
// once more.
func changes(t *contract.Transcript, method string) []*contract.Exchange {
	return t.All(func(x *contract.Exchange) bool {
		return x.Change && x.Method == method && x.Label != askBlockAgain && x.Label != askDeleteAgain
	})
}
