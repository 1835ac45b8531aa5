package evidence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// closeIn closes an account, as a run does.
func closeIn(ctx context.Context, l *Log, id string) error {
	entry, err := l.Begin(ctx, anIntent(id))
	if err != nil {
		return err
	}
	return entry.End(ctx, Outcome{Result: Closed})
}

// intactIn expects a chain of so many closures, all of them closed, and the same in a file.
func intactIn(t *testing.T, m *memory, closures int) {
	t.Helper()
	h, err := ReadStore(t.Context(), m)
	if err != nil || h.Broken != nil || len(h.Closures) != closures || h.Orphans > 0 {
		t.Fatalf("got %v, %v and %d closures, want %d in an intact log", err, h.Broken, len(h.Closures), closures)
	}
	for _, c := range h.Closures {
		if c.Outcome.Result != Closed {
			t.Errorf("%s: got %s, want closed", c.ID, c.Outcome.Result)
		}
	}
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, m.text(), 0o600); err != nil {
		t.Fatal(err)
	}
	inFile, err := Read(t.Context(), path)
	if err != nil || inFile.Broken != nil || inFile.Head != h.Head {
		t.Errorf("got %v, %v and the head %s in a file, want %s", err, inFile.Broken, inFile.Head, h.Head)
	}
}

// What waits while an object is being written goes into the next one. So 200 closures that run 10 at
// a time take little longer than their own requests.
func TestObjects_closuresOfOneProcessShareObjects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const took, closures, atOnce = 50 * time.Millisecond, 200, 10
		m := newMemory(took)
		l, start := NewInStore(m), time.Now()
		var group sync.WaitGroup
		ids := make(chan string)
		for range atOnce {
			group.Go(func() {
				for id := range ids {
					if err := closeIn(t.Context(), l, id); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for i := range closures {
			ids <- fmt.Sprint("u", i)
		}
		close(ids)
		group.Wait()
		if took, most := time.Since(start), 2*closures/atOnce*took*2; took > most {
			t.Errorf("got %v, want %v at most: each record waits for the object before, and for its own", took, most)
		}
		if m.creates > 2*closures/2 {
			t.Errorf("got %d objects for %d records, want at least two in each", m.creates, 2*closures)
		}
		intactIn(t, m, closures)
	})
}

// Many runs write one chain without a lock, whichever is faster.
func TestObjects_manyRunsMakeOneChain(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory(time.Millisecond)
			rng := rand.New(rand.NewPCG(seed, 1))
			m.fault = func(int) (bool, error) { // some answers are lost, with and without effect
				if n := rng.IntN(20); n < 2 {
					return n == 0, errFault
				}
				return false, nil
			}
			var group sync.WaitGroup
			for run := range 4 {
				l := NewInStore(m)
				for i := range 25 {
					group.Go(func() {
						for range 100 {
							if closeIn(t.Context(), l, fmt.Sprint("u", run, " ", i)) == nil {
								return
							}
						}
						t.Errorf("seed %d: a closure was never recorded", seed)
					})
				}
			}
			group.Wait()
			h, err := ReadStore(t.Context(), m)
			if err != nil || h.Broken != nil || h.Orphans > 0 {
				t.Fatalf("seed %d: got %v, %v and %d orphans, want an intact log", seed, err, h.Broken, h.Orphans)
			}
			closed := map[string]bool{}
			for _, c := range h.Closures {
				closed[c.ID] = closed[c.ID] || c.Outcome.Result == Closed
			}
			if len(closed) != 100 {
				t.Errorf("seed %d: got %d accounts, want 100", seed, len(closed))
			}
			for id, done := range closed {
				if !done {
					t.Errorf("seed %d: %s has no outcome", seed, id)
				}
			}
		})
	}
}

