package rest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
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
	if noIn(a.fields(), false) != "" {
		return false, nil
	}
	return false, a.Malformed("the answer holds more than a success has")
}

// SaysNo reports whether a body says no, as for EmptySuccess: one that is an object, or a list of objects,
// each by itself. A body that is only a text, a false or a zero says no, too. The fields in judged are
// marks of success that the caller has judged. Beside them a message says nothing, and neither does a
// false in a field of another name.
func (a Answer) SaysNo(judged ...string) bool {
	value := a.decoded()
	return saysNoAlone(value) || slices.ContainsFunc(objectsIn(value), func(fields map[string]any) bool {
		without(fields, judged)
		return noIn(fields, len(judged) > 0) != ""
	})
}

// WholeBody is what NoInCall returns for a body that is no object and no list, and says no.
const WholeBody = "the body"

// NoInCall returns the field with which an answer to a call says that nothing was done: as for SaysNo, or
// at any depth that something failed. It is empty if no field says so. other says that the answer shows
// another account, so that a status such as deleted is no success of the call.
func (a Answer) NoInCall(other bool) string {
	value := a.decoded()
	if saysNoAlone(value) {
		return WholeBody
	}
	for _, fields := range objectsIn(value) {
		field := noIn(fields, false)
		if field == "" && other {
			field = fieldWith(fields, markDeed)
		}
		if field != "" {
			return field
		}
	}
	return failureInside(value, nil, append(slices.Clone(atAnyDepth), markFailing, markPerhaps, markUndone), true)
}

// FailureInCall returns the field with which an answer to a call says, at any depth, that it failed. The
// paths in judged are those of fields that the caller has judged. If one says what failed, whatever is
// beside it is about that. It is empty if no field says so.
func (a Answer) FailureInCall(judged ...[]string) string {
	value := a.decoded()
	others := maps.Clone(fieldsOf(value))
	without(others, firstOf(judged))
	says := append(slices.Clone(atAnyDepth), markFailing, markPerhaps)
	return cmp.Or(failureInside(value, judged, says, true), fieldWith(others, markUnclear))
}

// NoInAccount is NoInCall for an answer to a call whose body is the account itself. A status, a message or
// a false in it may be about the account. So only an error, a mark of success that says no, and a word or
// a number for a failure say no.
func (a Answer) NoInAccount() string { return fieldWith(a.fields(), atAnyDepth...) }

// IsWords reports whether the body is plain words, such as OK, and no JSON.
func (a Answer) IsWords() bool {
	body := bytes.ToLower(bytes.TrimSpace(a.Body))
	isDone := func(word string) bool { return bytes.Contains(body, []byte(word)) }
	return a.Origin() == Vendor && a.decoded() == nil &&
		(words.Match(body) || aboutUser.Match(body) && slices.ContainsFunc(done, isDone))
}

var (
	// words are some words in one line.
	words = regexp.MustCompile(`^[a-z][a-z0-9 .,:!_-]{0,199}$`)
	// aboutUser are words among which may be the name, the address or the ID of the user of whom they say that
	// something was done.
	aboutUser = regexp.MustCompile(`^[a-z][a-z0-9 .,:;!_'"()@/#+-]{0,199}$`)
)

// WordsSayNo reports whether a body of plain words has one of a failure, a "not", or one for what was not done yet.
func (a Answer) WordsSayNo() bool {
	return slices.ContainsFunc(strings.FieldsFunc(string(a.Body), func(r rune) bool { return !unicode.IsLetter(r) }),
		func(word string) bool {
			return isFailed(word) || slices.Contains([]string{
				"no", "not", "cannot", "unable", "would", "will", "dry", "skipped", "ignored", "expired", "pending", "waiting",
			}, strings.ToLower(word))
		})
}

// atAnyDepth are the marks of a failure that are about the request even in an account.
var atAnyDepth = []mark{markError, markErrorField, markFailed}

// saysNoAlone reports whether a body that is no object and no list says no.
func saysNoAlone(value any) bool {
	_, isText := value.(string)
	n, isNumber := value.(json.Number)
	return isText || value == false || isNumber && (isZero(n.String()) || isFailed(n.String()))
}

