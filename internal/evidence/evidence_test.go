package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// appendTo is the variable with which a test says to a copy of itself which log to append to.
const appendTo = "EVIDENCE_TEST_APPEND_TO"

const perProcess = 25

func TestMain(m *testing.M) {
	if path := os.Getenv(spendIn); path != "" {
		if err := spendBudget(context.Background(), evidence.New(path), strconv.Itoa(os.Getpid()), perProcess); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if path := os.Getenv(appendTo); path != "" {
		for i := range perProcess {
			if err := closeOnce(
				context.Background(), evidence.New(path), fmt.Sprintf("%d-%d", os.Getpid(), i), evidence.Closed,
			); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		return
	}
	os.Exit(m.Run())
}

func intent(id string) evidence.Intent {
	return evidence.Intent{
		Account: evidence.Account{Vendor: "konstantly", Tenant: "acme.konstant.ly", ID: id},
		Email:   id + "@acme.test", Name: "Ines Varga", Status: "active", Action: evidence.Close,
		Facts: map[string]string{"role": "learner"}, Findings: []offboard.Finding{{Kind: offboard.RefusalNotKnowable}},
		Reason: "HR-1234", ProviderVersion: "1.2.3",
	}
}

func closeOnce(ctx context.Context, l *evidence.Log, id string, result evidence.Result) error {
	e, err := l.Begin(ctx, intent(id))
	if err != nil {
		return err
	}
	return e.End(ctx, evidence.Outcome{Result: result})
}

// newLog is a log with three closures, u1, u2 and u3.
func newLog(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "offboarding.jsonl")
	l := evidence.New(path)
	for _, id := range []string{"u1", "u2", "u3"} {
		must(t, closeOnce(t.Context(), l, id, evidence.Closed))
	}
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) evidence.History {
	t.Helper()
	h, err := evidence.Read(t.Context(), path)
	must(t, err)
	return h
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
}

func results(h evidence.History) string {
	var all []string
	for _, c := range h.Closures {
		all = append(all, c.ID+" "+string(c.Outcome.Result))
	}
	return strings.Join(all, ", ")
}

func TestLog(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	h := read(t, path)
	if got, want := results(h), "u1 closed, u2 closed, u3 closed"; got != want || h.Broken != nil {
		t.Errorf("got %s and %v, want %s and an intact log", got, h.Broken, want)
	}
	if got := lines(t, path); len(got) != 6 || !strings.HasPrefix(got[0], `{"prev":"`+evidence.Start+`"`) {
		t.Errorf("got %d lines, the first %q, want 6, beginning at the start", len(got), got[0])
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v and %v, want a file that only its owner can read", info.Mode(), err)
	}
	head := h.Head
	must(t, closeOnce(t.Context(), evidence.New(path), "u4", evidence.Refused))
	if h := read(t, path); !h.Holds(head) || !h.Holds(h.Head) || h.Head == head || h.Holds("") ||
		h.Holds(strings.Repeat("f", 64)) {
		t.Errorf("want a new head, and both it and the one before, and nothing else, to be found in the log")
	}
}

func TestRead_tampered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tamper func(lines []string) []string
		line   int
	}{
		"a changed name": {
			func(l []string) []string { l[0] = strings.Replace(l[0], "Ines", "Otto", 1); return l }, 2,
		},
		"a changed time": {
			func(l []string) []string { l[3] = strings.Replace(l[3], `"time":"2`, `"time":"3`, 1); return l }, 5,
		},
		"a removed line":               {func(l []string) []string { return slices.Delete(l, 2, 3) }, 3},
		"a removed closure":            {func(l []string) []string { return slices.Delete(l, 2, 4) }, 3},
		"a removed beginning":          {func(l []string) []string { return l[2:] }, 1},
		"two lines in another order":   {func(l []string) []string { l[2], l[3] = l[3], l[2]; return l }, 3},
		"a line twice":                 {func(l []string) []string { return slices.Insert(l, 2, l[1]) }, 3},
		"a strange line":               {func(l []string) []string { return slices.Insert(l, 2, "hello\n") }, 3},
		"an empty line":                {func(l []string) []string { return slices.Insert(l, 2, "\n") }, 3},
		"a line that became strange":   {func(l []string) []string { l[2] = "{}\n"; return l }, 3},
		"a strange line at the end":    {func(l []string) []string { return append(l, "\n", "hello\n") }, 7},
		"a last line that is cut off":  {func(l []string) []string { l[5] = l[5][:len(l[5])/2]; return l }, 6},
		"a last line that is doubled":  {func(l []string) []string { l[5] += "\n"; return append(l, l[5]) }, 7},
		"an empty file but for blanks": {func([]string) []string { return []string{"  "} }, 1},
	} {
		path := newLog(t)
		must(t, os.WriteFile(path, []byte(strings.Join(c.tamper(lines(t, path)), "")), 0o600))
		h := read(t, path)
		var broken *evidence.BrokenError
		if !errors.As(h.Broken, &broken) || broken.Line != c.line {
			t.Errorf("%s: got %v, want a break at line %d", name, h.Broken, c.line)
		}
	}
}

