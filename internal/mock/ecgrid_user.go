package mock

import (
	"cmp"
	"net/http"
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
	size = c.lists.size(min(size, cmp.Or(e.PageCap, 100)))
	start, end, _ := c.lists.window(len(users), (page-1)*size, size)
	return e.success(e.showAll(users[start:end]))
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
