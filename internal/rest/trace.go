package rest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Exchange is one attempt of a request, as the log line and a trace tell it: no query, no header
// but one, no body, no e-mail address.
type Exchange struct {
	At        time.Time // when it left
	Method    string
	Host      string
	Path      string // escaped; segments that hold an e-mail address are "***"
	Change    bool   // whether it was made by Client.Change
	Status    int    // 0 when no answer came
	RequestID string // what the vendor calls this request, for a question to its support; empty when it gives none
	Took      time.Duration
	Err       string // why no answer came; empty when one did
}

// traceKey carries the function of WithTrace, secretsKey what must not be told of a request.
type (
	traceKey   struct{}
	secretsKey struct{}
)

// secretAnswerKey marks the context of a Request.Secret.
type secretAnswerKey struct{}

// WithTrace has f called with every attempt of every request that is made with the returned
// context, after it ended. Requests side by side call f side by side.
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

// fields are those of the log line.
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

const maxRequestID = 128 // characters; longer ones are of no use to anybody

// requestIDs are the usual names of the header, the likeliest first. No vendor documents one.
var requestIDs = []string{
	"X-Request-Id",
	"Request-Id",
	"X-Correlation-Id",
	"X-Amzn-Requestid",
	"X-Ms-Request-Id",
	"Cf-Ray",
}

// requestID is what an answer says the request is called. A value that is no plain word is left
// out.
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

// loggablePath is the escaped path of u without the segments that hold an e-mail address.
func loggablePath(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err != nil || strings.Contains(plain, "@") {
			segments[i] = "***"
		}
	}
	return strings.Join(segments, "/")
}
