package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

var errPage = errors.New("no page")

// leaf is one page of a list.
type leaf struct {
	rows  string // separated by blanks; "!" for one that cannot be read, "-" for a page that fails
	total int
	last  bool
	more  bool
	doubt string
	bad   string // why a total cannot be read
	again int    // how many of its first rows may be the last ones of the page before
}

// book is a list of pages, behind which it is empty. It counts the pages that were read, and can be
// another one from the second reading on.
type book struct {
	pages, again []leaf
	read         int
	begun        int
}

func (b *book) page(at rest.Place) (rest.Page[string], error) {
	b.read++
	if at.Pages == 0 {
		b.begun++
	}
	pages := b.pages
	if b.begun > 1 && b.again != nil {
		pages = b.again
	}
	if at.Pages >= len(pages) {
		return rest.Page[string]{}, nil
	}
	of := pages[at.Pages]
	page := rest.Page[string]{
		Total:    of.total,
		Last:     of.last,
		More:     of.more,
		Doubt:    of.doubt,
		BadTotal: of.bad,
		Again:    of.again,
	}
	for i, row := range strings.Fields(of.rows) {
		switch {
		case row == "-":
			return rest.Page[string]{}, errPage
		case strings.HasPrefix(row, "!"):
			page.Bad = append(page.Bad, &rest.RowError{Row: i + 1, Err: errors.New("no ID")})
		default:
			page.Items = append(page.Items, row)
		}
	}
	return page, nil
}

func self(s string) string { return s }

// readBook reads a book to its end. It returns the items, the rows that could not be read, and what
// ended the list.
func readBook(b *book) (items string, bad []string, end error) {
	var all []string
	for item, err := range rest.Pages(self, nil, b.page) {
		var row *rest.RowError
		switch {
		case errors.As(err, &row):
			bad = append(bad, row.Error())
		case err != nil:
			end = err
		default:
			all = append(all, item)
		}
	}
	return strings.Join(all, " "), bad, end
}

