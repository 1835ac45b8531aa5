package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// module is a package with a test of one side of the boundary, and no test of the log.
var module = map[string]string{
	"go.mod": "module example.com/p\n",
	"p.go": `package p

var log []int

// Small reports whether a number is small.
func Small(n int) bool {
	log = append(log, n)
	switch {
	case n < 10:
		return true
	}
	return false
}
`,
	"p_test.go": `package p

import "testing"

func TestSmall(t *testing.T) {
	t.Parallel()
	if !Small(9) || Small(11) {
		t.Error("got a wrong answer")
	}
}
`,
}

func TestMutate_printsWhatNoTestNotices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range module {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder

	if err := mutate(t.Context(), &out, &options{dir: dir, files: "*.go", workers: 1}, "."); err != nil {
		t.Fatal(err)
	}

	for _, want := range []string{
		"p.go:7:2: taken out: log = append(log, n)\n",
		"p.go:9:7: <= for <: n < 10\n",
		"example.com/p: 2 of 4 killed, 50.0%, ", // the case negated, and its body taken out
	} {
		if got := out.String(); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
	if got := strings.Count(out.String(), "\n"); got != 3 {
		t.Errorf("got %d lines, want a line for each of 2 survivors and one for the score:\n%s", got, out.String())
	}
}

func TestMutants_differInOnePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"if", "if a(b) { return }", "if !(a(b)) { return }\nif a(b) {  }"},
		{"if with else", "if a { return } else { b() }", "if !(a) { return } else { b() }\nif a { return } else {  }"},
		{"equality", "if a == b { c() }", "if a != b { c() }\nif a == b {  }"},
		{"and", "_ = a && b", "\n_ = a\n_ = b"},
		{"or, in a comparison", "x := a >= b || c", "x := a >= b\nx := c\nx := a > b || c"},
		{"increment", "x++; y()", "; y()\nx++; "},
		{"addition", "x += 2; y := 1", "; y := 1"},
		{"definition", "x := 2", ""},
		{"switch with a tag", "switch a { case b: x := c }", "switch a { case b:  }"},
		{"select", "select { case <-a: x := b; c() }", "select { case <-a: x := b;  }\nselect { case <-a:  }"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const head, tail = "package p\n\nfunc f() {\n", "\n}\n"
			path := filepath.Join(t.TempDir(), "p.go")
			if err := os.WriteFile(path, []byte(head+c.body+tail), 0o600); err != nil {
				t.Fatal(err)
			}

			all, err := mutants(path)
			if err != nil {
				t.Fatal(err)
			}

			var got []string
			for _, m := range all {
				got = append(got, strings.TrimSuffix(strings.TrimPrefix(m.text, head), tail))
			}
			if got := strings.Join(got, "\n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
