package provider

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page of guards lists them as the provider knows them, in the same order.
func TestPages_guardsAreThoseOfTheProvider(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "guards.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	const head = "| name in the evidence log | checked | refuses a closure if |\n|---|---|---|\n"
	_, table, found := strings.Cut(string(page), head)
	if !found {
		t.Fatalf("the page has no table with the head %q, want one", head)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var want []string
	for _, g := range guardTexts {
		want = append(want, "| `"+g.name+"` | "+g.checked+" | "+g.why+" |")
	}
	if want := strings.Join(want, "\n"); table != want {
		t.Errorf("got the table\n%s\nwant\n%s", table, want)
	}
}

// eachPageLine calls f with every line of text of the documentation: no blocks of code, and no code
// in a line.
func eachPageLine(t *testing.T, f func(file string, number int, line string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	files := []string{
		filepath.Join(root, "README.md"),
		filepath.Join(root, "DESIGN.md"),
		filepath.Join(root, "SECURITY.md"),
	}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("got the pages %q, want all: %v", files, err)
	}
	code := regexp.MustCompile("`[^`]*`|\\]\\([^)]*\\)|<[^>]*>")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		block, front := false, false
		for i, line := range strings.Split(string(text), "\n") {
			switch {
			case line == "---":
				front = !front // the description there is that of the page without its marks
			case strings.HasPrefix(strings.TrimSpace(line), "```"):
				block = !block
			case !block && !front:
				f(file, i+1, code.ReplaceAllString(line, "CODE"))
			}
		}
	}
}

// The pages, and the descriptions of the schemas on them, have no word that no message may have.
func TestPages_haveClearWords(t *testing.T) {
	t.Parallel()
	eachPageLine(t, func(file string, number int, line string) {
		if word := unclear.FindString(technical.ReplaceAllString(line, "")); word != "" {
			t.Errorf("%s:%d: got the word %q in %q, want a plainer one", file, number, word, line)
		}
	})
}

func TestPages_descriptionsHaveShortSentences(t *testing.T) {
	t.Parallel()
	attribute := regexp.MustCompile(`^- CODE \([^)]*\) `)
	aside := regexp.MustCompile(` \([^)]*\)`) // what a list says of each word in it
	found := 0
	eachPageLine(t, func(file string, number int, line string) {
		if !attribute.MatchString(line) {
			return
		}
		found++
		for _, s := range sentences(aside.ReplaceAllString(attribute.ReplaceAllString(line, ""), "")) {
			if n := len(strings.Fields(s)); n > 25 {
				t.Errorf("%s:%d: got a sentence of %d words, want at most 25: %s", file, number, n, s)
			}
		}
	})
	if found < 100 {
		t.Errorf("got %d descriptions, want those of all attributes", found)
	}
}
