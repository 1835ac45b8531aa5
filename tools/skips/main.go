// Command skips reads the output of "go test -json" and prints it as "go test" does. It fails when a test was skipped for a reason
// that was not expected: a test that tests nothing must not pass for one that passes.
//
//	go test -json ./... | skips [REGEXP]
//
// REGEXP matches the reasons that are expected. Without one no skip is.
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

// run prints what failed, and a line for each package. The error names the skips that were not expected.
func run(in io.Reader, out io.Writer, expected *regexp.Regexp) error {
	said := map[string]*strings.Builder{} // by package and test
	var skips []string
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(out, lines.Text()) // what the compiler says
			continue
		}
		key := e.Package + " " + e.Test
		if said[key] == nil {
			said[key] = &strings.Builder{}
		}
		switch e.Action {
		case "output", "build-output":
			said[key].WriteString(e.Output)
		case "skip":
			if reason := said[key].String(); e.Test != "" && !expected.MatchString(reason) {
				skips = append(skips, key+": "+strings.TrimSpace(reason))
			}
		}
		done := e.Action == "pass" || e.Action == "fail" || e.Action == "skip"
		switch {
		case e.Action == "fail", e.Action == "build-output", done && e.Test == "":
			fmt.Fprint(out, summary(said[key].String(), e))
		}
		if done || e.Action == "build-output" {
			delete(said, key)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if len(skips) > 0 {
		return fmt.Errorf("%d tests were skipped, and nothing says that they may be:\n%s", len(skips), strings.Join(skips, "\n"))
	}
	return nil
}

// summary is what to print at the end of a test or package: all of it for a failure, and the closing line of a package that passed.
func summary(said string, e event) string {
	if e.Test != "" || e.Action == "fail" || e.Action == "build-output" {
		return said
	}
	kept := ""
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "?") || strings.HasPrefix(line, "FAIL") {
			kept += line
		}
	}
	return kept
}
