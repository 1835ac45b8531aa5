package skillabletms

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// The commands that the definition uses.
const (
	commandGet    = "GetUser"
	commandFind   = "GetUserByEmail"
	commandUpdate = "UpdateUser"
	commandClose  = "CloseUserAccountById"
)

// The documented values of Status.
const (
	statusOK       = "0"
	statusFailed   = "10"
	statusNotFound = "20"
	statusBadKey   = "30"
)

// is reports whether an answer is one to a command. An ID may follow its name.
func is(x *contract.Exchange, command string) bool {
	return x.Label != contract.WrongKey && (path.Base(x.Path) == command || path.Base(path.Dir(x.Path)) == command)
}

// status is the Status of an answer; empty for none.
func status(x *contract.Exchange) string { return contract.Text(x.Body, "Status") }

// says describes an answer by its status and its rows. Anything else than a short number may be a value
// of a person.
func says(x *contract.Exchange) string {
	seen := []string{x.Describe()}
	for _, field := range []string{"Status", "RowsAffected"} {
		switch n, err := strconv.ParseUint(contract.Text(x.Body, field), 10, 16); {
		case err == nil:
			seen = append(seen, fmt.Sprintf("%s %d", field, n))
		case x.Has(field):
			seen = append(seen, field+" is no number")
		}
	}
	return strings.Join(seen, ", ")

}

// objects returns the answers of the vendor: JSON objects with HTTP 200. With any other HTTP status a
// gateway may have answered.
func objects(t *contract.Transcript) []*contract.Exchange {
	return t.All(func(x *contract.Exchange) bool {
		_, ok := x.Body.(map[string]any)
		return ok && x.Status == http.StatusOK && x.Label != contract.WrongKey
	})
}

func judgeStatus(t *contract.Transcript) contract.Judgment {
	return each(objects(t), "each answer has a Status", func(x *contract.Exchange) contract.Judgment {
		if !x.Has("Status") {
			return contract.IsContrary("NoStatus = true", "an object without Status")
		}
		return contract.Holds("")
	})
}

// each judges answers, and returns the judgment that says most. If all hold, it says so with a number.
func each(all []*contract.Exchange, seen string, judge func(*contract.Exchange) contract.Judgment) contract.Judgment {
	var judged []contract.Judgment
	for _, x := range all {
		judged = append(judged, judge(x))
	}
	worst := contract.Worst(judged...)
	if worst.Seen == "" {
		worst.Seen = fmt.Sprintf("%s: %d answers", seen, len(all))
	}
	return worst
}

// judgeCase judges the letter case of the field of the status. Both spellings must have come.
func judgeCase(t *contract.Transcript) contract.Judgment {
	seen := map[bool]bool{}
	for _, x := range objects(t) {
		if !x.Has("Status") {
			continue
		}
		_, capital := x.Body.(map[string]any)["Status"]
		if capital == is(x, commandUpdate) {
			return contract.IsContrary("FlippedCase = true", "the other commands write status, or UpdateUser writes Status")
		}
		seen[capital] = true
	}
	if len(seen) < 2 {
		return contract.Open("not tried: no answer of UpdateUser came beside those of other commands")
	}
	return contract.Holds("UpdateUser writes status, and the others Status")
}

// judgeHTTP judges the HTTP status. An answer that is no JSON among others may be that of a gateway.
func judgeHTTP(t *contract.Transcript) contract.Judgment {
	all := t.All(func(x *contract.Exchange) bool { return x.Label != contract.WrongKey })
	pages, other := 0, ""
	for _, x := range all {
		switch {
		case !x.JSON:
			pages++
		case x.Status != http.StatusOK && x.Has("Status"):
			other = says(x)
		}
	}
	switch {
	case len(all) == 0:
		return contract.NotAsked()
	case pages == len(all):
		return contract.IsContrary(fmt.Sprintf("HTML = %d", all[0].Status), "no answer is JSON: "+all[0].Describe())
	case pages > 0:
		return contract.Open("an answer that is not JSON came, which may be that of a gateway")
	case other != "":
		return contract.IsNew(other)
	}
	return contract.Holds(fmt.Sprintf("%d answers are JSON with HTTP 200", len(all)))
}

