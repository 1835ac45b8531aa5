package mock

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// ecgridPage is the number of users on a page when the request names none.
	ecgridPage = 25
	// ecgridSession is how long a session token lives.
	ecgridSession = time.Hour
	// ecgridTime is how the API writes a time, and ecgridCreated when every user was created.
	ecgridTime    = "2006-01-02T15:04:05Z"
	ecgridCreated = "2024-03-04T05:06:07Z"
	// ecgridTerminated is the status of a closed user.
	ecgridTerminated = "Terminated"
)

// The documented enums, https://api.ecgridos.io/docs/appendix/enums; the levels from high to low.
var (
	ecgridLevels = []string{"Root", "TechOps", "NetOps", "NetworkAdmin", "NetworkUser",
		"MailboxAdmin", "MailboxUser", "TPUser", "General"}
	ecgridStatuses = []string{"Development", "Active", "Preproduction", "Suspended", ecgridTerminated}
)

// ecgridPublic are the routes that ask for no credentials.
var ecgridPublic = []string{"/auth/version", "/auth/login", "/auth/refresh"}

// ECGridUser is a user of an ECGrid network, as the seed file writes it.
type ECGridUser struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"` // the first word is the first name
	Email     string `json:"email"`
	Login     string `json:"login"`      // the e-mail when unset
	AuthLevel string `json:"auth_level"` // "MailboxUser" when unset
	Status    string `json:"status"`     // "Active" when unset; "Terminated" is a closed user
	NetworkID int64  `json:"network_id"` // 12, the network of the key's owner, when unset
	MailboxID int64  `json:"mailbox_id"`
}

// ECGridAgain is how terminating a terminated user is answered.
type ECGridAgain int

// The answers to a second DELETE.
const (
	AgainNotFound ECGridAgain = iota // 404 ObjectNotFound
	AgainInvalid                     // 400 InvalidParameter
	AgainFalse                       // 200 with data false
	AgainTrue                        // 200 with data true
)

// ECGridExtras is what a success carries in errorCode and message.
type ECGridExtras int

// The forms of errorCode and message on success.
const (
	ExtrasAbsent ECGridExtras = iota
	ExtrasEmpty
	ExtrasNull
)

// ECGrid stands in for the ECGrid REST API,
// https://api.ecgridos.io/docs/rest-api/overview. The zero value of each switch
// is the answer we assume. Set switches before use or through Set.
type ECGrid struct {
	Roster[int64, ECGridUser]

	Me int64 // the user that owns the key; its level is the key's level, and its closing the key's end

	TerminatedNotFound bool           // reading a terminated user is answered 404, not 200 with the status
	Again              ECGridAgain    // the answer to a second DELETE
	LoginName          bool           // the login is called loginName
	NoStatus           bool           // users carry lockoutStatus and no status
	Extras             ECGridExtras   // errorCode and message on success
	Errors200          bool           // errors are told in the envelope alone, with HTTP 200
	Hidden             map[int64]bool // users that exist but are not visible to the key
	PageCap            int            // the largest page; 0 is 100
	FilterRequired     bool           // a list without network, mailbox, level or status is refused
	HideTerminated     bool           // a list without a status leaves terminated users out
	SlowTerminate      int            // this many reads still see a terminated user as it was
	RateLimit          int            // requests a second; 0 is no limit
	NoRetryAfter       bool           // a 429 carries no Retry-After

	key      string
	second   window
	sessions map[string]ecgridLogin
	table
}

// ecgridLogin is one session: whose it is and how long.
type ecgridLogin struct {
	user    int64
	expires time.Time
}