func TestPages_end(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pages []leaf
		items string
		read  int
		err   string // a part of it; empty for a list that is whole
	}{
		"at an empty page":             {[]leaf{{rows: "a b"}, {rows: "c"}}, "a b c", 3, ""},
		"at the vendor's own end mark": {[]leaf{{rows: "a b"}, {rows: "c", last: true}}, "a b c", 2, ""},
		"not at a short page":          {[]leaf{{rows: "a b"}, {rows: "c"}, {rows: "d e"}}, "a b c d e", 4, ""},
		"not at an empty page, if there are more": {
			[]leaf{{rows: "a"}, {more: true}, {more: true}, {rows: "b"}}, "a b", 5, "",
		},
		"at an empty page with a total that was reached": {
			[]leaf{{rows: "a b", total: 2, more: true}, {total: 2, more: true}}, "a b", 2, "",
		},
		"not at an empty page with a total that was not reached": {
			[]leaf{{rows: "a b", total: 3, more: true}, {total: 3, more: true}, {rows: "c", total: 3}}, "a b c", 4, "",
		},
		"not at many empty pages": {
			[]leaf{{rows: "a"}, {more: true}, {more: true}, {more: true}, {rows: "b"}}, "a", 8, "no further rows and no end",
		},
		"at once when there is nothing": {nil, "", 1, ""},
		"behind a total of the page's rows": {
			[]leaf{{rows: "a b", total: 2}, {rows: "c d", total: 2}, {rows: "e", total: 1}}, "a b c d e", 4, "",
		},
		"behind a total that is too low": {[]leaf{{rows: "a b", total: 3}, {rows: "c d", total: 3}}, "a b c d", 3, ""},
		"not at the only page, repeated": {
			[]leaf{{rows: "a b"}, {rows: "a b"}, {rows: "c"}}, "a b", 4, "no further rows and no end; 2 were read",
		},
		"not at the short last one, repeated": {
			[]leaf{{rows: "a b c"}, {rows: "d"}, {rows: "d"}, {rows: "e"}}, "a b c d", 6,
			"no further rows and no end; 4 were read",
		},
		"not at a repeated page, whatever the total": {
			[]leaf{{rows: "a b c", total: 3}, {rows: "a b c", total: 3}}, "a b c", 4, "no further rows and no end; 3 were read",
		},
		"not behind a row that comes again": {
			[]leaf{{rows: "a b"}, {rows: "b d"}}, "a b d", 6, "the list moved while it was read; 3 were read",
		},
		"behind rows that were asked for again": {[]leaf{{rows: "a b c"}, {rows: "b c d", again: 2}}, "a b c d", 3, ""},
		"not behind more of them": {
			[]leaf{{rows: "a b c"}, {rows: "b c d", again: 1}}, "a b c d", 6, "moved while it was read; 4 were read",
		},
		"not behind others": {[]leaf{{rows: "a b"}, {rows: "a d", again: 1}}, "a b d", 6, "it was read; 3 were read"},
		"behind a row that comes again, with all that there are": {
			[]leaf{{rows: "a b", total: 3}, {rows: "b c", total: 3}}, "a b c", 3, "",
		},
		"not with all of a page": {
			[]leaf{{rows: "a b", total: 2}, {rows: "b c", total: 2}}, "a b c", 6, "moved while it was read; 3 were read",
		},
		"at an error": {[]leaf{{rows: "a"}, {rows: "-"}, {rows: "b"}}, "a", 2, "no page"},
		"too soon for the total": {
			[]leaf{{rows: "a b", total: 5}, {rows: "c d", total: 5}}, "a b c d", 6, "the vendor says 5, 4 were read",
		},
		"too soon for a total on one page": {
			[]leaf{{rows: "a b", total: 5}, {rows: "c d"}}, "a b c d", 6, "the vendor says 5, 4 were read",
		},
		"too soon though marked as the end": {
			[]leaf{{rows: "a b", total: 5, last: true}}, "a b", 2, "the vendor says 5, 2 were read",
		},
		"not in doubt":                {[]leaf{{rows: "a"}, {rows: "b", last: true, doubt: "?"}}, "a b", 2, "?; 2 were read"},
		"not at no rows, in doubt":    {[]leaf{{rows: "a b"}, {doubt: "?"}}, "a b", 2, "?; 2 were read"},
		"not in doubt before the end": {[]leaf{{rows: "a b", doubt: "?"}, {}}, "a b", 2, ""},
		"not behind a bad total":      {[]leaf{{rows: "a b", bad: "?"}, {}}, "a b", 2, "?; 2 were read"},
		"not at a bad total":          {[]leaf{{rows: "a b", bad: "?"}, {total: 2}}, "a b", 2, "?; 2 were read"},
		"in doubt, at a total":        {[]leaf{{rows: "a b", total: 2}, {total: 2, doubt: "?"}}, "a b", 2, ""},
		"not at known rows below the total": {
			[]leaf{{rows: "a b c", total: 6}, {rows: "a b c", total: 6}, {rows: "d"}}, "a b c", 4,
			"the vendor says 6, 3 were read",
		},
		"not at a full page of known rows": {
			[]leaf{{rows: "a b c d"}, {rows: "a b c d"}, {rows: "e"}}, "a b c d", 4, "no further rows and no end; 4 were read",
		},
		"not at the capped last one repeated": {
			[]leaf{{rows: "a b"}, {rows: "c d"}, {rows: "c d"}, {rows: "e"}}, "a b c d", 6,
			"no further rows and no end; 4 were read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &book{pages: c.pages}
			items, _, err := readBook(b)
			if items != c.items || b.read != c.read {
				t.Errorf("got %q from %d pages, want %q from %d", items, b.read, c.items, c.read)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got the end %v, want %q", err, c.err)
			}
			if got, want := rest.Incomplete(err), err != nil && !errors.Is(err, errPage); got != want {
				t.Errorf("got incomplete %t for %v, want %t", got, err, want)
			}
		})
	}
}

// A list that moved while it was read is whole when the second reading is.
func TestPages_readOnceMoreWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pages, again []leaf
		items        string
		whole        bool
	}{
		"a row that was added": {
			[]leaf{{rows: "a b", total: 3}, {rows: "b c", total: 4}}, []leaf{{rows: "0 a b c", total: 4}}, "a b c 0", true,
		},
		"a row that was removed": {
			[]leaf{{rows: "a b", total: 4}, {rows: "d", total: 3}}, []leaf{{rows: "b c d", total: 3}}, "a b d c", true,
		},
		"rows that came late":        {[]leaf{{rows: "a", total: 2}}, []leaf{{rows: "a b", total: 2}}, "a b", true},
		"the second one fails too":   {[]leaf{{rows: "a", total: 3}}, []leaf{{rows: "b", total: 3}}, "a b", false},
		"the second one breaks off":  {[]leaf{{rows: "a", total: 3}}, []leaf{{rows: "-"}}, "a", false},
		"only both together make it": {[]leaf{{rows: "a", total: 2}}, []leaf{{rows: "b", total: 2}}, "a b", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &book{pages: c.pages, again: c.again}
			items, _, err := readBook(b)
			if items != c.items || (err == nil) != c.whole || b.begun != 2 {
				t.Errorf("got %q, %v after %d readings, want %q, whole %t after 2", items, err, b.begun, c.items, c.whole)
			}
		})
	}
}

