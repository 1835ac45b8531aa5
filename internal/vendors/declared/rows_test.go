package declared_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// textIDs is the definition of a vendor whose IDs are texts.
var textIDs = replacing(
	"tostring(record.ref)", "record.ref", "ref = 90071992547409931", `ref = "x"`, `id = "90071992547409931"`, `id = "x"`,
	"answer.json.data.ref > 0", "answer.status == 200",
)

// rowOf is a row of the list.
func rowOf(ref, mail, state string) string {
	return fmt.Sprintf(`{"ref":%s,"mail":%q,"state":%q}`, ref, mail, state)
}

// listOf is an answer with rows.
func listOf(rows ...string) string {
	return `200 {"data":[` + strings.Join(rows, ",") + `],"cursor":null}`
}

// Two rows with one ID that differ: nothing says which of them is true. The same row twice is one row.
func TestAllUsers_twoRowsWithOneID(t *testing.T) {
	t.Parallel()
	mina := rowOf("6", "mina@acme.test", "on")
	for name, c := range map[string]struct {
		rows       []string
		text       bool // the IDs are texts
		read       string
		incomplete bool
	}{
		"the same twice":                {[]string{mina, mina}, false, "6", false},
		"closed and open":               {[]string{rowOf("6", "mina@acme.test", "ended"), mina}, false, "6", true},
		"open and closed":               {[]string{mina, rowOf("6", "mina@acme.test", "ended")}, false, "6", true},
		"two people":                    {[]string{mina, rowOf("6", "otto@acme.test", "on")}, false, "6", true},
		"the same in another letter":    {[]string{rowOf(`"jos\u00e9"`, "a@acme.test", "on")}, true, "josé", false},
		"an ID in another Unicode form": {[]string{rowOf(`"jose\u0301"`, "a@acme.test", "on")}, true, "", true},
		"an ID in two Unicode forms": {
			[]string{rowOf(`"jos\u00e9"`, "a@acme.test", "on"), rowOf(`"jose\u0301"`, "b@acme.test", "on")}, true, "", true,
		},
		"a name in another Unicode form": {[]string{rowOf(`"6"`, "jose\u0301@acme.test", "on")}, true, "6", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			if c.text {
				e.definition = textIDs
			}
			e.override[evenList] = listOf(c.rows...)
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				read, incomplete := idsIn(t, client.AllUsers(ctx))
				if strings.Join(read, " ") != c.read || incomplete != c.incomplete {
					t.Errorf("got %q, incomplete %t, want %q and %t", read, incomplete, c.read, c.incomplete)
				}
			})
		})
	}
}

// idsIn reads a list to its end. It returns the IDs, and whether something is missing.
func idsIn(t *testing.T, users func(func(declared.User, error) bool)) (ids []string, incomplete bool) {
	t.Helper()
	for u, err := range users {
		switch {
		case rest.Incomplete(err):
			incomplete = true
		case err != nil:
			t.Fatal(err)
		default:
			ids = append(ids, u.ID)
		}
	}
	return ids, incomplete
}

// If one row shows the account open, another one that shows it closed proves nothing.
func TestClose_isNotProvenIfARowShowsTheAccountOpen(t *testing.T) {
	t.Parallel()
	mail := "p" + inesRef + "@acme.test"
	ended, on := rowOf(inesRef, mail, "ended"), rowOf(inesRef, mail, "on")
	for name, rows := range map[string][]string{"open last": {ended, on}, "open first": {on, ended}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.script = map[string][]string{
				evenRead: {"", nobody}, evenEnd: {evenTaken}, evenList: {listOf(append(rows, person("5"))...)},
			}
			e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
				u, err := c.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				if proof, err := c.Close(ctx, u, "", offboard.NotSent); !errors.Is(err, offboard.ErrStillOpen) {
					t.Errorf("got %v and %v, want the account still open", proof, err)
				}
			})
		})
	}
}

