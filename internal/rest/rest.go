// Package rest speaks HTTP and JSON to a vendor, once for all vendors: paths that cannot be bent, bodies that are bounded,
// credentials that go nowhere else, retries of what is safe to repeat, and one rate budget for everything.
package rest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	Alive       Request                    // the vendor's cheapest read that shows whether the key still works; empty where there is none
}

// SettingError is a setting that cannot be used.
type SettingError struct {
	Setting string // its name, "api_key" for example
	Err     error
}

func (e *SettingError) Error() string { return e.Setting + ": " + e.Err.Error() }

// Unwrap gives what is wrong with it.
func (e *SettingError) Unwrap() error { return e.Err }

// Client makes the requests of one vendor. It is safe for use by several goroutines.
type Client struct {
	config  Config
	api     API
	base    *url.URL
	http    *retryablehttp.Client
	secrets *secrets
	breaker *breaker
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
	held := newSecrets(config.APIKey)
	if held.in(config.BaseURL) {
		return nil, &SettingError{"base_url", errors.New("it holds the API key, which would be printed with the address")}
	}
	held.addHeader(api.Credentials)
	c := &Client{config: config, api: api, base: base, secrets: held}
	c.breaker = newBreaker(c.alive)
	transport := &throttle{
		next:   &attempt{next: sendsOnce(config.Transport), timeout: api.Timeout, log: config.Log},
		budget: config.Budgets.of(base, config, api),
		log:    config.Log,
	}
	c.http = retrying(transport)
	return c, nil
}

// retrying is a client that follows nothing and repeats what is safe.
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

// CheckKey refuses a key that cannot be sent in a header as it is.
func CheckKey(key string) error {
	if key == "" {
		return errors.New("it is empty")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return errors.New("it holds a space, a line break or another character that no API key has")
	}
	return nil
}

// Host is the host of the base URL, with its port if it names one, in lower case.
func (c *Client) Host() string { return strings.ToLower(c.base.Host) }

// Tenant is the host and the path of the base URL, in one form however they are written: in lower case and ASCII, without the dot of
// the root, a default port and slashes at the end, and with only the percent-encoding that is needed.
func (c *Client) Tenant() string { return tenant(c.base) }

// KeyHash tells keys apart without telling the key: it is a hash of the ID of an account, keyed by the API key, in 32 hexadecimal digits.
func (c *Client) KeyHash(id string) string {
	mac := hmac.New(sha256.New, []byte(c.config.APIKey))
	mac.Write([]byte("offboard consumer\x00" + id))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// leastLearned is the length from which on a credential in an answer is hidden everywhere: a shorter one is none, and would hide words.
const leastLearned = 8

// Learn has the client hide a credential that an answer has just brought.
func (c *Client) Learn(secret string) {
	if len(secret) >= leastLearned {
		c.secrets.add(secret)
	}
}

// Text makes a text that came from outside safe to show, as Answer.Text does.
func (c *Client) Text(s string) string { return c.secrets.text(s) }

// Request is one call of a vendor's API.
type Request struct {
	Method string
	Path   []string    // segments below the base URL; each is escaped, none may be empty or a dot
	Query  url.Values  // nil for none
	Body   any         // sent as JSON; nil for none
	Header http.Header // besides the client's own, and instead of those of the same name
	Route  string      // the name of a further rate limit in API.Routes
	Secret bool        // the answer holds a credential, so that nothing of its headers is told
	Large  bool        // the answer may have up to 64 MiB instead of 8: a list of all users in one piece
}

// Read makes a request that changes nothing. It is repeated after a lost answer, a 408, a 429 and a 5xx.
// Any answer with a status other than 3xx is returned; an error is an *Error.
func (c *Client) Read(ctx context.Context, r Request) (Answer, error) {
	return c.do(ctx, r)
}

// Change makes a request that changes something. It leaves once, even if the vendor did not take it and wants a wait (429). A
// canceled ctx does not cut it once it is on its way. Answers and errors are as in Read; offboard.Ambiguous reports whether an
// error leaves open what became of it.
func (c *Client) Change(ctx context.Context, r Request) (Answer, error) {
	return c.do(context.WithValue(ctx, changeKey{}, true), r)
}

func (c *Client) do(ctx context.Context, r Request) (Answer, error) {
	c.secrets.addHeader(r.Header)
	path := (&url.URL{Path: "/" + strings.Join(r.Path, "/")}).EscapedPath() // an ID may hold what must not be printed
	if open := c.breaker.stands(ctx); open != nil {
		return Answer{}, &Error{Method: r.Method, Path: path, Err: open, unsent: true}
	}
	ctx, guarded := c.breaker.guard(ctx)
	defer guarded.end()
	req, err := c.request(c.marked(ctx, r), r)
	if err != nil {
		return Answer{}, &Error{Method: r.Method, Path: path, Err: err, unsent: true}
	}
	guarded.answer = c.unanswered(req)
	answer, err := c.exchange(req)
	return guarded.judge(ctx, answer, err, c.borrows(r))
}

// borrows reports whether a request carries another credential than the client's own.
func (c *Client) borrows(r Request) bool {
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

// marked puts into ctx what the transports below want to know of a request.
func (c *Client) marked(ctx context.Context, r Request) context.Context {
	ctx = context.WithValue(context.WithValue(ctx, routeKey{}, r.Route), secretsKey{}, c.secrets)
	if r.Large {
		ctx = context.WithValue(ctx, largeKey{}, true)
	}
	if r.Secret {
		ctx = context.WithValue(ctx, secretAnswerKey{}, true)
	}
	return ctx
}

// unanswered is the answer to a request before anything of it came.
func (c *Client) unanswered(req *retryablehttp.Request) Answer {
	return Answer{Method: req.Method, Path: req.URL.EscapedPath(), secrets: c.secrets}
}

// exchange sends a request and reads its answer.
func (c *Client) exchange(req *retryablehttp.Request) (Answer, error) {
	answer := c.unanswered(req)
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
		return answer, answer.Garbled("it redirects to another address (%s), and redirects are never followed", redirectHost(resp))
	}
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") && len(answer.Body) > 0 {
		return answer, answer.Garbled("the answer is encoded as %q, which was not asked for", coding)
	}
	return answer, nil
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
	secrets      *secrets
}

// OK tells whether the status is 2xx.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Text makes a text of the vendor (a name, an address, a login, a lab, a currency, a message) safe to print: it is offboard.Text, and
// whatever the client knows of keys and tokens is hidden in it.
func (a Answer) Text(s string) string { return a.secrets.text(s) }

// Holds reports whether a text of the vendor holds anything of the client's keys and tokens. It is for IDs: an ID in which Text hid
// something would be that of another account.
func (a Answer) Holds(s string) bool { return a.secrets.text(s) != offboard.Text(s) }
