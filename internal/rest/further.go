package rest

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// contentRange is a header that says which rows, of how many, an answer has.
var contentRange = regexp.MustCompile(`^(?:\S+ +)?[0-9]+-([0-9]+)/([0-9]+)$`)

// RangeTotal returns the total in a text such as that of the header Content-Range, and false if there is none.
func RangeTotal(text string) (int, bool) {
	part := contentRange.FindStringSubmatch(text)
	if part == nil {
		return 0, false
	}
	total, err := strconv.Atoi(part[2])
	return total, err == nil
}

// FurtherIn returns the field with which an answer says, beside its data, that there is more of it than
// came: a "has more", a next page or a cursor, an incomplete search, or a total above the rows. The paths
// in judged are those of the data, and of fields that the caller has judged. It is empty if no field says
// so. paged says that other pages came before, so that a total above the rows of this one says nothing.
// An empty path is that of the whole body. Data in a list may have lists with pages of their own.
func (a Answer) FurtherIn(paged bool, judged ...[]string) string {
	return furtherIn(levelsOf(a.decoded(), paged, judged))
}

// levelsOf returns the levels of a body.
func levelsOf(body any, paged bool, judged [][]string) []level {
	return level{paged: paged, ended: new(bool)}.with(body, judged)
}

// furtherIn is FurtherIn for the levels of the body.
func furtherIn(levels []level) string {
	total := func(l level) bool { return l.counts() && l.has(totalNames.MatchString) }
	sized := slices.ContainsFunc(levels, total)
	for _, l := range levels {
		l.sized = sized
		if field := l.further(*l.ended); field != "" {
			return l.prefix + field
		}
	}
	return ""
}

// FurtherInHeader is FurtherIn for headers: those of HTTP for ranges, and those that vendors make up, such
// as X-Next-Page and X-Total. The paths in data are those of the data; an empty one is that of the whole
// body.
func (a Answer) FurtherInHeader(paged bool, data ...[]string) string {
	return a.furtherInHeader(a.headerLevel(paged, rowsAt(a.decoded(), data), ownNames))
}

// furtherInHeader is FurtherInHeader for what headerLevel returns.
func (a Answer) furtherInHeader(l level, headers map[string]string) string {
	if part := contentRange.FindStringSubmatch(a.Header.Get("Content-Range")); part != nil {
		last, _ := strconv.Atoi(part[1])
		total, _ := strconv.Atoi(part[2])
		if last+1 < total {
			return "content-range"
		}
	}
	if a.Header.Get("Next-Range") != "" {
		return "next-range"
	}
	return headers[l.further(false)]
}

