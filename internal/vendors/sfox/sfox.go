// Package sfox reads and closes the end users of an sFOX Connect partner.
//
// A closure is one call, deactivate, which sFOX refuses while the user has money. The partner's
// enterprise key cannot see money. A token of the user can: it is made for the check, and not kept.
// The source of every fact is https://docs.sfox.com/connect/rest-api/end-users/deactivate-user and
// the pages beside it.
package sfox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The rates are just under the documented limits, which count in spans of ten seconds. Requests
// that are sent on time may still arrive closer together.
// https://docs.sfox.com/rest-api/rate-limits
const (
	requestsPerSecond     = 24   // documented: 250 in 10 s
	balancesPerSecond     = 0.45 // documented: 5 in 10 s
	ordersPerSecond       = 0.9  // documented: 10 in 10 s
	transactionsPerSecond = 0.09 // documented: 1 in 10 s
)

// Client reads and closes users. It is safe for use by several goroutines.
type Client struct {
	rest *rest.Client

	accessChecks *rest.Shared[rest.Page[User]] // of the list of a role
	shown        *rest.Once[User]
}

// New returns a client, or a *rest.SettingError. It makes no request.
// https://docs.sfox.com/connect/rest-api/authentication
func New(config rest.Config) (*Client, error) {
	client, err := rest.New(config, rest.API{
		BaseURL:     "https://api.sfox.com/v1",
		Credentials: bearer(config.APIKey),
		Rate:        requestsPerSecond,
		Routes: map[string]float64{
			routeBalance:      balancesPerSecond,
			routeOrders:       ordersPerSecond,
			routeTransactions: transactionsPerSecond,
		},
		Pause:   (&penalty{}).pause,
		Timeout: 30 * time.Second,
		Ping: rest.Request{
			Method: http.MethodGet,
			Path:   []string{"enterprise", "users"},
			Query:  url.Values{"accountRole": {roleAdvisor}},
			Large:  true,
		},
	})
	if err != nil {
		return nil, err
	}
	return &Client{
		rest: client, accessChecks: rest.NewShared[rest.Page[User]](client), shown: rest.NewOnce[User](),
	}, nil
}

// Tenant returns the host and the base path of the API.
func (c *Client) Tenant() string { return c.rest.Tenant() }

// Partner returns a hash that differs between the keys of different partners, and does not reveal
// the key. Each partner chose its own IDs, so two partners on one host may both know the same ID.
// https://docs.sfox.com/connect/rest-api/end-users/get-user
func (c *Client) Partner(id string) string { return c.rest.KeyHash(id) }

// CheckID returns an error for an ID that cannot be one path segment, and for one that begins or
// ends with a blank. The partner chose the IDs, so any other text may be one. An empty ID would
// turn the read of one user into the list of all.
// https://docs.sfox.com/connect/rest-api/end-users/get-end-user
func CheckID(id string) error {
	if strings.TrimSpace(id) != id {
		return errors.New("it begins or ends with a space")
	}
	return rest.CheckSegment(id)
}

// bearer returns the header of both credentials, the enterprise key and the token of a user.
// https://docs.sfox.com/connect/rest-api/authentication
func bearer(credential string) http.Header {
	return http.Header{"Authorization": {"Bearer " + credential}}
}

// The documented waits after a 429: for one route, and for the whole address.
// https://docs.sfox.com/rest-api/rate-limits
const (
	routePenalty   = 10 * time.Second
	addressPenalty = time.Minute
)

// penalty holds the end of the current wait, because a 429 does not say which of the two limits was
// exceeded.
type penalty struct {
	mu    sync.Mutex
	until time.Time
}

// pause returns the shorter wait, or the longer one if the shorter did not help. A 429 during a
// wait answers a request that was sent before it, and does not extend the wait.
func (p *penalty) pause(a rest.Answer) time.Duration {
	if a.Status != http.StatusTooManyRequests {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	since := time.Since(p.until)
	if since < 0 {
		return -since
	}
	wait := routePenalty
	if since < time.Minute {
		wait = addressPenalty
	}
	p.until = time.Now().Add(wait)
	return wait
}

// errNotPermitted says that the credential is not permitted to make this request.
var errNotPermitted = errors.New("not permitted")

// accepted reports whether an answer is a 2xx that reports no error.
func accepted(a rest.Answer) bool { return a.OK() && !a.ReportsFailure(false) }

// ask makes a read and returns its answer if it is a 2xx without an error in it. The error is an
// *rest.Error. It is errNotPermitted too if the status is one of refusals.
func (c *Client) ask(ctx context.Context, r rest.Request, refusals ...int) (rest.Answer, error) {
	answer, err := c.rest.Read(ctx, r)
	switch {
	case err != nil:
		return rest.Answer{}, err
	case accepted(answer):
		return answer, nil
	case slices.Contains(refusals, answer.Status):
		return rest.Answer{}, fmt.Errorf("%w: %w", errNotPermitted, fault(answer))
	}
	return rest.Answer{}, fault(answer)
}

// rows decodes an array. A null is an error, because it does not say that there are no rows.
func rows[T any](a rest.Answer) ([]T, error) {
	var list []T
	if err := a.JSON(&list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, a.Malformed("the answer is null instead of a list")
	}
	return list, nil
}

// envelope is the body of every documented error.
// https://docs.sfox.com/connect/errors/error-codes
type envelope struct {
	Error string `json:"error"`
}

// fault returns the error of an answer that is not a success.
func fault(a rest.Answer) error {
	var e envelope
	_ = a.JSON(&e) // an answer of another form has no words
	return a.Fault("", e.Error)
}

// notFound reports whether an answer is a 404 or 410 in sFOX's own form. Any other 404 comes from
// elsewhere, a wrong host for example.
func notFound(a rest.Answer) bool {
	var e envelope
	return a.Gone() && a.JSON(&e) == nil && e.Error != ""
}
