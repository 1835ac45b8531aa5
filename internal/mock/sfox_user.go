package mock

import (
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

// sfoxMore has the fields that only some copies of the vendor's page have.
type sfoxMore struct {
	ID           string `json:"id,omitempty"`
	Purpose      string `json:"account_purpose,omitempty"`
	Funds        string `json:"source_of_funds,omitempty"`
	Intermediary any    `json:"intermediary_status,omitempty"`
}

// encode returns a user as the API writes it. A verified user has nothing left to verify.
func (s *SFOX) encode(u *SFOXUser) sfoxJSON {
	first, last, _ := strings.Cut(u.Name, " ")
	open := u.Status != sfoxVerified
	j := sfoxJSON{
		AccountType: u.AccountType, UserID: u.ID, Email: u.Email, FirstName: first, LastName: last,
		AccountRole: strings.ToUpper(u.AccountRole[:1]) + strings.ToLower(u.AccountRole[1:]),
		PhoneNumber: "+15005550123", Status: u.Status, Requirements: map[string]bool{"email": open, "sms": open},
	}
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

// listUsers is https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users: all users
// in one answer.
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
	for i := start; i < end; i++ {
		rows = append(rows, s.encode(&users[i]))
	}
	if s.ListExtras {
		return jsonAnswer(http.StatusOK, map[string]any{"data": rows, "total": total, "next": nil})
	}
	return sfoxData(http.StatusOK, rows)
}

// one is https://docs.sfox.com/connect/rest-api/end-users/get-end-user.
func (s *SFOX) one(c *call) answer {
	u, open := s.read(c.params["id"])
	if open {
		return sfoxData(http.StatusOK, s.encode(u))
	}
	switch s.Gone {
	case GoneNull:
		return sfoxData(http.StatusOK, nil)
	case GoneObject:
		return sfoxData(http.StatusOK, struct{}{})
	case GoneArray:
		return sfoxData(http.StatusOK, []any{})
	case GoneNotFound:
	}
	return s.notFound("user not found")
}

// deactivate is https://docs.sfox.com/connect/rest-api/end-users/deactivate-user.
func (s *SFOX) deactivate(c *call) answer {
	u, ok := s.openForChange(c.params["id"])
	if !ok {
		return s.notFound("The account does not exist to be disabled.")
	}
	if obstacle := s.obstacle(u); obstacle != "" {
		return sfoxError(http.StatusUnprocessableEntity, obstacle)
	}
	s.close(u.ID, s.SlowDelete)
	if s.TokensDie {
		maps.DeleteFunc(s.tokens, func(_ string, t sfoxToken) bool { return t.user == u.ID })
	}
	return emptyAnswer(http.StatusOK)
}

// obstacle returns why a user cannot be deactivated, or "".
func (s *SFOX) obstacle(u *SFOXUser) string {
	isClient := func(rec *record[SFOXUser]) bool { return !rec.closed && rec.user.Advisor == u.ID }
	switch {
	case s.Stakes, slices.ContainsFunc(slices.Collect(maps.Values(u.Balances)), s.blocksClosing):
		return "Can not disable account with non-zero balances. Please remove all balances and try again."
	case s.OrdersBlock && u.OpenOrders > 0, s.PendingBlocks && u.PendingTransactions > 0:
		return "The account has orders or transactions under way."
	case s.ClientsBlock && len(s.list(isClient)) > 0:
		return "The advisor has clients."
	}
	return ""
}

// blocksClosing reports whether a balance stops a deactivation.
func (s *SFOX) blocksClosing(amount string) bool {
	r, _ := new(big.Rat).SetString(amount)
	dust, ok := new(big.Rat).SetString(s.Dust)
	return r == nil || r.Sign() != 0 && (!ok || new(big.Rat).Abs(r).Cmp(dust) > 0)
}
