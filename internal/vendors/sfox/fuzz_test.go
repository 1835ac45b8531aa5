package sfox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
)

// canned gives one answer to everything, and remembers what was asked.
type canned struct {
	status int
	body   string
	sent   []*http.Request
}

// RoundTrip implements http.RoundTripper.
func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	c.sent = append(c.sent, req)
	return &http.Response{
		StatusCode: c.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(c.body)), Request: req,
	}, nil
}

func (c *canned) client(t *testing.T) *sfox.Client {
	t.Helper()
	client, err := sfox.New(rest.Config{APIKey: "key", BaseURL: "https://vendor.test/api", RequestsPerSecond: 1e6, Transport: c})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// segments are the decoded segments of a request's path below the base URL; nil for a request to anywhere else.
func segments(t *testing.T, req *http.Request) []string {
	t.Helper()
	below, ok := strings.CutPrefix(req.URL.RequestURI(), "/api/")
	if !ok || req.URL.Host != "vendor.test" || strings.ContainsAny(below, "?#") {
		return nil
	}
	var all []string
	for _, segment := range strings.Split(below, "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, plain)
	}
	return all
}

// Whatever an id holds, it is one segment of the paths of that one user, or no request is made.
func FuzzID(f *testing.F) {
	for _, id := range []string{"cust-7f31", "", " ", " a", ".", "..", "a/b", "../users", "%2e%2e", "?accountRole=client", "a?b", "#", "\x00", "ä", "ines@acme.test", "user-tokens"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		way := &canned{status: 422, body: `{"error":"no"}`}
		client := way.client(t)
		_, _ = client.User(t.Context(), id)
		_ = client.Close(t.Context(), sfox.User{User: offboard.User{ID: id, Status: offboard.Active}})
		if sfox.CheckID(id) != nil {
			if len(way.sent) > 0 {
				t.Fatalf("got the request %s %s, want none", way.sent[0].Method, way.sent[0].URL)
			}
			return
		}
		want := [][]string{{"GET", "enterprise", "users", id}, {"POST", "enterprise", "user-tokens", id}, {"DELETE", "enterprise", "account", id}}
		if len(way.sent) != len(want) {
			t.Fatalf("got %d requests, want a read, a token and a deactivation", len(way.sent))
		}
		for i, req := range way.sent {
			if got := append([]string{req.Method}, segments(t, req)...); !slices.Equal(got, want[i]) {
				t.Errorf("got %q, want %q", got, want[i])
			}
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, and only a proof that the user is gone proves a closing.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", "[]", `{"data":null}`, `{"data":{}}`, `{"data":[]}`, `{"data":{"user_id":"c1","email":"i@a.test"}}`, `{"data":{"user_id":"c2"}}`, `{"data":{"user_id":1}}`,
		`{"data":{"token":"t","partner_user_id":"c1"}}`, `[{"currency":"btc","balance":0}]`, `[{"currency":"btc","balance":"1e-9"}]`, `{"error":"no"}`, "<html>", `{"data":`, "\xff\xfe",
	} {
		for _, status := range []int{200, 204, 301, 400, 401, 403, 404, 422, 429, 500} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			way := &canned{status: 100 + (status%500+500)%500, body: body}
			u, err := way.client(t).User(ctx, "c1")
			gone := errors.Is(err, offboard.ErrNotFound)
			if err == nil && (u.ID != "c1" || way.status/100 != 2) || gone && way.status/100 != 2 && way.status != 404 {
				t.Errorf("HTTP %d %q: got %+v and %v", way.status, body, u, err)
			}
			closed := way.client(t).Close(ctx, sfox.User{User: offboard.User{ID: "c1", Status: offboard.Active}})
			if closed == nil && !gone {
				t.Errorf("HTTP %d %q: got a closing, although the user reads as %+v and %v", way.status, body, u, err)
			}
		})
	})
}
