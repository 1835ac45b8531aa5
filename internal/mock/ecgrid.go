package mock

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// ecgridPage is the number of users on a page if the request names none.
	ecgridPage = 25
	// ecgridSession is how long a session lasts.
	ecgridSession = time.Hour
	// ecgridCreated is when every user was created.
	ecgridCreated = "2024-03-04T05:06:07Z"
	// ecgridTerminated is the status of a closed user.
	ecgridTerminated = "Terminated"
)

// ECGridAgain is the answer to a second DELETE of a user.
type ECGridAgain int

// The answers to a second DELETE.
const (
	AgainNotFound ECGridAgain = iota // 404 ObjectNotFound
	AgainInvalid                     // 400 InvalidParameter
	AgainFalse                       // 200 with data false
	AgainTrue                        // 200 with data true
)

// ECGridExtras is what a success has in errorCode and message.
type ECGridExtras int

// The forms of errorCode and message in a success.
const (
	ExtrasAbsent ECGridExtras = iota
	ExtrasEmpty
	ExtrasNull
)

// ECGridMailbox is what mailbox IDs mean in a list.
type ECGridMailbox int

// The meanings of an omitted mailboxId, and of numbers that belong to no mailbox.
const (
	MailboxAll     ECGridMailbox = iota // omitted is all; any number is that mailbox
	MailboxRoot                         // omitted is the root mailbox, 0; -1 is all
	MailboxZeroAll                      // omitted and 0 are all
)

// ECGridTerminate is what a first DELETE of an open user answers and does.
type ECGridTerminate int

// The answers to a first DELETE.
const (
	TerminateTrue      ECGridTerminate = iota // data true, and done
	TerminateFalse                            // data false, and not done
	TerminateFalseDone                        // data false, and done
)

// ECGrid is the ECGrid REST API, https://api.ecgridos.io/docs/rest-api/overview. The zero value of
// each switch is the answer that we assume. Set switches before use or through Set.
type ECGrid struct {
	Roster[int64, ECGridUser]

	Me int64 // the user that owns the key: its level is the key's level, and the key ends with it

	TerminatedNotFound bool           // the read of a terminated user answers 404, not 200 with the status
	Again              ECGridAgain    // the answer to a second DELETE
	LoginName          bool           // the field of the login is loginName
	NoStatus           bool           // users have lockoutStatus and no status
	NoPlace            bool           // users have neither networkId nor mailboxId
	Extras             ECGridExtras   // errorCode and message in a success
	Errors200          bool           // an error is only in the envelope, with HTTP 200
	Hidden             map[int64]bool // users that exist and are not visible to the key
	PageCap            int            // the largest page; 0 is 100
	FilterRequired     bool           // a list without network, mailbox, level or status is refused
	HideTerminated     bool           // a list without a status leaves terminated users out
	SlowTerminate      int            // this many reads still see a terminated user as it was
	RateLimit          int            // requests a second; 0 is no limit
	NoRetryAfter       bool           // a 429 has no Retry-After

	Unread        []string        // parameters of the list that are not read: mailboxId, authLevel, status, pageNo
	Mailbox       ECGridMailbox   // what an omitted mailboxId means in the list
	EnumNumbers   bool            // enums are numbers, counted from 0 in the documented order
	StatusDropped bool            // a terminated user has no status
	MoreFields    bool            // users have the further fields of the vendor's other documents
	Reversed      bool            // lists begin with the highest ID
	Terminate     ECGridTerminate // what a first DELETE answers and does
	AnyLevel      bool            // terminating needs no level
	SelfRefused   bool            // the key cannot terminate its own user

	key    string
	second window
	table
}

