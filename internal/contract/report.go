package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Report is what a check has found. It holds no value of a person, no ID and no key.
type Report struct {
	Vendor   string    `json:"vendor"`
	Tenant   string    `json:"tenant"`
	At       time.Time `json:"at"`
	Version  string    `json:"provider_version"`
	Answers  int       `json:"answered_requests"`
	Users    Users     `json:"test_users"`
	Facts    []Line    `json:"facts"`
	Examples []string  `json:"examples,omitempty"` // of a declared vendor, to paste into its definition
}

// Users says how many sacrificial users a check has changed, and how. One that is suspended was not
// closed after that. What became of one that is not confirmed, an error or a warning says.
type Users struct {
	Closed      int `json:"closed"`
	Suspended   int `json:"suspended"`
	Unconfirmed int `json:"unconfirmed"`
}

// String says it.
func (u Users) String() string {
	if u == (Users{}) {
		return "0. The check only read"
	}
	return fmt.Sprintf("%d closed, %d suspended and not closed, %d not confirmed as changed",
		u.Closed, u.Suspended, u.Unconfirmed)
}

// Line is what a report says of one fact.
type Line struct {
	Fact    string  `json:"fact"`
	Says    string  `json:"says"`
	Verdict Verdict `json:"verdict"`
	Seen    string  `json:"seen"`
	Source  string  `json:"source,omitempty"` // empty for what is assumed
	Switch  string  `json:"switch,omitempty"` // the setting of the mock that plays a contrary answer
}

// Judge returns a line for each fact.
func (t *Transcript) Judge(facts []Fact) []Line {
	var lines []Line
	for i := range facts {
		f := &facts[i]
		j := f.judge(t)
		lines = append(lines, Line{f.Name, f.Says, j.Verdict, j.Seen, f.Source, j.Switch})
	}
	return lines
}

// Count returns how many facts have a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for i := range r.Facts {
		if r.Facts[i].Verdict == v {
			n++
		}
	}
	return n
}

// errReportPath says that a path cannot be that of a report.
var errReportPath = errors.New("it must end in .json")

// CheckPath returns an error for a path that cannot be that of a report.
func CheckPath(path string) error {
	if filepath.Ext(path) != ".json" || len(filepath.Base(path)) == len(".json") {
		return errReportPath
	}
	return nil
}

// Write writes the report to a path that ends in .json, and the page beside it. Each file is there
// whole, or as it was before.
func (r *Report) Write(path string) error {
	slices.SortStableFunc(r.Facts, func(a, b Line) int { return strings.Compare(a.Fact, b.Fact) })
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := errors.Join(CheckPath(path), e.Encode(r)); err != nil {
		return err
	}
	if err := writeWhole(path, text.Bytes()); err != nil {
		return err
	}
	return writeWhole(strings.TrimSuffix(path, ".json")+".md", []byte(r.Markdown()))
}

// writeWhole writes a file under another name first.
func writeWhole(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
