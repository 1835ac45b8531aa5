package evidence

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// chain reads the lines of a log and checks that each record follows the one before it.
type chain struct {
	position
	required string // the hash of a record that must be in the log; empty for none

	open     map[string]*openIntent // intents without an outcome, by hash
	accounts map[Account]*accountState

	tries int      // how many calls of try are under way
	undo  []func() // takes back what their records say of accounts, the last one first
}

// position is how far a chain has come.
type position struct {
	first     string // hash of the first record; empty if there is none
	head      string // hash of the last record
	line      int    // number of the last line, counted from 1
	truncated []byte // the line after the last record that a crash has cut off; nil if there is none
	cuts      int    // how many such lines a later record accounts for
	holds     bool   // the required record is among them
}

// newChain returns a chain that looks for a record with a hash, unless that is empty.
func newChain(required string) *chain {
	return &chain{
		position: position{head: Start, holds: required == "" || required == Start}, required: required,
		open: map[string]*openIntent{}, accounts: map[Account]*accountState{},
	}
}

// add adds one line. It returns the record in it, or the zero Record for a line that a crash has
// cut off. The next record must account for such a line. After an error the chain must not be used.
func (c *chain) add(line []byte) (Record, error) {
	c.line++
	r, err := parse(line)
	switch {
	case err == nil:
	case c.truncated == nil && c.mayBeTruncated(line):
		c.truncated = append(bytes.Clone(line), '\n')
		return Record{}, nil
	case c.head == Start:
		return Record{}, errNoLog
	default:
		return Record{}, errors.New("it is not a record")
	}
	switch {
	case r.Truncated != c.truncatedHash():
		return r, errors.New("the text before it is not what was there when it was written")
	case r.Prev != c.head:
		return r, errors.New("it does not follow the record before it")
	}
	if r.Outcome != nil {
		if _, ok := c.open[r.Outcome.Intent]; !ok {
			return r, errors.New("it is the outcome of a closure that has not begun, or that has already ended")
		}
	}
	c.advance(hash(line))
	if r.Intent != nil {
		c.begin(r.Intent, r.Time)
	} else {
		c.end(r.Outcome, r.Time)
	}
	return r, nil
}

// advance makes a record the last one.
func (c *chain) advance(hash string) {
	if c.truncated != nil {
		c.cuts++
	}
	c.truncated, c.head = nil, hash
	c.first, c.holds = cmp.Or(c.first, hash), c.holds || hash == c.required
}

// requirement returns a *HeadError unless the required record is in the chain.
func (c *chain) requirement(name string) error {
	if !c.holds {
		return &HeadError{name, c.required}
	}
	return nil
}

// next returns the line of a record that follows the chain, and adds it to the chain.
func (c *chain) next(r Record) ([]byte, error) {
	r.Prev, r.Truncated, r.Time = c.head, c.truncatedHash(), time.Now().UTC()
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	_, err = c.add(line)
	return line, err
}

// mayBeTruncated reports whether a line that is not a record can be what a crash left of one. The
// next record begins with the head, and what there is of it is JSON without its end. After a loss
// of power some file systems show zeros for data that did not get to the disk.
func (c *chain) mayBeTruncated(line []byte) bool {
	text := line
	if c.head != Start {
		text = bytes.TrimRight(line, "\x00")
	}
	if len(text) == 0 {
		return len(line) > 0
	}
	start := []byte(`{"prev":"` + c.head + `"`)
	n := min(len(text), len(start))
	err := json.NewDecoder(bytes.NewReader(text)).Decode(new(json.RawMessage))
	return bytes.Equal(text[:n], start[:n]) && errors.Is(err, io.ErrUnexpectedEOF)
}

// truncatedHash returns what the next record must say of the truncated line before it.
func (c *chain) truncatedHash() string {
	if c.truncated == nil {
		return ""
	}
	return hash(c.truncated)
}

// errNoLog says that a file has never been an evidence log.
var errNoLog = errors.New("it is not a record of an evidence log")

// BrokenError says that a log is not as it was written.
type BrokenError struct {
	Path   string // of the file, or the name of the store
	Object string // the name of the object in the store; empty for a file
	Line   int    // of the whole log, counted from 1
	Err    error
}

func (e *BrokenError) Error() string {
	if errors.Is(e.Err, errNoLog) {
		return fmt.Sprintf("%s is not an evidence log: its line %d is not a record of one", e.Path, e.Line)
	}
	at := fmt.Sprintf("at line %d", e.Line)
	if e.Object != "" {
		at += ", in the object " + e.Object
	}
	return fmt.Sprintf("%s is not as it was written: %s, %v", e.Path, at, e.Err)
}

// Unwrap returns what is wrong.
func (e *BrokenError) Unwrap() error { return e.Err }
