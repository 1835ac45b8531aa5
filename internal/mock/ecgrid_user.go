package mock

import (
	"net/http"
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
	NetworkID     *int64  `json:"networkId,omitempty"`
	MailboxID     *int64  `json:"mailboxId,omitempty"`
	AuthLevel     any     `json:"authLevel"`
	Status        any     `json:"status,omitempty"`
	LockoutStatus *bool   `json:"lockoutStatus,omitempty"`
	Created       string  `json:"created"`
	ecgridMore
}

// ecgridMore has the fields that only some of the vendor's documents have.
type ecgridMore struct {
	Company        string `json:"company,omitempty"`
	Phone          string `json:"phone,omitempty"`
	TimeZoneOffset int    `json:"timeZoneOffset,omitempty"`
	OpenSessions   *int   `json:"openSessions,omitempty"`
	TimeOut        int    `json:"timeOut,omitempty"`
	LastLogin      string `json:"lastLogin,omitempty"`
	Modified       string `json:"modified,omitempty"`
}

// encode returns a user as the API writes it.
func (e *ECGrid) encode(u *ECGridUser) ecgridJSON {
	first, last, _ := strings.Cut(u.Name, " ")
	j := ecgridJSON{
		UserID: u.ID, Email: u.Email, FirstName: first, LastName: last,
		AuthLevel: e.enum(ecgridLevels, u.AuthLevel), Created: ecgridCreated,
	}
	if !e.NoPlace {
		j.NetworkID, j.MailboxID = &u.NetworkID, &u.MailboxID
	}
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
		j.ecgridMore = ecgridMore{
			Company: "Example Freight", Phone: "555-0100", TimeZoneOffset: -5, OpenSessions: new(int),
			TimeOut: 3600, LastLogin: ecgridCreated, Modified: ecgridCreated,
		}
	}
	return j
}

// enum returns the value of an enum as the API writes it. An unknown value stays a word.
func (e *ECGrid) enum(values []string, value string) any {
	if i := enumIndex(values, value); i >= 0 && e.EnumNumbers {
		return i
	}
	return value
}

func (e *ECGrid) encodeAll(users []ECGridUser) []ecgridJSON {
	rows := []ecgridJSON{}
	for _, u := range users {
		rows = append(rows, e.encode(&u))
	}
	return rows
}

// me is https://api.ecgridos.io/docs/rest-api/users/get-me.
func (e *ECGrid) me(c *call) answer {
	return e.success(e.encode(e.caller(c)))
}

// one is https://api.ecgridos.io/docs/rest-api/users/get-user.
func (e *ECGrid) one(c *call) answer {
	id, err := c.numericID()
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
	return e.success(e.encode(u))
}

// terminate is https://api.ecgridos.io/docs/rest-api/users/terminate-user. The page names no level.
// NetworkAdmin is the level of the other calls that change another user.
func (e *ECGrid) terminate(c *call) answer {
	id, err := c.numericID()
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
		e.close(id, e.SlowTerminate)
	}
	return e.success(e.Terminate == TerminateTrue)
}

// terminateAgain answers a DELETE of a terminated user.
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
