package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Each page of a list is judged by what its answer says beside the rows: also the empty one that would end it.
func TestPage_Judged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		beside string
		header http.Header
		status int
		total  int
		doubt  string // a part of it; empty for none
		bad    string // the field of a total that cannot be read
	}{
		"nothing":             {},
		"a total":             {beside: `,"totalCount":45`, total: 45},
		"a total in a text":   {beside: `,"total":"45"`, total: 45},
		"two totals":          {beside: `,"totalCount":0,"meta":{"total_records":45}`, total: 45},
		"a filtered total":    {beside: `,"total":45,"total_filtered":7`, total: 7},
		"no total":            {beside: `,"total":null,"totalCount":false,"count":45,"others":{"total":45}`},
		"a fraction":          {beside: `,"totalCount":45.0`, bad: "totalCount"},
		"a word":              {beside: `,"totalRecords":"45 users"`, bad: "totalRecords"},
		"an object":           {beside: `,"meta":{"total":{"value":45}}`, bad: "meta.total"},
		"a list":              {beside: `,"total":[45]`, bad: "total"},
		"a header":            {header: http.Header{"X-Total-Count": {"45"}}, total: 45},
		"a header without X-": {header: http.Header{"Total-Count": {"45"}}, total: 45},
		"a header with words": {header: http.Header{"X-Total-Count": {"1,045"}}, bad: "total-count"},
		"JSON in a header": {
			header: http.Header{"X-Pagination": {`{"TotalCount":45,"CurrentPage":1}`}}, total: 45,
		},
		"JSON about no pages":     {header: http.Header{"Report-To": {`{"total":45,"next":"x"}`}}},
		"a header of a duration":  {header: http.Header{"X-Response-Total": {"12ms"}}},
		"no total in a text":      {beside: `,"meta":{"total":""}`},
		"a total that is unknown": {beside: `,"total":-1`},
		"a header of attempts":    {header: http.Header{"X-Envoy-Attempt-Count": {"3"}}},
		"an empty header":         {header: http.Header{"X-Total-Count": {""}}},
		"a cursor in a header":    {header: http.Header{"Next-Cursor": {"c1"}}, doubt: "next-cursor"},
		"a cursor in JSON":        {header: http.Header{"Pagination": {`{"next":"c1"}`}}, doubt: "pagination"},
		"a link":                  {header: http.Header{"Link": {`</u?p=3>; rel="next"`}}, doubt: "link"},
		"a link in another form":  {header: http.Header{"Link": {`</u?p=3>; rel*=UTF-8''next`}}, doubt: "link"},
		"another link":            {header: http.Header{"Link": {`</_next/a.js>; rel=preload`}}},
		"a part":                  {status: 206, doubt: "HTTP 206"},
		"more":                    {beside: `,"hasMore":true`, doubt: "hasMore"},
		"cut short":               {beside: `,"timed_out":true`, doubt: "timed_out"},
		"not cut short":           {beside: `,"timed_out":false,"partial":false`},
		"no more":                 {beside: `,"hasMore":false,"next":null`},
		"not complete":            {beside: `,"complete":false`, doubt: "complete"},
		"complete":                {beside: `,"complete":true`},
		"an address":              {beside: `,"links":{"next":"/users?offset=20"}`, doubt: "links.next"},
		"as many pages":           {beside: `,"totalPages":2`},
		"further pages":           {beside: `,"totalPages":3`, doubt: "3 pages"},
		"further pages in a text": {beside: `,"meta":{"page":1,"pages":"3"}`, doubt: "3 pages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := rest.Answer{Status: max(c.status, 200), Header: c.header, Body: []byte(`{"users":[]` + c.beside + `}`)}
			page := rest.Page[string]{}.Judged(answer, rest.Place{Pages: 1, Rows: 20}, []string{"users"})
			if page.Total != c.total || (page.Doubt == "") != (c.doubt == "") || !strings.Contains(page.Doubt, c.doubt) ||
				(page.BadTotal == "") != (c.bad == "") || !strings.Contains(page.BadTotal, c.bad) {
				t.Errorf("got %+v, want %+v", page, c)
			}
		})
	}
	first := rest.Page[string]{Items: []string{"a"}}
	few := first.Judged(
		rest.Answer{Status: 200, Body: []byte(`{"users":["a"],"total":45}`)},
		rest.Place{},
		[]string{"users"},
	)
	if few.Total != 45 || few.Doubt == "" || few.Missing() == nil || few.Partial() == nil {
		t.Errorf("got %+v, want a page that is not the whole list", few)
	}
}
