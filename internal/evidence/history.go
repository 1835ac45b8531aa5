package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/gofrs/flock"
)

// History is what a log tells.
type History struct {
	Head     string    // the hash of the last record that the chain reaches; Start when there is none
	Broken   error     // a *BrokenError that says where the chain breaks; nil for an intact log
	Cuts     int       // how often a crash cut a line off, and the next record accounted for it
	Closings []Closing // in the order in which they began; those beyond a break are listed too
}

// Closing is one run's attempt to close one account.
type Closing struct {
	Intent
	Begun   time.Time
	Outcome Outcome   // with a Result, even if none was written
	Ended   time.Time // zero when no outcome was written

	begin, end string // the hashes of the two records
}

// Holds tells whether the log still has the record with this hash, a head that was kept elsewhere, within the unbroken chain.
func (h History) Holds(head string) bool {
	return head == Start || slices.ContainsFunc(h.Closings, func(c Closing) bool { return head != "" && (c.begin == head || c.end == head) })
}

// Read reads a whole log. A file that is not there is an fs.ErrNotExist; a log that is not as it was written is no error, but told by
// the History.
func Read(ctx context.Context, path string) (History, error) {
	data, err := load(ctx, path)
	if err != nil {
		return History{}, err
	}
	h, c := History{Head: Start}, newChain()
	begun := map[string]int{}
	for line := range lines(data) {
		follow := c.add
		if h.Broken != nil {
			follow = parse // beyond a break there is no chain to follow
		}
		r, err := follow(line)
		switch {
		case h.Broken != nil:
		case err != nil:
			h.Broken = &BrokenError{Path: path, Line: c.line, Err: err}
		default:
			h.Head = c.head
		}
		h.tell(r, hash(line), begun)
	}
	h.Cuts = c.cuts
	if h.Broken == nil && c.torn != nil {
		at := c.line - bytes.Count(c.torn, []byte{'\n'}) + 1
		h.Broken = &BrokenError{Path: path, Line: at, Err: errTorn}
	}
	return h, nil
}

var errTorn = errors.New("what stands there is no whole record, as a crash leaves it; the next closing accounts for it")

// load reads the file while nobody appends to it. A copy, which has no lock beside it, is read as it is.
func load(ctx context.Context, path string) (_ []byte, err error) {
	lock := flock.New(lockPath(path), flock.SetFlag(os.O_RDONLY))
	_, err = lock.TryRLockContext(ctx, lockPoll)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("%s cannot be locked: %w", lock.Path(), err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	return os.ReadFile(path)
}

// tell adds a record to the closings. begun has their places by the hashes of their intents.
func (h *History) tell(r Record, hash string, begun map[string]int) {
	switch {
	case r.Intent != nil:
		if i, ok := begun[r.Intent.Resumes]; ok && h.Closings[i].Ended.IsZero() {
			h.Closings[i].Outcome.Result = Interrupted
		}
		begun[hash] = len(h.Closings)
		h.Closings = append(h.Closings, Closing{Intent: *r.Intent, Begun: r.Time, Outcome: Outcome{Result: Unfinished}, begin: hash})
	case r.Outcome != nil:
		if i, ok := begun[r.Outcome.Intent]; ok {
			h.Closings[i].Outcome, h.Closings[i].Ended, h.Closings[i].end = *r.Outcome, r.Time, hash
		}
	}
}
