package evidence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func anIntent(id string) Intent {
	return Intent{Account: Account{Vendor: "konstantly", Tenant: "acme.konstant.ly", ID: id}, Action: Close}
}

// What a caller knows as written survives a loss of power: the file is synced after the write, and
// so is the name of a new one.
func TestLog_isOnTheDiskWhenBeginAndEndReturn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "log")
	place := newFilePlace(path)
	l := &Log{place}
	var synced []string
	place.sync = func(file *os.File) error {
		what := filepath.Base(file.Name())
		if file.Name() == path {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			what = fmt.Sprint(strings.Count(string(data), "\n"), " lines")
		}
		synced = append(synced, what)
		return nil
	}
	entry, err := l.Begin(t.Context(), anIntent("u1"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Base(dir), "1 lines"}; !slices.Equal(synced, want) {
		t.Errorf(
			"after Begin: synced %v, want %v: the name of the new file, and the file when the record was in it", synced, want,
		)
	}
	if err := entry.End(t.Context(), Outcome{Result: Closed}); err != nil {
		t.Fatal(err)
	}
	if err := l.Record(t.Context(), anIntent("u2"), Outcome{Result: RefusedByGuard}); err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Base(dir), "1 lines", "2 lines", "4 lines"}; !slices.Equal(synced, want) {
		t.Errorf("got synced %v, want %v", synced, want)
	}
}

// A new file has its name in the folder that a link leads to, not in that of the link.
func TestLog_theNameOfAFileBehindALinkIsOnTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{
		"absolute": filepath.Join(folder, "log"), "relative": filepath.Join("folder", "another log"),
	} {
		link := filepath.Join(dir, name)
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
		place := newFilePlace(link)
		l := &Log{place}
		var synced []string
		place.sync = func(file *os.File) error {
			synced = append(synced, file.Name())
			return nil
		}
		if err := l.Record(t.Context(), anIntent("u1"), Outcome{Result: Closed}); err != nil {
			t.Fatal(err)
		}
		if want := []string{folder, link}; !slices.Equal(synced, want) {
			t.Errorf("%s: got synced %v, want %v", name, synced, want)
		}
	}
}

func TestNew_syncsByTheOperatingSystem(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	if err := newFilePlace("").sync(file); !errors.Is(err, os.ErrClosed) {
		t.Errorf("syncing a closed file: got %v, want the operating system's refusal", err)
	}
}

// A record that may not be on the disk is an error, and leaves nothing behind that a later reader
// takes for one.
func TestLog_takesBackWhatIsNotOnTheDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	place := newFilePlace(path)
	l := &Log{place}
	if err := l.Record(t.Context(), anIntent("u1"), Outcome{Result: Closed}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left")
	place.sync = func(*os.File) error { return full }
	for range 2 {
		if _, err := l.Begin(t.Context(), anIntent("u2")); !errors.Is(err, full) {
			t.Errorf("got %v, want %v", err, full)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("got %d bytes and %v, want the %d bytes from before", len(after), err, len(before))
	}
	place.sync = (*os.File).Sync
	if err := l.Record(t.Context(), anIntent("u2"), Outcome{Result: Closed}); err != nil {
		t.Errorf("with space again: got %v, want the log continued", err)
	}
}

// hold locks a file as another process does.
func hold(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if locked, err := tryLock(file, true); !locked || err != nil {
		t.Fatal(locked, err)
	}
	return file
}

func TestLog_aLockThatIsHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, moved := filepath.Join(dir, "log"), filepath.Join(dir, "moved")
	soft, hard := filepath.Join(dir, "soft"), filepath.Join(dir, "hard")
	if err := New(path).Record(t.Context(), anIntent("u1"), Outcome{Result: Closed}); err != nil {
		t.Fatal(err)
	}
	lock := hold(t, path)
	if err := errors.Join(os.Symlink(moved, soft), os.Link(path, hard), os.Rename(path, moved)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{moved, soft, hard} {
		for what, use := range map[string]func(context.Context) error{
			"Begin":   func(ctx context.Context) error { _, err := New(name).Begin(ctx, anIntent("u2")); return err },
			"Check":   func(ctx context.Context) error { return New(name).Check(ctx) },
			"Earlier": func(ctx context.Context) error { _, err := New(name).Earlier(ctx, Account{}); return err },
			"Read":    func(ctx context.Context) error { _, err := Read(ctx, name); return err },
		} {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				if err := use(t.Context()); !errors.Is(err, errHeld) || time.Since(start) > lockWait+time.Second {
					t.Errorf(
						"%s of %s: got %v after %v, want that the lock is held, after %v", what, name, err, time.Since(start), lockWait,
					)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start = time.Now()
				if err := use(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 2*time.Second {
					t.Errorf("%s of %s: got %v after %v, want the caller's deadline", what, name, err, time.Since(start))
				}
			})
		}
	}
	_ = lock.Close()
	if err := New(hard).Record(t.Context(), anIntent("u2"), Outcome{Result: Closed}); err != nil {
		t.Error(err)
	}
}

// Many closures that wait behind a lock wait at the same time, not one after the other.
func TestLog_allWaitersEndTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	if err := New(path).Record(t.Context(), anIntent("u1"), Outcome{Result: Closed}); err != nil {
		t.Fatal(err)
	}
	lock := hold(t, path)
	defer func() { _ = lock.Close() }()
	synctest.Test(t, func(t *testing.T) {
		l, start := New(path), time.Now()
		results := make(chan error)
		for range 10 {
			go func() { results <- l.Check(t.Context()) }()
		}
		for range 10 {
			if err := <-results; !errors.Is(err, errHeld) {
				t.Errorf("got %v, want that the lock is held", err)
			}
		}
		if took := time.Since(start); took > lockWait+time.Second {
			t.Errorf("got %v for ten, want %v", took, lockWait)
		}
	})
}

// Who waits for the lock of a file that another one replaces meanwhile writes to the new one.
func TestLog_theFileIsReplacedWhileItWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, next := filepath.Join(dir, "log"), filepath.Join(dir, "next")
	for _, name := range []string{path, next} {
		if err := New(name).Record(t.Context(), anIntent("in "+filepath.Base(name)), Outcome{Result: Closed}); err != nil {
			t.Fatal(err)
		}
	}
	lock := hold(t, path)
	synctest.Test(t, func(t *testing.T) {
		done := make(chan error, 1)
		go func() { done <- New(path).Record(t.Context(), anIntent("u2"), Outcome{Result: Closed}) }()
		time.Sleep(time.Second)
		if err := errors.Join(os.Rename(path, path+".old"), os.Rename(next, path), lock.Close()); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
	h, err := Read(t.Context(), path)
	if err != nil || h.Broken != nil || len(h.Closures) != 2 || h.Closures[0].ID != "in next" {
		t.Errorf("got %v, %v and %d closures, want two in the file that has the name now", err, h.Broken, len(h.Closures))
	}
	if old, err := Read(t.Context(), path+".old"); err != nil || len(old.Closures) != 1 {
		t.Errorf("got %v and %d closures in the old file, want one", err, len(old.Closures))
	}
}

// What the operating system refuses to lock is an error at once, and not retried until the time is
// up.
func TestWaitForLock_endsForAnError(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := waitForLock(ctx, file, true); err == nil || ctx.Err() != nil {
			t.Errorf("got %v and %v, want an error for a file that is closed, at once", err, ctx.Err())
		}
	})
}
