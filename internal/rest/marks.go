package rest

import (
	"encoding/json"
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
	markError      // an error, or a mark of success that says no
	markErrorField // something about an error, under a longer name
	markFailed     // a word or a number for a failure
	markUnclear    // a code that is none of success
	markStatus     // a status that is none of success, and more than a word
	markState      // a status that is another word
	markWords      // a message, which may be of either
	markDenial     // a false in a field of any other name
	markOther      // any other value
)

// marks are what the fields of an answer say of its request.
type marks map[mark]bool

func marksOf(fields map[string]json.RawMessage) marks {
	all := marks{}
	for name, raw := range fields {
		all[markOf(plainName(name), string(raw))] = true
	}
	return all
}

// failure reports whether a field says that the request failed.
func (m marks) failure() bool {
	return m[markError] || m[markErrorField] || m[markFailed] || m[markUnclear] || m[markStatus] || m[markState]
}

// onlyWords reports whether there is a message, and no mark of success.
func (m marks) onlyWords() bool { return m[markWords] && !m[markSuccess] }

func markOf(name, value string) mark {
	isError := strings.HasPrefix(name, "error")
	switch {
	case isSuccess(name):
		return markOfSuccess(value)
	case isCode(name), name == "result" && isFailed(value):
		return markOfCode(name, value)
	case isDenial(name, value) && !isError && !isMessage(name):
		return markDenial
	case void(value):
		return markNone
	case isError:
		return markOfError(name)
	case isMessage(name):
		return markWords
	}
	return markOther
}

// markOfSuccess returns what a mark of success says. A record may have such a field that is null.
func markOfSuccess(value string) mark {
	switch value {
	case "true":
		return markSuccess
	case "null":
		return markErrorField
	}
	return markError
}

// markOfError returns what a field says whose name begins with "error".
func markOfError(name string) mark {
	if name == "error" || name == "errors" {
		return markError
	}
	return markErrorField
}

// plainName returns the name of a field as the functions below compare it: status_code is statusCode.
func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

func isSuccess(name string) bool { return name == "success" || name == "ok" }

func isMessage(name string) bool { return name == "message" || name == "detail" }

func isCode(name string) bool {
	return slices.Contains([]string{"status", "code", "statuscode", "httpstatus", "resultcode", "responsecode"}, name)
}

// deeds are parts of names of fields that say how much was done, which is nothing if it is zero.
var deeds = []string{
	"delete", "remove", "close", "disable", "deactivate", "suspend", "archive", "terminate", "affected",
}

// isDenial reports whether a field of any name says that something is not so.
func isDenial(name, value string) bool {
	counts := slices.ContainsFunc(deeds, func(deed string) bool { return strings.Contains(name, deed) })
	return value == "false" || counts && value != "null" && (void(value) || void(bareWord(value)))
}

// markOfCode returns what the value of a status or code says.
func markOfCode(name, value string) mark {
	word := bareWord(value)
	n, err := strconv.Atoi(word)
	switch {
	case err == nil && n >= 200 && n < 300, slices.Contains([]string{"ok", "success", "true"}, word):
		return markSuccess
	case value != "false" && (void(value) || err == nil && n == 0):
		return markNoFailure
	case isFailed(value):
		return markFailed
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

// isFailed reports whether a value is a word for a failure, or the HTTP status of one.
func isFailed(value string) bool {
	word := bareWord(value)
	if n, err := strconv.Atoi(word); err == nil {
		return n >= 400 && n < 600
	}
	return slices.Contains([]string{
		"error", "fail", "failed", "failure", "refused", "rejected", "denied", "forbidden", "unauthorized", "invalid",
		"timeout", "unavailable", "throttled", "exception", "fault", "maintenance", "busy", "down",
	}, word)
}

// bareWord returns a text or a number of JSON as it is compared.
func bareWord(value string) string { return strings.ToLower(strings.Trim(value, `"`)) }

// void reports whether a value says nothing, with blanks in it or not.
func void(value string) bool {
	return slices.Contains([]string{"null", "false", "0", `""`, "[]", "{}"}, strings.Join(strings.Fields(value), ""))
}
