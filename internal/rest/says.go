package rest

import (
	"encoding/json"
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
	_, about := fields["id"]
	if found := marksOf(fields); found.sayNo(true) || found[markDenial] && !about {
		return false, nil
	}
	return false, a.Malformed("the answer holds more than a success has")
}

// SaysNo reports whether an answer is an object that says, beside its data, that the request failed: it
// has an error, or a success, a status or a code that is none of success. If the data shows nothing,
// which empty says, a message without a mark of success says so, too.
func (a Answer) SaysNo(empty bool) bool {
	var fields map[string]json.RawMessage
	return a.JSON(&fields) == nil && marksOf(fields).sayNo(empty)
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
	return !found[markFailure] && !found[markWords] && !found[markDenial] && !found[markOther]
}

// mark is what a field of an answer says of its request.
type mark int

const (
	markNone mark = iota
	markSuccess
	markFailure
	markWords  // a message, which may be of either
	markDenial // a false in a field of any other name
	markOther  // any other value
)

// marks are what the fields of an answer say of its request.
type marks map[mark]bool

func marksOf(fields map[string]json.RawMessage) marks {
	all := marks{}
	for name, raw := range fields {
		all[markOf(strings.ToLower(name), string(raw))] = true
	}
	return all
}

// sayNo reports whether the marks say that the request failed. A message does if words count.
func (m marks) sayNo(wordsCount bool) bool {
	return m[markFailure] || wordsCount && m[markWords] && !m[markSuccess]
}

func markOf(name, value string) mark {
	switch isError := strings.HasPrefix(name, "error"); {
	case name == "success" && value == "true":
		return markSuccess
	case name == "success":
		return markFailure
	case name == "status", name == "code":
		return markOfCode(value)
	case value == "false" && !isError && !isMessage(name):
		return markDenial
	case void(value):
		return markNone
	case isError:
		return markFailure
	case isMessage(name):
		return markWords
	}
	return markOther
}

func isMessage(name string) bool { return name == "message" || name == "detail" }

// markOfCode returns what the value of a status or code says.
func markOfCode(value string) mark {
	word := strings.ToLower(strings.Trim(value, `"`))
	n, err := strconv.Atoi(word)
	switch {
	case err == nil && n >= 200 && n < 300, word == "ok", word == "success":
		return markSuccess
	case value != "false" && void(value):
		return markNone
	}
	return markFailure
}

// void reports whether a value says nothing, with blanks in it or not.
func void(value string) bool {
	return slices.Contains([]string{"null", "false", "0", `""`, "[]", "{}"}, strings.Join(strings.Fields(value), ""))
}
