package evidence

import (
	"strings"
	"time"
	"unicode"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Words are how a report calls what a log knows by short names.
type Words struct {
	Vendor  func(name string) string                       // the vendor as it writes itself
	Finding func(vendor string, f offboard.Finding) string // a finding as a sentence, without a period
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// plain makes a text from outside safe to show, and Markdown that shows it as it is: nothing in it
// becomes markup, an entity or a link. Some programs look for addresses in what Markdown has
// already been made of, where escapes do not help. So the characters that make an address of a text
// stand as code, which all of them leave alone.
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

// startsLink reports whether a character between two others is one of those that programs know an
// address by: the one of an email address, the colon of a scheme, and the dot of a name that begins
// with www.
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
