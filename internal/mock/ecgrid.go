package mock

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
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

// ECGridMailbox is what a list takes mailbox IDs for.
type ECGridMailbox int

// The meanings of an omitted mailboxId and of those that are no mailbox's.
const (
	MailboxAll     ECGridMailbox = iota // omitted is all; any number is that mailbox
	MailboxRoot                         // omitted is the root mailbox, 0; -1 is all
	MailboxZeroAll                      // omitted and 0 are all
)

// ECGridTerminate is what terminating an open user says and does.
type ECGridTerminate int

// The answers to a first DELETE.
const (
	TerminateTrue      ECGridTerminate = iota // data true, and done
	TerminateFalse                            // data false, and not done
	TerminateFalseDone                        // data false, and done
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

	Unread        []string        // parameters of the list that are not read: mailboxId, authLevel, status, pageNo
	Mailbox       ECGridMailbox   // what the list takes an omitted mailboxId for
	EnumNumbers   bool            // enums are numbers, counted from 0 in the documented order
	StatusDropped bool            // a terminated user has no status
	MoreFields    bool            // users carry the further fields of the vendor's other documents
	Reversed      bool            // lists begin with the highest ID
	Terminate     ECGridTerminate // what terminating a user says and does
	AnyLevel      bool            // terminating needs no level
	SelfRefused   bool            // terminating the key's own user is refused

	key      string
	second   window
	sessions map[string]ecgridLogin
	table
}

func newECGrid(c *clock, key string) *ECGrid {
	e := &ECGrid{key: key, Me: 7, sessions: map[string]ecgridLogin{}}
	e.Roster = newRoster(c, rules[int64, ECGridUser]{
		vendor: e.name(),
		check:  e.check,
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
		words:      func(u *ECGridUser) words { return words{&u.Name, &u.Email, []*string{&u.Login}} },
		own:        func(id int64) bool { return id == e.Me },
	})
	e.routes = e.documented()
	e.add(ECGridUser{ID: e.Me, Name: "Service Offboard", Email: "svc-offboard@acme.test",
		Login: "svc-offboard", AuthLevel: "NetworkAdmin"})
	return e
}

// documented are the routes of the documentation that the mock answers.
func (e *ECGrid) documented() []route {
	return []route{
		{"GET", "/auth/version", Related, e.version},
		{"POST", "/auth/login", Related, e.login},
		{"POST", "/auth/refresh", Related, e.refresh},
		{"POST", "/auth/session", Own, e.session},
		{"POST", "/auth/logout", Related, e.logout},
		{"PUT", "/auth/password", Change, e.password},
		{"GET", "/users/me", Own, e.me},
		{"POST", "/users/list", List, e.listUsers},
		{"POST", "/users/by-name", Find, e.byName},
		{"POST", "/users/role", Change, e.role},
		{"POST", "/users/set-network-mailbox", Change, e.move},
		{"POST", "/users/update-config", Change, e.configure},
		{"POST", "/users/reset/{id}", Change, e.reset},
		{"POST", "/users", Change, e.create},
		{"PUT", "/users", Change, e.update},
		{"GET", "/users/{id}", Read, e.one},
		{"DELETE", "/users/{id}", Close, e.terminate},
	}
}

// Set changes switches while the server is in use.
func (e *ECGrid) Set(f func(*ECGrid)) {
	e.clock.Lock()
	defer e.clock.Unlock()
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

// absence implements vendor.
func (e *ECGrid) absence(status int, text string) answer {
	return ecgridError(status, "ObjectNotFound", cmp.Or(text, "No such user is visible to this key."))
}
