//go:build linux

// Command bench measures what Terraform needs with this provider, and compares that with other
// ways:
//
//	bench CLI PROVIDER FLOOR
//
// CLI is Terraform 1.7 or newer. PROVIDER is the built provider, and FLOOR the built provider that
// does nothing. Everything happens on this machine, in a temporary directory and on a loopback
// port. The command writes tables in Markdown to standard output, and its progress to standard
// error. A missed promise is in the report and is not a failure, because a busy machine misses any
// promise. The command runs on Linux only, because that kernel says what a process used.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	if program := os.Getenv(programVariable); program != "" {
		os.Exit(wrapProvider(program, os.Getenv(usageVariable)))
	}
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: bench CLI PROVIDER FLOOR")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := bench(ctx, os.Args[1], os.Args[2], os.Args[3])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "The benchmarks failed: %v\n", err)
		os.Exit(1)
	}
}

// bench runs all trials and reports them.
func bench(ctx context.Context, cli, provider, nothing string) (err error) {
	for _, path := range []*string{&cli, &provider, &nothing} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	machine, err := describe(ctx, cli)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "offboard-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r, err := newRunner(ctx, cli, dir)
	if err != nil {
		return err
	}
	defer r.close()

	var results []result
	for _, t := range trials(provider, nothing) {
		all, err := t.measure(ctx, r, os.Stderr)
		if err != nil {
			return err
		}
		results = append(results, result{t, all})
	}
	report(os.Stdout, machine, &results[0], &results[1], &results[2])
	return nil
}

// trials returns those of one user, which shows the start, of few users at a slow vendor, and of
// many users at a fast one.
func trials(provider, nothing string) []trial {
	this := variant{name: ours, provider: provider, config: blocks, closes: true}
	provisioner := variant{name: curl, config: provisioners, closes: true}
	if _, err := exec.LookPath("curl"); err != nil {
		provisioner.missing = "there is no curl on this machine"
	}
	idle := variant{name: floor, provider: nothing, config: blocks}
	return []trial{
		{1, 0, map[operation]int{importing: 1, planning: 21, destroying: 1}, []variant{this, idle}},
		{
			200, 50 * time.Millisecond, map[operation]int{importing: 3, planning: 7, destroying: 3},
			[]variant{this, provisioner, idle},
		},
		{1000, 0, map[operation]int{importing: 1, planning: 5, destroying: 1}, []variant{this, provisioner, idle,
			{name: ours + ", `for_each` over a map", provider: provider, config: overMap, slow: true},
			{name: ours + ", `for_each` over a set", provider: provider, config: overSet, slow: true},
		}},
	}
}

// describe returns a text about the machine of the benchmarks.
func describe(ctx context.Context, cli string) (string, error) {
	version, err := exec.CommandContext(ctx, cli, "version").Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w", cli, err)
	}
	first, _, _ := strings.Cut(string(version), "\n")
	return fmt.Sprintf("%s, %s, on %s/%s with %d processors",
		first, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), nil
}
