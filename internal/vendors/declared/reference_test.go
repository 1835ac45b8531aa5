package declared

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// referencePage is the page that describes the language.
const referencePage = "../../../templates/guides/vendor-language.md.tmpl"

// The page lists every block, every attribute with its variables, and every function, as the language
// has them.
func TestLanguage_isWhatThePageSays(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	if want := blockReference(&language, "", "The definition"); !strings.Contains(string(page), want) {
		t.Errorf("%s lacks the tables of the language, want\n%s", referencePage, want)
	}
	if want := functionReference(); !strings.Contains(string(page), want) {
		t.Errorf("%s lacks the functions, want\n%s", referencePage, want)
	}
}

// blockReference renders a block and those in it.
func blockReference(b *blockSpec, in, title string) string {
	var page strings.Builder
	page.WriteString("## " + title + "\n\n")
	if b.about != "" {
		page.WriteString(b.about + blockTraits(b) + "\n\n")
	}
	page.WriteString("| attribute | value | variables | what it is |\n|---|---|---|---|\n")
	for _, a := range b.attributes {
		need := ""
		if a.required {
			need = " (required)"
		}
		used := "none"
		if len(a.variables) > 0 {
			used = "`" + strings.Join(a.variables, "`, `") + "`"
		}
		cells := []string{"`" + a.name + "`" + need, valueReference(a.kind), used, a.about}
		page.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	for i := range b.blocks {
		inner := &b.blocks[i]
		name := strings.TrimSpace(in + " " + inner.name)
		page.WriteString("\n" + blockReference(inner, name, "Block `"+name+"`"))
	}
	return page.String()
}

func blockTraits(b *blockSpec) string {
	var traits []string
	if b.labeled {
		traits = append(traits, "It has a name, as in `"+b.name+" \"NAME\"`.")
	}
	if b.required {
		traits = append(traits, "It is required.")
	}
	if len(traits) == 0 {
		return ""
	}
	return " " + strings.Join(traits, " ")
}

func valueReference(k valueKind) string {
	if k == kindExpression {
		return "expression"
	}
	return k.String()
}

func functionReference() string {
	return "`" + strings.Join(slices.Sorted(maps.Keys(functions)), "`, `") + "`"
}

// The guide shows the definition of the example of the resource, whole.
func TestGuide_showsTheExample(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../templates/guides/add-vendor.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../../examples/resources/offboard_user/parley.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), "```text\n"+string(example)+"```\n") {
		t.Error("got another definition in the guide, want the one of the example")
	}
}

// The page has the words by which a fact says what it is.
func TestGuide_hasTheWordsOfFacts(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{idWords, groupWords, ownWords, otherWords, neutralWords} {
		if want := "| `" + strings.Join(words, "`, `") + "` | "; !strings.Contains(string(page), want) {
			t.Errorf("%s lacks %s", referencePage, want)
		}
	}
}
