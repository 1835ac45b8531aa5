//go:build !windows

package provider

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts a CLI into a process group of its own, so that it and its providers can get a signal
// together.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// signalGroup sends a signal to a CLI and its providers.
func signalGroup(cmd *exec.Cmd, signal syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, signal) }

// lockFile locks a file as another process does.
func lockFile(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