func newECGrid(mu *sync.Mutex, key string) *ECGrid {
	e := &ECGrid{key: key, Me: 7, sessions: map[string]ecgridLogin{}}
	e.Roster = Roster[int64, ECGridUser]{mu: mu, records: map[int64]*record[ECGridUser]{}, rules: rules[int64, ECGridUser]{
		vendor: e.name(),
		id:     func(u ECGridUser) int64 { return u.ID },
		order:  func(a, b ECGridUser) int { return cmp.Compare(a.ID, b.ID) },
		clone:  func(u ECGridUser) ECGridUser { return u },
		fill: func(u *ECGridUser) {
			u.Login = cmp.Or(u.Login, u.Email)
			u.AuthLevel = cmp.Or(u.AuthLevel, "MailboxUser")
			u.Status = cmp.Or(u.Status, "Active")
			u.NetworkID = cmp.Or(u.NetworkID, 12)
		},
		closed:     func(u ECGridUser) bool { return u.Status == ecgridTerminated },
		shut:       func(u *ECGridUser) { u.Status = ecgridTerminated },
		tombstones: true,
	}}
	e.table = table{routes: []route{
		{"GET", "/auth/version", false, e.version},
		{"POST", "/auth/login", false, e.login},
		{"POST", "/auth/refresh", false, e.refresh},
		{"POST", "/auth/session", false, e.session},
		{"POST", "/auth/logout", false, e.logout},
		{"GET", "/users/me", false, e.me},
		{"POST", "/users/list", false, e.listUsers},
		{"POST", "/users/by-name", false, e.byName},
		{"POST", "/users/role", true, e.role},
		{"POST", "/users/set-network-mailbox", true, e.move},
		{"POST", "/users/update-config", true, e.configure},
		{"POST", "/users/reset/{id}", true, e.reset},
		{"POST", "/users", true, e.create},
		{"PUT", "/users", true, e.update},
		{"GET", "/users/{id}", false, e.one},
		{"DELETE", "/users/{id}", true, e.terminate},
	}}
	e.add(ECGridUser{ID: e.Me, Name: "Service Offboard", Email: "svc-offboard@acme.test",
		Login: "svc-offboard", AuthLevel: "NetworkAdmin"})
	return e
}

// Set changes switches while the server is in use.
func (e *ECGrid) Set(f func(*ECGrid)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(e)
}

func (e *ECGrid) name() string   { return "ecgrid" }
func (e *ECGrid) prefix() string { return "/ecgrid/v2" }

func (e *ECGrid) save() func() {
	users, sessions := e.Roster.save(), maps.Clone(e.sessions)
	return func() {
		users()
		e.sessions = sessions
	}
}

// answer puts the rate limit, the credentials and the form of errors around a route.
func (e *ECGrid) answer(rt *route, c *call, allow []string) answer {
	a := e.guarded(rt, c, allow)
	if e.Errors200 && a.status >= http.StatusBadRequest {
		a.status = http.StatusOK
	}
	return a
}

func (e *ECGrid) guarded(rt *route, c *call, allow []string) answer {
	if e.RateLimit > 0 && !e.second.take(c.now, e.RateLimit, time.Second) {
		a := ecgridError(http.StatusTooManyRequests, "RateLimitExceeded", "Too many requests.")
		if !e.NoRetryAfter {
			a.header.Set("Retry-After", strconv.Itoa(seconds(e.second.ends.Sub(c.now))))
		}
		return a
	}
	switch {
	case rt == nil && len(allow) > 0:
		a := ecgridError(http.StatusMethodNotAllowed, "", "The method is not allowed here.")
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil:
		return ecgridError(http.StatusNotFound, "ObjectNotFound", "There is nothing at this path.")
	case slices.Contains(ecgridPublic, rt.pattern) || e.caller(c) != nil:
		return rt.handle(c)
	case c.header.Get("X-Api-Key") == "" && c.bearer() != "":
		return ecgridError(http.StatusUnauthorized, "InvalidSession", "The session is invalid or has expired.")
	}
	return ecgridError(http.StatusUnauthorized, "InvalidAPIKey", "The API key is missing, wrong or revoked.")
}

// caller returns the user that the credentials of a call belong to, nil when
// they are refused. A terminated user has none that count.
func (e *ECGrid) caller(c *call) *ECGridUser {
	id := e.Me
	if key := c.header.Get("X-Api-Key"); key == "" {
		login, ok := e.sessions[c.bearer()]
		if !ok || !c.now.Before(login.expires) {
			return nil
		}
		id = login.user
	} else if key != e.key {
		return nil
	}
	u, _ := e.open(id)
	return u
}