func newECGrid(c *clock, key string) *ECGrid {
	e := &ECGrid{key: key, Me: 7}
	e.Roster = newRoster(c, &rules[int64, ECGridUser]{
		vendor: e.name(),
		check:  checkECGridUser,
		id:     func(u *ECGridUser) int64 { return u.ID },
		order:  func(a, b *ECGridUser) int { return cmp.Compare(a.ID, b.ID) },
		clone:  func(u *ECGridUser) ECGridUser { return *u },
		setDefaults: func(u *ECGridUser) {
			u.Login = cmp.Or(u.Login, u.Email)
			u.AuthLevel = cmp.Or(u.AuthLevel, "MailboxUser")
			u.Status = cmp.Or(u.Status, "Active")
			u.NetworkID = cmp.Or(u.NetworkID, 12)
		},
		isClosed:   func(u *ECGridUser) bool { return u.Status == ecgridTerminated },
		close:      func(u *ECGridUser) { u.Status = ecgridTerminated },
		tombstones: true,
		texts:      func(u *ECGridUser) texts { return texts{&u.Name, &u.Email, []*string{&u.Login}} },
		isOwn:      func(id int64) bool { return id == e.Me },
	})
	e.routes = e.documented()
	e.add(&ECGridUser{
		ID: e.Me, Name: "Service Offboard", Email: "svc-offboard@acme.test", Login: "svc-offboard", AuthLevel: "NetworkAdmin",
	})
	return e
}

// documented returns the documented routes that the mock answers.
func (e *ECGrid) documented() []route {
	return []route{
		{http.MethodGet, ecgridVersion, Related, e.version},
		{http.MethodPost, "/auth/session", Own, e.session},
		{http.MethodGet, "/users/me", Own, e.me},
		{http.MethodPost, "/users/list", List, e.listUsers},
		{http.MethodPost, "/users/by-name", Find, e.byName},
		{http.MethodPost, "/users/role", Change, e.role},
		{http.MethodPost, "/users/reset/{id}", Change, e.reset},
		{http.MethodPut, "/users", Change, e.update},
		{http.MethodGet, "/users/{id}", Read, e.one},
		{http.MethodDelete, "/users/{id}", Close, e.terminate},
	}
}

// ecgridVersion is the only route that needs no key.
const ecgridVersion = "/auth/version"

// Set changes switches while the server is in use.
func (e *ECGrid) Set(f func(*ECGrid)) {
	e.clock.Lock()
	defer e.clock.Unlock()
	f(e)
}

func (e *ECGrid) name() string   { return "ecgrid" }
func (e *ECGrid) prefix() string { return "/ecgrid/v2" }

// answer implements vendor.
func (e *ECGrid) answer(rt *route, c *call, allow []string) answer {
	a := e.answerGuarded(rt, c, allow)
	if e.Errors200 && a.status >= http.StatusBadRequest {
		a.status = http.StatusOK
	}
	return a
}

// answerGuarded checks the rate limit and the key before it answers a call.
func (e *ECGrid) answerGuarded(rt *route, c *call, allow []string) answer {
	if e.RateLimit > 0 && !e.second.allow(c.now, e.RateLimit, time.Second) {
		a := ecgridError(http.StatusTooManyRequests, "RateLimitExceeded", "Too many requests.")
		if !e.NoRetryAfter {
			a.header.Set("Retry-After", strconv.Itoa(wholeSeconds(e.second.ends.Sub(c.now))))
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
	case rt.pattern != ecgridVersion && e.caller(c) == nil:
		return e.unauthorized(c)
	}
	return rt.handle(c)
}

// success returns the vendor's envelope around data.
func (e *ECGrid) success(data any) answer {
	envelope := map[string]any{"success": true, "data": data}
	switch e.Extras {
	case ExtrasEmpty:
		envelope["errorCode"], envelope["message"] = "", ""
	case ExtrasNull:
		envelope["errorCode"], envelope["message"] = nil, nil
	case ExtrasAbsent:
	}
	return jsonAnswer(http.StatusOK, envelope)
}

// ecgridError returns the vendor's envelope around an error,
// https://api.ecgridos.io/docs/appendix/error-codes.
func ecgridError(status int, code, message string) answer {
	return jsonAnswer(status, map[string]any{"success": false, "errorCode": code, "message": message, "data": nil})
}

func ecgridInvalid(what string) answer {
	return ecgridError(http.StatusBadRequest, "InvalidParameter", what)
}

// ecgridBadID answers an ID that is not a number.
func ecgridBadID() answer { return ecgridInvalid("The user id must be an integer.") }

func ecgridNotFound(id int64) answer {
	return ecgridError(http.StatusNotFound, "ObjectNotFound", fmt.Sprintf("No user %d is visible to this key.", id))
}

// absence implements vendor.
func (e *ECGrid) absence(status int, text string) answer {
	return ecgridError(status, "ObjectNotFound", cmp.Or(text, "No such user is visible to this key."))
}