// An outcome whose answer is lost may be there. The next record follows it.
func TestObjects_anAnswerThatIsLost(t *testing.T) {
	t.Parallel()
	for _, created := range []bool{true, false} {
		m := newMemory(0)
		l := NewInStore(m)
		entry, err := l.Begin(t.Context(), anIntent("u1"))
		if err != nil {
			t.Fatal(err)
		}
		m.fault = func(request int) (bool, error) {
			if request == 2 {
				return created, errFault
			}
			return false, nil
		}
		if err := entry.End(t.Context(), Outcome{Result: Closed}); !errors.Is(err, errFault) {
			t.Errorf("got %v, want the fault", err)
		}
		before, err := l.Earlier(t.Context(), anIntent("u1").Account)
		if err != nil || before.Proven != created || before.Open == created {
			t.Errorf("got %+v and %v, want the outcome there: %t", before, err, created)
		}
		if err := closeIn(t.Context(), l, "u2"); err != nil {
			t.Error(err)
		}
		if h, err := ReadStore(t.Context(), m); err != nil || h.Broken != nil || len(h.Closures) != 2 {
			t.Errorf("got %v, %v and %d closures, want two", err, h.Broken, len(h.Closures))
		}
	}
}

func TestObjects_whatIsNotAsItWasWritten(t *testing.T) {
	t.Parallel()
	gone := errors.New("it was deleted")
	for name, c := range map[string]struct {
		change func(m *memory)
		want   string
	}{
		"a problem": {
			func(m *memory) { m.objects[2].Problem, m.objects[2].Text = gone, nil },
			"at line 2, in the object object 2, it was deleted",
		},
		"a changed record": {
			func(m *memory) { m.objects[3].Text = []byte(strings.Replace(string(m.objects[3].Text), "u2", "u9", 1)) },
			"at line 4, in the object object 4, ",
		},
		"an empty object":   {func(m *memory) { m.objects[2].Text = nil }, "object 2, the object is empty"},
		"not a whole line":  {func(m *memory) { m.objects[4].Text = m.objects[4].Text[:50] }, "a whole line"},
		"no log":            {func(m *memory) { m.objects[1].Text = []byte("hello\n") }, "is not an evidence log"},
		"two in one number": {func(m *memory) { m.objects[2] = m.objects[1] }, "does not follow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(0)
			for _, id := range []string{"u1", "u2"} {
				if err := closeIn(t.Context(), NewInStore(m), id); err != nil {
					t.Fatal(err)
				}
			}
			c.change(m)
			h, err := ReadStore(t.Context(), m)
			if err != nil || h.Broken == nil || !strings.Contains(h.Broken.Error(), c.want) {
				t.Errorf("ReadStore: got %v and %v, want %q", err, h.Broken, c.want)
			}
			l, creates := NewInStore(m), m.creates
			_, earlier := l.Earlier(t.Context(), anIntent("u1").Account)
			reads := m.reads
			_, begin := l.Begin(t.Context(), anIntent("u3"))
			for what, err := range map[string]error{"Earlier": earlier, "Begin": begin, "Check": l.Check(t.Context())} {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: got %v, want %q", what, err, c.want)
				}
			}
			if m.creates != creates || m.reads != reads {
				t.Errorf("got %d objects created and %d read again, want none", m.creates-creates, m.reads-reads)
			}
		})
	}
}

// A reading that a fault has ended says nothing. Nothing is written where the log may have a gap.
func TestObjects_areReadToTheEndBeforeTheFirstRecord(t *testing.T) {
	t.Parallel()
	m := newMemory(0)
	if err := closeIn(t.Context(), NewInStore(m), "u1"); err != nil {
		t.Fatal(err)
	}
	half := &halfStore{memory: m}
	l := NewInStore(half)
	for range 2 {
		if _, err := l.Begin(t.Context(), anIntent("u2")); !errors.Is(err, errFault) || len(m.objects) != 2 {
			t.Errorf("got %v and %d objects, want the fault and two", err, len(m.objects))
		}
	}
	half.works = true
	if err := closeIn(t.Context(), l, "u2"); err != nil {
		t.Error(err)
	}
	intactIn(t, m, 2)
}

// halfStore is a store whose reading ends with a fault after the first object.
type halfStore struct {
	*memory
	works bool
}

// Read implements Store.
func (s *halfStore) Read(ctx context.Context, n int, each func(Object) error) error {
	return s.memory.Read(ctx, n, func(o Object) error {
		if err := each(o); err != nil || s.works {
			return err
		}
		return errFault
	})
}

