package evidence

import (
	"cmp"
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Summary is what a history says to an auditor: what the log is worth, and one row for each person.
// It is the source of the report and of the page. Its texts are as they are in the log.
type Summary struct {
	From, To time.Time // the times of the earliest and the latest record before a break; zero for none
	Records  int       // how many there are, those from a break on included
	Doubtful int       // how many of them are at or after a break
	Head     string    // the hash of the last record of the unbroken chain
	Broken   error     // a *BrokenError that says where the chain breaks; nil for an intact log
	People   []PersonSummary
}

// PersonSummary is one person and all the accounts of this person in the log.
type PersonSummary struct {
	Person string            // the label of the configuration; empty if there is none
	Known  []offboard.Person // what the vendors showed, the latest before a break first, each once
	LeftOn time.Time         // the day on which the person left; zero if it is not known
	Begun  time.Time         // when the first closure began
	// Standings has one entry for each account, by vendor, in the order in which they were tried.
	Standings []Standing
	// Closed says that each of these accounts is proven to be closed. Ended is the time of the last of
	// these proofs.
	Closed bool
	Ended  time.Time

	toClose bool   // a run was to close one of them, and not only to suspend it
	sorted  string // what the people are sorted by
}

// Open returns how long the last account was open after the person left, or after the first
// closure began if the day is not known. It is negative if all were closed before that day. It says
// nothing unless every account is proven to be closed.
func (p *PersonSummary) Open() (open time.Duration, ok bool) {
	if !p.Closed {
		return 0, false
	}
	if !p.LeftOn.IsZero() {
		return p.Ended.Sub(p.LeftOn), true
	}
	return p.Ended.Sub(p.Begun), true
}

// Summary returns what the history says to an auditor.
func (h History) Summary() Summary {
	s := Summary{Records: h.Records, Doubtful: h.Records - len(h.position), Head: h.Head, Broken: h.Broken}
	s.From, s.To = h.period()
	proofs := h.proofs()
	for _, accounts := range h.people() {
		s.People = append(s.People, h.person(accounts, proofs))
	}
	slices.SortStableFunc(s.People, func(a, b PersonSummary) int { return cmp.Compare(a.sorted, b.sorted) })
	return s
}

// period returns the earliest and the latest time in the records that are before any break.
func (h History) period() (from, to time.Time) {
	add := func(at time.Time) {
		if from.IsZero() || at.Before(from) {
			from = at
		}
		if at.After(to) {
			to = at
		}
	}
	for _, e := range h.events() {
		if c := &h.Closures[e.closure]; e.ended {
			add(c.Ended)
		} else {
			add(c.Begun)
		}
	}
	return from, to
}

// personAccounts are the accounts of one person, each as its closures.
type personAccounts struct {
	key      string // see personKey
	closures [][]int
}

// people returns the accounts of each person. An account whose closures tell of different people
// belongs to the latest.
func (h History) people() []personAccounts {
	var accounts []Account
	closures := map[Account][]int{}
	for i := range h.Closures {
		a := h.Closures[i].Account
		if closures[a] == nil {
			accounts = append(accounts, a)
		}
		closures[a] = append(closures[a], i)
	}
	var people []personAccounts
	index := map[string]int{}
	for _, a := range accounts {
		key := h.personKey(closures[a])
		i, ok := index[key]
		if !ok || key == "" {
			i = len(people)
			people = append(people, personAccounts{key: key})
			index[key] = i
		}
		people[i].closures = append(people[i].closures, closures[a])
	}
	return people
}

// personKey returns what tells people apart: the label of the latest closure of an account, or else
// the email address. It is empty if there is neither, because a name alone says too little. Records
// from a break on decide nothing if there are others.
func (h History) personKey(closures []int) string {
	var key string
	var known offboard.Person
	undoubted := slices.ContainsFunc(closures, func(i int) bool { return !h.Closures[i].Doubtful() })
	for _, i := range closures {
		c := &h.Closures[i]
		if undoubted && c.Doubtful() {
			continue
		}
		if own := c.personKey(); own != "" {
			key = own
		} else if !known.Is(c.person()) && c.person().Known() {
			key = "" // the ID has passed to a person of whom only the name is known
		}
		if c.person().Known() {
			known = c.person()
		}
	}
	return key
}

func (c *Closure) person() offboard.Person { return offboard.Person{Email: c.Email, Name: c.Name} }

func (c *Closure) personKey() string {
	if label := offboard.Normal(c.Person); label != "" {
		return cmp.Or(offboard.Address(c.Person), "label "+label)
	}
	return offboard.Address(c.Email)
}

// person returns the summary of one person.
func (h History) person(accounts personAccounts, proofs map[Account]proof) PersonSummary {
	p := PersonSummary{Closed: true}
	var all []int
	for _, closures := range accounts.closures {
		s := h.standing(closures, proofs)
		p.Standings = append(p.Standings, s)
		p.Closed = p.Closed && s.State == StateClosed
		p.toClose = p.toClose || h.toClose(closures)
		if s.At.After(p.Ended) {
			p.Ended = s.At
		}
		all = append(all, closures...)
	}
	slices.SortStableFunc(p.Standings, func(a, b Standing) int { return cmp.Compare(a.Account.Vendor, b.Account.Vendor) })
	slices.Sort(all)
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(h.doubts(a), h.doubts(b)) })
	h.describe(&p, accounts.key, all)
	p.preferLabel()
	p.sorted = p.sortKey()
	return p
}

