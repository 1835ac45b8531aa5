package accounts_test

import (
	"os"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The accounts of a first day: some are clear, and some only a person can decide.
func firstDay(people []accounts.Person) *accounts.Report {
	list := accounts.List{People: people, Day: today, Domain: "acme.test", Ignore: []string{"svc@acme.test"}}
	j, r := accounts.NewJudge(&list), &accounts.Report{Day: today, People: people}
	named := func(vendor, id, email, name string) {
		a := account(vendor, id, email, offboard.Active)
		a.Name = name
		a.OwnKey = id == "key"
		if strings.HasPrefix(id, "closed") {
			a.Status = offboard.Closed
		}
		r.Accounts = append(r.Accounts, j.Verdict(a))
	}
	named("ecgrid", "1", "ADA@acme.test", "Ada")
	named("ecgrid", "2", "bob@acme.test", "Bob")
	named("ecgrid", "3", "", "Kiosk: \"yes\" # 3")
	named("ecgrid", "7", "ada@acme.test", "Ada")
	named("ecgrid", "8", "desk@acme.test", "Desk")
	named("ecgrid", "closed1", "cleo@acme.test", "Cleo")
	named("ecgrid", "closed2", "", "")
	named("ecgrid", "key", "cleo@acme.test", "Cleo")
	named("ecgrid", "svc", "svc@acme.test", "Robot")
	named("konstantly", "k1", "ada+lab@acme.test", "Ada L.")
	named("konstantly", "k2", "gil@other.test", "Gil")
	named("konstantly", "k3", "hal+x@acme.test", "Hal")
	named("konstantly", "k4", "hal@acme.test", "Hal Ito")
	named("konstantly", "k5", "dan@acme.test", "Dan")
	named("sfox", "81", "eve@fund.example", "Eve")
	named("sfox", "key", "ops@acme.test", "Ops")
	named("no", "1", "ada@acme.test", "")
	r.Missing = j.Missing(r.Accounts, func(vendor, _ string) bool { return vendor != "skillable" })
	return r
}

var named = []accounts.Person{
	{
		Email:       "ada@acme.test",
		OtherEmails: []string{"a@acme.test", "ADA@acme.test"},
		Name:        "Ada",
		Accounts: map[string]accounts.Ref{
			"ecgrid": {ID: "1"}, "skillable": {ID: "emp-1", Email: "none"}, "sfox": {ID: "gone"},
		},
	},
	{
		Email:    "bob@acme.test",
		Name:     "Bob",
		LeftOn:   day("2026-11-02"),
		Accounts: map[string]accounts.Ref{"ecgrid": {ID: "2"}},
	},
	{Email: "cleo@acme.test", Name: "Cleo", LeftOn: day("2026-12-31"), Accounts: map[string]accounts.Ref{
		"skillable": {ID: "emp-1"},
	}},
	{Email: "desk@acme.test", Name: "Uma"},
	{Email: "desk@acme.test", Name: "Vic"},
	{Email: "dan@acme.test", Name: "Dan", LeftOn: day("2026-01-31")},
	{Email: "dan@acme.test", Name: "Dan"},
	{Email: "eve@acme.test", Name: "Ada", Accounts: map[string]accounts.Ref{"sfox": {Email: "eve@fund.example"}}},
	{Email: "fay@acme.test", Name: "Fay", Accounts: map[string]accounts.Ref{"ecgrid": {ID: "7"}}},
	{Email: "x@acme.test"},
	{Email: "y@acme.test", OtherEmails: []string{"x@acme.test"}, Name: "Xia"},
	{Email: "y@acme.test", Name: "Yan"},
}

func TestFile(t *testing.T) {
	t.Parallel()
	for golden, people := range map[string][]accounts.Person{
		"testdata/people.yaml": named, "testdata/strangers.yaml": nil,
	} {
		got := firstDay(people).File()
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("got\n%s\nwant\n%s\n(UPDATE_GOLDEN=1 writes %s again)", got, want, golden)
		}
	}
}

// Every line break is one of the file, whatever the vendors and the list say.
func TestFile_keepsTextOnItsLine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\nb: 1", "a\r# b", "a\u2028b", "a\u0085b", "a\x00\x7f", "\"", "- a", "*a", "!a", "yes", "a\tb"} {
		r := firstDay([]accounts.Person{{
			Email: "ada@acme.test", Name: text, OtherEmails: []string{text}, Accounts: map[string]accounts.Ref{
				text: {ID: text, Email: text}, "skillable": {ID: text},
			},
		}})
		plain := strings.Count(firstDay([]accounts.Person{{
			Email: "ada@acme.test", Name: "a", OtherEmails: []string{"a"}, Accounts: map[string]accounts.Ref{
				"a": {ID: "a", Email: "a"}, "skillable": {ID: "a"},
			},
		}}).File(), "\n")
		r.Accounts[2].ID, r.Accounts[2].Name, r.Accounts[2].Candidates = text, text, []string{text}
		r.Missing = append(r.Missing, accounts.Missing{Person: &r.People[0], Vendor: text, ID: text})
		got := r.File()
		if n := strings.Count(got, "\n"); n != plain || strings.ContainsAny(got, "\r\u2028\u0085\x00\x7f\t") {
			t.Errorf("%q: got %d lines in %q, want %d without a control character", text, n, got, plain)
		}
	}
}
