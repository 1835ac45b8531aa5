package declared_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// wordy is a vendor that sends two rows of some people a page, whatever it is asked for, and beside them a
// text with MORE or LAST, which are true or false, and how many rows came before, are on the page, and are in all.
type wordy struct {
	*evening
	people int
	says   string
	asked  int // how many pages
}

func (v *wordy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/people" {
		v.evening.ServeHTTP(w, r)
		return
	}
	v.asked++
	at := min(beginOfPage(r.URL.Query(), nil), v.people)
	end := min(at+2, v.people)
	var rows, fields []string
	for ref := at + 11; ref < end+11; ref++ {
		row := person(strconv.Itoa(ref))
		rows, fields = append(rows, row), append(fields, fmt.Sprintf(`"%d":%s`, ref, row))
	}
	w.Header().Set("X-Count", strconv.Itoa(v.people))
	w.Header().Set("Content-Range", fmt.Sprintf("%d-%d/%d", at, end-1, v.people))
	data := strings.Join(rows, ",")
	says := strings.NewReplacer(
		"MORE", strconv.FormatBool(end < v.people), "LAST", strconv.FormatBool(end == v.people), "DATA", "["+data+"]",
		"AT", strconv.Itoa(at), "ROWS", strconv.Itoa(len(rows)), "ALL", strconv.Itoa(v.people),
	).Replace(v.says)
	write(w, http.StatusOK, fmt.Sprintf(`{"data":[%s],"named":{%s},%s}`, data, strings.Join(fields, ","), says))
}

// list reads the list of the vendor with this next, which begins at a place of a page or of a row.
func (v *wordy) list(t *testing.T, by, next string, more ...string) (ids []string, incomplete bool) {
	t.Helper()
	v.evening = newEvening()
	first := map[string]string{"page": "1", "offset": "0"}[by]
	v.definition = replacing(append([]string{
		"{ after = page }", "{ " + by + " = page, limit = 100 }", "first   = null", "first = " + first,
		"next    = answer.json.cursor", "next = " + next,
	}, more...)...)
	v.runBehind(t, v, func(ctx context.Context, t *testing.T, client *declared.Client) {
		ids, incomplete = idsIn(t, client.AllUsers(ctx))
	})
	return ids, incomplete
}

const (
	saysMore  = `"more":MORE`
	saysCount = `"count":ALL`
	saysRows  = `"count":ROWS`
)

