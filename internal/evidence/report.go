package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Report is the history as a Markdown document for people: who, where, when, how it was proven, what failed. The name says which
// log it is about. Whatever comes from outside cannot become markup.
func (h History) Report(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Evidence of closed accounts\n\n%s", h.state(name))
	if len(h.Closings) == 0 {
		return b.String() + "\nNobody was to be closed so far.\n"
	}
	b.WriteString("\n| | Begun (UTC) | Who | Where | Result |\n| --- | --- | --- | --- | --- |\n")
	for i, c := range h.Closings {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", i+1, moment(c.Begun), c.who(), c.where(), plain(string(c.Outcome.Result)))
	}
	b.WriteString(h.open())
	for i, c := range h.Closings {
		fmt.Fprintf(&b, "\n## %d. %s\n\n%s", i+1, c.who(), c.details())
	}
	return b.String()
}

// state says what the file is worth as evidence.
func (h History) state(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- File: %s\n", plain(name))
	if h.Broken == nil {
		b.WriteString("- Chain of records: intact\n")
	} else {
		fmt.Fprintf(&b, "- Chain of records: **broken**. %s\n", plain(h.Broken.Error()))
	}
	if h.Cuts > 0 {
		fmt.Fprintf(&b, "- Lines cut off by a crash, and accounted for by the record after them: %d\n", h.Cuts)
	}
	fmt.Fprintf(&b, "- Head: %s. An intact chain proves that nothing was changed only if this, or an earlier head, was kept elsewhere and is found again.\n", h.Head)
	count := map[Result]int{}
	for _, c := range h.Closings {
		count[c.Outcome.Result]++
	}
	var totals []string
	for _, result := range slices.Sorted(maps.Keys(count)) {
		totals = append(totals, fmt.Sprintf("%d %s", count[result], plain(string(result))))
	}
	if len(totals) > 0 {
		fmt.Fprintf(&b, "- Closings: %s\n", strings.Join(totals, ", "))
	}
	return b.String()
}

// open lists the accounts of which the last closing did not come to its end.
func (h History) open() string {
	last := map[Account]int{}
	for i, c := range h.Closings {
		last[c.Account] = i
	}
	var b strings.Builder
	for i, c := range h.Closings {
		if last[c.Account] == i && !c.Outcome.Result.Done() {
			fmt.Fprintf(&b, "- %s, %s (number %d): %s\n", c.who(), c.where(), i+1, c.result())
		}
	}
	if b.Len() == 0 {
		return "\nThe last closing of every account is proven.\n"
	}
	return "\n**Not proven:**\n\n" + b.String()
}

func (c Closing) who() string {
	switch {
	case c.Name != "" && c.Email != "":
		return plain(c.Name + " <" + c.Email + ">")
	case c.Name+c.Email != "":
		return plain(c.Name + c.Email)
	default:
		return plain("user " + c.ID)
	}
}

func (c Closing) where() string {
	return plain(fmt.Sprintf("%s, id %s at %s", c.Vendor, c.ID, c.Tenant))
}

func (c Closing) result() string {
	text := "**" + plain(string(c.Outcome.Result)) + "**"
	if meaning := c.Outcome.Result.Meaning(); meaning != "" {
		text += ", " + meaning
	}
	return text
}

// details tell everything about one closing.
func (c Closing) details() string {
	var b strings.Builder
	item := func(what, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", what, plain(value))
		}
	}
	fmt.Fprintf(&b, "- Where: %s\n", c.where())
	item("To do", c.Action)
	item("Reason", c.Reason)
	item("Begun", moment(c.Begun))
	if !c.Ended.IsZero() {
		item("Ended", moment(c.Ended))
	}
	item("Status before", c.Status)
	for _, fact := range slices.Sorted(maps.Keys(c.Facts)) {
		item("Reviewed "+plain(fact), c.Facts[fact])
	}
	for _, f := range c.Findings {
		item("Reviewed finding", strings.TrimSpace(string(f.Kind)+" "+f.Subject))
	}
	item("Provider version", c.ProviderVersion)
	if c.Resumes != "" {
		item("Takes up", "an earlier closing that was interrupted")
	}
	fmt.Fprintf(&b, "- Result: %s\n", c.result())
	item("Error", c.Outcome.Error)
	item("Proof", c.Outcome.Proof)
	if len(c.Outcome.Requests) > 0 {
		b.WriteString("- Requests:\n")
	}
	for i, r := range c.Outcome.Requests {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, plain(r.String()))
	}
	return b.String()
}

// String tells a request in one line.
func (r Request) String() string {
	answer := fmt.Sprintf("HTTP %d", r.Status)
	if r.Status == 0 {
		answer = "no answer: " + r.Error
	}
	text := fmt.Sprintf("%s %s %s: %s, %d ms", moment(r.Time), r.Method, r.Path, answer, r.DurationMS)
	if r.RequestID != "" {
		text += ", request id " + r.RequestID
	}
	if r.Change {
		text += ", a change"
	}
	if r.Proof {
		text += ", proof"
	}
	return text
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// plain makes text that Markdown shows as it is, in one line.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case !unicode.IsPrint(r):
			b.WriteByte(' ')
		case strings.ContainsRune("\\`*_[]<>|#~&", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
