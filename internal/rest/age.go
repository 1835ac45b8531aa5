package rest

import (
	"context"
	"fmt"
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

// age returns how long a cache has kept the answer, as it says. An answer of the vendor itself has no age, or
// that of its way through a cache, which is none. known is false if there is no age that can be read.
// https://www.rfc-editor.org/rfc/rfc9111#section-5.1
func (a Answer) age() (oldest time.Duration, known bool) {
	known = len(a.Header.Values("Age")) > 0
	for value := range strings.SplitSeq(strings.Join(a.Header.Values("Age"), ","), ",") {
		value = strings.TrimSpace(value)
		age, ok := parseSeconds(value)
		known = known && ok && strings.IndexAny(value, "0123456789") == 0
		oldest = max(oldest, age)
	}
	return oldest, known
}

// keptAnswer returns the error of an answer that a cache has kept for too long, or nobody knows how long; nil
// for another one.
func (a Answer) keptAnswer() *AgeError {
	age, known := a.age()
	switch {
	case age > offboard.AbsencePause:
		return &AgeError{age}
	case !known && a.isCacheHit():
		return &AgeError{}
	}
	return nil
}

// checkAge returns an *Error for an answer that is too old for a request: for a change, or for a
// read of offboard.WithoutCache. Otherwise it returns the answer to take, which may be another one.
func (c *Client) checkAge(ctx context.Context, req *retryablehttp.Request, a Answer) (Answer, error) {
	if !isChange(ctx) && !offboard.NeedsNewAnswer(ctx) {
		return a, nil
	}
	kept := a.keptAnswer()
	if kept == nil {
		var err error
		if a, kept, err = c.compareDate(ctx, req, a); err != nil || kept == nil {
			return a, err
		}
	}
	return a, &Error{Method: a.Method, Path: a.Path, Status: a.Status, Err: kept}
}
