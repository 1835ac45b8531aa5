package rest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/go-retryablehttp"
)

// Request is one call of a vendor's API.
type Request struct {
	Method string
	Path   []string    // segments below the base URL; each is escaped, none may be empty or a dot
	Slash  bool        // a slash ends the path
	Query  url.Values  // nil for none; no name is that of a credential
	Body   any         // sent as JSON; nil for none
	Form   url.Values  // sent as a form instead of Body; nil for none
	Header http.Header // in addition to the client's own; the same name replaces it
	Plain  http.Header // further headers, which hold no credential and have the name of none
	Route  string      // the name of a further rate limit in API.Routes, for which alone a Retry-After holds
	Secret bool        // the answer holds a credential, so its headers are not recorded
	Large  bool        // the answer may have up to 64 MiB instead of 8: a list of all users
}

// request makes the HTTP request of r, with the credentials of the client.
func (c *Client) request(ctx context.Context, r Request) (*retryablehttp.Request, error) {
	address, err := address(c.base, r.Path, r.Slash)
	if err != nil {
		return nil, err
	}
	if c.replaces(r) {
		return nil, errReplaced
	}
	query := maps.Clone(r.Query)
	if query == nil {
		query = url.Values{}
	}
	maps.Copy(query, c.api.Query)
	address.RawQuery = query.Encode()
	body, kind, err := r.body()
	if err != nil {
		return nil, err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.Method, address.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Cache-Control", "no-cache, no-store") // an old answer proves nothing
	req.Header.Set("User-Agent", c.config.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	for name, values := range r.Plain {
		if own := http.CanonicalHeaderKey(name); len(req.Header[own]) > 0 {
			name = own // in any letter case, so that there is one of the name
		}
		req.Header[name] = values
	}
	for _, header := range []http.Header{c.api.Credentials, r.Header} {
		maps.Copy(req.Header, header) // as spelled: some proxies need the letter case
	}
	return req, nil
}

// errReplaced names no parameter, because a request may take the name from an answer.
var errReplaced = errors.New(
	"a parameter or header of the request has the name of a credential, which would replace it",
)

// replaces reports whether a credential would replace a parameter or a header of a request, which may
// name the account. Servers differ in whether a letter case makes another name.
func (c *Client) replaces(r Request) bool {
	return sharesName(r.Query, c.api.Query) || sharesName(r.Plain, c.api.Credentials) || sharesName(r.Plain, r.Header)
}

func sharesName(one, other map[string][]string) bool {
	for name := range one {
		for taken := range other {
			if strings.EqualFold(name, taken) {
				return true
			}
		}
	}
	return false
}

// body returns the body of a request and its media type. Without one it is a nil any, because a nil
// []byte would be a body.
func (r *Request) body() (body any, kind string, err error) {
	switch {
	case r.Form != nil:
		return []byte(r.Form.Encode()), "application/x-www-form-urlencoded", nil
	case r.Body == nil:
		return nil, "", nil
	}
	encoded, err := json.Marshal(r.Body)
	return encoded, "application/json", err
}
