package mock

import (
	"cmp"
	"slices"
	"strings"
)

// ecgridFilter is the body of the list.
type ecgridFilter struct {
	NetworkID      *int64 `json:"networkId"`
	MailboxID      *int64 `json:"mailboxId"`
	AuthLevel      string `json:"authLevel"`
	Status         string `json:"status"`
	PageNo         *int   `json:"pageNo"`
	RecordsPerPage *int   `json:"recordsPerPage"`
}

// listUsers is https://api.ecgridos.io/docs/rest-api/users/list-users: a bare array without a
// total, which is empty after the last page. The network 0 is the default one,
// https://api.ecgridos.io/docs/common-operations/manage-users-permissions.
func (e *ECGrid) listUsers(c *call) answer {
	c.dropParams(e.Unread)
	var f ecgridFilter
	if len(c.body) > 0 {
		if err := c.decode(&f); err != nil {
			return ecgridInvalid(err.Error())
		}
	}
	page, size := 1, ecgridPage
	setIfGiven(&page, f.PageNo)
	setIfGiven(&size, f.RecordsPerPage)
	if problem := e.problemOf(&f, page, size); problem != "" {
		return ecgridInvalid(problem)
	}
	if f.NetworkID != nil && *f.NetworkID == 0 { // the default network is the caller's
		f.NetworkID = &e.caller(c).NetworkID
	}
	users := e.list(func(rec *record[ECGridUser]) bool { return e.isListed(&f, &rec.user) })
	if e.Reversed {
		slices.Reverse(users)
	}
	size = c.lists.size(min(size, cmp.Or(e.PageCap, 100)))
	start, end, _ := c.lists.window(len(users), (page-1)*size, size)
	return e.success(e.encodeAll(users[start:end]))
}

// problemOf returns what is wrong with a filter, or "".
func (e *ECGrid) problemOf(f *ecgridFilter, page, size int) string {
	switch {
	case page < 1 || size < 1:
		return "pageNo and recordsPerPage count from 1."
	case f.AuthLevel != "" && enumIndex(ecgridLevels, f.AuthLevel) < 0:
		return "authLevel has an unknown value."
	case f.Status != "" && enumIndex(ecgridStatuses, f.Status) < 0:
		return "status has an unknown value."
	case e.FilterRequired && f.NetworkID == nil && f.MailboxID == nil && f.AuthLevel == "" && f.Status == "":
		return "At least one filter is needed."
	}
	return ""
}

// isListed reports whether the list has a user under a filter.
func (e *ECGrid) isListed(f *ecgridFilter, u *ECGridUser) bool {
	return !e.Hidden[u.ID] &&
		(f.NetworkID == nil || *f.NetworkID == u.NetworkID) &&
		e.inMailbox(f.MailboxID, u) &&
		(f.AuthLevel == "" || strings.EqualFold(f.AuthLevel, u.AuthLevel)) &&
		(f.Status == "" || strings.EqualFold(f.Status, u.Status)) &&
		(f.Status != "" || !e.HideTerminated || u.Status != ecgridTerminated)
}

// inMailbox reports whether a user is in the mailbox that a filter names or leaves out.
func (e *ECGrid) inMailbox(wanted *int64, u *ECGridUser) bool {
	switch {
	case wanted == nil:
		return e.Mailbox != MailboxRoot || u.MailboxID == 0
	case *wanted == -1 && e.Mailbox == MailboxRoot, *wanted == 0 && e.Mailbox == MailboxZeroAll:
		return true
	}
	return *wanted == u.MailboxID
}

// byName is https://api.ecgridos.io/docs/rest-api/users/get-by-name. It answers an array, because
// networks may have the same login.
func (e *ECGrid) byName(c *call) answer {
	var body struct{ Login string }
	if err := c.decode(&body); err != nil || body.Login == "" {
		return ecgridInvalid("login is required.")
	}
	return e.success(e.encodeAll(e.list(func(rec *record[ECGridUser]) bool {
		return strings.EqualFold(rec.user.Login, body.Login) && !e.Hidden[rec.user.ID] &&
			(!rec.closed || !e.HideTerminated)
	})))
}
