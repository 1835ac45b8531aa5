package rest

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
)

// Origin is who gave an answer.
type Origin string

// Who can answer. A vendor's own answer is what cannot be told from one.
const (
	Vendor  Origin = "the vendor"
	Proxy   Origin = "a proxy"                   // a proxy of this network, before the request reached the vendor
	Network Origin = "the sign-in page"          // the network itself, which wants a sign-in first
	Gateway Origin = "a gateway or its web page" // what stands before the vendor: a CDN, a load balancer, a firewall
)

// OriginError says that somebody else than the vendor answered.
type OriginError struct {
	Origin Origin
	Err    error // what went wrong on the way; nil when an answer came
}

// Unwrap gives what went wrong on the way.
func (e *OriginError) Unwrap() error { return e.Err }

func (e *OriginError) Error() string {
	var text string
	switch e.Origin {
	case Proxy:
		text = "a proxy of this network refused the request (see HTTPS_PROXY and NO_PROXY), not the vendor"
	case Network:
		text = "this network wants a sign-in before it forwards requests, so the vendor was not asked"
	default:
		text = "the answer is a web page of a gateway, a CDN or a firewall before the vendor, not an answer of its API"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Origin tells who refused.
func (e *Error) Origin() Origin {
	if other, ok := errors.AsType[*OriginError](e.Err); ok {
		return other.Origin
	}
	return Vendor
}

// Origin tells who answered.
func (a Answer) Origin() Origin {
	switch {
	case a.Status == http.StatusProxyAuthRequired:
		return Proxy
	case a.Status == http.StatusNetworkAuthenticationRequired:
		return Network
	case a.page():
		return Gateway
	}
	return Vendor
}

// page reports whether the body is a web page.
func (a Answer) page() bool {
	if kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type")); err == nil && (kind == "text/html" || kind == "application/xhtml+xml") {
		return true
	}
	body := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(a.Body[:min(len(a.Body), 512)], byteOrderMark)))
	return bytes.HasPrefix(body, []byte("<!doctype html")) || bytes.HasPrefix(body, []byte("<html"))
}

// trustError words that a certificate is signed by somebody whom this machine does not know.
type trustError struct{ err error }

func (e *trustError) Error() string {
	return "the certificate is signed by an authority that this machine does not trust (" + e.err.Error() +
		"); if a proxy of this network reads TLS, name a file with its certificate in SSL_CERT_FILE"
}
func (e *trustError) Unwrap() error { return e.err }

// explained words the errors on the way to a vendor that a person can do something about.
func explained(err error) error {
	var authority x509.UnknownAuthorityError
	var op *net.OpError
	var other *OriginError
	switch {
	case errors.As(err, &authority):
		return &trustError{err}
	case errors.As(err, &other):
		return other
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return &OriginError{Origin: Proxy, Err: err}
	}
	return err
}

// refusedConnect is called with a proxy's answer to CONNECT. What the proxy says is not shown; its status is enough.
func refusedConnect(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	if answer.StatusCode == http.StatusProxyAuthRequired {
		return &OriginError{Origin: Proxy, Err: errors.New("HTTP 407, it wants other credentials")}
	}
	return &OriginError{Origin: Proxy, Err: fmt.Errorf("HTTP %d to CONNECT", answer.StatusCode)}
}
