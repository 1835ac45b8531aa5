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
	"sync"
	"time"
)

const (
	// sfoxToken is how long a user token lives when the switch is not set.
	sfoxToken = 24 * time.Hour
	// sfoxTime is how the API writes a time.
	sfoxTime = "2006-01-02T15:04:05.000Z"
	// sfoxOrders is the default and the largest number of orders in one answer.
	sfoxOrders = 50
	// sfoxAge is how old the mock's transactions are: older than the list's
	// default window, so that a client which names no window misses them.
	sfoxAge = 72 * time.Hour
)

// SFOXUser is an end user of an sFOX partner, as the seed file writes it.
type SFOXUser struct {
	ID                  string            `json:"id"`
	Name                string            `json:"name"` // the first word is the first name
	Email               string            `json:"email"`
	AccountType         string            `json:"account_type"` // "individual" when unset
	AccountRole         string            `json:"account_role"` // "Client" when unset; answered with a capital
	Advisor             string            `json:"advisor"`      // the id of the advisor, "" for none
	Status              string            `json:"status"`       // PENDING, VERIFIED, UNSUPPORTED; VERIFIED when unset
	Balances            map[string]string `json:"balances"`     // decimal amounts by currency
	OpenOrders          int               `json:"open_orders"`
	PendingTransactions int               `json:"pending_transactions"`
}

// SFOXGone is how reading a deactivated user is answered.
type SFOXGone int

// The answers to reading a deactivated user.
const (
	GoneNotFound SFOXGone = iota // 404
	GoneNull                     // 200 with data null
	GoneObject                   // 200 with data {}
	GoneArray                    // 200 with data []
)

// SFOX stands in for sFOX Connect,
// https://docs.sfox.com/connect/rest-api/authentication. The zero value of each
// switch is the answer we assume. Set switches before use or through Set.
type SFOX struct {
	Roster[string, SFOXUser]

	Gone              SFOXGone      // how reading a deactivated user is answered
	WrongUnauthorized bool          // the wrong one of the two credentials is answered 401, not 403
	Strings           bool          // amounts are strings, not numbers
	HideZero          bool          // the balances leave zero rows out
	TokenLife         time.Duration // how long a user token lives; 0 is 24 hours
	TokensDie         bool          // deactivating a user ends its tokens at once
	Stakes            bool          // deactivating is answered 422 although all balances are zero
	PlainNotFound     bool          // a 404 is an HTML page, not the error envelope
	SlowDelete        int           // this many reads still see a deactivated user
	RateLimits        bool          // the documented limits hold, by route and in total
	RetryAfter        bool          // a 429 carries Retry-After

	key    string
	tokens map[string]sfoxGrant
	total  sfoxLimit
	limits map[string]*sfoxLimit
	table
}

// sfoxGrant is one user token: whose it is and how long.
type sfoxGrant struct {
	user    string
	expires time.Time
}

// sfoxLimit is a documented limit in 10 seconds, and the penalty after a breach.
type sfoxLimit struct {
	limit   int
	penalty time.Duration
	window  window
	until   time.Time
}

// breached counts a request and returns how long the client has to stay away, 0
// when it may go on.
func (l *sfoxLimit) breached(now time.Time) time.Duration {
	if now.Before(l.until) {
		return l.until.Sub(now)
	}
	if l.window.take(now, l.limit, 10*time.Second) {
		return 0
	}
	l.until = now.Add(l.penalty)
	return l.penalty
}

func newSFOX(mu *sync.Mutex, key string) *SFOX {
	s := &SFOX{key: key, tokens: map[string]sfoxGrant{}}
	s.Roster = Roster[string, SFOXUser]{mu: mu, records: map[string]*record[SFOXUser]{}, rules: rules[string, SFOXUser]{
		vendor: s.name(),
		id:     func(u SFOXUser) string { return u.ID },
		order:  func(a, b SFOXUser) int { return cmp.Compare(a.ID, b.ID) },
		clone: func(u SFOXUser) SFOXUser {
			u.Balances = maps.Clone(u.Balances)
			return u
		},
		fill: func(u *SFOXUser) {
			u.AccountType = cmp.Or(u.AccountType, "individual")
			u.AccountRole = cmp.Or(u.AccountRole, "Client")
			u.Status = cmp.Or(u.Status, "VERIFIED")
		},
	}}
	// The limits are https://docs.sfox.com/rest-api/rate-limits; a route that names none has none of its own.
	s.total = sfoxLimit{limit: 250, penalty: time.Minute}
	s.limits = map[string]*sfoxLimit{
		"GET /user/balance":         {limit: 5, penalty: 10 * time.Second},
		"GET /orders":               {limit: 10, penalty: 10 * time.Second},
		"GET /account/transactions": {limit: 1, penalty: 10 * time.Second},
	}
	s.table = table{routes: []route{
		{"GET", "/enterprise/users", false, s.listUsers},
		{"GET", "/enterprise/users/{id}", false, s.one},
		{"PATCH", "/enterprise/users/{id}", true, s.patch},
		{"POST", "/enterprise/register-account", true, s.register},
		{"DELETE", "/enterprise/account/{id}", true, s.deactivate},
		{"POST", "/enterprise/user-tokens", false, s.mintMany},
		{"POST", "/enterprise/user-tokens/{id}", false, s.mint},
		{"GET", "/user/balance", false, s.balances},
		{"GET", "/orders", false, s.orders},
		{"DELETE", "/orders", true, s.cancelOrders},
		{"GET", "/account/transactions", false, s.transactions},
	}}
	return s
}