func TestPages_nameEachRowThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := &book{pages: []leaf{{rows: "a ! b", total: 6}, {rows: "c !", total: 6}}}
	items, bad, err := readBook(b)
	want := []string{"row 2 of page 1 cannot be read: no ID", "row 2 of page 2 cannot be read: no ID"}
	if items != "a b c" || !slices.Equal(bad, want) {
		t.Errorf("got %q and %q, want all that can be read and %q once each", items, bad, want)
	}
	var partial *rest.PartialError
	if !errors.As(err, &partial) || partial.Read != 5 || partial.Total != 6 {
		t.Errorf("got %v, want 5 rows read of 6", err)
	}
	if !rest.Incomplete(&rest.RowError{}) || rest.Incomplete(errPage) || rest.Incomplete(nil) {
		t.Error("want a row that cannot be read, and nothing else, to leave a list incomplete")
	}
}

func TestPages_rowsThatCannotBeReadAreCounted(t *testing.T) {
	t.Parallel()
	b := &book{pages: []leaf{{rows: "a ! b", total: 3}}}
	if _, bad, err := readBook(b); err != nil || len(bad) != 1 || b.begun != 1 {
		t.Errorf("got %v after %d readings, want a whole list after one: its three rows came", err, b.begun)
	}
}

// A vendor that never ends the list does not keep its caller forever.
func TestPages_neverEnding(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		page func(at rest.Place) rest.Page[string]
		most int // pages
		want string
	}{
		"always new rows": {func(at rest.Place) rest.Page[string] {
			return rest.Page[string]{Items: []string{strconv.Itoa(at.Pages)}}
		}, 10_000, "does not end within 10000 pages"},
		"always the same rows": {func(rest.Place) rest.Page[string] {
			return rest.Page[string]{Items: []string{"a", "b"}, Total: 9}
		}, 4, "the vendor says 9, 2 were read"},
		"always rows that cannot be read": {func(at rest.Place) rest.Page[string] {
			return rest.Page[string]{Bad: []*rest.RowError{{Row: at.Rows, Err: errors.New("no ID")}}}
		}, 6, "no further rows and no end"},
		"rows that cannot be read, on ever shorter pages": {func(at rest.Place) rest.Page[string] {
			bad := []*rest.RowError{{Row: at.Rows, Err: errors.New("no ID")}, {Row: at.Rows + 1, Err: errors.New("no ID")}}
			return rest.Page[string]{Bad: bad[min(at.Pages, 1):]}
		}, 6, "no further rows and no end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := 0
			var end error
			for _, err := range rest.Pages(self, nil, func(at rest.Place) (rest.Page[string], error) {
				if read++; read > c.most {
					return rest.Page[string]{}, errPage
				}
				return c.page(at), nil
			}) {
				end = err
			}
			if read > c.most || end == nil || !strings.Contains(end.Error(), c.want) {
				t.Errorf("got %d pages and %v, want %d at the most and %q", read, end, c.most, c.want)
			}
		})
	}
}

