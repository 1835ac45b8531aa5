package evidence

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
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
	Count int       // how many accounts count against it
	Again bool      // the account that was asked about is one of them, so its closure needs no more
	Last  []Used    // the last of them, newest first
	Frees time.Time // when there is room for another account; zero if there is now
}

// Used is one account that counts against a budget.
type Used struct {
	Account
	Who string    // the label of the person, the name or the email address, as the log has it; may be empty
	At  time.Time // when its last closure began
}

// lastUsed is how many accounts a Spent names.
const lastUsed = 5

// BudgetError says that a budget allows no closure now. Nothing was written.
type BudgetError struct {
	Budget
	Spent
}

func (e *BudgetError) Error() string { return "the budget of closures in the evidence log is used up" }

// Allows reports whether the budget allows to close the account that was asked about.
func (s *Spent) Allows(b *Budget) bool { return s.Again || s.Count < b.Count }

// spending is one intent of the chain, as far as a budget needs it.
type spending struct {
	Used
	nothing bool // its outcome shows that the vendor was not asked to change anything
}

// noteSpending notes an intent, whose outcome may take it back.
func (c *chain) noteSpending(i *Intent, at time.Time) *spending {
	u := &spending{Used: Used{Account: i.Account, Who: cmp.Or(i.Person, i.Name, i.Email), At: noLater(at)}}
	c.spendings = append(c.spendings, u)
	return u
}

// spent returns what counts against a budget: each account once that a closure has changed or may
// have changed. A closure without an outcome may have. One that a guard refused has not, nor has one
// that found nothing to close, unless the vendor was asked for a step before.
func (c *chain) spent(b *Budget, a Account, now time.Time) Spent {
	latest := map[Account]*spending{}
	for _, u := range c.spendings {
		if !u.nothing && now.Sub(u.At) < b.Within && (latest[u.Account] == nil || u.At.After(latest[u.Account].At)) {
			latest[u.Account] = u
		}
	}
	s := Spent{Count: len(latest), Again: latest[a] != nil}
	all := make([]Used, 0, len(latest))
	for _, u := range latest {
		all = append(all, u.Used)
	}
	slices.SortFunc(all, func(a, b Used) int { return b.At.Compare(a.At) })
	if b.Count > 0 && s.Count >= b.Count {
		s.Frees = all[b.Count-1].At.Add(b.Within)
	}
	s.Last = slices.Clone(all[:min(len(all), lastUsed)])
	return s
}

// BeginWithin is Begin under a budget; nil for none. The budget is counted where the intent is
// written, while no other run can write. So all runs with the same log share it exactly. The error is
// a *BudgetError if it allows no closure now.
func (l *Log) BeginWithin(ctx context.Context, intent Intent, budget *Budget) (*Entry, error) {
	var entry *Entry
	err := l.append(ctx, func(add adder) error {
		if budget != nil {
			if s := l.chain.spent(budget, intent.Account, time.Now()); !s.Allows(budget) {
				return &BudgetError{*budget, s}
			}
		}
		intent.Resumes = l.chain.resumes(intent.Account)
		hash, err := add(Record{Intent: &intent})
		entry = &Entry{log: l, hash: hash, last: hash}
		return err
	})
	if err != nil {
		return nil, err
	}
	return entry, nil
}

// Spent returns what the log tells of a budget, and of the closure of an account under it. A file
// that does not exist tells of nothing.
func (l *Log) Spent(ctx context.Context, budget *Budget, a Account) (s Spent, err error) {
	err = l.use(ctx, os.O_RDONLY, func(*os.File) error {
		s = l.chain.spent(budget, a, time.Now())
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return Spent{}, nil
	}
	return s, err
}
