package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// doubtMark marks a record that nothing proves.
const doubtMark = " (**at or after the break of the chain**)"

// report is a history that is written as Markdown.
type report struct {
	History
	words Words
}

// Report returns the history as a Markdown document for people: who, where, when, how it was
// proven, what failed. The name says which log it is about. Text from outside cannot become markup
// or a link.
func (h History) Report(name string, words Words) string {
	r := report{h, words}
	var b strings.Builder
	fmt.Fprintf(&b, "# Evidence of closed accounts\n\n%s", r.state(name))
	if len(h.Closures) == 0 {
		return b.String() + "\nThere are no closures in it.\n"
	}
	b.WriteString("\n| | Begun (UTC) | Who | Where | Result |\n| --- | --- | --- | --- | --- |\n")
	for i := range h.Closures {
		c := &h.Closures[i]
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n",
			i+1, timestamp(c.Begun), c.who(), r.where(c), plain(string(c.Outcome.Result))+mark(c.Doubtful()))
	}
	b.WriteString(r.unproven())
	for i := range h.Closures {
		c := &h.Closures[i]
		fmt.Fprintf(&b, "\n## %d. %s%s\n\n%s", i+1, c.who(), mark(c.Doubtful()), r.details(c))
	}
	return b.String()
}

func mark(doubt bool) string {
	if doubt {
		return doubtMark
	}
	return ""
}

// state returns what the file is worth as evidence.
func (r report) state(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- File: %s\n", plain(name))
	if r.Broken == nil {
		b.WriteString("- Chain of records: intact\n")
	} else {
		fmt.Fprintf(&b, "- Chain of records: **broken**. %s\n", plain(r.Broken.Error()))
		fmt.Fprintf(
			&b,
			"- Records from the break on: %d. Nothing proves them. The record before a break may be the one that was changed.\n",
			r.Records-len(r.position),
		)
	}
	if r.Orphans > 0 {
		fmt.Fprintf(&b, "- Outcomes without an intent, which are not listed below: %d\n", r.Orphans)
	}
	if r.Cuts > 0 {
		fmt.Fprintf(&b, "- Lines cut off by a crash, and accounted for by the record after them: %d\n", r.Cuts)
	}
	fmt.Fprintf(
		&b,
		"- Head: %s. The chain shows a change only to a person who kept this head, or an earlier one, elsewhere.\n",
		r.Head,
	)
	count := map[Result]int{}
	for i := range r.Closures {
		c := &r.Closures[i]
		count[c.Outcome.Result]++
	}
	var totals []string
	for _, result := range slices.Sorted(maps.Keys(count)) {
		totals = append(totals, fmt.Sprintf("%d %s", count[result], plain(string(result))))
	}
	if len(totals) > 0 {
		fmt.Fprintf(&b, "- Closures: %s\n", strings.Join(totals, ", "))
	}
	return b.String()
}

// unproven lists the accounts that are not proven to be as their last closures intended.
func (r report) unproven() string {
	if r.Broken != nil {
		return "\n**The chain is broken, so this report proves nothing of any account.**\n"
	}
	last := map[Account]int{}
	for i := range r.Closures {
		c := &r.Closures[i]
		last[c.Account] = i
	}
	var b strings.Builder
	for i := range r.Closures {
		c := &r.Closures[i]
		if last[c.Account] == i && !r.chain.settled(c.Account) {
			fmt.Fprintf(&b, "- %s, %s (number %d): %s\n", c.who(), r.where(c), i+1, c.result())
		}
	}
	if b.Len() == 0 {
		return "\nEvery account was proven to be closed, or suspended where no more was asked for, when its last closure " +
			"ended. Imports, refreshes and plans write no record, so the log does not say whether an account was opened " +
			"again later.\n"
	}
	return "\n**Not proven:**\n\n" + b.String()
}

func (c *Closure) who() string {
	name, email := plain(c.Name), plain(c.Email)
	switch {
	case name != "" && email != "":
		return name + " \\<" + email + "\\>"
	case name+email != "":
		return name + email
	default:
		return "user " + plain(c.ID)
	}
}

func (r report) where(c *Closure) string {
	place := fmt.Sprintf("%s, ID %s at %s", plain(r.words.Vendor(c.Vendor)), plain(c.ID), plain(c.Tenant))
	if c.KeyHash != "" { // another owner can have an account with the same ID
		place += ", API key hash " + plain(c.KeyHash[:min(8, len(c.KeyHash))])
	}
	return place
}

func (c *Closure) result() string {
	text := "**" + plain(string(c.Outcome.Result)) + "**"
	if meaning := c.Outcome.Result.Meaning(); meaning != "" {
		text += ", " + meaning
	}
	return text
}

var actions = map[string]string{
	Close: "close the account permanently",
	Block: "suspend the account, which can be undone",
}

var calls = map[Sent]string{Accepted: "the vendor accepted it", Lost: "it was sent, and its answer was lost"}

// details returns everything about one closure.
func (r report) details(c *Closure) string {
	var b strings.Builder
	item := func(what, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", what, value)
		}
	}
	fmt.Fprintf(&b, "- Where: %s\n", r.where(c))
	item("Action", orPlain(actions, c.Action))
	item("Reason", plain(c.Reason))
	item("Begun", timestamp(c.Begun)+mark(c.beginDoubtful))
	if c.end > 0 {
		item("Ended", timestamp(c.Ended)+mark(c.endDoubtful))
	}
	item("Status before", plain(c.Status))
	for _, fact := range slices.Sorted(maps.Keys(c.Facts)) {
		item("Reviewed "+plain(strings.ReplaceAll(fact, "_", " ")), plain(c.Facts[fact]))
	}
	for _, f := range c.Findings {
		item("Reviewed finding", plain(r.words.Finding(c.Vendor, f)))
	}
	item("Provider version", plain(c.ProviderVersion))
	if c.Resumes != "" {
		item("Continues", "an earlier closure that was interrupted")
	}
	item("Result", c.result()+mark(c.endDoubtful))
	item("Guard", plain(c.Outcome.Guard))
	item("Closing call", orPlain(calls, c.Outcome.Sent))
	item("Error", plain(c.Outcome.Error))
	item("Proof", plain(c.Outcome.Proof))
	if len(c.Outcome.Requests) > 0 {
		b.WriteString("- Requests:\n")
	}
	for i, request := range c.Outcome.Requests {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, request.line(plain))
	}
	return b.String()
}

// orPlain returns the sentence for a short name, or the name itself if this version does not know
// it.
func orPlain[T ~string](sentences map[T]string, name T) string {
	if sentence, ok := sentences[name]; ok {
		return sentence
	}
	return plain(string(name))
}

// String returns the request in one line.
func (r Request) String() string { return r.line(func(text string) string { return text }) }

// line returns the request in one line. show makes text from outside safe to print.
func (r Request) line(show func(string) string) string {
	answer := fmt.Sprintf("HTTP %d", r.Status)
	if r.Status == 0 {
		answer = "no answer: " + show(r.Error)
	}
	text := fmt.Sprintf("%s %s %s: %s, %d ms", timestamp(r.Time), show(r.Method), show(r.Path), answer, r.DurationMS)
	if r.RequestID != "" {
		text += ", request ID " + show(r.RequestID)
	}
	if r.Change {
		text += ", a change"
	}
	if r.Proof {
		text += ", proof"
	}
	return text
}
