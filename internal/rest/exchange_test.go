package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// traced makes a request with a trace, in virtual time, and returns what the trace got.
func traced(t *testing.T, v *vendor, r rest.Request, change bool) (told []rest.Exchange) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx := rest.WithTrace(t.Context(), func(x rest.Exchange) { told = append(told, x) })
		call := client(t, v, nil).Read
		if change {
			call = client(t, v, nil).Change
		}
		_, _ = call(ctx, r)
	})
	return told
}

func TestWithTrace_getsEveryAttempt(t *testing.T) {
	t.Parallel()
	answers := []int{503, 429, 200}
	v := &vendor{}
	v.answer = func(*http.Request) (*http.Response, error) {
		time.Sleep(70 * time.Millisecond)
		n := v.count()
		return response(answers[n-1], "{}", "X-Request-Id", strings.Repeat("r", n)), nil
	}
	told := traced(
		t, v, rest.Request{Method: "GET", Path: []string{"users", "u1"}, Query: url.Values{"q": {"secret"}}}, false,
	)
	if len(told) != len(answers) {
		t.Fatalf("got %d attempts, want %d", len(told), len(answers))
	}
	for i, x := range told {
		want := rest.Exchange{
			At:        v.at[i],
			Method:    "GET",
			Host:      "vendor.test",
			Path:      "/api/users/u1",
			Status:    answers[i],
			RequestID: strings.Repeat("r", i+1),
			Took:      70 * time.Millisecond,
		}
		if x != want {
			t.Errorf("attempt %d: got %+v, want %+v", i, x, want)
		}
	}
}

func TestWithTrace_getsChangesAndLostAnswers(t *testing.T) {
	t.Parallel()
	told := traced(t, failing(), rest.Request{Method: "DELETE", Path: []string{"users", "ines@acme.test"}}, true)
	if len(told) != 1 || !told[0].Change || told[0].Status != 0 || told[0].Err == "" || told[0].Path != "/api/users/***" {
		t.Errorf("got %+v, want one change without an answer, and no e-mail address", told)
	}
}

func TestWithTrace_requestIDs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ header, value, want string }{
		"the usual one":           {"X-Request-Id", "a1-b2", "a1-b2"},
		"another spelling":        {"x-request-ID", "a1", "a1"},
		"another one":             {"X-Correlation-Id", "c3", "c3"},
		"a proxy's":               {"CF-RAY", "d4-LIS", "d4-LIS"},
		"the key":                 {"X-Request-Id", key, "***"},
		"the key within":          {"X-Request-Id", "id-" + key, "id-***"},
		"a token of this request": {"X-Request-Id", token, "***"},
		"an e-mail address":       {"X-Request-Id", "ines@acme.test", ""},
		"words":                   {"X-Request-Id", "a b", ""},
		"a very long one":         {"X-Request-Id", strings.Repeat("x", 129), ""},
		"none":                    {"Content-Type", "text/html", ""},
	} {
		r := rest.Request{Method: "GET", Path: []string{"users"}, Header: http.Header{"Authorization": {"Bearer " + token}}}
		if told := traced(t, always(200, c.header, c.value), r, false); len(told) != 1 || told[0].RequestID != c.want {
			t.Errorf("%s: got %+v, want the request id %q", name, told, c.want)
		}
	}
}

func TestWithTrace_masksErrors(t *testing.T) {
	t.Parallel()
	v := &vendor{answer: func(req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("malformed answer %q to %q", req.Header["X-API-KEY"][0], req.Header.Get("Authorization"))
	}}
	r := rest.Request{Method: "GET", Path: []string{"users"}, Header: http.Header{"Authorization": {"Bearer " + token}}}
	for _, x := range traced(t, v, r, true) {
		if strings.Contains(x.Err, key) || strings.Contains(x.Err, token) || !strings.Contains(x.Err, "malformed") {
			t.Errorf("got %q, want the error without secrets", x.Err)
		}
	}
}
