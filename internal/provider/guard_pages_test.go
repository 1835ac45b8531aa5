package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page of guards lists them as the provider knows them, in the same order.
func TestPages_guardsAreThoseOfTheProvider(t *testing.T) {
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
