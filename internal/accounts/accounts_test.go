package accounts_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

var today = day("2026-11-29")

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

// The people of the table: Ada stays, Bob has left, Cleo will leave, two share an address, Dan came
// back, and Eve has her own address at one vendor.
var people = []accounts.Person{
	{Email: "ada@acme.test", OtherEmails: []string{"a.lovelace@acme.test"}, Name: "Ada"},
	{
		Email:    "bob@acme.test",
		Name:     "Bob",
		LeftOn:   day("2026-11-02"),
		Accounts: map[string]accounts.Ref{"ecgrid": {ID: "7"}, "skillable": {ID: "emp-9"}},
	},
	{Email: "cleo@acme.test", Name: "Cleo", LeftOn: day("2026-11-30")},
	{Email: "desk@acme.test", Name: "Uma"},
	{
		Email: "desk@acme.test", Name: "Vic", LeftOn: day("2026-11-01"),
		Accounts: map[string]accounts.Ref{"ecgrid": {ID: "8"}},
	},
	{Email: "dan@acme.test", Name: "Dan", LeftOn: day("2026-01-31")},
	{Email: "DAN@acme.test", Name: "dan"},
	{Email: "eve@acme.test", Accounts: map[string]accounts.Ref{"sfox": {ID: "81", Email: "eve@fund.example"}}},
	{Email: "fay+hr@acme.test", LeftOn: today},
}

// An ID to ignore may be that of somebody else at another vendor. So it hides nobody who has left.
func TestJudge_ignoresNoLeavers(t *testing.T) {
	t.Parallel()
	j := accounts.NewJudge(&accounts.List{Ignore: []string{"svc-1"}, Day: today, People: []accounts.Person{
		{Email: "gone@acme.test", Name: "Hal", LeftOn: day("2026-11-01")},
		{Email: "gone@acme.test", Name: "Kim", LeftOn: day("2026-11-01")},
	}})
	account := accounts.Account{Vendor: "ecgrid"}
	account.ID, account.Email, account.Status = "svc-1", "gone@acme.test", offboard.Active
	if got := j.Verdict(account); got.Verdict != accounts.Leaver || got.Ignored || len(got.Candidates) != 2 {
		t.Errorf("got %q, ignored %t, %q, want a leaver: both have left", got.Verdict, got.Ignored, got.Candidates)
	}
}

