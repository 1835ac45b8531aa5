//go:build !windows

package evidence

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A process that is being started has every open file of its parent for a moment. Whoever comes
// next must not wait for it.
func TestCloseLocked_endsTheLockAlthoughAChildHasTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	file, err := openLocked(t.Context(), path, os.O_RDWR|os.O_CREATE, true)
	if err != nil {
		t.Fatal(err)
	}
	child, err := syscall.Dup(int(file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(child) })
	if err := closeLocked(file); err != nil {
		t.Fatal(err)
	}
	next, err := openRegular(path, os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	if locked, err := tryLock(next, true); !locked || err != nil {
		t.Errorf("got %t and %v, want the file free", locked, err)
	}
}
