package skillable_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// labRows are rows of so many labs of ola, the IDs counted from the first one.
func labRows(first, n int) []string {
	var rows []string
	for id := first; id < first+n; id++ {
		rows = append(rows, labRow(strconv.Itoa(id), "Off", "acme"))
	}
	return rows
}

// pagesOf is a search that says how many pages there are.
func pagesOf(pages int, search mock.Fault) mock.Fault {
	search.Body = strings.Replace(search.Body, `"Status"`, `"TotalPages":`+strconv.Itoa(pages)+`,"Status"`, 1)
	return search
}

// inWords is a search that says how many pages there are in another form than the documented one.
func inWords(search mock.Fault) mock.Fault {
	search.Body = strings.Replace(search.Body, `"Status"`, `"TotalPages":"one","Status"`, 1)
	return search
}

// beside is a search with further fields.
func beside(fields string, search mock.Fault) mock.Fault {
	search.Body = strings.Replace(search.Body, `"Status"`, fields+`,"Status"`, 1)
	return search
}

// A further lab may show another person, or the person of another API consumer, whom a guard asks
// about. So nobody is believed before all labs are read.
func TestUser_readsAllLabsBeforeItBelievesAPerson(t *testing.T) {
	t.Parallel()
	const bos = `{"Id":7,"UserId":"emp-3107","UserEmail":"bo@acme.test","Start":1790000000,"ApiConsumerName":"acme"}`
	nameless := strings.Split(strings.Repeat(`{"UserId":"emp-3107","UserEmail":"ola@acme.test"} `, 100), " ")[:100]
	others := slices.Concat(labRows(300, 49), []string{labRow("1", "Off", "other")})
	for name, c := range map[string]struct {
		pages []mock.Fault // in their order; the last one answers all further requests
		email string       // of whom the labs show; empty for nobody
		whole bool
		reads int
	}{
		"one page": {[]mock.Fault{pagesOf(1, searched(labRows(1, 99)...))}, "ola@acme.test", true, 1},
		"one page, and no count of pages": {
			[]mock.Fault{searched(labRows(1, 50)...), searched()}, "ola@acme.test", true, 2,
		},
		"the first page for ever, and no count of pages": {
			[]mock.Fault{searched(labRows(1, 50)...)}, "ola@acme.test", true, 2,
		},
		"another person on the second page of a server with shorter pages that counts no pages": {
			[]mock.Fault{searched(labRows(100, 50)...), searched(bos), searched()}, "bo@acme.test", true, 3,
		},
		"another person on the second page": {
			[]mock.Fault{searchedOf(101, labRows(100, 100)...), searchedOf(101, bos)}, "bo@acme.test", true, 3,
		},
		"another consumer on the second page": {
			[]mock.Fault{searchedOf(101, labRows(100, 100)...), searchedOf(101, labRow("1", "Off", "other"))}, "", true, 3,
		},
		"another consumer on a third page of a server with shorter pages": {
			[]mock.Fault{searchedOf(150, labRows(100, 50)...), searchedOf(150, labRows(200, 50)...), searchedOf(150, others...)},
			"", true, 4,
		},
		"a total of the page": {
			[]mock.Fault{searched(labRows(100, 100)...), searched(labRow("1", "Off", "other"))}, "", true, 3,
		},
		"a full page and no more": {
			[]mock.Fault{searchedOf(100, labRows(100, 100)...), searchedOf(100)}, "ola@acme.test", true, 2,
		},
		"more labs than are shown": {[]mock.Fault{searchedOf(2, labRows(1, 1)...)}, "", false, 4},
		"the first page for ever":  {[]mock.Fault{searchedOf(150, labRows(1, 100)...)}, "", false, 4},
		"the first page for ever, without IDs": {
			[]mock.Fault{searchedOf(150, nameless...)}, "", false, 4,
		},
		"more labs than pages are read": {[]mock.Fault{searchedOf(5001, labRows(1, 100)...)}, "", false, 2},
		"a total that shrinks": {
			[]mock.Fault{searchedOf(150, labRows(100, 100)...), searchedOf(101, labRow("1", "Off", "acme"))}, "", false, 5,
		},
		"another person on the second page of a server with shorter pages that counts its page": {
			[]mock.Fault{pagesOf(2, searched(labRows(100, 50)...)), pagesOf(2, searched(bos))}, "bo@acme.test", true, 2,
		},
		"a third page of a server with shorter pages that counts its page": {
			[]mock.Fault{
				pagesOf(3, searched(labRows(100, 50)...)), pagesOf(3, searched(labRows(200, 50)...)), pagesOf(3, searched(bos)),
			}, "bo@acme.test", true, 3,
		},
		"a page too many": {
			[]mock.Fault{pagesOf(2, searched(labRows(100, 50)...)), pagesOf(2, searchedOf(50))}, "ola@acme.test", true, 2,
		},
		"no lab, and one page": {[]mock.Fault{pagesOf(1, searched())}, "", true, 1},
		"no lab, and no page":  {[]mock.Fault{pagesOf(0, searched())}, "", true, 1},
		"pages in words":       {[]mock.Fault{inWords(searched(labRows(1, 2)...))}, "ola@acme.test", true, 2},
		"the first of two pages for ever": {
			[]mock.Fault{pagesOf(2, searched(labRows(100, 50)...))}, "", false, 4,
		},
		"the first page for ever, and no more pages": {
			[]mock.Fault{pagesOf(1, searched(labRows(100, 100)...))}, "ola@acme.test", true, 2,
		},
		"more than the one page": {
			[]mock.Fault{beside(`"HasMore":true`, pagesOf(1, searched(labRows(1, 50)...)))}, "", false, 4,
		},
		"no lab, and more":  {[]mock.Fault{beside(`"Truncated":true`, pagesOf(0, searched()))}, "", false, 2},
		"no lab, and pages": {[]mock.Fault{pagesOf(3, searched())}, "", false, 2},
		"another total": {
			[]mock.Fault{beside(`"Total":150`, pagesOf(1, searched(labRows(1, 50)...)))}, "", false, 4,
		},
		"no more": {
			[]mock.Fault{beside(`"HasMore":false,"NextPage":null`, pagesOf(1, searched(labRows(1, 50)...)))},
			"ola@acme.test", true, 1,
		},
		"a lab that ended meanwhile": {
			[]mock.Fault{
				searchedOf(101, labRows(100, 100)...), searchedOf(100), searchedOf(100, labRows(101, 100)...), searchedOf(100),
			}, "ola@acme.test", true, 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				for i, page := range c.pages {
					if i < len(c.pages)-1 {
						page.Times = 1
					}
					m.Fail(page)
				}
				u, err := client.User(ctx, "emp-3107")
				var partial *rest.PartialError
				var fault *rest.Error
				if c.whole != (err == nil) || !c.whole && (!errors.As(err, &partial) || errors.As(err, &fault)) {
					t.Errorf("got %v, want a whole search %t", err, c.whole)
				}
				if u.Email != c.email || c.whole && (u.Status == offboard.Active) != (c.email != "") {
					t.Errorf("got %+v, want %q", u.User, c.email)
				}
				wantCount(t, m, routeSearch, c.reads)
			})
		})
	}
}

