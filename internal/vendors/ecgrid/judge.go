package ecgrid

import (
	"net/http"
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

// isNotFound reports whether an answer says that there is no such user, as notFound does.
func isNotFound(x *contract.Exchange) bool {
	return isCode(x, "ObjectNotFound") && (x.OK() || x.Status == http.StatusNotFound || x.Status == http.StatusGone)
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
		return contract.Holds("the answer about the own user has neither field")
	case has && code == nil:
		return contract.IsContrary("Extras = ExtrasNull", "errorCode is null")
	case has && code == "":
		return contract.IsContrary("Extras = ExtrasEmpty", "errorCode is an empty string")
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

func judgePlace(t *contract.Transcript) contract.Judgment {
	me, ok := own(t)
	_, network := contract.At(me, "networkId")
	_, mailbox := contract.At(me, "mailboxId")
	switch {
	case !ok:
		return contract.NotAsked()
	case network && mailbox:
		return contract.Holds("both fields are there")
	case !network && !mailbox:
		return contract.IsContrary("NoPlace = true", "neither field is there")
	}
	return contract.IsNew("one of the two fields is there")
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
	anyStatus := false
	for _, user := range append([]any{me}, t.Last(askList).Rows("data")...) {
		level, _ := contract.At(user, "authLevel")
		status, hasStatus := contract.At(user, "status")
		all = append(all, judgeEnum("authLevel", level, levels))
		if hasStatus {
			anyStatus = true
			all = append(all, judgeEnum("status", status, statuses))
		}
	}
	if worst := contract.Worst(all...); anyStatus || worst.Verdict == contract.Contrary {
		return worst
	}
	return contract.Open("no status came")
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
	return contract.Holds("the own user has no further field")
}