// A server may cap the size of a page. Then neither a step that is too long nor a number hides rows, and no page
// behind the last one is asked for without need.
func TestAllUsers_aNumberHidesNoRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by, next, says string
		people         int
		asked          int
	}{
		"a mark, and the rows asked for": {
			"offset", "answer.json.more ? page + 100 : null",
			saysMore, 5, 3,
		},
		"a mark of the end": {
			"offset", "answer.json.last ? null : (page + 100)",
			`"last":LAST`, 5, 3,
		},
		"a mark, and a limit": {
			"offset", "answer.json.more ? page + answer.json.limit : null",
			saysMore + `,"limit":100`, 5, 3,
		},
		"a mark, and a text": {
			"offset", "answer.json.more ? tostring(page + 100) : null",
			saysMore, 5, 3,
		},
		"a mark, and an end of the list": {
			"offset", "answer.json.more ? min(page + 100, answer.json.count) : null",
			saysMore + "," + saysCount, 5, 3,
		},
		"a mark, and the place in the answer": {
			"offset", "answer.json.more ? answer.json.at + answer.json.limit : null",
			saysMore + `,"at":AT,"limit":100`, 5, 3,
		},
		"a mark, and a page": {
			"page", "answer.json.more ? page + 1 : null",
			saysMore, 5, 3,
		},
		"a mark or a short page": {
			"offset", "answer.json.more || length(records) == 100 ? page + 100 : null",
			saysMore, 5, 4,
		},
		"a mark and a full page": {
			"offset", "answer.json.more && length(records) == 100 ? page + 100 : null",
			saysMore, 5, 3,
		},
		"a mark, or else a full page": {
			"offset", "answer.json.more ? page + 100 : length(records) == 100 ? page + 100 : null",
			saysMore, 5, 4,
		},
		"a total with another name": {
			"offset", "page + 100 < answer.json.count ? page + 100 : null",
			saysCount, 5, 3,
		},
		"and one page": {
			"offset", "page + 100 < answer.json.count ? page + 100 : null",
			saysCount, 2, 1,
		},
		"and a part of a page": {
			"offset", "page + 100 < answer.json.count ? page + 100 : null",
			saysCount, 1, 1,
		},
		"a total by pages": {
			"page", "page < ceil(answer.json.count / 100) ? page + 1 : null",
			saysCount, 5, 3,
		},
		"a total in a header": {
			"offset", `page + 100 < tonumber(answer.headers["x-count"]) ? page + 100 : null`,
			saysMore, 5, 3,
		},
		"a total in the range": {
			"offset", `page + 100 < tonumber(regex("/([0-9]+)$", answer.headers["content-range"])[0]) ? page + 100 : null`,
			saysMore, 5, 3,
		},
		"a total beside a place": {
			"offset", "answer.json.at + 100 < answer.json.count ? page + 100 : null",
			saysCount + `,"at":AT`, 5, 3,
		},
		"a total in an object": {
			"offset", `answer.json.at + 100 < lookup(answer.json.meta, "count", 0) ? page + 100 : null`,
			`"at":AT,"meta":{"count":ALL}`, 5, 3,
		},
		"how many are left": {
			"offset", "answer.json.left > 0 ? page + 100 : null",
			`"left":ALL`, 0, 1,
		},
		"the rows of the page": {
			"offset", "answer.json.count == 100 ? page + 100 : null",
			saysRows, 5, 4,
		},
		"the rows of the page, below": {
			"page", "answer.json.count < 100 ? null : page + 1",
			saysRows, 5, 4,
		},
		"the rows beside a limit": {
			"offset", "length(records) < answer.json.limit ? null : page + answer.json.limit",
			`"limit":3`, 5, 4,
		},
		"pages": {
			"page", "page < answer.json.pages ? page + 1 : null",
			`"pages":3`, 5, 3,
		},
		"as many pages as rows": {
			"page", "answer.json.page < answer.json.last_page ? page + 1 : null",
			`"page":1,"last_page":1`, 1, 1,
		},
		"a flag as a number": {
			"page", "answer.json.more == 1 ? page + 1 : null",
			`"more":0`, 2, 1,
		},
		"no rows, and the total of no rows": {
			"offset", "page + 100 < answer.json.count ? page + 100 : null",
			saysCount, 0, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &wordy{people: c.people, says: c.says}
			ids, incomplete := v.list(t, c.by, c.next)
			if len(ids) != c.people || incomplete || v.asked != c.asked {
				t.Errorf("got %q from %d pages, incomplete %t, want %d rows from %d", ids, v.asked, incomplete, c.people, c.asked)
			}
		})
	}
}

// A number with which next compares the place is a total, whatever its name. An empty page does not make a list
// whole that has fewer rows.
func TestAllUsers_aNumberThatCountsIsATotal(t *testing.T) {
	t.Parallel()
	for next, whole := range map[string]bool{
		"page + 100 < answer.json.n ? page + 100 : null":                           false,
		"answer.json.n <= page + length(records) ? null : page + 100":              false,
		"page + 100 < tonumber(try(answer.json.n, 0)) ? page + 100 : null":         false,
		"answer.json.n > page ? answer.json.n : null":                              true, // a place
		"length(records) < answer.json.n ? null : page + 100":                      true, // a limit
		"page + 100 < answer.json.n ? page + 100 : null\n  total = null":           true,
		"page + 100 < answer.json.pages ? page + 100 : null":                       true,
		"page < 5000000 && answer.json.n != 7 ? page + 100 : null":                 true, // no place
		"answer.json.more && page + 100 < answer.json.n ? page + 100 : null":       true, // a mark
		"answer.json.more || page + 100 < answer.json.n ? page + 100 : null":       true,
		"answer.json.n == 4 ? page + 100 : null":                                   true,
		"page + 100 < answer.json.n ? page + 100 : null\n  total = answer.json.at": true,
	} {
		t.Run(next, func(t *testing.T) {
			t.Parallel()
			v := &wordy{people: 2, says: `"n":7,"pages":7,"more":false,"at":2`}
			ids, incomplete := v.list(t, "offset", next)
			if len(ids) != 2 || incomplete == whole {
				t.Errorf("got %q from %d pages, incomplete %t, want whole %t", ids, v.asked, incomplete, whole)
			}
		})
	}
}

