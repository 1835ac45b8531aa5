package rest

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Absence returns the error of an answer that says that the vendor has no account with an ID or an email
// address. It is offboard.ErrNotFound, or an *Error if the answer shows that very account all the same:
// some object in it has the ID or the address in a field for one. Nor is it the absence of an account with an
// ID if a field for the ID of a user names another one: then it is the answer to another request.
func (a Answer) Absence(of string) error {
	var body any
	if err := a.JSON(&body); err != nil {
		return err
	}
	if shows(body, of) {
		return a.Malformed("it says that there is no such account, and shows %q", of)
	}
	if other := otherUser(body, of); other != "" && !strings.Contains(of, "@") {
		return a.Malformed("asked for %q, it says that there is no user %q", of, a.Text(other))
	}
	return offboard.ErrNotFound
}

// otherUser returns an ID of another user that a body names in a field for one, or an object in it that is about
// the request; empty for none. A number below one is none, and neither is what has the ID in it.
func otherUser(body any, than string) (other string) {
	if list, ok := body.([]any); ok && len(list) == 1 {
		body = list[0]
	}
	fields := fieldsOf(body)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		plain, id := plainName(name), scalar(fields[name])
		switch {
		case plain == "data" || isEnvelope(name) || strings.Contains(plain, "error"):
			other = cmp.Or(other, otherUser(fields[name], than))
		case plain == "userid" && !isVoid(fields[name]) && !strings.Contains(id, than) && !offboard.Same(id, than):
			other = cmp.Or(other, id)
		}
	}
	return other
}

// shows reports whether an object in a value has an ID or an email address in a field for one.
func shows(value any, of string) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return shows(element, of) })
	case map[string]any:
		for name, field := range value {
			name = strings.ToLower(name)
			named := strings.HasSuffix(name, "id") || strings.HasSuffix(name, "email")
			if named && offboard.Same(scalar(field), of) || shows(field, of) {
				return true
			}
		}
	}
	return false
}

// scalar returns a text or a number as a text; empty for any other value.
func scalar(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}