// Set changes switches while the server is in use.
func (s *SFOX) Set(f func(*SFOX)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *SFOX) name() string   { return "sfox" }
func (s *SFOX) prefix() string { return "/sfox/v1" }

func (s *SFOX) save() func() {
	users, tokens := s.Roster.save(), maps.Clone(s.tokens)
	return func() {
		users()
		s.tokens = tokens
	}
}

// answer puts the limits and the two credentials around a route.
func (s *SFOX) answer(rt *route, c *call, allow []string) answer {
	if wait := s.limited(rt, c.now); wait > 0 {
		a := sfoxError(http.StatusTooManyRequests, "too many requests")
		if s.RetryAfter {
			a.header.Set("Retry-After", strconv.Itoa(seconds(wait)))
		}
		return a
	}
	switch {
	case rt == nil && len(allow) > 0:
		a := sfoxError(http.StatusMethodNotAllowed, "method not allowed")
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil:
		return s.notFound("not found")
	}
	enterprise := c.bearer() == s.key
	_, user := s.holder(c)
	wrong := http.StatusForbidden
	if s.WrongUnauthorized {
		wrong = http.StatusUnauthorized
	}
	switch {
	case !enterprise && !user:
		return sfoxError(http.StatusUnauthorized, "invalid credentials")
	case enterprise != strings.HasPrefix(rt.pattern, "/enterprise/"):
		return sfoxError(wrong, "these credentials are not accepted here")
	}
	return rt.handle(c)
}

// limited counts a request against its limits and returns how long the client
// has to stay away, 0 when it may go on.
func (s *SFOX) limited(rt *route, now time.Time) time.Duration {
	if !s.RateLimits {
		return 0
	}
	if wait := s.total.breached(now); wait > 0 || rt == nil {
		return wait
	}
	if l, ok := s.limits[rt.method+" "+rt.pattern]; ok {
		return l.breached(now)
	}
	return 0
}

// holder returns the id of the user whose token a call carries, and whether it
// carries a living one.
func (s *SFOX) holder(c *call) (id string, ok bool) {
	grant, ok := s.tokens[c.bearer()]
	return grant.user, ok && c.now.Before(grant.expires)
}

// sfoxError is the vendor's error envelope.
func sfoxError(status int, message string) answer {
	return reply(status, map[string]string{"error": message})
}

// notFound is a 404 in the vendor's form.
func (s *SFOX) notFound(message string) answer {
	if s.PlainNotFound {
		return page(http.StatusNotFound)
	}
	return sfoxError(http.StatusNotFound, message)
}

// sfoxData is the envelope of the Connect calls; the trading calls have none.
func sfoxData(status int, v any) answer {
	return reply(status, map[string]any{"data": v})
}

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
	rows := []sfoxJSON{}
	for _, u := range s.list(func(rec *record[SFOXUser]) bool {
		return !rec.closed && (role == "" || strings.EqualFold(role, rec.user.AccountRole))
	}) {
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
	if _, ok := s.open(c.params["id"]); !ok {
		return s.notFound("user not found")
	}
	return sfoxData(http.StatusCreated, s.grant(c.params["id"], c.now))
}

// mintMany is https://docs.sfox.com/connect/rest-api/end-users/create-multiple-user-auth-tokens.
// One unknown id fails the whole call.
func (s *SFOX) mintMany(c *call) answer {
	var body struct{ Data []string }
	if err := c.decode(&body); err != nil || len(body.Data) == 0 {
		return sfoxError(http.StatusUnprocessableEntity, "data must name at least one user")
	}
	for _, id := range body.Data {
		if _, ok := s.open(id); !ok {
			return s.notFound("user not found")
		}
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
// all funds in the trading wallet and none on hold.
type sfoxBalance struct {
	Currency   string `json:"currency"`
	Balance    any    `json:"balance"`
	Available  any    `json:"available"`
	Held       any    `json:"held"`
	Borrow     any    `json:"borrow_wallet"`
	Collateral any    `json:"collateral_wallet"`
	Lending    any    `json:"lending_wallet"`
	Trading    any    `json:"trading_wallet"`
}

// owner returns the user whose token a call carries. A token may outlive its user;
// then there is nothing left to show.
func (s *SFOX) owner(c *call) SFOXUser {
	id, _ := s.holder(c)
	u, ok := s.open(id)
	if !ok {
		return SFOXUser{ID: id}
	}
	return *u
}

// balances is https://docs.sfox.com/rest-api/account-management/get-all-balances: a bare array.
func (s *SFOX) balances(c *call) answer {
	funds := s.owner(c).Balances
	rows := []sfoxBalance{}
	for _, currency := range slices.Sorted(maps.Keys(funds)) {
		if s.HideZero && zero(funds[currency]) {
			continue
		}
		all, none := s.amount(funds[currency]), s.amount("0")
		rows = append(rows, sfoxBalance{currency, all, all, none, none, none, none, all})
	}
	return reply(http.StatusOK, rows)
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
