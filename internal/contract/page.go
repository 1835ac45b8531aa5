package contract

import (
	"fmt"
	"strings"
	"time"
)

// section is the part of a page with the facts of one verdict.
type section struct {
	verdict     Verdict
	about, came string // what the verdict says, and the head of the column of what came
}

// sections are in the order of a page.
var sections = []section{
	{Contrary, "The vendor answers otherwise than the provider believes. " +
		"To reproduce this answer in the mock server, set what the last column says.", whatCame},
	{New, "The vendor answers otherwise than the provider believes. No setting of the mock server is known to play " +
		"this answer. It may have the same cause as a row under contrary.", whatCame},
	{Documented, "The vendor answers as its documentation says.", whatCame},
	{Assumed, "The vendor answers as the provider assumes. The documentation does not say it.", whatCame},
	{Undecided, "The check could not tell.", "why not"},
}

const whatCame = "what came"

// Markdown returns the report as a page.
func (r *Report) Markdown() string {
	var page strings.Builder
	fmt.Fprintf(&page, "# What %s answers\n\n"+
		"Vendor is the owner of the API; provider is this Terraform provider.\n\n"+
		"- Tenant: `%s`\n- Time: %s\n- Version of the provider: %s\n- Requests that were answered: %d\n"+
		"- Test users that were changed: %s.\n",
		r.Vendor, r.Tenant, r.At.UTC().Format(time.RFC3339), r.Version, r.Answers, r.Users)
	if r.Count(Contrary) == 0 {
		page.WriteString("\n## contrary: 0\n\n" + r.noContrary() + "\n")
	}
	for _, s := range sections {
		if r.Count(s.verdict) > 0 {
			fmt.Fprintf(&page, "\n## %s: %d\n\n%s\n\n", s.verdict, r.Count(s.verdict), s.about)
			r.table(&page, s)
		}
	}
	if len(r.Examples) > 0 {
		page.WriteString("\n## Examples to paste into the definition\n\n```hcl\n" +
			strings.Join(r.Examples, "\n") + "```\n")
	}
	return page.String()
}

// noContrary says what it means that no answer is contrary.
func (r *Report) noContrary() string {
	if r.Count(New) > 0 {
		return "No answer is one that a setting of the mock server plays."
	}
	return "Nothing that the check saw differs from what is expected."
}

// table writes the facts with one verdict.
func (r *Report) table(page *strings.Builder, s section) {
	head := []string{"fact", "what the provider believes", s.came, "source"}
	if s.verdict == Contrary {
		head = append(head, "setting of the mock")
	}
	row(page, head)
	page.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for i := range r.Facts {
		l := &r.Facts[i]
		if l.Verdict != s.verdict {
			continue
		}
		cells := []string{l.Fact, l.Says, l.Seen, l.source()}
		if s.verdict == Contrary {
			cells = append(cells, "`"+l.Switch+"`")
		}
		row(page, cells)
	}
}

// row writes cells. A bar in a name from a definition does not end its cell.
func row(page *strings.Builder, cells []string) {
	for _, cell := range cells {
		page.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	page.WriteString("|\n")
}

// source says where a belief is from, and that an answer is against it.
func (l *Line) source() string {
	against := l.Verdict == Contrary || l.Verdict == New
	switch {
	case against && l.Source == "":
		return "against our assumption"
	case against:
		return "against its documentation: <" + l.Source + ">"
	case l.Source == "":
		return "none, our assumption"
	}
	return "<" + l.Source + ">"
}
