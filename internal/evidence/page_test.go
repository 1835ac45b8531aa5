package evidence_test

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// parts are the parts of a page.
type parts struct{ head, style, body, log, script string }

var partsOf = regexp.MustCompile(`(?s)^(<!DOCTYPE html>\n<html lang="en"(?: class="broken")?>.*)<style>(.*)</style>\n` +
	`</head>\n<body>\n(.*)<script type="text/plain" id="log" data-broken="\d+">(.*)</script>\n` +
	`<script>(.*)</script>\n</body>\n</html>\n$`)

// page makes the page of a log, and takes it apart.
func page(t *testing.T, path string) parts {
	t.Helper()
	text, err := read(t, path).Page("offboarding.jsonl", words)
	must(t, err)
	found := partsOf.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("got\n%.3000s\nwant head, style, body, log and script", text)
	}
	return parts{found[1], found[2], found[3], found[4], found[5]}
}

// The page of the log of all results, without its style and its script.
func TestPage(t *testing.T) {
	t.Parallel()
	const golden = "testdata/page.html"
	var body string
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "offboarding.jsonl")
		everyResult(t, evidence.New(path))
		body = page(t, path).body
	})
	if os.Getenv("UPDATE_GOLDEN") != "" {
		must(t, os.WriteFile(golden, []byte(body), 0o600))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if body != string(want) {
		t.Errorf("got\n%s\nwant\n%s\n(UPDATE_GOLDEN=1 writes %s again)", body, want, golden)
	}
}

// The page reaches nothing, and its policy lets nothing run except its own script.
func TestPage_isOneFileWithOneScript(t *testing.T) {
	t.Parallel()
	p := page(t, newLog(t))
	hashOf := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	policy := `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ` + hashOf(p.style) +
		`; script-src ` + hashOf(p.script) + `; base-uri 'none'; form-action 'none'">`
	if !strings.Contains(p.head, policy) {
		t.Errorf("got %s, want %s", p.head, policy)
	}
	text := p.head + p.style + p.body + p.script
	if found := regexp.MustCompile(`(?i)https?:|//[a-z]|src=|url\(|@import|href="[^#]|style=|\son\w+=|<script|<a [^h]`).
		FindString(strings.ReplaceAll(text, "// ", "")); found != "" {
		t.Errorf("got %q in the page, want nothing that leads out of it or runs", found)
	}
	if n := strings.Count(p.body, `<a href="#p`); n != 3 || strings.Count(p.body, `<section id="p`) != n {
		t.Errorf("got %d links and %d sections, want one for each person", n, strings.Count(p.body, "<section"))
	}
}

// Only the script says that the chain is intact.
func TestPage_saysNothingOfAChainThatItHasNotChecked(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	p := page(t, path)
	if strings.Contains(strings.ToLower(p.head+p.body), "intact") ||
		!strings.Contains(p.body, `<p id="chain" role="status">This page has not checked the chain`) {
		t.Errorf("got %s, want no word that the chain is intact", p.body)
	}
	must(t, os.WriteFile(path, []byte(strings.Replace(strings.Join(lines(t, path), ""), "Ines", "Otto", 1)), 0o600))
	p = page(t, path)
	if !strings.Contains(p.head, `<html lang="en" class="broken">`) ||
		!strings.Contains(p.body, `class="broken"><strong>The chain of records is broken.</strong>`) ||
		strings.Contains(p.body, "✓") || strings.Contains(strings.ToLower(p.body), "is proven") {
		t.Errorf("got %s, want that the chain is broken, and no account that is closed", p.head+p.body)
	}
}

var escaped = regexp.MustCompile("%([0-9A-F]{2})")

// The page holds the log to the last byte, whatever is in it.
func TestPage_holdsTheLog(t *testing.T) {
	t.Parallel()
	whole := strings.Join(lines(t, newLog(t)), "")
	for name, text := range map[string]string{
		"a log":                    whole + "\n",
		"the end of a script":      whole + "\n</script><script>alert(1)</script>\n",
		"comments":                 "<!--<script>\n-->\n",
		"line breaks of others":    whole + "\r\n\u2028\u0085\n",
		"bytes that are no text":   "\x00\xff\xfe{\x80\n" + whole + "\n",
		"escapes":                  "%41%3C&lt;&#60;\\u003c\n",
		"empty lines":              "\n\n\n",
		"bidirectional characters": "\u202eevil\u2066\n",
	} {
		path := filepath.Join(t.TempDir(), "log")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		p := page(t, path)
		if strings.ContainsAny(p.log, "<>&") || strings.ContainsFunc(p.log, func(r rune) bool {
			return r != '\n' && (r < ' ' || r > '~')
		}) {
			t.Errorf("%s: got %q, want only printable ASCII without markup", name, p.log)
		}
		got := escaped.ReplaceAllStringFunc(p.log, func(s string) string {
			b, err := strconv.ParseUint(s[1:], 16, 8)
			must(t, err)
			return string([]byte{byte(b)})
		})
		if got != text {
			t.Errorf("%s: got %q, want %q", name, got, text)
		}
	}
}

