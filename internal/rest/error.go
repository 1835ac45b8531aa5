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
	"unicode"
)

const maxMessage = 300 // characters of a vendor's message that are shown

// Error is a request that did not come to a usable answer. Every error of this package and every fault that a vendor reports is one.
type Error struct {
	Method, Path string
	Status       int    // 0 when no answer came
	Code         string // the vendor's own code, if it has one
	Message      string // the vendor's own words, shortened; for people only
	Err          error  // what went wrong on this side; nil when the vendor reported a fault
	unsent       bool
}

func (e *Error) Error() string {
	text := e.Method + " " + e.Path
	if e.Status != 0 {
		text += fmt.Sprintf(": HTTP %d", e.Status)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			text += ": " + part
		}
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause on this side.
func (e *Error) Unwrap() error { return e.Err }

// Ambiguous tells whether the request may have taken effect although it ended in this error: an answer that never came, that cannot be
// read, or that reports a fault of the server. A 4xx says that nothing was done; so does a request that never left.
func (e *Error) Ambiguous() bool {
	if e.Status == 0 {
		return !e.unsent && !neverSent(e.Err)
	}
	return e.Status == http.StatusRequestTimeout || e.Status < 400 || e.Status >= 500
}

// neverSent recognises errors that come before the first byte of a request: no rate budget, no connection, no trust.
func neverSent(err error) bool {
	var op *net.OpError
	var budget *BudgetError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &budget) || errors.As(err, &certificate) || errors.As(err, &record) ||
		errors.As(err, &op) && op.Op == "dial"
}

// Fault is the *Error for an answer in which the vendor reports a fault, in its own code and words.
func (a Answer) Fault(code, message string) *Error {
	return &Error{Method: a.Method, Path: a.Path, Status: a.Status, Code: a.show(code), Message: a.show(message)}
}

// Garbled is the *Error for an answer that this side cannot make sense of.
func (a Answer) Garbled(format string, args ...any) *Error {
	return a.broken(fmt.Errorf(format, args...))
}

// broken is the *Error for an answer that did not come or cannot be used.
func (a Answer) broken(err error) *Error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // the outer text repeats the address with its query
	}
	var budget *BudgetError
	if errors.Is(err, context.DeadlineExceeded) && a.Status == 0 && !errors.As(err, &budget) {
		err = &timeoutError{err}
	}
	return &Error{Method: a.Method, Path: a.Path, Status: a.Status, Err: a.masked(err)}
}

// timeoutError words a timeout for people.
type timeoutError struct{ err error }

func (*timeoutError) Error() string   { return "no answer in time" }
func (e *timeoutError) Unwrap() error { return e.err }

// maskedError keeps the chain of err and hides secrets in its text.
type maskedError struct {
	err  error
	text string
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }

func (a Answer) masked(err error) error {
	text := err.Error()
	if shown := a.hide(text); shown != text {
		return &maskedError{err, shown}
	}
	return err
}

// show shortens a vendor's words to one printable line without secrets.
func (a Answer) show(text string) string {
	text = strings.Join(strings.FieldsFunc(a.hide(text), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}
	return text
}

func (a Answer) hide(text string) string { return hide(text, a.secrets) }

func hide(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}
