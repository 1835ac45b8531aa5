package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// A file that has never been a log is left as it is, to the last byte.
func TestLog_neverWritesIntoWhatIsNotALog(t *testing.T) {
	t.Parallel()
	first := lines(t, newLog(t))[0]
	for name, content := range map[string]string{
		"a state file":                        "{\n  \"version\": 4,\n  \"serial\": 3,\n  \"resources\": []\n}\n",
		"a state file on one line":            `{"version":4,"resources":[]}`,
		"a picture":                           "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
		"a text":                              "Dear auditor,\nhere is the log.\n",
		"a word":                              "hello",
		"a log of something else":             strings.Repeat(`{"level":"info","msg":"closed"}`+"\n", 2),
		"JSON Lines with the same words":      `{"prev":"x","intent":{}}` + "\n",
		"an empty line":                       "\n",
		"blanks":                              "  ",
		"zeros":                               strings.Repeat("\x00", 4096),
		"an empty object":                     "{}",
		"two beginnings of a record":          first[:40] + "\n" + first[:50],
		"a record that is valid, without us":  `{"prev":"` + evidence.Start + `"}` + "\n",
		"a record with a number for a text":   `{"prev":"` + evidence.Start + `","intent":{"provider_version":7}}` + "\n",
		"a record with both":                  `{"prev":"` + evidence.Start + `","intent":{},"outcome":{}}` + "\n",
		"a byte order mark before the record": "\ufeff" + first,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			must(t, os.WriteFile(path, []byte(content), 0o600))
			l := evidence.New(path)
			_, begin := l.Begin(t.Context(), intent("u1"))
			_, earlier := l.Earlier(t.Context(), intent("u1").Account)
			for what, err := range map[string]error{
				"Begin": begin, "Earlier": earlier, "Check": l.Check(t.Context()), "Read": read(t, path).Broken,
				"Record": l.Record(t.Context(), intent("u1"), evidence.Outcome{Result: evidence.RefusedByGuard}),
			} {
				if err == nil || !strings.Contains(err.Error(), "is not an evidence log") {
					t.Errorf("%s: got %v, want that it is not an evidence log", what, err)
				}
			}
			if data, err := os.ReadFile(path); err != nil || string(data) != content {
				t.Errorf("got %q, want the file as it was", data)
			}
		})
	}
}

func TestLog_anEmptyFileIsANewLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	must(t, os.WriteFile(path, nil, 0o600))
	must(t, evidence.New(path).Check(t.Context()))
	must(t, closeOnce(t.Context(), evidence.New(path), "u1", evidence.Closed))
	if got, want := results(read(t, path)), "u1 closed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What a crash cannot have left is a break, and the log is not continued.
func TestLog_afterWhatNoCrashLeaves(t *testing.T) {
	t.Parallel()
	whole := lines(t, newLog(t))
	all := strings.Join(whole, "") + "\n"
	next := func(path string) string { return `{"prev":"` + read(t, path).Head + `"` }
	for name, c := range map[string]struct {
		tail  func(path string) string
		crash bool
	}{
		"nothing":                         {func(string) string { return "" }, true},
		"the beginning of a record":       {func(p string) string { return next(p) + `,"time":"20` }, true},
		"its first byte":                  {func(string) string { return "{" }, true},
		"a part of the hash":              {func(p string) string { return next(p)[:20] }, true},
		"zeros after a loss of power":     {func(p string) string { return next(p)[:20] + "\x00\x00\x00" }, true},
		"nothing but zeros":               {func(string) string { return "\x00\x00\x00" }, true},
		"a beginning and its line break":  {func(p string) string { return next(p) + "\n" }, true},
		"two beginnings":                  {func(p string) string { return next(p) + "\n" + next(p) }, false},
		"the beginning of another record": {func(string) string { return whole[3][:90] }, false},
		"a word":                          {func(string) string { return "hello" }, false},
		"an empty line":                   {func(string) string { return "\n" }, false},
		"a blank":                         {func(string) string { return " " }, false},
		"whole JSON that is not a record": {func(p string) string { return next(p) + "}" }, false},
		"JSON with a fault":               {func(p string) string { return next(p) + "oops" }, false},
		"a record with a wrong beginning": {
			func(p string) string { return strings.Replace(next(p), "prev", "Prev", 1) }, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			must(t, os.WriteFile(path, []byte(all), 0o600))
			content := all + c.tail(path)
			must(t, os.WriteFile(path, []byte(content), 0o600))
			var broken *evidence.BrokenError
			checked := evidence.New(path).Check(t.Context())
			err := closeOnce(t.Context(), evidence.New(path), "u4", evidence.Closed)
			if c.crash {
				if h := read(t, path); err != nil || checked != nil || h.Broken != nil {
					t.Errorf("got %v, %v and %v, want the log continued", checked, err, h.Broken)
				}
				return
			}
			if !errors.As(err, &broken) || broken.Line < 7 || !errors.As(checked, &broken) {
				t.Errorf("got %v and %v, want a break behind the last record", err, checked)
			}
			if data, _ := os.ReadFile(path); string(data) != content {
				t.Errorf("got %d bytes, want the %d from before", len(data), len(content))
			}
		})
	}
}

func TestLog_afterSomethingBehindTheLastRecordOnItsLine(t *testing.T) {
	t.Parallel()
	path := newLog(t)
	content := strings.Join(lines(t, path), "") + "hello\n"
	must(t, os.WriteFile(path, []byte(content), 0o600))
	var broken *evidence.BrokenError
	if err := evidence.New(path).Check(t.Context()); !errors.As(err, &broken) || broken.Line != 6 {
		t.Errorf("got %v, want a break at line 6", err)
	}
}

