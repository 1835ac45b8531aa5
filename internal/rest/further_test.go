package rest_test

import (
	"net/http"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// What stands beside a list may say that it goes on.
func TestAnswer_FurtherIn(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{ // the caller looks at r.users and r.more_users
		`{"r":{"users":[]}}`: "", `[]`: "", ``: "", `{"total":0,"r":{"users":[]}}`: "", `{"r":{"users":7},"total":9}`: "",
		`{"r":{"users":[]},"has_more":false,"next":null,"next_cursor":"","links":{"next":{"href":null}}}`: "",
		`{"r":{"users":[1]},"total":1,"total_pages":1,"next_page":0,"incomplete_results":false}`:          "",
		`{"r":{"users":[],"has_more":true}}`:                      "r.has_more",
		`{"r":{"users":[1]},"totalResults":2}`:                    "totalResults",
		`{"r":{"users":[1]},"total_pages":2}`:                     "total_pages",
		`{"r":{"users":[]},"meta":{"paging":{"next":"/x"}}}`:      "meta.paging.next",
		`{"r":{"users":[]},"links":{"next":{"href":"/x"}}}`:       "links.next",
		`{"r":{"users":[]},"@odata.nextLink":"https://x"}`:        "@odata.nextLink",
		`{"r":{"users":[]},"incomplete_results":true}`:            "incomplete_results",
		`{"r":{"users":[]},"cursor":"c1"}`:                        "cursor",
		`{"r":{"users":[],"cursor":"c1","has_more":false}}`:       "",
		`{"r":{"users":[]},"pageInfo":{"hasNextPage":true}}`:      "pageInfo.hasNextPage",
		`{"r":{"users":[{"next":"x"}],"more_users":"x"}}`:         "",
		`{"r":{"id":1,"users":[],"next":"x"}}`:                    "",
		`{"r":{"users":[]},"others":[{"has_more":true}]}`:         "",
		`{"r":{"users":[]},"next_login_at":"2027","total":false}`: "",

		`{"r":{"id":1,"users":[],"has_more":true}}`:                                   "r.has_more",
		`{"r":{"id":1,"users":[],"next_cursor":"c1"}}`:                                "r.next_cursor",
		`{"r":{"id":1,"users":[],"users@odata.nextLink":"https://x"}}`:                "r.users@odata.nextLink",
		`{"r":{"id":1,"users":[],"page_info":{"next":"x"},"fans":{"has_more":true}}}`: "r.page_info.next",
		`{"r":[{"users":[1]},{"users":[],"total":1}]}`:                                "r.total",
		`{"r":[{"id":1,"users":[],"total":1}]}`:                                       "",
		`[{"r":{"users":[]},"has_more":true}]`:                                        "has_more",

		`{"r":{"users":[]},"incomplete_results":false,"next":"/x"}`:                  "next",
		`{"r":{"users":[]},"truncated":false,"next_cursor":"c1"}`:                    "next_cursor",
		`{"r":{"users":[]},"more_info":false,"cursor":"c1"}`:                         "cursor",
		`{"r":{"users":[]},"more_items":false,"is_truncated":false,"cursor":"c1"}`:   "",
		`{"r":{"users":[]},"PaginationToken":"c1"}`:                                  "PaginationToken",
		`{"r":{"users":[]},"@nextLink":"/x"}`:                                        "@nextLink",
		`{"r":{"users":[]},"LastEvaluatedKey":{"id":"x"}}`:                           "LastEvaluatedKey",
		`{"r":{"users":[]},"next_page_uri":"/x"}`:                                    "next_page_uri",
		`{"r":{"users":[]},"nextUri":"/x","nextPayment":"2027","next_of_kin":"y"}`:   "nextUri",
		`{"r":{"users":[]},"nextRecordsUrl":"/x"}`:                                   "nextRecordsUrl",
		`{"r":{"users":[]},"nextPageStart":25}`:                                      "nextPageStart",
		`{"r":{"users":[]},"page_token":"c1"}`:                                       "page_token",
		`{"r":{"users":[]},"info":{"more_records":true}}`:                            "info.more_records",
		`{"r":{"users":[]},"has_more_items":"true"}`:                                 "has_more_items",
		`{"r":{"users":[]},"isLast":false}`:                                          "isLast",
		`{"r":{"users":[]},"last":"/x?page=1","last_page":1,"done":true,"next":"x"}`: "",
		`{"r":{"users":[]},"job":{"done":false}}`:                                    "",
		`{"r":{"users":[]},"last_page":false}`:                                       "last_page",
		`{"r":{"users":[]},"total":"250"}`:                                           "total",
		`{"r":{"users":[]},"totalSetSize":"250"}`:                                    "totalSetSize",
		`{"r":{"users":[]},"page":1,"pages":5}`:                                      "pages",
		`{"r":{"users":[]},"pagination":{"pages":5}}`:                                "pagination.pages",
		`{"r":{"users":[]},"book":{"pages":5},"nbPages":1}`:                          "",
		`{"r":{"users":[]},"nbPages":3}`:                                             "nbPages",
		`{"r":{"users":[1]},"count":250}`:                                            "count",
		`{"r":{"users":[1]},"count":1,"user_count":1,"found":1}`:                     "",
		`{"r":{"users":[1]},"count":250,"total":1}`:                                  "",
		`{"r":{"users":[1]},"count":250,"meta":{"total":1}}`:                         "",
		`{"r":{"users":[1]},"pagination":{"count":100,"offset":0}}`:                  "",
		`{"r":{"users":[1]},"message_count":250}`:                                    "",
		`{"r":{"id":1,"users":[1],"user_count":250}}`:                                "",
		`{"r":{"users":[]},"recordsTotal":250}`:                                      "recordsTotal",
		`{"r":{"users":[]},"totalUsers":250}`:                                        "totalUsers",
		`{"r":{"users":[]},"has_more":1}`:                                            "has_more",
		`{"r":{"users":[]},"hasNext":"Yes"}`:                                         "hasNext",
		`{"r":{"users":[]},"has_more":0,"more":1}`:                                   "",
		`{"r":{"users":[]},"pagination":{"totalAvailable":"254"}}`:                   "pagination.totalAvailable",
		`{"r":{"users":[]},"metadata":{"continue":"c1"}}`:                            "metadata.continue",
		`{"r":{"users":[]},"metadata":{"continue":""},"continued":"x"}`:              "",
		`{"r":{"users":[]},"offset":"itrX/recX"}`:                                    "offset",
		`{"r":{"users":[]},"offset":50,"meta":{"offset":"50"},"x":{"offset":"+2h"}}`: "",
		`{"r":{"users":[]},"links":[{"rel":"self"},{"rel":"next","href":"/x"}]}`:     "links",
		`{"r":{"users":[]},"links":[{"rel":"self"},{"rel":"next","href":null}]}`:     "",
		`{"r":{"users":[]},"pages":5}`:                                               "",

		`{"r":{"users":[]},"meta":{"has_more":false},"links":{"next":"https://x"}}`: "",
		`{"r":{"users":[]},"fans":{"has_more":false,"cursor":"c1"}}`:                "",
		`{"r":{"users":[]},"fans":{"has_more":false},"links":{"next":"https://x"}}`: "links.next",
		`{"r":{"users":[]},"meta":{"page":{"total_count":7}}}`:                      "meta.page.total_count",
		`{"r":{"users":[]},"meta":{"total_count":7,"total_filtered_count":0}}`:      "",
		`{"r":{"users":[]},"meta":{"total_count":7,"total_filtered_count":3}}`:      "meta.total_filtered_count",
		`{"r":{"users":[]},"summary":{"total":120}}`:                                "",
		`{"r":{"users":[],"fans":{"totalCount":7}}}`:                                "",

		`{"r":{"users":[],"more_users":true},"cursor":"c1"}`:  "cursor",
		`{"r":{"users":[],"more_users":false},"cursor":"c1"}`: "",
	} {
		got := rest.Answer{Body: []byte(body)}.FurtherIn(false, []string{"r", "users"}, []string{"r", "more_users"})
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// Data may have lists of its own, each with its pages.
func TestAnswer_FurtherIn_insideData(t *testing.T) {
	t.Parallel()
	paths := [][]string{{"all"}, {"all", "name"}, {"all", "of", "rows"}, {"all", "tags"}}
	for body, want := range map[string]string{
		`{"all":[{"name":"a","done":false,"next":"x"}]}`:                                         "",
		`{"all":[{"name":"a","of":{"rows":[1],"total":1}}]}`:                                     "",
		`{"all":[{"of":{"rows":[1]},"cursor":"c1"}]}`:                                            "",
		`{"all":[{"id":1,"of":{"rows":[],"info":{"hasNext":true}}}]}`:                            "all.of.info.hasNext",
		`{"all":[{"id":1,"of":{"rows":[1]}},{"id":2,"of":{"rows":[1],"total":7}}]}`:              "all.of.total",
		`{"all":[{"of":{"rows":[],"has_more":false}},{"of":{"rows":[],"cursor":"c1"}}]}`:         "all.of.cursor",
		`{"all":[{"of":{"rows":[],"cursor":"c1","has_more":false}}],"cursor":"c2"}`:              "cursor",
		`{"all":[{"of":{"rows":[],"cursor":"c1"}}],"has_more":false}`:                            "all.of.cursor",
		`{"all":[{"id":1,"tags":["x"],"done":false,"next":"x","total":7,"fans":{"more":true}}]}`: "",
		`{"all":{"of":{"rows":[],"has_more":true}}}`:                                             "all.of.has_more",
	} {
		if got := (rest.Answer{Body: []byte(body)}).FurtherIn(false, paths...); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	bare := rest.Answer{Body: []byte(`[{"users":[],"has_more":true}]`)}
	whole, inside := bare.FurtherIn(false, nil), bare.FurtherIn(false, nil, []string{"users"})
	judged := bare.FurtherIn(false, nil, []string{"users"}, []string{"has_more"})
	if whole != "" || inside != "has_more" || judged != "" {
		t.Errorf("got %q, %q and %q, want only the mark beside the users that nothing looks at", whole, inside, judged)
	}
}

// A total of rows is none of pages, nor one of anything else.
func TestIsTotal(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"total": true, "totalResults": true, "x-total-count": true, "X-Total": true, "total_pages": false, "pages": false,
		"total_cost": false, "page": false,
	} {
		if got := rest.IsTotal(name); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
}

// Rows before those of the last page are in its total, too.
func TestAnswer_FurtherIn_besideOtherPages(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"users":[1],"total":250,"meta":{"total_pages":3},"lastPage":7}`: "",
		`{"users":[1],"total":250,"meta":{"next":"/x"}}`:                  "meta.next",
		`{"users":[1],"total":250,"is_last":false}`:                       "is_last",
	} {
		answer := rest.Answer{Header: http.Header{"X-Total": {"250"}}, Body: []byte(body)}
		if got := answer.FurtherIn(true, []string{"users"}); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
		if got := answer.FurtherInHeader(true, []string{"users"}); got != "" {
			t.Errorf("got %q, want no header", got)
		}
	}
}

// Vendors have headers of their own for pages.
func TestAnswer_FurtherInHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, want string }{
		"X-Next-Page": {"2", "x-next-page"}, "X-Total": {"3", "x-total"}, "X-Total-Pages": {"2", "x-total-pages"},
		"X-Has-More": {"true", "x-has-more"}, "X-Ratelimit-Total": {"3", ""}, "X-Pw-Total": {"3", "x-pw-total"},
		"X-Ms-Continuationtoken": {"c1", "x-ms-continuationtoken"}, "X-Acme-Api-Next": {"c1", "x-acme-api-next"},
		"X-Acme-Credits-Total": {"3", ""}, "X-Requests-Total": {"3", ""}, "Next": {"2", ""},
		"Next-Range": {"id ]5..; max=2", "next-range"}, "Content-Range": {"items 0-1/3", "content-range"},
	} {
		answer := rest.Answer{Header: http.Header{name: {c.value}}, Body: []byte(`[1,2]`)}
		if got := answer.FurtherInHeader(false, nil); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		answer.Header = http.Header{"Content-Range": {"0-1/3"}}
		if got := answer.FurtherInHeader(false, nil); got != "content-range" {
			t.Errorf("got %q, want the range without a unit", got)
		}
		answer.Header = http.Header{"X-Next-Page": {""}, "X-Total": {"2"}, "Content-Range": {"items 1-2/3"}}
		if got := answer.FurtherInHeader(false, nil); got != "" {
			t.Errorf("got %q, want that an empty header says nothing", got)
		}
	}
}
