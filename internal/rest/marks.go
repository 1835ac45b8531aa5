package rest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mark is what a field of an answer says of its request.
type mark int

const (
	markNone      mark = iota
	markNoFailure      // a status or code that says nothing, such as 0
	markSuccess
	markDeed       // a status that is what a call does, such as deleted
	markError      // an error, or a mark of success that says no
	markErrorField // something about an error, under a longer or another name
	markFailing    // something with a failure at the end of its name, which may be about an account
	markPerhaps    // something with a failure elsewhere in its name: failed_users, or error_rate
	markFailed     // a word or a number for a failure
	markUnclear    // a code that is none of success
	markStatus     // a status that is none of success, and more than a word
	markState      // a status that is another word
	markWords      // a message, which may be of either
	markUndone     // a deed that is false or zero
	markDenial     // a false in a field of any other name
	markOther      // any other value
)

// failures are the marks that say that a request failed.
var failures = []mark{
	markError, markErrorField, markFailing, markPerhaps, markFailed, markUnclear, markStatus, markState,
}

// marks are what the fields of an answer say of its request.
type marks map[mark]bool

func marksOf(fields map[string]any) marks {
	all := marks{}
	for _, m := range namedMarks(fields) {
		all[m] = true
	}
	return all
}

// namedMarks returns what each field says. Beside a code of an error that is zero, the words of an error
// say nothing: {"errcode":0,"errmsg":"deleted"}.
func namedMarks(fields map[string]any) map[string]mark {
	all, noError := map[string]mark{}, false
	for name, value := range fields {
		noError = noError || isErrorCode(plainName(name)) && isZero(written(value))
	}
	for name, value := range fields {
		all[name] = markOf(plainName(name), written(value))
		if noError && isErrorWords(plainName(name)) {
			all[name] = markNone
		}
	}
	return all
}

// failure reports whether a field says that the request failed.
func (m marks) failure() bool {
	return slices.ContainsFunc(failures, func(failed mark) bool { return m[failed] })
}

// explainFailure reports whether judged fields say what failed. Any other word or code that is judged is a
// success.
func (m marks) explainFailure() bool {
	return m[markError] || m[markErrorField] || m[markFailing] || m[markFailed]
}

// explainWords reports whether judged fields say how the request went, so that a message is only a message.
func (m marks) explainWords() bool {
	return slices.ContainsFunc([]mark{
		markSuccess, markNoFailure, markDeed, markUnclear, markStatus, markState,
	}, func(known mark) bool { return m[known] })
}

// onlyWords reports whether there is a message, and no mark of success.
func (m marks) onlyWords() bool { return m[markWords] && !m[markSuccess] && !m[markDeed] }

// IsMark reports whether the name of a field is that of a mark of success or of failure.
func IsMark(name string) bool {
	name = plainName(name)
	return isSuccess(name, "true") || isCode(name) || isOutcome(name) || markOfFailing(name) != markOther
}

func markOf(name, value string) mark {
	switch {
	case isSuccess(name, value):
		return markOfSuccess(value)
	case isCode(name), isOutcome(name) && isFailed(value) && (name != "state" || !isAway(value)):
		return markOfCode(name, value)
	case isWords(name) && !void(value):
		return markWords
	case isWords(name):
		return markNone
	case isDeed(name) && isUndone(value):
		return markUndone
	}
	return markOfOther(name, value)
}

// markOfOther returns what a field says that is of none of the other kinds.
func markOfOther(name, value string) mark {
	failing := markOfFailing(name)
	switch {
	case failing != markOther && saysNoError(value), void(value) && value != "false":
		return markNone
	case value == "false":
		return markDenial
	}
	return failing
}

// markOfSuccess returns what a mark of success says. A record may have such a field that is null.
func markOfSuccess(value string) mark {
	switch {
	case slices.Contains(yes, bareWord(value)):
		return markSuccess
	case value == "null":
		return markErrorField
	}
	return markError
}

// yes are the values of a success.
var yes = []string{"true", "1", "ok", "success"}

// errorNames are the names of something about an error, and longNames those at whose end it is.
var (
	errorNames = regexp.MustCompile(`^(err|error|errors|fail|failed|failure|failures|fault|exception)` +
		`(s|codes?|msg|messages?|string|description|details?|type|reasons?|summary|info|id|key|text|name|no)?$` +
		`|^errors?count$|^(has|is)(errors?|failed)$|^unsuccessful$`)
	longNames = regexp.MustCompile(`(errors?|failed|failures?|fault|exception|errcode|errmsg|errorcode|errormessage)$`)
)

// tries are parts of names in which a failure is one of the account: {"failed_logins":3}.
var tries = []string{"attempt", "auth", "login", "logon", "mfa", "password", "payment", "signin"}

