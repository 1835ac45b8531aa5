// Command skips reads the output of "go test -json", and prints it as "go test" does. It fails if a
// test was skipped for a reason that was not expected. Otherwise a skipped test would count as one
// that passed.
//
//	go test -json ./... | skips [-later REGEXP -names FILE] [REGEXP]
//
// REGEXP matches the expected reasons. Without it no skip is expected. The tests that were skipped
// for a reason that matches -later, whole or in part, can run elsewhere. The file takes a regular
// expression of their names for "go test -run". It is empty if there are none.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// event is one line of "go test -json".
type event struct {
	Action, Package, Test, Output string
}

func main() {
	later := flag.String("later", "^$", "a regular expression of the reasons of tests that run elsewhere")
	names := flag.String("names", "", "the file that takes the names of these tests")
	flag.Parse()
	expected := "^$"
	if flag.NArg() > 0 {
		expected = flag.Arg(0)
	}
	r := newReader(os.Stdout, regexp.MustCompile(expected), regexp.MustCompile(*later))
	err := r.run(os.Stdin)
	if err == nil && *names != "" {
		err = os.WriteFile(*names, []byte(r.names()), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// reader reads events.
type reader struct {
	out             io.Writer
	expected, later *regexp.Regexp
	outputs         map[string][]byte   // by package and test, until its end
	skips           []string            // those that were not expected
	remaining       map[string]struct{} // the tests that run elsewhere
	passed          int                 // how many tests passed, each with all its parts
}

func newReader(out io.Writer, expected, later *regexp.Regexp) *reader {
	return &reader{
		out: out, expected: expected, later: later, outputs: map[string][]byte{}, remaining: map[string]struct{}{},
	}
}

// run prints what failed, a line for each package, and how many tests passed. The error names the
// skips that were not expected.
func (r *reader) run(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			r.read(&e)
		} else {
			fmt.Fprintln(r.out, lines.Text()) // a message of the compiler
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if len(r.skips) > 0 {
		return fmt.Errorf("%d tests were skipped for a reason that is not expected:\n%s",
			len(r.skips), strings.Join(r.skips, "\n"))
	}
	fmt.Fprintf(r.out, "%d tests passed. %d are left for another run.\n", r.passed, len(r.remaining))
	return nil
}

// read reads one event, and prints what it completes.
func (r *reader) read(e *event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		r.outputs[key] = append(r.outputs[key], e.Output...)
	case "pass", "fail", "skip":
		output := string(r.outputs[key])
		r.end(e, output)
		fmt.Fprint(r.out, summary(output, e))
		delete(r.outputs, key)
	}
}

// end notes how a test has ended. The parts of a test end before it.
func (r *reader) end(e *event, output string) {
	name, _, part := strings.Cut(e.Test, "/")
	_, left := r.remaining[name]
	switch {
	case e.Test == "":
	case e.Action == "skip" && r.later.MatchString(output):
		r.remaining[name] = struct{}{}
	case e.Action == "skip" && !r.expected.MatchString(output):
		r.skips = append(r.skips, e.Package+" "+e.Test+": "+strings.TrimSpace(output))
	case e.Action == "pass" && !part && !left:
		r.passed++
	}
}

// names returns a regular expression of the tests that run elsewhere.
func (r *reader) names() string {
	if len(r.remaining) == 0 {
		return ""
	}
	return "^(" + strings.Join(slices.Sorted(maps.Keys(r.remaining)), "|") + ")$"
}

// summary returns what to print at the end of a test or package: all output of a failure, and the
// last line of a package that passed.
func summary(output string, e *event) string {
	switch {
	case e.Action == "fail":
		return output
	case e.Test != "":
		return ""
	}
	var kept strings.Builder
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "?") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
