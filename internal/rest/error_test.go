package rest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestError_masksSecrets(t *testing.T) {
	t.Parallel()
	leak := "we know " + key + " and " + token
	withToken := rest.Request{
		Method: http.MethodGet,
		Path:   []string{"me"},
		Header: http.Header{"Authorization": {"Bearer " + token}},
	}
	answer, err := client(t, always(422), nil).Read(t.Context(), withToken)
	if err != nil {
		t.Fatal(err)
	}
	broken := &vendor{answer: func(*http.Request) (*http.Response, error) { return nil, errors.New(leak) }}
	_, lost := client(t, broken, nil).Change(t.Context(), withToken)
	redirect := always(302, "Location", "https://"+key+"."+token+".test/")
	_, redirected := client(t, redirect, nil).Change(t.Context(), withToken)
	for name, err := range map[string]error{
		"the vendor's code":    answer.Fault(leak, ""),
		"the vendor's message": answer.Fault("", leak),
		"a garbled answer":     answer.Malformed("got %q", leak),
		"a lost connection":    lost,
		"a redirect":           redirected,
	} {
		if _, ok := errors.AsType[*rest.Error](err); !ok {
			t.Errorf("%s: got %v, want an Error", name, err)
		}
		if text := fmt.Sprintf("%v", err); strings.Contains(text, key) || strings.Contains(text, token) ||
			!strings.Contains(text, "***") {
			t.Errorf("%s: got %q, want both secrets masked", name, text)
		}
	}
}

func TestError_keepsItsCause(t *testing.T) {
	t.Parallel()
	answer := rest.Answer{Method: "GET", Path: "/x", Status: 200}
	if err := answer.Malformed("no answer: %w", context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to be context.Canceled", err)
	}
}

func TestError_showsTheVendorsWords(t *testing.T) {
	t.Parallel()
	answer := rest.Answer{Method: "DELETE", Path: "/users/u1", Status: 422}
	for name, c := range map[string]struct{ code, message, want string }{
		"nothing":            {"", "", "DELETE /users/u1: HTTP 422"},
		"words":              {"", "Not blocked yet", "DELETE /users/u1: HTTP 422: Not blocked yet"},
		"a code":             {"E7", "No", "DELETE /users/u1: HTTP 422: E7: No"},
		"several lines":      {"", "a\n\tb \r\n c", "DELETE /users/u1: HTTP 422: a b c"},
		"control characters": {"", "a\x1b[31mb\x00c\u202ed", "DELETE /users/u1: HTTP 422: abcd"},
		"very many words": {
			"", strings.Repeat("ä", 1000), "DELETE /users/u1: HTTP 422: " + strings.Repeat("ä", 300) + "…",
		},
	} {
		if got := answer.Fault(c.code, c.message).Error(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestError_hidesTheQueryOfALostRequest(t *testing.T) {
	t.Parallel()
	_, err := client(t, failing(), nil).Change(t.Context(), rest.Request{
		Method: http.MethodGet, Path: []string{"x"}, Query: map[string][]string{"q": {"hush"}},
	})
	if err == nil || strings.Contains(err.Error(), "hush") || !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the cause without the query", err)
	}
}

func TestError_ambiguous(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		0: true, 200: true, 302: true, 400: false, 401: false, 403: false, 404: false, 407: false, 408: true, 409: false,
		421: false, 422: false, 425: false, 429: false, 500: true, 501: true,
		503: true, 511: false,
	} {
		if got := offboard.Ambiguous(&rest.Error{Status: status, Err: errBroken}); got != want {
			t.Errorf("HTTP %d: got ambiguous %t, want %t", status, got, want)
		}
	}
}

func TestError_failing(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		0: true, 200: false, 302: false, 400: false, 401: true, 403: true, 404: false, 407: true, 408: true, 410: false,
		429: true, 500: true, 503: true, 511: true,
	} {
		if got := (&rest.Error{Status: status}).Failing(); got != want {
			t.Errorf("HTTP %d: got failing %t, want %t", status, got, want)
		}
	}
}

func TestError_delayed(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		0: false, 200: false, 403: false, 408: false, 425: true, 429: true, 503: false,
	} {
		if got := offboard.Delayed(&rest.Error{Status: status, Err: errBroken}); got != want {
			t.Errorf("HTTP %d: got delayed %t, want %t", status, got, want)
		}
	}
}

func TestError_transient(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		200: false, 302: false, 400: false, 401: false, 403: false, 404: false, 407: false, 408: true, 410: false, 425: true,
		429: true, 500: true, 501: false,
		502: true, 503: true, 511: false, 520: true,
	} {
		if got := (&rest.Error{Status: status}).Transient(); got != want {
			t.Errorf("HTTP %d: got transient %t, want %t", status, got, want)
		}
	}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a broken connection":               {errBroken, true},
		"a timeout":                         {context.DeadlineExceeded, true},
		"an interrupt":                      {context.Canceled, false},
		"a wait past the timeout":           {&rest.BudgetError{Wait: time.Hour}, false},
		"a wait that the timeout cut":       {&rest.BudgetError{Err: context.DeadlineExceeded}, true},
		"a wait that an interrupt cut":      {&rest.BudgetError{Err: context.Canceled}, false},
		"a vendor that cannot be used":      {&rest.BreakerError{Err: &rest.Error{Status: 503}}, false},
		"a variable that cannot be parsed":  {&rest.VariableError{Variable: "HTTPS_PROXY", Err: errBroken}, false},
		"a proxy that is not there":         {&rest.OriginError{Origin: rest.Proxy, Err: errBroken}, true},
		"a certificate that is not trusted": {&tls.CertificateVerificationError{Err: errBroken}, false},
		"nothing":                           {nil, false},
	} {
		if got := (&rest.Error{Err: c.err}).Transient(); got != c.want {
			t.Errorf("%s: got transient %t, want %t", name, got, c.want)
		}
	}
	_, err := client(t, always(200), nil).Read(t.Context(), rest.Request{Method: http.MethodGet, Path: []string{""}})
	if fault := new(rest.Error); !errors.As(err, &fault) || fault.Transient() {
		t.Errorf("got %v, want a request that cannot be made not to be transient", err)
	}
}

func TestError_refused(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		0: false, 200: false, 400: false, 401: true, 403: true, 404: false, 407: true, 429: false, 500: false,
	} {
		if got := (&rest.Error{Status: status}).Refused(); got != want {
			t.Errorf("HTTP %d: got refused %t, want %t", status, got, want)
		}
	}
}
