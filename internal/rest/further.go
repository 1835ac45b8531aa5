package rest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// FurtherIn returns the field with which an answer says, beside its data, that there is more of it than
// came: a "has more", a next page or a cursor, an incomplete search, or a total above the rows. The paths
// in judged are those of the data, and of fields that the caller has judged. It is empty if no field says
// so.
func (a Answer) FurtherIn(judged ...[]string) string {
	value := a.decoded()
	return furtherBeside(fieldsOf(value), rowsAt(value, judged), judged)
}

// rowsAt returns how long the longest list at a path is, and -1 if there is none.
func rowsAt(value any, paths [][]string) int {
	rows := -1
	for _, path := range paths {
		at := value
		for _, name := range path {
			at = fieldsOf(at)[name]
		}
		if list, ok := at.([]any); ok {
			rows = max(rows, len(list))
		}
	}
	return rows
}

func furtherBeside(fields map[string]any, rows int, judged [][]string) string {
	others := maps.Clone(fields)
	path := without(others, firstOf(judged))
	if field := furtherIn(others, rows); field != "" {
		return field
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		inside, below := fieldsOf(fields[name]), pathsBelow(judged, name)
		if _, onPath := path[name]; onPath && (len(below) == 0 || isRecord(inside)) {
			continue
		}
		if field := furtherBeside(inside, rows, below); field != "" {
			return name + "." + field
		}
	}
	return ""
}

// furtherIn returns the first of the fields that says that there is more. Beside one that says that there is
// no more, a cursor says nothing.
func furtherIn(fields map[string]any, rows int) string {
	isEnd := func(name string) bool { return saysMore(plainName(name)) && written(fields[name]) == "false" }
	ended := slices.ContainsFunc(slices.Collect(maps.Keys(fields)), isEnd)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		plain, value := plainName(name), fields[name]
		if saysMore(plain) && written(value) == "true" || !ended && leadsOn(plain) && !isVoid(value) ||
			isAbove(plain, value, rows) {
			return name
		}
	}
	return ""
}

// saysMore reports whether a field says by true that there is more.
func saysMore(name string) bool {
	return slices.ContainsFunc([]string{"hasmore", "hasnext", "incomplete", "istruncated", "truncated"},
		func(begin string) bool { return strings.HasPrefix(name, begin) }) || name == "more"
}

// leadsOn reports whether a field has where the next page begins.
func leadsOn(name string) bool {
	return slices.ContainsFunc([]string{
		"cursor", "next", "nextcursor", "nexthref", "nextlink", "nextmarker", "nextoffset", "nextpage", "nextpagecursor",
		"nextpagelink", "nextpagetoken", "nextpageurl", "nextstart", "nexttoken", "nexturl", "continuationtoken",
	}, func(known string) bool { return name == known || strings.HasSuffix(name, "."+known) })
}

// isAbove reports whether a field is a total of rows above those that came, or of pages above one.
func isAbove(name string, value any, rows int) bool {
	number, ok := value.(json.Number)
	n, err := number.Int64()
	switch {
	case !ok || err != nil || rows < 0:
		return false
	case slices.Contains([]string{"lastpage", "pagecount", "totalpages"}, name):
		return n > 1
	}
	return n > int64(rows) && slices.Contains([]string{
		"total", "totalcount", "totalentries", "totalitems", "totalrecords", "totalresults", "totalsize",
	}, name)
}

// isVoid reports whether a value says nothing, or holds only values that do. A number below one leads to no
// page.
func isVoid(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return !slices.ContainsFunc(slices.Collect(maps.Values(value)), func(one any) bool { return !isVoid(one) })
	case json.Number:
		n, err := value.Int64()
		return err == nil && n < 1
	}
	return void(written(value))
}
