package mock

import (
	"strings"
	"unicode/utf8"
)

// Spoiling is a way of spoiling a text that people write.
type Spoiling int

// The ways of spoiling a text.
const (
	SpoilControl   Spoiling = iota // control characters and a forged line of a plan
	SpoilANSI                      // sequences that clear lines and the screen
	SpoilBidi                      // marks that turn the direction of the text
	SpoilInvisible                 // characters without width
	SpoilBlanks                    // blanks of several kinds around it
	SpoilNFD                       // an accent as a character of its own
	SpoilMarkup                    // a link in HTML and one in Markdown
	SpoilLong                      // 10 KB
)

// Spoilings are all ways of spoiling a text.
var Spoilings = []Spoiling{SpoilControl, SpoilANSI, SpoilBidi, SpoilInvisible, SpoilBlanks, SpoilNFD,
	SpoilMarkup, SpoilLong}

// String is the name, for tests.
func (s Spoiling) String() string {
	return [...]string{"control characters", "ANSI sequences", "bidirectional marks", "invisible characters",
		"blanks", "NFD", "markup", "10 KB"}[s]
}

// Of is a text, spoiled. An address stays one up to what spoils it.
func (s Spoiling) Of(text string) string {
	_, n := utf8.DecodeRuneInString(text)
	switch s {
	case SpoilControl:
		return text + "\x00\x07\b\r\nPlan: 0 to add, 0 to change, 0 to destroy.\u0085\u2028"
	case SpoilANSI:
		return text + "\x1b[2J\x1b[1A\x1b]8;;http://evil.test\x07here\x1b]8;;\x07\u009b31m"
	case SpoilBidi:
		return "\u202e\u2066" + text + "\u2069\u200f"
	case SpoilInvisible:
		return "\ufeff" + text[:n] + "\u200b\u2060\u00ad" + text[n:] + "\u200d"
	case SpoilBlanks:
		return " \u00a0\t" + text + "\u3000 "
	case SpoilNFD:
		return text[:n] + "e\u0301" + text[n:]
	case SpoilMarkup:
		return `<a href="http://evil.test">` + text + `</a> [closed](http://evil.test) | ` + "`"
	case SpoilLong:
		return text + strings.Repeat("x", 10<<10)
	}
	return text
}

// Spoil spoils the names, addresses, logins and labs that a look shows.
type Spoil struct{ Text Spoiling }

func (l Spoil) tell(a *asked) answer {
	if a.kind.is(Change) {
		return a.handle()
	}
	defer a.vendor.reword(func(_ string, w words) {
		for _, text := range w.all() {
			*text = l.Text.Of(*text)
		}
	})()
	return a.handle()
}