// success is the vendor's envelope around data.
func (e *ECGrid) success(data any) answer {
	body := map[string]any{"success": true, "data": data}
	switch e.Extras {
	case ExtrasEmpty:
		body["errorCode"], body["message"] = "", ""
	case ExtrasNull:
		body["errorCode"], body["message"] = nil, nil
	case ExtrasAbsent:
	}
	return reply(http.StatusOK, body)
}

// ecgridError is the vendor's envelope around an error,
// https://api.ecgridos.io/docs/appendix/error-codes.
func ecgridError(status int, code, message string) answer {
	return reply(status, map[string]any{"success": false, "errorCode": code, "message": message, "data": nil})
}

func ecgridInvalid(what string) answer {
	return ecgridError(http.StatusBadRequest, "InvalidParameter", what)
}

func ecgridNotFound(id int64) answer {
	return ecgridError(http.StatusNotFound, "ObjectNotFound", fmt.Sprintf("No user %d is visible to this key.", id))
}

// ecgridJSON is a user as the API writes it.
type ecgridJSON struct {
	UserID        int64   `json:"userId"`
	Login         *string `json:"login,omitempty"`
	LoginName     *string `json:"loginName,omitempty"`
	Email         string  `json:"email"`
	FirstName     string  `json:"firstName"`
	LastName      string  `json:"lastName"`
	NetworkID     int64   `json:"networkId"`
	MailboxID     int64   `json:"mailboxId"`
	AuthLevel     string  `json:"authLevel"`
	Status        string  `json:"status,omitempty"`
	LockoutStatus *bool   `json:"lockoutStatus,omitempty"`
	Created       string  `json:"created"`
}

// show is a user as the API writes it.
func (e *ECGrid) show(u *ECGridUser) ecgridJSON {
	first, last, _ := strings.Cut(u.Name, " ")
	j := ecgridJSON{UserID: u.ID, Email: u.Email, FirstName: first, LastName: last,
		NetworkID: u.NetworkID, MailboxID: u.MailboxID, AuthLevel: u.AuthLevel, Created: ecgridCreated}
	if e.LoginName {
		j.LoginName = &u.Login
	} else {
		j.Login = &u.Login
	}
	if e.NoStatus {
		j.LockoutStatus = new(bool)
	} else {
		j.Status = u.Status
	}
	return j
}

// version is https://api.ecgridos.io/docs/rest-api/auth/version.
func (e *ECGrid) version(*call) answer {
	return e.success(map[string]string{"version": "2.6"})
}

// login is https://api.ecgridos.io/docs/rest-api/auth/login, with each of the
// names the documentation has for the login. The mock knows no passwords: the key
// stands for every user's.
func (e *ECGrid) login(c *call) answer {
	var body struct{ Login, Email, Username, Password string }
	if err := c.decode(&body); err != nil {
		return ecgridInvalid(err.Error())
	}
	name := cmp.Or(body.Login, body.Email, body.Username)
	for _, u := range e.list(func(rec *record[ECGridUser]) bool { return !rec.closed }) {
		if body.Password == e.key && (strings.EqualFold(u.Login, name) || strings.EqualFold(u.Email, name)) {
			return e.grant(u.ID, c.now)
		}
	}
	return ecgridError(http.StatusUnauthorized, "InvalidSession", "The login or the password is wrong.")
}

// grant begins a session of a user. The documentation shows both one token and a
// pair; here one token does for both.
func (e *ECGrid) grant(user int64, now time.Time) answer {
	token, expires := rand.Text(), now.Add(ecgridSession)
	e.sessions[token] = ecgridLogin{user, expires}
	return e.success(map[string]any{"token": token, "refreshToken": token, "userId": user,
		"expiresAt": expires.UTC().Format(ecgridTime)})
}

// refresh is https://api.ecgridos.io/docs/rest-api/auth/refresh-token: the old token dies.
func (e *ECGrid) refresh(c *call) answer {
	var body struct{ Token, RefreshToken string }
	if err := c.decode(&body); err != nil {
		return ecgridInvalid(err.Error())
	}
	token := cmp.Or(body.Token, body.RefreshToken)
	login, ok := e.sessions[token]
	if _, open := e.open(login.user); !ok || !open || !c.now.Before(login.expires) {
		return ecgridError(http.StatusUnauthorized, "InvalidSession", "The session is invalid or has expired.")
	}
	delete(e.sessions, token)
	return e.grant(login.user, c.now)
}

