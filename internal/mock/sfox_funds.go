package mock

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

// amount returns a decimal as the API writes it: a number, unless the switch says string.
func (s *SFOX) amount(text string) any {
	if s.Strings {
		return text
	}
	return json.Number(text)
}

// sfoxBalance is the balance of one currency as the API writes it. The mock has all funds in the
// trading wallet.
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

// balances is https://docs.sfox.com/rest-api/account-management/get-all-balances: a bare array.
func (s *SFOX) balances(c *call) answer {
	u := s.tokenOwner(c)
	rows := []sfoxBalance{}
	for _, currency := range slices.Sorted(maps.Keys(u.Balances)) {
		total, held := u.Balances[currency], u.Held[currency]
		if s.HideZero && isZero(total) {
			continue
		}
		row := sfoxBalance{
			Currency: currency, Balance: s.amount(total),
			Held: s.amount(cmp.Or(held, "0")), Available: s.amount(subtract(total, held)),
		}
		if none := s.amount("0"); !s.BareBalances {
			row.Borrow, row.Collateral, row.Lending, row.Trading = none, none, none, row.Balance
		}
		rows = append(rows, row)
	}
	return jsonAnswer(http.StatusOK, rows)
}

// isZero reports whether a decimal amount is exactly zero.
func isZero(amount string) bool {
	r, ok := new(big.Rat).SetString(amount)
	return ok && r.Sign() == 0
}

// subtract returns the difference of two decimal amounts. Without a second one it returns the
// first, as it was written.
func subtract(amount, part string) string {
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
	limit, ok := c.queryInt("limit", sfoxOrders)
	before, ok2 := c.queryInt("before", 0)
	after, ok3 := c.queryInt("after", 0)
	if !ok || !ok2 || !ok3 || limit < 1 {
		return sfoxError(http.StatusBadRequest, "limit, before and after are whole numbers")
	}
	rows := []map[string]any{}
	for i := range s.tokenOwner(c).OpenOrders {
		id := 910001 + i
		if len(rows) == min(limit, sfoxOrders) || before != 0 && id >= before || id <= after {
			continue
		}
		rows = append(rows, map[string]any{
			"id": id, "action": "Sell", "algorithm": "Limit", "pair": "ethusd",
			"quantity": s.amount("0.5"), "price": s.amount("2100"), "filled": s.amount("0"), "status": "Started",
			"status_code": 100, "expires": nil, "date_added": c.now.Add(-sfoxAge).UTC().Format(sfoxTime),
			"client_order_id": fmt.Sprintf("ord-%d", i+1),
		})
	}
	return jsonAnswer(http.StatusOK, rows)
}

// sfoxTransaction is a transaction of a user.
type sfoxTransaction struct{ action, currency, amount, status string }

// transactions is https://docs.sfox.com/rest-api/account-management/get-all-transactions: a bare
// array. Without from and to it has those of the last 24 hours.
func (s *SFOX) transactions(c *call) answer {
	from, ok := c.queryInt("from", int(c.now.Add(-24*time.Hour).UnixMilli()))
	to, ok2 := c.queryInt("to", int(c.now.UnixMilli()))
	limit, ok3 := c.queryInt("limit", 250)
	if !ok || !ok2 || !ok3 || limit > 1000 {
		return sfoxError(http.StatusBadRequest, "from, to and limit are whole numbers, limit at most 1000")
	}
	types := c.query.Get("types")
	rows := []map[string]any{}
	for _, t := range transactionsOf(s.tokenOwner(c), c.query.Get("pending") == "true") {
		day := c.now.Add(-sfoxAge).Add(time.Duration(len(rows)) * time.Minute)
		wanted := types == "" || slices.Contains(strings.Split(types, ","), strings.ToLower(t.action))
		if at := int(day.UnixMilli()); at < from || at > to || !wanted || len(rows) >= limit {
			continue
		}
		rows = append(rows, map[string]any{
			"id": 77120 + len(rows), "AtxId": 60231 + len(rows), "order_id": "", "client_order_id": nil,
			"day": day.UTC().Format(sfoxTime), "action": t.action, "currency": t.currency,
			"amount": s.amount(t.amount), "fees": s.amount("0"), "status": t.status, "hold_expires": nil,
		})
	}
	return jsonAnswer(http.StatusOK, rows)
}

// transactionsOf returns the deposits that made the balances of a user. With pending it also
// returns the unfinished withdrawals.
func transactionsOf(u *SFOXUser, pending bool) []sfoxTransaction {
	var all []sfoxTransaction
	for _, currency := range slices.Sorted(maps.Keys(u.Balances)) {
		if !isZero(u.Balances[currency]) {
			all = append(all, sfoxTransaction{"Deposit", currency, u.Balances[currency], "Done"})
		}
	}
	if pending {
		for range u.PendingTransactions {
			all = append(all, sfoxTransaction{"Withdraw", "usd", "-15", "Pending"})
		}
	}
	return all
}
