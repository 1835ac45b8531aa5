package offboard

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// isAddress reports whether a text can be the email address of one person. What a vendor writes
// instead of an address, such as "***", "n/a", "i***@acme.test" or "[redacted]@acme.test", is the
// same for many. The ellipsis at the end of what Text has cut off is not a mask.
func isAddress(s string) bool {
	s = strings.TrimSuffix(s, ellipsis)
	at := strings.LastIndexByte(s, '@')
	return at > 0 && strings.ContainsFunc(s[at+1:], unicode.IsLetter) && !strings.ContainsFunc(s[at+1:], notInDomain) &&
		!strings.ContainsFunc(s, unusual) && !repeats(s[:at])
}

// AddressesIn returns the email addresses in what a vendor shows as one: there may be a display name, or
// a second address, beside it. A sign that hardly any address has is taken both as a part of one and as the
// end of one. A text that was written for HTML, an address bar or a mail header is read so, too. What looks
// like a mask is among them as a whole, because an address may look so: see Address.
func AddressesIn(text string) (all []string) {
	for _, part := range partsOf(text) {
		all = append(all, part)
		last, mask := -1, isMask(part) // the at sign before
		for at, r := range part {
			if r == '@' && !mask {
				all = append(all, addressesAt(part, last, at)...)
				last = at
			}
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(one string) bool {
		at := strings.LastIndexByte(one, '@')
		return at <= 0 || !strings.ContainsFunc(one[at+1:], unicode.IsLetter)
	})
}

// partsOf returns the words of a text, in each way in which it may have been written.
func partsOf(text string) (all []string) {
	ends := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>()[],;:\"\\", r)
	}
	text = html.UnescapeString(text)
	readings := []string{text, norm.NFKC.String(text), plainQuotes.Replace(text)}
	if unescaped, err := url.PathUnescape(text); err == nil {
		readings = append(readings, unescaped)
	}
	slices.Sort(readings)
	for _, reading := range slices.Compact(readings) {
		all = append(all, strings.FieldsFunc(reading, ends)...)
	}
	return all
}

// plainQuotes takes away what quotes a part of an address, and writes an apostrophe as addresses have it.
var plainQuotes = strings.NewReplacer(`"`, "", `\`, "", "\u2019", "'")

// longestLocal is the length in bytes of the longest part before the at sign of an address.
// https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
const longestLocal = 64

// addressesAt returns the addresses in a word around an at sign. They begin with the word, or after a sign
// that hardly any address has, or that cannot be a part of the domain after an earlier at sign.
func addressesAt(word string, last, at int) (all []string) {
	domain := word[at+1:]
	if end := strings.IndexFunc(domain, notInDomain); end >= 0 {
		domain = domain[:end]
	}
	for i, r := range word[:at] {
		begins := unusual(r) || strings.ContainsRune(odd, r) ||
			last >= 0 && i > last && !unicode.In(r, unicode.L, unicode.M, unicode.N)
		if local := word[:at]; at-i <= longestLocal && (i == 0 || begins) {
			if begins {
				local = word[i+len(string(r)) : at]
			}
			all = append(all, local+"@"+domain, strings.Trim(local, "'")+"@"+domain)
		}
	}
	return all
}

// odd are signs that hardly any address has.
const odd = "`{}=?!*^~$#|"

func notInDomain(r rune) bool {
	return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number, unicode.Cf) && !strings.ContainsRune(".-_", r)
}

// HasAddress reports whether an email address may be one of those in what a vendor shows as one. What protects
// an account asks so: it takes more signs for the beginning or the end of an address than AddressesIn does, and
// looks into what looks like a mask.
func HasAddress(shown, email string) bool {
	return slices.ContainsFunc(NamesIn(shown), func(one string) bool { return Same(one, email) })
}

