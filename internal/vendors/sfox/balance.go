package sfox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The names of the routes that have a rate limit of their own.
const (
	routeBalance      = "balance"
	routeOrders       = "orders"
	routeTransactions = "transactions"
)

// token returns a new token of the user. It can move the user's money for 24 hours, so it must stay
// in memory and travel in a header only. To make one changes no account, and any number may exist.
// The error is errNotPermitted if sFOX makes none for this user.
// https://docs.sfox.com/connect/rest-api/end-users/account-management
func (c *Client) token(ctx context.Context, id string) (string, error) {
	answer, err := c.ask(
		ctx, rest.Request{Method: http.MethodPost, Path: []string{"enterprise", "user-tokens", id}, Secret: true},
		http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity,
	)
	if err != nil {
		return "", err
	}
	var body struct {
		Data struct {
			Token         string  `json:"token"`
			PartnerUserID rest.ID `json:"partner_user_id"`
		} `json:"data"`
	}
	if err := answer.JSON(&body); err != nil {
		return "", err
	}
	c.rest.AddSecret(body.Data.Token)
	if owner := body.Data.PartnerUserID; owner != "" && owner != rest.ID(id) {
		return "", answer.Malformed("asked for a token of user %q, the answer is about %q", id, answer.Text(string(owner)))
	}
	if rest.CheckKey(body.Data.Token) != nil {
		return "", answer.Malformed("the answer holds no token that can be used")
	}
	return body.Data.Token, nil
}

// trading makes a read with the token of a user. The error is errNotPermitted if sFOX does not
// accept the token for it.
func (c *Client) trading(
	ctx context.Context, token, route string, query url.Values, path ...string,
) (rest.Answer, error) {
	return c.ask(ctx, rest.Request{Method: http.MethodGet, Path: path, Query: query, Header: bearer(token), Route: route},
		http.StatusUnauthorized, http.StatusForbidden)
}

// row is what a user has of one currency. An amount is a number, or a string that holds one. A
// missing amount of a wallet is zero.
// https://docs.sfox.com/rest-api/account-management/get-all-balances
type row struct {
	Currency   string      `json:"currency"`
	Balance    json.Number `json:"balance"`
	Available  json.Number `json:"available"`
	Held       json.Number `json:"held"`
	Trading    json.Number `json:"trading_wallet"`
	Borrow     json.Number `json:"borrow_wallet"`
	Collateral json.Number `json:"collateral_wallet"`
	Lending    json.Number `json:"lending_wallet"`
}

// balances returns a finding for each currency whose amounts are not exactly zero, sorted by
// currency.
// https://docs.sfox.com/rest-api/account-management/get-all-balances
func (c *Client) balances(ctx context.Context, token string) ([]offboard.Finding, error) {
	answer, err := c.trading(ctx, token, routeBalance, nil, "user", "balance")
	if err != nil {
		return nil, err
	}
	list, err := rows[row](answer)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b row) int { return strings.Compare(a.Currency, b.Currency) })
	var findings []offboard.Finding
	for _, r := range list {
		if r.Currency == "" {
			return nil, answer.Malformed("a balance names no currency")
		}
		if r.Balance == "" {
			return nil, answer.Malformed("the balance of %s is missing", answer.Text(r.Currency))
		}
		if left := r.left(); left != "" {
			findings = append(findings, offboard.Finding{Kind: offboard.Balance, Subject: answer.Text(left)})
		}
	}
	return findings, nil
}

// left returns the amount and the currency of r as sFOX writes them, or the empty string if all
// amounts are zero. It is the total. If the total is zero and a part is not, it is that part with
// its name: a loan against a collateral, for example.
func (r row) left() string {
	for _, part := range []struct {
		amount json.Number
		name   string
	}{
		{r.Balance, ""}, {r.Available, " available"}, {r.Held, " held"}, {r.Trading, " in the trading wallet"},
		{r.Borrow, " in the borrow wallet"},
		{r.Collateral, " in the collateral wallet"}, {r.Lending, " in the lending wallet"},
	} {
		if !zero(part.amount) {
			return part.amount.String() + " " + r.Currency + part.name
		}
	}
	return ""
}

// zero reports whether n, which is a number or missing, is exactly zero. Only the digits before the
// exponent decide, because the exponent may be too large to compute with.
func zero(n json.Number) bool {
	digits, _, _ := strings.Cut(strings.ToLower(n.String()), "e")
	return !strings.ContainsAny(digits, "123456789")
}
