// Package ecgrid reads and closes the users of ECGrid, the network of Loren Data.
//
// A closure is one call, terminate, and it is permanent: the user's access, sessions and API keys
// end with it. The pages of the vendor contradict one another, so answers are decoded tolerantly
// and only a later read proves a closure. The source of every fact is
// https://api.ecgridos.io/docs/rest-api/overview and the pages below it.
package ecgrid

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Client reads and closes users. It is safe for use by several goroutines.
type Client struct {
	rest     *rest.Client
	turn     chan struct{} // full while keyOwner is in use, so that concurrent callers ask the vendor once
	keyOwner *User         // the user who holds the key; nil until it was read

	accessChecks *rest.Shared[rest.Page[User]] // after an absence: the key's own user, or a page of a network
	shown        *rest.Once[User]              // of a network, or of a mailbox in it
}

// New returns a client, or a *rest.SettingError. It makes no request. ECGrid documents no rate
// limit, but a 429 is obeyed.
// https://api.ecgridos.io/docs/getting-started/authentication
func New(config rest.Config) (*Client, error) {
	client, err := rest.New(config, rest.API{
		BaseURL:     "https://rest.ecgrid.io/v2",
		Credentials: http.Header{"X-API-Key": {config.APIKey}},
		Busy:        busy,
		Timeout:     30 * time.Second,
		Ping:        rest.Request{Method: http.MethodGet, Path: []string{"users", "me"}},
	})
	if err != nil {
		return nil, err
	}
	return &Client{
		rest: client, turn: make(chan struct{}, 1), accessChecks: rest.NewShared[rest.Page[User]](client),
		shown: rest.NewOnce[User](),
	}, nil
}

// Tenant returns the host and the base path of the API.
func (c *Client) Tenant() string { return c.rest.Tenant() }

// CheckID returns an error for an ID that is not a positive integer in its one canonical form.
// "007" and "7" would be the same user under two IDs, and /users/me is another call.
// https://api.ecgridos.io/docs/rest-api/users/get-user
func CheckID(id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != id {
		return errors.New("it must be a positive integer, without sign and leading zeros")
	}
	return nil
}

// busy reports whether an answer says that too many calls came. It is not documented whether errors
// come with HTTP 200, too.
// https://api.ecgridos.io/docs/appendix/error-codes
func busy(a rest.Answer) bool {
	e, own := refusal(a)
	return own && strings.EqualFold(e.ErrorCode, "RateLimitExceeded")
}

// envelope is the body of every answer. The code and the message are empty, null or absent on
// success.
// https://api.ecgridos.io/docs/rest-api/overview
type envelope struct {
	Success   *bool           `json:"success"`
	Data      json.RawMessage `json:"data"`
	ErrorCode string          `json:"errorCode"`
	Message   string          `json:"message"`
}

// decodeData decodes the data of an answer into v. The error is an *rest.Error unless the answer is
// a 2xx with success true, no error beside it, and data that fits.
func decodeData(a rest.Answer, v any) error {
	if !a.OK() {
		return fault(a)
	}
	var e envelope
	if err := a.JSON(&e); err != nil {
		return err
	}
	switch {
	case e.Success == nil:
		return a.Malformed("the answer does not say whether it is a success")
	case !*e.Success:
		return fault(a)
	case a.ReportsFailure(false):
		return a.Malformed("the answer is a success and reports an error: %s %s", e.ErrorCode, e.Message)
	case len(e.Data) == 0:
		return a.Malformed("the answer holds no data")
	}
	return a.Decode(e.Data, v)
}

// fault returns the error of an answer that is not a success.
func fault(a rest.Answer) error {
	e, _ := refusal(a)
	return a.Fault(e.ErrorCode, e.Message)
}

// refusal returns the error that ECGrid itself reports, with any HTTP status. It returns false for
// an answer from elsewhere, a page of a gateway for example.
// https://api.ecgridos.io/docs/appendix/error-codes
func refusal(a rest.Answer) (envelope, bool) {
	var e envelope
	if a.JSON(&e) != nil {
		return envelope{}, false
	}
	return e, e.Success != nil && !*e.Success && e.ErrorCode != ""
}

// notFound reports whether ECGrid itself says that this key sees no such object: with HTTP 404 or 410,
// or with 2xx, because it is not documented whether errors come with HTTP 200, too. With any other
// status the code says nothing of the object. ECGrid gives the same answer for a wrong path.
// https://api.ecgridos.io/docs/appendix/error-codes
func notFound(a rest.Answer) bool {
	e, own := refusal(a)
	return own && strings.EqualFold(e.ErrorCode, "ObjectNotFound") && (a.OK() || a.Gone())
}
