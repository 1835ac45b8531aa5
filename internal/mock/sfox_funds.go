package mock

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sfoxGrant is one user token: whose it is and how long.
type sfoxGrant struct {
	user    string
	expires time.Time
}

// holder returns the id of the user whose token a call carries, and whether it
// carries a living one.
func (s *SFOX) holder(c *call) (id string, ok bool) {
	grant, ok := s.tokens[c.bearer()]
	return grant.user, ok && c.now.Before(grant.expires)
}

// sfoxTokenJSON is a user token as the API writes it.
type sfoxTokenJSON struct {
	Token         string `json:"token"`
	PartnerUserID string `json:"partner_user_id"`
	Expires       string `json:"expires"`
}

// grant makes a token for a user: 64 hexadecimal digits that mean nothing.
func (s *SFOX) grant(id string, now time.Time) sfoxTokenJSON {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails, as its documentation promises
	token, expires := hex.EncodeToString(secret), now.Add(cmp.Or(s.TokenLife, sfoxToken))
	s.tokens[token] = sfoxGrant{id, expires}
	return sfoxTokenJSON{token, id, expires.UTC().Format(sfoxTime)}
}

// mint is https://docs.sfox.com/connect/rest-api/end-users/account-management.
func (s *SFOX) mint(c *call) answer {
	switch u, ok := s.peek(c.params["id"]); {
	case !ok && s.MintRefused != 0:
		return sfoxError(s.MintRefused, "the user is deactivated")
	case !ok:
		return s.notFound("user not found")
	case s.PendingNoToken && u.Status == "PENDING":
		return sfoxError(http.StatusUnprocessableEntity, "the user is not verified")
	}
	return sfoxData(http.StatusCreated, s.grant(c.params["id"], c.now))
}

// mintMany is https://docs.sfox.com/connect/rest-api/end-users/create-multiple-user-auth-tokens.
func (s *SFOX) mintMany(c *call) answer {
	var body struct{ Data []string }
	if err := c.decode(&body); err != nil || len(body.Data) == 0 {
		return sfoxError(http.StatusUnprocessableEntity, "data must name at least one user")
	}
	gone := func(id string) bool {
		_, ok := s.peek(id)
		return !ok
	}
	if slices.ContainsFunc(body.Data, gone) {
		return s.notFound("user not found")
	}
	rows := []sfoxTokenJSON{}
	for _, id := range body.Data {
		rows = append(rows, s.grant(id, c.now))
	}
	return sfoxData(http.StatusCreated, rows)
}

// amount is a decimal as the API writes it, a number unless the switch says string.
func (s *SFOX) amount(text string) any {
	if s.Strings {
		return text
	}
	return json.Number(text)
}

// sfoxBalance is the balance of one currency as the API writes it. The mock keeps
// all funds in the trading wallet.
type sfoxBalance struct {
	Currency   string `json:"currency"`
	Balance    any    `json:"balance"`
	Available  any    `json:"available"`
	Held       any    `json:"held"`
	Borrow     any    `json:"borrow_wallet,omitempty"`
	Collateral any    `json:"collateral_wallet,omitempty"`
	Lending    any    `json:"lending_wallet,omitempty"`
	Trading    any    `json:"trading_wallet,omitempty"`
}

// owner returns the user whose token a call carries. A token may outlive its user;
// then there is nothing left to show.
func (s *SFOX) owner(c *call) SFOXUser {
	id, _ := s.holder(c)
	u, ok := s.peek(id)
	if !ok {
		return SFOXUser{ID: id}
	}
	return *u
}

// balances is https://docs.sfox.com/rest-api/account-management/get-all-balances: a bare array.
func (s *SFOX) balances(c *call) answer {
	u := s.owner(c)
	funds := u.Balances
	rows := []sfoxBalance{}
	for _, currency := range slices.Sorted(maps.Keys(funds)) {
		if s.HideZero && zero(funds[currency]) {
			continue
		}
		row := sfoxBalance{Currency: currency, Balance: s.amount(funds[currency]), Held: s.amount(cmp.Or(u.Held[currency], "0")),
			Available: s.amount(minus(funds[currency], u.Held[currency]))}
		if none := s.amount("0"); !s.BareBalances {
			row.Borrow, row.Collateral, row.Lending, row.Trading = none, none, none, row.Balance
		}
		rows = append(rows, row)
	}
	return reply(http.StatusOK, rows)
}

