package offboard

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// MasksAddress reports whether what a vendor shows may be a mask of an email address, and shows no address.
func MasksAddress(shown, email string) bool { return IsMask(shown) && fitsOf(shown)(email) }

// Mask returns what reports whether a mask that shows a part of an email address may be that of one; nil for what is no
// such mask.
func Mask(shown string) (fits func(email string) bool) {
	if IsCut(shown) {
		return func(string) bool { return true }
	}
	if !IsMask(shown) || !strings.Contains(plainest(shown), "@") {
		return nil
	}
	return fitsOf(shown)
}

// IsMask reports whether a text stands for an email address and is none: it has an at sign, or several signs
// and nothing else.
func IsMask(text string) bool {
	onlySigns := len([]rune(text)) > 1 && !strings.ContainsFunc(text, func(r rune) bool { return !unusual(r) })
	return !ShowsAddress(text) && (onlySigns || strings.Contains(plainest(text), "@"))
}

// OfOthers reports whether what two readings show in the place of the address cannot be of one person.
func OfOthers(then, now string) bool {
	a, b := AddressesIn(then), AddressesIn(now)
	if len(b) == 0 {
		a, b, then = b, a, now
	}
	if len(b) == 0 || len(a) == 0 && !IsMask(then) {
		return false
	}
	return !slices.ContainsFunc(b, func(one string) bool {
		isSame := func(other string) bool { return sameLetters(one, other) }
		return slices.ContainsFunc(a, isSame) || len(a) == 0 && fitsOf(then)(one)
	})
}

// fitsOf returns what reports whether a text that is a mask may stand for an email address: what a word with an at
// sign shows must be in there, in order.
func fitsOf(mask string) func(email string) bool {
	var words []*regexp.Regexp
	for _, word := range wordsOf(mask) {
		if strings.Contains(word, "@") {
			words = append(words, maskOf(word))
		}
	}
	return func(email string) bool {
		email = Normal(email)
		return len(words) == 0 ||
			slices.ContainsFunc(words, func(word *regexp.Regexp) bool { return word.MatchString(email) })
	}
}

// maskOf returns what matches the email addresses that a word may mask. One that shows nothing before the at
// sign may be that of any: its domain may be made up, too. One that ends in the at sign or in dots is cut off.
func maskOf(word string) *regexp.Regexp {
	var pattern strings.Builder
	runes, shows := []rune(Normal(word)), false
	for i, r := range runes {
		switch {
		case r == '@' && !shows:
			return regexp.MustCompile("")
		case unusual(r), inRun(runes, i):
			pattern.WriteString(".*")
		default:
			shows = true
			pattern.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if strings.HasSuffix(word, "@") || strings.HasSuffix(word, ".") {
		pattern.WriteString(".*")
	}
	return regexp.MustCompile("^(?s:" + pattern.String() + ")$")
}

// unusual reports whether a character can be in no address without quotes.
func unusual(r rune) bool {
	return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number) && !strings.ContainsRune("!#$%&'+/=?^_`{|}~.-@", r)
}

// repeats reports whether a text has a sign, or the letter x, more often in a row than addresses have.
func repeats(s string) bool {
	runes := []rune(s)
	for i := range runes {
		if inRun(runes, i) {
			return true
		}
	}
	return false
}

// inRun reports whether a character is one of several in a row: of three letters x or signs that addresses
// have, of four hyphens, or of two other signs.
func inRun(s []rune, i int) bool {
	longest := 1
	switch {
	case s[i] == '-':
		longest = 3
	case strings.ContainsRune("'+/_|xX\u0445\u0425", s[i]):
		longest = 2
	case !strings.ContainsRune("!#$%&=?^`{}~.", s[i]):
		return false
	}
	first, last := i, i
	for first > 0 && s[first-1] == s[i] {
		first--
	}
	for last+1 < len(s) && s[last+1] == s[i] {
		last++
	}
	return last-first >= longest
}