func TestJudge_givesTheFirstVerdictThatFits(t *testing.T) {
	t.Parallel()
	managed := map[string][]string{"ecgrid": {"1"}}
	for _, c := range []struct {
		name, vendor, id, email string
		status                  offboard.Status
		want                    accounts.Verdict
		person                  string
	}{
		{"an address", "ecgrid", "1", "ada@acme.test", offboard.Active, accounts.OK, "ada@acme.test"},
		{"another account", "ecgrid", "2", "ada@acme.test", offboard.Active, accounts.Unmanaged, "ada@acme.test"},
		{"another vendor", "sfox", "1", "ada@acme.test", offboard.Active, accounts.Unmanaged, "ada@acme.test"},
		{"an alias", "ecgrid", "1", "A.Lovelace@ACME.test", offboard.Active, accounts.OK, "ada@acme.test"},
		{"a plus-address", "ecgrid", "1", "ada+edi@acme.test", offboard.Active, accounts.OK, "ada@acme.test"},
		{"a closed account", "ecgrid", "1", "bob@acme.test", offboard.Closed, accounts.Closed, "bob@acme.test"},
		{"a closed one of a stranger", "ecgrid", "1", "", offboard.Closed, accounts.Closed, ""},
		{"a leaver", "ecgrid", "1", "bob@acme.test", offboard.Active, accounts.Leaver, "bob@acme.test"},
		{"a suspended leaver", "ecgrid", "1", "bob@acme.test", offboard.Suspended, accounts.Leaver, "bob@acme.test"},
		{"a leaver of unknown status", "ecgrid", "1", "bob@acme.test", offboard.Unknown, accounts.Leaver, "bob@acme.test"},
		{"a leaver by the ID", "ecgrid", "7", "", offboard.Active, accounts.Leaver, "bob@acme.test"},
		{"a leaver by the ID in capitals", "skillable", "EMP-9", "", offboard.Active, accounts.Leaver, "bob@acme.test"},
		{"a leaver beside a name", "ecgrid", "1", "B <bob@acme.test>", offboard.Active, accounts.Leaver, "bob@acme.test"},
		{"a leaver in an odd form", "ecgrid", "1", "x@y/bob@acme.test", offboard.Active, accounts.Leaver, "bob@acme.test"},
		{"who is present, in an odd form", "ecgrid", "1", "x@y.test/ada@acme.test", offboard.Active, accounts.Stranger, ""},
		{"behind a provider", "ecgrid", "1", "auth0|bob@acme.test", offboard.Active, accounts.Leaver, "bob@acme.test"},
		{"an address of HTML", "ecgrid", "1", "A &lt;ada&#64;acme.test&gt;", offboard.Active, accounts.OK, "ada@acme.test"},
		{"the ID at another vendor", "sfox", "7", "", offboard.Active, accounts.Stranger, ""},
		{"who leaves tomorrow", "ecgrid", "1", "cleo@acme.test", offboard.Active, accounts.OK, "cleo@acme.test"},
		{"who leaves today", "ecgrid", "1", "fay@acme.test", offboard.Active, accounts.Leaver, "fay+hr@acme.test"},
		{"two people", "ecgrid", "1", "desk@acme.test", offboard.Active, accounts.Ambiguous, ""},
		{"two people and a tag", "ecgrid", "1", "desk+x@acme.test", offboard.Active, accounts.Ambiguous, ""},
		{"two people, one with the ID", "ecgrid", "8", "desk@acme.test", offboard.Active, accounts.Leaver, "desk@acme.test"},
		{"the ID of one and the address of another", "ecgrid", "7", "ada@acme.test", offboard.Active, accounts.Ambiguous, ""},
		{"two people who have left", "ecgrid", "7", "fay@acme.test", offboard.Active, accounts.Leaver, ""},
		{"a closed one of two who have left", "ecgrid", "7", "fay@acme.test", offboard.Closed, accounts.Closed, ""},
		{"who is back", "ecgrid", "1", "dan@acme.test", offboard.Active, accounts.Rehired, "DAN@acme.test"},
		{"an address at a vendor", "sfox", "9", "eve@fund.example", offboard.Active, accounts.Unmanaged, "eve@acme.test"},
		{"that address elsewhere", "ecgrid", "9", "eve@fund.example", offboard.Active, accounts.Outside, ""},
		{"nobody", "ecgrid", "1", "gil@acme.test", offboard.Active, accounts.Stranger, ""},
		{"nobody below the domain", "ecgrid", "1", "gil@eu.acme.test", offboard.Active, accounts.Stranger, ""},
		{"nobody of a similar domain", "ecgrid", "1", "gil@notacme.test", offboard.Active, accounts.Outside, ""},
		{"nobody beside a name", "ecgrid", "1", "Gil <gil@acme.test>", offboard.Active, accounts.Stranger, ""},
		{"a masked domain", "ecgrid", "1", "g***@a***.test", offboard.Active, accounts.Stranger, ""},
		{"nobody without an address", "ecgrid", "1", "", offboard.Active, accounts.Stranger, ""},
		{"an ignored address", "ecgrid", "2", "BOT@acme.test", offboard.Active, accounts.OK, ""},
		{"an ignored ID", "ecgrid", "svc-1", "", offboard.Active, accounts.OK, ""},
		{"an ignored ID of a leaver", "ecgrid", "svc-1", "bob@acme.test", offboard.Active, accounts.Leaver, "bob@acme.test"},
		{"an ignored ID with the address of two", "ecgrid", "svc-1", "desk@acme.test", offboard.Active, accounts.OK, ""},
		{"a closed one of two people", "ecgrid", "1", "desk@acme.test", offboard.Closed, accounts.Closed, ""},
		{"a tag on an ignored address", "ecgrid", "2", "bot+x@acme.test", offboard.Active, accounts.Stranger, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := accounts.NewJudge(&accounts.List{
				People: people, Managed: managed, Ignore: []string{"bot@acme.test", "SVC-1", ""}, Domain: "@ACME.test", Day: today,
			})
			got := j.Verdict(account(c.vendor, c.id, c.email, c.status))
			person := ""
			if got.Person != nil {
				person = got.Person.Email
			}
			if got.Verdict != c.want || person != c.person {
				t.Errorf("got %s of %q, want %s of %q", got.Verdict, person, c.want, c.person)
			}
			severalLeft := got.Verdict == accounts.Leaver && got.Person == nil
			if (got.Verdict == accounts.Ambiguous || severalLeft) != (len(got.Candidates) > 0) {
				t.Errorf("got the candidates %q for %s, want some where several match alone", got.Candidates, got.Verdict)
			}
			if _, left := got.Days(today); got.Verdict == accounts.Leaver && !left {
				t.Error("got no day on which the leaver left")
			}
		})
	}
}