// session is https://api.ecgridos.io/docs/rest-api/auth/session.
func (e *ECGrid) session(c *call) answer {
	u, expires := e.caller(c), c.now.Add(ecgridSession)
	if login, ok := e.sessions[c.bearer()]; ok {
		expires = login.expires
	}
	return e.success(map[string]any{"userId": u.ID, "login": u.Login, "networkId": u.NetworkID,
		"mailboxId": u.MailboxID, "authLevel": u.AuthLevel, "expiresAt": expires.UTC().Format(ecgridTime)})
}

// logout ends the session the call came with.
func (e *ECGrid) logout(c *call) answer {
	delete(e.sessions, c.bearer())
	return e.success(true)
}

// me is https://api.ecgridos.io/docs/rest-api/users/get-me.
func (e *ECGrid) me(c *call) answer {
	return e.success(e.show(e.caller(c)))
}

// one is https://api.ecgridos.io/docs/rest-api/users/get-user.
func (e *ECGrid) one(c *call) answer {
	id, err := strconv.ParseInt(c.params["id"], 10, 64)
	if err != nil {
		return ecgridInvalid("The user id must be an integer.")
	}
	if e.Hidden[id] {
		return ecgridNotFound(id)
	}
	u, open := e.read(id)
	if u == nil || !open && e.TerminatedNotFound {
		return ecgridNotFound(id)
	}
	return e.success(e.show(u))
}

// terminate is https://api.ecgridos.io/docs/rest-api/users/terminate-user. That it
// needs NetworkAdmin is taken from the other calls that act on someone else.
func (e *ECGrid) terminate(c *call) answer {
	id, err := strconv.ParseInt(c.params["id"], 10, 64)
	switch {
	case err != nil:
		return ecgridInvalid("The user id must be an integer.")
	case rank(e.caller(c).AuthLevel) > rank("NetworkAdmin"):
		return ecgridError(http.StatusForbidden, "AccessDenied", "NetworkAdmin or higher is needed.")
	}
	rec, ok := e.records[id]
	switch {
	case !ok || e.Hidden[id]:
		return ecgridNotFound(id)
	case rec.closed:
		return e.terminateAgain(id)
	}
	e.shut(id, e.SlowTerminate)
	e.endSessions(id)
	return e.success(true)
}

// terminateAgain is the answer to terminating a terminated user.
func (e *ECGrid) terminateAgain(id int64) answer {
	switch e.Again {
	case AgainInvalid:
		return ecgridInvalid("The user is terminated.")
	case AgainFalse:
		return e.success(false)
	case AgainTrue:
		return e.success(true)
	case AgainNotFound:
	}
	return ecgridNotFound(id)
}

// endSessions makes all sessions of a user invalid.
func (e *ECGrid) endSessions(id int64) {
	maps.DeleteFunc(e.sessions, func(_ string, login ecgridLogin) bool { return login.user == id })
}

// rank is the place of a level, 0 the highest; unknown levels come last.
func rank(level string) int {
	if i := index(ecgridLevels, level); i >= 0 {
		return i
	}
	return len(ecgridLevels)
}

// index returns where a value stands in an enum, letter case aside; -1 for nowhere.
func index(enum []string, value string) int {
	return slices.IndexFunc(enum, func(known string) bool { return strings.EqualFold(known, value) })
}

// ecgridFilter is the body of the list.
type ecgridFilter struct {
	NetworkID      *int64 `json:"networkId"`
	MailboxID      *int64 `json:"mailboxId"`
	AuthLevel      string `json:"authLevel"`
	Status         string `json:"status"`
	PageNo         *int   `json:"pageNo"`
	RecordsPerPage *int   `json:"recordsPerPage"`
}

