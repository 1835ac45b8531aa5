package rest

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// view is a text without encodings, letter case and what offboard.Text removes. It has one byte for
// each character, because secrets are ASCII. begin and end say where in the original text a character
// came from.
type view struct {
	folded     []byte
	plain      string // before folding, in UTF-8
	begin, end []int  // by character
}

// rawView returns the view of a text as it is, without decoding.
func rawView(text string) view {
	text = offboard.BlankCommands(text)
	v := view{plain: text}
	for i, r := range text {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		v.begin, v.end = append(v.begin, i), append(v.end, i+size)
	}
	return v.visible()
}

// visible leaves out the characters that show nothing, in each layer of encodings: the parts of a secret
// between them are one secret to a reader.
func (v view) visible() view {
	removed := func(r rune) bool {
		return (r < ' ' || r > '~') && !unicode.IsSpace(r) && offboard.Invisible(string(r))
	}
	if strings.ContainsFunc(v.plain, removed) {
		var next view
		var plain strings.Builder
		char := 0 // the number of the current character
		for _, r := range v.plain {
			if !removed(r) {
				plain.WriteRune(r)
				next.begin, next.end = append(next.begin, v.begin[char]), append(next.end, v.end[char])
			}
			char++
		}
		next.plain = plain.String()
		v = next
	}
	v.folded = fold(v.plain)
	return v
}

func (v view) cover(from, to int, covered []bool) {
	for i := v.begin[from]; i < v.end[to-1]; i++ {
		covered[i] = true
	}
}

// nonASCII is the byte of a view for all characters that no secret has.
const nonASCII = 0xff

// fold returns one byte for each character: its lower case. The two characters that differ between
// the alphabets of base64 are the same. So are a plus sign and a blank, because forms exchange
// them.
func fold(text string) []byte {
	folded := make([]byte, 0, len(text))
	for _, r := range text {
		switch r = unicode.ToLower(r); r {
		case '+', ' ':
			r = '-'
		case '/':
			r = '_'
		}
		if r >= utf8.RuneSelf {
			r = nonASCII
		}
		folded = append(folded, byte(r))
	}
	return folded
}

// escape matches one escaped character of a URL, of HTML, and of JSON and Go.
var escape = regexp.MustCompile(
	`%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])+|%[0-9A-Fa-f]{2}|` +
		`&#[0-9]+;?|&#[xX][0-9A-Fa-f]+;?|&[A-Za-z][A-Za-z0-9]*;?|` +
		`\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}|\\[^ux]`,
)

// unwrapped decodes all encodings.
func unwrapped(v view) view {
	for range maxUnwraps {
		next, changed := v.unwrap()
		if !changed {
			break
		}
		v = next
	}
	return v
}

// unwrap decodes one layer of encodings, and reports whether there was any.
func (v view) unwrap() (view, bool) {
	if !strings.ContainsAny(v.plain, `%&\`) {
		return v, false
	}
	var next view
	var plain strings.Builder
	char := 0 // the number of the current character
	keep := func(text, as string) {
		n := utf8.RuneCountInString(text)
		if text == as {
			next.begin, next.end = append(next.begin, v.begin[char:char+n]...), append(next.end, v.end[char:char+n]...)
		} else {
			for range as {
				next.begin, next.end = append(next.begin, v.begin[char]), append(next.end, v.end[char+n-1])
			}
		}
		plain.WriteString(as)
		char += n
	}
	done, changed := 0, false
	for _, found := range escape.FindAllStringIndex(v.plain, -1) {
		keep(v.plain[done:found[0]], v.plain[done:found[0]])
		escaped := v.plain[found[0]:found[1]]
		as := unescape(escaped)
		keep(escaped, as)
		done, changed = found[1], changed || as != escaped
	}
	keep(v.plain[done:], v.plain[done:])
	next.plain = plain.String()
	return next.visible(), changed
}

// unescape returns the text of one escape, or the escape if it is none. A character beyond ASCII is
// in no secret, so only its presence matters.
func unescape(escaped string) string {
	switch {
	case escaped[0] == '%':
		if plain, err := url.PathUnescape(escaped); err == nil && utf8.ValidString(plain) {
			return plain
		}
		return string(utf8.RuneError)
	case escaped[0] == '&':
		return html.UnescapeString(escaped)
	case len(escaped) == 2:
		return escaped[1:]
	}
	code, err := strconv.ParseUint(strings.Trim(escaped[2:], "{}"), 16, 32)
	if err != nil || code > unicode.MaxRune || !utf8.ValidRune(rune(code)) {
		return string(utf8.RuneError)
	}
	return string(rune(code))
}
