package evidence

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
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
	account *accountState
	nothing bool // its outcome shows that the vendor was not asked to change anything
}

// noteSpending notes an intent, whose outcome may take it back.
func (c *chain) noteSpending(i *Intent, at time.Time) *spending {
	u := &spending{
		account: c.accounts[i.Account],
		Used:    Used{Account: i.Account, Who: cmp.Or(i.Person, i.Name, i.Email), At: noLater(at)},
	}
	c.spendings = append(c.spendings, u)
	return u
}

// spent returns what counts against a budget: each account once that a closure has changed or may
// have changed. A closure without an outcome may have. One that a guard refused has not, nor has one
// that found nothing to close, unless the vendor was asked for a step before.
func (c *chain) spent(b *Budget, a Account, now time.Time) Spent {
	latest := map[*accountState]*spending{} // nothing counts for an account that the log does not know
	for _, u := range c.spendings {
		if !u.nothing && now.Sub(u.At) < b.Within && (latest[u.account] == nil || u.At.After(latest[u.account].At)) {
			latest[u.account] = u
		}
	}
	s := Spent{Count: len(latest), Again: latest[c.accounts[a]] != nil}
	if s.Allows(b) {
		return s // the rest is for a refusal, and takes long in a long log
	}
	all := slices.SortedFunc(maps.Values(latest), func(a, b *spending) int { return b.At.Compare(a.At) })
	if b.Count > 0 {
		s.Frees = all[b.Count-1].At.Add(b.Within)
	}
	for _, u := range all[:min(len(all), lastUsed)] {
		s.Last = append(s.Last, u.Used)
	}
	return s
}

// BeginWithin is Begin under a budget; nil for none. The budget is counted where the intent is
// written, while no other run can write. So all runs with the same log share it exactly. The error is
// a *BudgetError if it allows no closure now.
func (l *Log) BeginWithin(ctx context.Context, intent Intent, budget *Budget) (*Entry, error) {
	var entry *Entry
	var refused *BudgetError
	err := l.append(ctx, func(add adder) error {
		if budget != nil {
			if s := l.chain.spent(budget, intent.Account, time.Now()); !s.Allows(budget) {
				refused = &BudgetError{*budget, s}
				return nil // what was read of the log is as good as before
			}
		}
		intent.Resumes = l.chain.resumes(intent.Account)
		hash, err := add(Record{Intent: &intent})
		entry = &Entry{log: l, hash: hash, last: hash}
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
