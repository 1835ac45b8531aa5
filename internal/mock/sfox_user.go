package mock

import (
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
)

// sfoxJSON is a user as the API writes it.
type sfoxJSON struct {
	AccountType  string  `json:"account_type"`
	AccountRole  string  `json:"account_role"`
	UserID       string  `json:"user_id"`
	AdvisorID    *string `json:"advisor_user_id"`
	Email        string  `json:"email"`
	FirstName    string  `json:"first_name"`
	LastName     string  `json:"last_name"`
	PhoneNumber  string  `json:"phone_number"`
	Status       string  `json:"status"`
	Requirements any     `json:"requirements"`
	sfoxMore
}

// sfoxMore are the fields that only some copies of the vendor's page have.
type sfoxMore struct {
	ID           string `json:"id,omitempty"`
	Purpose      string `json:"account_purpose,omitempty"`
	Funds        string `json:"source_of_funds,omitempty"`
	Intermediary any    `json:"intermediary_status,omitempty"`
}

// show is a user as the API writes it; a verified one has nothing left to verify.
func (s *SFOX) show(u *SFOXUser) sfoxJSON {
	first, last, _ := strings.Cut(u.Name, " ")
	open := u.Status != "VERIFIED"
	j := sfoxJSON{AccountType: u.AccountType, UserID: u.ID, Email: u.Email, FirstName: first, LastName: last,
		AccountRole: strings.ToUpper(u.AccountRole[:1]) + strings.ToLower(u.AccountRole[1:]),
		PhoneNumber: "+15005550123", Status: u.Status, Requirements: map[string]bool{"email": open, "sms": open}}
	if u.Advisor != "" {
		j.AdvisorID = &u.Advisor
	}
	if s.NewRequirements {
		j.Requirements = map[string][]string{"completed": {"email"}, "current": {}, "future": {}}
	}
	if s.MoreFields {
		j.sfoxMore = sfoxMore{ID: "acc-" + u.ID, Purpose: "investing", Funds: "salary", Intermediary: false}
	}
	return j
}

// listUsers is https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users: all in one answer.
func (s *SFOX) listUsers(c *call) answer {
	role := c.query.Get("accountRole")
	if role != "" && !strings.EqualFold(role, "client") && !strings.EqualFold(role, "advisor") {
		return sfoxError(http.StatusUnprocessableEntity, "accountRole must be client or advisor")
	}
	users := s.list(func(rec *record[SFOXUser]) bool {
		return !rec.closed && (role == "" || strings.EqualFold(role, rec.user.AccountRole))
	})
	start, end, total := c.lists.window(len(users), 0, c.lists.size(len(users)))
	rows := []sfoxJSON{}
	for _, u := range users[start:end] {
		rows = append(rows, s.show(&u))
	}
	if s.ListExtras {
		return reply(http.StatusOK, map[string]any{"data": rows, "total": total, "next": nil})
	}
	return sfoxData(http.StatusOK, rows)
}

// one is https://docs.sfox.com/connect/rest-api/end-users/get-end-user.
func (s *SFOX) one(c *call) answer {
	u, open := s.read(c.params["id"])
	switch {
	case open:
		return sfoxData(http.StatusOK, s.show(u))
	case s.Gone == GoneNull:
		return sfoxData(http.StatusOK, nil)
	case s.Gone == GoneObject:
		return sfoxData(http.StatusOK, struct{}{})
	case s.Gone == GoneArray:
		return sfoxData(http.StatusOK, []any{})
	}
	return s.notFound("user not found")
}

// deactivate is https://docs.sfox.com/connect/rest-api/end-users/deactivate-user.
func (s *SFOX) deactivate(c *call) answer {
	u, ok := s.open(c.params["id"])
	if !ok {
		return s.notFound("The account does not exist to be disabled.")
	}
	switch funded := slices.ContainsFunc(slices.Collect(maps.Values(u.Balances)), s.counts); {
	case funded, s.Stakes:
		return sfoxError(http.StatusUnprocessableEntity, "Can not disable account with non-zero balances. Please remove all balances and try again.")
	case s.OrdersBlock && u.OpenOrders > 0, s.PendingBlocks && u.PendingTransactions > 0:
		return sfoxError(http.StatusUnprocessableEntity, "The account has orders or transactions under way.")
	case s.ClientsBlock && len(s.list(func(rec *record[SFOXUser]) bool { return !rec.closed && rec.user.Advisor == u.ID })) > 0:
		return sfoxError(http.StatusUnprocessableEntity, "The advisor has clients.")
	}
	s.shut(u.ID, s.SlowDelete)
	if s.TokensDie {
		maps.DeleteFunc(s.tokens, func(_ string, g sfoxGrant) bool { return g.user == u.ID })
	}
	return empty(http.StatusOK)
}

// counts reports whether a balance stops a deactivation.
func (s *SFOX) counts(amount string) bool {
	r, _ := new(big.Rat).SetString(amount)
	dust, ok := new(big.Rat).SetString(s.Dust)
	return r == nil || r.Sign() != 0 && (!ok || new(big.Rat).Abs(r).Cmp(dust) > 0)
}

// zero tells whether a decimal amount is exactly zero.
func zero(amount string) bool {
	r, ok := new(big.Rat).SetString(amount)
	return ok && r.Sign() == 0
}

// register is https://docs.sfox.com/connect/rest-api/end-users/create-end-user.
func (s *SFOX) register(c *call) answer {
	var body struct {
		AccountType string `json:"account_type"`
		AccountRole string `json:"account_role"`
		UserID      string `json:"user_id"`
		FirstName   string `json:"first_name"`
		LastName    string `json:"last_name"`
		Email       string `json:"email"`
		Advisor     string `json:"advisor_user_id"`
	}
	if err := c.decode(&body); err != nil {
		return sfoxError(http.StatusBadRequest, err.Error())
	}
	for _, required := range []string{body.AccountType, body.AccountRole, body.UserID, body.FirstName, body.LastName, body.Email} {
		if required == "" {
			return sfoxError(http.StatusUnprocessableEntity, "a required attribute is missing")
		}
	}
	if _, taken := s.records[body.UserID]; taken {
		return sfoxError(http.StatusUnprocessableEntity, "user_id is in use")
	}
	s.add(SFOXUser{ID: body.UserID, Name: body.FirstName + " " + body.LastName, Email: body.Email,
		AccountType: body.AccountType, AccountRole: body.AccountRole, Advisor: body.Advisor, Status: "PENDING"})
	created, _ := s.open(body.UserID)
	return sfoxData(http.StatusCreated, s.show(created))
}

// patch is https://docs.sfox.com/connect/rest-api/end-users/update-end-user. It
// only fills in attributes that are null, and of those the mock has none, so it
// changes nothing.
func (s *SFOX) patch(c *call) answer {
	u, ok := s.open(c.params["id"])
	if !ok {
		return s.notFound("user not found")
	}
	if !json.Valid(c.body) {
		return sfoxError(http.StatusBadRequest, "the body is not JSON")
	}
	return sfoxData(http.StatusOK, s.show(u))
}
