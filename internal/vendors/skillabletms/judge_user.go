package skillabletms

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// first returns the first answer to a command about each sacrificial user for which a function holds.
func first(t *contract.Transcript, command string, holds func(*contract.Exchange) bool) []*contract.Exchange {
	seen := map[string]bool{}
	return t.All(func(x *contract.Exchange) bool {
		isFirst := is(x, command) && x.Change && x.OK() && !seen[x.User] && holds(x)
		seen[x.User] = seen[x.User] || isFirst
		return isFirst
	})
}

// accepted returns the first success of a command about each sacrificial user.
func accepted(t *contract.Transcript, command string) []*contract.Exchange {
	return first(t, command, func(x *contract.Exchange) bool { return status(x) == statusOK })
}

// readsAfter returns the reads of a user after an answer, until a command is sent.
func readsAfter(t *contract.Transcript, first *contract.Exchange, until string) []*contract.Exchange {
	stopped := false
	return t.After(first, func(x *contract.Exchange) bool {
		stopped = stopped || is(x, until)
		return !stopped && is(x, commandGet) && x.OK()
	})
}

// judgeDisabled judges the first reads after an update that disables, until the user is closed.
func judgeDisabled(judge func(reads, found []*contract.Exchange) contract.Judgment) contract.Judge {
	return func(t *contract.Transcript) contract.Judgment {
		return t.EachOf(accepted(t, commandUpdate), func(x *contract.Exchange) contract.Judgment {
			reads := readsAfter(t, x, commandClose)
			found := t.After(x, func(f *contract.Exchange) bool {
				return is(f, commandFind) && f.Label == contract.AtSuspended && f.OK()
			})
			if len(reads) == 0 {
				return contract.Open("not tried: no read came after the update")
			}
			return judge(reads, found)
		})
	}
}

func judgeDisables(reads, _ []*contract.Exchange) contract.Judgment {
	last := reads[len(reads)-1]
	switch disabled, ok := contract.At(last.Body, "User", "Disabled"); {
	case !ok:
		return contract.Open("the user could not be read after the update: " + says(last))
	case disabled == true:
		return contract.Holds("a read after the update shows the user as disabled")
	}
	return contract.IsContrary("DisableIgnored = true", "a read after the update shows the user as not disabled")
}

func judgeReadable(reads, found []*contract.Exchange) contract.Judgment {
	switch {
	case status(reads[0]) == statusNotFound:
		return contract.IsContrary("HideDisabled = TMSDisabledHidden", "a read: "+says(reads[0]))
	case len(found) == 0:
		return contract.Open("a read shows the user, and no search by address was tried")
	case status(found[0]) == statusNotFound:
		return contract.IsContrary("HideDisabled = TMSDisabledHiddenByEmail", "a search by address: "+says(found[0]))
	case status(found[0]) != statusOK || status(reads[0]) != statusOK:
		return contract.Open("the read or the search by address failed")
	}
	return contract.Holds("a read and a search by address show the user")
}

func judgeRows(t *contract.Transcript) contract.Judgment {
	return t.EachOf(accepted(t, commandClose), func(x *contract.Exchange) contract.Judgment {
		switch contract.Text(x.Body, "RowsAffected") {
		case "":
			return contract.IsNew(says(x) + ", without RowsAffected")
		case "0":
			return contract.IsContrary("NoRows = true", says(x))
		}
		return contract.Holds(says(x))
	})
}

// judgeClosed judges the reads after the first closure, beside what was shown before it.
func judgeClosed(
	judge func(shown func(*contract.Exchange) bool, reads []*contract.Exchange) contract.Judgment,
) contract.Judge {
	return func(t *contract.Transcript) contract.Judgment {
		return t.EachOf(accepted(t, commandClose), func(x *contract.Exchange) contract.Judgment {
			email := ""
			for _, before := range t.All(func(b *contract.Exchange) bool { return b.User == x.User && is(b, commandGet) }) {
				email = cmp.Or(email, contract.Text(before.Body, "User", "Email"))
			}
			reads := t.After(x, func(r *contract.Exchange) bool { return is(r, commandGet) && r.OK() })
			if len(reads) == 0 || email == "" {
				return contract.Open("not tried: the user was not read before and after the closure")
			}
			return judge(func(r *contract.Exchange) bool {
				return strings.EqualFold(contract.Text(r.Body, "User", "Email"), email)
			}, reads)
		})
	}
}

