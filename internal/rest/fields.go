package rest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// without takes the fields with some names out, whatever their letter case, and returns them.
func without(fields map[string]any, names []string) map[string]any {
	taken := map[string]any{}
	for name, value := range fields {
		if slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(known, name) }) {
			taken[name] = value
			delete(fields, name)
		}
	}
	return taken
}

// firstOf returns the first names of paths.
func firstOf(paths [][]string) (names []string) {
	for _, path := range paths {
		names = append(names, path[0])
	}
	return names
}

// pathsBelow returns the paths of which a field is the first, without it. It is empty if one of them ends
// there: what is below is data then.
func pathsBelow(paths [][]string, name string) (below [][]string) {
	under := pathsUnder(paths, name)
	if len(pathsInside(under)) < len(under) {
		return nil
	}
	return under
}

// pathsUnder returns the paths of which a field is the first, without it.
func pathsUnder(paths [][]string, name string) (under [][]string) {
	for _, path := range paths {
		if strings.EqualFold(path[0], name) {
			under = append(under, path[1:])
		}
	}
	return under
}

// pathsInside returns the paths that lead on. A look at an object as a whole, such as a comparison with null,
// judges none of its fields.
func pathsInside(paths [][]string) [][]string {
	return slices.DeleteFunc(slices.Clone(paths), func(path []string) bool { return len(path) == 0 })
}

// decoded returns the body as Go decodes it; nil if it is no JSON, or nested too deep. A doubt about a
// field, which is there twice for example, makes a "no" in another one no less clear.
func (a Answer) decoded() (value any) {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(a.Body, byteOrderMark)))
	decoder.UseNumber()
	if tooDeep(a.Body) || decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

// fields returns the fields of a body that is an object.
func (a Answer) fields() map[string]any { return fieldsOf(a.decoded()) }

func fieldsOf(value any) map[string]any {
	fields, _ := value.(map[string]any)
	return fields
}

// objectsIn returns the fields of each object of a body that is one, or a list of them.
func objectsIn(value any) (all []map[string]any) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, element := range list {
		all = append(all, fieldsOf(element))
	}
	return all
}

// written returns a decoded value as the functions above compare it. Of a list or an object only matters
// whether it is empty.
func written(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	case string:
		return `"` + strings.TrimSpace(value) + `"`
	case []any:
		return "[" + strings.Repeat("…", min(len(value), 1)) + "]"
	case map[string]any:
		return "{" + strings.Repeat("…", min(len(value), 1)) + "}"
	}
	return ""
}