// The latest lab decides who the user is, and a lab before it is the past. A lab that does not show
// when it began may be the latest one.
func TestUser_isThePersonOfTheLatestLab(t *testing.T) {
	t.Parallel()
	ola := labRow("1", "Off", "acme")
	row := func(start string) string {
		return `{"Id":2,"UserId":"emp-3107","UserEmail":"bo@acme.test","State":"Off",` + start + `"ApiConsumerName":"acme"}`
	}
	hers := func(start string) string {
		return strings.NewReplacer("bo@", "ola@", `"Id":2`, `"Id":3`).Replace(row(start))
	}
	const contradiction = "two labs that began at the same time, or that do not show when"
	for name, c := range map[string]struct {
		rows  []string
		email string
		says  string
	}{
		"a later lab":                 {[]string{ola, row(`"Start":1790000000,`)}, "bo@acme.test", ""},
		"an earlier lab":              {[]string{row(`"Start":1760000000,`), ola}, "ola@acme.test", ""},
		"at the same time":            {[]string{ola, row(`"Start":1767225600,`)}, "", contradiction},
		"no start":                    {[]string{ola, row("")}, "", contradiction},
		"no start, in the first row":  {[]string{row(""), ola}, "", contradiction},
		"a start of null":             {[]string{ola, row(`"Start":null,`)}, "", contradiction},
		"a start in a string":         {[]string{ola, row(`"Start":"/Date(1790000000000)/",`)}, "", contradiction},
		"a start of 0":                {[]string{ola, row(`"Start":0,`)}, "", contradiction},
		"midnight of 1970 elsewhere":  {[]string{ola, row(`"Start":28800,`)}, "", contradiction},
		"the zero date of .NET":       {[]string{ola, row(`"Start":-62135596800,`)}, "", contradiction},
		"the last date of .NET":       {[]string{ola, row(`"Start":253402300799,`)}, "", contradiction},
		"a start in milliseconds":     {[]string{ola, row(`"Start":1760000000000,`)}, "", contradiction},
		"a start in a fraction":       {[]string{ola, row(`"Start":1790000000.5,`)}, "", contradiction},
		"the same person, no start":   {[]string{ola, hers("")}, "ola@acme.test", ""},
		"the same person alone":       {[]string{hers("")}, "ola@acme.test", ""},
		"nobody, no start":            {[]string{ola, `{"Id":2,"UserId":"emp-3107","State":"Off"}`}, "ola@acme.test", ""},
		"an earlier lab and no start": {[]string{row(`"Start":1760000000,`), ola, hers("")}, "ola@acme.test", ""},
		"the same lab":                {[]string{ola, strings.Replace(row(""), `"Id":2`, `"Id":1`, 1)}, "", contradiction},
		"a later lab of no consumer": {
			[]string{ola, strings.Replace(row(`"Start":1790000000,`), `"acme"`, `null`, 1)}, "", "",
		},
		"a lab of no consumer, no start": {
			[]string{ola, strings.Replace(row(""), `"acme"`, `""`, 1)}, "", "",
		},
		"her own lab of no consumer": {
			[]string{ola, strings.Replace(hers(""), `"acme"`, `null`, 1)}, "ola@acme.test", "",
		},
		"no lab of a consumer": {[]string{strings.Replace(row(""), `"acme"`, `null`, 1)}, "bo@acme.test", ""},
		"of two consumers": {
			[]string{ola, strings.Replace(row(""), `"acme"`, `"other"`, 1)}, "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				m.Fail(searched(c.rows...))
				u, err := client.User(ctx, "emp-3107")
				if u.Email != c.email || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %+v and %v, want %q and the error %q", u.User, err, c.email, c.says)
				}
			})
		})
	}
}

