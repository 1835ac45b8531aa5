package evidence

import (
	"crypto/sha256"
	_ "embed" // the parts of the page are files
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The parts of the page. The script and the style are in the page as they are here, and the policy
// of the page allows only what has their hashes.
var (
	//go:embed page.html
	pageBody string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

var pageTemplate = template.Must(template.New("page").Parse(pageBody))

// pageHead is the begin of the page, without the hashes, the class and the style.
const pageHead = `<!DOCTYPE html>
<html lang="en"%s>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ` +
	`style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evidence of closed accounts</title>
<style>%s</style>
</head>
<body>
`

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
	var class string
	if h.Broken != nil {
		class, view.Broken = ` class="broken"`, offboard.Text(h.Broken.Error())
	}
	if len(h.Closures) > 0 {
		view.Rows, view.People = d.rows(), d.peopleItem()
		view.Runs = d.runs
	}
	var b strings.Builder
	fmt.Fprintf(&b, pageHead, class, source(pageStyle), source(pageScript), pageStyle)
	if err := pageTemplate.Execute(&b, view); err != nil {
		return "", err
	}
	h.embed(&b)
	fmt.Fprintf(&b, "<script>%s</script>\n</body>\n</html>\n", pageScript)
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

// source returns what a policy calls an inline script or style with this text.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
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
