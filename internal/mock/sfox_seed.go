package mock

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SFOXUser is an end user of an sFOX partner, as in the seed file.
type SFOXUser struct {
	ID                  string            `json:"id"`
	Name                string            `json:"name"` // the first word is the first name
	Email               string            `json:"email"`
	AccountType         string            `json:"account_type"` // "individual" when unset
	AccountRole         string            `json:"account_role"` // "Client" when unset; answered with a capital
	Advisor             string            `json:"advisor"`      // the ID of the advisor, or ""
	Status              string            `json:"status"`       // PENDING, VERIFIED, UNSUPPORTED; VERIFIED when unset
	Balances            map[string]string `json:"balances"`     // decimal amounts by currency
	Held                map[string]string `json:"held"`         // the part of them that is on hold
	OpenOrders          int               `json:"open_orders"`
	PendingTransactions int               `json:"pending_transactions"`
}

// checkSFOXUser returns what is wrong with a user of a seed file.
func checkSFOXUser(u *SFOXUser) error {
	return cmp.Or(
		decimals("balances", u.Balances), decimals("held", u.Held), required("id", u.ID), required("name", u.Name),
		oneOf("account_type", u.AccountType, "individual", "corporation"),
		oneOf("account_role", u.AccountRole, "Client", "Advisor"),
		oneOf("status", u.Status, sfoxPending, sfoxVerified, "UNSUPPORTED"),
		notNegative("open_orders", u.OpenOrders), notNegative("pending_transactions", u.PendingTransactions))
}

// decimals returns an error if one of the amounts is not a decimal number.
func decimals(field string, amounts map[string]string) error {
	for _, currency := range slices.Sorted(maps.Keys(amounts)) {
		if amount := amounts[currency]; !json.Valid([]byte(amount)) || strings.Trim(amount, "-0123456789.") != "" {
			return fmt.Errorf("field %q: %q is not a decimal number", field+"."+currency, amount)
		}
	}
	return nil
}

// invent implements vendor.
func (s *SFOX) invent(i int, name, email string) {
	u := SFOXUser{
		ID: fmt.Sprintf("cust-%04x", 0x7f31+i), Name: name, Email: email,
		Balances: map[string]string{"btc": "0", "usd": "0"},
		Status:   pickFrom(i, sfoxVerified, sfoxVerified, sfoxVerified, sfoxPending),
	}
	if i%4 == 2 {
		u.Balances["btc"] = "0.015"
	}
	if i%8 == 7 {
		u.AccountRole = "Advisor"
	}
	s.addUnlessTaken(&u)
}
