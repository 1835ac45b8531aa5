package provider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// chromiumNames are the names of the browser on different systems.
var chromiumNames = []string{"chromium", "chromium-browser", "google-chrome"}

// browserTime is how long a browser may take. A machine that runs all tests is slow.
const browserTime = 4 * time.Minute

// opened opens a page in a browser without a window, runs its script, and returns the document that
// is there then.
func opened(t *testing.T, page string, options ...string) string {
	t.Helper()
	var browser string
	for _, name := range chromiumNames {
		if path, err := exec.LookPath(name); err == nil && browser == "" {
			browser = path
		}
	}
	if browser == "" {
		t.Skip("this machine has no Chromium")
	}
	profile := filepath.Join(t.TempDir(), "profile")
	t.Cleanup(func() { removeAll(t, profile) })
	ctx, cancel := context.WithTimeout(t.Context(), browserTime)
	defer cancel()
	arguments := append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + profile, "--dump-dom",
	}, options...)
	command := exec.CommandContext(ctx, browser, append(arguments, "file://"+page)...)
	var said bytes.Buffer
	command.Stderr = &said
	document, err := command.Output()
	if err != nil {
		t.Fatalf("got %v from %s: %s", err, browser, said.String())
	}
	return string(document)
}

// removeAll removes the profile of a browser whose last process may still write into it.
func removeAll(t *testing.T, profile string) {
	t.Helper()
	for end := time.Now().Add(browserTime); time.Now().Before(end); {
		if os.RemoveAll(profile) == nil {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Errorf("%s is still in use, want it free after the end of the browser", profile)
}

var (
	chainText = regexp.MustCompile(`(?s)<p id="chain" role="status"(?: class="(\w*)")?>(.*?)</p>`)
	tagText   = regexp.MustCompile(`<[^>]*>`)
)

// chainIn returns what an opened page says of its chain.
func chainIn(t *testing.T, document string) (state, text string) {
	t.Helper()
	found := chainText.FindStringSubmatch(document)
	if found == nil {
		t.Fatalf("got %.2000s, want what it says of the chain", document)
	}
	return found[1], html.UnescapeString(tagText.ReplaceAllString(found[2], ""))
}

// hashOf is what the record after a line says of it.
func hashOf(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:])
}

