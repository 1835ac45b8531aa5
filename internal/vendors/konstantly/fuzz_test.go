package konstantly_test

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
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
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

func (c *canned) client(t *testing.T) *konstantly.Client {
	t.Helper()
	client, err := konstantly.New(rest.Config{APIKey: "key", BaseURL: "https://vendor.test/api", RequestsPerSecond: 1e6, Transport: c})
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

// Whatever an id holds, it is one segment behind "users" and never another call, or no request is made.
func FuzzID(f *testing.F) {
	for _, id := range []string{"u7k2m9", "blocked", "byEmail", "Blocked", "", ".", "..", "a/b", "../blocked", "%2e%2e", "?", "a?b=c", "#", " ", "\x00", "ä", "ines@acme.test"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		way := &canned{status: 422, body: `{"message":"no"}`}
		client := way.client(t)
		_, _ = client.User(t.Context(), id)
		_ = client.Close(t.Context(), konstantly.User{User: offboard.User{ID: id, Status: offboard.Suspended}})
		if konstantly.CheckID(id) != nil {
			if len(way.sent) > 0 {
				t.Fatalf("got the request %s %s, want none", way.sent[0].Method, way.sent[0].URL)
			}
			return
		}
		if len(way.sent) != 2 {
			t.Fatalf("got %d requests, want a read and a delete", len(way.sent))
		}
		for _, req := range way.sent {
			if got := segments(t, req); !slices.Equal(got, []string{"users", id}) || id == "blocked" || id == "byEmail" {
				t.Errorf("got %s %s, want it to be about the user %q", req.Method, req.URL, id)
			}
		}
	})
}

// Whatever an e-mail address holds, it is one segment behind "byEmail", or no request is made.
func FuzzEmail(f *testing.F) {
	for _, email := range []string{"ines@acme.test", "ines+1@acme.test", "a/b@c", "../blocked", "", "..", "?@", "\"a b\"@c", "%2f@c", "ä@ö", "@"} {
		f.Add(email)
	}
	f.Fuzz(func(t *testing.T, email string) {
		way := &canned{status: 200, body: `{"id":"u1","email":"ines@acme.test","name":"Ines Varga"}`}
		found, err := way.client(t).FindByEmail(t.Context(), email)
		for _, req := range way.sent {
			if got := segments(t, req); req.Method != http.MethodGet || !slices.Equal(got, []string{"users", "byEmail", email}) {
				t.Errorf("got %s %s, want it to be about the address %q", req.Method, req.URL, email)
			}
		}
		if err == nil && len(found) > 0 && !strings.EqualFold(email, "ines@acme.test") {
			t.Errorf("got %v for %q, want nobody else", found, email)
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, only a 404 says that there is none, and only that proves a closing.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", "[]", `{"id":"u1"}`, `{"id":"u1","name":"Ines","email":"i@a.test","isBanned":true,"role":{"alias":"learner"}}`, `{"id":"u2"}`, `{"id":1}`,
		`{"id":"u1","isBanned":"yes"}`, `{"status":404,"message":"no such user"}`, `{"error":"no"}`, "<html>", `{"id":"u1"}{"id":"u1"}`, `{"id":"u1"`, "\xff\xfe",
	} {
		for _, status := range []int{200, 204, 301, 400, 404, 422, 429, 500} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			way := &canned{status: 100 + (status%500+500)%500, body: body}
			u, err := way.client(t).User(ctx, "u1")
			gone := errors.Is(err, offboard.ErrNotFound)
			if err == nil && (u.ID != "u1" || way.status/100 != 2) || gone && way.status != 404 {
				t.Errorf("HTTP %d %q: got %+v and %v", way.status, body, u, err)
			}
			closed := way.client(t).Close(ctx, konstantly.User{User: offboard.User{ID: "u1", Status: offboard.Active}})
			if closed == nil && !gone {
				t.Errorf("HTTP %d %q: got a closing, although the user reads as %+v and %v", way.status, body, u, err)
			}
		})
	})
}