// A row of the account beats its absence, also if the block alive shows that the key sees others.
func TestClose_isNotProvenByTheRecordsOfAliveBesideARow(t *testing.T) {
	t.Parallel()
	for name, rights := range map[string]string{"records": "", "records and rights": "  rights = answer.json.org\n"} {
		for _, listed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, listed %t", name, listed), func(t *testing.T) {
				t.Parallel()
				e := newEvening()
				e.definition = replacing(evenSelf, evenSelf+"\n  records = answer.json.admins\n"+rights)
				e.override[evenAlive] = `200 {"data":{"ref":7},"org":"o1","admins":[` + person("7") + `,` + person("5") + `]}`
				rows := listOf(person("5"))
				if listed {
					rows = listOf(person("5"), person(inesRef))
				}
				e.script = map[string][]string{evenRead: {"", nobody}, evenEnd: {evenTaken}, evenList: {rows}}
				e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
					u, err := c.User(ctx, inesRef)
					if err != nil {
						t.Fatal(err)
					}
					then, _ := c.Rights(ctx)
					proof, err := c.Close(ctx, u, then, offboard.NotSent)
					if errors.Is(err, offboard.ErrStillOpen) != listed || (err != nil) != listed {
						t.Errorf("got %v and %v, want the account still open if the list shows it", proof, err)
					}
				})
			})
		}
	}
}

// The row of the user who owns the key shows only that the key works.
func TestCheckAccess_theOwnersRowInAnotherLetterCaseShowsNoOtherUser(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]error{"ab12": offboard.ErrEmptyList, "ab13": nil} {
		e := newEvening()
		e.definition = textIDs
		e.override[evenAlive] = `200 {"data":{"ref":"AB12"}}`
		e.override["GET /v1/people/AB12"] = `200 {"data":` + rowOf(`"AB12"`, "key@acme.test", "on") + `}`
		e.override[evenList] = listOf(rowOf(strconv.Quote(id), "key@acme.test", "on"))
		e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
			ines := offboard.User{ID: "q7", Email: "ines@acme.test", Status: offboard.Active}
			if err := c.CheckAccess(ctx, ines, ""); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", id, err, want)
			}
		})
	}
}

// A total that cannot be read does not make a list whole.
func TestAllUsers_needsTheTotalOfTheDefinition(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		total, said string
		whole       bool
	}{
		"a number":                {"answer.json.total", `45`, false},
		"a text":                  {"answer.json.total", `"45"`, false},
		"a header":                {`answer.headers["x-total-count"]`, `0`, false},
		"the right text":          {"answer.json.total", `"1"`, true},
		"no digits":               {"answer.json.total", `"many"`, false},
		"a part":                  {"answer.json.total", `0.5`, false},
		"less than nothing":       {"answer.json.total", `-1`, false},
		"a list":                  {"answer.json.total", `[45]`, false},
		"null":                    {"answer.json.total", `null`, false},
		"null, as written":        {"try(answer.json.total, null)", `null`, true},
		"a field that is none":    {"answer.json.meta.total", `45`, false},
		"none, as is written":     {"try(answer.json.meta.total, null)", `45`, true},
		"zero, which says little": {"answer.json.total", `0`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("answer.json.cursor", "answer.json.cursor\n  total = "+c.total)
			e.override[evenList] = strings.Replace(listOf(person("5")), "null}", `null,"total":`+c.said+`}`, 1)
			vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Total-Count", "45")
				e.ServeHTTP(w, r)
			})
			e.runBehind(t, vendor, func(ctx context.Context, t *testing.T, client *declared.Client) {
				var last error
				for _, err := range client.AllUsers(ctx) {
					last = err
				}
				if (last == nil) != c.whole {
					t.Errorf("got %v, want a whole list: %t", last, c.whole)
				}
			})
		})
	}
}

// capped is a vendor that sends two rows of five a page, whatever it is asked for. A page counts from 1, an
// offset from 0, and a key is the ID of the row before.
type capped struct {
	*evening
	asked int // how many pages
}

func (c *capped) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/people" {
		c.evening.ServeHTTP(w, r)
		return
	}
	c.asked++
	ids := []string{"11", "12", "13", "14", "15"}
	at := beginOfPage(r.URL.Query(), ids)
	var rows []string
	for _, id := range ids[min(at, len(ids)):min(at+2, len(ids))] {
		rows = append(rows, person(id))
	}
	write(w, 200, fmt.Sprintf(`{"data":[%s],"next":null,"total":%d}`, strings.Join(rows, ","), len(ids)))
}

func beginOfPage(query url.Values, ids []string) int {
	number := func(name string) int {
		n, _ := strconv.Atoi(query.Get(name))
		return n
	}
	return max(0, number("page")-1)*2 + number("offset") + slices.Index(ids, query.Get("key")) + 1
}

