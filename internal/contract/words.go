package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Kind returns of which type a value of JSON is.
func Kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	}
	return "an object"
}

// Word returns a word that the documentation has, as it is written there. Any other text may be a
// value of a person, so only its type is told.
func Word(v any, documented []string) string {
	said, ok := v.(string)
	if !ok {
		return Kind(v)
	}
	for _, word := range documented {
		if strings.EqualFold(word, said) {
			return fmt.Sprintf("%q", word)
		}
	}
	return "a word that is not documented"
}

// fieldName matches what can be printed as the name of a field.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z_]{1,39}$`)

// Further returns the names of the fields of an object that are not among those that are known. A name
// that is also a value somewhere in the object, or that is written as no name of a field is, is only
// counted.
func Further(v any, known ...string) (names []string) {
	fields, _ := v.(map[string]any)
	values := map[string]bool{}
	collect(v, values)
	hidden := 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }):
		case !fieldName.MatchString(name) || values[strings.ToLower(name)]:
			hidden++
		default:
			names = append(names, name)
		}
	}
	if hidden > 0 {
		names = append(names, fmt.Sprintf("%d more", hidden))
	}
	return names
}

// collect adds the texts of JSON, and their words, in lower case.
func collect(v any, into map[string]bool) {
	switch v := v.(type) {
	case string:
		into[strings.ToLower(v)] = true
		for word := range strings.FieldsSeq(v) {
			into[strings.ToLower(word)] = true
		}
	case map[string]any:
		for _, field := range v {
			collect(field, into)
		}
	case []any:
		for _, element := range v {
			collect(element, into)
		}
	}
}

// Describe returns the HTTP status, and the type of the body.
func (x *Exchange) Describe() string {
	switch {
	case x.Empty:
		return fmt.Sprintf("HTTP %d without a body", x.Status)
	case !x.JSON:
		return fmt.Sprintf("HTTP %d with a body that is not JSON", x.Status)
	}
	return fmt.Sprintf("HTTP %d with %s", x.Status, Kind(x.Body))
}
