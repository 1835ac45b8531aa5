package offboard

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxText is the length in characters to which a text from outside is cut.
const maxText = 300

// ellipsis marks the end of a text that was cut.
const ellipsis = "…"

// ansi matches what terminals interpret as a command: CSI sequences, and OSC strings. Text that was encoded twice has
// the 8-bit beginnings of both. So what comes after one of them counts as a command only if it begins with a number.
// Anything else is none once that character is gone.
var ansi = regexp.MustCompile("(?:\x1b\\[|\u009b[0-9])[0-?]*[ -/]*[@-~]|" + osc)

// commands matches all that may be one, in the 8-bit forms, too.
var commands = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]|" + osc)

// osc matches an OSC string.
const osc = "\x1b\\][^\x07\x1b\u009c]*(?:\x07|\x1b\\\\|\u009c)?"

// Text returns a text from outside that is safe to print, to store and to compare. It is valid
// UTF-8 in NFC on one line, trimmed, and cut to 300 characters. It has no control, format and
// bidirectional characters and no terminal sequences. Everything that a vendor sends and a person
// may read passes through it.
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = ansi.ReplaceAllString(s, "")
	s = withoutInvisible(s)
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	if runes := []rune(s); len(runes) > maxText {
		return strings.TrimSpace(string(runes[:maxText])) + ellipsis
	}
	return s
}

// IsCut reports whether Text has cut a text that may hold email addresses. Behind the cut there may be any.
func IsCut(text string) bool { return strings.HasSuffix(text, ellipsis) && strings.Contains(text, "@") }

// BlankCommands returns a text with NUL in the place of each byte of what may be a terminal sequence. What Text
// removes of the rest are its invisible characters.
func BlankCommands(s string) string {
	if isPlain(s) {
		return s
	}
	return commands.ReplaceAllStringFunc(s, func(command string) string { return strings.Repeat("\x00", len(command)) })
}

// isPlain reports whether a text consists of printable ASCII characters, and Text would return it as
// it is. A log of evidence has many thousand of them.
func isPlain(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == ' ' && last == ' ' {
			return false
		}
		last = s[i]
	}
	return len(s) <= maxText && (s == "" || last != ' ')
}

// invisible reports whether a character shows nothing by itself and can change how other characters
// look: control, format, private use and unassigned characters, and the fillers that Unicode counts
// as letters.
func invisible(r rune) bool {
	switch r {
	case '\u115F', '\u1160', '\u3164', '\uFFA0', '\u034F':
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r) ||
		!unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}

// withoutInvisible removes the invisible characters of a text, except space.
func withoutInvisible(s string) string {
	return strings.Map(func(r rune) rune {
		if invisible(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// Invisible reports whether a text holds an invisible character: control, format, private use or
// unassigned ones.
func Invisible(s string) bool { return strings.ContainsFunc(s, invisible) }
