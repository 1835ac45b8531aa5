package declared

import (
	"net/url"
	"regexp"

	"github.com/zclconf/go-cty/cty"
)

// begin is where a page begins: nothing for the first one, null after the last one.
type begin struct {
	at    cty.Value
	came  int // how many rows came before it
	again int // how many of these it may show again, because a server may cap pages, or leave rows out of them
}

// names reports whether a place has an ID in it. Then it may be that of the row with which the page begins, and with
// which the one before it ended.
func (b begin) names(id string) bool {
	place, _ := factOf(b.at)
	plain, _ := url.QueryUnescape(place)
	has := regexp.MustCompile(`(?:^|[^\pL\pN])` + regexp.QuoteMeta(id) + `(?:$|[^\pL\pN])`)
	return has.MatchString(place) || has.MatchString(plain)
}
