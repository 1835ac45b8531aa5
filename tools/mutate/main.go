// Command mutate changes the code of packages in small ways, one at a time, and runs the tests of
// the package on each change. It prints the changes that no test notices, and a score for each
// package.
//
//	mutate [-files GLOBS] [-run REGEXP] [-skip REGEXP] [-only REGEXP] [-sample N] [-workers N] PACKAGE...
//
// The files stay as they are. The tests see a changed file through "go test -overlay". A change
// that does not compile does not count. A change with which the tests do not end counts as noticed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// options are the arguments of the command.
type options struct {
	dir       string // in which packages are looked for
	files     string // globs of the names of the files to change, with commas between them
	run, skip string // the tests to run, as of "go test"
	only      string // matches the lines of the mutants to try
	sample    int    // how many mutants of a package to try; zero for all
	workers   int
}

// source is a package, as "go list -json" prints it.
type source struct {
	Dir, ImportPath string
	GoFiles         []string
}

func main() {
	o := options{dir: "."}
	flag.StringVar(&o.files, "files", "*.go", "change only files that match one of these `globs`, separated by commas")
	flag.StringVar(&o.run, "run", "", "run only tests that match this `regexp`")
	flag.StringVar(&o.skip, "skip", "", "run no tests that match this `regexp`")
	flag.StringVar(&o.only, "only", "", "try only changes whose lines, as they are printed, match this `regexp`")
	flag.IntVar(&o.sample, "sample", 0, "try only `n` changes in a package, the same ones each time")
	flag.IntVar(&o.workers, "workers", 2, "how many changes to try at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := mutate(ctx, os.Stdout, &o, flag.Args()...)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// mutate tries the mutants of the packages that match patterns, one package after another.
func mutate(ctx context.Context, out io.Writer, o *options, patterns ...string) error {
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-json=Dir,ImportPath,GoFiles"}, patterns...)...)
	list.Dir, list.Stderr = o.dir, os.Stderr
	listed, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for lines := json.NewDecoder(bytes.NewReader(listed)); lines.More(); {
		var p source
		if err := lines.Decode(&p); err != nil {
			return err
		}
		if err := mutatePackage(ctx, out, o, &p); err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
	}
	return nil
}

// mutatePackage prints the mutants of one package that survive, and its score.
func mutatePackage(ctx context.Context, out io.Writer, o *options, p *source) error {
	all, err := o.mutantsOf(p)
	if err != nil || len(all) == 0 {
		return err
	}
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	begin := time.Now()
	if output, err := o.test(ctx, p, "-timeout=10m"); err != nil {
		return fmt.Errorf("the tests fail on the code as it is: %w\n%s", err, output)
	}
	t := &trial{options: o, source: p, out: out, timeout: 5*time.Since(begin) + 3*time.Second}
	t.run(ctx, folder, all)
	if t.failed != nil || t.total == 0 {
		return t.failed
	}
	percent, seconds := 100*float64(t.killed)/float64(t.total), time.Since(begin).Seconds()
	fmt.Fprintf(out, "%s: %d of %d killed, %.1f%%, %.0f s\n", p.ImportPath, t.killed, t.total, percent, seconds)
	return nil
}

// trial runs the tests of a package on its mutants.
type trial struct {
	options *options
	source  *source
	out     io.Writer
	timeout time.Duration // of the tests of one mutant

	mu            sync.Mutex
	killed, total int
	failed        error // why the result of a mutant is not known
}

// run tries mutants, as many at a time as there are workers.
func (t *trial) run(ctx context.Context, folder string, all []mutant) {
	queue := make(chan mutant)
	var workers sync.WaitGroup
	for n := range t.options.workers {
		workers.Go(func() {
			for m := range queue {
				t.try(ctx, filepath.Join(folder, strconv.Itoa(n)), &m)
			}
		})
	}
	for _, m := range all {
		if ctx.Err() == nil {
			queue <- m
		}
	}
	close(queue)
	workers.Wait()
}

// try runs the tests on one mutant, and prints it if it survives.
func (t *trial) try(ctx context.Context, folder string, m *mutant) {
	overlay, err := m.write(folder)
	output := ""
	if err == nil {
		output, err = t.options.test(ctx, t.source, "-timeout="+t.timeout.String(), "-overlay="+overlay)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var exit *exec.ExitError
	switch {
	case err == nil:
		t.total++
		fmt.Fprintln(t.out, m.line)
	case !errors.As(err, &exit) || ctx.Err() != nil:
		t.failed = errors.Join(t.failed, err)
	case !strings.Contains(output, "[build failed]\n"):
		t.total++
		t.killed++
	}
}

// mutantsOf returns the mutants of a package that the options ask for.
func (o *options) mutantsOf(p *source) ([]mutant, error) {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, name := range p.GoFiles {
		matches := func(glob string) bool { ok, _ := filepath.Match(glob, name); return ok }
		if !slices.ContainsFunc(strings.Split(o.files, ","), matches) {
			continue
		}
		found, err := mutants(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	all = slices.DeleteFunc(all, func(m mutant) bool { return !only.MatchString(m.line) })
	if o.sample > 0 && o.sample < len(all) {
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:o.sample]
	}
	return all, nil
}

// test runs the tests of a package once, and returns what was printed.
func (o *options) test(ctx context.Context, p *source, flags ...string) (string, error) {
	args := append([]string{"test", "-vet=off", "-failfast", "-count=1", "-run=" + o.run, "-skip=" + o.skip}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, p.ImportPath)...)
	cmd.Dir = o.dir
	output, err := cmd.CombinedOutput()
	return string(output), err
}
