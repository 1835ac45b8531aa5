package ecgrid

import (
	"net/http"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

func judgeUnknown(t *contract.Transcript) contract.Judgment {
	x := t.Last(askUnknown)
	switch {
	case x == nil:
		return contract.NotAsked()
	case x.Status == http.StatusNotFound && isCode(x, "ObjectNotFound"):
		return contract.Holds(says(x))
	case x.OK() && isCode(x, "ObjectNotFound"):
		return contract.IsContrary("Errors200 = true", says(x))
	}
	return contract.IsNew(says(x))
}

func isCode(x *contract.Exchange, code string) bool {
	return strings.EqualFold(contract.Text(x.Body, "errorCode"), code)
}

func judgeBadKey(t *contract.Transcript) contract.Judgment {
	x := t.Last(askBadKey)
	switch {
	case x == nil:
		return contract.NotAsked()
	case isCode(x, "InvalidAPIKey") && (x.Status == http.StatusUnauthorized || x.OK()):
		return contract.Holds(says(x)) // errors with HTTP 200 are a fact of their own
	}
	return contract.IsNew(says(x))
}

func judgeExtras(t *contract.Transcript) contract.Judgment {
	x := t.Last(askMe)
	if !x.OK() {
		return contract.NotAsked()
	}
	code, has := contract.At(x.Body, "errorCode")
	switch {
	case !has && !x.Has("message"):
		return contract.Holds("neither field is there")
	case has && code == nil:
		return contract.IsContrary("Extras = ExtrasNull", "errorCode is null")
	case has && code == "":
		return contract.IsContrary("Extras = ExtrasEmpty", "errorCode is an empty text")
	}
	return contract.IsNew("errorCode is " + contract.Kind(code))
}

func judgeLogin(t *contract.Transcript) contract.Judgment {
	me, ok := own(t)
	_, login := contract.At(me, "login")
	_, loginName := contract.At(me, "loginName")
	switch {
	case !ok:
		return contract.NotAsked()
	case login && !loginName:
		return contract.Holds("the field is login")
	case loginName && !login:
		return contract.IsContrary("LoginName = true", "the field is loginName")
	case login:
		return contract.IsNew("both login and loginName are there")
	}
	return contract.IsNew("neither login nor loginName is there")
}

func judgeStatusField(t *contract.Transcript) contract.Judgment {
	me, ok := own(t)
	_, status := contract.At(me, "status")
	_, lockout := contract.At(me, "lockoutStatus")
	switch {
	case !ok:
		return contract.NotAsked()
	case status:
		return contract.Holds("the field status is there")
	case lockout:
		return contract.IsContrary("NoStatus = true", "there is lockoutStatus and no status")
	}
	return contract.IsContrary("NoStatus = true", "there is no status")
}

// The documented values of the two enums.
// https://api.ecgridos.io/docs/appendix/enums
var (
	levels = []string{
		"Root", "TechOps", "NetOps", "NetworkAdmin", "NetworkUser", "MailboxAdmin", "MailboxUser", "TPUser", "General",
	}
	statuses = []string{"Development", "Active", "Preproduction", "Suspended", "Terminated"}
)

func judgeEnums(t *contract.Transcript) contract.Judgment {
	me, ok := own(t)
	if _, has := contract.At(me, "authLevel"); !ok || !has {
		return contract.NotAsked()
	}
	var all []contract.Judgment
	for _, user := range append([]any{me}, t.Last(askList).Rows("data")...) {
		level, _ := contract.At(user, "authLevel")
		status, hasStatus := contract.At(user, "status")
		all = append(all, judgeEnum("authLevel", level, levels))
		if hasStatus {
			all = append(all, judgeEnum("status", status, statuses))
		}
	}
	return contract.Worst(all...)
}

func judgeEnum(field string, v any, documented []string) contract.Judgment {
	word := contract.Word(v, documented)
	switch {
	case contract.Kind(v) == "a number":
		return contract.IsContrary("EnumNumbers = true", field+" is a number")
	case strings.HasPrefix(word, `"`):
		return contract.Holds("all are documented words")
	}
	return contract.IsNew(field + " is " + word)
}

// documentedFields are the fields of a user on the page of the call, with both names of the login and
// of the status. moreFields are on other pages only.
var (
	documentedFields = []string{
		"userId", "login", "loginName", "email", "firstName", "lastName", "networkId", "mailboxId", "authLevel",
		"status", "lockoutStatus", "created",
	}
	moreFields = []string{
		"company", "phone", "timeZoneOffset", "openSessions", "timeOut", "lastLogin", "modified",
	}
)

func judgeFields(t *contract.Transcript) contract.Judgment {
	me, ok := own(t)
	if !ok {
		return contract.NotAsked()
	}
	if unknown := contract.Further(me, append(moreFields, documentedFields...)...); len(unknown) > 0 {
		return contract.IsNew("further fields: " + strings.Join(unknown, ", "))
	}
	if more := contract.Further(me, documentedFields...); len(more) > 0 {
		return contract.IsContrary("MoreFields = true", "fields of other pages: "+strings.Join(more, ", "))
	}
	return contract.Holds("no further field")
}

func judgeTerminate(t *contract.Transcript) contract.Judgment {
	var all []contract.Judgment
	for _, x := range terminations(t) {
		all = append(all, judgeTermination(t, x))
	}
	return contract.Worst(all...)
}

// judgeTermination judges the answer to a first termination.
func judgeTermination(t *contract.Transcript, x *contract.Exchange) contract.Judgment {
	data, _ := contract.At(x.Body, "data")
	done := t.After(x, func(y *contract.Exchange) bool {
		return isRead(y, x.User) && contract.Text(y.Body, "data", "status") == "Terminated"
	})
	switch refused := x.OK() && data == false; {
	case x.OK() && data == true:
		return contract.Holds(says(x))
	case refused && len(done) > 0:
		return contract.IsContrary("Terminate = TerminateFalseDone", says(x)+"; a later read shows Terminated")
	case refused:
		return contract.IsContrary("Terminate = TerminateFalse", says(x)+"; no read shows Terminated")
	case isCode(x, "AccessDenied"):
		return contract.Open(says(x))
	}
	return contract.IsNew(says(x))
}

func judgeLevel(t *contract.Transcript) contract.Judgment {
	me, ok := own(t)
	first := terminations(t)
	level := contract.Text(me, "authLevel")
	rank := -1
	for i, known := range levels {
		if strings.EqualFold(known, level) {
			rank = i
		}
	}
	switch {
	case !ok || len(first) == 0 || rank < 0:
		return contract.NotAsked()
	case rank <= 3:
		return contract.Open("the own user has the level NetworkAdmin or a higher one")
	case first[0].OK() && !isCode(first[0], "AccessDenied"):
		return contract.IsContrary("AnyLevel = true", "accepted with a lower level: "+says(first[0]))
	}
	return contract.Holds("refused with a lower level: " + says(first[0]))
}

func judgeAtOnce(t *contract.Transcript) contract.Judgment {
	var all []contract.Judgment
	for _, x := range terminations(t) {
		reads := t.After(x, func(y *contract.Exchange) bool { return y.Label == x.Label && isRead(y, x.User) })
		data, _ := contract.At(x.Body, "data")
		switch asBefore := slices.ContainsFunc(reads, showsOpen); {
		case !x.OK() || data != true || len(reads) == 0:
		case asBefore:
			all = append(all, contract.IsContrary("SlowTerminate = 2", "a read after it still shows the user as before"))
		default:
			all = append(all, contract.Holds("no read after it shows the user as before"))
		}
	}
	return contract.Worst(all...)
}

// showsOpen reports whether an answer shows a documented status other than Terminated.
func showsOpen(x *contract.Exchange) bool {
	return x.OK() && slices.Contains(statuses[:len(statuses)-1], contract.Text(x.Body, "data", "status"))
}

func judgeReadable(t *contract.Transcript) contract.Judgment {
	return t.Each(askClosed, func(x *contract.Exchange) contract.Judgment {
		switch {
		case isCode(x, "ObjectNotFound"):
			return contract.IsContrary("TerminatedNotFound = true", says(x))
		case x.OK() && x.Has("data", "userId"):
			return contract.Holds("HTTP 200 with the user")
		}
		return contract.IsNew(says(x))
	})
}

func judgeDropped(t *contract.Transcript) contract.Judgment {
	me, _ := own(t)
	_, usual := contract.At(me, "status")
	return t.Each(askClosed, func(x *contract.Exchange) contract.Judgment {
		status, has := contract.At(x.Body, "data", "status")
		switch {
		case !x.OK() || !x.Has("data", "userId"):
			return contract.Open("the user cannot be read")
		case !usual:
			return contract.Open("no user has a status")
		case !has:
			return contract.IsContrary("StatusDropped = true", "the user has no status any more")
		case contract.Kind(status) == "a number":
			return contract.Open("the status is a number")
		case strings.EqualFold(contract.Text(status), "Terminated"):
			return contract.Holds(`the status is "Terminated"`)
		}
		return contract.IsNew("the status is " + contract.Word(status, statuses))
	})
}

func judgeAgain(t *contract.Transcript) contract.Judgment {
	return t.Each(askAgain, func(x *contract.Exchange) contract.Judgment {
		data, _ := contract.At(x.Body, "data")
		switch {
		case isCode(x, "ObjectNotFound"):
			return contract.Holds(says(x))
		case isCode(x, "InvalidParameter"):
			return contract.IsContrary("Again = AgainInvalid", says(x))
		case x.OK() && data == false:
			return contract.IsContrary("Again = AgainFalse", says(x))
		case x.OK() && data == true:
			return contract.IsContrary("Again = AgainTrue", says(x))
		}
		return contract.IsNew(says(x))
	})
}