// logOf is a log with this many closures of people with one account each. The first ones have names
// that a browser must not take for markup.
func logOf(t *testing.T, closures int) string {
	t.Helper()
	var text bytes.Buffer
	head, at := evidence.Start, time.Date(2026, time.November, 2, 8, 0, 0, 0, time.UTC)
	add := func(r evidence.Record) {
		at = at.Add(time.Second)
		r.Prev, r.Time = head, at
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		head = hashOf(string(line))
		text.Write(append(line, '\n'))
	}
	names := []string{"</script><script>document.title='x'</script>", "José Álvarez \u202e", "%3Cb%3E<b>&lt;"}
	for i := range closures {
		name := "Person " + strconv.Itoa(i)
		if i < len(names) {
			name = names[i]
		}
		add(evidence.Record{Intent: &evidence.Intent{
			Account: evidence.Account{Vendor: "sfox", Tenant: "api.sfox.com", ID: strconv.Itoa(i)}, Action: evidence.Close,
			Name: name, Email: fmt.Sprintf("person%d@acme.test", i), Status: "active", Reason: "HR-1234",
			Run: &evidence.Run{Actor: "dana", ApprovedBy: "priya"},
		}})
		add(evidence.Record{Outcome: &evidence.Outcome{
			Intent: head, Result: evidence.Closed, Sent: evidence.Accepted, Proof: "sFOX shows the customer as closed.",
			Requests: []evidence.Request{
				{Time: at, Method: "GET", Path: "/v1/x", Status: 200, DurationMS: 40},
				{Time: at, Method: "DELETE", Path: "/v1/x", Status: 200, DurationMS: 400, Change: true},
				{Time: at, Method: "GET", Path: "/v1/x", Status: 404, DurationMS: 40, Proof: true},
			},
		}})
	}
	path := filepath.Join(t.TempDir(), "offboarding.jsonl")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pageOf is the page of a log, written to a file.
func pageOf(t *testing.T, log string, change func(string) string) string {
	t.Helper()
	h, err := evidence.Read(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.Page("offboarding.jsonl", reportWords)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		changed := change(text)
		if changed == text {
			t.Fatal("the change changes nothing")
		}
		text = changed
	}
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The page makes its own check, of the log that is in it.
func TestEvidencePage_checksItsChainInABrowser(t *testing.T) {
	t.Parallel()
	replace := func(old, by string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, by, 1) }
	}
	inLog := func(do func(lines []string) []string) func(string) string { // the first line follows the tag of its block
		return func(text string) string {
			before, rest, _ := strings.Cut(text, `id="log"`)
			block, after, _ := strings.Cut(rest, "</script>")
			tag, lines, _ := strings.Cut(block, ">")
			return before + `id="log"` + tag + ">" + strings.Join(do(strings.SplitAfter(lines, "\n")), "") + "</script>" + after
		}
	}
	for name, c := range map[string]struct {
		log, page   func(string) string // what somebody changed before the page was made, and after it
		state, want string
	}{
		"an intact log": {nil, nil, "intact", "^Intact up to HEAD. This browser has checked all 6 records.$"},
		"a changed record": {
			replace("person1@", "person9@"), nil, "broken", "^Broken at line 4 of the log. It does not follow .* Intact up to ",
		},
		"a record that was changed in the page": {
			nil, inLog(func(l []string) []string { l[2] = replace("person1@", "person9@")(l[2]); return l }), "broken",
			"^Broken at line 4 of the log. It does not follow ",
		},
		"a last record that was changed in the page": {
			nil, inLog(func(l []string) []string { l[5] = replace("accepted", "lost")(l[5]); return l }), "broken",
			"^The end is missing",
		},
		"a removed record": {
			nil, inLog(func(l []string) []string { return append(l[:2], l[3:]...) }), "broken",
			"^Broken at line 3 of the log",
		},
		"an outcome twice": {
			nil, inLog(func(l []string) []string { return append(l[:6], l[5]) }), "broken", "^Broken at line 7",
		},
		"no record": {
			nil, inLog(func(l []string) []string { l[3] = "hello\n"; return l }), "broken", "^Broken at line 4 .* not a record",
		},
		"an end that was cut off the page": {
			nil, inLog(func(l []string) []string { return l[:4] }), "broken",
			"^The end is missing. The log in this page ends at [0-9a-f]{64}, and the page was made of one that ends at HEAD.$",
		},
		"a log without its last records": {
			func(text string) string { return strings.Join(strings.SplitAfter(text, "\n")[:4], "") }, nil, "intact",
			"^Intact up to HEAD. This browser has checked all 4 records.$",
		},
		"an outcome twice, in its place in the chain": {
			func(text string) string {
				lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
				begin := `{"prev":"` + hashOf(lines[5]) + `"`
				return text + regexp.MustCompile(`^{"prev":"\w*"`).ReplaceAllString(lines[5], begin) + "\n"
			}, nil, "broken", "^Broken at line 7 of the log. It is the outcome of a closure that has not begun",
		},
		"a line that was cut off, and that the next record does not account for": {
			func(text string) string {
				lines := strings.SplitAfter(text, "\n")
				return strings.Join(lines[:5], "") + lines[5][:90] + "\n" + lines[5]
			}, nil, "broken", "^Broken at line 7 of the log. The text before it is not what was there",
		},
		"a last record that was cut off": {
			func(text string) string { return text[:len(text)-100] }, nil, "broken", "^Broken at line 6 of the log. .*not whole",
		},
		"what only the provider finds": {
			replace(`"time":"2026-11-02T08:00:04Z"`, `"time":"no time"`), nil, "broken", "^Broken at line 4 of the log",
		},
		"another head in the page": {
			nil, func(text string) string {
				return regexp.MustCompile(`id="head">[0-9a-f]{4}`).ReplaceAllString(text, `id="head">beef`)
			}, "broken", "^The end is missing",
		},
		"an empty log": {
			func(string) string { return "" }, nil, "intact", "^Intact up to " + evidence.Start + ". .* all 0 records.$",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := logOf(t, 3)
			if c.log != nil {
				text, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path, []byte(c.log(string(text))), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			h, err := evidence.Read(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			document := opened(t, pageOf(t, path, c.page))
			state, text := chainIn(t, document)
			want := strings.ReplaceAll(c.want, "HEAD", h.Head)
			if state != c.state || !regexp.MustCompile(want).MatchString(text) {
				t.Errorf("got %s: %s, want %s: %s", state, text, c.state, want)
			}
			if marked := strings.Contains(document, `<html lang="en" class="broken">`); marked != (state == "broken") {
				t.Errorf("got a page that is marked as broken: %t, want %t", marked, !marked)
			}
			if strings.Contains(document, "<title>x</title>") || strings.Count(document, "<script") != 2 {
				t.Error("got a script of a name in the page, want none")
			}
		})
	}
}

// A crash can cut a line off, also within a character. The next record accounts for it, and the page
// agrees.
func TestEvidencePage_afterACrash(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(logOf(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(whole), "José")
	begin := strings.LastIndexByte(before, '\n') + 1
	for name, cut := range map[string]string{
		"within a character": before + "Jos\xc3",
		"then zeros":         before[:begin+5] + "\x00\x00",
		"zeros alone":        before[:begin] + "\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "offboarding.jsonl")
			if err := os.WriteFile(path, []byte(cut), 0o600); err != nil {
				t.Fatal(err)
			}
			account := evidence.Account{Vendor: "sfox", Tenant: "api.sfox.com", ID: "1"}
			i := evidence.Intent{Account: account, Action: evidence.Close}
			if err := evidence.New(path).Record(t.Context(), i, evidence.Outcome{Result: evidence.Failed}); err != nil {
				t.Fatal(err)
			}
			head := readEvidence(t, path).Head
			state, text := chainIn(t, opened(t, pageOf(t, path, nil)))
			if want := "Intact up to " + head + ". This browser has checked all 4 records."; state != "intact" || text != want {
				t.Errorf("got %s: %s, want %s", state, text, want)
			}
		})
	}
}

