package contract_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// ask makes a request whose answer is canned, and returns what the transcript has of it.
func ask(t *testing.T, status int, body string, secret bool) *contract.Exchange {
	t.Helper()
	client, err := rest.New(rest.Config{
		APIKey: "the-key", BaseURL: "https://vendor.test/api", Transport: &mock.Canned{Status: status, Body: body},
	}, rest.API{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var came contract.Transcript
	ctx := contract.Of(contract.As(came.With(t.Context()), "a question"), "u1")
	if _, err := client.Change(ctx, rest.Request{
		Method: http.MethodDelete, Path: []string{"users", "u1"}, Secret: secret,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(context.Background(), rest.Request{Method: http.MethodGet, Path: []string{"x"}}); err != nil {
		t.Fatal(err)
	}
	found := came.All(func(*contract.Exchange) bool { return true })
	if len(found) != 1 {
		t.Fatalf("got %d answers in the transcript, want the one of its context", len(found))
	}
	return found[0]
}

func TestTranscript_keepsWhatCame(t *testing.T) {
	t.Parallel()
	x := ask(t, 200, `{"id":"u1","token":"abc","n":1.50,"more":[{"Password":"p"}]}`, false)
	if x.Label != "a question" || x.User != "u1" || !x.Change || x.Method != http.MethodDelete ||
		x.Path != "/api/users/u1" || !x.OK() || !x.JSON || x.Empty {
		t.Errorf("got %+v, want the question and its answer", x)
	}
	for name, want := range map[string]string{"id": "u1", "token": "", "n": "1.50", "ID": "u1"} {
		if got := contract.Text(x.Body, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := contract.Text(x.Rows("more")[0], "Password"); got != "" {
		t.Errorf("got the password %q, want none", got)
	}
	secret := ask(t, 200, `{"id":"u1","expires":"2026-11-29T10:00:00Z"}`, true)
	if got := contract.Text(secret.Body, "id") + contract.Text(secret.Body, "expires"); got != "2026-11-29T10:00:00Z" {
		t.Errorf("got %q of a secret answer, want its time alone", got)
	}
}

func TestExchange_isDescribedByItsForm(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"": "HTTP 404 without a body", "<html>": "HTTP 404 with a body that is not JSON",
		`{"a":1}`: "HTTP 404 with an object",
		`[]`:      "HTTP 404 with a list", `"Ines"`: "HTTP 404 with a string", `7`: "HTTP 404 with a number",
		`null`: "HTTP 404 with null", `true`: "HTTP 404 with a boolean",
	} {
		if got := ask(t, 404, body, false).Describe(); got != want {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
	}
}

func TestWord_isOneOfTheDocumentation(t *testing.T) {
	t.Parallel()
	for said, want := range map[any]string{
		"active": `"Active"`, "Ines Varga": "a word that is not documented", 7: "an object", nil: "null",
	} {
		if got := contract.Word(said, []string{"Active"}); got != want {
			t.Errorf("%v: got %q, want %q", said, got, want)
		}
	}
}

func TestFurther_leavesOutWhatMayBeAValue(t *testing.T) {
	t.Parallel()
	var v any
	const text = `{"known":1,"company":"Example","ines@acme.test":1,"Varga":"x","name":"Ines Varga","Ines":2}`
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(contract.Further(v, "KNOWN", "name"), ", "); got != "company, 3 more" {
		t.Errorf("got %q, want company alone by its name", got)
	}
}

func facts() []contract.Fact {
	judge := func(j contract.Judgment) contract.Judge {
		return func(*contract.Transcript) contract.Judgment { return j }
	}
	return []contract.Fact{
		{Name: "e", Says: "Nothing decides it.", Switch: "E"},
		{Name: "a", Says: "It is documented.", Source: "https://vendor.test/a", Judge: judge(contract.Holds("yes"))},
		{Name: "b", Says: "It is assumed.", Judge: judge(contract.Holds("yes"))},
		{Name: "c", Says: "It is contrary.", Judge: judge(contract.IsContrary("C = true", "no"))},
		{Name: "d", Says: "It is new.", Judge: judge(contract.IsNew("no"))},
	}
}

func TestReport_hasAVerdictForEachFact(t *testing.T) {
	t.Parallel()
	report := contract.Report{Vendor: "parley", Tenant: "vendor.test/api", Facts: (&contract.Transcript{}).Judge(facts())}
	path := filepath.Join(t.TempDir(), "parley.json")
	if err := report.Write(path); err != nil {
		t.Fatal(err)
	}
	var again contract.Report
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &again)
	}
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range again.Facts {
		got = append(got, line.Fact+" "+string(line.Verdict)+" "+line.Switch)
	}
	const want = "a documented ,b assumed ,c contrary C = true,d new ,e undecided "
	if strings.Join(got, ",") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	page, err := os.ReadFile(strings.TrimSuffix(path, ".json") + ".md")
	if err != nil ||
		!strings.Contains(string(page), "| c | It is contrary. | no | against our assumption | `C = true` |") {
		t.Errorf("got %s and %v, want a row of each fact", page, err)
	}
}

func TestReport_isWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	if err := os.Mkdir(path, 0o750); err != nil {
		t.Fatal(err)
	}
	report := contract.Report{}
	missing, page := filepath.Join(dir, "no", "report.json"), filepath.Join(dir, "report.md")
	for _, wrong := range []string{path, missing, page, ".json"} {
		if err := report.Write(wrong); err == nil {
			t.Errorf("%s: got no error, want one", wrong)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("got %v and %v, want no further file", left, err)
	}
}

func TestWorst_saysMost(t *testing.T) {
	t.Parallel()
	open, good, fresh := contract.Open("why"), contract.Holds("yes"), contract.IsNew("no")
	bad := contract.IsContrary("X = true", "no")
	for _, c := range []struct {
		all  []contract.Judgment
		want contract.Judgment
	}{
		{nil, contract.NotAsked()},
		{[]contract.Judgment{open}, open},
		{[]contract.Judgment{open, good}, good},
		{[]contract.Judgment{good, open}, good},
		{[]contract.Judgment{good, fresh}, fresh},
		{[]contract.Judgment{bad, fresh, good}, bad},
	} {
		if got := contract.Worst(c.all...); got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
}

// A name that a definition gives stays in its cell.
func TestReport_keepsANameInItsCell(t *testing.T) {
	t.Parallel()
	report := contract.Report{Facts: []contract.Line{
		{Fact: "step a|b c", Says: "It is so.", Verdict: contract.Undecided, Seen: "why"},
	}}
	if page := report.Markdown(); strings.Contains(page, "a|b") || !strings.Contains(page, `| step a\|b`) ||
		!strings.HasSuffix(page, "c | It is so. | why | none, our assumption |\n") {
		t.Errorf("got %s, want the name in one cell", page)
	}
}

// A page says who is who, what the check did, and that an answer is against a belief.
func TestReport_isReadByItself(t *testing.T) {
	t.Parallel()
	report := contract.Report{
		Vendor: "parley", Version: "1.2.3", Answers: 31, Users: contract.Users{Closed: 1, Unconfirmed: 2},
		Facts: (&contract.Transcript{}).Judge(facts()),
	}
	page := report.Markdown()
	for _, want := range []string{
		"Vendor is the owner of the API; provider is this Terraform provider.", "Version of the provider: 1.2.3\n",
		"Requests that were answered: 31\n", "1 closed, 0 suspended and not closed, 2 not confirmed as changed.\n",
		"| against our assumption |", "| none, our assumption |", "| <https://vendor.test/a> |",
		"No setting of the mock server is known to play this answer", "what the provider believes | why not | source |\n",
		"To reproduce this answer in the mock server, set",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s, want %q in it", page, want)
		}
	}
	if n := strings.Count(page, "setting of the mock |"); n != 1 {
		t.Errorf("got the column of settings %d times, want once", n)
	}
	report = contract.Report{
		Facts: []contract.Line{{Fact: "a", Verdict: contract.Undecided, Source: "https://vendor.test/a"}},
	}
	none := "## contrary: 0\n\nNothing that the check saw differs from what is expected.\n"
	if page = report.Markdown(); !strings.Contains(page, none) ||
		!strings.Contains(page, "changed: 0. The check only read.") {
		t.Errorf("got %s, want it to say that nothing differs", page)
	}
}

func TestTranscript_saysWhyNothingWasAsked(t *testing.T) {
	t.Parallel()
	var came contract.Transcript
	if got := came.OfUsers().Seen; got != "not tried: the check had no test user to change" {
		t.Errorf("got %q, want that there was no test user", got)
	}
	client, err := rest.New(rest.Config{
		APIKey: "the-key", BaseURL: "https://vendor.test/api", Transport: &mock.Canned{Status: 200, Body: "{}"},
	}, rest.API{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx := contract.Of(came.With(t.Context()), "u1")
	if _, err := client.Read(ctx, rest.Request{Method: http.MethodGet, Path: []string{"x"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"", contract.NotAsked().Seen}, {"a", "not tried: a"}, {"b", "not tried: a"}} {
		if c[0] != "" {
			came.Stop(c[0])
		}
		if got := came.OfUsers().Seen; got != c[1] || came.Answers() != 1 {
			t.Errorf("got %q and %d answers, want %q and 1", got, came.Answers(), c[1])
		}
	}
}
