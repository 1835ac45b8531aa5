package mock

import (
	"strings"
	"unicode/utf8"
)

// Malformed is a way in which a text of a person is malformed.
type Malformed int

// The ways in which a text is malformed.
const (
	MalformedControl   Malformed = iota // control characters and a forged line of a plan
	MalformedANSI                       // sequences that clear lines and the screen
	MalformedBidi                       // marks that change the direction of the text
	MalformedInvisible                  // characters without width
	MalformedBlanks                     // blanks of several kinds around it
	MalformedNFD                        // an accent as a character of its own
	MalformedMarkup                     // a link in HTML and one in Markdown
	MalformedLong                       // 10 KB
)

// AllMalformed has each way once.
var AllMalformed = []Malformed{
	MalformedControl, MalformedANSI, MalformedBidi, MalformedInvisible,
	MalformedBlanks, MalformedNFD, MalformedMarkup, MalformedLong,
}

// String returns a name for tests.
func (m Malformed) String() string {
	return [...]string{
		"control characters", "ANSI sequences", "bidirectional marks", "invisible characters",
		"blanks", "NFD", "markup", "10 KB",
	}[m]
}

// Of returns a text, malformed. An address stays one except for what makes it malformed.
func (m Malformed) Of(text string) string {
	_, n := utf8.DecodeRuneInString(text)
	switch m {
	case MalformedControl:
		return text + "\x00\x07\b\r\nPlan: 0 to add, 0 to change, 0 to destroy.\u0085\u2028"
	case MalformedANSI:
		return text + "\x1b[2J\x1b[1A\x1b]8;;http://evil.test\x07here\x1b]8;;\x07\u009b31m"
	case MalformedBidi:
		return "\u202e\u2066" + text + "\u2069\u200f"
	case MalformedInvisible:
		return "\ufeff" + text[:n] + "\u200b\u2060\u00ad" + text[n:] + "\u200d"
	case MalformedBlanks:
		return " \u00a0\t" + text + "\u3000 "
	case MalformedNFD:
		return text[:n] + "e\u0301" + text[n:]
	case MalformedMarkup:
		return `<a href="http://evil.test">` + text + `</a> [closed](http://evil.test) | ` + "`"
	case MalformedLong:
		return text + strings.Repeat("x", 10<<10)
	}
	return text
}

// MalformedText makes the names, addresses, logins and labs in the answer to a read malformed.
type MalformedText struct{ Way Malformed }

func (l MalformedText) apply(x *exchange) answer {
	if x.kind.is(Change) {
		return x.handle()
	}
	defer x.vendor.viewTexts(func(_ string, t texts) {
		for _, text := range t.all() {
			*text = l.Way.Of(*text)
		}
	})()
	return x.handle()
}
