package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"time"
)

// History is what a log says.
type History struct {
	Head     string    // the hash of the last record of the unbroken chain; Start if there is none
	Broken   error     // a *BrokenError that says where the chain breaks; nil for an intact log
	Cuts     int       // how many lines a crash cut off that a later record accounts for
	Records  int       // how many records there are, those after a break included
	Orphans  int       // how many of them are outcomes of a closure that is not in the log, or that has another one
	Closures []Closure // in the order in which they began, those after a break included

	chain    *chain
	lines    []string       // the log itself, without its line breaks; a line that is too long is not there
	position map[string]int // the number of the record with a hash in the chain, from 1
}

// Closure is one run's attempt to close one account.
type Closure struct {
	Intent
	Begun   time.Time
	Outcome Outcome   // with a Result, even if none was written
	Ended   time.Time // zero if no outcome was written

	begin, end                 int  // the numbers of its records, from 1; 0 for none
	beginDoubtful, endDoubtful bool // whether the record is at or after a break of the chain
}

// Doubtful reports whether the chain breaks at one of the records of this closure or before it, so
// that nothing proves them.
func (c *Closure) Doubtful() bool { return c.beginDoubtful || c.endDoubtful }

// Holds reports whether the unbroken chain has a record with this hash. The hash is a head that was
// kept elsewhere.
func (h History) Holds(head string) bool {
	_, ok := h.place(head)
	return ok
}

// After returns how many records come after the one with this hash. It is 0 if the log does not
// hold that.
func (h History) After(head string) int {
	place, ok := h.place(head)
	if !ok {
		return 0
	}
	return h.Records - place
}

// IsAfter reports whether a record of the closure comes after the one with this hash. It is false
// if the log does not hold that.
func (h History) IsAfter(c *Closure, head string) bool {
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

// Read reads a whole log. The error is an fs.ErrNotExist if there is no file. A log that is not as
// it was written is not an error: see History.Broken.
func Read(ctx context.Context, path string) (History, error) {
	r := newReader(path)
	err := load(ctx, path, func(file io.Reader) error {
		return eachLine(file, func(line []byte, _ bool) error {
			r.add(line)
			return nil
		})
	})
	if errors.Is(err, bufio.ErrTooLong) {
		r.breaks(r.line+1, errTooLong)
		err = nil
	}
	return r.history(err)
}

// ReadStore is Read for a log in a store. The error is an fs.ErrNotExist if there is no object.
func ReadStore(ctx context.Context, store Store) (History, error) {
	r, missing := newReader(store.Name()), 0
	err := store.Read(ctx, 1, func(o Object) error {
		r.object = o.Name
		if missing++; o.Text != nil {
			missing = 0
		}
		if missing > widestGap {
			return errGap
		}
		if err := o.problem(); err != nil {
			r.breaks(r.line+1, err)
		}
		err := eachLine(bytes.NewReader(o.Text), func(line []byte, _ bool) error {
			r.add(line)
			return nil
		})
		if errors.Is(err, bufio.ErrTooLong) {
			r.breaks(r.line+1, errTooLong)
		}
		return nil
	})
	switch {
	case errors.Is(err, errGap):
		err = nil // the chain is broken where the gap begins
	case err == nil && r.object == "":
		err = fs.ErrNotExist
	}
	return r.history(err)
}

// widestGap is how many objects in a row may be missing before the reading of a log ends. A single
// object with a high number would else have it ask for each number below.
const widestGap = 100

var errGap = errors.New("too many objects are missing")

// reader makes a History of lines.
type reader struct {
	h            History
	path, object string         // for BrokenError
	line         int            // the number of the last line
	begun        map[string]int // the indexes of the closures by the hashes of their intents
}

func newReader(path string) *reader {
	h := History{Head: Start, chain: newChain(""), position: map[string]int{}}
	return &reader{h: h, path: path, begun: map[string]int{}}
}

// breaks notes where the chain breaks, unless it is broken already.
func (r *reader) breaks(line int, err error) {
	if r.h.Broken == nil {
		r.h.Broken = &BrokenError{Path: r.path, Object: r.object, Line: line, Err: err}
	}
}

// add adds one line.
func (r *reader) add(line []byte) {
	r.line++
	r.h.lines = append(r.h.lines, string(line))
	var record Record
	if r.h.Broken == nil {
		var err error
		if record, err = r.h.chain.add(line); err != nil {
			r.breaks(r.line, err)
			markLast(&r.h, record)
		}
	} else {
		record, _ = parse(line) // the chain is broken, but the history shows what is written
	}
	addRecord(&r.h, record, hash(line), r.begun)
}

// history returns what was read, unless that ended with an error.
func (r *reader) history(err error) (History, error) {
	if err != nil {
		return History{}, err
	}
	if r.h.chain.truncated != nil {
		r.breaks(r.line, errTruncated)
	}
	r.h.Head, r.h.Cuts = r.h.chain.head, r.h.chain.cuts
	return r.h, nil
}

var errTruncated = errors.New(
	"the record is not whole, as after a crash; the next closure accounts for it",
)

// addRecord adds a record to the closures. begun has their indexes by the hashes of their intents.
func addRecord(h *History, r Record, hash string, begun map[string]int) {
	if r.Intent == nil && r.Outcome == nil {
		return
	}
	doubt := h.Broken != nil
	h.Records++
	if !doubt {
		h.position[hash] = h.Records
	}
	if r.Intent != nil {
		if i, ok := begun[r.Intent.Resumes]; ok && !doubt && h.Closures[i].Ended.IsZero() {
			h.Closures[i].Outcome.Result = Interrupted
		}
		begun[hash] = len(h.Closures)
		h.Closures = append(h.Closures, Closure{
			Intent: *r.Intent, Begun: r.Time, Outcome: Outcome{Result: Unfinished}, begin: h.Records, beginDoubtful: doubt,
		})
		return
	}
	i, ok := begun[r.Outcome.Intent]
	if !ok || h.Closures[i].end > 0 {
		h.Orphans++
		return
	}
	c := &h.Closures[i]
	c.Outcome, c.Ended, c.end, c.endDoubtful = *r.Outcome, r.Time, h.Records, doubt
}

// markLast marks the last record of the chain as doubtful if the next one does not follow it.
// Either of them may have been changed.
func markLast(h *History, next Record) {
	if next.Intent == nil && next.Outcome == nil {
		return
	}
	for i := range h.Closures {
		c := &h.Closures[i]
		c.beginDoubtful = c.begin == h.Records
		c.endDoubtful = c.end == h.Records
	}
}
