package evidence

import (
	"strings"
	"time"
	"unicode"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Words are the names that a report shows for the short names in a log.
type Words struct {
	Vendor  func(name string) string                       // the vendor as it writes itself
	Finding func(vendor string, f offboard.Finding) string // a finding as a sentence, without a period
	Guard   func(name string) string                       // why a guard refuses; empty for one that is not known
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// plain returns a text from outside, safe to print, as Markdown that shows it as it is: nothing in
// it becomes markup, an entity or a link. Some programs search for addresses in what Markdown has
// been rendered to, where escapes do not help. So the characters that make a text an address are
// written as code.
func plain(text string) string {
	runes := []rune(offboard.Text(text))
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return runes[i]
	}
	var b strings.Builder
	for i, r := range runes {
		switch {
		case startsLink(r, at(i-1), at(i+1), i >= 3 && strings.EqualFold(string(runes[i-3:i]), "www")):
			b.WriteString("`" + string(r) + "`")
		case strings.ContainsRune("\\`*_[]<>|#~&!$^={}", r), r == '.' && word(at(i-1)) && unicode.IsLetter(at(i+1)):
			b.WriteString("\\" + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// startsLink reports whether a character between two others makes programs see an address: the at
// sign of an email address, the colon of a scheme, and the dot of a name that begins with www.
func startsLink(r, before, after rune, www bool) bool {
	switch r {
	case '@':
		return true
	case ':':
		return word(before) && !unicode.IsSpace(after)
	case '.':
		return www
	}
	return false
}

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
