package closing

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"
)

// The environment variables of the guards.
const (
	ReadOnlyVariable    = "OFFBOARD_READ_ONLY"
	MaxClosuresVariable = "OFFBOARD_MAX_CLOSURES"
	NeverCloseVariable  = "OFFBOARD_NEVER_CLOSE"
)

// environment reads the guards from the environment: the floor that the provider block can only
// tighten. The error names a variable that cannot be understood; nothing may be closed then.
func environment() (GuardSettings, error) {
	s := GuardSettings{Unset: true}
	for _, name := range []string{ReadOnlyVariable, MaxClosuresVariable, NeverCloseVariable} {
		if value, set := os.LookupEnv(name); set && value == "" { // a pipeline writes so what is not there
			return s, fmt.Errorf("%s is set and empty", name)
		}
	}
	if value := os.Getenv(ReadOnlyVariable); value != "" {
		on, err := strconv.ParseBool(value)
		if err != nil {
			return s, fmt.Errorf("%s must be true or false", ReadOnlyVariable)
		}
		s.ReadOnly, s.Unset = on, s.Unset && !on // "false" says nothing
	}
	if value := os.Getenv(MaxClosuresVariable); value != "" {
		limit, err := strconv.ParseInt(value, 10, 64)
		if err != nil || limit < Unlimited {
			return s, fmt.Errorf("%s must be a whole number, -1 for no limit", MaxClosuresVariable)
		}
		s.MaxClosures, s.Unset = &limit, s.Unset && limit == Unlimited // "no limit" is no guard
	}
	return s, s.addEntries(os.Getenv(NeverCloseVariable))
}

// separators are what a person may write between two entries instead of a comma. The last ones are
// commas and semicolons of other scripts.
const separators = ";:\uff1b\u061b\ufe54\uff0c\u3001\u060c\ufe50\ufe51\uff64"

// severalEntries reports whether an entry seems to be more than one. A line end that was not
// expanded separates them, too.
func severalEntries(entry string) bool {
	return strings.ContainsFunc(entry, unicode.IsSpace) || strings.ContainsAny(entry, separators) ||
		strings.Contains(entry, `\n`)
}

// addEntries adds the entries of never_close that a variable holds.
func (s *GuardSettings) addEntries(value string) error {
	for _, entry := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == '\n' }) {
		entry = strings.TrimSpace(entry)
		err := CheckEntry(entry)
		if err == nil && severalEntries(entry) {
			err = errors.New("separate entries with commas")
		}
		if err != nil {
			return fmt.Errorf("an entry of %s cannot be used: %w", NeverCloseVariable, err)
		}
		s.NeverClose, s.Unset = append(s.NeverClose, entry), false
	}
	if value != "" && len(s.NeverClose) == 0 {
		return fmt.Errorf("%s is set and has no entry", NeverCloseVariable)
	}
	return nil
}
