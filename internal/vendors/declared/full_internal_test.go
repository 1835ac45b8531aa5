package declared

import (
	"encoding/json"
	"net/url"
	"slices"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// A limit can have any name. A small number is that of a page or a version, unless its name says otherwise.
func TestNumbersIn(t *testing.T) {
	t.Parallel()
	query := func(name, value string) rest.Request { return rest.Request{Query: url.Values{name: {value}}} }
	for name, c := range map[string]struct {
		made rest.Request
		want []int
	}{
		"a limit":    {query("anything", "100"), []int{100}},
		"one":        {query("page", "1"), nil},
		"a type":     {query("account_type", "2"), nil},
		"two rows":   {query("page[limit]", "2"), []int{2}},
		"one row":    {query("maxResults", "1"), []int{1}},
		"a day":      {query("since", "2026-12-02"), nil},
		"an ID":      {query("team", "t12"), nil},
		"a version":  {query("v", "2.0"), nil},
		"words":      {query("select", "top 50 of all"), []int{50}},
		"a form":     {rest.Request{Form: url.Values{"rows": {"20"}}}, []int{20}},
		"a body":     {rest.Request{Body: json.RawMessage(`{"paging":{"page":1,"size":5}}`)}, []int{5}},
		"a query":    {rest.Request{Body: json.RawMessage(`{"query":"{ users(first: 2) { id } }"}`)}, []int{2}},
		"a text":     {rest.Request{Body: json.RawMessage(`{"query":"select top 50 of all"}`)}, []int{50}},
		"no request": {rest.Request{}, nil},
	} {
		if got := numbersIn(c.made); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