// The place is given in pages and in rows that came, because a server may send fewer rows than its
// stride.
func TestPages_sayHowMuchCame(t *testing.T) {
	t.Parallel()
	var got []rest.Place
	b := &book{pages: []leaf{{rows: "a b c"}, {rows: "d"}, {rows: "! e"}}}
	for _, err := range rest.Pages(self, nil, func(at rest.Place) (rest.Page[string], error) {
		got = append(got, at)
		return b.page(at)
	}) {
		if err != nil && !rest.Incomplete(err) {
			t.Fatal(err)
		}
	}
	if want := []rest.Place{{}, {1, 3}, {2, 4}, {3, 6}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPages_yieldEachItemOnce(t *testing.T) {
	t.Parallel()
	b := &book{pages: []leaf{{rows: "a b"}, {rows: "b c c", again: 1}}}
	if items, _, err := readBook(b); err != nil || items != "a b c" {
		t.Errorf("got %q, %v, want %q", items, err, "a b c")
	}
}

// pair is a row with an ID, and what it shows.
type pair struct{ id, shows string }

// Nothing says which of two rows with one ID is true, if they do not show the same. Where a row shows
// nothing of the item alone, they may differ.
func TestPages_nameARowThatContradictsAnother(t *testing.T) {
	t.Parallel()
	pages := [][]pair{{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"b", "2"}}, {{"b", "2"}, {"c", "4"}, {"b", "5"}}}
	unread := &rest.RowError{Row: 2, Err: errors.New("no ID")}
	read := func(shown func(pair) any) (items, bad []string) {
		for item, err := range rest.Pages(func(p pair) string { return p.id }, shown,
			func(at rest.Place) (rest.Page[pair], error) {
				if at.Pages == len(pages) {
					return rest.Page[pair]{}, nil
				}
				return rest.Page[pair]{Items: pages[at.Pages], Bad: []*rest.RowError{unread}[at.Pages:], Total: 8}, nil
			}) {
			if err == nil {
				items = append(items, item.id+item.shows)
				continue
			}
			bad = append(bad, err.Error())
		}
		return items, bad
	}
	items, bad := read(func(p pair) any { return p })
	want := []string{
		`row 4 of page 1 cannot be read: another row has its ID, "a", and does not show the same`,
		"row 2 of page 1 cannot be read: no ID",
		`row 3 of page 2 cannot be read: another row has its ID, "b", and does not show the same`,
	}
	if got := strings.Join(items, " "); got != "a1 b2 c4" || !slices.Equal(bad[:3], want) {
		t.Errorf("got %s and %q, want each item once, and the rows that do not agree", got, bad)
	}
	if items, bad = read(nil); len(items) != 3 || slices.ContainsFunc(bad, func(s string) bool {
		return strings.Contains(s, "another row")
	}) {
		t.Errorf("got %q and %q, want each item once", items, bad)
	}
}

// A user who is renamed while the list is read has two rows that differ. Both are of one user, so the user
// who is missed meanwhile is missing in the total.
func TestPages_countRowsOfOneIDOnce(t *testing.T) {
	t.Parallel()
	pages := [][]pair{{{"a", "1"}, {"b", "2"}}, {{"d", "4"}, {"a", "9"}}}
	var last error
	for _, err := range rest.Pages(func(p pair) string { return p.id }, func(p pair) any { return p },
		func(at rest.Place) (rest.Page[pair], error) {
			if at.Pages >= len(pages) {
				return rest.Page[pair]{}, nil
			}
			return rest.Page[pair]{Items: pages[at.Pages], Total: 4}, nil
		}) {
		last = err
	}
	if partial, ok := errors.AsType[*rest.PartialError](last); !ok || partial.Read != 3 {
		t.Errorf("got %v at the end, want three of four rows", last)
	}
}

func TestPages_readNoFurtherThanAsked(t *testing.T) {
	t.Parallel()
	for _, until := range []string{"b", "!"} {
		b := &book{pages: []leaf{{rows: "a b !", total: 9}, {rows: "c", total: 9}}}
		for item, err := range rest.Pages(self, nil, b.page) {
			if err != nil || item == until {
				break
			}
		}
		if b.read != 1 {
			t.Errorf("up to %s: got %d pages read, want 1", until, b.read)
		}
	}
}

// A row that cannot be read may be about the account that is looked for, unless it names another
// ID. It never shows that a key sees others.
func TestPage_rowsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	cause := errors.New("no email")
	for name, c := range map[string]struct {
		id, row string // what is looked for, and the ID that the row names
		stops   bool
	}{
		"another ID":               {"a", "b", false},
		"the ID":                   {"a", "a", true},
		"the ID in another case":   {"a", "A", true},
		"no ID":                    {"a", "", true},
		"an account without an ID": {"", "b", true},
	} {
		page := rest.Page[string]{Bad: []*rest.RowError{{Row: 3, ID: c.row, Err: cause}}}
		err := page.CheckUnread(offboard.User{ID: c.id})
		if (err != nil) != c.stops || c.stops && (!errors.Is(err, cause) || !strings.Contains(err.Error(), "row 3 cannot")) {
			t.Errorf("%s: got %v, want an error that names the row: %t", name, err, c.stops)
		}
		for _, given := range []error{offboard.ErrAccessUnproven, offboard.ErrEmptyList} {
			if err := page.ExplainUnproven(given); !errors.Is(err, cause) || errors.Is(err, given) {
				t.Errorf("%s: got %v for %v, want the error of the row", name, err, given)
			}
		}
		for _, given := range []error{nil, offboard.ErrListed} {
			if err := page.ExplainUnproven(given); !errors.Is(err, given) || given == nil && err != nil {
				t.Errorf("%s: got %v, want %v", name, err, given)
			}
		}
	}
	if err := (rest.Page[string]{}).ExplainUnproven(offboard.ErrEmptyList); !errors.Is(err, offboard.ErrEmptyList) {
		t.Errorf("got %v for a list that is empty, want %v", err, offboard.ErrEmptyList)
	}
}

