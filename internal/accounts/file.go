package accounts

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// noAddress is what the file of people says of an account of which the vendor shows no address.
const noAddress = "none"

// File returns a file of people as YAML: each person on the list with the accounts that belong to
// them, and without a list each address that a vendor shows. What a person must decide is in a
// comment with the word CHECK. Nothing of it counts until they have.
func (r *Report) File() string {
	f := newFile(r)
	var b strings.Builder
	fmt.Fprintf(&b, "# Made of %d accounts on %s. Decide what is marked with CHECK.\n\n", len(r.Accounts),
		DayText(r.Day))
	f.section(&b, "people", f.people)
	b.WriteString("\n")
	f.section(&b, "leavers", f.leavers)
	f.remarks(&b)
	return b.String()
}

// file is what goes into a file of people.
type file struct {
	people, leavers []entry
	left            []Judged // accounts that belong to no entry
	listed          bool     // there was a list of people
	names           map[string]bool
	called          map[string][]string // the addresses of the people with a name on the list
}

// entry is one person in the file.
type entry struct {
	name, email, leftOn string
	others              []string
	accounts            []Judged          // those that are open
	refs                map[string][]Ref  // on the list, and not shown; by vendor
	notes               []string          // what a person should know
	doubt               string            // why the entry is only a comment; empty if it is not
	gone                []string          // accounts that are not theirs, as far as the program knows
	named               map[string]string // the IDs on the list, by vendor
}

// newFile puts the accounts to their people.
func newFile(r *Report) *file {
	f := &file{listed: len(r.People) > 0, names: map[string]bool{}, called: map[string][]string{}}
	groups, ofRow := samePeople(r.People), map[*Person]int{}
	for i, rows := range groups {
		for _, p := range rows {
			ofRow[p] = i
		}
	}
	ofGroup := make([][]Judged, len(groups))
	for _, a := range r.Accounts {
		switch {
		case a.Person != nil:
			ofGroup[ofRow[a.Person]] = append(ofGroup[ofRow[a.Person]], a)
		case a.Verdict != Closed && !a.Ignored:
			f.left = append(f.left, a)
		}
	}
	list := claimsIn(r, groups)
	for i, rows := range groups {
		who := identityOf(rows, r.Day)
		e := entryOf(&who)
		f.called[offboard.Normal(e.name)] = append(f.called[offboard.Normal(e.name)], e.email)
		e.doubt = list.doubt(&who)
		e.take(rows, ofGroup[i], list)
		if who.present {
			f.people = append(f.people, e)
		} else {
			f.leavers = append(f.leavers, e)
		}
	}
	f.addStrangers()
	f.addNamesakes()
	return f
}

// claims are what is known of the addresses and accounts on the list.
type claims struct {
	owners         map[string]int  // how many people have an address or an account
	shown, missing map[string]bool // accounts that a vendor shows, and those that none does
}

func claimsIn(r *Report, groups [][]*Person) claims {
	c := claims{owners: map[string]int{}, shown: map[string]bool{}, missing: map[string]bool{}}
	for _, rows := range groups {
		own := map[string]bool{}
		for _, p := range rows {
			for _, address := range p.addresses() {
				own[address] = true
			}
			for vendor, ref := range p.Accounts {
				own[at(vendor, ref.ID)] = true
			}
		}
		for thing := range own {
			c.owners[thing]++
		}
	}
	for _, a := range r.Accounts {
		c.shown[at(a.Vendor, a.ID)] = true
	}
	for _, m := range r.Missing {
		c.missing[at(m.Vendor, m.ID)] = true
	}
	return c
}

// entryOf is the entry of a person without the accounts.
func entryOf(who *identity) entry {
	e := entry{email: offboard.Text(who.row.Email)}
	seen := map[string]bool{offboard.Normal(e.email): true}
	for _, p := range who.rows {
		e.name = cmp.Or(e.name, p.Name)
		for _, address := range slices.Concat(p.OtherEmails, []string{p.Email}) {
			if normal := offboard.Normal(address); normal != "" && !seen[normal] {
				seen[normal] = true
				e.others = append(e.others, offboard.Text(address))
			}
		}
	}
	switch {
	case !who.present:
		e.leftOn = DayText(who.leftOn)
	case !who.leftOn.IsZero():
		e.notes = append(e.notes, "CHECK: the list also says that this person left on "+DayText(who.leftOn)+".")
	case !who.row.LeftOn.IsZero():
		e.notes = append(e.notes, "This person leaves on "+DayText(who.row.LeftOn)+".")
	}
	return e
}

