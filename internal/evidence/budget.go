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
