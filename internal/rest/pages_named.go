package rest

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// saysMore reports whether a field says by true that there is more.
func saysMore(name string) bool {
	return strings.HasPrefix(name, "more") || strings.HasSuffix(name, "more") ||
		slices.ContainsFunc([]string{"hasmore", "hasnext", "incomplete", "truncated"}, func(part string) bool {
			return strings.Contains(name, part)
		})
}

// cutNames are the names of fields beside the rows that say by true that a search was cut short.
var cutNames = []string{"exceededtransferlimit", "ispartial", "partial", "partialresults", "timedout"}

// saysYes reports whether a value says yes to a question such as "has more", in the ways of vendors.
func saysYes(name, word string) bool {
	asks := strings.Contains(name, "hasmore") || strings.Contains(name, "hasnext") || strings.Contains(name, "truncated")
	return word == "true" || asks && slices.Contains([]string{"1", "yes", "y"}, word)
}

// noMore are the names of fields that say by false that there is no more. A search that is not incomplete, a text
// that is not truncated and no more_info say nothing of pages.
var noMore = regexp.MustCompile(
	`more((records?|results?|rows?|items?|pages?|data|entries|users|members)?(available)?)$|hasmore|hasnext|istruncated`,
)

// saysEnd reports whether a field says by false that there is more.
func saysEnd(name string) bool {
	return slices.Contains([]string{"done", "islast", "islastpage", "last", "lastpage"}, name)
}

// isComplete reports whether a field says by false that the list is not whole. By true it may be about
// something else.
func isComplete(name string) bool { return name == "complete" || name == "iscomplete" }

// nextNames are the names of fields that have where the next page begins. A next login is none.
var nextNames = regexp.MustCompile(
	`(^|\.)(next((page|records?|results?|rows?|items?|batch|set|uri|url|href|link|token|` +
		`start|cursor|mark|marker|offset|index|key|skip|position)+(id|number)?)?|cursor|pagetoken|` +
		`contin(ue|uation)(token)?|paginationtoken|skiptoken|@nextlink|lastevaluatedkey)$`,
)

// leadsOn reports whether a field has where the next page begins. An offset that is a number is where this
// one does.
func (l level) leadsOn(name string, value any) bool {
	text, isText := value.(string)
	if l.place == inRecord && slices.Contains([]string{"continue", "cursor", "next"}, name) {
		return false
	}
	return nextNames.MatchString(name) && !isVoid(value) || hasNextLink(value) ||
		l.counts() && name == "offset" && isText && strings.Trim(text, " 0123456789") != ""
}

// hasNextLink reports whether a value is a list of links, one of which leads to the next page.
func hasNextLink(value any) bool {
	links, _ := value.([]any)
	return slices.ContainsFunc(links, func(link any) bool {
		relation, _ := fieldsOf(link)["rel"].(string)
		return strings.EqualFold(relation, "next") && !isVoid(fieldsOf(link)["href"])
	})
}

// budgets are parts of names of headers that count something else than rows.
var budgets = regexp.MustCompile(`rate|limit|quota|credit|request|usage`)

// ownNames returns the names that a header of a vendor's own may have: without X-, and without the words of
// the vendor behind that, as in X-MS-ContinuationToken. Without X- it is a name of more than one word. They are
// none for a header about a budget.
func ownNames(header string) (names []string) {
	own, ok := strings.CutPrefix(strings.ToLower(header), "x-")
	if !ok && strings.Contains(own, "-") && !budgets.MatchString(own) {
		return []string{own}
	}
	for ok && !budgets.MatchString(own) {
		names = append(names, own)
		_, own, ok = strings.Cut(own, "-")
	}
	return names
}

// wholeName returns the first of ownNames. Without its first words a header may be about anything, such as
// X-Response-Total.
func wholeName(header string) []string {
	names := ownNames(header)
	return names[:min(1, len(names))]
}

// totalNames are the names of totals of rows. A filtered total is that of the rows that were asked for.
var (
	totalNames = regexp.MustCompile(`^total(available|count|elements|entries|found|hits|items|matches|` +
		`number|records|results|rows|setsize|size)?$|^(items|records|results|rows)total$`)
	// peopleNames are those of totals of people. Not beside the data they may be of anything, such as a contract.
	peopleNames   = regexp.MustCompile(`^total(accounts|members|people|users)$|^userstotal$`)
	filteredNames = regexp.MustCompile(`^(total|records?)filtered(count)?$|^filtered(total|count)$`)
)

// IsTotal reports whether the name of a field, or of a header, is that of a total of rows.
func IsTotal(name string) bool {
	return totalNames.MatchString(strings.TrimPrefix(plainName(name), "x"))
}

// countNames are the names of numbers of rows beside them: of those that came, or of all. A size that was asked
// for has such a name only where there is a total.
var countNames = regexp.MustCompile(`^((item|member|record|result|row|user)s?)?count$|^(num)?found$|^hits$`)

// isAbove reports whether a field is a total of rows above those that came, or of pages above one.
func (l level) isAbove(name, word string) bool {
	n, err := strconv.Atoi(word)
	if err != nil || l.rows < 0 || l.paged {
		return false
	}
	counts := l.countsRows(name) || l.place == onPath && !l.sized && countNames.MatchString(name)
	return l.countsPages(name) && n > 1 || counts && n > l.rows
}

// countsPages reports whether a field is a total of pages. One of the name pages is one of the answer, or of a
// book.
func (l level) countsPages(name string) bool {
	isPages := func(other string) bool { return other != name && strings.Contains(other, "page") }
	return slices.Contains([]string{"lastpage", "nbpages", "numpages", "pagecount", "totalpage", "totalpages"}, name) ||
		name == "pages" && (strings.HasSuffix(l.prefix, "pagination.") || l.has(isPages))
}

// countsRows reports whether a field is a total of rows.
func (l level) countsRows(name string) bool {
	isTotal := totalNames.MatchString(name) || l.place == onPath && peopleNames.MatchString(name)
	return isTotal && !l.has(filteredNames.MatchString) || filteredNames.MatchString(name)
}

// has reports whether a level has a field with such a name.
func (l level) has(is func(name string) bool) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(l.fields)), func(name string) bool { return is(plainName(name)) })
}

// isVoid reports whether a value says nothing, or holds only values that do. A number below one leads to no
// page.
func isVoid(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return !slices.ContainsFunc(slices.Collect(maps.Values(value)), func(one any) bool { return !isVoid(one) })
	case json.Number:
		n, err := value.Int64()
		return err == nil && n < 1
	}
	return void(written(value))
}
