package rest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// AgeError says that a cache gave an answer that it had kept. It shows how things were, and not how
// they are.
type AgeError struct{ Age time.Duration } // 0 if the cache does not say it

func (e *AgeError) Error() string {
	if e.Age == 0 {
		return "the answer comes from a cache, so it does not show how things are now"
	}
	return fmt.Sprintf("the answer comes from a cache and is %s old, so it does not show how things are now", e.Age)
}

// age returns how long a cache has kept the answer, as it says; 0 if it says nothing of that. An answer of the
// vendor itself has no age, or that of its way through a cache, which is none.
// https://www.rfc-editor.org/rfc/rfc9111#section-5.1
func (a Answer) age() time.Duration {
	var oldest time.Duration
	for value := range strings.SplitSeq(strings.Join(a.Header.Values("Age"), ","), ",") {
		age, _ := parseSeconds(strings.TrimSpace(value))
		oldest = max(oldest, age)
	}
	return oldest
}

// cacheHit matches a header in which a cache says that it had kept the answer: that of RFC 9211, those that
// caches make up, and the warning of an old answer. https://www.rfc-editor.org/rfc/rfc9211#section-2.1
var cacheHit = regexp.MustCompile(`(?mi)^(?:Cache-Status: .*; *hit\b|` +
	`(?:X-|CF-|X-Proxy-)Cache(?:-Status|-Lookup)?: *(?:hit|stale|updating)\b|Warning: *11[0-2]\b)`)

// isCacheHit reports whether a cache says that it had kept the answer, and not how long.
func (a Answer) isCacheHit() bool {
	var headers strings.Builder
	_ = a.Header.Write(&headers) // a Builder takes all
	return a.Header.Get("Age") == "" && cacheHit.MatchString(headers.String())
}

// checkAge returns an *Error for an answer that is too old for a request: for a change, or for a
// read of offboard.WithoutCache. Otherwise it returns the answer to take, which may be another one.
func (c *Client) checkAge(ctx context.Context, req *retryablehttp.Request, a Answer) (Answer, error) {
	if !isChange(ctx) && !offboard.NeedsNewAnswer(ctx) {
		return a, nil
	}
	age := a.age()
	if age <= offboard.AbsencePause && !a.isCacheHit() {
		var err error
		if a, age, err = c.compareDate(ctx, req, a); err != nil || age == 0 {
			return a, err
		}
	}
	return a, &Error{Method: a.Method, Path: a.Path, Status: a.Status, Err: &AgeError{age}}
}
