package declared

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Problem is why a definition is refused.
type Problem struct {
	File         string
	Line, Column int    // both count from 1
	Text         string // what is wrong, and what to write instead
	Source       string // the line of the definition
}

// String returns the problem with its place and the line, as a person reads it.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d,%d: %s\n  %d: %s", p.File, p.Line, p.Column, p.Text, p.Line, p.Source)
}

// problems collects what is wrong with one definition.
type problems struct {
	file  string
	lines []string
	all   []Problem
	// settings are the uses of settings, which are checked when their names are known.
	settings []settingUse
}

// settingUse is one use of a setting in an expression.
type settingUse struct {
	traversal     hcl.Traversal
	inCredentials bool // where one that is a credential may be used
}

// maxLineShown is how much of a line is shown, in bytes.
const maxLineShown = 160

func (p *problems) add(at hcl.Range, format string, args ...any) {
	source := ""
	if n := at.Start.Line; n >= 1 && n <= len(p.lines) {
		source = strings.TrimRight(p.lines[n-1], " \t\r")
	}
	if len(source) > maxLineShown {
		source = source[:maxLineShown] + "…"
	}
	found := Problem{
		File: p.file, Line: at.Start.Line, Column: at.Start.Column, Text: visible(fmt.Sprintf(format, args...)),
		Source: visible(strings.ReplaceAll(source, "\t", "  ")),
	}
	if !slices.Contains(p.all, found) {
		p.all = append(p.all, found)
	}
}

// visible returns a text of a definition without what is not shown, and may hide what the definition does.
func visible(s string) string {
	if offboard.Invisible(s) {
		return offboard.Text(s)
	}
	return s
}

// addDiagnostics adds what the parser of HCL says.
func (p *problems) addDiagnostics(diags hcl.Diagnostics) {
	for _, d := range diags {
		at := hcl.Range{Start: hcl.InitialPos}
		if d.Subject != nil {
			at = *d.Subject
		}
		p.add(at, "%s: %s", d.Summary, d.Detail)
	}
}

// sorted returns the problems in the order of the text.
func (p *problems) sorted() []Problem {
	slices.SortStableFunc(p.all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p.all
}
