package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestError_masksSecrets(t *testing.T) {
	leak := "we know " + key + " and " + token
	withToken := rest.Request{Method: http.MethodGet, Path: []string{"me"}, Header: http.Header{"Authorization": {"Bearer " + token}}}
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
		"a garbled answer":     answer.Garbled("got %q", leak),
		"a lost connection":    lost,
		"a redirect":           redirected,
	} {
		var fault *rest.Error
		if !errors.As(err, &fault) {
			t.Errorf("%s: got %v, want an Error", name, err)
		}
		if text := fmt.Sprintf("%v", err); strings.Contains(text, key) || strings.Contains(text, token) || !strings.Contains(text, "***") {
			t.Errorf("%s: got %q, want both secrets masked", name, text)
		}
	}
}

func TestError_keepsItsCause(t *testing.T) {
	answer := rest.Answer{Method: "GET", Path: "/x", Status: 200}
	if err := answer.Garbled("no answer: %w", context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to be context.Canceled", err)
	}
}

func TestError_showsTheVendorsWords(t *testing.T) {
	answer := rest.Answer{Method: "DELETE", Path: "/users/u1", Status: 422}
	for name, c := range map[string]struct{ code, message, want string }{
		"nothing":            {"", "", "DELETE /users/u1: HTTP 422"},
		"words":              {"", "Not blocked yet", "DELETE /users/u1: HTTP 422: Not blocked yet"},
		"a code":             {"E7", "No", "DELETE /users/u1: HTTP 422: E7: No"},
		"several lines":      {"", "a\n\tb \r\n c", "DELETE /users/u1: HTTP 422: a b c"},
		"control characters": {"", "a\x1b[31mb\x00c\u202ed", "DELETE /users/u1: HTTP 422: abcd"},
		"very many words":    {"", strings.Repeat("ä", 1000), "DELETE /users/u1: HTTP 422: " + strings.Repeat("ä", 300) + "…"},
	} {
		if got := answer.Fault(c.code, c.message).Error(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestError_hidesTheQueryOfALostRequest(t *testing.T) {
	_, err := client(t, failing(), nil).Change(t.Context(), rest.Request{Method: http.MethodGet, Path: []string{"x"}, Query: map[string][]string{"q": {"hush"}}})
	if err == nil || strings.Contains(err.Error(), "hush") || !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the cause without the query", err)
	}
}

func TestError_ambiguous(t *testing.T) {
	for status, want := range map[int]bool{
		0: true, 200: true, 302: true, 400: false, 401: false, 403: false, 404: false, 408: true, 409: false, 422: false, 429: false, 500: true, 503: true,
	} {
		if got := offboard.Ambiguous(&rest.Error{Status: status, Err: errBroken}); got != want {
			t.Errorf("HTTP %d: got ambiguous %t, want %t", status, got, want)
		}
	}
}
