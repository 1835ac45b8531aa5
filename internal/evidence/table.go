package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// row is a person in the table.
type row struct {
	Number       int    // of the person, from 1
	Person       string // who it is: the name and the address
	Name, Email  string // the same in two parts; Email is empty if there is only one
	Others       string // who it was, too, in other records
	Cells        [][]line
	Reasons      []string
	Approvals    []string
	Runs         []string
	Hours, Since string
	Closures     []int // the indexes of the closures, in order
}

// line is one account in a cell.
type line struct {
	State   string // its name in the page
	Account string // which account it is; empty if column and row say it
	Verdict string
	At      string // when that was found; empty if nothing before a break of the chain says it
	Why     string // empty if the verdict says all
}

// rows returns the table of people.
func (d *document) rows() []row {
	all := make([]row, 0, len(d.summary.People))
	for i := range d.summary.People {
		p := &d.summary.People[i]
		r := row{
			Number: i + 1, Cells: d.cells(p), Approvals: d.each(p, d.approval), Runs: d.each(p, d.runNumber),
			Reasons: d.each(p, func(c *Closure) string { return cmp.Or(d.style.outside(c.Reason), "reason not recorded") }),
		}
		d.name(&r, p)
		r.Hours, r.Since = hours(p)
		for j := range p.Standings {
			r.Closures = append(r.Closures, p.Standings[j].Closures...)
		}
		slices.Sort(r.Closures)
		all = append(all, r)
	}
	return all
}

// cells returns the cells of the vendors.
func (d *document) cells(p *PersonSummary) [][]line {
	cells := make([][]line, len(d.columns))
	accounts := map[string]int{}
	for i := range p.Standings {
		accounts[p.Standings[i].Account.Vendor]++
	}
	for i := range p.Standings {
		s := &p.Standings[i]
		at, own := d.places[s.Account.Vendor]
		if !own {
			at = len(d.columns) - 1
		}
		l := d.standing(s)
		l.State, l.Account = states[s.State], d.account(s.Account, !own, accounts[s.Account.Vendor] > 1)
		cells[at] = append(cells[at], l)
	}
	return cells
}

// states are the names of the states in the page.
var states = map[State]string{
	StateUnclear: "unclear", StateClosed: "closed", StateSuspended: "suspended", StateOpen: "open",
	StateNotSuspended: "refused",
}

// account says which account a line of a cell is about, as far as the column and the row do not.
func (d *document) account(a Account, anyVendor, oneOfSeveral bool) string {
	var parts []string
	if anyVendor {
		parts = append(parts, d.vendor(a.Vendor))
	}
	if oneOfSeveral {
		parts = append(parts, "ID "+d.style.outside(a.ID))
	}
	if oneOfSeveral && a.KeyHash != "" {
		parts = append(parts, d.keyHash(a))
	}
	if anyVendor || len(d.tenants[a.Vendor]) > 1 {
		parts = append(parts, "at "+d.style.outside(a.Tenant))
	}
	return strings.Join(parts, ", ")
}

// standing says how the log leaves an account.
func (d *document) standing(s *Standing) line {
	c, at := &d.Closures[s.Deciding], timestamp(s.At)
	switch {
	case d.Broken != nil:
		return d.withoutProof(s, c)
	case s.State == StateClosed && c.Outcome.Result == AlreadyClosed:
		return line{Verdict: "✓ found closed", At: at}
	case s.State == StateClosed:
		return line{Verdict: "✓ closed", At: at}
	case s.State == StateSuspended:
		return line{Verdict: "suspended, not closed", At: at}
	case s.State == StateOpen:
		return line{Verdict: d.style.strong("open"), At: at, Why: d.meaning(c)}
	case s.State == StateNotSuspended && c.Outcome.Result == Failed:
		return line{Verdict: "suspension failed", At: at, Why: "the account is not suspended, as far as the vendor tells"}
	case s.State == StateNotSuspended:
		return line{Verdict: "suspension refused", At: at, Why: d.meaning(c)}
	}
	return line{Verdict: d.style.strong("cannot be proven"), At: at, Why: d.meaning(c)}
}

// withoutProof says what the log tells of an account if its chain is broken.
func (d *document) withoutProof(s *Standing, c *Closure) line {
	l := line{Verdict: d.style.strong("no proof")}
	if c.Doubtful() {
		l.Why = "its records are at or after the break of the chain"
		return l
	}
	l.Why = "the chain is broken. Before the break, " + timestamp(s.At) + ": " + d.meaning(c)
	if slices.ContainsFunc(s.Closures, func(i int) bool { return d.Closures[i].Doubtful() }) {
		l.Why += ". Further records of it are at or after the break"
	}
	return l
}