func TestRead_aMissingEndIsSeenByTheHeadKeptElsewhereOnly(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	head := read(t, path).Head
	must(t, os.WriteFile(path, []byte(strings.Join(lines(t, path)[:4], "")), 0o600))
	if h := read(t, path); h.Broken != nil || h.Holds(head) {
		t.Errorf("got %v and the head held %t, want an intact chain without the head", h.Broken, h.Holds(head))
	}
}

func TestRead_noFile(t *testing.T) {
	t.Parallel()
	if _, err := evidence.Read(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

// Wherever a crash cuts the last line off, the next record accounts for the rest of it.
func TestLog_appendsAfterATruncatedLine(t *testing.T) {
	t.Parallel()
	whole := lines(t, newLog(t))
	last := len(whole) - 1
	for cut := 1; cut <= len(whole[last]); cut += 17 {
		path := filepath.Join(t.TempDir(), "log")
		must(t, os.WriteFile(path, []byte(strings.Join(whole[:last], "")+whole[last][:cut]), 0o600))
		isWhole := cut >= len(whole[last])
		if h := read(t, path); (h.Broken == nil) != isWhole {
			t.Fatalf("cut at %d: got %v, want a break unless the record is whole", cut, h.Broken)
		}
		must(t, evidence.New(path).Check(t.Context()))
		must(t, closeOnce(t.Context(), evidence.New(path), "u3", evidence.Closed))
		h := read(t, path)
		if got := results(h); strings.Contains(got, "u3 interrupted") == isWhole {
			t.Errorf("cut at %d: got %s, want the closure whose outcome was cut off to be continued", cut, got)
		}
		if want := 1; !isWhole && (h.Broken != nil || h.Cuts != want) {
			t.Errorf("cut at %d: got %v and %d cuts, want an intact log with %d", cut, h.Broken, h.Cuts, want)
		}
		const told = "Lines cut off by a crash, and accounted for by the record after them: 1\n"
		if got := h.Report("log", words); strings.Contains(got, told) == isWhole {
			t.Errorf("cut at %d: got %s, want the line that was cut off counted: %t", cut, got, !isWhole)
		}
		if isWhole {
			continue
		}
		after := lines(t, path)
		after[last] = strings.Replace(after[last], "{", "[", 1)
		must(t, os.WriteFile(path, []byte(strings.Join(after, "")), 0o600))
		if h := read(t, path); h.Broken == nil {
			t.Errorf("cut at %d: got an intact log although a torn line was changed, want a break", cut)
		}
	}
}

func TestLog_resumesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	before := evidence.New(path)
	crashed, err := before.Begin(t.Context(), intent("u9"))
	must(t, err)
	if got := results(read(t, path)); !strings.HasSuffix(got, "u9 unfinished") {
		t.Errorf("got %s, want u9 unfinished", got)
	}
	_, err = evidence.New(path).Begin(t.Context(), evidence.Intent{
		Account: evidence.Account{Vendor: "konstantly", Tenant: "other.konstant.ly", ID: "u9"},
	})
	must(t, err)
	if got := results(read(t, path)); !strings.HasSuffix(got, "u9 unfinished, u9 unfinished") {
		t.Errorf("got %s, want the closure of another tenant's account to be one of its own", got)
	}
	next, err := evidence.New(path).Begin(t.Context(), intent("u9"))
	must(t, err)
	must(t, next.End(t.Context(), evidence.Outcome{Result: evidence.AlreadyClosed}))
	if got := results(read(t, path)); !strings.HasSuffix(got, "u9 interrupted, u9 unfinished, u9 already closed") {
		t.Errorf("got %s, want u9 interrupted and then closed", got)
	}
	must(t, crashed.End(t.Context(), evidence.Outcome{Result: evidence.Failed})) // it was only slow
	if err := next.End(t.Context(), evidence.Outcome{Result: evidence.Closed}); err == nil {
		t.Error("got no error for a second outcome, want one")
	}
	if h := read(t, path); h.Broken != nil ||
		!strings.HasSuffix(results(h), "u9 failed, u9 unfinished, u9 already closed") {
		t.Errorf("got %s and %v, want an intact log in which each has its own outcome", results(h), h.Broken)
	}
}

func TestBegin_refusesWhatCannotBeContinued(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := newLog(t)
	text := strings.Join(lines(t, broken), "")
	must(t, os.WriteFile(broken, []byte(strings.Replace(text, "Ines", "Otto", 1)), 0o600))
	must(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	must(t, os.Symlink(os.DevNull, filepath.Join(dir, "null")))
	for name, path := range map[string]string{
		"a broken log": broken, "a folder": filepath.Join(dir, "folder"),
		"a folder that is not there": filepath.Join(dir, "none", "log"),
		"a device":                   filepath.Join(dir, "null"),
	} {
		l := evidence.New(path)
		for range 2 { // it does not get better by trying again
			if _, err := l.Begin(t.Context(), intent("u1")); err == nil {
				t.Errorf("%s: got no error, want one", name)
			}
		}
	}
	if got, want := len(strings.Join(lines(t, broken), "")), len(text); got != want {
		t.Errorf("got a broken log of %d bytes, want it left alone with %d", got, want)
	}
}

func TestEnd_refusesALogWithoutTheIntent(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	e, err := evidence.New(path).Begin(t.Context(), intent("u4"))
	must(t, err)
	must(t, os.Rename(path, path+".old"))
	for range 2 {
		if err := e.End(t.Context(), evidence.Outcome{Result: evidence.Closed}); err == nil {
			t.Error("got no error, want one")
		}
	}
	if h := read(t, path); len(h.Closures) > 0 || h.Broken != nil {
		t.Errorf("got %s in the new file, want nothing", results(h))
	}
}

func TestLog_manyProcesses(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	var group sync.WaitGroup
	const processes = 4
	for range processes {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), appendTo+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("got %v: %s", err, out)
			}
		})
	}
	shared := evidence.New(path)
	for i := range perProcess {
		group.Go(func() {
			if err := closeOnce(t.Context(), shared, fmt.Sprint("here-", i), evidence.Closed); err != nil {
				t.Error(err)
			}
			if h, err := evidence.Read(t.Context(), path); err != nil || h.Broken != nil {
				t.Errorf("reading meanwhile: got %v and %v, want an intact log", err, h.Broken)
			}
		})
	}
	group.Wait()
	h := read(t, path)
	if got, want := strings.Count(results(h), " closed"), 3+(processes+1)*perProcess; got != want || h.Broken != nil {
		t.Errorf("got %d closures and %v, want %d in an intact log", got, h.Broken, want)
	}
}

