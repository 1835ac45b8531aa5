package evidence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

var words = evidence.Words{
	Vendor: func(name string) string {
		if name == "" {
			return "a vendor without a name"
		}
		return strings.ToUpper(name[:1]) + name[1:]
	},
	Finding: func(vendor string, f offboard.Finding) string {
		return "what " + vendor + " calls " + string(f.Kind) + ": " + f.Subject
	},
	Guard: func(string) string { return "" },
}

// All results of a closure, at times that are the same in every run.
func TestReport(t *testing.T) {
	t.Parallel()
	const golden = "testdata/report.md"
	var report string
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "offboarding.jsonl")
		everyResult(t, evidence.New(path))
		report = read(t, path).Report("offboarding.jsonl", words)
	})
	if os.Getenv("UPDATE_GOLDEN") != "" {
		must(t, os.WriteFile(golden, []byte(report), 0o600))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if report != string(want) {
		t.Errorf("got\n%s\nwant\n%s\n(UPDATE_GOLDEN=1 writes %s again)", report, want, golden)
	}
}

func everyResult(t *testing.T, l *evidence.Log) {
	t.Helper()
	one := func(i evidence.Intent, o evidence.Outcome) {
		e, err := l.Begin(t.Context(), i)
		must(t, err)
		time.Sleep(1500 * time.Millisecond)
		if o.Result != "" {
			must(t, e.End(t.Context(), o))
		}
	}
	requests := []evidence.Request{
		{Time: time.Now(), Method: "GET", Path: "/openapi/v1/users/u1", Status: 200, RequestID: "req-1", DurationMS: 12},
		{
			Time:       time.Now(),
			Method:     "DELETE",
			Path:       "/openapi/v1/users/u1",
			Change:     true,
			Error:      "no answer in time",
			DurationMS: 30000,
		},
		{
			Time:       time.Now(),
			Method:     "GET",
			Path:       "/openapi/v1/users/u1",
			Status:     404,
			RequestID:  "req-3",
			DurationMS: 9,
			Proof:      true,
		},
	}
	one(
		intent("u1"),
		evidence.Outcome{Result: evidence.Closed, Proof: "Konstantly answers that it has no such user.", Requests: requests},
	)
	hostile := intent("u2")
	hostile.Name, hostile.Email = "Bobby | <b>Tables</b>\n# [x](y)", "a|b_c_@acme.test"
	hostile.Reason = "`ticket`\n\n## 9. forged"
	one(hostile, evidence.Outcome{Result: evidence.Refused, Error: "refused before any closing call: balance 0.015 btc"})
	block := intent("u3")
	block.Action = evidence.Block
	one(block, evidence.Outcome{Result: evidence.Suspended, Proof: "Konstantly shows the user as suspended."})
	one(intent("u4"), evidence.Outcome{Result: evidence.Failed, Error: "delete: DELETE /users/u4: HTTP 422: no"})
	one(
		intent("u4"),
		evidence.Outcome{Result: evidence.AlreadyClosed, Proof: "Konstantly answers that it has no such user."},
	)
	one(intent("u5"), evidence.Outcome{Result: evidence.Unproven, Error: "the answer was lost"})
	one(intent("u6"), evidence.Outcome{})
	one(intent("u6"), evidence.Outcome{Result: evidence.Closed})
	nameless := evidence.Intent{
		Account: evidence.Account{Vendor: "skillable", Tenant: "labondemand.com", ID: "emp-1"},
		Action:  evidence.Close,
	}
	nameless.Findings = []offboard.Finding{{Kind: offboard.ExistenceUnprovable}}
	one(nameless, evidence.Outcome{Result: evidence.NotVisible})
	guarded := evidence.Outcome{
		Result: evidence.RefusedByGuard,
		Guard:  "never_close",
		Error:  "boss@acme.test is under never_close",
	}
	must(t, l.Record(t.Context(), intent("u8"), guarded))
	one(intent("u9"), evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted, Error: "the list is empty"})
	one(intent("u7"), evidence.Outcome{})
}