func judgeAtOnce(shown func(*contract.Exchange) bool, reads []*contract.Exchange) contract.Judgment {
	slow := 0
	for slow < len(reads) && shown(reads[slow]) {
		slow++
	}
	switch {
	case slow == len(reads):
		return contract.Open("not counted: each read after the closure shows the user as before")
	case slow > 0:
		return contract.IsContrary(fmt.Sprintf("SlowClose = %d", slow), fmt.Sprintf("%d reads show the user as before", slow))
	}
	return contract.Holds("the first read after the closure: " + says(reads[0]))
}

func judgeClosedRead(shown func(*contract.Exchange) bool, reads []*contract.Exchange) contract.Judgment {
	last := reads[len(reads)-1]
	user, _ := contract.At(last.Body, "User")
	switch {
	case status(last) == statusNotFound:
		return contract.Holds(says(last))
	case shown(last) || status(last) != statusOK:
		return contract.Open("no read shows the user as closed: " + says(last))
	case user == nil:
		return contract.IsContrary("Closed = TMSClosedNull", says(last)+", User null")
	}
	return contract.IsContrary("Closed = TMSClosedAnonymized", says(last)+", with another address")
}

func judgeAgain(t *contract.Transcript) contract.Judgment {
	return t.EachOf(accepted(t, commandClose), func(x *contract.Exchange) contract.Judgment {
		again := t.After(x, func(a *contract.Exchange) bool { return is(a, commandClose) && a.OK() })
		if len(again) == 0 {
			return t.NotTried()
		}
		rows := contract.Text(again[0].Body, "RowsAffected")
		switch said := status(again[0]); {
		case said == statusNotFound:
			return contract.Holds(says(again[0]))
		case said == statusFailed:
			return contract.IsContrary("Again = TMSAgainError", says(again[0]))
		case said == statusOK && rows == "0":
			return contract.IsContrary("Again = TMSAgainNoRows", says(again[0]))
		case said == statusOK && rows != "":
			return contract.IsContrary("Again = TMSAgainRows", says(again[0]))
		default:
			return contract.IsNew(says(again[0]))
		}
	})
}

// judgeObstacle judges whether a user of whom an answer showed an obstacle could be closed. If another
// obstacle may be why, nothing is decided.
func judgeObstacle(setting, what string) contract.Judge {
	return func(t *contract.Transcript) contract.Judgment {
		all := first(t, commandClose, func(*contract.Exchange) bool { return true })
		return t.EachOf(all, func(x *contract.Exchange) contract.Judgment {
			has := obstacles(t, x.User)
			switch {
			case !has[what]:
				return contract.Open("not tried: no test user had this")
			case status(x) == statusOK:
				return contract.Holds("a user who had this was closed: " + says(x))
			case status(x) == statusFailed && len(has) == 1:
				return contract.IsContrary(setting+" = true", says(x))
			}
			return contract.Open("the closure failed, and this may not be why: " + says(x))
		})
	}
}

// What may be in the way of a closure.
const (
	enrolled = "SearchClassEnrollments"
	inLab    = "SearchLabInstances"
	manages  = "ManagedOrganizations"
)

// obstacles returns what the answers about a user show that may be in the way of a closure.
func obstacles(t *contract.Transcript, user string) map[string]bool {
	has := map[string]bool{}
	for _, x := range t.All(func(x *contract.Exchange) bool { return x.User == user && x.OK() }) {
		for _, command := range []string{enrolled, inLab} {
			if total := contract.Text(x.Body, "TotalCount"); is(x, command) && total != "" && total != "0" {
				has[command] = true
			}
		}
		if len(x.Rows(manages)) > 0 {
			has[manages] = true
		}
	}
	return has
}
