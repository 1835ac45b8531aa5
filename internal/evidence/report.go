package evidence

import (
	"fmt"
	"strconv"
	"strings"
)

// Report returns the history as a Markdown document for people. It begins with what an auditor asks:
// what the log is worth, and for each person since when each account is closed. Everything about
// each closure follows. The name says which log it is about. Text from outside cannot become markup
// or a link.
func (h History) Report(name string, words Words) string {
	d := newDocument(h, words, style{plain, func(text string) string { return "**" + text + "**" }})
	var b strings.Builder
	fmt.Fprintf(&b, "# Evidence of closed accounts\n\n%s", d.state(name))
	if len(h.Closures) == 0 {
		return b.String() + "\nThere are no closures in it.\n"
	}
	rows := d.rows()
	b.WriteString(d.table(rows))
	b.WriteString(d.unproven())
	for i := range rows {
		for _, n := range rows[i].Closures {
			c := &h.Closures[n]
			fmt.Fprintf(&b, "\n## %d. %s%s\n\n", n+1, d.closureWho(c), d.mark(c.Doubtful()))
			for _, item := range d.details(c) {
				fmt.Fprintf(&b, "- %s: %s\n", item.What, item.Value)
			}
			if len(c.Outcome.Requests) > 0 {
				b.WriteString("- Requests:\n")
			}
			for j, request := range c.Outcome.Requests {
				fmt.Fprintf(&b, "  %d. %s\n", j+1, request.line(plain))
			}
		}
	}
	return b.String()
}

// state returns what the file is worth as evidence.
func (d *document) state(name string) string {
	var b strings.Builder
	for i, item := range d.worth(name) {
		fmt.Fprintf(&b, "- %s: %s\n", item.What, item.Value)
		if i > 0 {
			continue
		}
		if d.Broken == nil {
			b.WriteString("- Chain of records: intact\n")
		} else {
			fmt.Fprintf(&b, "- Chain of records: **broken**. %s\n", plain(d.Broken.Error()))
		}
		fmt.Fprintf(
			&b,
			"- Head: %s. The chain shows a change only to a person who kept this head, or an earlier one, elsewhere.\n",
			d.Head,
		)
	}
	if places := d.tenantsOnce(); places != "" {
		fmt.Fprintf(&b, "- Vendors: %s\n", places)
	}
	if len(d.summary.People) > 0 {
		fmt.Fprintf(&b, "- People: %s\n", d.peopleItem())
	}
	return b.String()
}

// table returns the table of people.
func (d *document) table(rows []row) string {
	var b strings.Builder
	b.WriteString("\n| Person |")
	for _, c := range d.columns {
		fmt.Fprintf(&b, " %s |", c.Title)
	}
	b.WriteString(" Reason | Approved by | Run | Hours open | Closures |\n|")
	b.WriteString(strings.Repeat(" --- |", len(d.columns)+6) + "\n")
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(&b, "| %s", r.Person)
		if r.Others != "" {
			fmt.Fprintf(&b, "; also recorded as %s", r.Others)
		}
		for _, cell := range r.Cells {
			b.WriteString(" | " + cellText(cell))
		}
		numbers := make([]string, len(r.Closures))
		for j, n := range r.Closures {
			numbers[j] = strconv.Itoa(n + 1)
		}
		fmt.Fprintf(
			&b, " | %s | %s | %s | %s | %s |\n", strings.Join(r.Reasons, "; "), strings.Join(r.Approvals, "; "),
			strings.Join(r.Runs, "; "), strings.TrimSpace(r.Hours+" "+r.Since), strings.Join(numbers, ", "),
		)
	}
	b.WriteString("\n" + aboutTable + "\n")
	for i, run := range d.runs {
		if i == 0 {
			b.WriteString("\n**Runs:**\n\n")
		}
		fmt.Fprintf(&b, "%d. %s\n", i+1, run)
	}
	return b.String()
}

// aboutTable is what a reader of the table must know.
const aboutTable = "An empty cell, –, says that the log has no account of the person at this vendor. " +
	"The log holds only accounts that a run was to close or to suspend. It does not say whether a person has others. " +
	"The hours count from the start of the day in UTC, if the log has the day on which the person left."

// cellText returns a cell of the table in one line.
func cellText(cell []line) string {
	if len(cell) == 0 {
		return "–"
	}
	texts := make([]string, len(cell))
	for i, l := range cell {
		if l.Account != "" {
			texts[i] = l.Account + ": "
		}
		texts[i] += l.Verdict
		if l.At != "" {
			texts[i] += " " + l.At
		}
		if l.Why != "" {
			texts[i] += ": " + l.Why
		}
	}
	return strings.Join(texts, "; ")
}

// unproven lists the accounts that are not proven to be as their last closures intended.
func (d *document) unproven() string {
	if d.Broken != nil {
		return "\n**The chain is broken, so this report proves nothing of any account.**\n"
	}
	last := map[int]State{}
	for i := range d.summary.People {
		for _, s := range d.summary.People[i].Standings {
			last[s.Closures[len(s.Closures)-1]] = s.State
		}
	}
	var open, active strings.Builder
	for i := range d.Closures {
		state, is := last[i]
		if !is || state == StateClosed || state == StateSuspended {
			continue
		}
		into, c := &open, &d.Closures[i]
		if state == StateNotSuspended {
			into = &active
		}
		fmt.Fprintf(into, "- %s, %s (number %d): %s\n", d.closureWho(c), d.where(c), i+1, d.result(c))
	}
	text, which := "", "account"
	if active.Len() > 0 {
		text, which = "\n**Not suspended, and not to be closed:**\n\n"+active.String(), "other account"
	}
	if open.Len() == 0 {
		return text + "\nEvery " + which + " was proven to be closed, or suspended where no more was asked for, when its " +
			"last closure ended. Imports, refreshes and plans write no record, so the log does not say whether an account " +
			"was opened again later.\n"
	}
	return text + "\n**Not proven:**\n\n" + open.String()
}