// Text from outside is text in the page, wherever it stands.
func TestPage_showsTextFromOutsideAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"a tag":                 {"<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"},
		"the end of a script":   {"</script><script>x</script>", "&lt;/script&gt;&lt;script&gt;x&lt;/script&gt;"},
		"the end of an element": {"</dd></dl></td><b>", "&lt;/dd&gt;&lt;/dl&gt;&lt;/td&gt;&lt;b&gt;"},
		"the end of a value":    {`"><b x='y'`, "&#34;&gt;&lt;b x=&#39;y&#39;"},
		"an entity":             {"&lt;b&gt;", "&amp;lt;b&amp;gt;"},
		"a template":            {"{{.Head}}", "{{.Head}}"},
		"a comment":             {"<!-- x", "&lt;!-- x"},
		"a page":                {"javascript:alert(1)", "javascript:alert(1)"},
		"a terminal sequence":   {"Otto\x1b[2J\u202e!\u2066", "Otto!"},
		"a line":                {"x\n\u2028\u0000y", "x y"},
		"a very long text":      {strings.Repeat("a", 400), strings.Repeat("a", 300) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			recordEverywhere(t, path, c.text)
			text, err := read(t, path).Page(c.text, evidence.Words{
				Vendor:  func(name string) string { return name },
				Finding: func(_ string, f offboard.Finding) string { return f.Subject },
				Guard:   func(name string) string { return name },
			})
			must(t, err)
			body := partsOf.FindStringSubmatch(text)[3]
			if n, want := strings.Count(body, c.want), 46; n < want {
				t.Errorf("got %d times %q, want %d, in\n%s", n, c.want, want, body)
			}
			if c.text != c.want && strings.Contains(strings.ReplaceAll(body, c.want, ""), c.text) {
				t.Errorf("got %q as it came in\n%s", c.text, body)
			}
			if len(elements(body)) != len(elements(emptyPage(t))) {
				t.Errorf("got the elements %v, want %v", elements(body), elements(emptyPage(t)))
			}
		})
	}
}

// emptyPage is the body of the page of the same log with a text that is nothing else.
func emptyPage(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	recordEverywhere(t, path, "text")
	return page(t, path).body
}

// elements are the tags in a text.
func elements(text string) []string { return regexp.MustCompile(`<[^>]*>`).FindAllString(text, -1) }

// recordEverywhere writes a closure with a text in all places.
func recordEverywhere(t *testing.T, path, text string) {
	t.Helper()
	i := evidence.Intent{
		Account: evidence.Account{Vendor: text, Tenant: text, ID: text},
		Email:   text, Name: text, Status: text, Action: text, Reason: text, Person: text, LeftOn: text,
		ProviderVersion: text, Facts: map[string]string{text: text}, Findings: []offboard.Finding{{Subject: text}},
		Run: &evidence.Run{Actor: text, URL: text, Commit: text, Request: text, ApprovedBy: text},
	}
	e, err := evidence.New(path).Begin(t.Context(), i)
	must(t, err)
	must(t, e.End(t.Context(), evidence.Outcome{
		Result: evidence.Result(text), Guard: text, Sent: evidence.Sent(text), Error: text, Proof: text,
		Requests: []evidence.Request{{Method: text, Path: text, Error: text, RequestID: text}},
	}))
}

// The page of many years of closures grows with the log, and no faster: in size, and in what is
// allocated for it.
func TestPage_manyClosures(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates for itself")
	}
	sizes := map[int][2]float64{}
	for _, closures := range []int{4500, 45000} {
		path := filepath.Join(t.TempDir(), strconv.Itoa(closures))
		text := manyClosures(t, closures)
		must(t, os.WriteFile(path, text, 0o600))
		h := read(t, path)
		var made string
		spent := allocated(func() {
			var err error
			made, err = h.Page("log", words)
			must(t, err)
		})
		if n := strings.Count(made, "<section "); n != closures {
			t.Errorf("got %d people, want %d", n, closures)
		}
		sizes[closures] = [2]float64{float64(len(made)) / float64(len(text)), float64(spent) / float64(len(text))}
	}
	if got := sizes[45000][0]; got > 6 {
		t.Errorf("got a page of %.1f times the log, want 6 at most", got)
	}
	if few, many := sizes[4500], sizes[45000]; many[0] > 1.1*few[0] || many[1] > 1.5*few[1] {
		t.Errorf("got %v with 45,000 closures and %v with 4,500, want the same for each byte of the log", many, few)
	}
	t.Logf("size and allocations for each byte of the log: %v", sizes)
}