// listUsers is https://api.ecgridos.io/docs/rest-api/users/list-users: a bare
// array without a total, empty past the end.
func (e *ECGrid) listUsers(c *call) answer {
	var f ecgridFilter
	if len(c.body) > 0 {
		if err := c.decode(&f); err != nil {
			return ecgridInvalid(err.Error())
		}
	}
	page, size := 1, ecgridPage
	if f.PageNo != nil {
		page = *f.PageNo
	}
	if f.RecordsPerPage != nil {
		size = *f.RecordsPerPage
	}
	switch {
	case page < 1 || size < 1:
		return ecgridInvalid("pageNo and recordsPerPage count from 1.")
	case f.AuthLevel != "" && index(ecgridLevels, f.AuthLevel) < 0:
		return ecgridInvalid("authLevel has an unknown value.")
	case f.Status != "" && index(ecgridStatuses, f.Status) < 0:
		return ecgridInvalid("status has an unknown value.")
	case e.FilterRequired && f.NetworkID == nil && f.MailboxID == nil && f.AuthLevel == "" && f.Status == "":
		return ecgridInvalid("At least one filter is needed.")
	}
	users := e.list(func(rec *record[ECGridUser]) bool { return e.listed(f, rec.user) })
	size = min(size, cmp.Or(e.PageCap, 100))
	from := min((page-1)*size, len(users))
	return e.success(e.showAll(users[from:min(from+size, len(users))]))
}

// listed tells whether the list shows a user under a filter.
func (e *ECGrid) listed(f ecgridFilter, u ECGridUser) bool {
	return !e.Hidden[u.ID] &&
		(f.NetworkID == nil || *f.NetworkID == u.NetworkID) &&
		(f.MailboxID == nil || *f.MailboxID == u.MailboxID) &&
		(f.AuthLevel == "" || strings.EqualFold(f.AuthLevel, u.AuthLevel)) &&
		(f.Status == "" || strings.EqualFold(f.Status, u.Status)) &&
		(f.Status != "" || !e.HideTerminated || u.Status != ecgridTerminated)
}

func (e *ECGrid) showAll(users []ECGridUser) []ecgridJSON {
	rows := []ecgridJSON{}
	for _, u := range users {
		rows = append(rows, e.show(&u))
	}
	return rows
}

// byName is https://api.ecgridos.io/docs/rest-api/users/get-by-name: an array,
// because networks may have the same login.
func (e *ECGrid) byName(c *call) answer {
	var body struct{ Login string }
	if err := c.decode(&body); err != nil || body.Login == "" {
		return ecgridInvalid("login is required.")
	}
	return e.success(e.showAll(e.list(func(rec *record[ECGridUser]) bool {
		return strings.EqualFold(rec.user.Login, body.Login) && e.listed(ecgridFilter{}, rec.user)
	})))
}

// ecgridFields is the body of the calls that make or change a user.
type ecgridFields struct {
	UserID    int64   `json:"userId"`
	Login     string  `json:"login"`
	LoginName string  `json:"loginName"`
	Password  string  `json:"password"`
	Email     *string `json:"email"`
	FirstName *string `json:"firstName"`
	LastName  *string `json:"lastName"`
	NetworkID *int64  `json:"networkId"`
	MailboxID *int64  `json:"mailboxId"`
	AuthLevel string  `json:"authLevel"`
}

// apply writes the fields that the body has into u.
func (f ecgridFields) apply(u *ECGridUser) {
	first, last, _ := strings.Cut(u.Name, " ")
	for _, set := range []struct{ to, from *string }{{&u.Email, f.Email}, {&first, f.FirstName}, {&last, f.LastName}} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	u.Name = strings.TrimSpace(first + " " + last)
	if f.NetworkID != nil {
		u.NetworkID = *f.NetworkID
	}
	if f.MailboxID != nil {
		u.MailboxID = *f.MailboxID
	}
	if f.AuthLevel != "" && f.AuthLevel != "NoChange" {
		u.AuthLevel = f.AuthLevel
	}
}

