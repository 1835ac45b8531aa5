package accounts

import (
	"cmp"
	_ "embed" // the parts of the page are files
	"html/template"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/page"
)

// The parts of the page.
var (
	//go:embed page.html
	pageBody string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

var pageTemplate = template.Must(template.New("page").Parse(pageBody))

// pageOrder is the order of the verdicts on the page: what needs a person comes first.
var pageOrder = []Verdict{Leaver, Rehired, Ambiguous, Stranger, Outside, Unmanaged, Closed, OK}

// pageView is what the template shows.
type pageView struct {
	Day           string
	Tiles         []tile
	Vendors       []vendorView
	Leavers       []leaverView
	Groups        []groupView
	Missing       []missingView
	Partial       []Partial
	Unmatched     []string
	People, Total int

	LeaverAccounts int // of all leavers

	title func(vendor string) string
}

// tile is a verdict with the number of its accounts.
type tile struct {
	Verdict Verdict
	Meaning string
	Count   int
	Link    string // the part of the page about it; empty if there is none
}

// vendorView is a vendor with all its accounts.
type vendorView struct {
	Name, Title string
	Whole       bool
	Counts      []int // by verdict, as in pageOrder
	Accounts    []accountView
}

// accountView is an account in a table.
type accountView struct {
	Vendor, ID, Name, Email, Status, Person string
	Verdict                                 Verdict
	OwnKey, Ignored                         bool
}

// leaverView is a person who has left, with the accounts at each vendor.
type leaverView struct {
	Name, Email, LeftOn string
	Days                int
	Cells               [][]accountView
}

// groupView is the accounts with one verdict.
type groupView struct {
	Verdict  Verdict
	Meaning  string
	Accounts []accountView

	WithPerson bool // one of them matches a person
}

type missingView struct{ Vendor, ID, Name, Email, LeftOn string }

// Page returns the report as an HTML file that needs no other one, and no script to be read. The
// function title tells how a vendor is called. Text from outside cannot become markup, a link or a
// script.
func (r *Report) Page(title func(vendor string) string) (string, error) {
	view := pageView{
		Day: DayText(r.Day), Unmatched: safe(r.Unmatched), People: len(r.People), Total: len(r.Accounts),
		title: func(vendor string) string { return offboard.Text(title(vendor)) },
	}
	view.addAccounts(r)
	view.addLeavers(r)
	for _, m := range r.Missing {
		view.Missing = append(view.Missing, missingView{
			view.title(m.Vendor), offboard.Text(m.ID), offboard.Text(m.Person.Name), offboard.Text(m.Person.Email),
			DayText(m.Person.LeftOn),
		})
	}
	for _, p := range r.Partial {
		one := Partial{Vendor: view.title(p.Vendor), Why: offboard.Text(p.Why)}
		for _, u := range p.Unseen {
			one.Unseen = append(one.Unseen, Unseen{offboard.Text(u.ID), offboard.Text(u.Email), offboard.Text(u.Why)})
		}
		view.Partial = append(view.Partial, one)
	}
	file := page.Page{Title: "Who still has an account", Style: pageStyle, Script: pageScript}
	var b strings.Builder
	file.Begin(&b)
	if err := pageTemplate.Execute(&b, view); err != nil {
		return "", err
	}
	file.End(&b)
	return b.String(), nil
}

// addAccounts sorts the accounts by verdict and by vendor.
func (v *pageView) addAccounts(r *Report) {
	groups, vendors := map[Verdict][]accountView{}, map[string]*vendorView{}
	vendorOf := func(name string) *vendorView {
		if vendors[name] == nil {
			vendors[name] = &vendorView{Name: name, Title: v.title(name), Counts: make([]int, len(pageOrder))}
		}
		return vendors[name]
	}
	for i := range r.Accounts {
		a := v.account(&r.Accounts[i])
		groups[a.Verdict] = append(groups[a.Verdict], a)
		vendor := vendorOf(r.Accounts[i].Vendor)
		vendor.Accounts = append(vendor.Accounts, a)
		if n := slices.Index(pageOrder, a.Verdict); n >= 0 {
			vendor.Counts[n]++
		}
	}
	for _, name := range r.Vendors {
		vendorOf(name).Whole = true
	}
	for _, name := range sortedKeys(vendors) {
		v.Vendors = append(v.Vendors, *vendors[name])
	}
	for _, verdict := range pageOrder {
		one := tile{Verdict: verdict, Meaning: verdict.Meaning(), Count: len(groups[verdict])}
		if one.Count > 0 && verdict != OK && verdict != Closed {
			one.Link = "#" + string(verdict)
			if verdict != Leaver {
				matched := slices.ContainsFunc(groups[verdict], func(a accountView) bool { return a.Person != "" })
				v.Groups = append(v.Groups, groupView{verdict, one.Meaning, groups[verdict], matched})
			}
		}
		v.Tiles = append(v.Tiles, one)
	}
}

// account is an account as the page shows it.
func (v *pageView) account(a *Judged) accountView {
	one := accountView{
		Vendor: v.title(a.Vendor), ID: offboard.Text(a.ID), Name: offboard.Text(a.Name), Email: offboard.Text(a.Email),
		Status: offboard.Text(string(a.Status)), Verdict: a.Verdict, OwnKey: a.OwnKey, Ignored: a.Ignored,
		Person: strings.Join(safe(a.Candidates), " or "),
	}
	if a.Person != nil {
		one.Person = a.Person.Label()
	}
	return one
}

// addLeavers puts the accounts of each leaver together. Who left first comes first.
func (v *pageView) addLeavers(r *Report) {
	place, column := map[any]int{}, map[string]int{}
	for i, vendor := range v.Vendors {
		column[vendor.Name] = i
	}
	for _, a := range r.With(Leaver) {
		one := v.account(&a)
		who, key := Person{Name: one.Person}, any(one.Person) // several match
		if a.Person != nil {
			who, key = *a.Person, a.Person
		}
		n, known := place[key]
		if !known {
			n = len(v.Leavers)
			place[key] = n
			days, _ := a.Days(r.Day)
			v.Leavers = append(v.Leavers, leaverView{
				Name: offboard.Text(who.Name), Email: offboard.Text(who.Email), LeftOn: DayText(a.LeftOn), Days: days,
				Cells: make([][]accountView, len(v.Vendors)),
			})
		}
		if offboard.Same(a.Name, who.Name) {
			one.Name = "" // the row has it
		}
		at := column[a.Vendor]
		v.Leavers[n].Cells[at] = append(v.Leavers[n].Cells[at], one)
		v.LeaverAccounts++
	}
	slices.SortStableFunc(v.Leavers, func(a, b leaverView) int { return cmp.Compare(b.Days, a.Days) })
}

// safe are texts from outside, safe to print.
func safe(texts []string) (all []string) {
	for _, text := range texts {
		all = append(all, offboard.Text(text))
	}
	return all
}
