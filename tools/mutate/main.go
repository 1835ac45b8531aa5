// Command mutate changes the code of packages in small ways, one at a time, and runs the tests of the package on each
// change. It prints the changes that no test notices, and a score for each package.
//
//	mutate [-files GLOBS] [-run REGEXP] [-skip REGEXP] [-only REGEXP] [-sample N] [-workers N] PACKAGE...
//
// The files themselves stay as they are: the tests see a changed one through "go test -overlay".
// A change that does not compile does not count. A change on which the tests do not end counts as noticed.
package main

import (
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
	"strings"
	"sync"
	"time"
)

// options are the arguments of the command.
type options struct {
	dir       string // where packages are looked for
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
	err := mutate(ctx, os.Stdout, o, flag.Args()...)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// mutate tries the mutants of the packages that match patterns, one package after another.
func mutate(ctx context.Context, out io.Writer, o options, patterns ...string) error {
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-json=Dir,ImportPath,GoFiles"}, patterns...)...)
	list.Dir, list.Stderr = o.dir, os.Stderr
	listed, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for lines := json.NewDecoder(strings.NewReader(string(listed))); lines.More(); {
		var p source
		if err := lines.Decode(&p); err != nil {
			return err
		}
		if err := try(ctx, out, o, p); err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
	}
	return nil
}

// try prints the mutants of one package that survive, and its score.
func try(ctx context.Context, out io.Writer, o options, p source) error {
	all, err := o.choose(p)
	if err != nil || len(all) == 0 {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	begin := time.Now()
	if said, err := o.test(ctx, p, "-timeout=10m"); err != nil {
		return fmt.Errorf("the tests fail on the code as it is: %w\n%s", err, said)
	}
	timeout := fmt.Sprintf("-timeout=%s", 5*time.Since(begin)+3*time.Second)

	var mu sync.Mutex
	killed, total := 0, 0
	var failed error // of what is no answer
	queue := make(chan mutant)
	var workers sync.WaitGroup
	for n := range o.workers {
		workers.Go(func() {
			for m := range queue {
				overlay, err := m.write(filepath.Join(scratch, fmt.Sprint(n)))
				said := ""
				if err == nil {
					said, err = o.test(ctx, p, timeout, "-overlay="+overlay)
				}
				mu.Lock()
				var exit *exec.ExitError
				switch {
				case err == nil:
					total++
					fmt.Fprintln(out, m.line)
				case !errors.As(err, &exit) || ctx.Err() != nil:
					failed = errors.Join(failed, err)
				case !strings.Contains(said, "[build failed]\n"):
					total++
					killed++
				}
				mu.Unlock()
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
	if failed != nil || total == 0 {
		return failed
	}
	percent, seconds := 100*float64(killed)/float64(total), time.Since(begin).Seconds()
	fmt.Fprintf(out, "%s: %d of %d killed, %.1f%%, %.0f s\n", p.ImportPath, killed, total, percent, seconds)
	return nil
}

// choose gives the mutants of a package that the options ask for.
func (o options) choose(p source) ([]mutant, error) {
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
func (o options) test(ctx context.Context, p source, flags ...string) (string, error) {
	args := append([]string{"test", "-vet=off", "-failfast", "-count=1", "-run=" + o.run, "-skip=" + o.skip}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, p.ImportPath)...)
	cmd.Dir = o.dir
	said, err := cmd.CombinedOutput()
	return string(said), err
}
