package rest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Exchange is one attempt of a request, for the log and a trace. It holds no query, no body, no
// email address, and no header except the request ID.
type Exchange struct {
	At        time.Time // when it was sent
	Method    string
	Host      string
	Path      string // escaped; segments that hold an email address are "***"
	Change    bool   // whether it was made by Client.Change
	Status    int    // 0 when no answer came
	RequestID string // the vendor's ID of the request, for its support; empty if it gives none
	Took      time.Duration
	Err       string // why no answer came; empty when one did
}

// traceKey carries the function of WithTrace, secretsKey the secrets to mask in what is recorded.
type (
	traceKey   struct{}
	secretsKey struct{}
)

// secretAnswerKey marks the context of a Request.Secret.
type secretAnswerKey struct{}

// WithTrace returns a context in which f is called after every attempt of every request. Concurrent
// requests call f concurrently.
func WithTrace(ctx context.Context, f func(Exchange)) context.Context {
	return context.WithValue(ctx, traceKey{}, f)
}

func newExchange(req *http.Request, resp *http.Response, err error, started time.Time) Exchange {
	held, _ := req.Context().Value(secretsKey{}).(*secrets)
	x := Exchange{
		At:     started,
		Method: req.Method,
		Host:   req.URL.Host,
		Path:   loggablePath(req.URL),
		Change: isChange(req.Context()),
		Took:   time.Since(started),
	}
	if err != nil {
		x.Err = errorText(err, held)
		return x
	}
	x.Status = resp.StatusCode
	if req.Context().Value(secretAnswerKey{}) == nil {
		x.RequestID = held.text(requestID(resp.Header))
	}
	return x
}

// fields returns the fields of the log line.
func (x Exchange) fields() map[string]any {
	fields := map[string]any{"method": x.Method, "host": x.Host, "path": x.Path, "duration_ms": x.Took.Milliseconds()}
	if x.Err != "" {
		fields["error"] = x.Err
		return fields
	}
	fields["status"] = x.Status
	if x.RequestID != "" {
		fields["request_id"] = x.RequestID
	}
	return fields
}

const maxRequestID = 128 // characters; a longer one is no ID

// requestIDs are the usual names of the header, the likeliest first. No vendor documents one.
var requestIDs = []string{
	"X-Request-Id",
	"Request-Id",
	"X-Correlation-Id",
	"X-Amzn-Requestid",
	"X-Ms-Request-Id",
	"Cf-Ray",
}

// requestID returns the ID of the request in an answer. It ignores a value that is not a plain
// word.
func requestID(header http.Header) string {
	for _, name := range requestIDs {
		if id := header.Get(name); plainWord(id) {
			return id
		}
	}
	return ""
}

func plainWord(s string) bool {
	return s != "" && len(s) <= maxRequestID &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '@' })
}

// loggablePath returns the escaped path of u with "***" for segments that hold an email address.
func loggablePath(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err != nil || strings.Contains(plain, "@") {
			segments[i] = "***"
		}
	}
	return strings.Join(segments, "/")
}
