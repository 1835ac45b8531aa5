package rest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// EmptySuccess reports whether the body of a 2xx is that of a success without a documented body: no
// body, null or {}. It is false for an object that says no: it has an error, a status or code that
// is no success, a message without a mark of success, or a false in a field and no ID. Any other
// body proves neither, and is an *Error.
func (a Answer) EmptySuccess() (bool, error) {
	if len(a.Body) == 0 {
		return true, nil
	}
	var fields map[string]json.RawMessage
	if err := a.JSON(&fields); err != nil || len(fields) == 0 {
		return err == nil, err
	}
	if sayNo(fields, false) {
		return false, nil
	}
	return false, a.Malformed("the answer holds more than a success has")
}

// SaysNo reports whether a body says no, as for EmptySuccess: one that is an object, or a list of objects,
// each by itself. A body that is only a text or a false says no, too. The fields in judged are marks of
// success that the caller has judged. Beside them a message says nothing, and neither does a false in a
// field of another name.
func (a Answer) SaysNo(judged ...string) bool {
	if word := strings.TrimSpace(string(a.Body)); word == "false" || strings.HasPrefix(word, `"`) {
		return true
	}
	return slices.ContainsFunc(a.objects(), func(fields map[string]json.RawMessage) bool {
		without(fields, judged)
		return sayNo(fields, len(judged) > 0)
	})
}

// AccountSaysNo is SaysNo for an answer to a call whose body is the account itself. A status, a message or
// a false in it may be about the account. So only an error, a mark of success that says no, and a word or
// a number for a failure say no.
func (a Answer) AccountSaysNo() bool {
	found := marksOf(a.fields())
	return found[markError] || found[markErrorField] || found[markFailed]
}

// sayNo reports whether the fields of an answer say that nothing was done. marked says that there is a
// mark of success beside them.
func sayNo(fields map[string]json.RawMessage, marked bool) bool {
	_, about := fields["id"]
	found := marksOf(fields)
	return found.failure() || !marked && (found.onlyWords() || found[markDenial] && !about)
}

// ReportsFailure reports whether FailureIn finds a field.
func (a Answer) ReportsFailure(empty bool, judged ...string) bool {
	return a.FailureIn(empty, judged...) != ""
}

// FailureIn returns the field with which an answer to a read says, beside its data, that the request
// failed: an error, or a success or a code that is none of success. The status of data that is there may
// be about it. If the data shows nothing, which empty says, a status that is more than a word says so,
// too, and so does a message without a mark of success. Other fields may be false. The fields in judged
// are those that the caller has judged: a mark among them is a mark of success. If one says what failed,
// whatever is beside it is about that. It is empty if no field says so.
func (a Answer) FailureIn(empty bool, judged ...string) string {
	fields := a.fields()
	known := marksOf(without(fields, judged))
	if known.failure() || empty && known[markWords] {
		return ""
	}
	found := marksOf(fields)
	found[markSuccess] = found[markSuccess] || known[markSuccess] || known[markNoFailure]
	return fieldWith(fields, func(m mark) bool {
		return m == markError || m == markErrorField || m == markFailed || m == markUnclear ||
			empty && (m == markStatus || m == markWords && found.onlyWords())
	})
}

// ErrorIn is FailureIn for data whose own fields are beside those of the answer, such as the status of a
// person. So only an error by that name counts, and a success that is false.
func (a Answer) ErrorIn(judged ...string) string {
	fields := a.fields()
	if marksOf(without(fields, judged)).failure() {
		return ""
	}
	return fieldWith(fields, func(m mark) bool { return m == markError })
}

// fieldWith returns the first field, by its name, whose mark is one of these; empty for none.
func fieldWith(fields map[string]json.RawMessage, is func(mark) bool) string {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if is(markOf(plainName(name), string(fields[name]))) {
			return name
		}
	}
	return ""
}

// without takes the fields with some names out, whatever their letter case, and returns them.
func without(fields map[string]json.RawMessage, names []string) map[string]json.RawMessage {
	taken := map[string]json.RawMessage{}
	for name, raw := range fields {
		if slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(known, name) }) {
			taken[name] = raw
			delete(fields, name)
		}
	}
	return taken
}

// fields returns the fields of a body that is an object. A doubt about one of them, which is there twice
// for example, makes a "no" in another one no less clear.
func (a Answer) fields() map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(a.Body, byteOrderMark), &fields) != nil {
		return nil
	}
	return fields
}

// objects returns the fields of each object of a body that is one, or a list of them.
func (a Answer) objects() (all []map[string]json.RawMessage) {
	var elements []json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(a.Body, byteOrderMark), &elements) != nil {
		return []map[string]json.RawMessage{a.fields()}
	}
	for _, element := range elements {
		all = append(all, Answer{Body: element}.fields())
	}
	return all
}

// SaysOnly reports whether an answer is an object with this field, and beside it with nothing but marks
// of success and values that say nothing.
func (a Answer) SaysOnly(field string) bool {
	var fields map[string]json.RawMessage
	if a.JSON(&fields) != nil || fields[field] == nil {
		return false
	}
	delete(fields, field)
	found := marksOf(fields)
	return !found.failure() && !found[markWords] && !found[markDenial] && !found[markOther]
}

// HoldsMore reports whether an answer is an object that holds, beside the fields that the caller has
// judged, a value that says something and is no mark of success. A false says nothing here.
func (a Answer) HoldsMore(judged ...string) bool {
	fields := a.fields()
	without(fields, judged)
	found := marksOf(fields)
	return found.failure() || found[markWords] || found[markOther]
}

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
	switch isError := strings.HasPrefix(name, "error"); {
	case isSuccess(name) && value == "true":
		return markSuccess
	case isSuccess(name) && value == "null":
		return markErrorField // a record may have such a field
	case isSuccess(name):
		return markError
	case isCode(name), name == "result" && isFailed(value):
		return markOfCode(name, value)
	case isDenial(name, value) && !isError && !isMessage(name):
		return markDenial
	case void(value):
		return markNone
	case isError && name != "error" && name != "errors":
		return markErrorField
	case isError:
		return markError
	case isMessage(name):
		return markWords
	}
	return markOther
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
	case err == nil && n >= 200 && n < 300, word == "ok", word == "success", word == "true":
		return markSuccess
	case value != "false" && (void(value) || err == nil && n == 0):
		return markNoFailure
	case isFailed(value):
		return markFailed
	case name != "status":
		return markUnclear
	case value == "false" || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }):
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