// A server may cap the size of a page. So the number of rows does not end a list, unless there are none.
func TestAllUsers_aShortPageIsNotTheLast(t *testing.T) {
	t.Parallel()
	const all, begin, total = "11 12 13 14 15", "11 12", "  total = answer.json.total"
	for name, c := range map[string]struct {
		by, first, next, more string
		read                  string
		asked                 int
		incomplete            bool
	}{
		"a full page goes on": {"page", "1", "length(records) == 100 ? page + 1 : null", "", all, 4, false},
		"a short page ends":   {"page", "1", "length(records) < 100 ? null : page + 1", "", all, 4, false},
		"rows by their path":  {"page", "1", "length(answer.json.data) < 100 ? null : (page + 1)", "", all, 4, false},
		"with the status": {
			"page", "1", "answer.status != 200 || length(records) < 9 ? null : page + 1", "", all, 4, false,
		},
		"a page at most": {"page", "1", "page < 2 ? page + 1 : null", "", all, 4, false},
		"rows counted": {
			"offset", "0", "length(records) < 9 ? null : page + length(records)", "", all, 4, false,
		},
		"rows as asked for":         {"offset", "0", "length(records) < 100 ? null : page + 100", "", all, 4, false},
		"rows as asked for, always": {"offset", "0", "length(records) > 0 ? page + 100 : null", "", all, 4, false},
		"the key of the last row": {
			"key", "null", "length(records) == 100 ? tostring(records[length(records) - 1].ref) : null", "", all, 4, false,
		},

		"up to an empty page":       {"page", "1", "length(records) > 0 ? page + 1 : null", "", all, 4, false},
		"a total that says so":      {"page", "1", "length(records) < 2 ? null : page + 1", total, all, 3, false},
		"a total that does not":     {"page", "1", "length(records) < 9 ? null : page + 1", total, all, 3, false},
		"a total in next, by rows":  {"offset", "0", "page + 9 < answer.json.total ? page + 9 : null", "", all, 3, false},
		"a total in next, by pages": {"page", "1", "page * 9 < answer.json.total ? page + 1 : null", "", all, 3, false},
		"a total that is no total": {
			"page", "1", "page * 9 < answer.json.total ? page + 1 : null", "  total = null", all, 4, false,
		},
		"the vendor's own mark": {"page", "1", "answer.json.next", "", begin, 1, false},
		"a mark that may lack":  {"page", "1", "try(answer.json.more, null)", "", begin, 1, false},
		"a mark in a row": {
			"page", "1", "try(records[length(records) - 1].more, false) ? page + 1 : null", "", begin, 1, false,
		},
		"a list without pages": {"page", "1", "null", "", begin, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("{ after = page }", "{ "+c.by+" = page }", "first   = null", "first = "+c.first,
				"next    = answer.json.cursor", "next = "+c.next+"\n"+c.more)
			v := &capped{evening: e}
			e.runBehind(t, v, func(ctx context.Context, t *testing.T, client *declared.Client) {
				read, incomplete := idsIn(t, client.AllUsers(ctx))
				if strings.Join(read, " ") != c.read || v.asked != c.asked || incomplete != c.incomplete {
					t.Errorf("got %q from %d pages, incomplete %t, want %q from %d, %t",
						read, v.asked, incomplete, c.read, c.asked, c.incomplete)
				}
			})
		})
	}
}

// Rows that records leaves out came, too. So neither a page without other rows nor a short one ends the list.
func TestAllUsers_rowsThatAreLeftOutEndNothing(t *testing.T) {
	t.Parallel()
	for _, next := range []string{
		"length(answer.json.data) > 0 ? page + 1 : null", "length(answer.json.data) == 100 ? page + 1 : null",
		"page < 2 ? page + 1 : null", "page * 9 < answer.json.total ? page + 1 : null",
	} {
		t.Run(next, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("{ after = page }", "{ page = page }", "first   = null", "first = 1",
				"next    = answer.json.cursor", "next = "+next,
				evenRecords, "records = [for row in answer.json.data : row if !contains([12, 13, 14], row.ref)]\n")
			e.runBehind(t, &capped{evening: e}, func(ctx context.Context, t *testing.T, client *declared.Client) {
				if read, incomplete := idsIn(t, client.AllUsers(ctx)); strings.Join(read, " ") != "11 15" || incomplete {
					t.Errorf("got %q, incomplete %t, want all of the list", read, incomplete)
				}
			})
		})
	}
}

