package ecgrid

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// contractCheck asks ECGrid for the contract check.
type contractCheck struct{ *Client }

// Contract returns what the contract check needs of the client.
func (c *Client) Contract() contract.Vendor { return contractCheck{c} }

// Facts implements contract.Vendor.
func (c contractCheck) Facts() []contract.Fact { return Facts }

// The questions of a check, as the transcript labels their answers.
const (
	askMe       = "the own user"
	askUnknown  = "an unknown user"
	askBadKey   = "a wrong key"
	askList     = "the list"
	askSecond   = "the second page"
	askBare     = "the list without a filter"
	askLevel    = "the list of a level"
	askStatus   = "the list of a status"
	askMailbox  = "the list of a mailbox"
	askAll      = "the list of all mailboxes"
	askRoot     = "the list of the root mailbox"
	askClosed   = "a user who was closed"
	askUnlisted = "the list before a closure"
	askListed   = "the list after a closure"
	askAgain    = "a second termination"
	noUser      = "2147483647" // the largest ID, which no user has yet
	wrongKey    = "00000000-0000-0000-0000-000000000000"
	listedPages = 40
)

// Ask implements contract.Vendor.
func (c contractCheck) Ask(ctx context.Context) {
	me, _ := c.me(contract.As(ctx, askMe))
	_, _ = c.get(contract.As(ctx, askUnknown), noUser)
	_, _ = c.rest.Read(contract.As(ctx, askBadKey), rest.Request{
		Method: http.MethodGet, Path: []string{"users", "me"}, Header: http.Header{"X-API-Key": {wrongKey}},
	})
	c.list(contract.As(ctx, askBare), map[string]any{})
	network := func(more map[string]any) map[string]any {
		more["networkId"] = json.Number(cmp.Or(me.NetworkID, "0"))
		return more
	}
	c.list(contract.As(ctx, askList), network(map[string]any{"pageNo": 1, "recordsPerPage": pageSize}))
	c.list(contract.As(ctx, askSecond), network(map[string]any{"pageNo": 2, "recordsPerPage": pageSize}))
	c.list(contract.As(ctx, askLevel), network(map[string]any{"authLevel": "Root"}))
	c.list(contract.As(ctx, askStatus), network(map[string]any{"status": "Terminated"}))
	c.list(contract.As(ctx, askMailbox), network(map[string]any{"mailboxId": json.Number(noUser)}))
	c.list(contract.As(ctx, askAll), network(map[string]any{"mailboxId": everyMailbox}))
	c.list(contract.As(ctx, askRoot), network(map[string]any{"mailboxId": 0}))
}

func (c contractCheck) list(ctx context.Context, body map[string]any) {
	_, _ = c.rest.Read(ctx, rest.Request{Method: http.MethodPost, Path: []string{"users", "list"}, Body: body})
}

// AskOf implements contract.Vendor.
func (c contractCheck) AskOf(ctx context.Context, at contract.Stage, u offboard.User) {
	switch at {
	case contract.Before:
		c.findInList(contract.As(ctx, askUnlisted), u.ID)
	case contract.Closed:
		_, _ = c.get(contract.As(ctx, askClosed), u.ID)
		c.findInList(contract.As(ctx, askListed), u.ID)
	case contract.Suspended:
	}
}

// findInList reads the list of the key's own network until it shows a user.
func (c contractCheck) findInList(ctx context.Context, id string) {
	for page := range listedPages {
		rows, err := c.Page(ctx, Filter{}, rest.Place{Pages: page})
		shows := func(u User) bool { return u.ID == id }
		if err != nil || rows.Rows() == 0 || slices.ContainsFunc(rows.Items, shows) {
			return
		}
	}
}

// Again implements contract.Vendor.
func (c contractCheck) Again(ctx context.Context, at contract.Stage, id string) {
	if at == contract.Closed {
		_ = c.terminate(contract.As(ctx, askAgain), id)
	}
}

// own is the user in an answer about one.
func own(t *contract.Transcript) (user any, ok bool) {
	x := t.Last(askMe)
	if !x.OK() || !x.Has("data") {
		return nil, false
	}
	return contract.At(x.Body, "data")
}

// isRead reports whether an answer is one to a read of a user with this ID.
func isRead(x *contract.Exchange, id string) bool {
	return !x.Change && x.Method == http.MethodGet && path.Base(x.Path) == id
}

// terminations returns the answers to the first termination of each sacrificial user.
func terminations(t *contract.Transcript) []*contract.Exchange {
	return t.All(func(x *contract.Exchange) bool {
		return x.Change && x.Method == http.MethodDelete && x.Label != askAgain
	})
}

// says describes an answer by what the envelope has.
func says(x *contract.Exchange) string {
	seen := "HTTP " + strconv.Itoa(x.Status)
	if !x.JSON {
		return x.Describe()
	}
	if v, ok := contract.At(x.Body, "success"); ok {
		seen += ", success " + truth(v)
	}
	if v, ok := contract.At(x.Body, "data"); ok {
		seen += ", data " + truth(v)
	}
	if v, ok := contract.At(x.Body, "errorCode"); ok && contract.Text(v) != "" {
		seen += ", errorCode " + contract.Word(v, codes)
	}
	return seen
}

// truth returns a boolean as it is, and the type of anything else.
func truth(v any) string {
	if b, ok := v.(bool); ok {
		return strconv.FormatBool(b)
	}
	return "is " + contract.Kind(v)
}

// codes are the documented codes of errors.
// https://api.ecgridos.io/docs/appendix/error-codes
var codes = []string{
	"InvalidParameter", "DuplicateObject", "InvalidAPIKey", "InvalidSession", "AccessDenied", "ObjectNotFound",
	"RateLimitExceeded", "InternalError",
}
