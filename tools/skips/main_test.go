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
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`

func TestRun_failsForASkipThatIsNotExpected(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		expected string
		fails    bool
	}{
		"a skip without a reason to expect it": {`^$`, true},
		"a skip that is expected":              {`needs a CLI`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			err := run(strings.NewReader(events), &out, regexp.MustCompile(c.expected))
			if (err != nil) != c.fails || err != nil && !strings.Contains(err.Error(), "p TestA: a_test.go:1: needs a CLI") {
				t.Errorf("got %v, want an error %t that names the test", err, c.fails)
			}
			got := out.String()
			if !strings.Contains(got, "want 2") || !strings.Contains(got, "ok  \tp") || strings.Contains(got, "chatter") {
				t.Errorf("got %q, want what failed and the line of the package", got)
			}
		})
	}
}
