package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Error is a request that did not come to a usable answer. Every error of this package and every
// fault that a vendor reports is one.
type Error struct {
	Method, Path string
	Status       int    // 0 when no answer came
	Code         string // the vendor's own code, if it has one
	Message      string // the vendor's own words, shortened; for people only
	Err          error  // what went wrong on this side or on the way; nil when the vendor reported a fault
	unsent       bool
}

func (e *Error) Error() string {
	parts := []string{e.Method + " " + e.Path}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the cause on this side or on the way.
func (e *Error) Unwrap() error { return e.Err }

// Ambiguous tells whether the request may have taken effect although it ended in this error: an
// answer that never came, that cannot be read, or that reports a fault of the server. A 4xx says
// that nothing was done, and so does a network that wants a sign-in first (511); a request that
// never left did nothing either.
func (e *Error) Ambiguous() bool {
	switch e.Status {
	case 0:
		return !e.unsent && !neverSent(e.Err)
	case http.StatusRequestTimeout:
		return true
	case http.StatusNetworkAuthenticationRequired:
		return false
	}
	return e.Status < 400 || e.Status >= 500
}

// Transient tells whether the same request may well succeed a little later: no answer came, the
// vendor is busy, or its rate limit wants a wait that the deadline allows.
func (e *Error) Transient() bool {
	switch e.Status {
	case 0:
		return e.transientCause()
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusNetworkAuthenticationRequired:
		return false
	}
	return e.Status >= 500
}

// transientCause judges an error without an answer.
func (e *Error) transientCause() bool {
	if budget, ok := errors.AsType[*BudgetError](e.Err); ok {
		return errors.Is(budget.Err, context.DeadlineExceeded) // it began to wait, so that the wait would have fit
	}
	return e.Err != nil && !e.unsent && !permanent(e.Err) && !errors.Is(e.Err, context.Canceled)
}

// Refused tells whether the vendor, or who stands before it, does not accept the key for this
// request: HTTP 401, 403 or 407.
func (e *Error) Refused() bool { return refuses(e.Status) }

// Delayed reports whether a wait comes before the request: the vendor did not take it (HTTP 425 or
// 429), or it would have left too long after the last read of the account.
func (e *Error) Delayed() bool {
	if budget, ok := errors.AsType[*BudgetError](e.Err); ok {
		return budget.stale
	}
	return e.Status == http.StatusTooEarly || e.Status == http.StatusTooManyRequests
}

// Failing reports whether the vendor, or who stands before it, does not serve this key now: no
// answer came, the key is refused, or the vendor is busy or broken.
func (e *Error) Failing() bool { return e.Status == 0 || failing(e.Status) }

func refuses(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired
}

// neverSent recognizes errors that come before the first byte of a request: no rate budget, no
// connection, no trust, an open breaker.
func neverSent(err error) bool {
	var op *net.OpError
	var connect *connectError
	var other *OriginError
	return unsendable(err) || errors.As(err, &connect) || errors.As(err, &other) && other.Origin == Proxy ||
		errors.As(err, &op) && op.Op == "dial"
}

// permanent recognizes errors that come back however often one tries. What is no TLS may come in
// place of the handshake, and also in place of the answer: then the request has left.
func permanent(err error) bool {
	var record tls.RecordHeaderError
	return unsendable(err) || errors.As(err, &record) || errors.Is(err, errTooLarge)
}

// unsendable recognizes errors that come back, and that come before a request has left.
func unsendable(err error) bool {
	var budget *BudgetError
	var open *BreakerError
	var variable *VariableError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &budget) || errors.As(err, &open) || errors.As(err, &variable) || errors.As(err, &certificate)
}

// Fault is the *Error for an answer in which the vendor reports a fault, in its own code and words.
// It says so when somebody else than the vendor gave the answer.
func (a Answer) Fault(code, message string) *Error {
	fault := &Error{Method: a.Method, Path: a.Path, Status: a.Status, Code: a.Text(code), Message: a.Text(message)}
	if origin := a.Origin(); origin != Vendor {
		fault.Err = &OriginError{Origin: origin}
	}
	return fault
}

// Malformed is the *Error for an answer that this side cannot make sense of. Texts and errors among
// args come from outside.
func (a Answer) Malformed(format string, args ...any) *Error {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = a.Text(arg)
		case error:
			args[i] = a.safeError(arg)
		}
	}
	return &Error{Method: a.Method, Path: a.Path, Status: a.Status, Err: fmt.Errorf(format, args...)}
}

// transportError is the *Error for an answer that did not come.
func (a Answer) transportError(err error) *Error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // the outer text repeats the address with its query
	}
	if isOwn(err) {
		return &Error{Method: a.Method, Path: a.Path, Status: a.Status, Err: err}
	}
	err = a.safeError(explain(err))
	if errors.Is(err, context.DeadlineExceeded) && a.Status == 0 {
		err = &timeoutError{err}
	}
	return &Error{Method: a.Method, Path: a.Path, Status: a.Status, Err: err}
}

// isOwn recognizes the errors of this package, which are in its own words.
func isOwn(err error) bool {
	var budget *BudgetError
	var open *BreakerError
	var variable *VariableError
	return errors.As(err, &budget) || errors.As(err, &open) || errors.As(err, &variable) || errors.Is(err, errTooLarge)
}

// errorText is the text of an error that kept an answer away.
func errorText(err error, held *secrets) string {
	if isOwn(err) {
		return err.Error()
	}
	return held.text(err.Error())
}

// timeoutError words a timeout for people.
type timeoutError struct{ err error }

func (*timeoutError) Error() string   { return "no answer in time" }
func (e *timeoutError) Unwrap() error { return e.err }

// safeTextError keeps the chain of an error whose text comes from outside.
type safeTextError struct {
	err  error
	text string
}

func (e *safeTextError) Error() string { return e.text }
func (e *safeTextError) Unwrap() error { return e.err }

func (a Answer) safeError(err error) error {
	text := err.Error()
	if shown := a.Text(text); shown != text {
		return &safeTextError{err, shown}
	}
	return err
}