// A broken chain proves no account, and the records from the break on are marked.
func TestReport_ofABrokenLog(t *testing.T) {
	t.Parallel()
	const mark = "(**at or after the break of the chain**)"
	for name, c := range map[string]struct {
		tamper func(l []string) []string
		marked string // the numbers of the marked closures
		marks  int    // how often the mark is there: reason, approval and run in the table; heading and record
		state  string
	}{
		"a changed intent": {
			func(l []string) []string { l[0] = strings.Replace(l[0], "Ines", "Otto", 1); return l }, "1 2 3", 19,
			"at line 2, it does not follow",
		},
		"a changed outcome": {
			func(l []string) []string { l[3] = strings.Replace(l[3], "closed", "failed", 1); return l }, "2 3", 10,
			"from the break on: 2",
		},
		"a forged outcome at the end": {
			func(l []string) []string { return append(l, "\n", strings.Replace(l[5], "closed", "failed", 1)) }, "3", 3,
			"from the break on: 1",
		},
		"a removed outcome": {func(l []string) []string { return slices.Delete(l, 3, 4) }, "2 3", 12, "at line 4"},
		"a removed intent": {
			func(l []string) []string { return slices.Delete(l, 2, 3) }, "1 2", 10, "not listed below: 1\n",
		},
		"an empty line": {
			func(l []string) []string { return slices.Insert(l, 2, "\n") }, "2 3", 14, "from the break on: 4",
		},
		"a text at the end": {
			func(l []string) []string { return append(l, "\nhello") }, "", 0, "at line 7, it is not a record",
		},
		"a cut at the end": {func(l []string) []string { l[5] = l[5][:100]; return l }, "", 0, "at line 6"},
		"no log at all":    {func([]string) []string { return []string{"hello"} }, "", 0, "is not an evidence log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newLog(t)
			must(t, os.WriteFile(path, []byte(strings.Join(c.tamper(lines(t, path)), "")), 0o600))
			h := read(t, path)
			got := h.Report("log", words)
			if !strings.Contains(got, "**broken**") || !strings.Contains(got, c.state) || strings.Contains(got, "intact\n") {
				t.Errorf("got %s, want it to say where the chain is broken: %s", got, c.state)
			}
			if strings.Contains(strings.ToLower(got), "proven") {
				t.Errorf("got %s, want it to say of no account that it is proven", got)
			}
			var marked []string
			for i, closing := range h.Closures {
				heading := fmt.Sprintf("\n## %d. ", i+1)
				_, rest, _ := strings.Cut(got, heading)
				line, _, _ := strings.Cut(rest, "\n")
				if strings.Contains(line, mark) != closing.Doubtful() {
					t.Errorf("closure %d: got the heading %q, want it marked: %t", i+1, line, closing.Doubtful())
				}
				if closing.Doubtful() {
					marked = append(marked, strconv.Itoa(i+1))
				}
			}
			if is := strings.Join(marked, " "); is != c.marked || strings.Count(got, mark) != c.marks {
				t.Errorf("got %s marked, %d times, want %s, %d times, in\n%s", is, strings.Count(got, mark), c.marked, c.marks, got)
			}
		})
	}
}

// An outcome behind a break cannot take the place of one before it.
func TestRead_aForgedOutcomeChangesNothing(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	all := lines(t, path)
	forged := strings.Replace(all[1], `"closed"`, `"failed"`, 1)
	resumed := strings.Replace(all[4], `"action"`, `"resumes":"x","action"`, 1)
	must(t, os.WriteFile(path, []byte(strings.Join(all, "")+"\n"+forged+resumed), 0o600))
	if h := read(t, path); !strings.HasPrefix(results(h), "u1 closed, u2 closed, u3 closed") || h.Broken == nil {
		t.Errorf("got %s and %v, want the outcomes of the chain, and a break", results(h), h.Broken)
	}
}

func TestReport_ofAnEmptyLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	must(t, os.WriteFile(path, nil, 0o600))
	if got := read(
		t, path,
	).Report("log", words); !strings.Contains(got, "no closures") || !strings.Contains(got, evidence.Start) ||
		strings.Contains(got, "Closures:") {
		t.Errorf("got %s, want it to say that there is nothing", got)
	}
}