// Rows may be the fields of an object. A short page of them ends nothing, and one without the rows that records
// takes does not, either.
func TestAllUsers_rowsInAnObjectEndNothing(t *testing.T) {
	t.Parallel()
	for records, want := range map[string]string{
		"[for ref, row in answer.json.named : row]":                       "11 12 13 14 15",
		"[for ref, row in answer.json.named : row if ref > 12]":           "13 14 15",
		"[for ref, row in answer.json.named : row if tonumber(ref) < 12]": "11",
	} {
		t.Run(records, func(t *testing.T) {
			t.Parallel()
			v := &wordy{people: 5, says: saysMore}
			ids, incomplete := v.list(t, "page", "length(keys(answer.json.named)) == 100 ? page + 1 : null",
				evenRecords, "records = "+records+"\n")
			if strings.Join(ids, " ") != want || incomplete {
				t.Errorf("got %q from %d pages, incomplete %t, want %q", ids, v.asked, incomplete, want)
			}
		})
	}
}

// Where the vendor says where the next page begins, it begins there, also if that is far away.
func TestAllUsers_aPlaceOfTheVendorIsTaken(t *testing.T) {
	t.Parallel()
	for _, next := range []string{
		"answer.json.more ? answer.json.after : null", "answer.json.more ? try(answer.json.after, page + 100) : null",
		"!answer.json.more ? null : answer.json.after > 0 ? answer.json.after : page + 100",
	} {
		v := &wordy{people: 5, says: saysMore + `,"after":4`}
		if ids, incomplete := v.list(t, "offset", next); strings.Join(ids, " ") != "11 12 15" || incomplete {
			t.Errorf("%s: got %q from %d pages, incomplete %t", next, ids, v.asked, incomplete)
		}
	}
}

// A total counts the rows that records leaves out, too.
func TestAllUsers_aTotalHasTheRowsThatAreLeftOut(t *testing.T) {
	t.Parallel()
	for total, whole := range map[string]bool{
		"answer.json.count": true, "answer.json.count + 1": false,
		"length(answer.json.data) > 0 ? answer.json.count + 1 : 0": false, // only the first page says it
	} {
		v := &wordy{people: 5, says: saysCount}
		ids, incomplete := v.list(t, "page", "length(answer.json.data) > 0 ? page + 1 : null\n  total = "+total,
			evenRecords, "records = [for row in answer.json.data : row if row.ref != 12]\n")
		if strings.Join(ids, " ") != "11 13 14 15" || incomplete == whole {
			t.Errorf("%s: got %q from %d pages, incomplete %t, want it whole %t", total, ids, v.asked, incomplete, whole)
		}
	}
}

// Pages of which all rows are left out end nothing, however many follow one another. Those of a server that sends
// the same rows again and again do not go on for ever.
func TestAllUsers_pagesOfOthersEndNothing(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"length(answer.json.data) > 0 ? page + 1 : null": "27",
		"answer.json.more ? page + 1 : null":             "27",
		"1":                                              "",
	} {
		v := &wordy{people: 17, says: saysMore}
		ids, incomplete := v.list(
			t,
			"page",
			next,
			evenRecords,
			"records = [for row in answer.json.data : row if row.ref > 26]\n",
		)
		if strings.Join(ids, " ") != want || incomplete != (want == "") || v.asked > 20 {
			t.Errorf("%s: got %q from %d pages, incomplete %t, want %q", next, ids, v.asked, incomplete, want)
		}
	}
}

// The rows of groups count, and not the groups.
func TestAllUsers_rowsOfGroupsCount(t *testing.T) {
	t.Parallel()
	v := &wordy{people: 5, says: saysMore + `,"groups":[{"users":DATA}]`}
	ids, incomplete := v.list(t, "offset", "answer.json.more ? page + 100 : null",
		evenRecords, "records = flatten([for group in answer.json.groups : group.users])\n")
	if len(ids) != 5 || incomplete || v.asked != 3 {
		t.Errorf("got %q from %d pages, incomplete %t, want 5 rows from 3", ids, v.asked, incomplete)
	}
}

// A step that is too short asks for rows again. They are read, but rows that come again look as those of a list that
// moved, so that nothing says that it is whole.
func TestAllUsers_aStepThatIsTooShortIsNoWholeList(t *testing.T) {
	t.Parallel()
	v := &wordy{people: 3, says: saysMore}
	if ids, incomplete := v.list(t, "offset", "answer.json.more ? page + 1 : null"); len(ids) != 3 || !incomplete {
		t.Errorf("got %q, incomplete %t, want 3 rows of a list that is not whole", ids, incomplete)
	}
}
