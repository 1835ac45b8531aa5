package rest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Absence returns the error of an answer that says that the vendor has no account with an ID or an email
// address. It is offboard.ErrNotFound, or an *Error if the answer shows that very account all the same:
// some object in it has the ID or the address in a field for one.
func (a Answer) Absence(of string) error {
	var body any
	if err := a.JSON(&body); err != nil {
		return err
	}
	if shows(body, of) {
		return a.Malformed("it says that there is no such account, and shows %q", of)
	}
	return offboard.ErrNotFound
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
