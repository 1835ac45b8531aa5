// Package page writes an HTML file that needs no other one. Its policy lets nothing run except its
// own script, and reach nothing.
package page

import (
	"crypto/sha256"
	_ "embed" // the style is a file
	"encoding/base64"
	"fmt"
	"html"
	"strings"
)

// style is what all pages have in common.
//
//go:embed page.css
var style string

// Page is an HTML file without its body. The script and the style are in the file as they are here.
type Page struct {
	Title  string
	Class  string // of the whole document; empty for none
	Style  string // beside what all pages have in common
	Script string
}

const head = `<!DOCTYPE html>
<html lang="en"%s>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ` +
	`style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>%s</style>
</head>
<body>
`

// Begin writes what comes before the body.
func (p Page) Begin(b *strings.Builder) {
	class, all := "", style+p.Style
	if p.Class != "" {
		class = ` class="` + html.EscapeString(p.Class) + `"`
	}
	fmt.Fprintf(b, head, class, source(all), source(p.Script), html.EscapeString(p.Title), all)
}

// End writes what comes after the body.
func (p Page) End(b *strings.Builder) {
	fmt.Fprintf(b, "<script>%s</script>\n</body>\n</html>\n", p.Script)
}

// source returns what a policy calls an inline script or style with this text.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