// describe adds what the closures of a person with this key tell of the person. They come from the
// last to the first, those from a break of the chain on after all others.
func (h History) describe(p *PersonSummary, key string, closures []int) {
	seen, latest := map[offboard.Person]bool{}, map[Account]offboard.Person{}
	for _, i := range closures {
		c := &h.Closures[i]
		if shown := c.person(); shown.Known() && !seen[shown] {
			seen[shown] = true
			p.Known = append(p.Known, shown)
		}
		switch own, now := c.personKey(), latest[c.Account]; {
		case own == key || own == "":
			p.add(c)
			if c.person().Known() {
				latest[c.Account] = c.person()
			}
		case now.Known() && c.person().Known() && now.Is(c.person()):
			p.Begun = c.Begun // the same person with another label; otherwise the account was another person's then
		}
	}
}

// doubts is 1 for a closure that nothing proves, and 0 for any other.
func (h History) doubts(closure int) int {
	if h.Closures[closure].Doubtful() {
		return 1
	}
	return 0
}

// add adds what a closure under the label of the person tells.
func (p *PersonSummary) add(c *Closure) {
	p.Person, p.Begun = cmp.Or(p.Person, c.Person), c.Begun
	if p.LeftOn.IsZero() {
		p.LeftOn, _ = time.Parse(time.DateOnly, c.LeftOn)
	}
}

// preferLabel moves to the front what a vendor showed under the address that the configuration
// gives, if that tells a name, too.
func (p *PersonSummary) preferLabel() {
	i := slices.IndexFunc(p.Known, func(k offboard.Person) bool {
		return k.Name != "" && offboard.Same(k.Email, p.Person)
	})
	if i > 0 {
		found := p.Known[i]
		p.Known = slices.Insert(slices.Delete(p.Known, i, i+1), 0, found)
	}
}

// sortKey is what the people are sorted by, so that an auditor finds one of them: by name, if there
// is one.
func (p *PersonSummary) sortKey() string {
	var shown offboard.Person
	if len(p.Known) > 0 {
		shown = p.Known[0]
	}
	first := cmp.Or(shown.Name, p.Person, shown.Email, p.Standings[0].Account.ID)
	return offboard.Normal(first) + "\n" + offboard.Normal(cmp.Or(p.Person, shown.Email))
}
