package mock

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

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
		return ecgridBadID()
	}
	if _, ok := e.open(id); !ok || e.Hidden[id] {
		return ecgridNotFound(id)
	}
	maps.DeleteFunc(e.sessions, func(_ string, login ecgridLogin) bool { return login.user == id })
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
