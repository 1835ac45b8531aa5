package main

import (
	"fmt"
	"os"
	"strings"
)

// isColored reports whether the output may have colors: on a terminal, unless the reader does not
// want them.
func isColored() bool {
	info, err := os.Stdout.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func bold(text string) string {
	if !isColored() {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// heading prints the title of a step.
func heading(title string) {
	fmt.Printf("\n%s\n%s\n", bold(title), strings.Repeat("=", len(title)))
}

// say prints a paragraph.
func say(format string, values ...any) { fmt.Printf("\n"+format+"\n", values...) }

// command prints the command that is run.
func command(text string) { fmt.Printf("\n%s\n", bold("$ "+text)) }

// indent returns a text with an indent before each line.
func indent(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimRight("    "+line, " \n"))
	}
	return strings.Join(lines, "\n")
}