// A closure of many requests makes a long line.
func TestLog_aLongRecord(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	l := evidence.New(path)
	long := intent("u1")
	long.Reason = strings.Repeat("a", 1<<20)
	must(t, l.Record(t.Context(), long, evidence.Outcome{Result: evidence.Closed}))
	must(t, closeOnce(t.Context(), evidence.New(path), "u2", evidence.Closed))
	h := read(t, path)
	if got, want := results(h), "u1 closed, u2 closed"; got != want || h.Broken != nil {
		t.Fatalf("got %s and %v, want %s", got, h.Broken, want)
	}
	if got, want := len(h.Closures[0].Reason), len(long.Reason); got != want {
		t.Errorf("got a reason of %d bytes, want %d", got, want)
	}
}

// A file without line breaks is not taken into memory to its end.
func TestLog_aLineThatIsLongerThanAnyRecord(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	size := int64(len(strings.Join(lines(t, path), "")))
	must(t, os.Truncate(path, size+65<<20)) // with zeros, which take no room on the disk
	h := read(t, path)
	for what, err := range map[string]error{"Read": h.Broken, "Check": evidence.New(path).Check(t.Context())} {
		var broken *evidence.BrokenError
		if !errors.As(err, &broken) || broken.Line != 7 || !strings.Contains(err.Error(), "longer than any record") {
			t.Errorf("%s: got %v, want that line 7 is too long", what, err)
		}
	}
	if got, want := results(h), "u1 closed, u2 closed, u3 closed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Behind a break of the chain nothing changes what the history says of the closures before it.
func TestRead_aRecordAfterABreak(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for range 2 {
		_, err := evidence.New(path).Begin(t.Context(), intent("u1"))
		must(t, err)
	}
	if got, want := results(read(t, path)), "u1 interrupted, u1 unfinished"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	must(t, os.WriteFile(path, []byte(lines(t, path)[0]+"{}\n"+lines(t, path)[1]), 0o600))
	if got, want := results(read(t, path)), "u1 unfinished, u1 unfinished"; got != want {
		t.Errorf("behind a break: got %s, want %s", got, want)
	}
}
