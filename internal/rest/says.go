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

// SaysNo reports whether a body that is an object says no, as for EmptySuccess. The fields in judged are
// marks of success that the caller has judged. Beside them a message says nothing, and neither does a
// false in a field of another name.
func (a Answer) SaysNo(judged ...string) bool {
	fields := a.fields()
	maps.DeleteFunc(fields, func(name string, _ json.RawMessage) bool {
		return slices.ContainsFunc(judged, func(known string) bool { return strings.EqualFold(known, name) })
	})
	return sayNo(fields, len(judged) > 0)
}

// sayNo reports whether the fields of an answer say that nothing was done. marked says that there is a
// mark of success beside them.
func sayNo(fields map[string]json.RawMessage, marked bool) bool {
	_, about := fields["id"]
	found := marksOf(fields)
	return found[markFailure] || !marked && (found.onlyWords() || found[markDenial] && !about)
}

// ReportsFailure reports whether an answer to a read says, beside its data, that the request failed: it
// has an error, or a success, a status or a code that is none of success. If the data shows nothing,
// which empty says, a message without a mark of success says so, too. Other fields may be false.
func (a Answer) ReportsFailure(empty bool) bool {
	found := marksOf(a.fields())
	return found[markFailure] || empty && found.onlyWords()
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

// HoldsMore reports whether an answer is an object that holds, beside the fields that the caller has
// judged, a value that says something and is no mark of success. A false says nothing here.
func (a Answer) HoldsMore(judged ...string) bool {
	fields := a.fields()
	for _, name := range judged {
		delete(fields, name)
	}
	found := marksOf(fields)
	return found[markFailure] || found[markWords] || found[markOther]
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

// onlyWords reports whether there is a message, and no mark of success.
func (m marks) onlyWords() bool { return m[markWords] && !m[markSuccess] }

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
