package main

import (
	"regexp"
	"strings"
	"testing"
)

const events = `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: needs a CLI\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:2: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestD/part","Output":"    d_test.go:1: is too old\n"}
{"Action":"skip","Package":"p","Test":"TestD/part"}
{"Action":"pass","Package":"p","Test":"TestD"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`

func TestReader_failsForASkipThatIsNotExpected(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ expected, later, fails, names string }{
		"no skip is expected":     {"^$", "^$", "p TestA: a_test.go:1: needs a CLI", ""},
		"one skip is expected":    {"needs a CLI", "^$", "p TestD/part: d_test.go:1: is too old", ""},
		"all skips are expected":  {"needs|old", "^$", "", ""},
		"a whole test runs later": {"old", "needs", "", "^(TestA)$"},
		"a part of it runs later": {"needs", "old", "", "^(TestD)$"},
		"both run later":          {"^$", "needs|old", "", "^(TestA|TestD)$"},
		"a skip is not expected":  {"^$", "old", "p TestA: a_test.go:1: needs a CLI", "^(TestD)$"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			r := newReader(&out, regexp.MustCompile(c.expected), regexp.MustCompile(c.later))
			err := r.run(strings.NewReader(events))
			if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("got the error %v, want one that says %q", err, c.fails)
			}
			if got := r.names(); got != c.names {
				t.Errorf("got the tests %q, want %q", got, c.names)
			}
			got := out.String()
			if !strings.Contains(got, "want 2") || !strings.Contains(got, "ok  \tp") || strings.Contains(got, "chatter") {
				t.Errorf("got %q, want what failed and the line of the package", got)
			}
		})
	}
}

func TestReader_countsTestsThatPassed(t *testing.T) {
	t.Parallel()
	for later, want := range map[string]string{
		"needs":     "2 tests passed. 1 are left for another run.",
		"needs|old": "1 tests passed. 2 are left for another run.",
	} {
		var out strings.Builder
		r := newReader(&out, regexp.MustCompile("old"), regexp.MustCompile(later))
		if err := r.run(strings.NewReader(events)); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("got %v and %q, want %q", err, out.String(), want)
		}
	}
}