// NamesIn returns a text, and all in it that may be meant as an email address.
func NamesIn(text string) []string {
	all := append(AddressesIn(text), text)
	for _, part := range partsOf(text) {
		for at, r := range part {
			if r == '@' {
				all = append(all, addressesAround(part, at)...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// addressesAround returns the addresses around an at sign that begin after a sign and end before one, if an
// address may have that sign in this place, but hardly does.
func addressesAround(word string, at int) (all []string) {
	domain := word[at+1:]
	if end := strings.IndexFunc(domain, func(r rune) bool { return notInDomain(r) || r == '_' }); end >= 0 {
		domain = domain[:end]
	}
	for i, r := range word[:at] {
		if unusual(r) || strings.ContainsRune(odd+"&/", r) {
			all = append(all, strings.Trim(word[i+len(string(r)):at], "'")+"@"+domain)
		}
	}
	return append(all, strings.Trim(word[:at], "'")+"@"+domain)
}

// ShowsAddress reports whether a text has an email address, and not only a mask.
func ShowsAddress(text string) bool {
	return slices.ContainsFunc(AddressesIn(text), func(one string) bool { return Address(one) != "" })
}

// HidesAddress reports whether a reading of an open account shows no email address, or a mask instead.
func (u User) HidesAddress() bool { return u.Status != Closed && !ShowsAddress(u.Email) }

// MasksAddress reports whether what a vendor shows may be a mask of an email address, and shows no address.
func MasksAddress(shown, email string) bool {
	return !ShowsAddress(shown) &&
		slices.ContainsFunc(masksIn(shown), func(mask string) bool { return fits(mask, email) })
}

// Address returns an email address in the form in which addresses are compared. It is empty for a
// text that may be shown for several people, such as a mask, and for one that Text has cut off.
func Address(s string) string {
	if strings.HasSuffix(s, ellipsis) {
		return ""
	}
	if s = Normal(s); !isAddress(s) {
		return ""
	}
	return s
}

// ofOthers reports whether what two readings show in the place of the address cannot be of one person.
func ofOthers(then, now string) bool {
	addresses := func(text string) []string {
		return slices.DeleteFunc(AddressesIn(text), func(one string) bool { return !isAddress(one) })
	}
	a, b := addresses(then), addresses(now)
	masksA, masksB := masksIn(then), masksIn(now)
	if len(a)+len(masksA) == 0 || len(b)+len(masksB) == 0 {
		return false
	}
	for _, one := range a {
		if slices.ContainsFunc(b, func(other string) bool { return sameLetters(one, other) }) ||
			slices.ContainsFunc(masksB, func(mask string) bool { return fits(mask, one) }) {
			return false
		}
	}
	for _, mask := range masksA {
		if slices.ContainsFunc(b, func(other string) bool { return fits(mask, other) }) || len(masksB) > 0 {
			return false
		}
	}
	return true
}

// isMask reports whether a word hides a part of one address: behind signs that stand for it, or behind one
// sign that is repeated.
func isMask(word string) bool {
	local, _, found := strings.Cut(word, "@")
	runes := []rune(local)
	for i, r := range runes {
		if inRun(runes, i) ||
			i > 0 && (unicode.Is(unicode.So, r) || strings.ContainsRune("*\u00b7\u2022\u2026\u2217\u2219\uff0a", r)) {
			return found && strings.Count(word, "@") == 1
		}
	}
	return false
}

// masksIn returns what stands in a text instead of an email address, and shows a part of one. Of a text that has
// several signs, and nothing else, it is that text.
func masksIn(text string) []string {
	if signs := []rune(text); len(signs) > 1 && !strings.ContainsFunc(text, func(r rune) bool { return !unusual(r) }) {
		return []string{text}
	}
	return slices.DeleteFunc(partsOf(text), func(part string) bool {
		return isAddress(part) || strings.LastIndexByte(part, '@') <= 0
	})
}

// fits reports whether a mask may be that of an email address: what it shows must be in there, in order. One that
// shows nothing before the at sign may be that of any: its domain may be made up, too.
func fits(mask, address string) bool {
	var pattern strings.Builder
	runes, shows := []rune(Normal(mask)), false
	for i, r := range runes {
		if r == '@' && !shows {
			return true
		}
		if unusual(r) || inRun(runes, i) {
			pattern.WriteString(".*")
			continue
		}
		shows = true
		pattern.WriteString(regexp.QuoteMeta(string(r)))
	}
	return regexp.MustCompile("^(?s:" + pattern.String() + ")$").MatchString(Normal(address))
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
// have, or of two other signs.
func inRun(s []rune, i int) bool {
	longest := 1
	switch {
	case strings.ContainsRune("'+/_|xX", s[i]):
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