func judgeErrorText(t *contract.Transcript) contract.Judgment {
	good := t.All(func(x *contract.Exchange) bool { return x.OK() && status(x) == statusOK })
	return each(good, "no success has a text in Error", func(x *contract.Exchange) contract.Judgment {
		if contract.Text(x.Body, "Error") != "" {
			return contract.IsContrary("ErrorOnSuccess = true", "a success has a text in Error")
		}
		return contract.Holds("")
	})
}

func judgeBadKey(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(contract.WrongKey); {
	case x == nil:
		return contract.NotAsked()
	case x.Status == http.StatusUnauthorized:
		return contract.IsContrary("BadKey = BadKeyUnauthorized", says(x))
	case x.Status == http.StatusForbidden && x.JSON:
		return contract.IsContrary("BadKey = BadKeyForbidden", says(x))
	case x.OK() && status(x) == statusBadKey:
		return contract.Holds(says(x))
	case x.OK() && status(x) != "":
		return contract.IsNew(says(x))
	default:
		return contract.Open("the answer to a wrong key is not one of the vendor: " + says(x))
	}
}

// judgeLists judges how a search without a result writes its list.
func judgeLists(t *contract.Transcript) contract.Judgment {
	empty := t.All(func(x *contract.Exchange) bool {
		return x.OK() && status(x) == statusOK && contract.Text(x.Body, "TotalCount") == "0"
	})
	if len(empty) == 0 {
		return contract.Open("not tried: no search came back without a result")
	}
	return each(empty, "an empty list", func(x *contract.Exchange) contract.Judgment {
		name := "Results"
		if is(x, "SearchSubscriptions") {
			name = "SearchSubscriptionsResults"
		}
		switch list, ok := contract.At(x.Body, name); {
		case !ok:
			return contract.IsContrary("Lists = TMSListsMissing", "no "+name)
		case list == nil:
			return contract.IsContrary("Lists = TMSListsNull", name+" null")
		}
		return contract.Holds("")
	})
}

// judgeEmailCase judges a search for a known address in another letter case.
func judgeEmailCase(t *contract.Transcript) contract.Judgment {
	return t.EachOf(ofUsers(t, contract.OtherCase), func(x *contract.Exchange) contract.Judgment {
		switch before := t.All(func(b *contract.Exchange) bool {
			return b.User == x.User && is(b, commandFind) && b.Label == contract.SameCase && status(b) == statusOK
		}); {
		case len(before) == 0:
			return contract.Open("not tried: the address as it is did not find the user")
		case status(x) == statusOK:
			return contract.Holds("found: " + says(x))
		case status(x) == statusNotFound:
			return contract.IsContrary("EmailExact = true", says(x))
		default:
			return contract.Open(says(x))
		}
	})
}

// ofUsers returns the last answer of GetUserByEmail with a label about each sacrificial user.
func ofUsers(t *contract.Transcript, label string) []*contract.Exchange {
	return t.All(func(x *contract.Exchange) bool { return x.Label == label && is(x, commandFind) })
}

// accepted returns the first answer to a command about each sacrificial user that is a success.
func accepted(t *contract.Transcript, command string) (all []*contract.Exchange) {
	seen := map[string]bool{}
	return t.All(func(x *contract.Exchange) bool {
		first := is(x, command) && x.Change && x.OK() && status(x) == statusOK && !seen[x.User]
		seen[x.User] = seen[x.User] || first
		return first
	})
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
		calls := map[string]*contract.Exchange{}
		all := t.All(func(x *contract.Exchange) bool {
			first := is(x, commandClose) && x.Change && x.OK() && calls[x.User] == nil
			if first {
				calls[x.User] = x
			}
			return first
		})
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
