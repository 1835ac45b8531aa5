package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

// nextLink matches a header Link with a further page. https://www.rfc-editor.org/rfc/rfc8288#section-3
var nextLink = regexp.MustCompile(`(?i);\s*rel\*?\s*=\s*(?:[a-z0-9-]*'[^']*')?"?[^",;]*\bnext\b`)

// Judged returns the page at a place with what its answer says beside the rows, in a field, a header or the
// status: how many rows the list has, and whether it goes on. Each page of each list is judged so, whatever is
// documented. The paths in data are those of the rows.
func (p Page[T]) Judged(a Answer, at Place, data ...[]string) Page[T] {
	body, paged := a.decoded(), at.Pages > 0
	levels := levelsOf(body, paged, data)
	head, headers := a.headerLevel(paged, rowsAt(body, data), wholeName)
	counted := lengthIn(append(slices.Clone(levels), head))
	p.Total = max(p.Total, counted.rows)
	if counted.unread != "" {
		p.BadTotal = fmt.Sprintf("the total of the vendor (%s) cannot be read", a.Text(counted.unread))
	}
	field, header := furtherIn(levels), a.furtherInHeader(head, headers)
	if slices.ContainsFunc(a.Header.Values("Link"), nextLink.MatchString) {
		header = "link"
	}
	switch {
	case field != "":
		p.Doubt = fmt.Sprintf("the field %q of the answer says that there is more", a.Text(field))
	case header != "":
		p.Doubt = fmt.Sprintf("the header %q of the answer says that there is more", a.Text(header))
	case a.Status == http.StatusPartialContent:
		p.Doubt = "the answer has HTTP 206, so it is a part"
	case counted.pages > at.Pages+1:
		p.Doubt = fmt.Sprintf("the vendor says that there are %d pages", counted.pages)
	}
	return p
}

// length is how long a list is, as fields say. unread is one that says it, and cannot be read.
type length struct {
	rows, pages int
	unread      string
}

// lengthIn returns how long a list is, as the fields of levels say.
func lengthIn(levels []level) (all length) {
	for _, l := range levels {
		if !l.counts() {
			continue
		}
		for _, field := range slices.Sorted(maps.Keys(l.fields)) {
			name, value := plainName(field), l.fields[field]
			pages, _ := strconv.Atoi(bareWord(written(value)))
			if l.countsPages(name) {
				all.pages = max(all.pages, pages)
			}
			if !l.countsRows(name) || value == false {
				continue
			}
			raw, _ := json.Marshal(value) // it came from JSON
			rows, ok := Total(raw)
			if all.rows = max(all.rows, rows); !ok {
				all.unread = l.prefix + field
			}
		}
	}
	return all
}
