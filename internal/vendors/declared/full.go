package declared

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// numbersIn returns the numbers that the query, the form or the body of a request has as words. One of them may say
// how many rows the vendor sends at most, whatever the name of the parameter is.
func numbersIn(made rest.Request) (all []int) {
	texts := []string{fmt.Sprintf("%s", made.Body)}
	for _, values := range []url.Values{made.Query, made.Form} {
		for _, value := range values {
			texts = append(texts, value...)
		}
	}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !isInWord(r) }) {
			if n, err := strconv.Atoi(word); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}

// isInWord reports whether a character may be in a word that is a number, an ID, a day or a version.
func isInWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_.-:", r)
}

// asksFor reports whether the request asked for so many rows, as far as its numbers tell. Then there may be more.
func (v answerValue) asksFor(rows int) bool { return slices.Contains(v.asked, rows) }

// cut says that a list that the expressions look at may have more rows, because it has as many as the request asked
// for; empty if it has not. One row is no sign, because many requests have the number one.
func (v answerValue) cut(looks []*expression) string {
	for _, path := range pathsOfAnswer(looks) {
		for end := range path {
			rows, _ := elementsOf(valueAt(v.value, path[:end+1]))
			if n := len(rows); n > 1 && v.asksFor(n) {
				return fmt.Sprintf(
					"%d rows came, which is a number in the request, so there may be more. Ask for more rows, or page by page", n)
			}
		}
	}
	return ""
}