// Without a script the page says all except that its chain is intact.
func TestEvidencePage_withoutAScript(t *testing.T) {
	t.Parallel()
	page := pageOf(t, logOf(t, 3), func(text string) string {
		return strings.Replace(text, "script-src 'sha256-", "script-src 'sha256-x", 1)
	})
	document := opened(t, page)
	state, text := chainIn(t, document)
	if state != "" || !strings.HasPrefix(text, "This page has not checked the chain") ||
		strings.Count(document, "✓ closed") != 3 {
		t.Errorf("got %s: %s, want no check, and three accounts that are closed", state, text)
	}
}

// The page comes out of the CLI as it went in, and a browser reads it at any size.
func TestEvidencePage_throughTheCLI(t *testing.T) {
	t.Parallel()
	for _, closures := range []int{3, 300, 5000} {
		t.Run(strconv.Itoa(closures), func(t *testing.T) {
			t.Parallel()
			c := emptyCLI(t, newTestEnv(t))
			c.needs(8)
			path := logOf(t, closures)
			c.write("main.tf", completed(""), fmt.Sprintf(
				"output \"page\" {\n  value     = provider::offboard::evidence_page(%q)\n  sensitive = true\n}\n", path,
			))
			c.run("apply", "-auto-approve").want(0)
			c.startProgram("sh", "-c", "terraform output -raw page > page.html").wait().want(0)
			document := opened(t, filepath.Join(c.dir, "page.html"))
			want := fmt.Sprintf(
				"Intact up to %s. This browser has checked all %d records.", readEvidence(t, path).Head, 2*closures,
			)
			if state, text := chainIn(t, document); state != "intact" || text != want {
				t.Errorf("got %s: %s, want %s", state, text, want)
			}
			if n := strings.Count(document, "✓ closed"); n != closures {
				t.Errorf("got %d accounts that are closed, want %d", n, closures)
			}
		})
	}
}
