package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

const (
	maxRetries  = 3
	firstWait   = 500 * time.Millisecond
	longestWait = 2 * time.Second
	maxBody     = 8 << 20  // bytes
	maxLarge    = 64 << 20 // bytes of a Request.Large
)

// changeKey marks the context of a request that changes something; routeKey carries Request.Route,
// largeKey marks Request.Large. callerKey carries the context of the caller of a change, which ends
// it only as long as nothing of it has left.
type (
	changeKey struct{}
	routeKey  struct{}
	largeKey  struct{}
	callerKey struct{}
)

// startByKey carries the time of WithStartBy.
type startByKey struct{}

// WithStartBy returns a context whose requests wait for no rate limit past a time. The error of one
// that would is a *BudgetError that is offboard.ErrNoTime.
func WithStartBy(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, startByKey{}, t)
}

// WithoutStartBy returns a context without the time of WithStartBy, for what must be known.
func WithoutStartBy(ctx context.Context) context.Context {
	return context.WithValue(ctx, startByKey{}, nil)
}

// beginningKey carries the time of WithBeginning.
type beginningKey struct{}

// WithBeginning returns a context for requests that begin something. With a rate limit the first of
// them is sent only if no other request waits, so that a run ends what it has begun before it
// begins more. left gets the time when it left.
func WithBeginning(ctx context.Context, left *time.Time) context.Context {
	return context.WithValue(ctx, beginningKey{}, left)
}

func isChange(ctx context.Context) bool { return ctx.Value(changeKey{}) != nil }

// routeOf returns the Request.Route of a request; empty if it has none.
func routeOf(ctx context.Context) string {
	route, _ := ctx.Value(routeKey{}).(string)
	return route
}

func bodyLimit(ctx context.Context) int64 {
	if ctx.Value(largeKey{}) != nil {
		return maxLarge
	}
	return maxBody
}

// http2Logged reports whether GODEBUG makes net/http print the headers of HTTP/2, credentials
// included. net/http reads GODEBUG when it starts.
var http2Logged = strings.Contains(os.Getenv("GODEBUG"), "http2debug")

// NewTransport returns the transport for requests over the network. It verifies certificates, waits
// ten seconds for a connection at most, and sends a change once. It does not use HTTP/2 if that
// would be logged.
func NewTransport() http.RoundTripper {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(!http2Logged)
	return sendsOnce(&http.Transport{
		Proxy:                  proxies(),
		OnProxyConnectResponse: refusedConnect,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		Protocols:              &protocols,
	})
}

// mayRetry reports whether a request is sent again. A change never is, because much may have
// changed during a wait. A read whose attempt timed out is only if the vendor still answers others,
// which is asked once.
func mayRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Value(pingKey{}) != nil || isChange(ctx) {
		return false, nil
	}
	g, _ := ctx.Value(trackedKey{}).(*tracked)
	if g != nil {
		g.othersAnswered = false
	}
	deadline, ok := ctx.Deadline()
	if expires := ctx.Err() != nil || ok && time.Until(deadline) < longestWait; expires {
		return false, nil // this answer says more than a deadline that passes in the next wait
	}
	if err != nil {
		return !permanent(err) && !g.vendorHangs(ctx, err), nil
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return true, nil
	}
	return resp.StatusCode == http.StatusRequestTimeout ||
		resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented, nil
}

// backoff returns the wait before the next attempt. It is 0 after a 429, because then the budget
// makes all requests wait.
func backoff(shortest, longest time.Duration, tried int, resp *http.Response) time.Duration {
	if resp != nil && resp.StatusCode == http.StatusTooManyRequests {
		return 0
	}
	return retryablehttp.LinearJitterBackoff(shortest, min(longest, shortest<<tried), 0, nil)
}

var errSwitched = errors.New("the answer switches to another protocol (HTTP 101), which no request asks for")

var errTooLarge = errors.New("the answer is larger than any that is expected")

// attempt sends a request once and reads the whole answer, both within its timeout, and writes the
// log line.
type attempt struct {
	next    http.RoundTripper
	timeout time.Duration
	log     Log
}

// RoundTrip implements http.RoundTripper.
func (t *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if isChange(ctx) {
		if !changes.enter() {
			return nil, errDrained
		}
		defer changes.leave()
		detached, release := offboard.DetachKeepDeadline(ctx)
		defer release()
		ctx = context.WithValue(detached, callerKey{}, ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	started := time.Now()
	noteLeft(ctx, started)
	resp, err := t.send(req.Clone(ctx))
	t.report(ctx, newExchange(req, resp, err, started))
	keep(req, resp)
	return resp, err
}

func (t *attempt) send(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	received := resp.Body
	defer func() { _ = received.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, errSwitched // its body is the open connection, which no deadline ends
	}
	limit := bodyLimit(req.Context())
	body, err := io.ReadAll(io.LimitReader(received, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, errTooLarge
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// report logs an attempt, and passes it to the trace of ctx.
func (t *attempt) report(ctx context.Context, x Exchange) {
	if t.log != nil {
		t.log(ctx, "request to the vendor", x.fields())
	}
	traceOf(ctx)(x)
}