// What comes from outside is shown, and nothing in it is a link, an entity or markup.
func TestReport_showsTextFromOutsideAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"an email address":      {"ines@acme.test", "ines`@`acme\\.test"},
		"an address of a page":  {"see https://evil.test/x", "see https`:`//evil\\.test/x"},
		"one in capitals":       {"HTTPS://EVIL.TEST", "HTTPS`:`//EVIL\\.TEST"},
		"another scheme":        {"javascript:alert(1)", "javascript`:`alert(1)"},
		"a short one":           {"x:y", "x`:`y"},
		"a mail link":           {"mailto:x@y.test", "mailto`:`x`@`y\\.test"},
		"a name with www":       {"www.evil.test", "www`.`evil\\.test"},
		"one in capitals, too":  {"WWW.evil.test", "WWW`.`evil\\.test"},
		"a bare domain":         {"evil.com", "evil\\.com"},
		"an entity":             {"&lt;b&gt; &#x40; &copy;", "\\&lt;b\\&gt; \\&\\#x40; \\&copy;"},
		"a tag":                 {"<b onload=x>", "\\<b onload\\=x\\>"},
		"a link":                {"[x](y)", "\\[x\\](y)"},
		"a picture":             {"![x](y)", "\\!\\[x\\](y)"},
		"a footnote":            {"[^1]: x", "\\[\\^1\\]: x"},
		"emphasis":              {"*a* _b_ ~~c~~ ==d==", "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\=\\=d\\=\\="},
		"code":                  {"`x` ``", "\\`x\\` \\`\\`"},
		"an escape":             {"\\`", "\\\\\\`"},
		"a cell":                {"a | b \\| c", "a \\| b \\\\\\| c"},
		"a formula":             {"$x$", "\\$x\\$"},
		"attributes":            {"x {.y}", "x \\{.y\\}"},
		"a heading in a line":   {"x\n# y", "x \\# y"},
		"a terminal sequence":   {"Otto\x1b[2J\u202e!", "Otto\\!"},
		"plain words":           {"HR-1234, Ines (0.015 btc): done. Next", "HR-1234, Ines (0.015 btc): done. Next"},
		"a time and an address": {"12:30 at 127.0.0.1", "12`:`30 at 127.0.0.1"},
		"a very long text":      {strings.Repeat("a", 400), strings.Repeat("a", 300) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			recordEverywhere(t, path, c.text)
			as := evidence.Words{
				Vendor:  func(name string) string { return name },
				Finding: func(_ string, f offboard.Finding) string { return f.Subject },
				Guard:   func(name string) string { return name },
			}
			got := read(t, path).Report(c.text, as)
			// file; vendors: 2; table: vendor, person or name and address, result, reason, approval; runs: 4;
			// not proven: 4 and the result; heading: 2; the rest once each
			if n, want := strings.Count(got, c.want), 48; n < want {
				t.Errorf("got %d times %q, want %d, in\n%s", n, c.want, want, got)
			}
			if c.text != c.want && strings.Contains(strings.ReplaceAll(got, c.want, ""), c.text) {
				t.Errorf("got %q as it came in\n%s", c.text, got)
			}
		})
	}
}

// With any content of a file, reading it ends, and a report shows no line break and no markup of
// its making. A page has its parts, and says nothing more of a broken log.
func FuzzRead(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("{}\n"))
	begin := `{"prev":"` + evidence.Start + `","time":"2026-01-02T03:04:05Z",`
	f.Add([]byte(begin + `"intent":{"vendor":"x","id":"1","name":"<b>\n# y"}}` + "\n"))
	f.Add([]byte(begin + `"outcome":{"intent":"?","result":"closed"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "log")
		must(t, os.WriteFile(path, data, 0o600))
		h := read(t, path)
		report := h.Report("log", words)
		if h.Broken != nil && strings.Contains(report, " is proven") {
			t.Errorf("got %q, want no proof from a broken log", report)
		}
		if strings.Contains(report, "\n# ") || strings.ContainsAny(report, "\r\x00") ||
			strings.Count(report, "\n## ") != len(h.Closures) {
			t.Errorf("got %q, want no heading beyond its own", report)
		}
		if body := page(t, path).body; strings.Count(body, "<h4>") != len(h.Closures) ||
			h.Broken != nil && strings.Contains(body, "✓ ") && !strings.Contains(string(data), "✓ ") {
			t.Errorf("got %q, want %d closures, and none that is proven in a broken log", body, len(h.Closures))
		}
		if len(data) > 0 && len(h.Closures) == 0 && h.Broken == nil {
			t.Errorf("got an intact log of %q, want a break", data)
		}
	})
}

func TestReport_saysWhoItIsAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, email, want string }{
		{"Ines Varga", "ines", `Ines Varga \<ines\>`},
		{"Ines Varga", "", "Ines Varga"},
		{"", "ines", "ines"},
		{"", "", "user u1"},
	} {
		path := filepath.Join(t.TempDir(), "log")
		i := intent("u1")
		i.Name, i.Email = c.name, c.email
		must(t, evidence.New(path).Record(t.Context(), i, evidence.Outcome{Result: evidence.Closed}))
		if got := read(t, path).Report("log", words); !strings.Contains(got, "\n## 1. "+c.want+"\n") {
			t.Errorf("name %q, address %q: got %s, want %q in the heading", c.name, c.email, got, c.want)
		}
	}
}

// Two owners of API keys can have accounts with the same ID: a proof of the one is none of the
// other.
func TestHistory_reportTellsAccountsOfTwoOwnersApart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for hash, result := range map[string]evidence.Result{"aaaaaaaa1": evidence.Closed, "bbbbbbbb2": evidence.Refused} {
		entry := evidence.Intent{
			Account: evidence.Account{Vendor: "sfox", Tenant: "api.sfox.test", ID: "7", KeyHash: hash}, Action: evidence.Close,
		}
		if err := evidence.New(path).Record(t.Context(), entry, evidence.Outcome{Result: result}); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, path).Report("log", words)
	if strings.Contains(got, "Every account was proven") || !strings.Contains(got, "API key hash bbbbbbbb (number") {
		t.Errorf("got %s, want the second account among those that are not proven", got)
	}
}
