// Package rest speaks HTTP and JSON to a vendor, once for all vendors: paths that cannot be bent, bodies that are bounded,
// credentials that go nowhere else, retries of what is safe to repeat, and one rate budget for everything.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Config is what a person sets for one vendor, and what the program adds to it.
type Config struct {
	APIKey            string
	BaseURL           string  // everything before the vendor's resource paths; empty for the vendor's own
	RequestsPerSecond float64 // 0 for the vendor's documented limit
	UserAgent         string  // names the program and its version
	Log               Log     // nil for none
	Transport         http.RoundTripper
	Budgets           *Budgets // what clients of the same base URL share; nil for a budget of its own
}

// Log writes one line with fields; it never receives a credential, a query or a body.
type Log func(ctx context.Context, message string, fields ...map[string]any)

// API is what is particular to a vendor's API.
type API struct {
	BaseURL     string                     // used when the configuration names none
	Credentials http.Header                // sent with every request, spelt as given
	Rate        float64                    // requests a second, just under the documented limit; 0 where none is documented
	Routes      map[string]float64         // further limits in requests a second, by Request.Route
	Pause       func(Answer) time.Duration // how long every request must wait after this answer; nil where only Retry-After counts
	Quota       func(Answer) (Quota, bool) // what is left of the limit, if the answer says so; nil where no answer does
	Timeout     time.Duration              // for one attempt, its body included
}

// SettingError is a setting that cannot be used.
type SettingError struct {
	Setting string // "api_key", "base_url" or "site"
	Err     error
}

func (e *SettingError) Error() string { return e.Setting + ": " + e.Err.Error() }

// Unwrap gives what is wrong with it.
func (e *SettingError) Unwrap() error { return e.Err }

// Client makes the requests of one vendor. It is safe for use by several goroutines.
type Client struct {
	config Config
	api    API
	base   *url.URL
	http   *retryablehttp.Client
}

