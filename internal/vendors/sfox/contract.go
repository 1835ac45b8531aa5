package sfox

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// contractCheck asks sFOX for the contract check. It keeps a token of each sacrificial user until the end of
// the check, in memory only.
type contractCheck struct {
	*Client
	tokens map[string]string
}

// Contract returns what the contract check needs of the client.
func (c *Client) Contract() contract.Vendor {
	return &contractCheck{Client: c, tokens: map[string]string{}}
}

// Facts implements contract.Vendor.
func (c *contractCheck) Facts() []contract.Fact { return Facts }

// The questions of a check, as the transcript labels their answers.
const (
	askUnknown  = "an unknown user"
	askBadKey   = "a wrong key"
	askWrong    = "the enterprise key for a balance"
	askList     = "the list"
	askToken    = "a user token"
	askBalance  = "the balance before"
	askOrders   = "the open orders"
	askPending  = "the unfinished transactions"
	askClients  = "the list before"
	askClosed   = "a user who was deactivated"
	askMint     = "a token after it"
	askOldToken = "the balance with the earlier token"
	askAgain    = "a second deactivation"
	noUser      = "offboard-no-such-user"
	wrongKey    = "00000000000000000000000000000000"
)

// Ask implements contract.Vendor.
func (c *contractCheck) Ask(ctx context.Context) {
	c.user(contract.As(ctx, askUnknown), noUser)
	_, _ = c.rest.Read(contract.As(ctx, askBadKey), rest.Request{
		Method: http.MethodGet, Path: []string{"enterprise", "users", noUser}, Header: bearer(wrongKey),
	})
	_, _ = c.rest.Read(contract.As(ctx, askWrong), rest.Request{
		Method: http.MethodGet, Path: []string{"user", "balance"}, Route: routeBalance,
	})
	c.users(contract.As(ctx, askList))
}

func (c *contractCheck) user(ctx context.Context, id string) {
	_, _ = c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"enterprise", "users", id}})
}

func (c *contractCheck) users(ctx context.Context) {
	_, _ = c.rest.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"enterprise", "users"}, Large: true})
}

// AskOf implements contract.Vendor.
func (c *contractCheck) AskOf(ctx context.Context, at contract.Stage, u offboard.User) {
	switch at {
	case contract.Before:
		c.askBefore(ctx, u.ID)
	case contract.Closed:
		c.user(contract.As(ctx, askClosed), u.ID)
		_, _ = c.token(contract.As(ctx, askMint), u.ID)
		if token := c.tokens[u.ID]; token != "" {
			_, _ = c.trading(contract.As(ctx, askOldToken), token, routeBalance, nil, "user", "balance")
		}
	case contract.Suspended:
	}
}

// askBefore asks what can be in the way of a deactivation.
func (c *contractCheck) askBefore(ctx context.Context, id string) {
	c.users(contract.As(ctx, askClients))
	token, err := c.token(contract.As(ctx, askToken), id)
	if err != nil {
		return
	}
	c.tokens[id] = token
	_, _ = c.trading(contract.As(ctx, askBalance), token, routeBalance, nil, "user", "balance")
	_, _ = c.trading(contract.As(ctx, askOrders), token, routeOrders, nil, "orders")
	_, _ = c.trading(contract.As(ctx, askPending), token, routeTransactions,
		url.Values{"pending": {"true"}, "from": {"0"}}, "account", "transactions")
}

// Again implements contract.Vendor.
func (c *contractCheck) Again(ctx context.Context, at contract.Stage, id string) {
	if at == contract.Closed {
		_, _ = c.rest.Change(contract.As(ctx, askAgain), rest.Request{
			Method: http.MethodDelete, Path: []string{"enterprise", "account", id},
		})
	}
}

// deactivations returns the answers to the first deactivation of each sacrificial user.
func deactivations(t *contract.Transcript) []*contract.Exchange {
	return t.All(func(x *contract.Exchange) bool {
		return x.Change && x.Method == http.MethodDelete && x.Label != askAgain
	})
}

// of returns the last answer with a label about a user, or nil.
func of(t *contract.Transcript, label, user string) *contract.Exchange {
	found := t.All(func(x *contract.Exchange) bool { return x.Label == label && x.User == user })
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// isRead reports whether an answer is one to a read of the sacrificial user.
func isRead(x *contract.Exchange) bool {
	return !x.Change && strings.HasSuffix(x.Path, "/enterprise/users/"+url.PathEscape(x.User))
}
