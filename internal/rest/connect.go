package rest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// onceTransport sends each change once, on a connection of its own. By itself, net/http sends a
// request again if a kept connection is broken, or if an HTTP/2 server refuses a stream or goes
// away. A body that cannot be rewound would prevent that. But HTTP/2 sends a frame for it, even if
// it is empty, and some gateways refuse a GET with a body.
type onceTransport struct {
	*http.Transport

	mu    sync.Mutex
	spare map[string][]spareConn // by scheme and host: connections that took too long for their changes
}

// spareConn is a connection, and when it was kept.
type spareConn struct {
	*http.ClientConn
	since time.Time
}

const (
	// maxSpare is how many connections are kept for one host: more than closures that run side by side.
	maxSpare = 64
	// spareAge is how long a connection is kept. The way may have dropped an older one without a word,
	// and the answer to a change on it would be lost.
	spareAge = 30 * time.Second
)

// sendsOnce returns a onceTransport for a transport of net/http. It returns any other transport as
// it is.
func sendsOnce(transport http.RoundTripper) http.RoundTripper {
	if t, ok := transport.(*http.Transport); ok {
		return &onceTransport{Transport: t, spare: map[string][]spareConn{}}
	}
	return transport
}

// RoundTrip implements http.RoundTripper. The connection of a change ends with the answer's body.
func (t *onceTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !isChange(req.Context()) {
		return t.Transport.RoundTrip(req)
	}
	conn, err := t.connect(req)
	if err != nil {
		return nil, &connectError{err}
	}
	if err := mayLeave(req.Context()); err != nil {
		if err.stale {
			t.keep(req, conn)
		} else {
			_ = conn.Close()
		}
		return nil, err
	}
	resp, err := conn.RoundTrip(req)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	resp.Body = &lastBody{resp.Body, conn}
	return resp, nil
}

// mayLeave returns why a change must not leave after it was connected, which can take as long as its
// timeouts allow. It returns nil if the change may leave.
func mayLeave(ctx context.Context) *BudgetError {
	caller, ok := ctx.Value(callerKey{}).(context.Context)
	switch {
	case ok && caller.Err() != nil:
		return stoppedBefore(caller.Err())
	case offboard.Stale(ctx):
		return &BudgetError{Reason: "a slow connection", stale: true}
	}
	return nil
}

// connect returns a new connection for a request, on the way that a read to the same URL takes: to
// the same host, through the same proxy or none. By itself, NewClientConn asks for the proxy of a
// URL that it makes up, without the port and without the brackets of IPv6.
func (t *onceTransport) connect(req *http.Request) (*http.ClientConn, error) {
	if conn := t.takeSpare(req); conn != nil {
		return conn, nil
	}
	way := t.Clone()
	if t.Proxy != nil {
		way.Proxy = func(*http.Request) (*url.URL, error) { return t.Proxy(req) }
	}
	return way.NewClientConn(req.Context(), req.URL.Scheme, net.JoinHostPort(req.URL.Hostname(), req.URL.Port()))
}

// keep keeps a connection that took so long that its change must not leave. The change after the
// next read leaves on it: otherwise a slow way would make each read too old for its change.
func (t *onceTransport) keep(req *http.Request, conn *http.ClientConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := t.spare[route(req)]
	if len(kept) == maxSpare {
		_ = kept[0].Close()
		kept = kept[1:]
	}
	t.spare[route(req)] = append(kept, spareConn{conn, time.Now()})
}

// takeSpare returns the connection that was kept last, if there is one that can be used.
func (t *onceTransport) takeSpare(req *http.Request) *http.ClientConn {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := t.spare[route(req)]
	for len(kept) > 0 {
		conn := kept[len(kept)-1]
		kept = kept[:len(kept)-1]
		t.spare[route(req)] = kept
		if conn.Err() == nil && time.Since(conn.since) < spareAge {
			return conn.ClientConn
		}
		_ = conn.Close()
	}
	return nil
}

func route(req *http.Request) string { return req.URL.Scheme + "://" + req.URL.Host }

// lastBody is the body of the only answer on a connection.
type lastBody struct {
	io.ReadCloser
	conn *http.ClientConn
}

// Close implements io.Closer.
func (b *lastBody) Close() error {
	err := b.ReadCloser.Close()
	_ = b.conn.Close()
	return err
}

// connectError says that no connection was made, so nothing was sent.
type connectError struct{ err error }

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }
