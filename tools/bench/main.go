//go:build linux

// Command bench measures what Terraform needs with this provider, and compares that with other
// ways:
//
//	bench CLI PROVIDER FLOOR RATES [OPENTOFU]
//
// CLI is Terraform 1.7 or newer. PROVIDER is the built provider, and FLOOR the built provider that
// does nothing. RATES is the file that TestCost_atTheRealRateLimits has written. Everything happens
// on this machine, in a temporary directory and on a loopback port. The command is run at the root of
// the repository, because it reads a definition there. It writes tables in
// Markdown to standard output, and its progress to standard error. A missed promise is in the
// report and is not a failure, because a busy machine misses any promise. The command runs on Linux
// only, because that kernel says what a process used.
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
	if len(os.Args) != 5 && len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: bench CLI PROVIDER FLOOR RATES [OPENTOFU]")
		os.Exit(2)
	}
	p := programs{cli: os.Args[1], provider: os.Args[2], nothing: os.Args[3], definition: definitionFile}
	if len(os.Args) == 6 {
		p.tofu = os.Args[5]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := bench(ctx, &p, os.Args[4])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "The benchmarks failed: %v\n", err)
		os.Exit(1)
	}
}

// programs are the paths of what is measured.
type programs struct {
	cli, tofu         string // Terraform, and OpenTofu, which may be empty
	provider, nothing string
	definition        string // of a vendor that the provider knows itself, too
}

// absolute makes all paths absolute.
func (p *programs) absolute() (err error) {
	for _, path := range []*string{&p.cli, &p.tofu, &p.provider, &p.nothing, &p.definition} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}

// bench runs all trials and reports them.
func bench(ctx context.Context, p *programs, rates string) (err error) {
	var all measured
	if all.rates, err = readRates(rates); err != nil {
		return err
	}
	if err = p.absolute(); err != nil {
		return err
	}
	if all.machine, err = describe(ctx, p); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "offboard-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r, err := newRunner(ctx, p.cli, dir)
	if err != nil {
		return err
	}
	defer r.close()

	all.start.trial, all.slow.trial, all.large.trial, all.huge.trial = trials(p)
	for _, t := range all.trials() {
		if t.samples, err = t.measure(ctx, r, os.Stderr); err != nil {
			return err
		}
	}
	report(os.Stdout, &all)
	return nil
}

// trials returns those of one user, which shows the start, of few users at a slow vendor, of many
// users at a fast one, and of very many users.
func trials(p *programs) (start, slow, large, huge trial) {
	this := variant{name: ours, provider: p.provider, config: blocks, closes: true}
	idle := variant{name: floor, provider: p.nothing, config: blocks}
	provisioner := variant{name: curl, config: provisioners, closes: true}
	if _, err := exec.LookPath("curl"); err != nil {
		provisioner.missing = "there is no curl on this machine"
	}
	thisOnTofu, idleOnTofu := onTofu(this, p.tofu), onTofu(idle, p.tofu)
	stay, overMap, overSet, remote, described := this, this, this, this, this
	stay.name, stay.blocks, stay.slow = ours+withBlocks, true, true
	overMap.name, overMap.config, overMap.kept = ours+withMap, overMaps, true
	overSet.name, overSet.config, overSet.kept, overSet.slow = ours+withSet, overASet, true, true
	remote.name, remote.remote = ours+withRemote, true
	described.name, described.definition = ours+withDefinition, p.definition
	start = trial{
		users: 1, repeats: map[operation]int{importing: 1, planning: 21, destroying: 1},
		variants: []variant{this, idle},
	}
	slow = trial{
		users: 200, latency: 50 * time.Millisecond,
		repeats:  map[operation]int{importing: 3, planning: 7, destroying: 3},
		variants: []variant{this, described, stay, provisioner, idle, thisOnTofu, idleOnTofu},
	}
	large = trial{
		users: 1000, repeats: map[operation]int{importing: 1, planning: 5, destroying: 1},
		variants: []variant{this, provisioner, idle, remote, overMap, overSet},
	}
	this.config, idle.config = overMaps, overMaps
	huge = trial{
		users: 10_000, form: "in ten blocks with `for_each` over a map",
		repeats:  map[operation]int{importing: 1, planning: 1},
		variants: []variant{this, idle},
	}
	return start, slow, large, huge
}

// onTofu returns a variant with OpenTofu instead of Terraform.
func onTofu(v variant, tofu string) variant {
	v.name, v.cli = v.name+withTofu, tofu
	if tofu == "" {
		v.missing = "there is no OpenTofu on this machine (`make .bin/tofu` builds it)"
	}
	return v
}

// describe returns a text about the machine of the benchmarks.
func describe(ctx context.Context, p *programs) (string, error) {
	var versions strings.Builder
	for _, cli := range []string{p.cli, p.tofu} {
		if cli == "" {
			continue
		}
		c := exec.CommandContext(ctx, cli, "version")
		c.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
		version, err := c.Output()
		if err != nil {
			return "", fmt.Errorf("%s version: %w", cli, err)
		}
		first, _, _ := strings.Cut(string(version), "\n")
		versions.WriteString(first + ", ")
	}
	return fmt.Sprintf("%s%s, on %s/%s with %d processors",
		versions.String(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), nil
}