// New returns a client, or a *SettingError for a setting that cannot be used. It makes no request.
// A rate that the configuration sets scales the limits of the routes with it.
func New(config Config, api API) (*Client, error) {
	if config.BaseURL == "" {
		config.BaseURL = api.BaseURL
	}
	base, err := ParseBaseURL(config.BaseURL)
	if err != nil {
		return nil, &SettingError{"base_url", err}
	}
	if err := CheckKey(config.APIKey); err != nil {
		return nil, &SettingError{"api_key", err}
	}
	c := &Client{config: config, api: api, base: base, http: retryablehttp.NewClient()}
	c.http.Logger = nil
	c.http.RetryMax = maxRetries
	c.http.RetryWaitMin, c.http.RetryWaitMax = firstWait, longestWait
	c.http.CheckRetry = mayRetry
	c.http.Backoff = backoff
	c.http.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.http.HTTPClient = &http.Client{
		Transport: &throttle{
			next:   &attempt{next: config.Transport, timeout: api.Timeout, log: config.Log},
			budget: config.Budgets.of(base, config, api),
			log:    config.Log,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// CheckKey refuses a key that cannot be sent in a header as it is.
func CheckKey(key string) error {
	if key == "" {
		return errors.New("it is empty")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return errors.New("it holds a blank, a line break or another character that no key has")
	}
	return nil
}

// Host is the host of the base URL, with its port if it names one, in lower case.
func (c *Client) Host() string { return strings.ToLower(c.base.Host) }

// Tenant is the host and the base path of the base URL: what an account belongs to.
func (c *Client) Tenant() string { return c.Host() + strings.TrimRight(c.base.EscapedPath(), "/") }

// Request is one call of a vendor's API.
type Request struct {
	Method string
	Path   []string    // segments below the base URL; each is escaped, none may be empty or a dot
	Query  url.Values  // nil for none
	Body   any         // sent as JSON; nil for none
	Header http.Header // besides the client's own, and instead of those of the same name
	Route  string      // the name of a further rate limit in API.Routes
	Large  bool        // the answer may have up to 64 MiB instead of 8: a list of all users in one piece
}

// Read makes a request that changes nothing. It is repeated after a lost answer, a 408, a 429 and a 5xx.
// Any answer with a status other than 3xx is returned; an error is an *Error.
func (c *Client) Read(ctx context.Context, r Request) (Answer, error) {
	return c.do(ctx, r)
}

// Change makes a request that changes something. It leaves once, but for an answer that says it was not taken (429), and a
// cancelled ctx does not cut it once it is on its way. Answers and errors are as in Read; offboard.Ambiguous tells whether an
// error leaves open what became of it.
func (c *Client) Change(ctx context.Context, r Request) (Answer, error) {
	return c.do(context.WithValue(ctx, changeKey{}, true), r)
}

func (c *Client) do(ctx context.Context, r Request) (Answer, error) {
	secrets := c.secrets(r)
	ctx = context.WithValue(context.WithValue(ctx, routeKey{}, r.Route), secretsKey{}, secrets)
	if r.Large {
		ctx = context.WithValue(ctx, largeKey{}, true)
	}
	req, err := c.request(ctx, r)
	if err != nil {
		return Answer{}, &Error{Method: r.Method, Path: "/" + strings.Join(r.Path, "/"), Err: err, unsent: true}
	}
	answer := Answer{Method: r.Method, Path: req.URL.EscapedPath(), secrets: secrets}
	resp, err := c.http.Do(req)
	if resp != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err != nil {
		return answer, answer.broken(err)
	}
	answer.Status, answer.Header = resp.StatusCode, resp.Header
	if answer.Body, err = io.ReadAll(resp.Body); err != nil {
		return answer, answer.broken(err)
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return answer, answer.broken(fmt.Errorf("it redirects to another address (%s), and redirects are never followed", redirectHost(resp)))
	}
	return answer, nil
}

// secrets are the client's own and those that this request carries.
func (c *Client) secrets(r Request) []string {
	secrets := []string{c.config.APIKey}
	for _, values := range r.Header {
		for _, v := range values {
			secrets = append(secrets, strings.TrimPrefix(v, "Bearer "))
		}
	}
	return secrets
}

func (c *Client) request(ctx context.Context, r Request) (*retryablehttp.Request, error) {
	address, err := address(c.base, r.Path)
	if err != nil {
		return nil, err
	}
	address.RawQuery = r.Query.Encode()
	var body any // nil stays nil, so that no body is no body
	if r.Body != nil {
		if body, err = json.Marshal(r.Body); err != nil {
			return nil, err
		}
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.Method, address.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Cache-Control", "no-cache, no-store") // an old answer proves nothing
	req.Header.Set("User-Agent", c.config.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, header := range []http.Header{c.api.Credentials, r.Header} {
		for name, values := range header {
			req.Header[name] = values // as it is spelt: some proxies mind the case of a credential's header
		}
	}
	return req, nil
}

// Answer is what a vendor sent back.
type Answer struct {
	Method, Path string
	Status       int
	Header       http.Header
	Body         []byte
	secrets      []string
}

// OK tells whether the status is 2xx.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// JSON decodes the body into v. Anything else than one JSON value of the right types is an *Error.
func (a Answer) JSON(v any) error {
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	decoder.UseNumber()
	if err := decoder.Decode(v); err != nil {
		return a.broken(fmt.Errorf("the answer is not the JSON that was expected (%s): %w", a.kind(), err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return a.broken(fmt.Errorf("the answer holds more than one JSON value (%s)", a.kind()))
	}
	return nil
}

// kind describes the body without showing it.
func (a Answer) kind() string {
	kind := a.Header.Get("Content-Type")
	if kind == "" {
		kind = "no content type"
	}
	return fmt.Sprintf("HTTP %d, %s, %d bytes", a.Status, kind, len(a.Body))
}

// Text makes a text of the answer safe to show: without the client's secrets, and as offboard.Text leaves it.
func (a Answer) Text(s string) string { return offboard.Text(a.hide(s)) }