// A total may lag behind the rows after a closing. Then the search is read again for a while,
// before the next call and after the last one, and proves nothing if it stays so.
func TestClose_waitsForAWholeSearch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		partial int // how many requests see a total that is too large
		proven  bool
	}{"before the next call": {8, true}, "for ever": {0, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				lagging := searchedOf(1)
				lagging.Times = c.partial
				m.Fail(lagging)
				_, err := client.Close(ctx, read(), shown)
				if (err == nil) != c.proven {
					t.Errorf("got %v, want a proof %t", err, c.proven)
				}
				var unproven *offboard.UnprovenError
				if !c.proven && (!errors.As(err, &unproven) || offboard.CallOf(err) != offboard.Accepted) {
					t.Errorf("got %v, want an accepted call that is not proven", err)
				}
			})
		})
	}
	t.Run("after the last call", func(t *testing.T) {
		t.Parallel()
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
			m.Fail(mock.Fault{Route: routeClose, Status: http.StatusOK, Body: `{"Status":1,"Error":null,"RowsAffected":0}`})
			m.Skillable.Drop("emp-3107")
			lagging := searchedOf(1)
			lagging.Times = 8
			m.Fail(lagging)
			how := shown
			how.Sent = offboard.Accepted
			if _, err := client.Close(ctx, read(), how); err != nil {
				t.Errorf("got %v, want the closing proven", err)
			}
			vendortest.WantRoutes(t, m, slices.Concat(
				[]string{routeClose}, slices.Repeat([]string{routeLabs, routeSearch, routeSearch}, 4),
				[]string{routeLabs, routeSearch},
			)...)
		})
	})
}
