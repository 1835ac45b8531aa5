package evidence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// item is one thing that a document says, such as the head of the log.
type item struct{ What, Value string }

// worth returns what the file is worth as evidence.
func (d *document) worth(name string) []item {
	items := []item{{"File", d.style.outside(name)}}
	if !d.summary.From.IsZero() {
		period := timestamp(d.summary.From) + " to " + timestamp(d.summary.To) + ", all times in UTC"
		items = append(items, item{"Period", period})
	}
	items = append(items, item{"Records", strconv.Itoa(d.Records)})
	if d.Broken != nil {
		items = append(items, item{"Records from the break on", fmt.Sprintf(
			"%d. Nothing proves them. The record before a break may be the one that was changed.", d.summary.Doubtful,
		)})
	}
	if d.Orphans > 0 {
		items = append(items, item{"Outcomes without an intent, which are not listed below", strconv.Itoa(d.Orphans)})
	}
	if d.Cuts > 0 {
		items = append(items, item{
			"Lines cut off by a crash, and accounted for by the record after them", strconv.Itoa(d.Cuts),
		})
	}
	if totals := d.totals(); totals != "" {
		items = append(items, item{"Closures", totals})
	}
	return items
}

// totals counts the results of the closures.
func (d *document) totals() string {
	count := map[Result]int{}
	for i := range d.Closures {
		c := &d.Closures[i]
		count[c.Outcome.Result]++
	}
	var totals []string
	for _, result := range slices.Sorted(maps.Keys(count)) {
		totals = append(totals, fmt.Sprintf("%d %s", count[result], d.style.outside(string(result))))
	}
	return strings.Join(totals, ", ")
}

// tenantsOnce says where the accounts are. No account repeats it, unless a vendor has several tenants.
func (d *document) tenantsOnce() string {
	var places []string
	for _, c := range d.columns {
		if c.Tenant != "" {
			places = append(places, c.Title+" at "+c.Tenant)
		}
	}
	return strings.Join(places, ", ")
}

// peopleItem says how many people there are.
func (d *document) peopleItem() string {
	closed, suspended := 0, 0
	for i := range d.summary.People {
		switch p := &d.summary.People[i]; {
		case p.Closed:
			closed++
		case !p.toClose:
			suspended++
		}
	}
	if d.Broken != nil {
		return strconv.Itoa(len(d.summary.People))
	}
	text := fmt.Sprintf(
		"%d. For %d of them, each account in this log is proven to be closed.", len(d.summary.People), closed,
	)
	if suspended > 0 {
		text += fmt.Sprintf(" For %d of them, no account was to be closed, only suspended.", suspended)
	}
	return text
}

func (d *document) closureWho(c *Closure) string {
	if who := d.label(c.person()); who != "" {
		return who
	}
	return "user " + d.style.outside(c.ID)
}

// where says at which account a closure was.
func (d *document) where(c *Closure) string {
	place := fmt.Sprintf("%s, ID %s", d.vendor(c.Vendor), d.style.outside(c.ID))
	if at, own := d.places[c.Vendor]; !own || d.columns[at].Tenant == "" {
		place += " at " + d.style.outside(c.Tenant)
	}
	if c.KeyHash != "" { // another owner can have an account with the same ID
		place += ", " + d.keyHash(c.Account)
	}
	return place
}

func (d *document) result(c *Closure) string {
	text := d.style.strong(d.style.outside(string(c.Outcome.Result)))
	if meaning := c.Outcome.Result.Meaning(); meaning != "" {
		text += ", " + meaning
	}
	return text
}

func (d *document) mark(doubt bool) string {
	if doubt {
		return d.doubt()
	}
	return ""
}

var actions = map[string]string{
	Close: "close the account permanently",
	Block: "suspend the account, which can be undone",
}

var calls = map[Sent]string{Accepted: "the vendor accepted it", Lost: "it was sent, and its answer was lost"}

// details returns everything about one closure, except its requests.
func (d *document) details(c *Closure) []item {
	show := d.style.outside
	items := []item{
		{"Where", d.where(c)},
		{"Action", orOutside(d, actions, c.Action)},
		{"Person", show(c.Person)},
		{"Left on", show(c.LeftOn)},
		{"Reason", show(c.Reason)},
		{"Approved by", d.approval(c)},
		{"Run", cmp.Or(d.run(c), "run not recorded")},
		{"Begun", timestamp(c.Begun) + d.mark(c.beginDoubtful)},
	}
	if c.end > 0 {
		items = append(items, item{"Ended", timestamp(c.Ended) + d.mark(c.endDoubtful)})
	}
	items = append(items, item{"Status before", show(c.Status)})
	for _, fact := range slices.Sorted(maps.Keys(c.Facts)) {
		items = append(items, item{"Reviewed " + show(strings.ReplaceAll(fact, "_", " ")), show(c.Facts[fact])})
	}
	for _, f := range c.Findings {
		items = append(items, item{"Reviewed finding", show(d.words.Finding(c.Vendor, f))})
	}
	items = append(items, item{"Provider version", show(c.ProviderVersion)})
	if c.Resumes != "" {
		items = append(items, item{"Continues", "an earlier closure that was interrupted"})
	}
	items = append(
		items, item{"Result", d.result(c) + d.mark(c.endDoubtful)}, item{"Guard", d.guard(c)},
		item{"Closing call", orOutside(d, calls, c.Outcome.Sent)}, item{"Error", show(c.Outcome.Error)},
		item{"Proof", show(c.Outcome.Proof)},
	)
	return slices.DeleteFunc(items, func(i item) bool { return i.Value == "" })
}

// orOutside returns the sentence for a short name, or the name itself if this version does not know
// it.
func orOutside[T ~string](d *document, sentences map[T]string, name T) string {
	if sentence, ok := sentences[name]; ok {
		return sentence
	}
	return d.style.outside(string(name))
}

// String returns the request in one line.
func (r Request) String() string { return r.line(func(text string) string { return text }) }

// line returns the request in one line. show makes text from outside safe to print.
func (r Request) line(show func(string) string) string {
	answer := fmt.Sprintf("HTTP %d", r.Status)
	if r.Status == 0 {
		answer = "no answer: " + show(r.Error)
	}
	text := fmt.Sprintf("%s %s %s: %s, %s", timestamp(r.Time), show(r.Method), show(r.Path), answer, seconds(r.DurationMS))
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

// seconds returns how long an answer took.
func seconds(ms int64) string {
	if ms < 100 {
		return "under 0.1 s"
	}
	return fmt.Sprintf("%.1f s", float64(ms)/1000)
}
