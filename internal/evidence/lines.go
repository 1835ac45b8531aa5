package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine is the length of a line, in bytes, above which it is not a record.
const maxLine = 64 << 20

var errTooLong = errors.New("it is longer than any record")

// eachLine calls do with each line of r, without its line break. What follows the last break is a
// line too, unless it is empty.
func eachLine(r io.Reader, do func(line []byte, ended bool) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	s.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			return i + 1, data[:i+1], nil
		}
		if atEOF && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	for s.Scan() {
		line, ended := bytes.CutSuffix(s.Bytes(), []byte{'\n'})
		if err := do(line, ended); err != nil {
			return err
		}
	}
	return s.Err()
}
