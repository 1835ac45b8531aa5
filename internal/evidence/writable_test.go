package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// names are the files in a folder with their sizes.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var all []string
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		all = append(all, fmt.Sprint(e.Name(), " ", info.Size(), " ", info.ModTime().UnixNano()))
	}
	return strings.Join(all, "\n")
}

func TestLog_checkWithoutAChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(path string) error
		want string // in the error; empty for none
	}{
		"a file that is not there yet":     {func(string) error { return nil }, ""},
		"an empty file":                    {func(p string) error { return os.WriteFile(p, nil, 0o600) }, ""},
		"a log":                            {func(p string) error { return os.Rename(newLog(t), p) }, ""},
		"a link to a file that is not":     {func(p string) error { return os.Symlink("other", p) }, ""},
		"a link into a folder that is not": {func(p string) error { return os.Symlink("none/other", p) }, "no such file"},
		"links in a circle": {
			func(p string) error { return os.Symlink(filepath.Base(p), p) }, "too many levels",
		},
		"a folder":     {func(p string) error { return os.Mkdir(p, 0o700) }, "not a regular file"},
		"a text":       {func(p string) error { return os.WriteFile(p, []byte("hello"), 0o600) }, "is not an evidence log"},
		"a broken log": {func(p string) error { return os.WriteFile(p, []byte(lines(t, newLog(t))[1]), 0o600) }, "at line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "log")
			must(t, c.make(path))
			before := names(t, dir)
			l := evidence.New(path)
			for range 2 {
				err := l.Check(t.Context())
				if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("got %v, want %q", err, c.want)
				}
			}
			if after := names(t, dir); after != before {
				t.Errorf("got\n%s\nwant the folder as it was:\n%s", after, before)
			}
			if c.want == "" {
				must(t, closeOnce(t.Context(), l, "u1", evidence.Closed))
			}
		})
	}
}

func TestLog_checkOfAFolderThatCannotHoldIt(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{filepath.Join(t.TempDir(), "none", "log"), filepath.Join(file, "log")} {
		if err := evidence.New(path).Check(t.Context()); err == nil {
			t.Errorf("%s: got no error, want one", path)
		}
	}
}

func TestHistory_afterAKnownHead(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	head := read(t, path).Head
	_, err := evidence.New(path).Begin(t.Context(), intent("u4"))
	must(t, err)
	between := read(t, path).Head
	must(t, closeOnce(t.Context(), evidence.New(path), "u5", evidence.Closed))
	h := read(t, path)
	last := h.Head
	for name, c := range map[string]struct {
		head  string
		after int
		which string
	}{
		"the start":             {evidence.Start, 9, "u1 u2 u3 u4 u5"},
		"a head":                {head, 3, "u4 u5"},
		"one before an outcome": {between, 2, "u5"},
		"the last":              {last, 0, ""},
		"one that it has not":   {strings.Repeat("f", 64), 0, ""},
		"none":                  {"", 0, ""},
	} {
		var which []string
		for i := range h.Closures {
			if closure := &h.Closures[i]; h.IsAfter(closure, c.head) {
				which = append(which, closure.ID)
			}
		}
		if got := strings.Join(which, " "); got != c.which || h.After(c.head) != c.after {
			t.Errorf("%s: got %d records, of %s, want %d, of %s", name, h.After(c.head), got, c.after, c.which)
		}
	}
	open := h.Closures[3]
	must(t, os.WriteFile(path, []byte(strings.Join(lines(t, path), "")+"\n{}\n"+lines(t, path)[1]), 0o600))
	h = read(t, path)
	if got := h.After(last); got != 1 || h.IsAfter(&open, last) || h.Holds(strings.Repeat("f", 64)) {
		t.Errorf("got %d records after the last of the chain, want the one behind the break", got)
	}
}

// Logs of older versions have other words for two results.
func TestRead_aLogOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	l := evidence.New(path)
	must(t, closeOnce(t.Context(), l, "u1", "blocked"))
	must(t, closeOnce(t.Context(), l, "u2", "nothing there"))
	must(t, closeOnce(t.Context(), l, "u3", "something new"))
	if text := strings.Join(lines(t, path), ""); !strings.Contains(text, `"result":"blocked"`) ||
		!strings.Contains(text, `"result":"nothing there"`) {
		t.Fatalf("got %s, want the words of then", text)
	}
	h := read(t, path)
	if got, want := results(h), "u1 suspended, u2 not visible, u3 something new"; got != want || h.Broken != nil {
		t.Errorf("got %s and %v, want %s", got, h.Broken, want)
	}
	if got := h.Report("log", words); strings.Contains(got, "blocked") || strings.Contains(got, "nothing there") {
		t.Errorf("got %s, want the words of now", got)
	}
	must(t, closeOnce(t.Context(), evidence.New(path), "u4", evidence.Suspended))
	if text := lines(t, path)[7]; !strings.Contains(text, `"result":"suspended"`) {
		t.Errorf("got %s, want the word of now", text)
	}
}

