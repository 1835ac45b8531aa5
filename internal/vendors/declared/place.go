package declared

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sizes matches the names of parameters that say how large a page is.
var sizes = regexp.MustCompile(`(?i)size|limit|per_?page|count|max|version|^v$`)

// counts reports whether a page begins at the number of a page or of a row, which is as it is or in an address. Behind
// any other place, which is the vendor's own mark, a page can have rows of an earlier one although the list is still.
func (b begin) counts() bool {
	isCount := func(text string) bool {
		n, err := strconv.Atoi(text)
		return err == nil && n <= b.came+1
	}
	place, _ := factOf(b.at)
	address, err := url.Parse(place)
	if err != nil || isCount(place) {
		return err == nil
	}
	for name, values := range address.Query() {
		if !sizes.MatchString(name) && slices.ContainsFunc(values, isCount) {
			return true
		}
	}
	return slices.ContainsFunc(strings.Split(address.Path, "/"), isCount)
}
