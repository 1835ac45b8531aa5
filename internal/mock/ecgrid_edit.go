package mock

import (
	"net/http"
	"slices"
	"strings"
)

// rank returns the place of a level. The highest level has rank 0, and unknown levels come last.
func rank(level string) int {
	if i := enumIndex(ecgridLevels, level); i >= 0 {
		return i
	}
	return len(ecgridLevels)
}

// enumIndex returns the place of a value in an enum, in any letter case, or -1.
func enumIndex(enum []string, value string) int {
	return slices.IndexFunc(enum, func(known string) bool { return strings.EqualFold(known, value) })
}

// ecgridFields is the body of the calls that change a user.
type ecgridFields struct {
	UserID    int64   `json:"userId"`
	Email     *string `json:"email"`
	FirstName *string `json:"firstName"`
	LastName  *string `json:"lastName"`
	NetworkID *int64  `json:"networkId"`
	MailboxID *int64  `json:"mailboxId"`
	AuthLevel string  `json:"authLevel"`
}

// edit reads the body of a call, and finds the user that it names. If one of the two fails, edit
// returns the answer that says so.
func (e *ECGrid) edit(c *call, change func(u *ECGridUser, f *ecgridFields) answer) answer {
	var f ecgridFields
	if err := c.decode(&f); err != nil {
		return ecgridInvalid(err.Error())
	}
	u, ok := e.openForChange(f.UserID)
	if !ok || e.Hidden[f.UserID] {
		return ecgridNotFound(f.UserID)
	}
	return change(u, &f)
}

// update is https://api.ecgridos.io/docs/rest-api/users/update-user, which has neither level,
// network nor status.
func (e *ECGrid) update(c *call) answer {
	return e.edit(c, func(u *ECGridUser, f *ecgridFields) answer {
		first, last, _ := strings.Cut(u.Name, " ")
		setIfGiven(&u.Email, f.Email)
		setIfGiven(&first, f.FirstName)
		setIfGiven(&last, f.LastName)
		u.Name = strings.TrimSpace(first + " " + last)
		return e.success(e.encode(u))
	})
}

// role is https://api.ecgridos.io/docs/rest-api/users/set-role. A caller cannot grant a level above
// its own.
func (e *ECGrid) role(c *call) answer {
	caller := e.caller(c).AuthLevel
	return e.edit(c, func(u *ECGridUser, f *ecgridFields) answer {
		switch {
		case f.AuthLevel == "NoChange":
		case enumIndex(ecgridLevels, f.AuthLevel) < 0:
			return ecgridInvalid("authLevel is missing or has an unknown value.")
		case rank(f.AuthLevel) < rank(caller):
			return ecgridError(http.StatusForbidden, "AccessDenied", "The level is above the caller's own.")
		default:
			u.AuthLevel = f.AuthLevel
		}
		setIfGiven(&u.NetworkID, f.NetworkID)
		setIfGiven(&u.MailboxID, f.MailboxID)
		return e.success(e.encode(u))
	})
}

// setIfGiven writes a value that a body has into a field.
func setIfGiven[T any](field, given *T) {
	if given != nil {
		*field = *given
	}
}

// reset is https://api.ecgridos.io/docs/rest-api/users/reset-sessions. The mock makes no sessions.
func (e *ECGrid) reset(c *call) answer {
	id, err := c.numericID()
	if err != nil {
		return ecgridBadID()
	}
	if _, ok := e.openUser(id); !ok || e.Hidden[id] {
		return ecgridNotFound(id)
	}
	return e.success(true)
}