func TestResults_haveAMeaningEach(t *testing.T) {
	t.Parallel()
	for _, r := range evidence.Results {
		if done := r == evidence.Closed || r == evidence.Suspended ||
			r == evidence.AlreadyClosed; r.Meaning() == "" ||
			r.Done() != done {
			t.Errorf("%s: got the meaning %q and done %t, want one, and %t", r, r.Meaning(), r.Done(), done)
		}
	}
	if got := evidence.Result("something new").Meaning(); got != "" {
		t.Errorf("got %q for an unknown result, want nothing", got)
	}
}

func TestLog_aGuardAndTheClosingCallAreRecorded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	l := evidence.New(path)
	must(t, l.Record(t.Context(), intent("u1"), evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"}))
	e, err := l.Begin(t.Context(), intent("u2"))
	must(t, err)
	must(t, e.End(t.Context(), evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Lost}))
	all := lines(t, path)
	if len(all) != 4 || !strings.Contains(all[1], `"result":"refused by guard","guard":"never_close"`) ||
		strings.Contains(all[1], "sent") {
		t.Errorf("got %q, want an intent and an outcome with the guard", all)
	}
	if !strings.Contains(all[3], `"sent":"lost"`) || strings.Contains(all[3], "guard") {
		t.Errorf("got %q, want what became of the call", all[3])
	}
	if h := read(t, path); h.Broken != nil || h.Closures[0].Outcome.Guard != "never_close" ||
		h.Closures[1].Outcome.Sent != evidence.Lost {
		t.Errorf("got %+v and %v, want both read", h.Closures, h.Broken)
	}
}

// Many years of closures are read in seconds, and are not read again for each append. What is
// allocated on the way shows that without a clock: reading in the square of the length, or again
// for each append, allocates a thousand times as much.
func TestLog_manyClosures(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates for itself")
	}
	const closings, appends = 45000, 200
	path := filepath.Join(t.TempDir(), "log")
	text := manyClosures(t, closings)
	must(t, os.WriteFile(path, text, 0o600))
	size := uint64(len(text))
	var h evidence.History
	if got, most := allocated(func() { h = read(t, path) }), 20*size; got > most {
		t.Errorf("reading: got %d bytes allocated for a log of %d, want %d at most", got, size, most)
	}
	if len(h.Closures) != closings || h.Broken != nil {
		t.Fatalf("got %d closures and %v, want %d in an intact log", len(h.Closures), h.Broken, closings)
	}
	if got, most := allocated(func() { _ = h.Report("log", words) }), 40*size; got > most {
		t.Errorf("reporting: got %d bytes allocated for a log of %d, want %d at most", got, size, most)
	}
	l := evidence.New(path)
	must(t, l.Check(t.Context()))
	got := allocated(func() {
		for i := range appends {
			must(t, closeOnce(t.Context(), l, fmt.Sprint("new-", i), evidence.Closed))
		}
	})
	if got > size {
		t.Errorf("appending %d: got %d bytes allocated, want fewer than the log has: %d", appends, got, size)
	}
}

// allocated is how many bytes do allocates, those that it frees again too.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// manyClosures are the lines of a log with n closures.
func manyClosures(t *testing.T, n int) []byte {
	t.Helper()
	var log bytes.Buffer
	head := evidence.Start
	add := func(r evidence.Record) {
		r.Prev = head
		line, err := json.Marshal(r)
		must(t, err)
		head = fmt.Sprintf("%x", sha256.Sum256(line))
		log.Write(append(line, '\n'))
	}
	requests := make([]evidence.Request, 1)
	for i := range n {
		begin := intent(fmt.Sprint("u", i))
		add(evidence.Record{Intent: &begin})
		add(evidence.Record{Outcome: &evidence.Outcome{Intent: head, Result: evidence.Closed, Requests: requests}})
	}
	return log.Bytes()
}
