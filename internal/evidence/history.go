package evidence

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"
)

// History is what a log tells.
type History struct {
	Head     string    // the hash of the last record that the chain reaches; Start when there is none
	Broken   error     // a *BrokenError that says where the chain breaks; nil for an intact log
	Cuts     int       // how often a crash cut a line off, and the next record accounted for it
	Records  int       // how many records there are, those from a break on too
	Orphans  int       // how many of them are outcomes without a closing of their own: it is not in the log, or has one
	Closings []Closing // in the order in which they began; those from a break on are listed too

	chain    *chain
	position map[string]int // which record of the chain has this hash, counted from 1
}

// Closing is one run's attempt to close one account.
type Closing struct {
	Intent
	Begun   time.Time
	Outcome Outcome   // with a Result, even if none was written
	Ended   time.Time // zero when no outcome was written

	begin, end           int  // which records they are, counted from 1; 0 for none
	beginDoubt, endDoubt bool // whether the record is at a break of the chain or after it
}

// Doubtful reports whether the chain breaks at one of the records of this closing or before it, so that nothing vouches for it.
func (c Closing) Doubtful() bool { return c.beginDoubt || c.endDoubt }

// Holds reports whether the log still has the record with this hash, a head that was kept elsewhere, within the unbroken chain.
func (h History) Holds(head string) bool {
	_, ok := h.place(head)
	return ok
}

// After returns how many records the log has after the one with this hash. It is 0 for a head that the log does not hold.
func (h History) After(head string) int {
	place, ok := h.place(head)
	if !ok {
		return 0
	}
	return h.Records - place
}

// IsAfter reports whether a record of the closing comes after the one with this hash, which the log holds.
func (h History) IsAfter(c Closing, head string) bool {
	place, ok := h.place(head)
	return ok && max(c.begin, c.end) > place
}

func (h History) place(head string) (int, bool) {
	if head == Start {
		return 0, true
	}
	place, ok := h.position[head]
	return place, ok
}

// Read reads a whole log. A file that is not there is an fs.ErrNotExist; a log that is not as it was written is no error, but told by
// the History.
func Read(ctx context.Context, path string) (History, error) {
	h := History{Head: Start, chain: newChain(), position: map[string]int{}}
	begun := map[string]int{}
	broken := func(line int, err error) {
		if h.Broken == nil {
			h.Broken = &BrokenError{Path: path, Line: line, Err: err}
		}
	}
	lines := 0
	err := load(ctx, path, func(file io.Reader) error {
		return eachLine(file, func(line []byte, _ bool) error {
			lines++
			var r Record
			if h.Broken == nil {
				var err error
				if r, err = h.chain.add(line); err != nil {
					broken(lines, err)
					h.doubtLast(r)
				}
			} else {
				r, _ = parse(line) // there is no chain to follow any more, but what is written is told
			}
			h.tell(r, hash(line), begun)
			return nil
		})
	})
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		broken(lines+1, errTooLong)
	case err != nil:
		return History{}, err
	case h.chain.torn != nil:
		broken(lines, errTorn)
	}
	h.Head, h.Cuts = h.chain.head, h.chain.cuts
	return h, nil
}

var errTorn = errors.New("the record is not whole, as after a crash; the next closure accounts for it")

// tell adds a record to the closings. begun has their places by the hashes of their intents.
func (h *History) tell(r Record, hash string, begun map[string]int) {
	if r.Intent == nil && r.Outcome == nil {
		return
	}
	doubt := h.Broken != nil
	h.Records++
	if !doubt {
		h.position[hash] = h.Records
	}
	if r.Intent != nil {
		if i, ok := begun[r.Intent.Resumes]; ok && !doubt && h.Closings[i].Ended.IsZero() {
			h.Closings[i].Outcome.Result = Interrupted
		}
		begun[hash] = len(h.Closings)
		h.Closings = append(h.Closings, Closing{
			Intent: *r.Intent, Begun: r.Time, Outcome: Outcome{Result: Unfinished}, begin: h.Records, beginDoubt: doubt,
		})
		return
	}
	i, ok := begun[r.Outcome.Intent]
	if !ok || h.Closings[i].end > 0 {
		h.Orphans++
		return
	}
	c := &h.Closings[i]
	c.Outcome, c.Ended, c.end, c.endDoubt = *r.Outcome, r.Time, h.Records, doubt
}

// doubtLast doubts the last record of the chain where the one after it does not follow it: either of them may have been changed.
func (h *History) doubtLast(next Record) {
	if next.Intent == nil && next.Outcome == nil {
		return
	}
	for i := range h.Closings {
		c := &h.Closings[i]
		c.beginDoubt = c.begin == h.Records
		c.endDoubt = c.end == h.Records
	}
}
