// Package rest speaks HTTP and JSON to a vendor, once for all vendors. It escapes paths, limits
// bodies, keeps credentials with one host, retries what is safe to repeat, and keeps one rate
// budget.
package rest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Config is what the configuration sets for one vendor, and what the program adds to it.
type Config struct {
	Vendor            string // its name, which tells its Budgets from those of other vendors
	APIKey            string
	BaseURL           string  // what is before the vendor's resource paths; empty for API.BaseURL
	RequestsPerSecond float64 // 0 for the vendor's documented limit
	UserAgent         string  // names the program and its version
	Log               Log     // nil for none
	Transport         http.RoundTripper
	Budgets           *Budgets // shared by clients of the same vendor and base URL; nil for a budget of its own
	Clock             *Clock   // gets the date of each answer; nil for none
}

// Log writes one line with fields. It never receives a credential, a query or a body.
type Log func(ctx context.Context, message string, fields ...map[string]any)

// API is what is particular to a vendor's API.
type API struct {
	BaseURL     string      // used when the configuration names none
	Credentials http.Header // sent with every request, spelled as given
	Query       url.Values  // credentials in the query of every request; nil for none
	Public      []string    // values in Credentials and Query that are no secrets; nil for none
	// Rate is the limit in requests a second, just under the documented one; 0 if none is documented.
	Rate   float64
	Routes map[string]float64 // further limits in requests a second, by Request.Route
	// Pause returns how long every request must wait after this answer, which has no Retry-After for
	// them; nil if only Retry-After counts.
	Pause func(Answer) time.Duration
	// Busy reports whether a success is an HTTP 429 in the vendor's own envelope, and counts as one; nil
	// if none is.
	Busy    func(Answer) bool
	Quota   func(Answer) (Quota, bool) // what is left of the limit, if the answer says so; nil if none does
	Timeout time.Duration              // for one attempt, its body included
	// Ping is the vendor's cheapest read that shows whether the key still works; empty if there is
	// none.
	Ping Request
}

// SettingError is a setting that cannot be used.
type SettingError struct {
	Setting string // its name, "api_key" for example
	Err     error
}

func (e *SettingError) Error() string { return e.Setting + ": " + e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e *SettingError) Unwrap() error { return e.Err }

// Client makes the requests of one vendor. It is safe for use by several goroutines.
type Client struct {
	config  Config
	api     API
	base    *url.URL
	http    *retryablehttp.Client
	secrets *secrets
	breaker *breaker
	pace    *throttle
	dates   dates
}

// New returns a client, or a *SettingError for a setting that cannot be used. It makes no request.
// If the configuration sets a rate, the limits of the routes are scaled with it.
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
	held := newSecrets(config.APIKey)
	if held.containedIn(config.BaseURL) {
		return nil, &SettingError{
			"base_url",
			errors.New("it holds the API key, which would be printed with the address"),
		}
	}
	held.public = api.Public
	held.addHeader(api.Credentials)
	held.addQuery(api.Query)
	c := &Client{config: config, api: api, base: base, secrets: held}
	c.breaker = newBreaker(c.ping)
	c.pace = &throttle{
		next:   &attempt{next: sendsOnce(config.Transport), timeout: api.Timeout, log: config.Log},
		budget: config.Budgets.of(base, config, api),
		busy:   api.Busy,
		log:    config.Log,
	}
	c.http = retrying(c.pace)
	return c, nil
}

// retrying returns a client that follows no redirect and repeats what is safe to repeat.
func retrying(transport http.RoundTripper) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax = maxRetries
	client.RetryWaitMin, client.RetryWaitMax = firstWait, longestWait
	client.CheckRetry = mayRetry
	client.Backoff = backoff
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.HTTPClient = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client
}

// CheckKey returns an error for a key that cannot be sent in a header as it is.
func CheckKey(key string) error {
	if key == "" {
		return errors.New("it is empty")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return errors.New("it holds a space, a line break or another character that no API key has")
	}
	return nil
}

// Host returns the host of the base URL in lower case, with its port if it names one.
func (c *Client) Host() string { return strings.ToLower(c.base.Host) }

// Tenant returns the host and the path of the base URL in one normal form. It is in lower case and
// ASCII, with only the percent-encoding that is needed. It has no dot at the end of the host, no
// default port, and no slashes at the end.
func (c *Client) Tenant() string { return tenant(c.base) }

