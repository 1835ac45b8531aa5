package accounts_test

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// sample is a report with something in every part of the page.
func sample() *accounts.Report {
	r := &accounts.Report{
		Day: today, People: people, Vendors: []string{"ecgrid", "sfox"},
		Missing: []accounts.Missing{{Person: &people[1], Vendor: "sfox", ID: "s-bob"}},
		Partial: []accounts.Partial{
			{
				Vendor: "skillable",
				Why:    "It cannot list.",
				Unseen: []accounts.Unseen{{ID: "emp-1", Email: "ada@acme.test", Why: "Nothing."}},
			},
		},
		Unmatched: []string{"boss@acme.test"},
	}
	j := accounts.NewJudge(&accounts.List{
		People: people, Managed: map[string][]string{}, Ignore: []string{"svc-1"}, Domain: "acme.test", Day: today,
	})
	for _, a := range []accounts.Account{
		account("ecgrid", "1", "ada@acme.test", offboard.Active), account("ecgrid", "2", "bob@acme.test", offboard.Suspended),
		account("ecgrid", "3", "dan@acme.test", offboard.Active), account("ecgrid", "4", "desk@acme.test", offboard.Active),
		account("ecgrid", "5", "gil@acme.test", offboard.Active), account("ecgrid", "6", "gil@other.test", offboard.Active),
		account("ecgrid", "svc-1", "", offboard.Active), account("ecgrid", "8", "", offboard.Closed),
		account("sfox", "9", "bob@acme.test", offboard.Active), account("sfox", "10", "fay@acme.test", offboard.Active),
		account("skillable", "emp-2", "", offboard.Active),
	} {
		r.Accounts = append(r.Accounts, j.Verdict(a))
	}
	r.Accounts[0].OwnKey = true
	return r
}

// parts are the parts of a page.
type parts struct{ head, style, body, script string }

var partsOf = regexp.MustCompile(`(?s)^(<!DOCTYPE html>\n<html lang="en">.*)<style>(.*)</style>\n` +
	`</head>\n<body>\n(.*)<script>(.*)</script>\n</body>\n</html>\n$`)

func titled(vendor string) string { return "The " + vendor }

func pageOf(t *testing.T, r *accounts.Report) parts {
	t.Helper()
	text, err := r.Page(titled)
	if err != nil {
		t.Fatal(err)
	}
	found := partsOf.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("got\n%.3000s\nwant head, style, body and script", text)
	}
	return parts{found[1], found[2], found[3], found[4]}
}

func TestPage(t *testing.T) {
	t.Parallel()
	const golden = "testdata/page.html"
	body := pageOf(t, sample()).body
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if body != string(want) {
		t.Errorf("got\n%s\nwant\n%s\n(UPDATE_GOLDEN=1 writes %s again)", body, want, golden)
	}
}

// Each account is on the page once under its vendor, and each verdict has its number.
func TestPage_showsEveryAccount(t *testing.T) {
	t.Parallel()
	r := sample()
	body := pageOf(t, r).body
	for _, v := range accounts.Verdicts {
		if got, want := strings.Count(body, `<td><span class="`+string(v)+`">`), len(r.With(v)); got != want || want == 0 {
			t.Errorf("got %d accounts that are %s, want %d, and at least one", got, v, want)
		}
	}
	for _, want := range []string{
		`<tr><th scope="row">Bob<small>bob@acme.test</small></th><td class="day">2026-11-02</td><td class="days">27</td>`,
		`<td class="days">0</td>`, "Uma &lt;desk@acme.test&gt; or Vic &lt;desk@acme.test&gt;", "holds the API key",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("got %s, want %q in it", body, want)
		}
	}
}

// The page reaches nothing, and its policy lets nothing run except its own script.
func TestPage_isOneFileWithOneScript(t *testing.T) {
	t.Parallel()
	p := pageOf(t, sample())
	hashOf := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	policy := `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ` + hashOf(p.style) +
		`; script-src ` + hashOf(p.script) + `; base-uri 'none'; form-action 'none'">`
	if !strings.Contains(p.head, policy) {
		t.Errorf("got %s, want %s", p.head, policy)
	}
	if found := regexp.MustCompile(`(?i)https?:|//[a-z]|src=|url\(|@import|href="[^#]|style=|\son\w+=|<script|<a [^h]`).
		FindString(p.head + p.style + p.body + p.script); found != "" {
		t.Errorf("got %q in the page, want nothing that leads out of it or runs", found)
	}
	for _, link := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
		if strings.Count(p.body, `id="`+link[1]+`"`) != 1 {
			t.Errorf("got a link to %q, want one part of the page with this name", link[1])
		}
	}
}

