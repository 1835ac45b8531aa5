// Command skips reads the output of "go test -json", and prints it as "go test" does. It fails if a
// test was skipped for a reason that was not expected. Otherwise a skipped test would count as one
// that passed.
//
//	go test -json ./... | skips [REGEXP]
//
// REGEXP matches the expected reasons. Without it no skip is expected.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// event is one line of "go test -json".
type event struct {
	Action, Package, Test, Output string
}

func main() {
	expected := regexp.MustCompile(`^$`)
	if len(os.Args) > 1 {
		expected = regexp.MustCompile(os.Args[1])
	}
	if err := run(os.Stdin, os.Stdout, expected); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run prints what failed, and a line for each package. The error names the skips that were not
// expected.
func run(in io.Reader, out io.Writer, expected *regexp.Regexp) error {
	r := reader{out: out, expected: expected, outputs: map[string][]byte{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			r.read(&e)
		} else {
			fmt.Fprintln(out, lines.Text()) // a message of the compiler
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if len(r.skips) > 0 {
		return fmt.Errorf("%d tests were skipped for a reason that is not expected:\n%s",
			len(r.skips), strings.Join(r.skips, "\n"))
	}
	return nil
}

// reader has the state of run.
type reader struct {
	out      io.Writer
	expected *regexp.Regexp
	outputs  map[string][]byte // by package and test, until its end
	skips    []string          // those that were not expected
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
		if e.Action == "skip" && e.Test != "" && !r.expected.MatchString(output) {
			r.skips = append(r.skips, key+": "+strings.TrimSpace(output))
		}
		fmt.Fprint(r.out, summary(output, e))
		delete(r.outputs, key)
	}
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
