package declared

import "testing"

func TestNextLink_isThatOfRFC8288(t *testing.T) {
	t.Parallel()
	const next = "https://x.test/p?after=c1,2;3"
	for name, c := range map[string]struct {
		header, want string
		fails        bool
	}{
		"quoted":                   {`<` + next + `>; rel="next"`, next, false},
		"bare":                     {`<` + next + `>;rel=next`, next, false},
		"in capitals":              {`<` + next + `>; REL="Next"`, next, false},
		"with blanks":              {"<" + next + "> ;\t rel = \"next\" ", next, false},
		"with another relation":    {`<` + next + `>; rel="last  next"`, next, false},
		"behind another link":      {`<https://x.test/1>; rel="prev", <` + next + `>; rel="next"`, next, false},
		"before another link":      {`<` + next + `>; rel=next,<https://x.test/1>;rel=prev`, next, false},
		"behind an empty one":      {`, ,<` + next + `>; rel="next",`, next, false},
		"a comma in a parameter":   {`<` + next + `>; title="a, \"b\"; rel=prev"; rel="next"`, next, false},
		"a parameter without one":  {`<` + next + `>; crossorigin; ; rel="next"`, next, false},
		"the first of two rel":     {`<https://x.test/1>; rel="prev"; rel="next"`, "", false},
		"another relation":         {`<https://x.test/1>; rel="nextish", <https://x.test/2>; rel="prev"`, "", false},
		"no relation":              {`<https://x.test/1>`, "", false},
		"nothing":                  {" ", "", false},
		"without results":          {`<` + next + `>; rel="next"; results="false"; cursor="0:100:0"`, "", false},
		"with results":             {`</1>; rel=prev; results=false, <` + next + `>; rel=next; results=true`, next, false},
		"a relative address":       {`</p?after=c1>; rel="next"`, "/p?after=c1", false},
		"no brackets":              {`https://x.test/1; rel="next"`, "", true},
		"a bracket that is open":   {`<https://x.test/1; rel="next"`, "", true},
		"a bracket alone":          {`>; rel="next"`, "", true},
		"no address":               {`<>; rel="next"`, "", true},
		"no semicolon":             {`<https://x.test/1> rel="next"`, "", true},
		"a quote that is open":     {`<https://x.test/1>; rel="next`, "", true},
		"a backslash at the end":   {`<https://x.test/1>; rel="next\`, "", true},
		"something behind a quote": {`<https://x.test/1>; rel="prev"x, <` + next + `>; rel="next"`, "", true},
	} {
		if got, err := nextLink(c.header); got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: got %q and %v, want %q and an error: %t", name, got, err, c.want, c.fails)
		}
	}
}