// A store that refuses what it does not show ends the closure, and not the run's time.
func TestObjects_anObjectThatIsNotShown(t *testing.T) {
	t.Parallel()
	m := newMemory(0)
	m.fault = func(int) (bool, error) { return false, os.ErrExist }
	if _, err := NewInStore(m).Begin(t.Context(), anIntent("u1")); !errors.Is(err, errHidden) {
		t.Errorf("got %v, want that the next object cannot be read", err)
	}
}

func TestObjects_aCallerWithoutTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(time.Second)
		l := NewInStore(m)
		brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		if _, err := l.Earlier(brief, Account{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Earlier: got %v, want the caller's deadline", err)
		}
		if _, err := l.Begin(brief, anIntent("u1")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Begin: got %v, want the caller's deadline", err)
		}
		if took := time.Since(start); took > 200*time.Millisecond {
			t.Errorf("got %v, want the caller's 100 ms", took)
		}
		time.Sleep(2 * time.Second)
		if len(m.objects) > 0 {
			t.Errorf("got %d objects, want none for a caller who has left", len(m.objects))
		}
		entry, err := l.Begin(t.Context(), anIntent("u1"))
		if err != nil {
			t.Fatal(err)
		}
		brief, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := entry.End(brief, Outcome{Result: Closed}); err != nil {
			t.Errorf("End under way: got %v, want it known to be written", err)
		}
		intactIn(t, m, 1)
		m.took = time.Hour
		start = time.Now()
		if _, err := l.Begin(
			t.Context(),
			anIntent("u2"),
		); !errors.Is(err, errSlow) ||
			time.Since(start) > longestWrite+gather {
			t.Errorf("got %v after %v, want %v after %v", err, time.Since(start), errSlow, longestWrite)
		}
	})
}

// All runs share a budget exactly, although each counts in what it has read.
func TestObjects_runsShareABudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const count = 10
		m, budget := newMemory(time.Millisecond), &Budget{Count: count, Within: time.Hour}
		var begun atomic.Int64
		var group sync.WaitGroup
		for run := range 4 {
			l := NewInStore(m)
			for i := range 25 {
				group.Go(func() {
					_, err := l.BeginIf(t.Context(), anIntent(fmt.Sprint("u", run, " ", i)), Conditions{Budget: budget})
					switch {
					case err == nil:
						begun.Add(1)
					case !errors.As(err, new(*BudgetError)):
						t.Error(err)
					}
				})
			}
		}
		group.Wait()
		h, err := ReadStore(t.Context(), m)
		if err != nil || h.Broken != nil || len(h.Closures) != count || begun.Load() != count {
			t.Errorf("got %v, %v, %d begun and %d closures, want %d", err, h.Broken, begun.Load(), len(h.Closures), count)
		}
	})
}

// What another run has written is known soon, and at once after a record of this run.
func TestObjects_recordsOfAnotherRunAreSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(time.Millisecond)
		l := NewInStore(m)
		proven := func(id string) bool {
			t.Helper()
			told, err := l.Earlier(t.Context(), anIntent(id).Account)
			if err != nil {
				t.Error(err)
			}
			return told.Proven
		}
		for i, wait := range []func(){
			func() { time.Sleep(2 * fresh) },
			func() {
				if err := closeIn(t.Context(), l, "mine"); err != nil {
					t.Error(err)
				}
			},
		} {
			id := fmt.Sprint("u", i)
			_ = proven(id)
			if err := closeIn(t.Context(), NewInStore(m), id); err != nil {
				t.Fatal(err)
			}
			wait()
			if !proven(id) {
				t.Errorf("%s: got nothing, want the closure of the other run", id)
			}
		}
	})
}