func account(vendor, id, email string, status offboard.Status) accounts.Account {
	return accounts.Account{Vendor: vendor, User: offboard.User{ID: id, Email: email, Status: status}}
}

// The work address may be the sign-in name alone. A mask, and a name without an address, are none.
func TestJudge_aSignInNameMayBeTheAddress(t *testing.T) {
	t.Parallel()
	j := accounts.NewJudge(&accounts.List{People: people, Domain: "acme.test", Day: today})
	for name, c := range map[string]struct {
		email, login string
		want         accounts.Verdict
	}{
		"no address":                     {"", "bob@acme.test", accounts.Leaver},
		"in other letters":               {"", "BOB@acme.test", accounts.Leaver},
		"another address":                {"bob@elsewhere.test", "bob@acme.test", accounts.Leaver},
		"that of somebody who stays":     {"ada@acme.test", "bob@acme.test", accounts.Ambiguous},
		"that of a colleague":            {"bob@acme.test", "ada@acme.test", accounts.Leaver},
		"the same as the address":        {"bob@acme.test", "bob@acme.test", accounts.Leaver},
		"a name":                         {"", "bob", accounts.Stranger},
		"a mask":                         {"", "b***@acme.test", accounts.Stranger},
		"of a team":                      {"gil@acme.test", "ada@acme.test", accounts.Stranger},
		"of somebody who is not listed":  {"bob@acme.test", "gil@acme.test", accounts.Leaver},
		"nobody's, beside another one's": {"", "gil@acme.test", accounts.Stranger},
	} {
		a := account("ecgrid", "1", c.email, offboard.Active)
		a.Logins = []string{c.login}
		if got := j.Verdict(a); got.Verdict != c.want {
			t.Errorf("%s: got %s, want %s", name, got.Verdict, c.want)
		}
	}
}

// An account that was made by an invitation shows the address in the place of the name.
func TestJudge_theNameMayBeTheAddress(t *testing.T) {
	t.Parallel()
	j := accounts.NewJudge(&accounts.List{People: people, Domain: "acme.test", Day: today})
	for name, want := range map[string]accounts.Verdict{
		"bob@acme.test": accounts.Leaver, "Bob (bob@acme.test)": accounts.Leaver, "Bob": accounts.Stranger,
		"Gil, for bob@acme.test": accounts.Outside,
	} {
		a := account("ecgrid", "1", "", offboard.Active)
		if a.Name = name; strings.HasPrefix(name, "Gil") || name == "bob@acme.test" {
			a.Email = "b@home.test"
		}
		if got := j.Verdict(a); got.Verdict != want {
			t.Errorf("%s: got %s, want %s", name, got.Verdict, want)
		}
	}
}

// What is not known is no reason for a verdict.
func TestJudge_withoutADomainAndManagedAccounts(t *testing.T) {
	t.Parallel()
	j := accounts.NewJudge(&accounts.List{People: people, Day: today})
	for email, want := range map[string]accounts.Verdict{
		"gil@elsewhere.test": accounts.Stranger, "ada@acme.test": accounts.OK,
	} {
		if got := j.Verdict(account("ecgrid", "1", email, offboard.Active)); got.Verdict != want {
			t.Errorf("%s: got %s, want %s", email, got.Verdict, want)
		}
	}
}

func TestJudge_saysWhenAPersonLeft(t *testing.T) {
	t.Parallel()
	list := accounts.List{People: slices.Concat(people, []accounts.Person{
		{Email: "bob@acme.test", Name: "Bob", LeftOn: day("2026-11-20")},
	}), Day: today}
	j := accounts.NewJudge(&list)
	got := j.Verdict(account("ecgrid", "1", "bob@acme.test", offboard.Active))
	if days, left := got.Days(today); days != 9 || !left {
		t.Errorf("got %d days, left %t, want the 9 days since the last time", days, left)
	}
	got = j.Verdict(account("ecgrid", "1", "ada@acme.test", offboard.Active))
	if _, left := got.Days(today); left {
		t.Error("got a leaver, want a person who stays")
	}
}

