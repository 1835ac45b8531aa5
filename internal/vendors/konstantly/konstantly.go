// Package konstantly reads and closes the users of a Konstantly site.
//
// A closure is two calls, block and then delete. Only a blocked user can be deleted, and only the
// block can be undone. The source of every fact is
// https://docs.konstantly.com/api-reference/introduction and the pages below it.
package konstantly

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// requestsPerSecond stays just under the documented 100 requests a minute.
// https://docs.konstantly.com/api-reference/introduction
const requestsPerSecond = 1.6

// Client reads and closes users. It is safe for use by several goroutines.
type Client struct {
	rest         *rest.Client
	accessChecks *rest.Shared[rest.Page[User]]
	shown        *rest.Once[User]
}

// New returns a client, or a *rest.SettingError. It makes no request. The configuration must have a
// base URL, which BaseURL makes from the name of a site.
// https://docs.konstantly.com/api-reference/introduction
func New(config rest.Config) (*Client, error) {
	client, err := rest.New(config, rest.API{
		Credentials: http.Header{"X-API-KEY": {config.APIKey}},
		Rate:        requestsPerSecond,
		Pause:       pause,
		Quota:       quota,
		Timeout:     30 * time.Second,
		Ping:        rest.Request{Method: http.MethodGet, Path: []string{"users"}, Query: url.Values{"offset": {"0"}}},
	})
	if err != nil {
		return nil, err
	}
	return &Client{
		rest: client, accessChecks: rest.NewShared[rest.Page[User]](client), shown: rest.NewOnce[User](),
	}, nil
}

// Tenant returns the host and the base path of the site's API.
func (c *Client) Tenant() string { return c.rest.Tenant() }

var siteName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// BaseURL is the address of the API of the site https://SITE.konstant.ly. The error says what is
// wrong with the name.
// https://docs.konstantly.com/api-reference/introduction
func BaseURL(site string) (string, error) {
	if !siteName.MatchString(site) {
		return "", errors.New(`it must be the site's name alone, such as "acme" for https://acme.konstant.ly`)
	}
	return "https://" + site + ".konstant.ly/openapi/v1", nil
}

// CheckID returns an error for an ID that cannot be one path segment, and for the two words that
// make it another call: /users/blocked and /users/byEmail.
// https://docs.konstantly.com/api-reference/users/block-user
func CheckID(id string) error {
	if id == "blocked" || id == "byEmail" {
		return errors.New("it is the name of another call of Konstantly's API")
	}
	return rest.CheckSegment(id)
}

// pause returns the wait until the reset after a 429.
// https://docs.konstantly.com/api-reference/introduction
func pause(a rest.Answer) time.Duration {
	wait, ok := reset(a)
	if !ok || a.Status != http.StatusTooManyRequests {
		return 0
	}
	return wait
}

// quota returns the quota in the rate headers of an answer, if it has them.
// https://docs.konstantly.com/api-reference/introduction
func quota(a rest.Answer) (rest.Quota, bool) {
	left, err := strconv.Atoi(a.Header.Get("X-RateLimit-Remaining"))
	wait, ok := reset(a)
	return rest.Quota{Left: left, Reset: time.Now().Add(wait)}, ok && err == nil
}

// reset returns how long it is until the count of requests begins again, by the answer's own clock:
// a minute at most.
// https://docs.konstantly.com/api-reference/introduction
func reset(a rest.Answer) (time.Duration, bool) {
	seconds, err := strconv.ParseInt(a.Header.Get("X-RateLimit-Reset"), 10, 64)
	return min(a.Until(seconds), time.Minute), err == nil
}

// envelope is the body of every documented error.
// https://docs.konstantly.com/api-reference/users/delete-user
type envelope struct {
	Status  int                                `json:"status"`
	Message rest.Optional[string]              `json:"message"`
	Errors  rest.Optional[map[string][]string] `json:"errors"`
}

// fault returns the error of an answer that is not a success.
func fault(a rest.Answer) error {
	var e envelope
	_ = a.JSON(&e) // an answer of another form has no words
	words := []string{e.Message.Value}
	for _, field := range slices.Sorted(maps.Keys(e.Errors.Value)) {
		for _, complaint := range e.Errors.Value[field] {
			words = append(words, field+": "+complaint)
		}
	}
	return a.Fault("", strings.Join(words, " "))
}

// faulty reports whether an answer is an error in the site's own form. A gateway or a framework may
// send one as a 2xx.
func faulty(a rest.Answer) bool {
	var e envelope
	return a.JSON(&e) == nil && e.Status >= http.StatusBadRequest
}

// notFound reports whether an answer says in Konstantly's own form that there is no such user: 404
// or 410, with any HTTP status. Gateways and frameworks answer the same, and so does Konstantly for
// a wrong path. So it is an absence and not a proof.
func notFound(a rest.Answer) bool {
	var e envelope
	if a.JSON(&e) != nil {
		return false
	}
	gone := e.Status == http.StatusNotFound || e.Status == http.StatusGone
	return gone && (a.OK() || a.Gone())
}

// documentedNotFound reports whether an answer is, to the letter, the documented one to the deletion
// of a user who does not exist. It settles a lost deletion, so no form that a gateway or a framework
// gives counts, and no other text of the site. The text only takes belief away: the closure of an
// answer in other words stays unproven.
// https://docs.konstantly.com/api-reference/users/delete-user
func documentedNotFound(a rest.Answer) bool {
	var fields map[string]json.RawMessage
	if a.Status != http.StatusNotFound || a.JSON(&fields) != nil {
		return false
	}
	return len(fields) == 2 && string(fields["status"]) == "404" && string(fields["message"]) == `"Not found"`
}