// A record that cannot be written does not keep the others of its object from being written, and
// what is known does not depend on it.
func TestObjects_oneOfSeveralRecordsIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(time.Second)
		l := NewInStore(m)
		if err := closeIn(t.Context(), l, "u1"); err != nil {
			t.Fatal(err)
		}
		results := make(chan string, 3)
		go func() { results <- fmt.Sprint("first ", closeIn(t.Context(), l, "u2")) }()
		time.Sleep(time.Millisecond)
		go func() {
			err := (&Entry{log: l, hash: "unknown"}).End(t.Context(), Outcome{Result: Closed})
			results <- fmt.Sprint("refused ", err != nil)
		}()
		go func() { results <- fmt.Sprint("third ", closeIn(t.Context(), l, "u3")) }()
		for range cap(results) {
			switch got := <-results; got {
			case "first <nil>", "refused true", "third <nil>":
			default:
				t.Error(got)
			}
		}
		intactIn(t, m, 3)
	})
}

func TestLog_requiresAHead(t *testing.T) {
	t.Parallel()
	m, dir := newMemory(0), t.TempDir()
	path := filepath.Join(dir, "log")
	if err := errors.Join(closeIn(t.Context(), NewInStore(m), "u1"), closeIn(t.Context(), New(path), "u1")); err != nil {
		t.Fatal(err)
	}
	head := func(h History, _ error) string { return h.Head }
	held := map[string]string{"file": head(Read(t.Context(), path)), "store": head(ReadStore(t.Context(), m))}
	for what, place := range map[string]func() *Log{
		"file": func() *Log { return New(path) }, "store": func() *Log { return NewInStore(m) },
		"no file":  func() *Log { return New(filepath.Join(dir, "none")) },
		"no store": func() *Log { return NewInStore(newMemory(0)) },
	} {
		for _, required := range []string{held["file"], held["store"], "", Start} {
			l := place()
			l.Require(required)
			_, earlier := l.Earlier(t.Context(), Account{})
			check := l.Check(t.Context())
			want := required == "" || required == Start || required == held[what]
			for range 2 {
				_, begin := l.Begin(t.Context(), anIntent("u2"))
				for how, err := range map[string]error{"Earlier": earlier, "Check": check, "Begin": begin} {
					if lost := errors.As(err, new(*HeadError)); lost == want || want && err != nil {
						t.Errorf("%s of %s with %.8s: got %v, want it held: %t", how, what, required, err, want)
					}
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "none")); err == nil && required == held["file"] {
				t.Error("got a new file, want none that does not have the head")
			}
			_ = os.Remove(filepath.Join(dir, "none"))
		}
	}
}

// What try takes back leaves the chain exactly as it was, whatever the records were.
func TestChain_triesAreTakenBackWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 2))
		c, again := newChain(""), newChain("")
		for range 30 {
			line, err := c.next(randomRecord(rng, c))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := again.add(line); err != nil {
				t.Fatal(err)
			}
		}
		_ = c.try(func() error {
			for range rng.IntN(10) {
				if _, err := c.next(randomRecord(rng, c)); err != nil {
					t.Error(err)
				}
				_ = c.try(func() error {
					_, err := c.next(randomRecord(rng, c))
					return errors.Join(err, errFault)
				})
			}
			return errFault
		})
		c.undo, again.undo = nil, nil
		if !reflect.DeepEqual(normal(c), normal(again)) {
			t.Fatalf("seed %d: got\n%+v\nwant\n%+v", seed, c, again)
		}
	}
}

// normal makes chains comparable: an empty list is no list.
func normal(c *chain) *chain {
	for _, s := range c.accounts {
		s.pending, s.begun = append([]string(nil), s.pending...), append([]string(nil), s.begun...)
	}
	return c
}

// randomRecord is a record that can follow the chain, of one of three accounts.
func randomRecord(rng *rand.Rand, c *chain) Record {
	for _, hash := range slices.Sorted(maps.Keys(c.open)) {
		if rng.IntN(2) == 0 {
			continue
		}
		results := []Result{Closed, Failed, RefusedByGuard, NotVisible, Unproven, Suspended}
		o := Outcome{Intent: hash, Result: results[rng.IntN(len(results))], Error: "no", Sent: Lost}
		return Record{Outcome: &o}
	}
	i := anIntent(fmt.Sprint("u", rng.IntN(3)))
	i.Resumes, i.Status = c.resumes(i.Account), []string{"active", "closed", ""}[rng.IntN(3)]
	if rng.IntN(4) == 0 {
		i.Action = Block
	}
	return Record{Intent: &i}
}