// A list that the definition ends is not whole beside a mark of more that it does not look at. A total counts
// only for a list without pages, because it is that of all pages.
func TestAllUsers_isNotWholeBesideAMarkOfMore(t *testing.T) {
	t.Parallel()
	const found = "try(answer.json.found, null)"
	for name, c := range map[string]struct {
		next, status, beside, header string
		whole                        bool
	}{
		"no pages":                {"null", "200", `"more":false`, "", true},
		"no pages, and more":      {"null", "200", `"more":true`, "", false},
		"no pages, and a total":   {"null", "200", `"total":250`, "", false},
		"no pages, and the total": {"null", "200", `"total":1`, "", true},
		"no pages, and a part":    {"null", "206", `"more":false`, "", false},
		"no pages, and a range":   {"null", "200", `"more":false`, "Next-Range: id ]5..", false},
		"no pages, and a link":    {"null", "200", `"more":false`, `Link: </x>; rel="next"`, false},
		"another cursor":          {found, "200", `"meta":{"next_cursor":"c1"}`, "", false},
		"another cursor, no rows": {"length(records) > 0 ? 9 : null", "200", `"meta":{"next_cursor":"c1"}`, "", false},
		"a cursor behind the end": {"answer.json.more ? 9 : null", "200", `"more":false,"cursor":"c1"`, "", true},
		"the last page of many":   {found, "200", `"total":250,"pages":9,"page":9`, "", true},
		"the last part of many":   {found, "206", `"more":false`, "", true},
		"a link that cannot be read": {
			`try(regex("after=(.+)", link_next(answer))[0], null)`, "200", `"more":false`, `Link: </x?at=2>; rel="next"`, false,
		},
		"no link to read": {
			`try(regex("after=(.+)", link_next(answer))[0], null)`, "200", `"more":false`, "Link: </x?at=2>; rel=prev", true,
		},
		"a link that can be read in another form": {
			`can(regex("after=.", link_next(answer))) ? regex("after=(.+)", link_next(answer))[0] : null`,
			"200", `"more":false`, `Link: </x?at=2>; rel="next"`, false,
		},
		"a field that cannot be read": {
			`try(regex("after=(.+)", answer.json.next)[0], null)`, "200", `"next":"/x?at=2"`, "", false,
		},
		"no field to read":     {`try(regex("after=(.+)", answer.json.next)[0], null)`, "200", `"next":null`, "", true},
		"a field that is read": {`answer.json.next == "none" ? null : 9`, "200", `"next":"none"`, "", true},
		"an end in try": {
			"try(answer.json.more, true) ? answer.json.cursor : null", "200", `"more":false,"cursor":"c1"`, "", true,
		},
		"a page in a header": {found, "200", `"more":false`, "X-Next-Page: 2", false},
		"a page in a header, looked at": {
			`answer.headers["x-next-page"] == "2" ? null : 9`, "200", `"more":false`, "X-Next-Page: 2", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("next    = answer.json.cursor", "next = "+c.next)
			row := person("90071992547409937") // who owns the key
			answer := func(rows string) string { return c.status + ` {"data":[` + rows + `],` + c.beside + `}` }
			e.script = map[string][]string{evenList: {answer(row), answer("")}}
			vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				header, value, _ := strings.Cut(c.header, ": ")
				w.Header().Set(header, value)
				e.ServeHTTP(w, r)
			})
			e.runBehind(t, vendor, func(ctx context.Context, t *testing.T, client *declared.Client) {
				read, incomplete := idsIn(t, client.AllUsers(ctx))
				if len(read) != 1 || incomplete == c.whole {
					t.Errorf("got %q, incomplete %t, want one row of a whole list: %t", read, incomplete, c.whole)
				}
			})
		})
	}
}