// noIn returns the first of the fields that says that nothing was done; empty for none. marked says that
// there is a mark of success beside them.
func noIn(fields map[string]any, marked bool) string {
	_, about := fields["id"]
	found, no := marksOf(fields), slices.Clone(failures)
	if !marked && found.onlyWords() {
		no = append(no, markWords)
	}
	if !marked && !about {
		no = append(no, markUndone)
	}
	if !marked && !about && !found[markSuccess] {
		no = append(no, markDenial)
	}
	return fieldWith(fields, no...)
}

// failureInside returns the field that says, at any depth of an answer to a call, that it failed: one with
// a mark of these. A data object of which nothing is there says so, too. The paths in judged are those of
// fields that are judged.
func failureInside(value any, judged [][]string, says []mark, top bool) string {
	if list, ok := value.([]any); ok {
		for _, element := range list {
			if field := failureInside(element, judged, says, false); field != "" {
				return field
			}
		}
		return ""
	}
	fields := fieldsOf(value)
	says, inside := marksInside(fields, says, top)
	unjudged := maps.Clone(fields)
	if fieldWith(without(unjudged, firstOf(judged)), atAnyDepth...) != "" {
		return ""
	}
	if field := fieldWith(unjudged, says...); field != "" {
		return field
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		below := pathsBelow(judged, name)
		field := failureInside(fields[name], below, inside, false)
		if field == "" && name == "data" && len(below) == 0 {
			field = onlyNull(fieldsOf(fields[name]))
		}
		if field != "" {
			return name + "." + field
		}
	}
	return ""
}

// marksInside returns which of these marks count in fields, and which inside them. A record may be the result
// for an account, which failed. Inside one that is not the whole answer, a word or a number is of the
// account, such as {"user":{"id":5,"presence":{"status":"unavailable"}}}.
func marksInside(fields map[string]any, says []mark, top bool) (here, inside []mark) {
	if !isRecord(fields) {
		return says, says
	}
	here = slices.DeleteFunc(slices.Clone(says), func(m mark) bool { return !slices.Contains(atAnyDepth, m) })
	if top {
		return here, here
	}
	return here, slices.DeleteFunc(slices.Clone(here), func(m mark) bool { return m == markFailed })
}

// onlyNull returns the first field of an object in which all are null; empty for another one.
func onlyNull(fields map[string]any) string {
	for _, field := range fields {
		if field != nil {
			return ""
		}
	}
	return append(slices.Sorted(maps.Keys(fields)), "")[0]
}

// isRecord reports whether an object is about something that it names, such as an account.
func isRecord(fields map[string]any) bool {
	for name := range fields {
		if slices.Contains([]string{
			"id", "uid", "uuid", "gid", "guid", "userid", "email", "login", "username",
		}, plainName(name)) {
			return true
		}
	}
	return false
}

// fieldWith returns the first field, by its name, whose mark is one of these; empty for none.
func fieldWith(fields map[string]any, wanted ...mark) string {
	all := namedMarks(fields)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(wanted, all[name]) {
			return name
		}
	}
	return ""
}

// SaysOnly reports whether an answer is an object with this field, and beside it with nothing but marks
// of success and values that say nothing.
func (a Answer) SaysOnly(field string) bool {
	var raw map[string]json.RawMessage
	if a.JSON(&raw) != nil || raw[field] == nil {
		return false
	}
	fields := a.fields()
	delete(fields, field)
	found := marksOf(fields)
	return !found.failure() && !found[markDeed] && !found[markWords] && !found[markUndone] && !found[markDenial] &&
		!found[markOther]
}

// HoldsMore reports whether an answer is an object that holds, beside the fields that the caller has
// judged, a value that says something and is no mark of success. A false says nothing here.
func (a Answer) HoldsMore(judged ...string) bool {
	fields := a.fields()
	without(fields, judged)
	found := marksOf(fields)
	return found.failure() || found[markDeed] || found[markWords] || found[markOther]
}
