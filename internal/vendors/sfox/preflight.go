package sfox

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The names of checks that other code needs too.
const (
	checkClients  = "attached clients" // for the clients of an advisor
	checkBalances = "balances"
)

// noTime is why a check is skipped that the rate limit of its route allows too late.
const noTime = "the rate limit of sFOX leaves no time for it in this plan"

// check is one check of a preflight. An optional check that fails never stops a plan: the result is
// a finding with the reason.
type check struct {
	name     string
	optional bool
	read     findFunc
}

// findFunc makes one check and returns what it found.
type findFunc func(ctx context.Context) ([]offboard.Finding, error)

// Preflight returns what may keep u from being closed: money, open orders, pending transactions,
// and the clients of an advisor. It changes nothing. A check that the credential is not permitted
// becomes an offboard.CheckNotPermitted. A check that the rate limit of its route does not allow
// before the deadline becomes an offboard.CheckSkipped. sFOX allows one request for transactions in
// ten seconds, so a plan of many closures could never check all of them. A check that is not about
// money becomes an offboard.CheckSkipped for any error. Any other error is an *rest.Error.
// https://docs.sfox.com/connect/rest-api/end-users/deactivate-user
func (c *Client) Preflight(ctx context.Context, u User) ([]offboard.Finding, error) {
	token, tokenErr := c.token(ctx, u.ID)
	withToken := func(read func(context.Context, string) ([]offboard.Finding, error)) findFunc {
		return func(ctx context.Context) ([]offboard.Finding, error) {
			if tokenErr != nil {
				return nil, tokenErr
			}
			return read(ctx, token)
		}
	}
	var findings []offboard.Finding
	for _, check := range []check{
		{checkBalances, false, withToken(c.balances)},
		{"open orders", true, withToken(c.orders)},
		{"pending transactions", true, withToken(c.transactions)},
		{checkClients, true, func(ctx context.Context) ([]offboard.Finding, error) { return c.clients(ctx, u) }},
	} {
		found, err := check.run(ctx)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

func (k check) run(ctx context.Context) ([]offboard.Finding, error) {
	found, err := k.read(ctx)
	var budget *rest.BudgetError
	switch {
	case errors.Is(err, errNotPermitted):
		return []offboard.Finding{{Kind: offboard.CheckNotPermitted, Subject: k.name}}, nil
	case errors.Is(err, offboard.ErrNoTime):
		return []offboard.Finding{{Kind: offboard.CheckSkipped, Subject: k.name, Reason: noTime}}, nil
	case err != nil && !errors.Is(ctx.Err(), context.Canceled) && (k.optional || errors.As(err, &budget)):
		return []offboard.Finding{{Kind: offboard.CheckSkipped, Subject: k.name, Reason: err.Error()}}, nil
	}
	return found, err
}

// orders returns the open orders. sFOX shows 50 at most, which is enough for a warning.
// https://docs.sfox.com/rest-api/orders/get-all-open-orders
func (c *Client) orders(ctx context.Context, token string) ([]offboard.Finding, error) {
	answer, err := c.trading(ctx, token, routeOrders, nil, "orders")
	if err != nil {
		return nil, err
	}
	type order struct {
		ID       any    `json:"id"`
		Action   string `json:"action"`
		Quantity any    `json:"quantity"`
		Pair     string `json:"pair"`
		Status   string `json:"status"`
	}
	return unfinished(answer, offboard.OpenOrder, func(o order) (status, subject string) {
		return o.Status, describe(o.Action, o.Quantity, o.Pair, o.ID)
	})
}

// transactions returns the deposits and withdrawals that are not done, of all time. Without a span,
// sFOX shows those of one day.
// https://docs.sfox.com/rest-api/account-management/get-all-transactions
func (c *Client) transactions(ctx context.Context, token string) ([]offboard.Finding, error) {
	answer, err := c.trading(ctx, token, routeTransactions, url.Values{
		"pending": {"true"},
		"from":    {"0"},
		"to":      {strconv.FormatInt(time.Now().UnixMilli(), 10)},
		"limit":   {"1000"},
	}, "account", "transactions")
	if err != nil {
		return nil, err
	}
	type transaction struct {
		ID       any    `json:"id"`
		Action   string `json:"action"`
		Amount   any    `json:"amount"`
		Currency string `json:"currency"`
		Status   string `json:"status"`
	}
	return unfinished(answer, offboard.PendingTransaction, func(t transaction) (status, subject string) {
		return t.Status, describe(t.Action, t.Amount, t.Currency, t.ID)
	})
}

// unfinished returns a finding for each row that is not done yet.
func unfinished[R any](
	answer rest.Answer, kind offboard.Kind, of func(R) (status, subject string),
) ([]offboard.Finding, error) {
	list, err := rows[R](answer)
	if err != nil {
		return nil, err
	}
	var findings []offboard.Finding
	for _, row := range list {
		if status, subject := of(row); !finished(status) {
			findings = append(findings, offboard.Finding{Kind: kind, Subject: answer.Text(subject)})
		}
	}
	return findings, nil
}

// finished reports whether an order or a transaction is in one of the two states after which
// nothing more happens. A state that is not documented is neither. The pages spell them with and
// without capitals.
// https://docs.sfox.com/rest-api/orders/get-all-open-orders
func finished(status string) bool {
	return strings.EqualFold(status, "done") || strings.EqualFold(status, "canceled")
}

// describe returns a text such as "Sell 0.5 ethusd (910001)". The amount and the ID are numbers or
// strings, or nil if they are missing.
func describe(action string, amount any, what string, id any) string {
	words := []string{action}
	if amount != nil {
		words = append(words, fmt.Sprint(amount))
	}
	words = append(words, what)
	if id != nil {
		words = append(words, fmt.Sprintf("(%v)", id))
	}
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}

// clients returns the IDs of the clients of u, sorted. Only an advisor can have clients.
// https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users
func (c *Client) clients(ctx context.Context, u User) ([]offboard.Finding, error) {
	if u.AccountRole != roleAdvisor {
		return nil, nil
	}
	page, err := c.Page(ctx, roleClient)
	if err != nil {
		return nil, err
	}
	var findings []offboard.Finding
	for _, a := range page.Items {
		if a.AdvisorUserID == u.ID {
			findings = append(findings, offboard.Finding{Kind: offboard.AttachedClient, Subject: c.rest.Text(a.ID)})
		}
	}
	slices.SortFunc(findings, func(a, b offboard.Finding) int { return strings.Compare(a.Subject, b.Subject) })
	if len(page.Bad) > 0 { // nothing says whose clients these are
		reason := page.Bad[0].Err.Error()
		findings = append(findings, offboard.Finding{Kind: offboard.CheckSkipped, Subject: checkClients, Reason: reason})
	}
	return findings, nil
}
