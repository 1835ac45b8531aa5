package accounts

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Judge compares accounts with a list of people.
type Judge struct {
	people     []Person
	identities []identity
	// which identities have an address, its form without a plus tag, an address at one vendor, an ID, or
	// an ID in other letter case
	addresses, bases, places, ids, folded map[string][]int
	managed, ignored                      map[string]bool
	gone                                  map[string]bool // LocalKey of names and addresses of those who have left
	domain                                string
}

// identity is one person, of whom the list may have several rows.
type identity struct {
	row     *Person // a row of one who is present, or else the last one to leave
	rows    []*Person
	leftOn  time.Time // the last day on which the person left; zero if no row says that
	present bool      // a row shows the person as present
	unclear bool      // the rows have different names
}

// NewJudge prepares the comparison with a list.
func NewJudge(list *List) *Judge {
	j := &Judge{
		people: list.People, addresses: map[string][]int{}, bases: map[string][]int{}, places: map[string][]int{},
		ids: map[string][]int{}, folded: map[string][]int{}, ignored: map[string]bool{}, gone: map[string]bool{},
		domain: domainOf(offboard.Normal("@" + strings.TrimPrefix(list.Domain, "@"))),
	}
	for _, entry := range list.Ignore {
		j.ignored[offboard.Normal(entry)] = true
	}
	delete(j.ignored, "") // what an account without an address would match
	if list.Managed != nil {
		j.managed = map[string]bool{}
		for vendor, ids := range list.Managed {
			for _, id := range ids {
				j.managed[at(vendor, id)] = true
			}
		}
	}
	for _, rows := range samePeople(list.People) {
		j.add(identityOf(rows, list.Day))
	}
	for _, who := range j.identities {
		if !who.present {
			j.noteNames(who)
		}
	}
	return j
}

// add puts a person into the index.
func (j *Judge) add(who identity) {
	n := len(j.identities)
	j.identities = append(j.identities, who)
	note := func(index map[string][]int, key string) {
		if key != "" && !slices.Contains(index[key], n) {
			index[key] = append(index[key], n)
		}
	}
	for _, p := range who.rows {
		for _, address := range p.addresses() {
			note(j.addresses, address)
			note(j.bases, offboard.WithoutTag(address))
		}
		for vendor, ref := range p.Accounts {
			if ref.ID != "" {
				note(j.ids, at(vendor, ref.ID))
				note(j.folded, at(vendor, offboard.Normal(ref.ID)))

			}
			if address := offboard.Normal(ref.Email); address != "" {
				note(j.places, at(vendor, address))
			}
		}
	}
}

// candidates returns the people who may have an account. A row that names the ID counts, unless the
// address is another person's alone. An ID in other letter case counts if no row has it as it is.
func (j *Judge) candidates(a Account) []int {
	byID, byAddress := j.ids[at(a.Vendor, a.ID)], j.ofAddress(a)
	if len(byID) == 0 {
		byID = j.folded[at(a.Vendor, offboard.Normal(a.ID))]
	}
	if len(byID) == 1 && slices.Contains(byAddress, byID[0]) {
		return byID
	}
	all := slices.Concat(byID, byAddress)
	slices.Sort(all)
	return slices.Compact(all)
}

