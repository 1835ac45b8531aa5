package offboard

import (
	"html"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// isAddress reports whether a text can be the email address of one person. What a vendor writes
// instead of an address, such as "***", "n/a", "i***@acme.test" or "[redacted]@acme.test", is the
// same for many. The ellipsis at the end of what Text has cut off is not a mask.
func isAddress(s string) bool {
	s = strings.TrimSuffix(s, ellipsis)
	local, domain, _ := strings.Cut(s, "@")
	return local != "" && isDomain(domain) && !strings.ContainsFunc(s, unusual) && !repeats(local)
}

// isDomain reports whether a text can be the domain of an email address: it has a letter, and no part of it is
// empty, or made of signs or of the letter x alone, as in a mask.
func isDomain(s string) bool {
	parts := strings.FieldsFunc(strings.TrimRight(s, rootDots), func(r rune) bool { return r == '.' })
	isMasked := func(part string) bool {
		signs := strings.ContainsAny(part[:1]+part[len(part)-1:], "-_")
		return signs || len(part) > 2 && strings.Trim(part, "xX") == ""
	}
	end := max(len(parts)-1, 0) // there is a top-level domain of three x
	_, notIP := netip.ParseAddr(s)
	return (strings.ContainsFunc(s, unicode.IsLetter) || notIP == nil) && !strings.ContainsFunc(s, notInDomain) &&
		!strings.Contains(s, "..") && !slices.ContainsFunc(parts[:end], isMasked)
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

// AddressesIn returns the email addresses that stand in a text by themselves, or with a name or another one beside
// them. The text may have been written for HTML, an address bar or a mail header. A mask is none.
func AddressesIn(text string) []string {
	switch {
	case isAddress(text):
		return []string{text}
	case isSimple(text):
		return nil
	}
	return slices.DeleteFunc(wordsOf(text), func(word string) bool { return !isAddress(word) })
}

// wordsOf returns what stands in a text between blanks and the signs that are beside addresses in a mail.
func wordsOf(text string) []string {
	for range 2 { // a letter can stand between two brackets
		text = hiddenPart.ReplaceAllString(text, "$1*$2")
	}
	words := strings.FieldsFunc(plainest(text), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>()[],;:\u2018\u201c\u201d", r)
	})
	for i, word := range words {
		words[i] = strings.Trim(word, "'")
	}
	return words
}

// hiddenPart matches what hides a part of a word, such as the brackets of "i[...]a@acme.test", which is a mask.
var hiddenPart = regexp.MustCompile(`([\pL\pN])(?:[[(<{][^][(){}<>@]*[])>}]|"{2,})([\pL\pN@.])`)

// plainest returns the last one of readingsOf.
func plainest(text string) string {
	all := readingsOf(text)
	return all[len(all)-1]
}

// WithoutTag returns an email address without what follows a plus sign in its local part.
func WithoutTag(address string) string {
	end := strings.LastIndexByte(address, '@')
	if end < 0 {
		return address
	}
	if tag := strings.IndexByte(address[:end], '+'); tag > 0 {
		return address[:tag] + address[end:]
	}
	return address
}

// ShowsAddress reports whether a text has an email address, and not only a mask.
func ShowsAddress(text string) bool { return len(AddressesIn(text)) > 0 }

// HidesAddress reports whether a reading of an open account shows no email address, or a mask instead.
func (u User) HidesAddress() bool { return u.Status != Closed && !ShowsAddress(u.Email) }

// NamesIn returns a text, and all in it that may be meant as an email address, in each way in which the text
// may have been written. An address begins with a word, or after any sign that is hardly within one. What
// protects an account compares with it, so too many are better than too few.
func NamesIn(text string) []string {
	if isSimple(text) {
		return []string{text}
	}
	return namesIn(text)
}

// namesIn is NamesIn for any text.
func namesIn(text string) []string {
	all, readings := []string{text}, readingsOf(text)
	for _, reading := range slices.Clone(readings) {
		for _, form := range directoryForms {
			readings = append(readings, form.pattern.ReplaceAllString(reading, form.address))
		}
	}
	slices.Sort(readings)
	for _, reading := range slices.Compact(readings) {
		all = append(all, reading)
		signs := 0
		for at, r := range reading {
			if r == '@' && signs < mostAddresses {
				signs++
				all = append(all, around(reading[:at], reading[at+1:])...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// simple matches ASCII words, and an address of such, as most rows of a long list have them.
var simple = regexp.MustCompile(`^(?:[A-Za-z0-9. -]*|[A-Za-z0-9.-]*@[A-Za-z0-9.-]*)$`)

// isSimple reports whether a text means itself alone, in whatever way it was written. See directoryForms for .invalid.
func isSimple(text string) bool {
	isForm := strings.Contains(strings.ToLower(text), ".invalid")
	return simple.MatchString(text) && !strings.HasSuffix(text, "-") && !isForm
}

// directoryForms are forms that directories and pages give to an address, with what it was.
// https://learn.microsoft.com/en-us/entra/external-id/user-properties
var directoryForms = []struct {
	pattern *regexp.Regexp
	address string
}{
	{regexp.MustCompile(`(?i)_([^_@\s]+)#EXT#@\S*`), "@$1"}, // a guest
	{regexp.MustCompile(`(?i)(@\S+)\.invalid\b`), "$1"},     // an account of a copy of the data
	{regexp.MustCompile(`(?i)\s*[[({]\s*at\s*[])}]\s*`), "@"},
}

// readingsOf returns a text as it may be meant if it was written for HTML, an address bar or a mail header. The last
// one is the plainest.
func readingsOf(text string) []string {
	all := []string{strings.ToValidUTF8(html.UnescapeString(text), "\uFFFD")}
	if unescaped, err := url.PathUnescape(all[0]); err == nil && utf8.ValidString(unescaped) {
		all = append(all, unescaped)
	}
	for _, reading := range slices.Clone(all) {
		plain := norm.NFKC.String(reading)
		all = append(all, plain, plainQuotes.Replace(plain))
	}
	return all
}

// IsPlain reports whether an ID or an email address is written as vendors write it, and not in the form of an editor,
// a browser or a page, such as with a curly apostrophe, a full-width letter or %40.
func IsPlain(text string) bool {
	text = Normal(text)
	isFullWidth := func(r rune) bool { return r >= '\uff01' && r <= '\uff5e' }
	readings := []string{html.UnescapeString(text), plainQuotes.Replace(text)}
	if unescaped, err := url.PathUnescape(text); err == nil {
		readings = append(readings, unescaped)
	}
	hasAt := func(one string) bool { return strings.Contains(one, "@") }
	isOther := func(one string) bool { return one != text }
	isAddress := slices.ContainsFunc(readings, hasAt)
	return !strings.ContainsFunc(text, isFullWidth) &&
		(!isAddress || !slices.ContainsFunc(readings, isOther) && !strings.ContainsFunc(text, unusual))
}

// plainQuotes takes away what quotes a part of an address, and writes an apostrophe as addresses have it.
var plainQuotes = strings.NewReplacer(`"`, "", `\`, "", "\u2019", "'")

// mostAddresses is more than a text of 300 characters can have.
const mostAddresses = 50

// longestLocal is the length in bytes of the longest part before the at sign of an address.
// https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
const longestLocal = 64

// around returns what may be an address around an at sign, in a text with so much before it and after it.
func around(before, after string) (all []string) {
	whole := after
	if end := strings.IndexFunc(after, notInDomain); end >= 0 {
		whole = after[:end]
	}
	start, _, _ := strings.Cut(whole, "_")
	domains := slices.Compact([]string{whole, strings.TrimRight(whole, "-_"), start})
	locals, last := []string{before}, strings.LastIndexByte(before, '@')
	for i, r := range before {
		if begins(r) || last >= 0 && i > last && !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			locals = append(locals, before[i+utf8.RuneLen(r):])
		}
	}
	for _, local := range locals {
		if len(local) > longestLocal {
			continue
		}
		for _, domain := range domains {
			all = append(all, local+"@"+domain, strings.Trim(local, "'")+"@"+domain)
		}
	}
	return all
}

// begins reports whether an address may begin after a sign: it is hardly within one.
func begins(r rune) bool {
	return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number, unicode.Cf) && !strings.ContainsRune(".-_+'", r)
}

func notInDomain(r rune) bool {
	return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number, unicode.Cf) && !strings.ContainsRune(".-_", r)
}

// HasAddress reports whether an email address may be one of those in what a vendor shows as one.
func HasAddress(shown, email string) bool {
	return slices.ContainsFunc(NamesIn(shown), func(one string) bool { return Same(one, email) })
}
