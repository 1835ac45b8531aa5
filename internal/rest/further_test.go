package rest_test

import (
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
	} {
		got := rest.Answer{Body: []byte(body)}.FurtherIn([]string{"r", "users"}, []string{"r", "more_users"})
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
