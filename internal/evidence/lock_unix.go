//go:build !windows

package evidence

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks the file. It returns false if another process has locked it.
func tryLock(file *os.File, alone bool) (bool, error) {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return false, err
	}
	var locking error
	if err := conn.Control(func(fd uintptr) { locking = syscall.Flock(int(fd), how|syscall.LOCK_NB) }); err != nil {
		return false, err
	}
	if errors.Is(locking, syscall.EWOULDBLOCK) || errors.Is(locking, syscall.EINTR) {
		return false, nil
	}
	return locking == nil, locking
}