// KeyHash returns a hash of the ID of an account, keyed by the API key, in 32 hexadecimal digits.
// It differs between keys and does not reveal the key.
func (c *Client) KeyHash(id string) string {
	mac := hmac.New(sha256.New, []byte(c.config.APIKey))
	mac.Write([]byte("offboard consumer\x00" + id))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// minSecret is the length of the shortest credential of an answer that is masked. A shorter one
// would mask words.
const minSecret = 8

// AddSecret makes the client mask a credential that an answer has brought.
func (c *Client) AddSecret(secret string) {
	if len(secret) >= minSecret {
		c.secrets.add(secret)
	}
}

// Text returns a text from outside that is safe to print, as Answer.Text does.
func (c *Client) Text(s string) string { return c.secrets.text(s) }

// Read makes a request that changes nothing. It is repeated after a lost answer, a 408, a 429 and a
// 5xx. Any answer with a status other than 3xx is returned; an error is an *Error.
func (c *Client) Read(ctx context.Context, r Request) (Answer, error) {
	return c.do(ctx, r)
}

// Change makes a request that changes something. It is sent once, even if the vendor did not take
// it and wants a wait (429). A canceled ctx does not cut it once it is in flight. Answers and
// errors are as in Read. offboard.Ambiguous reports whether an error leaves open what happened.
func (c *Client) Change(ctx context.Context, r Request) (Answer, error) {
	return c.do(context.WithValue(ctx, changeKey{}, true), r)
}

func (c *Client) do(ctx context.Context, r Request) (Answer, error) {
	c.secrets.addHeader(r.Header)
	path := (&url.URL{Path: "/" + strings.Join(r.Path, "/")}).EscapedPath() // an ID may hold control characters
	if open := c.breaker.openError(ctx); open != nil {
		return Answer{}, &Error{Method: r.Method, Path: path, Err: open, unsent: true}
	}
	ctx, guarded := c.breaker.track(ctx)
	defer guarded.end()
	req, err := c.request(c.withMarks(ctx, r), r)
	if err != nil {
		return Answer{}, &Error{Method: r.Method, Path: path, Err: err, unsent: true}
	}
	guarded.answer = c.emptyAnswer(req)
	answer, err := c.exchange(req)
	if err == nil {
		answer, err = c.checkAge(ctx, req, answer)
		c.config.Clock.observe(answer)
	}
	return guarded.resolve(ctx, answer, err, c.overridesCredential(r))
}

// overridesCredential reports whether a request carries another credential than the client's own.
func (c *Client) overridesCredential(r Request) bool {
	for name := range r.Header {
		if strings.EqualFold(name, "Authorization") {
			return true
		}
		for own := range c.api.Credentials {
			if strings.EqualFold(name, own) {
				return true
			}
		}
	}
	return false
}

// withMarks puts into ctx what the transports need to know of a request.
func (c *Client) withMarks(ctx context.Context, r Request) context.Context {
	ctx = context.WithValue(context.WithValue(ctx, routeKey{}, r.Route), secretsKey{}, c.secrets)
	ctx = context.WithValue(ctx, leftKey{}, new(time.Time))
	if r.Large {
		ctx = context.WithValue(ctx, largeKey{}, true)
	}
	if r.Secret {
		ctx = context.WithValue(ctx, secretAnswerKey{}, true)
	}
	return ctx
}

// exchange sends a request and reads its answer.
func (c *Client) exchange(req *retryablehttp.Request) (Answer, error) {
	answer := c.emptyAnswer(req)
	resp, err := c.http.Do(req)
	if resp != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err != nil {
		return answer, answer.transportError(err)
	}
	answer.Status, answer.Header, answer.left = resp.StatusCode, resp.Header, timeLeft(req)
	c.dates.observe(answer)
	if answer.Body, err = io.ReadAll(resp.Body); err != nil {
		return answer, answer.transportError(err)
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return answer, answer.Malformed(
			"it redirects to another address (%s), and redirects are never followed", redirectHost(resp),
		)
	}
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") &&
		len(answer.Body) > 0 {
		return answer, answer.Malformed("the answer is encoded as %q, which was not asked for", coding)
	}
	return answer, nil
}
