package offboard_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain":                       {"Ines Varga", "Ines Varga"},
		"trimmed of blanks":           {" Ines Varga ", "Ines Varga"},
		"one blank between words":     {"Ines  Varga", "Ines Varga"},
		"a tab":                       {"Ines\tVarga", "Ines Varga"},
		"the last of ASCII":           {"Ines~\x7f", "Ines~"},
		"long, in ASCII":              {strings.Repeat("e", 301), strings.Repeat("e", 300) + "…"},
		"trimmed of every space":      {"\u00a0 Ines\u2003Varga\u3000\n", "Ines Varga"},
		"one line":                    {"Ines\r\nPlan: 0 to destroy\u2028x", "Ines Plan: 0 to destroy x"},
		"a terminal sequence":         {"Otto\x1b[2J\x1b[1A!", "Otto!"},
		"an 8-bit terminal sequence":  {"Otto\u009b2J!", "Otto!"},
		"encoded twice":               {"\u00e2\u009cEDI\u00e2\u009d <a@b.test>", "\u00e2EDI\u00e2 <a@b.test>"},
		"a letter encoded twice":      {"Zden\u00c4\u009bk", "Zden\u00c4k"},
		"a terminal title":            {"Otto\x1b]0;title\x07!", "Otto!"},
		"a title without an end":      {"Otto\x1b]0;title", "Otto"},
		"a bare escape":               {"Otto\x1b!", "Otto!"},
		"bidirectional marks":         {"a\u202egnp.exe\u202c\u2066x\u2069", "agnp.exex"},
		"zero width and soft hyphens": {"b\u200bo\u00adss\ufeff", "boss"},
		"NFC":                         {"jose\u0301", "jos\u00e9"},
		"invalid UTF-8":               {"a\xff\xfeb", "a\uFFFDb"},
		"a tag and private use":       {"a\U000E0041\uE000b", "ab"},
		"a filler":                    {"a\u3164b", "ab"},
		"a variation selector":        {"a\ufe0fb", "ab"},
		"an unassigned character":     {"a\u0378b", "ab"},
		"as long as may be":           {strings.Repeat("é", 300), strings.Repeat("é", 300)},
		"long":                        {strings.Repeat("é", 400), strings.Repeat("é", 300) + "…"},
		"nothing":                     {" \u200b ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := offboard.Text(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Ines", "a\x1b[2Jb", "\u202e", "jose\u0301", "\xff\xfe", "a\u2028b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := offboard.Text(s)
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) || strings.TrimSpace(got) != got ||
			utf8.RuneCountInString(got) > 301 {
			t.Errorf("%q: got %q, want it valid, in NFC, trimmed and bounded", s, got)
		}
		if strings.ContainsFunc(
			got, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) },
		) {
			t.Errorf("%q: got %q, want no character that is invisible", s, got)
		}
		if again := offboard.Text(got); again != got {
			t.Errorf("%q: got %q and then %q, want the second time to change nothing", s, got, again)
		}
	})
}