// edit does what the calls that name a user in their body have in common: it
// reads the body, finds the user, and answers in their place when one of the two
// fails. A caller cannot grant a level above its own.
func (e *ECGrid) edit(c *call, then func(u *ECGridUser, f ecgridFields) answer) answer {
	var f ecgridFields
	if err := c.decode(&f); err != nil {
		return ecgridInvalid(err.Error())
	}
	if f.AuthLevel != "" && f.AuthLevel != "NoChange" {
		if index(ecgridLevels, f.AuthLevel) < 0 {
			return ecgridInvalid("authLevel has an unknown value.")
		}
		if rank(f.AuthLevel) < rank(e.caller(c).AuthLevel) {
			return ecgridError(http.StatusForbidden, "AccessDenied", "The level is above the caller's own.")
		}
	}
	u, ok := e.open(f.UserID)
	if !ok || e.Hidden[f.UserID] {
		return ecgridNotFound(f.UserID)
	}
	return then(u, f)
}

// update is https://api.ecgridos.io/docs/rest-api/users/update-user, which has
// neither level, network nor status.
func (e *ECGrid) update(c *call) answer {
	return e.edit(c, func(u *ECGridUser, f ecgridFields) answer {
		ecgridFields{Email: f.Email, FirstName: f.FirstName, LastName: f.LastName}.apply(u)
		return e.success(e.show(u))
	})
}

// role is https://api.ecgridos.io/docs/rest-api/users/set-role.
func (e *ECGrid) role(c *call) answer {
	return e.edit(c, func(u *ECGridUser, f ecgridFields) answer {
		if f.AuthLevel == "" {
			return ecgridInvalid("authLevel is required.")
		}
		ecgridFields{AuthLevel: f.AuthLevel, NetworkID: f.NetworkID, MailboxID: f.MailboxID}.apply(u)
		return e.success(e.show(u))
	})
}

// move is https://api.ecgridos.io/docs/rest-api/users/set-network-mailbox.
func (e *ECGrid) move(c *call) answer {
	return e.edit(c, func(u *ECGridUser, f ecgridFields) answer {
		ecgridFields{NetworkID: f.NetworkID, MailboxID: f.MailboxID}.apply(u)
		return e.success(e.show(u))
	})
}

// configure is https://api.ecgridos.io/docs/rest-api/users/update-config, whose
// fields the mock's users do not have.
func (e *ECGrid) configure(c *call) answer {
	return e.edit(c, func(*ECGridUser, ecgridFields) answer { return e.success(true) })
}

// reset is https://api.ecgridos.io/docs/rest-api/users/reset-sessions.
func (e *ECGrid) reset(c *call) answer {
	id, err := strconv.ParseInt(c.params["id"], 10, 64)
	if err != nil {
		return ecgridInvalid("The user id must be an integer.")
	}
	if _, ok := e.open(id); !ok || e.Hidden[id] {
		return ecgridNotFound(id)
	}
	e.endSessions(id)
	return e.success(true)
}

// create is https://api.ecgridos.io/docs/rest-api/users/create-user. The network
// is the caller's unless the body names another.
func (e *ECGrid) create(c *call) answer {
	var f ecgridFields
	if err := c.decode(&f); err != nil {
		return ecgridInvalid(err.Error())
	}
	login := cmp.Or(f.Login, f.LoginName)
	switch {
	case login == "" || f.Password == "" || f.Email == nil || *f.Email == "":
		return ecgridInvalid("login, password and email are required.")
	case f.AuthLevel != "" && index(ecgridLevels, f.AuthLevel) < 0:
		return ecgridInvalid("authLevel has an unknown value.")
	case rank(cmp.Or(f.AuthLevel, "MailboxUser")) < rank(e.caller(c).AuthLevel):
		return ecgridError(http.StatusForbidden, "AccessDenied", "The level is above the caller's own.")
	}
	u := ECGridUser{ID: 1, Login: login, NetworkID: e.caller(c).NetworkID}
	f.apply(&u)
	for id, rec := range e.records {
		if rec.user.NetworkID == u.NetworkID && strings.EqualFold(rec.user.Login, login) {
			return ecgridError(http.StatusBadRequest, "DuplicateObject", "The login is in use.")
		}
		u.ID = max(u.ID, id+1)
	}
	e.add(u)
	created, _ := e.open(u.ID)
	return e.success(e.show(created))
}