// headerLevel returns the headers as a level beside data with so many rows, and the header of each field.
// namesOf returns the names of the fields that a header stands for. The value of one that is about pages
// may be an object in JSON.
func (a Answer) headerLevel(
	paged bool, rows int, namesOf func(header string) []string,
) (l level, headers map[string]string) {
	l = level{rows: rows, place: inEnvelope, paged: paged, sized: true, fields: map[string]any{}}
	headers = map[string]string{}
	for _, header := range slices.Sorted(maps.Keys(a.Header)) {
		value := strings.Join(a.Header.Values(header), ",")
		if value == "" {
			continue
		}
		for _, name := range namesOf(header) {
			l.fields[name], headers[name] = value, strings.ToLower(header)
		}
		if !isAboutPages(header) {
			continue
		}
		for name, field := range (Answer{Body: []byte(value)}).fields() {
			l.fields[name], headers[name] = field, strings.ToLower(header)
		}
	}
	l.ends = saysEndIn(l.fields)
	return l, headers
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

// place is where an object of an answer is.
type place int

const (
	onPath     place = iota // on the path of the data
	inRecord                // on the path, and about something that it names
	inEnvelope              // beside the path, and about the pages
	beside                  // beside the path
)

// level is an object of an answer, without what is judged.
type level struct {
	prefix string // the names above it
	place  place
	below  bool  // it is below the top one
	row    bool  // it is an element of a list
	holds  bool  // a list that is data is one of its own fields
	paged  bool  // there are pages before that of the answer
	ends   bool  // a field, judged or not, says that there is no more of what is beside it
	ended  *bool // one of all levels in the same element of a list says that there is no more of the data
	rows   int   // how many rows the data has, or -1
	sized  bool  // it is of headers, or a level has a total: a count is none, then
	fields map[string]any
}

// with returns this level with a value, and those below. A list on the path of the data is a level, and so
// is one of data in which there is a list that is data, too.
func (l level) with(value any, judged [][]string) (all []level) {
	inside := pathsInside(judged)
	isData := len(inside) < len(judged)
	if list, ok := value.([]any); ok {
		if isData && !slices.ContainsFunc(inside, func(path []string) bool { return holdsList(list, path) }) {
			return nil
		}
		return l.withElements(list, inside)
	}
	if isData && len(inside) == 0 {
		return nil
	}
	judged = inside
	all = append(all, l.of(value, judged))
	for _, name := range slices.Sorted(maps.Keys(fieldsOf(value))) {
		below := pathsUnder(judged, name)
		if under, ok := all[0].under(name, len(below) > 0); ok {
			all = append(all, under.with(fieldsOf(value)[name], below)...)
		}
	}
	return all
}

// withElements returns the levels in the elements of a list.
func (l level) withElements(list []any, judged [][]string) (all []level) {
	if len(judged) == 0 {
		return nil
	}
	l.below, l.row = true, true
	for _, element := range list {
		l.ended = new(bool)
		all = append(all, l.with(element, judged)...)
	}
	return all
}

// of returns this level with a value that is no list.
func (l level) of(value any, judged [][]string) level {
	fields := fieldsOf(value)
	l.fields, l.ends = maps.Clone(fields), saysEndIn(fields)
	without(l.fields, firstOf(judged))
	if l.place == onPath {
		l.rows = rowsAt(value, judged)
		l.holds = slices.ContainsFunc(judged, func(path []string) bool { return len(path) == 1 && holdsList(value, path) })
	}
	if l.place == onPath && l.below && isRecord(fields) {
		l.place = inRecord
	}
	*l.ended = *l.ended || l.counts() && l.ends // wherever a cursor is, it says nothing then
	return l
}

// holdsList reports whether there is a list at a path in a value, or in an element of a list there.
func holdsList(value any, path []string) bool {
	if list, ok := value.([]any); ok {
		return len(path) == 0 || slices.ContainsFunc(list, func(one any) bool { return holdsList(one, path) })
	}
	return len(path) > 0 && holdsList(fieldsOf(value)[path[0]], path[1:])
}

// under returns the level below a field, and false for one that is about the data.
func (l level) under(name string, judged bool) (level, bool) {
	under := level{
		prefix: l.prefix + name + ".", below: true, rows: l.rows, place: l.place, paged: l.paged, ended: l.ended,
	}
	switch {
	case judged:
		under.place = onPath
	case l.place == beside || l.place == inEnvelope:
	case isAboutPages(name):
		under.place = inEnvelope
	case l.place == inRecord:
		return level{}, false
	default:
		under.place = beside
	}
	return under, true
}

// isAboutPages reports whether an object beside the data may tell of its pages.
func isAboutPages(name string) bool {
	return isEnvelope(name) ||
		slices.ContainsFunc([]string{"pag", "meta", "link", "info", "cursor"}, func(part string) bool {
			return strings.Contains(plainName(name), part)
		})
}

// counts reports whether totals and marks of an end are about the data.
func (l level) counts() bool { return l.place == onPath || l.place == inEnvelope }

// saysEndIn reports whether a field says that there is no more of what is beside it.
func saysEndIn(fields map[string]any) bool {
	for name, value := range fields {
		plain, word := plainName(name), bareWord(written(value))
		if noMore.MatchString(plain) && word == "false" || saysEnd(plain) && word == "true" {
			return true
		}
	}
	return false
}

// further returns the first of the fields that says that there is more. In a record, and in an element of a
// list, where to go on is of something else unless data is a list of its own there. Even then, a single word
// such as next may be of the record. How many there are may be of something else in a record, and so is a
// total in an object beside the data.
func (l level) further(ended bool) string {
	ended = ended || l.ends || !l.holds && (l.row || l.place == inRecord)
	for _, name := range slices.Sorted(maps.Keys(l.fields)) {
		plain, value := plainName(name), l.fields[name]
		if l.isPart(plain, bareWord(written(value))) || !ended && l.leadsOn(plain, value) {
			return name
		}
	}
	return ""
}

// isPart reports whether a field says that there is more, and not where.
func (l level) isPart(name, word string) bool {
	return saysMore(name) && saysYes(name, word) ||
		l.counts() &&
			(slices.Contains(cutNames, name) && word == "true" ||
				(saysEnd(name) || isComplete(name)) && word == "false" || l.isAbove(name, word))
}
