package evidence

import (
	"context"
	"time"
)

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
