package evidence

import (
	_ "embed" // the parts of the page are files
	"errors"
	"fmt"
	"html/template"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/page"
)

// The parts of the page.
var (
	//go:embed page.html
	pageBody string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

// pageTemplate lets an address break before its @, and a day nowhere.
var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"split": func(address string) []string { return strings.Split(address, "@") },
	"words": strings.Fields,
}).Parse(pageBody))

// pageView is what the template shows.
type pageView struct {
	Broken, Head  string
	Worth         []item
	People, About string
	Columns       []column
	Rows          []row
	Runs          []string

	document *document
}

// closureView is one closure in the page.
type closureView struct {
	Number   int
	Title    string
	Items    []item
	Requests []string
}

// Page returns the history as an HTML file that needs no other one. It says what Report says, and
// needs no script for that. It holds the log, and a script in it computes the chain again. The page
// alone never says that the chain is intact. Text from outside cannot become markup, a link or a
// script.
func (h History) Page(name string, words Words) (string, error) {
	d := newDocument(h, words, style{offboard.Text, func(text string) string { return text }})
	view := pageView{Head: h.Head, Worth: d.worth(name), About: aboutTable, Columns: d.columns, document: d}
	file := page.Page{Title: "Evidence of closed accounts", Style: pageStyle, Script: pageScript}
	if h.Broken != nil {
		file.Class, view.Broken = "broken", offboard.Text(h.Broken.Error())
	}
	if len(h.Closures) > 0 {
		view.Rows, view.People = d.rows(), d.peopleItem()
		view.Runs = d.runs
	}
	var b strings.Builder
	file.Begin(&b)
	if err := pageTemplate.Execute(&b, view); err != nil {
		return "", err
	}
	h.embed(&b)
	file.End(&b)
	return b.String(), nil
}

// Closures returns what the page says of the closures of a person.
func (v pageView) Closures(r row) []closureView {
	d, all := v.document, make([]closureView, 0, len(r.Closures))
	for _, n := range r.Closures {
		c := &d.Closures[n]
		one := closureView{
			Number: n + 1, Title: d.vendor(c.Vendor) + ", " + d.closureWho(c) + d.mark(c.Doubtful()), Items: d.details(c),
		}
		for _, request := range c.Outcome.Requests {
			one.Requests = append(one.Requests, request.line(offboard.Text))
		}
		all = append(all, one)
	}
	return all
}

// embed writes the lines of the log as a block of data. Nothing in it can end the block, and no
// program that reads the page changes a byte of it.
func (h History) embed(b *strings.Builder) {
	line := 0
	if broken, ok := errors.AsType[*BrokenError](h.Broken); ok {
		line = broken.Line
	}
	fmt.Fprintf(b, `<script type="text/plain" id="log" data-broken="%d">`, line)
	for _, text := range h.lines {
		escapeLine(b, text)
		b.WriteByte('\n')
	}
	b.WriteString("</script>\n")
}

// escapeLine writes a line of the log in printable ASCII without markup. Every other byte becomes a
// percent sign and two hexadecimal digits.
func escapeLine(b *strings.Builder, line string) {
	const digits = "0123456789ABCDEF"
	from := 0
	for i := range len(line) {
		if c := line[i]; c < ' ' || c > '~' || strings.IndexByte("%<>&", c) >= 0 {
			b.WriteString(line[from:i])
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			from = i + 1
		}
	}
	b.WriteString(line[from:])
}