// readItem reads a row that holds no more than an ID.
func readItem(row rest.Answer) (string, error) {
	var item struct{ ID string }
	err := row.JSON(&item)
	if err == nil && item.ID == "" {
		err = row.Malformed("no ID")
	}
	return item.ID, err
}

func TestPageOf(t *testing.T) {
	t.Parallel()
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(`[{"id":"a"},{"id":7},null,{"id":"b"}]`), &raw); err != nil {
		t.Fatal(err)
	}
	answer := rest.Answer{Method: "GET", Path: "/users", Status: 200}
	named := func(row rest.Answer) string { return string(row.Body) }
	page, err := rest.PageOf(t.Context(), answer, raw, named, readItem)
	if err != nil || !slices.Equal(page.Items, []string{"a", "b"}) || len(page.Bad) != 2 || page.Bad[0].Row != 2 ||
		page.Bad[1].Row != 3 ||
		page.Rows() != 4 {
		t.Errorf("got %+v, want a and b, and the rows 2 and 3 as unreadable", page)
	}
	if got := []string{page.Bad[0].ID, page.Bad[1].ID}; !slices.Equal(got, []string{`{"id":7}`, "null"}) {
		t.Errorf("got the IDs %q, want those of the rows that cannot be read", got)
	}
	var fault *rest.Error
	if !errors.As(page.Bad[0], &fault) || fault.Path != "/users" {
		t.Errorf("got %v, want an *rest.Error that names the request", page.Bad[0])
	}
}

// A page ends with its context, and when too many of its rows cannot be read.
func TestPageOf_endsInTime(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	answer := rest.Answer{Method: "GET", Path: "/users", Status: 200}
	for name, c := range map[string]struct {
		ctx       context.Context
		good, bad int
		want      string // in the error; empty for none
	}{
		"as many unreadable rows as allowed": {t.Context(), 3, 10_000, ""},
		"one more":                           {t.Context(), 3, 10_001, "more than 10000 of its 10004 rows"},
		"no time for any row":                {ended, 3, 0, "no time to read all its 3 rows"},
		"no row":                             {ended, 0, 0, ""},
	} {
		rows := slices.Repeat([]json.RawMessage{json.RawMessage(`{"id":"a"}`)}, c.good)
		rows = append(rows, slices.Repeat([]json.RawMessage{json.RawMessage("0")}, c.bad)...)
		page, err := rest.PageOf(c.ctx, answer, rows, nil, readItem)
		if c.want == "" && (err != nil || page.Rows() != len(rows)) {
			t.Errorf("%s: got %d rows and %v, want all", name, page.Rows(), err)
		}
		if c.want != "" && (page.Rows() > 0 || !errors.As(err, new(*rest.Error)) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %d rows and %v, want an *rest.Error with %q", name, page.Rows(), err, c.want)
		}
	}
}

// A page of good rows takes long too. It ends with its context.
func TestPageOf_endsAmongItsRows(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	rows := slices.Repeat([]json.RawMessage{json.RawMessage("1")}, 1000)
	_, err := rest.PageOf(ctx, rest.Answer{}, rows, nil, func(rest.Answer) (int, error) {
		if read++; read == 10 {
			cancel()
		}
		return 1, nil
	})
	if read != 10 || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after %d rows, want %v after 10", err, read, context.Canceled)
	}
}
