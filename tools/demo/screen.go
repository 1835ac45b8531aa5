package main

import (
	"fmt"
	"os"
	"strings"
)

// colored tells whether what is printed may carry colours: on a terminal, unless the reader does not want them.
func colored() bool {
	info, err := os.Stdout.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func bold(text string) string {
	if !colored() {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// heading begins a scene.
func heading(title string) {
	fmt.Printf("\n%s\n%s\n", bold(title), strings.Repeat("=", len(title)))
}

// say prints a paragraph.
func say(format string, values ...any) { fmt.Printf("\n"+format+"\n", values...) }

// command shows what is run.
func command(text string) { fmt.Printf("\n%s\n", bold("$ "+text)) }

// indent sets text off from the margin.
func indent(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimRight("    "+line, " \n"))
	}
	return strings.Join(lines, "\n")
}
