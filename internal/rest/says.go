package rest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
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
	fails := []mark{markError, markErrorField, markFailed, markUnclear}
	if empty {
		fails = append(fails, markStatus)
	}
	if empty && found.onlyWords() {
		fails = append(fails, markWords)
	}
	return fieldWith(fields, fails...)
}

// ErrorIn is FailureIn for data whose own fields are beside those of the answer, such as the status of a
// person. So only an error by that name counts, and a success that is false.
func (a Answer) ErrorIn(judged ...string) string {
	fields := a.fields()
	if marksOf(without(fields, judged)).failure() {
		return ""
	}
	return fieldWith(fields, markError)
}

// fieldWith returns the first field, by its name, whose mark is one of these; empty for none.
func fieldWith(fields map[string]json.RawMessage, wanted ...mark) string {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(wanted, markOf(plainName(name), string(fields[name]))) {
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
