package provider

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// The tests that need a process group or a held lock do not run on Windows. The others compile there.

func ownGroup(*exec.Cmd) {}

func signalGroup(cmd *exec.Cmd, _ syscall.Signal) { _ = cmd.Process.Kill() }

func lockFile(*os.File) error { return errors.ErrUnsupported }
