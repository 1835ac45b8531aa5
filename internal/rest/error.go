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
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Error is a request without a usable answer. Every error of this package is one, and every fault
// that a vendor reports.
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

// Unwrap returns the cause on this side or on the way.
func (e *Error) Unwrap() error { return e.Err }

// Ambiguous reports whether the request may have taken effect although it ended in this error: an
// answer that never came, that cannot be read, or that reports a fault of the server. A 4xx means
// that nothing was done, and so does a network that wants a sign-in first (511), or a request that
// was never sent.
func (e *Error) Ambiguous() bool {
	if _, ok := errors.AsType[*AgeError](e.Err); ok { // the answer to another request
		return true
	}
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

// Transient reports whether the same request may succeed a little later: no answer came, it came
// from a cache, the vendor is busy, or its rate limit wants a wait that the deadline allows.
func (e *Error) Transient() bool {
	if _, ok := errors.AsType[*AgeError](e.Err); ok {
		return true
	}
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

// Unclear reports whether the error is that of a success which cannot be understood, or whose body
// is a fault. Vendors answer so during maintenance, too.
func (e *Error) Unclear() bool {
	return e.Status >= http.StatusOK && e.Status < http.StatusMultipleChoices
}

// transientCause reports whether an error without an answer is transient.
func (e *Error) transientCause() bool {
	if budget, ok := errors.AsType[*BudgetError](e.Err); ok {
		return errors.Is(budget.Err, context.DeadlineExceeded) // the wait began, so it would have fit
	}
	return e.Err != nil && !e.unsent && !permanent(e.Err) && !errors.Is(e.Err, context.Canceled)
}

// Refused reports whether the vendor, or a proxy or gateway before it, does not accept the key for
// this request: HTTP 401, 403 or 407.
func (e *Error) Refused() bool { return refuses(e.Status) }

// Delayed reports whether a wait comes before the request: the vendor did not take it (HTTP 425 or
// 429), or it would have left too long after the last read of the account.
func (e *Error) Delayed() bool {
	if budget, ok := errors.AsType[*BudgetError](e.Err); ok {
		return budget.stale
	}
	return e.Status == http.StatusTooEarly || e.Status == http.StatusTooManyRequests
}

// Failing reports whether the vendor, or a proxy or gateway before it, does not serve this key now:
// no answer came, the key is refused, or the vendor is busy or broken.
func (e *Error) Failing() bool { return e.Status == 0 || failing(e.Status) }

func refuses(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired
}

// neverSent reports whether an error came before the first byte of a request: no rate budget, no
// connection, no trusted certificate, an open breaker.
func neverSent(err error) bool {
	var op *net.OpError
	var connect *connectError
	var other *OriginError
	return unsendable(err) || errors.As(err, &connect) || errors.As(err, &other) && other.Origin == Proxy ||
		errors.As(err, &op) && op.Op == "dial"
}

// permanent reports whether an error comes back at every attempt. An answer that is not TLS may
// come instead of the handshake, or instead of the answer, when the request was sent already.
func permanent(err error) bool {
	var record tls.RecordHeaderError
	return unsendable(err) || errors.As(err, &record) || errors.Is(err, errTooLarge)
}

// unsendable reports whether an error comes back at every attempt, before the request is sent.
func unsendable(err error) bool {
	var budget *BudgetError
	var open *BreakerError
	var variable *VariableError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &budget) || errors.As(err, &open) || errors.As(err, &variable) || errors.As(err, &certificate)
}

// BudgetError says that a request was not sent, because the vendor's rate limit does not allow it
// before the deadline.
type BudgetError struct {
	Wait       time.Duration // how long the request would have waited; 0 if that is not known
	Reason     string
	Err        error // why the wait ended early; nil when it did not begin
	noDeadline bool  // ctx has no deadline, and the wait is longer than longestWithoutDeadline
	stale      bool  // after the wait, the last read of the account would be too old for a call
}

// Is reports whether target is offboard.ErrNoTime and the time of this caller is why nothing was
// sent: one with more time may send.
func (e *BudgetError) Is(target error) bool {
	return target == offboard.ErrNoTime && e.Wait > 0 && !e.stale
}

// Unwrap returns why the wait ended early.
func (e *BudgetError) Unwrap() error { return e.Err }

func (e *BudgetError) Error() string {
	if e.stale {
		return "not sent: the account was read too long before, because of " + e.Reason
	}
	if e.Wait == 0 {
		return "not sent: " + e.Reason
	}
	limit := "past the timeout"
	if e.noDeadline {
		limit = "longer than " + longestWithoutDeadline.String()
	}
	return fmt.Sprintf(
		"not sent: %s, and the next request may be sent in %s, which is %s", e.Reason, e.Wait.Round(time.Second), limit,
	)
}

// Fault returns the *Error for an answer in which the vendor reports a fault, with its own code and
// words. The *Error holds an *OriginError if the answer is not from the vendor.
func (a Answer) Fault(code, message string) *Error {
	fault := &Error{Method: a.Method, Path: a.Path, Status: a.Status, Code: a.Text(code), Message: a.Text(message)}
	if origin := a.Origin(); origin != Vendor {
		fault.Err = &OriginError{Origin: origin}
	}
	return fault
}

// Malformed returns the *Error for an answer that cannot be understood. Texts and errors among args
// are treated as text from outside.
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

// transportError returns the *Error for an answer that did not come.
func (a Answer) transportError(err error) *Error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
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

// isOwn reports whether an error is one of this package, with a text of its own.
func isOwn(err error) bool {
	var budget *BudgetError
	var open *BreakerError
	var variable *VariableError
	return errors.As(err, &budget) || errors.As(err, &open) || errors.As(err, &variable) || errors.Is(err, errTooLarge)
}

// errorText returns the text of the error of a request without an answer, safe to print.
func errorText(err error, held *secrets) string {
	if isOwn(err) {
		return err.Error()
	}
	return held.text(err.Error())
}

// timeoutError is a timeout in words for people.
type timeoutError struct{ err error }

func (*timeoutError) Error() string   { return "no answer in time" }
func (e *timeoutError) Unwrap() error { return e.err }

// safeTextError is an error whose text comes from outside, with a text that is safe to print.
type safeTextError struct {
	err  error
	text string
}

func (e *safeTextError) Error() string { return e.text }
func (e *safeTextError) Unwrap() error { return e.err }

// safeError returns err, with its text made safe to print.
func (a Answer) safeError(err error) error {
	text := err.Error()
	if shown := a.Text(text); shown != text {
		return &safeTextError{err, shown}
	}
	return err
}
