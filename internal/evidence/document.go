package evidence

import (
	"maps"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// maxVendors is how many vendors have a column of their own. There are a few. A log that names more
// was not written by this program, and a column for each would make the table grow with the square.
const maxVendors = 8

// style is how one kind of document shows text.
type style struct {
	outside func(string) string // a text from outside
	strong  func(string) string
}

// document is a history that is written in one style.
type document struct {
	History

	summary    Summary
	style      style
	words      Words
	tenants    map[string][]string // of each vendor, in order
	columns    []column
	places     map[string]int // the column of each vendor that has its own
	runs       []string       // each run that a row names, once
	runNumbers map[string]int // of these, from 1
}

// column is a vendor in the table of people.
type column struct{ Title, Tenant string }

func newDocument(h History, words Words, s style) *document {
	d := &document{
		History: h, summary: h.Summary(), style: s, words: words,
		tenants: map[string][]string{}, places: map[string]int{}, runNumbers: map[string]int{},
	}
	for i := range h.Closures {
		c := &h.Closures[i]
		d.tenants[c.Vendor] = append(d.tenants[c.Vendor], c.Tenant)
	}
	for vendor, all := range d.tenants {
		slices.Sort(all)
		d.tenants[vendor] = slices.Compact(all)
	}
	vendors := slices.Sorted(maps.Keys(d.tenants))
	for i, vendor := range vendors[:min(len(vendors), maxVendors)] {
		d.columns = append(d.columns, column{d.vendor(vendor), d.onlyTenant(vendor)})
		d.places[vendor] = i
	}
	if len(vendors) > maxVendors {
		d.columns = append(d.columns, column{Title: "Other vendors"})
	}
	return d
}

func (d *document) vendor(name string) string { return d.style.outside(d.words.Vendor(name)) }

// onlyTenant returns the tenant of a vendor that has one in the log. It stands in the head of the
// column, so that no cell repeats it.
func (d *document) onlyTenant(vendor string) string {
	if len(d.tenants[vendor]) > 1 {
		return ""
	}
	return d.style.outside(d.tenants[vendor][0])
}

func (d *document) keyHash(a Account) string {
	return "API key hash " + d.style.outside(a.KeyHash[:min(8, len(a.KeyHash))])
}

// label returns the name and the address of a person.
func (d *document) label(p offboard.Person) string {
	name, email := d.style.outside(p.Name), d.style.outside(p.Email)
	if name != "" && email != "" {
		return name + " " + d.style.outside("<") + email + d.style.outside(">")
	}
	return name + email
}

// doubt marks a record that nothing proves.
func (d *document) doubt() string {
	return " (" + d.style.strong("at or after the break of the chain") + ")"
}
