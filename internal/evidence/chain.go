package evidence

import (
	"errors"
	"fmt"
)

// chain follows the lines of a log and checks that each record follows the one before it.
type chain struct {
	head string // hash of the last record
	line int    // number of the last line, counted from 1
	torn []byte // the lines since the last record that are none
	cuts int    // how often a record had to account for such lines

	open   map[string]Account // intents without an outcome, by hash
	latest map[Account]string // the last of them for each account
}

func newChain() *chain {
	return &chain{head: Start, open: map[string]Account{}, latest: map[Account]string{}}
}

// add follows one line. It returns the record in it, or the zero Record for a line that a crash has cut off: the next record
// must account for that one. After an error the chain is of no further use.
func (c *chain) add(line []byte) (Record, error) {
	c.line++
	r, err := parse(line)
	if err != nil {
		c.torn = append(append(c.torn, line...), '\n')
		return Record{}, nil
	}
	switch {
	case r.Torn != c.tornHash():
		return r, errors.New("what stands before it is not what was there when it was written")
	case r.Prev != c.head:
		return r, errors.New("it does not follow the record before it")
	}
	if c.torn != nil {
		c.cuts++
	}
	c.torn, c.head = nil, hash(line)
	if r.Intent != nil {
		c.open[c.head], c.latest[r.Intent.Account] = r.Intent.Account, c.head
		return r, nil
	}
	account, ok := c.open[r.Outcome.Intent]
	if !ok {
		return r, errors.New("it is the outcome of a closing that has not begun, or that has ended already")
	}
	delete(c.open, r.Outcome.Intent)
	if c.latest[account] == r.Outcome.Intent {
		delete(c.latest, account)
	}
	return r, nil
}

// tornHash is what the next record has to say of the lines before it that are no records.
func (c *chain) tornHash() string {
	if c.torn == nil {
		return ""
	}
	return hash(c.torn)
}

// BrokenError says that a log is not as it was written.
type BrokenError struct {
	Path string
	Line int // counted from 1
	Err  error
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("%s is not as it was written: at line %d, %v", e.Path, e.Line, e.Err)
}

// Unwrap gives what is wrong.
func (e *BrokenError) Unwrap() error { return e.Err }
