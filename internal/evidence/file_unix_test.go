//go:build !windows

package evidence_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// What is not a file is refused at once: opening a FIFO waits for a process at its other end.
func TestLog_refusesWhatIsNotAFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.Mkdir(at("folder"), 0o700))
	must(t, syscall.Mkfifo(at("fifo"), 0o600))
	must(t, os.Symlink(at("fifo"), at("link")))
	must(t, os.Symlink(os.DevNull, at("null")))
	t.Chdir(dir) // the name of a socket must be short
	socket, err := net.Listen("unix", "socket")
	must(t, err)
	t.Cleanup(func() { must(t, socket.Close()) })
	for name, path := range map[string]string{
		"a folder": at("folder"), "a FIFO": at("fifo"), "a link to a FIFO": at("link"), "a device": at("null"),
		"an endless device": "/dev/zero", "a socket": at("socket"),
	} {
		l := evidence.New(path)
		for what, use := range map[string]func() error{
			"Begin":   func() error { _, err := l.Begin(t.Context(), intent("u1")); return err },
			"Check":   func() error { return l.Check(t.Context()) },
			"Earlier": func() error { _, err := l.Earlier(t.Context(), intent("u1").Account); return err },
			"Read":    func() error { _, err := evidence.Read(t.Context(), path); return err },
		} {
			start := time.Now()
			if err := use(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
				t.Errorf("%s of %s: got %v, want that it is not a regular file", what, name, err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s of %s: got an answer after %v, want one at once", what, name, took)
			}
		}
	}
}
