//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// usage is what a process used.
type usage struct {
	CPU  time.Duration // user and system time
	Peak int64         // resident memory in bytes, at its highest
}

// The environment of a process that runs the provider: the program of the provider, and the
// directory for the file with what it used.
const (
	programVariable = "BENCH_PROVIDER"
	usageVariable   = "BENCH_USAGE"
)

// wrapProvider runs the provider for this process, which the CLI started as the provider. It writes
// what the provider used to a file, and returns the exit code. The kernel says what a process used
// only to its parent, and without this process that would be the CLI.
//
// The file is there from the start and empty until the end. So a provider that was killed is an
// error.
func wrapProvider(program, dir string) int {
	runtime.LockOSThread() // the provider must end with this process, which for the kernel is this thread
	file := filepath.Join(dir, strconv.Itoa(os.Getpid()))
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return failed(err)
	}
	c := exec.CommandContext(context.Background(), program, os.Args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		return failed(err)
	}
	peak := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	text, err := json.Marshal(usage{CPU: cpu(c.ProcessState), Peak: peak})
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return failed(err)
	}
	return c.ProcessState.ExitCode()
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// providers returns what all providers with a file in dir used: the CPU time of all, and the peak
// of the largest, because they run one after the other.
func providers(dir string) (usage, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return usage{}, err
	}
	var all usage
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return usage{}, err
		}
		var one usage
		if err := json.Unmarshal(text, &one); err != nil {
			return usage{}, fmt.Errorf("a provider was killed before it wrote what it used: %w", err)
		}
		all.CPU += one.CPU
		all.Peak = max(all.Peak, one.Peak)
	}
	return all, nil
}

// run runs the CLI. It returns how long that took, what the CLI used, and what the providers used,
// which have their files in dir. Other processes that the CLI starts, curl for example, count as
// the CLI.
func run(c *exec.Cmd, dir string) (wall time.Duration, cli, provider usage, err error) {
	started := time.Now()
	if err := c.Start(); err != nil {
		return 0, usage{}, usage{}, err
	}
	ended, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watch(c.Process.Pid, ended) }()
	err = c.Wait()
	wall = time.Since(started)
	close(ended)
	cli.Peak = <-peak
	if err != nil {
		return 0, usage{}, usage{}, err
	}
	provider, err = providers(dir)
	cli.CPU = cpu(c.ProcessState) - provider.CPU // the kernel adds a child's time to its parent's
	return wall, cli, provider, err
}

func cpu(s *os.ProcessState) time.Duration { return s.UserTime() + s.SystemTime() }

// watch reads the peak memory of a process until it has ended. The kernel keeps the highest value,
// so only the last moment is missed. After the end the value would include the largest child.
func watch(pid int, ended <-chan struct{}) (peak int64) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			peak = max(peak, highWater(status))
		}
		select {
		case <-ended:
			return peak
		case <-tick.C:
		}
	}
}

// highWater returns the line VmHWM of a process's status in bytes, or 0 if the process has ended.
func highWater(status []byte) int64 {
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