// An example shows that an answer does not end the list.
func TestParse_anExampleOfAListThatIsNotWhole(t *testing.T) {
	t.Parallel()
	for next, fails := range map[string]string{
		"null": "true", "answer.json.cursor": "true", "answer.json.more ? answer.json.cursor : null": "false",
		"length(records) < 100 ? null : page": "false", // the next page is read all the same
	} {
		source := replacing(
			"next    = answer.json.cursor",
			"next = "+next,
			"first   = null",
			"first = 1",
		)(
			eveningText(t, nil),
		) + `
example "a page" {
  of     = "list"
  answer = { status = 200, json = { more = true, cursor = null, data = [{ ref = 5, mail = "o@x.test", state = "" }] } }
  expect = { ids = ["5"], next = null, error = ` + fails + ` }
}
`
		if _, problems := declared.Parse("evening", source); len(problems) > 0 {
			t.Errorf("%s: got the problems %v, want an error %s", next, problems, fails)
		}
	}
}

// Users beside a mark of more do not show that the key sees no other one, whether a list or the block alive
// shows them.
func TestCheckAccess_noListIsEmptyBesideAMarkOfMore(t *testing.T) {
	t.Parallel()
	owner := person("7")
	for route, definition := range map[string]func(string) string{
		evenList: nil,
		evenAlive: replacing("answer.json.data.ref > 0", "length(answer.json.data) > 0",
			"self  = tostring(answer.json.data.ref)", "self = tostring(answer.json.data[0].ref)\n  records = answer.json.data"),
	} {
		for _, more := range []bool{false, true} {
			e := newEvening()
			e.definition = definition
			e.override[evenList] = listOf(owner)
			e.override[route] = fmt.Sprintf(`200 {"data":[%s],"cursor":null,"more":%t}`, owner, more)
			e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
				err := c.CheckAccess(ctx, offboard.User{ID: inesRef, Email: "ines@acme.test", Status: offboard.Active}, "")
				if !errors.Is(err, offboard.ErrAccessUnproven) || errors.Is(err, offboard.ErrEmptyList) == more {
					t.Errorf("%s, more %t: got %v, want an empty list if there is no more", route, more, err)
				}
			})
		}
	}
}

// An end that the definition writes in no way that can be read on is an error, and no end.
func TestAllUsers_anEndThatCannotBeReadOnIsNone(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = replacing("first   = null", "first = 1",
		"next    = answer.json.cursor", "next = [null, page + 1][length(records) < 100 ? 0 : 1]")
	e.runBehind(t, &capped{evening: e}, func(ctx context.Context, t *testing.T, c *declared.Client) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		for _, err := range c.AllUsers(ctx) {
			if err == nil || !strings.Contains(err.Error(), "list.next in line") {
				t.Errorf("got %v, want the error of next", err)
			}
		}
	})
}

// A page may be empty because the definition takes none of its rows, or because the vendor shows none. The
// list goes on all the same if the answer says where.
func TestAllUsers_anEmptyPageWithACursorIsNotTheLast(t *testing.T) {
	t.Parallel()
	bot := rowOf("9", "bot@acme.test", "bot")
	page := func(cursor string, rows ...string) string {
		return strings.Replace(listOf(rows...), `"cursor":null`, `"cursor":`+cursor, 1)
	}
	otto, mina := rowOf("5", "otto@acme.test", "on"), rowOf("6", "mina@acme.test", "on")
	for name, c := range map[string]struct {
		pages      []string
		read       string
		incomplete bool
	}{
		"only bots on a page":      {[]string{page(`"a"`, otto), page(`"b"`, bot), listOf(mina)}, "5 6", false},
		"an empty page":            {[]string{page(`"a"`, otto), page(`"b"`), listOf(mina)}, "5 6", false},
		"an empty first page":      {[]string{page(`"a"`), listOf(mina)}, "6", false},
		"an empty text at the end": {[]string{page(`"a"`, otto), page(`""`, mina), page(`"c"`)}, "5 6", false},
		"empty pages forever":      {[]string{page(`"a"`, otto), page(`"b"`)}, "5", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(evenRecords, `records = [for row in answer.json.data : row if row.state != "bot"]`+"\n")
			e.script = map[string][]string{evenList: c.pages}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				if read, incomplete := idsIn(
					t,
					client.AllUsers(ctx),
				); strings.Join(read, " ") != c.read ||
					incomplete != c.incomplete {
					t.Errorf("got %q, incomplete %t, want %q and %t", read, incomplete, c.read, c.incomplete)
				}
			})
		})
	}
}
