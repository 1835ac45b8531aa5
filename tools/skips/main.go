// Command skips reads the output of "go test -json" and prints it as "go test" does. It fails when a test was skipped for a reason
// that was not expected, because a skipped test must not count as one that passed.
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
	said := map[string][]byte{} // by package and test
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
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "output":
			said[key] = append(said[key], e.Output...)
		case "pass", "fail", "skip":
			text := string(said[key])
			if e.Action == "skip" && e.Test != "" && !expected.MatchString(text) {
				skips = append(skips, key+": "+strings.TrimSpace(text))
			}
			fmt.Fprint(out, summary(text, e))
			delete(said, key)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if len(skips) > 0 {
		return fmt.Errorf("%d tests were skipped for a reason that is not expected:\n%s", len(skips), strings.Join(skips, "\n"))
	}
	return nil
}

// summary is what to print at the end of a test or package: all of it for a failure, and the closing line of a package that passed.
func summary(said string, e event) string {
	switch {
	case e.Action == "fail":
		return said
	case e.Test != "":
		return ""
	}
	kept := ""
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "?") {
			kept += line
		}
	}
	return kept
}
