package rest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// isCacheHit reports whether a header says that a cache had kept the answer. Each cache has a header and words
// of its own, so any header counts whose name speaks of a cache.
func (a Answer) isCacheHit() bool {
	for name, values := range a.Header {
		name, value := strings.ToLower(name), strings.ToLower(strings.Join(values, ", "))
		switch name {
		case "cache-status":
			value = cacheName.ReplaceAllString(value, "$1")
		case "warning":
			value = quoted.ReplaceAllString(value, "")
		}
		switch {
		case name == "warning" && staleWarning.MatchString(value),
			name == "server-timing" && timedHit.MatchString(value),
			name == "x-varnish" && twoRequests.MatchString(value),
			namesCache.MatchString(name) && !aboutCache.MatchString(name) && saysHit(value, hitName.MatchString(name)):
			return true
		}
	}
	return false
}

var (
	// staleWarning matches the warnings of an old answer. https://www.rfc-editor.org/rfc/rfc7234#section-5.5
	staleWarning = regexp.MustCompile(`(^|,) *11[0-3]\b`)
	// timedHit matches how Akamai says that its cache had kept an answer.
	timedHit = regexp.MustCompile(`\bcdn-cache *; *desc *= *"?hit`)
	// quoted matches the words of a warning.
	quoted = regexp.MustCompile(`"[^"]*"`)
	// cacheName matches the name of a cache before what it says. https://www.rfc-editor.org/rfc/rfc9211#section-2
	cacheName = regexp.MustCompile(`(^|,) *("[^"]*"|[^ ,;]*) *;`)
	// twoRequests matches the number of a request beside that of an earlier one, whose answer Varnish has kept.
	twoRequests = regexp.MustCompile(`(^|,) *[0-9]+ +[0-9]+`)
	// namesCache matches a name that speaks of a cache.
	namesCache = regexp.MustCompile(`cache|varnish`)
	// aboutCache matches a name of what a cache shall do, of what it calls an answer or itself, and of a cache of
	// something else than answers.
	aboutCache = regexp.MustCompile(`(control|keys?|tags?|groups?|contexts|age|ttl|host|node|server)$|` +
		`auth|token|session|permission|opcache|\bdb\b|query`)
	// hitName matches a name that says itself what a number or a truth value is about.
	hitName = regexp.MustCompile(`(hits?|cached|from-cache)$`)
	// noHit matches what may have the word of a hit and says no such thing: a host, why the request went on
	// to the vendor, what a cache calls an answer, an answer that the vendor has confirmed or that may not be kept,
	// and no hit.
	noHit = regexp.MustCompile(`\bfrom +[^ ,;]+|\b(fwd|key|detail) *= *("[^"]*"|[^ ,;]*)|refresh[-_ ]?hit|` +
		`hit[-_ ]for[-_ ](pass|miss)|\bnot?[-_ ]?(a[-_ ])?(hit|cached)|\bhit *[=:] *(0|false|no)\b`)
)

// hitWords are the words with which caches say, beside a hit, that they had kept an answer.
var hitWords = []string{"cached", "fresh", "old", "stale", "updating"}

// saysHit reports whether the words of a cache say that it had kept the answer, such as TCP_MEM_HIT. A number
// above zero says so, too, where it counts hits.
func saysHit(words string, counts bool) bool {
	noSign := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }
	return slices.ContainsFunc(strings.FieldsFunc(noHit.ReplaceAllString(words, ""), noSign), func(word string) bool {
		n, _ := strconv.Atoi(word)
		return strings.HasSuffix(word, "hit") || slices.Contains(hitWords, word) ||
			counts && (n > 0 || word == "true" || word == "yes")
	})
}