// meaning says how a closure ended.
func (d *document) meaning(c *Closure) string {
	text := cmp.Or(c.Outcome.Result.Meaning(), "the result is "+d.style.outside(string(c.Outcome.Result)))
	if c.Outcome.Guard != "" {
		text += ". The guard is " + d.guard(c)
	}
	return text
}

// guard returns which guard refused a closure, and why.
func (d *document) guard(c *Closure) string {
	name, why := d.style.outside(c.Outcome.Guard), d.style.outside(d.words.Guard(c.Outcome.Guard))
	if why == "" {
		return name
	}
	return name + ": " + why
}

// each returns what the deciding closures of a person say of one thing. If they differ, each text
// names its vendors.
func (d *document) each(p *PersonSummary, say func(*Closure) string) []string {
	var texts []string
	vendors := map[string][]string{}
	for i := range p.Standings {
		c := &d.Closures[p.Standings[i].Deciding]
		text := say(c)
		if c.beginDoubtful {
			text += d.doubt()
		}
		if vendors[text] == nil {
			texts = append(texts, text)
		}
		named := vendors[text] // in order, as the accounts are
		if vendor := d.vendor(c.Vendor); len(named) == 0 || named[len(named)-1] != vendor {
			vendors[text] = append(named, vendor)
		}
	}
	if len(texts) > 1 {
		for i, text := range texts {
			texts[i] = strings.Join(vendors[text], ", ") + ": " + text
		}
	}
	return texts
}

func (d *document) approval(c *Closure) string {
	if c.Run == nil || c.Run.ApprovedBy == "" {
		return "approver not recorded"
	}
	return d.style.outside(c.Run.ApprovedBy)
}

// run returns who ran the closure, and where; empty if nothing is known.
func (d *document) run(c *Closure) string {
	if c.Run == nil {
		return ""
	}
	var parts []string
	for _, part := range []struct{ what, value string }{
		{"by ", c.Run.Actor}, {"", c.Run.Request}, {"", c.Run.URL}, {"commit ", c.Run.Commit},
	} {
		if part.value != "" {
			parts = append(parts, part.what+d.style.outside(part.value))
		}
	}
	return strings.Join(parts, ", ")
}

// runNumber returns which run it was. Many closures have the same, so they are listed once.
func (d *document) runNumber(c *Closure) string {
	run := d.run(c)
	if run == "" {
		return "run not recorded"
	}
	if d.runNumbers[run] == 0 {
		d.runs = append(d.runs, run)
		d.runNumbers[run] = len(d.runs)
	}
	return fmt.Sprintf("run %d", d.runNumbers[run])
}

// maxOthers is how many other names of a person a row has.
const maxOthers = 3

// name sets who a person is, and under which other names and addresses the log knows the person.
func (d *document) name(r *row, p *PersonSummary) {
	known := p.Known
	switch {
	case len(known) == 0 && p.Person == "":
		r.Person = "user " + d.style.outside(p.Standings[0].Account.ID)
		r.Name = r.Person
	case p.Person == "" || len(known) > 0 && offboard.Same(known[0].Email, p.Person):
		r.Person, r.Name, r.Email = d.label(known[0]), d.style.outside(known[0].Name), d.style.outside(known[0].Email)
		known = known[1:]
	default:
		r.Person = d.style.outside(p.Person)
	}
	if r.Name == "" {
		r.Name, r.Email = r.Person, ""
	}
	var names []string
	for _, k := range known[:min(maxOthers, len(known))] {
		names = append(names, d.label(k))
	}
	if more := len(known) - maxOthers; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	r.Others = strings.Join(names, ", ")
}

// hours returns how long the accounts of a person were open, and since when that is counted.
func hours(p *PersonSummary) (text, since string) {
	open, ok := p.Open()
	if !ok {
		return "–", ""
	}
	since = "since the first attempt"
	if !p.LeftOn.IsZero() {
		since = "since " + p.LeftOn.Format(time.DateOnly)
	}
	switch n := open.Hours(); {
	case n < 0:
		return "0", "closed before " + p.LeftOn.Format(time.DateOnly)
	case n < 0.1:
		return "under 0.1", since
	default:
		return fmt.Sprintf("%.1f", n), since
	}
}