// A row without a name is of the person with its address. If two share it, it is of neither.
func TestJudge_doesNotGuessBetweenRows(t *testing.T) {
	t.Parallel()
	shared := func(names ...string) (all []accounts.Person) {
		for _, name := range names {
			all = append(all, accounts.Person{Email: "desk@acme.test", Name: name})
		}
		return all
	}
	chain := []accounts.Person{
		{Email: "a@acme.test", Name: "Ada"}, {Email: "b@acme.test", OtherEmails: []string{"a@acme.test", "desk@acme.test"}},
		{Email: "desk@acme.test", Name: "Bob"},
	}
	mailbox := []accounts.Person{
		{Email: "ines@acme.test", Name: "Ines", OtherEmails: []string{"desk@acme.test"}, LeftOn: today},
		{Email: "otto@acme.test", Name: "Otto", OtherEmails: []string{"desk@acme.test"}}, {Email: "desk@acme.test"},
	}
	nameless := []accounts.Person{
		{Email: "ines@acme.test", OtherEmails: []string{"desk@acme.test"}, LeftOn: today},
		{Email: "otto@acme.test", OtherEmails: []string{"desk@acme.test"}},
	}
	for _, people := range [][]accounts.Person{mailbox, nameless} {
		got := accounts.NewJudge(&accounts.List{People: people, Day: today}).Verdict(
			account("ecgrid", "1", "ines@acme.test", offboard.Active))
		if got.Verdict != accounts.Leaver {
			t.Errorf("got %s of a leaver beside a shared mailbox, want a leaver", got.Verdict)
		}
	}
	for name, c := range map[string]struct {
		people []accounts.Person
		want   accounts.Verdict
	}{
		"the same row twice":           {shared("Ada", "ADA "), accounts.OK},
		"a name and none":              {shared("", "Ada", ""), accounts.OK},
		"two names":                    {shared("Ada", "Bob"), accounts.Ambiguous},
		"two names and none":           {shared("Ada", "", "Bob"), accounts.Ambiguous},
		"two names through a third":    {chain, accounts.Ambiguous},
		"an accent more is a new name": {shared("José", "Jose"), accounts.Ambiguous},
	} {
		j := accounts.NewJudge(&accounts.List{People: c.people, Day: today})
		if got := j.Verdict(account("ecgrid", "1", "desk@acme.test", offboard.Active)); got.Verdict != c.want {
			t.Errorf("%s: got %s, want %s", name, got.Verdict, c.want)
		}
	}
}

func TestJudge_missing(t *testing.T) {
	t.Parallel()
	j := accounts.NewJudge(&accounts.List{People: slices.Concat(people, people), Day: today})
	missing := func(tells func(vendor, id string) bool, shown ...accounts.Account) string {
		var judged []accounts.Judged
		for _, a := range shown {
			judged = append(judged, j.Verdict(a))
		}
		var all []string
		for _, m := range j.Missing(judged, tells) {
			all = append(all, m.Vendor+" "+m.ID+" "+m.Person.Email)
		}
		return strings.Join(all, ", ")
	}
	every := func(string, string) bool { return true }
	for _, c := range []struct{ name, got, want string }{
		{
			"none is shown", missing(every),
			"ecgrid 7 bob@acme.test, skillable emp-9 bob@acme.test, ecgrid 8 desk@acme.test, sfox 81 eve@acme.test",
		},
		{
			"one is shown, and one as closed",
			missing(every, account("ecgrid", "7", "", offboard.Active), account("ecgrid", "8", "", offboard.Closed)),
			"skillable emp-9 bob@acme.test, sfox 81 eve@acme.test",
		},
		{
			"a vendor that cannot tell", missing(func(vendor, _ string) bool { return vendor == "sfox" }),
			"sfox 81 eve@acme.test",
		},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestSort_isByVendorAndID(t *testing.T) {
	t.Parallel()
	all := []accounts.Judged{
		{
			Account: account("sfox", "1", "", ""),
		},
		{Account: account("ecgrid", "2", "", "")},
		{Account: account("ecgrid", "1", "", "")},
	}
	accounts.Sort(all)
	if got := fmt.Sprint(all[0].Vendor, all[0].ID, all[1].ID, all[2].Vendor); got != "ecgrid1"+"2sfox" {
		t.Errorf("got the order %s, want ecgrid 1, ecgrid 2, sfox 1", got)
	}
}

func TestVerdicts_haveMeanings(t *testing.T) {
	t.Parallel()
	for _, v := range accounts.Verdicts {
		if v.Meaning() == "" {
			t.Errorf("got no meaning of %s, want one", v)
		}
	}
	if got := accounts.Verdict("new").Meaning(); got != "" {
		t.Errorf("got %q for a word that is no verdict, want nothing", got)
	}
}

// Whatever the list and the vendors say, each account has one verdict, no account of two people is
// given to one of them, and the order of the list does not matter.
func FuzzJudge(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		list, shown := randomList(r), randomAccount(r)
		got := accounts.NewJudge(&list).Verdict(shown)
		if !slices.Contains(accounts.Verdicts, got.Verdict) {
			t.Errorf("got %q, want a verdict", got.Verdict)
		}
		if got.Person != nil {
			wantOnePerson(t, &list, &got)
		}
		r.Shuffle(len(list.People), func(i, k int) {
			list.People[i], list.People[k] = list.People[k], list.People[i]
		})
		if again := accounts.NewJudge(&list).Verdict(shown); again.Verdict != got.Verdict || !again.LeftOn.Equal(got.LeftOn) {
			t.Errorf("got %s and then %s in another order of %+v, want the same", got.Verdict, again.Verdict, list.People)
		}
	})
}

