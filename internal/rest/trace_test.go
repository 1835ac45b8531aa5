package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// logbook keeps log lines as text.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (l *logbook) write(_ context.Context, message string, fields ...map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	l.lines = append(l.lines, message+" "+string(text))
}

func TestLog_holdsNoSecret(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*vendor{
		"an answer": {
			answer: func(*http.Request) (*http.Response, error) { return response(404, `{"error":"body-words"}`), nil },
		},
		"a 429":     always(429, "Retry-After", "1"),
		"no answer": failing(),
		"an error that repeats the credentials": {
			answer: func(*http.Request) (*http.Response, error) { return nil, errors.New(key + token) },
		},
		"a request id that repeats the key": {
			answer: func(*http.Request) (*http.Response, error) { return response(200, "", "X-Request-Id", key), nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var book logbook
				c := client(t, v, func(config *rest.Config, _ *rest.API) { config.Log = book.write })
				_, _ = c.Read(t.Context(), rest.Request{
					Method: http.MethodPost,
					Path:   []string{"users", "ines@acme.test", "u1"},
					Query: map[string][]string{
						"q": {"query-words"},
					},
					Body:   "sent-words",
					Header: http.Header{"Authorization": {"Bearer " + token}},
				})
				all := strings.Join(book.lines, "\n")
				for _, secret := range []string{key, token, "ines", "acme", "query-words", "sent-words", "body-words"} {
					if strings.Contains(all, secret) {
						t.Errorf("got log\n%s\nwant no %q in it", all, secret)
					}
				}
				for _, want := range []string{
					`"method":"POST"`, `"host":"vendor.test"`, `"path":"/api/users/***/u1"`, `"duration_ms":`,
				} {
					if !strings.Contains(all, want) {
						t.Errorf("got log\n%s\nwant %s in it", all, want)
					}
				}
			})
		})
	}
}

func TestLog_hasTheEndOfEachAttempt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vendor    *vendor
		has, none string // what the first line holds, and what it does not
	}{
		"an answer":            {always(404, "X-Request-Id", "r1"), `"request_id":"r1","status":404`, `"error"`},
		"an answer without ID": {always(404), `"status":404`, `"request_id"`},
		"no answer":            {failing(), `"error":`, `"status"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var book logbook
				api := client(t, c.vendor, func(config *rest.Config, _ *rest.API) { config.Log = book.write })
				_, _ = api.Change(t.Context(), rest.Request{Method: http.MethodDelete, Path: []string{"users", "u1"}})
				if line := book.lines[0]; !strings.Contains(line, c.has) || strings.Contains(line, c.none) {
					t.Errorf("got %q, want %s in it, and no %s", line, c.has, c.none)
				}
			})
		})
	}
}