// Text from outside is text in the page, wherever it stands.
func TestPage_showsTextFromOutsideAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"a tag":                    {"<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"},
		"the end of a script":      {"</script><script>x</script>", "&lt;/script&gt;&lt;script&gt;x&lt;/script&gt;"},
		"the end of a value":       {`"><b x='y'`, "&#34;&gt;&lt;b x=&#39;y&#39;"},
		"bidirectional characters": {"a\u202eb", "ab"},
		"a line break":             {"a\nb", "a b"},
		"a terminal sequence":      {"a\x1b[31mb", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hostile := accounts.Person{Email: c.text, Name: c.text, LeftOn: day("2026-11-02")}
			account := accounts.Judged{
				Account: accounts.Account{Vendor: "x", User: offboard.User{
					ID: c.text, Name: c.text, Email: c.text, Status: offboard.Status(c.text),
				}},
				Verdict: accounts.Leaver, Person: &hostile, LeftOn: hostile.LeftOn,
			}
			ambiguous := account
			ambiguous.Verdict, ambiguous.Person, ambiguous.Candidates = accounts.Ambiguous, nil, []string{c.text}
			text, err := (&accounts.Report{
				Day: today, Accounts: []accounts.Judged{account, ambiguous},
				Missing: []accounts.Missing{{Person: &hostile, Vendor: "x", ID: c.text}},
				Partial: []accounts.Partial{{
					Vendor: "x", Why: c.text, Unseen: []accounts.Unseen{{ID: c.text, Email: c.text, Why: c.text}},
				}},
				Unmatched: []string{c.text},
			}).Page(func(string) string { return c.text })
			if err != nil {
				t.Fatal(err)
			}
			_, body, _ := strings.Cut(text, "<body>")
			if strings.Contains(body, c.text) || strings.Count(body, c.want) < 25 {
				t.Errorf("got %d times %q and %d times the text as it came, want only the first",
					strings.Count(body, c.want), c.want, strings.Count(body, c.text))
			}
		})
	}
}

func TestPage_ofNothing(t *testing.T) {
	t.Parallel()
	body := pageOf(t, &accounts.Report{Day: today}).body
	for _, no := range []string{"Leavers", "Missing", "never_close", "All accounts", "role=\"note\""} {
		if strings.Contains(body, no) {
			t.Errorf("got %q in a page without accounts, want nothing of it", no)
		}
	}
}

// A leaver's account under another name says so. A table without a person in it has no column for one.
func TestPage_ofLeavers(t *testing.T) {
	t.Parallel()
	r := sample()
	for i := range r.Accounts {
		if a := &r.Accounts[i]; a.Verdict == accounts.Leaver {
			a.Name = map[string]string{"2": "Shared Ops", "9": " BOB"}[a.ID]
		}
	}
	several := account("sfox", "12", "kim@acme.test", offboard.Active)
	r.Accounts = append(r.Accounts, accounts.Judged{
		Account: several, Verdict: accounts.Leaver, LeftOn: today, Candidates: []string{"Kim Ode", "Ode, Kim"},
	})
	body := pageOf(t, r).body
	_, leavers, _ := strings.Cut(body, `<h2 id="leaver">`)
	leavers, rest, _ := strings.Cut(leavers, "</table>")
	if !strings.Contains(leavers, "<br>Shared Ops</p>") || strings.Contains(leavers, "BOB") {
		t.Errorf("got %s, want the name that differs from that of the person alone", leavers)
	}
	if !strings.Contains(leavers, "Kim Ode or Ode, Kim</th>") || !strings.Contains(leavers, "Accounts: 4. People: 3.") {
		t.Errorf("got %s, want how many accounts and people there are", leavers)
	}
	for name, want := range map[string]bool{"ambiguous": true, "stranger": false, "outside": false, "unmanaged": true} {
		_, part, _ := strings.Cut(rest, `<h2 id="`+name+`">`)
		part, _, _ = strings.Cut(part, "</table>")
		if got := strings.Contains(part, "Person on the list"); got != want || part == "" {
			t.Errorf("%s: got a column of people %t in %q, want %t", name, got, part, want)
		}
	}
}
