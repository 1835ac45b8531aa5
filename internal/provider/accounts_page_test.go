package provider

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// crowdOf adds people with accounts at two vendors, and writes the list of them into the directory.
// Every tenth of them has left, and every seventh is not on the list.
func crowdOf(t *testing.T, w *testEnv, c *cli, people int) (leavers, strangers int) {
	t.Helper()
	var list []map[string]any
	for i := range people {
		name, email := fmt.Sprintf("Person %d <b>", i), fmt.Sprintf("person%d@acme.test", i)
		w.mock.Konstantly.Add(mock.KonstantlyUser{ID: "k" + strconv.Itoa(i), Name: name, Email: email})
		accounts := 1
		if i%2 == 0 {
			w.mock.ECGrid.Add(mock.ECGridUser{ID: int64(1000 + i), Name: name, Email: email})
			accounts++
		}
		if i%7 == 3 {
			strangers += accounts
			continue
		}
		row := map[string]any{"name": name, "email": email, "left_on": nil}
		if i%10 == 0 {
			row["left_on"] = fmt.Sprintf("2026-0%d-01", 1+i%9)
			leavers += accounts
		}
		list = append(list, row)
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	c.write("people.json", string(text))
	return leavers, strangers
}

const accountsOf = `
data "offboard_accounts" "all" {
  people = jsondecode(file("people.json"))
}

output "document" {
  value = provider::offboard::%s(data.offboard_accounts.all)
}
`

// document is what a function makes of all accounts, written to a file.
func (c *cli) document(function, name string) string {
	c.t.Helper()
	c.write("main.tf", fmt.Sprintf(accountsOf, function))
	c.run("apply", "-auto-approve").want(0)
	c.startProgram("sh", "-c", "terraform output -raw document > "+name).wait().want(0)
	return filepath.Join(c.dir, name)
}

// The page comes out of the CLI whole, and a browser reads it at any size.
func TestAccountsPage_throughTheCLI(t *testing.T) {
	t.Parallel()
	for _, people := range []int{10, 300, 5000} {
		t.Run(strconv.Itoa(people), func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			c := newCLI(t, w, "vendors = {}")
			c.needs(8)
			leavers, strangers := crowdOf(t, w, c, people)
			document := opened(t, c.document("accounts_page", "page.html"))
			if got := strings.Count(document, `<td><span class="leaver">leaver</span>`); got != leavers {
				t.Errorf("got %d leavers' accounts, want %d", got, leavers)
			}
			if got := strings.Count(document, `<td><span class="stranger">`); got != strangers+1 { // who holds the key
				t.Errorf("got %d accounts of strangers, want %d", got, strangers+1)
			}
			if !strings.Contains(document, `<th scope="col"><button type="button">Days since</button></th>`) {
				t.Errorf("got %.3000s, want tables that can be sorted", document)
			}
		})
	}
}

// firstRow is the first row of the first table of an opened page.
var firstRow = regexp.MustCompile(`(?s)<tbody>\s*<tr><th scope="row">(.*?)</tr>`)

func TestAccountsPage_sortsInABrowser(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	c := newCLI(t, w, "vendors = {}")
	c.needs(8)
	crowdOf(t, w, c, 60)
	page := c.document("accounts_page", "page.html")
	text := c.read("page.html")
	for name, part := range map[string]struct{ clicks, want string }{
		"as it comes":    {"", "Person 0 &lt;b&gt;"},
		"by person":      {"b[0].click()", "Person 0 &lt;b&gt;"},
		"and down":       {"b[0].click(); b[0].click()", "Person 50 &lt;b&gt;"},
		"by days, up":    {"b[2].click()", "Person 50 &lt;b&gt;"},
		"without script": {"-", "Person 0 &lt;b&gt;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := regexp.MustCompile(`(?s)<script>(.*)</script>`).FindStringSubmatch(text)[1]
			longer := script + `{ const b = document.querySelectorAll("th button"); ` + part.clicks + " }"
			changed := strings.ReplaceAll(strings.Replace(text, script, longer, 1), policyHash(script), policyHash(longer))
			if part.clicks == "-" {
				changed = strings.ReplaceAll(text, policyHash(script), policyHash("another"))
			}
			copied := strings.TrimSuffix(page, "page.html") + strings.ReplaceAll(name, " ", "-") + ".html"
			if err := os.WriteFile(copied, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			document := opened(t, copied)
			if row := firstRow.FindString(document); !strings.Contains(row, part.want) {
				t.Errorf("got the first row %s, want %s", row, part.want)
			}
			if buttons := strings.Contains(document, "<button"); buttons != (part.clicks != "-") {
				t.Errorf("got buttons %t, want them with a script alone", buttons)
			}
		})
	}
}

// policyHash is what the policy of a page calls a script.
func policyHash(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func TestAccountsPage_needsTheDataSource(t *testing.T) {
	t.Parallel()
	c := messyCLI(t)
	c.needs(8)
	c.write("main.tf", `output "page" {
  value = provider::offboard::accounts_page([])
}
`)
	c.run("plan").want(1, "give the data source itself")
}
