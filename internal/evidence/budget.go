package evidence

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"
)

// Budget is how many accounts may be closed within a time, over all runs with the same log.
type Budget struct {
	Count  int           `json:"count"` // at least 1
	Within time.Duration `json:"within"`
}

// Spent is what the log tells of a budget at one time.
type Spent struct {
	Count int  // how many accounts count against it
	Again bool // the account that was asked about is one of them, so its closure needs no more

	// What a refusal tells; zero if the budget allows the closure of that account.
	Last  []Used    // the last of the accounts, newest first
	Frees time.Time // when there is room for another one
}

// Used is one account that counts against a budget.
type Used struct {
	Account
	Who string    // the label of the person, the name or the email address, as the log has it; may be empty
	At  time.Time // when its last closure began
}

// maxNamed is how many accounts a Spent names.
const maxNamed = 5

// BudgetError says that a budget allows no closure now. Nothing was written.
type BudgetError struct {
	Budget
	Spent
}

func (e *BudgetError) Error() string { return "the budget of closures in the evidence log is used up" }

// Allows reports whether the budget allows to close the account that was asked about.
func (s *Spent) Allows(b *Budget) bool { return s.Again || s.Count < b.Count }

// usedBy is an account that counts because of an intent.
func usedBy(i *openIntent) Used {
	return Used{Account: i.Account, Who: cmp.Or(i.Person, i.Name, i.Email), At: i.at}
}

// used returns when the last closure of an account began that has changed it, or may have: one
// without an outcome may. The time is zero if there is none.
func (c *chain) used(s *accountState) Used {
	last := s.changed
	for _, hash := range s.begun {
		if i := c.open[hash]; i.at.After(last.At) {
			last = usedBy(i)
		}
	}
	return last
}

// spent returns what counts against a budget: each account once that a closure has changed or may
// have changed within its time. One that a guard refused has not, nor has one that found nothing to
// close, unless the vendor was asked for a step before.
func (c *chain) spent(b *Budget, a Account, now time.Time) (s Spent) {
	counts := func(state *accountState) bool { return now.Sub(c.used(state).At) < b.Within } // a zero time does not
	for account, state := range c.accounts {
		if counts(state) {
			s.Count, s.Again = s.Count+1, s.Again || account == a
		}
	}
	if s.Allows(b) {
		return s
	}
	var last []*accountState
	for _, state := range c.accounts {
		if counts(state) {
			last = append(last, state)
		}
	}
	slices.SortFunc(last, func(a, b *accountState) int { return c.used(b).At.Compare(c.used(a).At) })
	if b.Count > 0 {
		s.Frees = c.used(last[b.Count-1]).At.Add(b.Within)
	}
	for _, state := range last[:min(len(last), maxNamed)] {
		s.Last = append(s.Last, c.used(state))
	}
	return s
}

// Conditions are what must hold for an intent to be written.
type Conditions struct {
	Budget *Budget // nil for none
	// Used is the last record that uses a plan up, as this run has read it. No other may have come
	// since then. Nil for no condition.
	Used *Mark
	// Still reports whether what the log tells of the account now allows the record; nil for no
	// condition. It may be called several times.
	Still func(*Earlier) bool
}

// ToldError says that what a log tells of an account does not allow a record any more. Nothing was
// written.
type ToldError struct{}

func (*ToldError) Error() string {
	return "the evidence log shows that the account was open after the closing call"
}

// UsedError says that another closure of the account has come since this run read the log. Nothing
// was written.
type UsedError struct{ Was, Is Mark }

func (e *UsedError) Error() string {
	return "another closure of the account was recorded since the evidence log was read"
}

// refuse returns why the conditions do not hold for an intent; nil if they do.
func (c *chain) refuse(intent *Intent, must Conditions) error {
	if must.Used != nil {
		if used := c.earlier(intent.Account).Used; used.Record != must.Used.Record {
			return &UsedError{*must.Used, used}
		}
	}
	if must.Still != nil {
		if told := c.earlier(intent.Account); !must.Still(&told) {
			return &ToldError{}
		}
	}
	if b := must.Budget; b != nil {
		if s := c.spent(b, intent.Account, time.Now()); !s.Allows(b) {
			return &BudgetError{*b, s}
		}
	}
	return nil
}

// BeginIf is Begin under conditions. They are checked where the intent is written, while no other run
// can write. So all runs with the same log share a budget exactly, and one of several that use the
// same plan is the first. The error is a *UsedError or a *BudgetError if they do not hold.
func (l *Log) BeginIf(ctx context.Context, intent Intent, must Conditions) (*Entry, error) {
	var entry *Entry
	var refused error
	err := l.append(ctx, func(c *chain, add adder) (err error) {
		// What was read of the log is as good as before after a refusal, so that it is no error here.
		if refused = c.refuse(&intent, must); refused == nil {
			entry, err = l.addIntent(c, add, intent)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	}
	return entry, nil
}

// addIntent adds an intent, with the interrupted one that it resumes.
func (l *Log) addIntent(c *chain, add adder, intent Intent) (*Entry, error) {
	intent.Resumes = c.resumes(intent.Account)
	hash, err := add(Record{Intent: &intent})
	return &Entry{log: l, hash: hash, last: hash}, err
}

// Spent returns what the log tells of a budget, and of the closure of an account under it. A file
// that does not exist tells of nothing.
func (l *Log) Spent(ctx context.Context, budget *Budget, a Account) (Spent, error) {
	var s Spent
	err := l.place.read(ctx, func(c *chain) error {
		s = c.spent(budget, a, time.Now())
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Spent{}, nil
	case err != nil: // s may be in use
		return Spent{}, err
	}
	return s, nil
}
