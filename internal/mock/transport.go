package mock

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// Transport passes requests to a handler without a network. So the time can be that of a
// testing/synctest bubble.
type Transport struct{ Handler http.Handler }

// RoundTrip implements http.RoundTripper. A handler that panics with http.ErrAbortHandler is a
// broken connection. The error is that, or the context's.
func (t Transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		switch broken := recover(); broken {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, io.ErrUnexpectedEOF
		default:
			panic(broken)
		}
	}()
	served := req.Clone(req.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	t.Handler.ServeHTTP(recorder, served)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	resp = recorder.Result()
	resp.Request = req
	return resp, nil
}

// Canned is a transport that gives one answer to everything, and remembers what
// was exchange.
type Canned struct {
	Status int
	Body   string
	Sent   []*http.Request
}

// RoundTrip implements http.RoundTripper. It never fails.
func (c *Canned) RoundTrip(req *http.Request) (*http.Response, error) {
	c.Sent = append(c.Sent, req)
	return &http.Response{
		StatusCode: c.Status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(c.Body)), Request: req,
	}, nil
}

// Segments returns the decoded segments of a request's path below a base URL. It returns nil for a
// request to another place, with a query, or with an invalid escape.
func Segments(req *http.Request, base string) []string {
	below, ok := strings.CutPrefix(req.URL.Scheme+"://"+req.URL.Host+req.URL.RequestURI(), base+"/")
	if !ok || strings.ContainsAny(below, "?#") {
		return nil
	}
	var all []string
	for segment := range strings.SplitSeq(below, "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return nil
		}
		all = append(all, plain)
	}
	return all
}
