package declared

import (
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// Another account differs wherever the record has the ID, the address or the sign-in name of this one, and
// nowhere else.
func TestWithOtherEnds_changesTheTextsOfTheAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, want cty.Value }{
		"a text":          {cty.StringVal("u1"), cty.StringVal("u2")},
		"in another case": {cty.StringVal("U1"), cty.StringVal("U2")},
		"a number":        {cty.NumberIntVal(84129), cty.StringVal("84120")},
		"the last letter": {cty.StringVal("Fritz"), cty.StringVal("Frita")},
		"another text":    {cty.StringVal("u"), cty.StringVal("u")},
		"an empty text":   {cty.StringVal(""), cty.StringVal("")},
		"null":            {cty.NullVal(cty.String), cty.NullVal(cty.String)},
		"an element of a list": {
			cty.ListVal([]cty.Value{cty.StringVal("u1"), cty.StringVal("x")}),
			cty.TupleVal([]cty.Value{cty.StringVal("u2"), cty.StringVal("x")}),
		},
		"a field in a field": {
			cty.ObjectVal(map[string]cty.Value{"a": cty.MapVal(map[string]cty.Value{"u1": cty.StringVal("u1")})}),
			cty.ObjectVal(map[string]cty.Value{"a": cty.ObjectVal(map[string]cty.Value{"u1": cty.StringVal("u2")})}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := withOtherEnds(c.value, []string{"u1", "84129", "fritz", ""}); !got.RawEquals(c.want) {
				t.Errorf("got %#v, want %#v", got, c.want)
			}
		})
	}
}
