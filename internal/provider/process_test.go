package provider

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// running is a CLI under way.
type running struct {
	c      *cli
	cmd    *exec.Cmd
	output *screen
	over   chan struct{} // closed when the CLI and every provider it has started are dead
}

// orphanTime is how long a provider may live on after its CLI. It makes no further request then,
// but one that was just starting when its CLI was killed waits for it for ever.
const orphanTime = 2 * time.Second

// start starts the CLI.
func (c *cli) start(args ...string) *running {
	c.t.Helper()
	if args[0] != "state" { // it prints no colors and does not know the option
		args = slices.Insert(slices.Clone(args), 1, "-no-color")
	}
	return c.startProgram(c.path, args...)
}

// startProgram starts the CLI, or a shell that does.
func (c *cli) startProgram(name string, args ...string) *running {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), cliTime)
	c.t.Cleanup(cancel)
	r := &running{c: c, output: newScreen(), over: make(chan struct{})}
	r.cmd = exec.CommandContext(ctx, name, args...)
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = c.dir, r.output, r.output
	r.cmd.Env = append(cleanEnvironment(c.dir), c.env...)
	// The CLI and its providers inherit one end; the other one ends when all of them are dead.
	alive, held, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	r.cmd.ExtraFiles = []*os.File{held}
	ownGroup(r.cmd)
	if err := r.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	_ = held.Close()
	go func() {
		defer close(r.over)
		_, _ = io.Copy(io.Discard, alive)
		_ = alive.Close()
	}()
	return r
}

// wait waits for the end of the CLI and of its providers.
func (r *running) wait() result {
	r.c.t.Helper()
	if err := r.cmd.Wait(); r.cmd.ProcessState == nil {
		r.c.t.Fatal(err)
	}
	select {
	case <-r.over:
	case <-time.After(orphanTime):
		r.killAll()
		<-r.over
	}
	return r.result()
}

// result is how the CLI ended.
func (r *running) result() result {
	r.output.end()
	raw := r.output.String()
	return result{
		t:    r.c.t,
		args: r.cmd.Args[1:],
		code: r.cmd.ProcessState.ExitCode(),
		raw:  raw,
		text: strings.Join(strings.Fields(raw), " "),
	}
}

// kill kills the CLI by SIGKILL, and not its provider.
func (r *running) kill() { _ = r.cmd.Process.Kill() }

// killProvider kills the CLI's provider by SIGKILL.
func (r *running) killProvider() {
	for _, provider := range r.providers() {
		_ = provider.Kill()
	}
}

// killAll kills the CLI and its providers by SIGKILL.
func (r *running) killAll() { signalGroup(r.cmd, syscall.SIGKILL) }

// providers are the processes that the CLI has started and that are still there.
func (r *running) providers() []*os.Process {
	r.c.t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		r.c.t.Errorf("looking for the provider needs /proc: %v", err)
	}
	var all []*os.Process
	for _, path := range stats {
		var pid, parent int
		var name, state string
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		if _, err := fmt.Sscan(string(stat), &pid, &name, &state, &parent); err != nil || parent != r.cmd.Process.Pid {
			continue
		}
		if process, err := os.FindProcess(pid); err == nil {
			all = append(all, process)
		}
	}
	return all
}

// interrupt does what one Ctrl-C does, and returns when the CLI has said that it noticed.
func (r *running) interrupt() {
	_ = r.cmd.Process.Signal(os.Interrupt)
	r.output.await("Interrupt received")
}

// screen collects what a process prints, and lets a test wait for a text.
type screen struct {
	mu      sync.Mutex
	changed *sync.Cond
	text    bytes.Buffer
	ended   bool
}

func newScreen() *screen {
	s := &screen{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed.Broadcast()
	return s.text.Write(p)
}

// String is what was printed so far.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// end says that nothing more is printed.
func (s *screen) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.changed.Broadcast()
}

// await waits until a text is printed, or the end.
func (s *screen) await(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.ended && !strings.Contains(s.text.String(), text) {
		s.changed.Wait()
	}
}
