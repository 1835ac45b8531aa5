package mock

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

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
	AuthLevel     any     `json:"authLevel"`
	Status        any     `json:"status,omitempty"`
	LockoutStatus *bool   `json:"lockoutStatus,omitempty"`
	Created       string  `json:"created"`
	ecgridMore
}

// ecgridMore are the fields that only some of the vendor's documents have.
type ecgridMore struct {
	Company        string `json:"company,omitempty"`
	Phone          string `json:"phone,omitempty"`
	TimeZoneOffset int    `json:"timeZoneOffset,omitempty"`
	OpenSessions   *int   `json:"openSessions,omitempty"`
	TimeOut        int    `json:"timeOut,omitempty"`
	LastLogin      string `json:"lastLogin,omitempty"`
	Modified       string `json:"modified,omitempty"`
}

// show is a user as the API writes it.
func (e *ECGrid) show(u *ECGridUser) ecgridJSON {
	first, last, _ := strings.Cut(u.Name, " ")
	j := ecgridJSON{UserID: u.ID, Email: u.Email, FirstName: first, LastName: last, NetworkID: u.NetworkID,
		MailboxID: u.MailboxID, AuthLevel: e.enum(ecgridLevels, u.AuthLevel), Created: ecgridCreated}
	if e.LoginName {
		j.LoginName = &u.Login
	} else {
		j.Login = &u.Login
	}
	if e.NoStatus || e.MoreFields {
		j.LockoutStatus = new(bool)
	}
	if !e.NoStatus && (!e.StatusDropped || u.Status != ecgridTerminated) {
		j.Status = e.enum(ecgridStatuses, u.Status)
	}
	if e.MoreFields {
		j.ecgridMore = ecgridMore{Company: "Example Freight", Phone: "555-0100", TimeZoneOffset: -5, OpenSessions: new(int),
			TimeOut: 3600, LastLogin: ecgridCreated, Modified: ecgridCreated}
	}
	return j
}

// enum is the value of an enum as the API writes it; an unknown one stays a word.
func (e *ECGrid) enum(values []string, value string) any {
	if i := index(values, value); i >= 0 && e.EnumNumbers {
		return i
	}
	return value
}

// me is https://api.ecgridos.io/docs/rest-api/users/get-me.
func (e *ECGrid) me(c *call) answer {
	return e.success(e.show(e.caller(c)))
}

// one is https://api.ecgridos.io/docs/rest-api/users/get-user.
func (e *ECGrid) one(c *call) answer {
	id, err := strconv.ParseInt(c.params["id"], 10, 64)
	if err != nil {
		return ecgridBadID()
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

// ecgridBadID is the answer to an ID that is no number.
func ecgridBadID() answer { return ecgridInvalid("The user id must be an integer.") }

// terminate is https://api.ecgridos.io/docs/rest-api/users/terminate-user. That it
// needs NetworkAdmin is taken from the other calls that act on someone else.
func (e *ECGrid) terminate(c *call) answer {
	id, err := strconv.ParseInt(c.params["id"], 10, 64)
	switch {
	case err != nil:
		return ecgridBadID()
	case rank(e.caller(c).AuthLevel) > rank("NetworkAdmin") && !e.AnyLevel:
		return ecgridError(http.StatusForbidden, "AccessDenied", "NetworkAdmin or higher is needed.")
	case id == e.caller(c).ID && e.SelfRefused:
		return ecgridInvalid("You cannot terminate yourself.")
	}
	rec, ok := e.records[id]
	switch {
	case !ok || e.Hidden[id]:
		return ecgridNotFound(id)
	case rec.closed:
		return e.terminateAgain(id)
	}
	if e.Terminate != TerminateFalse {
		e.shut(id, e.SlowTerminate)
	}
	return e.success(e.Terminate == TerminateTrue)
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
	c.forget(e.Unread)
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
	if e.Reversed {
		slices.Reverse(users)
	}
	size = c.lists.size(min(size, cmp.Or(e.PageCap, 100)))
	start, end, _ := c.lists.window(len(users), (page-1)*size, size)
	return e.success(e.showAll(users[start:end]))
}

// listed tells whether the list shows a user under a filter.
func (e *ECGrid) listed(f ecgridFilter, u ECGridUser) bool {
	return !e.Hidden[u.ID] &&
		(f.NetworkID == nil || *f.NetworkID == u.NetworkID) &&
		e.inMailbox(f.MailboxID, u) &&
		(f.AuthLevel == "" || strings.EqualFold(f.AuthLevel, u.AuthLevel)) &&
		(f.Status == "" || strings.EqualFold(f.Status, u.Status)) &&
		(f.Status != "" || !e.HideTerminated || u.Status != ecgridTerminated)
}

// inMailbox reports whether a user is in the mailbox that a filter names or leaves out.
func (e *ECGrid) inMailbox(wanted *int64, u ECGridUser) bool {
	switch {
	case wanted == nil:
		return e.Mailbox != MailboxRoot || u.MailboxID == 0
	case *wanted == -1 && e.Mailbox == MailboxRoot, *wanted == 0 && e.Mailbox == MailboxZeroAll:
		return true
	}
	return *wanted == u.MailboxID
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
		return strings.EqualFold(rec.user.Login, body.Login) && !e.Hidden[rec.user.ID] &&
			(!rec.closed || !e.HideTerminated)
	})))
}