// A record that accounts for what is before it does not make a crash of what no crash leaves.
func TestRead_aTruncatedLineThatARecordAccountsFor(t *testing.T) {
	t.Parallel()
	const start = `{"prev":"HEAD","ti` + "\n"
	for name, c := range map[string]struct {
		torn string // what stood before the last record when it was written; HEAD is the hash of the record before it
		now  string // what is there
		want bool
	}{
		"the beginning of a record":    {start, start, true},
		"two of them":                  {start + start, start + start, false},
		"something else":               {"hello HEAD\n", "hello HEAD\n", false},
		"whole JSON":                   {`{"prev":"HEAD"}` + "\n", `{"prev":"HEAD"}` + "\n", false},
		"a beginning that was changed": {start, strings.Replace(start, "ti", "tim", 1), false},
		"a beginning that was removed": {start, "", false},
		"a beginning that was added":   {"", start, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newLog(t)
			all := lines(t, path)
			last := all[len(all)-1]
			head := strings.TrimPrefix(last, `{"prev":"`)[:64]
			if c.torn != "" {
				sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.ReplaceAll(c.torn, "HEAD", head))))
				last = strings.Replace(last, `","time"`, `","torn":"`+sum+`","time"`, 1)
			}
			now := strings.ReplaceAll(c.now, "HEAD", head)
			must(t, os.WriteFile(path, []byte(strings.Join(all[:len(all)-1], "")+now+last), 0o600))
			if h := read(t, path); (h.Broken == nil) != c.want {
				t.Errorf("got %v, want an intact log: %t", h.Broken, c.want)
			}
		})
	}
}

// What a run has seen in a file must stay there while it runs.
func TestLog_losesNothingThatItHasSeen(t *testing.T) {
	t.Parallel()
	other := newLog(t)
	for name, lose := range map[string]func(path string) error{
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"removed": os.Remove,
		"cut off": func(path string) error { return os.Truncate(path, int64(len(lines(t, path)[0]))) },
		"cut off by what it wrote last": func(path string) error {
			all := strings.Join(lines(t, path), "")
			return os.Truncate(path, int64(strings.LastIndex(strings.TrimSuffix(all, "\n"), "\n")+1))
		},
		"replaced": func(path string) error { return os.Rename(other, path) },
		"replaced by one of the same size": func(path string) error {
			text, err := os.ReadFile(path)
			copy(text[bytes.LastIndex(text, []byte(`"closed"`)):], `"failed"`)
			return errors.Join(err, os.WriteFile(path+".new", text, 0o600), os.Rename(path+".new", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newLog(t)
			l := evidence.New(path)
			must(t, closeOnce(t.Context(), l, "u4", evidence.Closed))
			must(t, lose(path))
			for range 2 {
				_, earlier := l.Earlier(t.Context(), intent("u4").Account)
				check := l.Check(t.Context())
				_, begin := l.Begin(t.Context(), intent("u5")) // the last, because it makes a file where there is none
				for what, err := range map[string]error{"Begin": begin, "Earlier": earlier, "Check": check} {
					if err == nil || !strings.Contains(err.Error(), "no longer holds the records") {
						t.Errorf("%s: got %v, want that records are missing", what, err)
					}
				}
			}
		})
	}
	t.Run("only read, and emptied", func(t *testing.T) {
		t.Parallel()
		path := newLog(t)
		l := evidence.New(path)
		must(t, l.Check(t.Context()))
		must(t, os.Truncate(path, 0))
		if err := l.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "no longer holds the records") {
			t.Errorf("got %v, want that records are missing", err)
		}
	})
	t.Run("copied and put back", func(t *testing.T) {
		t.Parallel()
		path := newLog(t)
		l := evidence.New(path)
		must(t, closeOnce(t.Context(), l, "u4", evidence.Closed))
		data, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path+".new", data, 0o600))
		must(t, os.Rename(path+".new", path))
		must(t, closeOnce(t.Context(), l, "u5", evidence.Closed))
		if got, want := results(read(t, path)), "u1 closed, u2 closed, u3 closed, u4 closed, u5 closed"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A crash has left the end of the log without a line break. One process has read it so, and then it
// or another one accounts for it. No process must call the log broken because of that.
func TestLog_aCutThatIsAccountedForAfterItWasReadIsNoBreak(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]int{
		"only the line break is missing": 1, "half of the record is missing": 40, "only the first byte is there": -1,
	} {
		for who, another := range map[string]bool{"another process": true, "the same process": false} {
			t.Run(name+", "+who, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "log.jsonl")
				entry, err := evidence.New(path).Begin(t.Context(), intent("1"))
				must(t, err)
				before, err := os.ReadFile(path)
				must(t, err)
				must(t, entry.End(t.Context(), evidence.Outcome{Result: evidence.Closed}))
				whole, err := os.ReadFile(path)
				must(t, err)
				end := len(whole) - cut
				if cut < 0 {
					end = len(before) + 1
				}
				must(t, os.WriteFile(path, whole[:end], 0o600))
				one := evidence.New(path)
				two := one
				if another {
					two = evidence.New(path)
				}
				for range 2 { // the second time nothing is new
					_, err = one.Earlier(t.Context(), intent("1").Account)
					must(t, err)
				}
				_, err = two.Begin(t.Context(), intent("2"))
				must(t, err)
				if _, err = one.Begin(t.Context(), intent("3")); err != nil {
					t.Errorf("got %v, want an intact log", err)
				}
				h, err := evidence.Read(t.Context(), path)
				must(t, err)
				if h.Broken != nil || len(h.Closures) != 3 {
					t.Errorf("got %v and %s, want an intact log with three closures", h.Broken, results(h))
				}
			})
		}
	}
}