// wantOnePerson checks in the plainest way that every row that may be the account's is of the same
// person: it has no other name.
func wantOnePerson(t *testing.T, list *accounts.List, got *accounts.Judged) {
	t.Helper()
	exact, named := []accounts.Person{}, []accounts.Person{}
	for _, p := range list.People {
		if ref := p.Accounts[got.Vendor]; ref.ID == got.ID {
			named = append(named, p)
		}
		if slices.ContainsFunc(append(p.OtherEmails, p.Email, p.Accounts[got.Vendor].Email), func(address string) bool {
			return offboard.Same(address, got.Email)
		}) {
			exact = append(exact, p)
		}
	}
	if len(named) > 0 &&
		slices.ContainsFunc(exact, func(p accounts.Person) bool { return p.Accounts[got.Vendor].ID == got.ID }) {
		exact = nil // the ID says which of those with the address
	}
	for _, p := range slices.Concat(exact, named) {
		if p.Name != "" && got.Person.Name != "" && !offboard.Same(p.Name, got.Person.Name) {
			t.Errorf("got %s for %+v, want no person, because it may be %s's", got.Person.Label(), got.Account, p.Label())
		}
	}
}

// randomList is a short list of people of whom many share what an account shows.
func randomList(r *rand.Rand) accounts.List {
	list := accounts.List{Day: today, Domain: pick(r, "", "acme.test"), Ignore: []string{pick(r, "x@acme.test", "9")}}
	if r.IntN(2) == 0 {
		list.Managed = map[string][]string{"ecgrid": {pick(r, "1", "2")}}
	}
	for range r.IntN(6) {
		p := accounts.Person{Email: randomAddress(r), Name: pick(r, "", "Ada", "Bob"), LeftOn: pickDay(r)}
		if r.IntN(3) == 0 {
			p.OtherEmails = []string{randomAddress(r)}
		}
		if r.IntN(2) == 0 {
			p.Accounts = map[string]accounts.Ref{"ecgrid": {ID: pick(r, "", "1", "2"), Email: pick(r, "", "a@b.test")}}
		}
		list.People = append(list.People, p)
	}
	return list
}

func randomAccount(r *rand.Rand) accounts.Account {
	status := []offboard.Status{offboard.Active, offboard.Suspended, offboard.Closed, offboard.Unknown}[r.IntN(4)]
	return account("ecgrid", pick(r, "1", "2", "9"), pick(r, "", "a@b.test", randomAddress(r)), status)
}

func randomAddress(r *rand.Rand) string {
	return pick(r, "a", "b", "a+x", "A") + "@" + pick(r, "acme.test", "eu.acme.test", "other.test")
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func pickDay(r *rand.Rand) time.Time {
	return []time.Time{{}, day("2026-11-01"), day("2026-11-20"), day("2027-01-01")}[r.IntN(4)]
}
