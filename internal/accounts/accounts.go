// Package accounts is the policy of the question who still has an account. It compares the accounts
// that vendors show with the people whom a list names. It knows no vendor and nothing of Terraform.
package accounts

import (
	"cmp"
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Verdict is what an account is beside the list of people.
type Verdict string

// The verdicts. An account gets the first that fits, in this order. One that an entry of ignore names
// is OK, unless it is closed.
const (
	Closed    Verdict = "closed"
	Ambiguous Verdict = "ambiguous"
	Rehired   Verdict = "rehired"
	Leaver    Verdict = "leaver"
	Outside   Verdict = "outside"
	Stranger  Verdict = "stranger"
	Unmanaged Verdict = "unmanaged"
	OK        Verdict = "ok"
)

// Verdicts are all verdicts, in the order in which they are tried.
var Verdicts = []Verdict{Closed, Ambiguous, Rehired, Leaver, Outside, Stranger, Unmanaged, OK}

// Meaning says what the verdict means, as the end of a sentence about an account.
func (v Verdict) Meaning() string {
	switch v {
	case Closed:
		return "the vendor shows it as closed"
	case Ambiguous:
		return "it matches several people, who have not all left, and nothing says which of them has it"
	case Rehired:
		return "its person is on the list both as a leaver and as present"
	case Leaver:
		return "its person has left, or all people that it matches have"
	case Outside:
		return "it matches no person on the list, and its address is not one of your domain"
	case Stranger:
		return "it matches no person on the list"
	case Unmanaged:
		return "its person is present, and no block manages it"
	case OK:
		return "its person is present, or an entry of ignore names it"
	}
	return ""
}

// Account is an account as a vendor shows it.
type Account struct {
	offboard.User

	Vendor string
	Logins []string // sign-in names
	OwnKey bool     // the vendor says that it holds the key by which it is seen
}

// Person is one row of the list of people.
type Person struct {
	Email       string
	OtherEmails []string
	Name        string         // empty if the list has none
	LeftOn      time.Time      // the day on which the person leaves, in UTC; zero for one who stays
	Accounts    map[string]Ref // by vendor
}

// Label returns the name and the email address, safe to print.
func (p *Person) Label() string { return offboard.Person{Email: p.Email, Name: p.Name}.Label() }

// Ref is where a row of the list says that its person has an account.
type Ref struct {
	ID    string // empty if the row has none
	Email string // the address at this vendor, if it is another one
}

// List is what the accounts are compared with.
type List struct {
	People  []Person
	Managed map[string][]string // the IDs that blocks manage, by vendor; nil if it is not known
	Ignore  []string            // addresses and IDs of accounts that belong to no person
	Domain  string              // whose addresses are ours; empty if it is not known
	Day     time.Time           // the day of the comparison, in UTC
}

// Judged is an account with its verdict.
type Judged struct {
	Account

	Verdict    Verdict
	Person     *Person   // whose account it is; nil if nobody's, or if several people match
	LeftOn     time.Time // the last day on which the person left, or one of them; zero for one who did not
	Ignored    bool
	Candidates []string // the labels of the people, if the account matches several
}

// Days returns how many days ago the person left, and whether they did.
func (j *Judged) Days(day time.Time) (days int, left bool) {
	return int(day.Sub(j.LeftOn).Hours() / 24), !j.LeftOn.IsZero()
}

// Verdict judges an account.
func (j *Judge) Verdict(a Account) Judged {
	found := j.candidates(a)
	judged := Judged{Account: a, Ignored: j.ignored[offboard.Normal(a.ID)] || j.ignored[offboard.Normal(a.Email)]}
	present, unclear := false, len(found) > 1
	if len(found) == 1 {
		who := &j.identities[found[0]]
		judged.Person, judged.LeftOn, present, unclear = who.row, who.leftOn, who.present, who.unclear
	}
	isPresent := func(i int) bool { return j.identities[i].present }
	gone := len(found) > 0 && !slices.ContainsFunc(found, isPresent)
	if unclear {
		judged.Person, judged.LeftOn = nil, time.Time{}
	}
	if gone { // the ID may be one to ignore at another vendor
		judged.Ignored = false
	}
	switch {
	case a.Status == offboard.Closed:
		judged.Verdict = Closed
	case judged.Ignored:
		judged.Verdict = OK
	case unclear:
		judged.Verdict, judged.Candidates = Ambiguous, j.labels(found)
		if gone { // whoever has it
			judged.Verdict, judged.LeftOn = Leaver, j.lastOf(found)
		}
	case judged.Person == nil:
		judged.Verdict = j.unknown(a)
	default:
		judged.Verdict = j.known(&judged, present)
	}
	return judged
}

// known judges an account of one person.
func (j *Judge) known(a *Judged, present bool) Verdict {
	switch {
	case present && !a.LeftOn.IsZero():
		return Rehired
	case !present:
		return Leaver
	case j.managed != nil && !j.managed[at(a.Vendor, a.ID)]:
		return Unmanaged
	}
	return OK
}

// unknown judges an account that matches no person.
func (j *Judge) unknown(a Account) Verdict {
	shown := offboard.AddressesIn(a.Email) // a mask may hide the domain, too
	isOurs := func(address string) bool { return within(domainOf(offboard.Normal(address)), j.domain) }
	if j.domain != "" && len(shown) > 0 && !slices.ContainsFunc(shown, isOurs) {
		return Outside
	}
	return Stranger
}

// Missing is an account that a row of the list names and no vendor shows.
type Missing struct {
	Person *Person
	Vendor string
	ID     string
}

// Missing returns the accounts on the list that are not among those shown, in the order of the list.
// The function tells says whether an absence at the vendor means that it does not show the account.
func (j *Judge) Missing(shown []Judged, tells func(vendor, id string) bool) []Missing {
	seen := map[string]bool{}
	for _, a := range shown {
		seen[at(a.Vendor, a.ID)] = true
	}
	var all []Missing
	for i := range j.people {
		p := &j.people[i]
		for _, vendor := range sortedKeys(p.Accounts) {
			id := p.Accounts[vendor].ID
			if id == "" || seen[at(vendor, id)] || !tells(vendor, id) {
				continue
			}
			seen[at(vendor, id)] = true
			all = append(all, Missing{p, vendor, id})
		}
	}
	return all
}

// Sort puts accounts into the order of vendors and IDs, which does not change from day to day.
func Sort(all []Judged) {
	slices.SortStableFunc(all, func(a, b Judged) int {
		return cmp.Or(cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.ID, b.ID))
	})
}
