package evidence

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock locks the file. It returns false if another process has locked it. On Windows, a lock
// keeps others from reading and writing what is locked. So the lock is on one byte that no file
// has.
func tryLock(file *os.File, alone bool) (bool, error) {
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if alone {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return false, err
	}
	var locking error
	at := windows.Overlapped{Offset: math.MaxUint32 - 1, OffsetHigh: math.MaxInt32}
	err = conn.Control(func(fd uintptr) { locking = windows.LockFileEx(windows.Handle(fd), flags, 0, 1, 0, &at) })
	if err != nil {
		return false, err
	}
	if errors.Is(locking, windows.ERROR_LOCK_VIOLATION) || errors.Is(locking, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return locking == nil, locking
}

// unlock does nothing: closing the file ends the lock on it, because no child process has the file.
func unlock(*os.File) {}
