package rest_test

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// What a list shows in place of an address says nothing of who has one, and neither does a second address.
func TestByEmail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		shown []string
		found int
		whole bool
	}{
		"the address":              {[]string{"otto@acme.test", "INES@acme.test"}, 1, true},
		"another one":              {[]string{"otto@acme.test"}, 0, true},
		"nobody":                   {nil, 0, true},
		"beside a name":            {[]string{"otto@acme.test", "Ines <ines@acme.test>"}, 0, false},
		"beside another one":       {[]string{"ines@acme.test, edi@acme.test"}, 0, false},
		"hidden, and all others":   {[]string{"", "***", "i***@acme.test", "[hidden]"}, 0, false},
		"hidden, beside another":   {[]string{"", "otto@acme.test"}, 0, true},
		"all others are hidden":    {[]string{"", "otto@acme.test", ""}, 0, false},
		"most are hidden":          {[]string{"", "otto@acme.test", "", "zoe@acme.test", ""}, 0, false},
		"the same for all":         {[]string{"hidden@mask.test", "Hidden@mask.test"}, 0, false},
		"the same for some":        {[]string{"desk@acme.test", "desk@acme.test", "otto@acme.test"}, 0, true},
		"hidden alone":             {[]string{""}, 0, false},
		"found, beside hidden":     {[]string{"", "ines@acme.test", ""}, 1, true},
		"signs beside an address":  {[]string{"\u2014", "zoe@acme.test \u2192", "Bob \u2013 Sales <bob@acme.test>"}, 0, true},
		"cut off":                  {[]string{"zoe@acme.test", "otto@acme.test", "edi@acme.test, …"}, 0, false},
		"a mask of it":             {[]string{"zoe@acme.test", "otto@acme.test", "i***@acme.test"}, 0, false},
		"a mask of another one":    {[]string{"zoe@acme.test", "otto@acme.test", "o***@acme.test"}, 0, true},
		"with a tag":               {[]string{"zoe@acme.test", "otto@acme.test", "ines+lab@acme.test"}, 0, false},
		"beside one with a tag":    {[]string{"ines@acme.test", "otto@acme.test", "ines+lab@acme.test"}, 1, true},
		"a placeholder of another": {[]string{"zoe@acme.test", "otto@acme.test", "(none)"}, 0, true},
		"twice, one beside a name": {[]string{"ines@acme.test", "Ines <ines@acme.test>"}, 1, false},
	} {
		var page rest.Page[offboard.User]
		for _, shown := range c.shown {
			page.Items = append(page.Items, offboard.User{ID: "u", Email: shown})
		}
		found, err := rest.ByEmail(page.All(), "ines@acme.test")
		if len(found) != c.found || (err == nil) != c.whole || err != nil && !rest.Incomplete(err) {
			t.Errorf("%s: got %d users and %v, want %d, whole: %t", name, len(found), err, c.found, c.whole)
		}
	}
	for name, one := range map[string]offboard.User{
		"the ID": {ID: "ines@acme.test"}, "the ID, beside an address": {ID: "INES@acme.test", Email: "ines@home.test"},
		"the name":             {ID: "w", Name: "ines@acme.test", Email: "ines@home.test"},
		"in the name":          {ID: "w", Name: "Ines (ines@acme.test)", Email: "u1@relay.test"},
		"a tag beside a name":  {ID: "w", Email: "Ines <ines+lab@acme.test>"},
		"hidden, and the name": {ID: "w", Name: "Ines"}, "hidden, and the ID": {ID: "INES"},
	} {
		old := offboard.User{ID: "v", Email: "ines@acme.test", Status: offboard.Closed}
		for _, users := range [][]offboard.User{{one}, {old, one}} {
			page := rest.Page[offboard.User]{Items: append(users, offboard.User{ID: "u", Email: "otto@acme.test"})}
			if _, err := rest.ByEmail(page.All(), "ines@acme.test"); !rest.Incomplete(err) {
				t.Errorf("%s: got %v of %v, want a row that may be meant", name, err, users)
			}
		}
	}
	colleague := rest.Page[offboard.User]{Items: []offboard.User{{ID: "ines", Name: "Ines", Email: "i.b@acme.test"}}}
	if _, err := rest.ByEmail(colleague.All(), "ines@acme.test"); err != nil {
		t.Errorf("got %v for the name beside another address, want nothing", err)
	}
	closed := rest.Page[offboard.User]{Items: []offboard.User{
		{ID: "u", Email: "otto@acme.test"}, {ID: "v", Email: "ines@acme.test (deleted)", Status: offboard.Closed},
	}}
	if found, err := rest.ByEmail(closed.All(), "ines@acme.test"); len(found) > 0 || err != nil {
		t.Errorf("got %v and %v for the address beside something else at a closed account, want none", found, err)
	}
	var row rest.Page[offboard.User]
	row.Items = []offboard.User{{Email: "otto@acme.test"}}
	row.Bad = []*rest.RowError{{Row: 2}}
	if _, err := rest.ByEmail(row.All(), "ines@acme.test"); !rest.Incomplete(err) {
		t.Errorf("got %v beside a row that cannot be read, want a list that is not whole", err)
	}
}
