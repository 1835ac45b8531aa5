package rest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

var errPage = errors.New("no page")

// book makes the pages of a list, and counts how many were read.
func book(read *int, of int, pages ...[]string) func(int) (rest.Page[string], error) {
	return func(n int) (rest.Page[string], error) {
		*read = n
		if n > len(pages) {
			return rest.Page[string]{Of: of}, nil
		}
		if pages[n-1] == nil {
			return rest.Page[string]{}, errPage
		}
		return rest.Page[string]{Items: pages[n-1], Of: of}, nil
	}
}

func TestPages_end(t *testing.T) {
	for name, c := range map[string]struct {
		of    int
		pages [][]string
		want  []string
		read  int
		err   error
	}{
		"at the page that is told to be the last": {2, [][]string{{"a", "b"}, {"c"}}, []string{"a", "b", "c"}, 2, nil},
		"at an empty page":                        {0, [][]string{{"a", "b"}, {"c"}}, []string{"a", "b", "c"}, 3, nil},
		"not at a short page":                     {0, [][]string{{"a", "b"}, {"c"}, {"d", "e"}}, []string{"a", "b", "c", "d", "e"}, 4, nil},
		"at a page with nothing new":              {0, [][]string{{"a", "b"}, {"c"}, {"c"}, {"d"}}, []string{"a", "b", "c"}, 3, nil},
		"at an empty page before the told last":   {9, [][]string{{"a", "b"}}, []string{"a", "b"}, 2, nil},
		"at once when there is nothing":           {0, nil, nil, 1, nil},
		"at an error":                             {0, [][]string{{"a"}, nil, {"b"}}, []string{"a"}, 2, errPage},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			var read int
			var failed error
			for item, err := range rest.Pages(func(s string) string { return s }, book(&read, c.of, c.pages...)) {
				if failed = err; err == nil {
					got = append(got, item)
				}
			}
			if !slices.Equal(got, c.want) || read != c.read || !errors.Is(failed, c.err) {
				t.Errorf("got %q, %d pages and %v, want %q, %d and %v", got, read, failed, c.want, c.read, c.err)
			}
		})
	}
}

func TestPages_yieldEachItemOnce(t *testing.T) {
	var got []string
	var read int
	for item, err := range rest.Pages(func(s string) string { return s }, book(&read, 0, []string{"a", "b"}, []string{"b", "c", "c"})) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, item)
	}
	if want := []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPages_readNoFurtherThanAsked(t *testing.T) {
	var read int
	for item, err := range rest.Pages(func(s string) string { return s }, book(&read, 0, []string{"a", "b"}, []string{"c"})) {
		if err != nil || item == "b" {
			break
		}
	}
	if read != 1 {
		t.Errorf("got %d pages read, want 1", read)
	}
}
