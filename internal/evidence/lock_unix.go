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

// unlock ends the lock on the file. A close alone does not end it while a child process, which is
// being started, has the file, too.
func unlock(file *os.File) {
	if conn, err := file.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { _ = syscall.Flock(int(fd), syscall.LOCK_UN) })
	}
}
