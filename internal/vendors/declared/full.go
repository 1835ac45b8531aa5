package declared

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// sizes matches the names of numbers that say how many rows a page has at most.
var sizes = regexp.MustCompile(
	`(?i)(?:^|[^a-z])(?:size|limit|count|max\w*|top|first|take|rows|results)(?:$|[^a-z])|per_?page|page_?size|maxResults`)

// named matches a number in a body, and its name.
var named = regexp.MustCompile(`(\w+)"?\s*:\s*"?(\d+)\b`)

// certainly is from which number on no name is needed. A smaller one can be that of a page or of a version.
const certainly = 10

// numbersIn returns the numbers that the query, the form or the body of a request has as words. One of them may say
// how many rows the vendor sends at most. A small one counts under the name of a size alone.
func numbersIn(made rest.Request) (all []int) {
	note := func(name, text string) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !isInWord(r) }) {
			if n, err := strconv.Atoi(word); err == nil && (n >= certainly || sizes.MatchString(name)) {
				all = append(all, n)
			}
		}
	}
	for _, values := range []url.Values{made.Query, made.Form} {
		for name, texts := range values {
			note(name, strings.Join(texts, " "))
		}
	}
	if body, isJSON := made.Body.(json.RawMessage); isJSON {
		note("", string(body))
		for _, found := range named.FindAllStringSubmatch(string(body), -1) {
			note(found[1], found[2])
		}
	}
	return all
}

// applied matches the names of fields with the size of a page that the vendor has applied, whatever was asked for.
var applied = regexp.MustCompile(`(?i)^(?:limit|per_?page|page_?size|max_?results)$`)

// sizesIn returns the sizes of a page that an answer says.
func sizesIn(answer cty.Value) (all []int) {
	changedIn(answer, "", func(name string, v cty.Value) (cty.Value, bool) {
		n, isCount := countOf(v)
		if isCount && applied.MatchString(name) {
			all = append(all, n)
		}
		return v, isCount
	})
	return all
}

// isInWord reports whether a character may be in a word that is a number, an ID, a day or a version.
func isInWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_.-", r)
}

// asksFor reports whether the request asked for so many rows, or the vendor says that it sends no more, as far as
// their numbers tell. Then there may be more.
func (v answerValue) asksFor(rows int) bool {
	return slices.Contains(numbersIn(v.asked), rows) || slices.Contains(sizesIn(v.value), rows)
}

// cut says that a list that the expressions look at may have more rows, because it has as many as the request asked
// for; empty if it has not.
func (v answerValue) cut(looks []*expression) string {
	for _, path := range pathsOfAnswer(looks) {
		for end := range path {
			rows, _ := elementsOf(valueAt(v.value, path[:end+1]))
			if n := len(rows); n > 0 && v.asksFor(n) {
				return fmt.Sprintf(
					"%d rows came, which is a size in the request or the answer, so there may be more. Ask for more, or page by page",
					n,
				)
			}
		}
	}
	return ""
}
