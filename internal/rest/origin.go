package rest

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
)

// Origin is who gave an answer.
type Origin string

// Who can answer. An answer counts as that of the vendor if nothing in it says otherwise.
const (
	Vendor  Origin = "the vendor"
	Proxy   Origin = "a proxy"                   // a proxy of this network, before the request reached the vendor
	Network Origin = "the sign-in page"          // this network, which wants a sign-in first
	Gateway Origin = "a gateway or its web page" // before the vendor: a CDN, a load balancer, a firewall
)

// OriginError says that an answer is not from the vendor.
type OriginError struct {
	Origin Origin
	Err    error // what went wrong on the way; nil when an answer came
}

// Unwrap returns what went wrong on the way.
func (e *OriginError) Unwrap() error { return e.Err }

func (e *OriginError) Error() string {
	text := "the answer is a web page of a gateway, a CDN or a firewall before the vendor, not an answer of its API"
	switch e.Origin {
	case Proxy:
		text = "a proxy of this network refused the request (see HTTPS_PROXY and NO_PROXY), not the vendor"
	case Network:
		text = "this network wants a sign-in before it forwards requests, so the vendor was not asked"
	case Vendor, Gateway:
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Origin returns who refused the request.
func (e *Error) Origin() Origin {
	if other, ok := errors.AsType[*OriginError](e.Err); ok {
		return other.Origin
	}
	return Vendor
}

// Origin returns who answered.
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

// page reports whether the body is a web page. Some servers send JSON as text/html, as PHP does by default.
func (a Answer) page() bool {
	if kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type")); err == nil &&
		(kind == "text/html" || kind == "application/xhtml+xml") {
		return !a.isJSON()
	}
	body := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(a.Body[:min(len(a.Body), 512)], byteOrderMark)))
	return bytes.HasPrefix(body, []byte("<!doctype html")) || bytes.HasPrefix(body, []byte("<html"))
}

// isJSON reports whether the body is an object or a list in JSON.
func (a Answer) isJSON() bool {
	body := bytes.TrimSpace(bytes.TrimPrefix(a.Body, byteOrderMark))
	return (bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("["))) && json.Valid(body)
}

// trustError is a certificate signed by an authority that this machine does not trust, in words for
// people.
type trustError struct{ err error }

func (e *trustError) Error() string {
	return "the certificate is signed by an authority that this machine does not trust (" + e.err.Error() +
		"); if a proxy of this network reads TLS, name a file with its certificate in SSL_CERT_FILE"
}
func (e *trustError) Unwrap() error { return e.err }

// explain returns an error in words for people, if they can do something about it.
func explain(err error) error {
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

// refusedConnect returns the error of a proxy's answer to CONNECT, or nil. It does not show what
// the proxy says except the status.
func refusedConnect(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	if answer.StatusCode == http.StatusProxyAuthRequired {
		return &OriginError{Origin: Proxy, Err: errors.New("HTTP 407, it wants other credentials")}
	}
	return &OriginError{Origin: Proxy, Err: fmt.Errorf("HTTP %d to CONNECT", answer.StatusCode)}
}
