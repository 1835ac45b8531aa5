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
	AccountType  string          `json:"account_type"`
	AccountRole  string          `json:"account_role"`
	UserID       string          `json:"user_id"`
	AdvisorID    *string         `json:"advisor_user_id"`
	Email        string          `json:"email"`
	FirstName    string          `json:"first_name"`
	LastName     string          `json:"last_name"`
	PhoneNumber  string          `json:"phone_number"`
	Status       string          `json:"status"`
	Requirements map[string]bool `json:"requirements"`
}

// show is a user as the API writes it; a verified one has nothing left to verify.
func (u *SFOXUser) show() sfoxJSON {
	first, last, _ := strings.Cut(u.Name, " ")
	open := u.Status != "VERIFIED"
	j := sfoxJSON{AccountType: u.AccountType, UserID: u.ID, Email: u.Email, FirstName: first, LastName: last,
		AccountRole: strings.ToUpper(u.AccountRole[:1]) + strings.ToLower(u.AccountRole[1:]),
		PhoneNumber: "+15005550123", Status: u.Status, Requirements: map[string]bool{"email": open, "sms": open}}
	if u.Advisor != "" {
		j.AdvisorID = &u.Advisor
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
	start, end, _ := c.lists.window(len(users), 0, c.lists.size(len(users)))
	rows := []sfoxJSON{}
	for _, u := range users[start:end] {
		rows = append(rows, u.show())
	}
	return sfoxData(http.StatusOK, rows)
}

// one is https://docs.sfox.com/connect/rest-api/end-users/get-end-user.
func (s *SFOX) one(c *call) answer {
	u, open := s.read(c.params["id"])
	switch {
	case open:
		return sfoxData(http.StatusOK, u.show())
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
	funded := slices.ContainsFunc(slices.Collect(maps.Values(u.Balances)), func(amount string) bool { return !zero(amount) })
	if funded || s.Stakes {
		return sfoxError(http.StatusUnprocessableEntity, "Can not disable account with non-zero balances. Please remove all balances and try again.")
	}
	s.shut(u.ID, s.SlowDelete)
	if s.TokensDie {
		maps.DeleteFunc(s.tokens, func(_ string, g sfoxGrant) bool { return g.user == u.ID })
	}
	return empty(http.StatusOK)
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
	return sfoxData(http.StatusCreated, created.show())
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
	return sfoxData(http.StatusOK, u.show())
}