// markOfFailing returns what a field says by its name, if its value says something; markOther for a name
// that is none of a failure.
func markOfFailing(name string) mark {
	name = strings.NewReplacer("default", "", "failover", "").Replace(name)
	isTry := slices.ContainsFunc(tries, func(try string) bool { return strings.Contains(name, try) })
	inName := slices.ContainsFunc([]string{"error", "fail", "fault", "exception"}, func(part string) bool {
		return strings.Contains(name, part)
	})
	switch {
	case name == "error" || name == "errors":
		return markError
	case errorNames.MatchString(name) && name != "faults" && name != "exceptions":
		return markErrorField
	case isTry:
		return markOther
	case longNames.MatchString(name):
		return markFailing
	case inName:
		return markPerhaps
	}
	return markOther
}

// saysNoError reports whether the value of a field about an error says that there is none.
func saysNoError(value string) bool {
	return slices.Contains([]string{"0", "false", "null", "ok", "success"}, bareWord(value))
}

// plainName returns the name of a field as the functions below compare it: status_code is statusCode.
func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// isSuccess reports whether a field is a mark of success. Under a longer name it may be a list.
func isSuccess(name, value string) bool {
	return name == "success" || name == "ok" || (value == "true" || value == "false") &&
		slices.Contains([]string{"issuccess", "issuccessful", "resultok", "succeeded", "successful"}, name)
}

func isWords(name string) bool { return name == "message" || name == "detail" }

func isErrorCode(name string) bool {
	return slices.Contains([]string{"errcode", "errorcode", "errno"}, name)
}

func isErrorWords(name string) bool {
	return slices.Contains([]string{"errmsg", "errormsg", "errormessage", "errordescription"}, name)
}

func isCode(name string) bool {
	return slices.Contains([]string{
		"status", "code", "statuscode", "httpstatus", "resultcode", "responsecode", "retcode", "returncode",
	}, name)
}

// isOutcome reports whether a field has the outcome of a request, if its value is one of a failure.
func isOutcome(name string) bool {
	return slices.Contains([]string{"result", "outcome", "state"}, name)
}

// deeds are parts of names of fields that say how much was done, which is nothing if it is zero.
var deeds = []string{
	"delete", "remove", "close", "disable", "deactivate", "suspend", "archive", "terminate", "affected",
}

func isDeed(name string) bool {
	return slices.ContainsFunc(deeds, func(deed string) bool { return strings.Contains(name, deed) })
}

// isUndone reports whether the value of a deed says that it was not done.
func isUndone(value string) bool { return value != "null" && (void(value) || void(bareWord(value))) }

// done are words for what a call does.
var done = []string{
	"deleted", "removed", "closed", "disabled", "deactivated", "suspended", "archived", "terminated",
}

// markOfCode returns what the value of a status or code says.
func markOfCode(name, value string) mark {
	word := bareWord(value)
	n, err := strconv.Atoi(word)
	switch {
	case err == nil && n >= 200 && n < 300, slices.Contains([]string{"ok", "success", "true"}, word):
		return markSuccess
	case value != "false" && (void(value) || isZero(value)):
		return markNoFailure
	case isFailed(value):
		return markFailed
	case name == "status" && slices.Contains(done, word):
		return markDeed
	case name != "status":
		return markUnclear
	}
	return markOfStatus(value)
}

// markOfStatus returns what a status says that is none of success. A word may be about the data.
func markOfStatus(value string) mark {
	if value == "false" || strings.Trim(bareWord(value), "abcdefghijklmnopqrstuvwxyz") != "" {
		return markStatus
	}
	return markState
}

// isFailed reports whether a value is a word for a failure, or a number for one: an HTTP status, or one
// below zero.
func isFailed(value string) bool {
	word := bareWord(value)
	if n, err := strconv.Atoi(word); err == nil {
		return n >= 400 && n < 600 || n < 0
	}
	word = plainName(strings.ReplaceAll(word, " ", ""))
	return slices.ContainsFunc([]string{
		"error", "fail", "forbid", "unauthori", "notfound", "notallowed", "notpermitted", "notauthori", "accessdenied",
		"permissiondenied", "ratelimit", "toomany", "internalerror",
	}, func(begin string) bool { return strings.HasPrefix(word, begin) }) || slices.Contains([]string{
		"refused", "rejected", "denied", "invalid", "timeout", "throttled", "exception", "fault", "unsuccessful", "nok",
	}, word) || isAway(value)
}

// isAway reports whether a value is a word for a failure that may be the state of data, too.
func isAway(value string) bool {
	return slices.Contains([]string{"unavailable", "maintenance", "busy", "down"}, bareWord(value))
}

// bareWord returns a text or a number of JSON as it is compared.
func bareWord(value string) string { return strings.ToLower(strings.Trim(value, `"`)) }

func isZero(value string) bool {
	n, err := strconv.Atoi(bareWord(value))
	return err == nil && n == 0
}

// void reports whether a value says nothing.
func void(value string) bool {
	return slices.Contains([]string{"null", "false", "0", `""`, "[]", "{}"}, value)
}
