package declared

import (
	"strconv"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// The time to parse a definition must not grow with every combination of its fields.
func TestCombinations_areFew(t *testing.T) {
	t.Parallel()
	for fields := range 40 {
		var all [][]gap
		for i := range fields {
			all = append(all, gapsOf([]string{strconv.Itoa(i)}, cty.StringVal("v")))
		}
		if got, most := len(combinations(all)), max(100, 3*fields+3); got > most {
			t.Errorf("%d fields: got %d combinations, want %d at most", fields, got, most)
		}
	}
}
