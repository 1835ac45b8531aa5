package mock

import (
	"cmp"
	"errors"
	"strings"
)

// The documented enums, https://api.ecgridos.io/docs/appendix/enums. The levels begin with the
// highest.
var (
	ecgridLevels = []string{
		"Root", "TechOps", "NetOps", "NetworkAdmin", "NetworkUser", "MailboxAdmin", "MailboxUser", "TPUser", "General",
	}
	ecgridStatuses = []string{"Development", "Active", "Preproduction", "Suspended", ecgridTerminated}
)

// ECGridUser is a user of an ECGrid network, as in the seed file.
type ECGridUser struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"` // the first word is the first name
	Email     string `json:"email"`
	Login     string `json:"login"`      // the email when unset
	AuthLevel string `json:"auth_level"` // "MailboxUser" when unset
	Status    string `json:"status"`     // "Active" when unset; "Terminated" is a closed user
	NetworkID int64  `json:"network_id"` // 12, the network of the key's owner, when unset
	MailboxID int64  `json:"mailbox_id"`
}

// checkECGridUser returns what is wrong with a user of a seed file.
func checkECGridUser(u *ECGridUser) error {
	if u.ID <= 0 {
		return errors.New(`field "id" must be a positive whole number`)
	}
	return cmp.Or(required("name", u.Name),
		oneOf("auth_level", u.AuthLevel, ecgridLevels...), oneOf("status", u.Status, ecgridStatuses...))
}

// invent implements vendor.
func (e *ECGrid) invent(i int, name, email string) {
	first, last, _ := strings.Cut(strings.ToLower(name), " ")
	e.addUnlessTaken(&ECGridUser{
		ID: int64(30401 + i), Name: name, Email: email,
		Login:     first[:1] + "." + strings.ReplaceAll(last, " ", "."),
		AuthLevel: pickFrom(i, "MailboxUser", "MailboxUser", "NetworkUser", "MailboxAdmin"),
		Status:    pickFrom(i, "Active", "Active", "Active", "Active", "Active", "Suspended"),
		MailboxID: int64(880 + i%3),
	})
}
