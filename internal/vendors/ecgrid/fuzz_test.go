package ecgrid_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
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

func (c *canned) client(t *testing.T) *ecgrid.Client {
	t.Helper()
	client, err := ecgrid.New(rest.Config{APIKey: "key", BaseURL: "https://vendor.test/api", RequestsPerSecond: 1e6, Transport: c})
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

// Whatever an id holds, it is a number in its one form behind "users", or no request is made.
func FuzzID(f *testing.F) {
	for _, id := range []string{"30417", "me", "0", "-1", "+1", "007", "1e3", "0x10", "9223372036854775807", "9223372036854775808", "", " 1", "1/2", "..", "list", "１"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		way := &canned{status: 200, body: `{"success":true,"data":{"userId":99,"login":"own","status":"Active"}}`}
		client := way.client(t)
		_, _ = client.User(t.Context(), id)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // one call, and no looking for its effect
		_ = client.Close(ctx, ecgrid.User{User: offboard.User{ID: id, Status: offboard.Active}})
		if n, err := strconv.ParseInt(id, 10, 64); err != nil || n <= 0 || strconv.FormatInt(n, 10) != id {
			if len(way.sent) > 0 {
				t.Fatalf("got the request %s %s, want none", way.sent[0].Method, way.sent[0].URL)
			}
			return
		}
		for _, req := range way.sent {
			got := segments(t, req)
			if own := slices.Equal(got, []string{"users", "me"}) && req.Method == http.MethodGet; !own && !slices.Equal(got, []string{"users", id}) {
				t.Errorf("got %s %s, want it to be about the user %q", req.Method, req.URL, id)
			}
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, and only a proof that the user is gone proves a closing.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", "[]", `{"success":true,"data":null}`, `{"success":true,"data":true}`, `{"success":true,"data":{"userId":7}}`, `{"success":true,"data":{"userId":8}}`,
		`{"success":true,"data":{"userId":7,"status":"Terminated"}}`, `{"success":"true","data":{"userId":7}}`, `{"success":false,"errorCode":"ObjectNotFound"}`,
		`{"success":false,"errorCode":"AccessDenied","message":"no"}`, `{"data":{"userId":"7"}}`, "<html>", `{"success":true`, "\xff\xfe",
	} {
		for _, status := range []int{200, 204, 301, 400, 403, 404, 422, 429, 500} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			way := &canned{status: 100 + (status%500+500)%500, body: body}
			u, err := way.client(t).User(ctx, "7")
			gone := errors.Is(err, offboard.ErrNotFound)
			if err == nil && (u.ID != "7" || way.status/100 != 2) || gone && way.status/100 != 2 && way.status != 404 {
				t.Errorf("HTTP %d %q: got %+v and %v", way.status, body, u, err)
			}
			closed := way.client(t).Close(ctx, ecgrid.User{User: offboard.User{ID: "7", Status: offboard.Active}})
			if closed == nil && !gone {
				t.Errorf("HTTP %d %q: got a closing, although the user reads as %+v and %v", way.status, body, u, err)
			}
		})
	})
}