// minus is the difference of two decimal amounts; without a second one it is the first, as it was written.
func minus(amount, part string) string {
	a, ok := new(big.Rat).SetString(amount)
	b, ok2 := new(big.Rat).SetString(part)
	if !ok || !ok2 {
		return amount
	}
	digits, _ := a.Sub(a, b).FloatPrec()
	return a.FloatString(digits)
}

// orders is https://docs.sfox.com/rest-api/orders/get-all-open-orders: a bare array.
func (s *SFOX) orders(c *call) answer {
	limit, ok := whole(c, "limit", sfoxOrders)
	before, ok2 := whole(c, "before", 0)
	after, ok3 := whole(c, "after", 0)
	if !ok || !ok2 || !ok3 || limit < 1 {
		return sfoxError(http.StatusBadRequest, "limit, before and after are whole numbers")
	}
	rows := []map[string]any{}
	for i := range s.owner(c).OpenOrders {
		id := 910001 + i
		if len(rows) == min(limit, sfoxOrders) || before != 0 && id >= before || id <= after {
			continue
		}
		rows = append(rows, map[string]any{"id": id, "action": "Sell", "algorithm": "Limit", "pair": "ethusd",
			"quantity": s.amount("0.5"), "price": s.amount("2100"), "filled": s.amount("0"), "status": "Started",
			"status_code": 100, "expires": nil, "date_added": c.now.Add(-sfoxAge).UTC().Format(sfoxTime),
			"client_order_id": fmt.Sprintf("ord-%d", i+1)})
	}
	return reply(http.StatusOK, rows)
}

// whole reads a whole number from the query, with its value when it is not given.
func whole(c *call, name string, unset int) (n int, ok bool) {
	if !c.query.Has(name) {
		return unset, true
	}
	n, err := strconv.Atoi(c.query.Get(name))
	return n, err == nil && n >= 0
}

// cancelOrders is https://docs.sfox.com/rest-api/orders/cancel-multiple-orders.
func (s *SFOX) cancelOrders(c *call) answer {
	id, _ := s.holder(c)
	rows := []map[string]any{}
	for _, text := range strings.Split(c.query.Get("ids"), ",") {
		order, err := strconv.Atoi(text)
		if err != nil {
			return sfoxError(http.StatusBadRequest, "ids must be order ids")
		}
		rows = append(rows, map[string]any{"id": order, "status": "Canceled"})
	}
	if u, ok := s.open(id); ok {
		u.OpenOrders = max(0, u.OpenOrders-len(rows))
	}
	return reply(http.StatusOK, map[string]any{"orders": rows})
}

// transactions is https://docs.sfox.com/rest-api/account-management/get-all-transactions:
// a bare array of the deposits behind the balances, with pending=true also of the
// unfinished withdrawals. Without from and to it covers the last 24 hours.
func (s *SFOX) transactions(c *call) answer {
	from, ok := whole(c, "from", int(c.now.Add(-24*time.Hour).UnixMilli()))
	to, ok2 := whole(c, "to", int(c.now.UnixMilli()))
	limit, ok3 := whole(c, "limit", 250)
	if !ok || !ok2 || !ok3 || limit > 1000 {
		return sfoxError(http.StatusBadRequest, "from, to and limit are whole numbers, limit at most 1000")
	}
	u := s.owner(c)
	rows := []map[string]any{}
	add := func(action, currency, amount, status string) {
		day := c.now.Add(-sfoxAge).Add(time.Duration(len(rows)) * time.Minute)
		wanted := c.query.Get("types") == "" || slices.Contains(strings.Split(c.query.Get("types"), ","), strings.ToLower(action))
		if at := int(day.UnixMilli()); at < from || at > to || !wanted || len(rows) >= limit {
			return
		}
		rows = append(rows, map[string]any{"id": 77120 + len(rows), "AtxId": 60231 + len(rows), "order_id": "",
			"client_order_id": nil, "day": day.UTC().Format(sfoxTime), "action": action, "currency": currency,
			"amount": s.amount(amount), "fees": s.amount("0"), "status": status, "hold_expires": nil})
	}
	for _, currency := range slices.Sorted(maps.Keys(u.Balances)) {
		if !zero(u.Balances[currency]) {
			add("Deposit", currency, u.Balances[currency], "Done")
		}
	}
	if c.query.Get("pending") == "true" {
		for range u.PendingTransactions {
			add("Withdraw", "usd", "-15", "Pending")
		}
	}
	return reply(http.StatusOK, rows)
}