// ofAddress returns the people with the address of an account. There may be a display name beside it. The
// sign-in name, and the ID, may be an address, too. That of a colleague does not keep the account from being a
// leaver's, and neither does a form in which addresses are hardly written.
func (j *Judge) ofAddress(a Account) []int {
	all := slices.Clone(j.withAddress(a.Vendor, offboard.Normal(a.Email)))
	if len(all) == 0 {
		for _, address := range offboard.AddressesIn(a.Email) {
			all = append(all, j.withAddress(a.Vendor, offboard.Normal(address))...)
		}
	}
	isPresent := func(n int) bool { return j.identities[n].present }
	if len(all) > 0 && !slices.ContainsFunc(all, isPresent) {
		return all
	}
	names := append([]string{a.ID}, a.Logins...)            // an ID may be the sign-in name
	if a.HidesAddress() || offboard.Address(a.Name) != "" { // as at an account that was made by an invitation
		names = append(names, a.Name)
	}
	for _, name := range names {
		its := slices.Clone(j.withAddress(a.Vendor, offboard.Address(name)))
		if offboard.ShowsAddress(a.Email) { // so a sign-in name may be that of a team, or of who made the account
			its = slices.DeleteFunc(its, isPresent)
		}
		all = append(all, its...)
	}
	for _, name := range append(names, a.Email) {
		if len(j.withAddress(a.Vendor, offboard.Address(name))) > 0 { // it is that of somebody, and no other
			continue
		}
		for _, address := range offboard.NamesIn(name) {
			gone := slices.Clone(j.withAddress(a.Vendor, offboard.Normal(address)))
			all = append(all, slices.DeleteFunc(gone, isPresent)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// withAddress returns the people with an address. One that is written on the list counts more than one
// that is the same without its plus tag.
func (j *Judge) withAddress(vendor, address string) []int {
	if address == "" {
		return nil
	}
	if exact := slices.Concat(j.addresses[address], j.places[at(vendor, address)]); len(exact) > 0 {
		return exact
	}
	return j.bases[offboard.WithoutTag(address)]
}

// labels are the names and addresses of people.
func (j *Judge) labels(found []int) (all []string) {
	for _, n := range found {
		for _, p := range j.identities[n].rows {
			all = append(all, p.Label())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// MayMask reports whether an account shows a mask that may be that of an address of somebody who has left.
func (j *Judge) MayMask(a Account) bool {
	fits := offboard.Mask(a.Email)
	return fits != nil && slices.ContainsFunc(j.identities, func(who identity) bool {
		return !who.present && slices.ContainsFunc(who.rows, func(p *Person) bool {
			return slices.ContainsFunc(append(p.addresses(), p.Accounts[a.Vendor].Email), fits)
		})
	})
}

// IsNamesake reports whether somebody who has left has the name of an account, with its words in any order, or an email
// address that begins with the name or the sign-in name.
func (j *Judge) IsNamesake(a Account) bool {
	return slices.ContainsFunc(append([]string{a.Name}, a.Logins...), func(name string) bool {
		return j.gone[offboard.LocalKey(name)]
	})
}

// noteNames notes the names of somebody who has left, and of the addresses that nobody present has.
func (j *Judge) noteNames(who identity) {
	isPresent := func(n int) bool { return j.identities[n].present }
	for _, p := range who.rows {
		names := []string{p.Name}
		for _, address := range p.addresses() {
			if !slices.ContainsFunc(j.bases[offboard.WithoutTag(address)], isPresent) {
				names = append(names, address)
			}
		}
		for _, name := range names {
			if key := offboard.LocalKey(name); key != "" {
				j.gone[key] = true
			}
		}
	}
}

// AddressesOf returns the email addresses of the people who may have an account and have left, at its vendor and
// elsewhere.
func (j *Judge) AddressesOf(a Account) (all []string) {
	for _, n := range j.candidates(a) {
		if j.identities[n].present {
			continue
		}
		for _, p := range j.identities[n].rows {
			all = append(all, p.Accounts[a.Vendor].Email, p.Email)
			all = append(all, p.OtherEmails...)
		}
	}
	return all
}

// lastOf is the last day on which one of these people left.
func (j *Judge) lastOf(found []int) (day time.Time) {
	for _, n := range found {
		if left := j.identities[n].leftOn; left.After(day) {
			day = left
		}
	}
	return day
}

// identityOf is the person of whom a list has these rows.
func identityOf(rows []*Person, day time.Time) identity {
	who := identity{rows: rows, unclear: haveTwoNames(rows)}
	for _, p := range rows {
		present := p.LeftOn.IsZero() || p.LeftOn.After(day)
		if who.row == nil || !who.present && (present || p.LeftOn.After(who.row.LeftOn)) {
			who.row = p
		}
		who.present = who.present || present
		if !present && p.LeftOn.After(who.leftOn) {
			who.leftOn = p.LeftOn
		}
	}
	return who
}

// haveTwoNames reports whether rows have different names.
func haveTwoNames(rows []*Person) bool {
	names := map[string]bool{}
	for _, p := range rows {
		names[offboard.Normal(p.Name)] = true
	}
	delete(names, "")
	return len(names) > 1
}

// addresses are the addresses of a row, in the form in which they are compared.
func (p *Person) addresses() (all []string) {
	for _, address := range append([]string{p.Email}, p.OtherEmails...) {
		if normal := offboard.Normal(address); normal != "" {
			all = append(all, normal)
		}
	}
	return all
}

// domainOf returns the domain of an address; empty if it has none.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	return address[at+1:]
}

// within reports whether a domain is another one, or below it.
func within(domain, other string) bool {
	return domain == other || strings.HasSuffix(domain, "."+other)
}

// at is the key of something at a vendor.
func at(vendor, what string) string { return vendor + " " + what }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