// doubt returns why nothing can be said of a person; empty if it can.
func (c claims) doubt(who *identity) string {
	for _, p := range who.rows {
		for _, address := range p.addresses() {
			if c.owners[address] > 1 {
				return "another person on the list has the address " + quoted(address)
			}
		}
	}
	if who.unclear {
		return "the list has several names for this person"
	}
	return ""
}

// take sorts the accounts of a person, and those that the list names and no vendor shows as theirs.
func (e *entry) take(rows []*Person, shown []Judged, list claims) {
	e.refs, e.named = map[string][]Ref{}, map[string]string{}
	seen := map[string]bool{}
	for _, a := range shown {
		seen[at(a.Vendor, a.ID)] = true
		switch {
		case a.OwnKey:
			e.addNote(a.Vendor, a.ID, "is left out, because it holds the API key")
		case a.Verdict == Closed:
			e.addNote(a.Vendor, a.ID, "is closed")
		case !a.Ignored:
			e.accounts = append(e.accounts, a)
		}
	}
	for _, p := range rows {
		for _, vendor := range sortedKeys(p.Accounts) {
			ref := p.Accounts[vendor]
			e.named[vendor] = cmp.Or(e.named[vendor], ref.ID)
			key := at(vendor, ref.ID)
			switch {
			case ref.ID == "" || seen[key]:
			case list.missing[key]:
				e.addNote(vendor, ref.ID, "is shown by no vendor")
			case list.shown[key], list.owners[key] > 1:
				e.addNote(vendor, ref.ID, "CHECK: may be another person's")
			default:
				e.refs[vendor] = append(e.refs[vendor], ref)
			}
			seen[key] = true
		}
	}
}

// addNote says why an account is not in the entry.
func (e *entry) addNote(vendor, id, why string) {
	e.gone = append(e.gone, plainKey(vendor)+": "+quoted(id)+" # "+why)
}

// addStrangers makes an entry of each address that is nobody's. Addresses that differ by a plus tag
// alone are one person's.
func (f *file) addStrangers() {
	place, rest := map[string]int{}, []Judged{}
	var all []entry
	for _, a := range f.left {
		address := offboard.Address(a.Email)
		if address == "" || a.OwnKey || len(a.Candidates) > 0 {
			rest = append(rest, a)
			continue
		}
		base := offboard.WithoutTag(address)
		n, known := place[base]
		if !known {
			n = len(all)
			place[base] = n
			all = append(all, entry{email: a.Email, name: a.Name})
		}
		all[n].addStranger(a)
	}
	if f.listed {
		for i := range all {
			all[i].doubt = "no person on the list has this address"
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.email, b.email) })
	f.people, f.left = append(f.people, all...), rest
}

// addNamesakes notes an account without an address in the entry of the one person on the list who has
// its name. A name is no proof, so a person must decide.
func (f *file) addNamesakes() {
	f.left = slices.DeleteFunc(f.left, func(a Judged) bool {
		name := offboard.Normal(a.Name)
		if name == "" || a.OwnKey || len(a.Candidates) > 0 || offboard.Normal(a.Email) != "" || len(f.called[name]) != 1 {
			return false
		}
		for _, all := range [][]entry{f.people, f.leavers} {
			for i := range all {
				if e := &all[i]; offboard.Normal(e.name) == name && e.email == f.called[name][0] {
					e.gone = append(e.gone, plainKey(a.Vendor)+": "+refText(a.ID, "", e.email)+
						" # CHECK: the vendor shows no email address. It shows "+shownAs(&a))
					return true
				}
			}
		}
		return false
	})
}

// addStranger adds an account to an entry that has no row on the list.
func (e *entry) addStranger(a Judged) {
	if a.Name != "" && e.name != "" && !offboard.Same(a.Name, e.name) {
		e.notes = append(e.notes, "CHECK: "+plainKey(a.Vendor)+" shows the name "+quoted(a.Name)+".")
	}
	if offboard.WithoutTag(offboard.Normal(a.Email)) == offboard.Normal(a.Email) && !offboard.Same(a.Email, e.email) {
		e.email = a.Email // without the tag
	}
	if a.Verdict == Outside {
		e.notes = append(e.notes, "CHECK: the address at "+plainKey(a.Vendor)+" is not one of your domain.")
	}
	e.name = cmp.Or(e.name, a.Name)
	e.accounts = append(e.accounts, a)
}

// plain matches a key that every reader of YAML takes for text.
var plain = regexp.MustCompile(`^[a-z][a-z0-9_]{3,}$`)

// plainKey is the name of a vendor as a key.
func plainKey(vendor string) string {
	if plain.MatchString(vendor) && !slices.Contains([]string{"null", "true", "false"}, vendor) {
		return vendor
	}
	return quoted(vendor)
}

// quoted is a text in quotes, on one line. The escapes of Go are those of YAML.
func quoted(text string) string { return strconv.Quote(text) }
