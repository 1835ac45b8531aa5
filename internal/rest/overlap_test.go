package rest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// A row leaves the list, or comes into it, right before the second page is read. The row behind it is
// missed by no reading that calls the list whole.
func TestOverlapping_aListThatMovesIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(rows []string) []string // before the page of that number, from 1
		always bool
		bad    string // a row that cannot be read
		want   string
		whole  bool
	}{
		"nothing":               {func(rows []string) []string { return rows }, false, "", "abcde", true},
		"a row leaves":          {func(rows []string) []string { return rows[1:] }, false, "", "abcde", true},
		"one leaves, one comes": {func(rows []string) []string { return append(rows[1:], "f") }, false, "", "abcdef", true},
		"each time": {
			func(rows []string) []string { return append(rows[1:], strings.ToUpper(rows[0])) }, true, "", "abcd", false,
		},
		"the last one of a page": {
			func(rows []string) []string { return slices.Delete(rows, 1, 2) }, false, "", "abcde", true,
		},
		"the last of a page cannot be read": {
			func(rows []string) []string { return rows[1:] }, false, "b", "acde", true,
		},
		"an unreadable row is first on the next page": {
			func(rows []string) []string { return rows }, false, "c", "abde", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := strings.Split("abcde", "")
			further := 0
			id := func(row string) string { return row }
			list := rest.Pages(id, nil, rest.Overlapping(id, func(at rest.Place) (p rest.Page[string], _ error) {
				if at.Rows > 0 {
					if further++; further == 1 || c.always {
						rows = c.change(slices.Clone(rows))
					}
				}
				for i, row := range rows[min(at.Rows, len(rows)):min(at.Rows+2, len(rows))] {
					if row == c.bad {
						p.Bad = append(p.Bad, &rest.RowError{Row: i + 1, ID: row, Err: errors.New("bad")})
					} else {
						p.Items = append(p.Items, row)
					}
				}
				return p, nil
			}))
			page, err := rest.Whole(list)
			slices.Sort(page.Items)
			if got := strings.Join(page.Items, ""); !strings.HasPrefix(got, c.want) && c.whole || (err == nil) != c.whole {
				t.Errorf("got %s and %v, want %s, whole: %t", got, err, c.want, c.whole)
			}
		})
	}
}
