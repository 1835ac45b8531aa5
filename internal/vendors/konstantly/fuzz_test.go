package konstantly_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// Whatever an id holds, it is one segment behind "users" and never another call, or no request is
// made.
func FuzzID(f *testing.F) {
	for _, id := range []string{
		"u7k2m9", "blocked", "byEmail", "Blocked", "", ".", "..", "a/b", "../blocked", "%2e%2e", "?", "a?b=c", "#", " ",
		"\x00", "ä", "ines@acme.test",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		way := &mock.Canned{Status: 422, Body: `{"message":"no"}`}
		c := client(t, vendortest.CannedURL, "mock-key", way)
		_, _ = c.User(t.Context(), id)
		_, _ = c.Close(
			t.Context(), konstantly.User{User: offboard.User{ID: id, Status: offboard.Suspended}}, offboard.NotSent,
		)
		if konstantly.CheckID(id) != nil {
			vendortest.WantNoRequest(t, way)
			return
		}
		if len(way.Sent) != 2 {
			t.Fatalf("got %d requests, want a read and a delete", len(way.Sent))
		}
		for _, req := range way.Sent {
			if got := mock.Segments(req, vendortest.CannedURL); !slices.Equal(got, []string{"users", id}) || id == "blocked" ||
				id == "byEmail" {
				t.Errorf("got %s %s, want it to be about the user %q", req.Method, req.URL, id)
			}
		}
	})
}

// Whatever an e-mail address holds, it is one segment behind "byEmail", or no request is made.
func FuzzEmail(f *testing.F) {
	for _, email := range []string{
		"ines@acme.test", "ines+1@acme.test", "a/b@c", "../blocked", "", "..", "?@", "\"a b\"@c", "%2f@c", "ä@ö", "@",
	} {
		f.Add(email)
	}
	f.Fuzz(func(t *testing.T, email string) {
		way := &mock.Canned{Status: 200, Body: `{"id":"u1","email":"ines@acme.test","name":"Ines Varga"}`}
		found, err := client(t, vendortest.CannedURL, "mock-key", way).FindByEmail(t.Context(), email)
		for _, req := range way.Sent {
			if got := mock.Segments(req, vendortest.CannedURL); req.Method != http.MethodGet ||
				!slices.Equal(got, []string{"users", "byEmail", email}) {
				t.Errorf("got %s %s, want it to be about the address %q", req.Method, req.URL, email)
			}
		}
		if err == nil && len(found) > 0 && !strings.EqualFold(email, "ines@acme.test") {
			t.Errorf("got %v for %q, want no user else", found, email)
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, and one answer to everything
// never closes a user.
func FuzzAnswer(f *testing.F) {
	vendortest.FuzzAnswers(f, []string{
		"", "{}", "null", "[]", `{"id":"u1"}`,
		`{"id":"u1","name":"Ines","email":"i@a.test","isBanned":true,"role":{"alias":"learner"}}`, `{"id":"u2"}`, `{"id":1}`,
		`{"id":"u1","isBanned":"yes"}`, `{"status":404,"message":"no such user"}`, `{"error":"no"}`, "<html>",
		`{"id":"u1"}{"id":"u1"}`, `{"id":"u1"`, "\xff\xfe",
	}, func(ctx context.Context, t *testing.T, way *mock.Canned) {
		u, err := client(t, vendortest.CannedURL, "mock-key", way).User(ctx, "u1")
		absent := errors.Is(err, offboard.ErrNotFound)
		if err == nil && (u.ID != "u1" || way.Status/100 != 2) ||
			absent && way.Status/100 != 2 && way.Status != 404 && way.Status != 410 {
			t.Errorf("HTTP %d %q: got %+v and %v", way.Status, way.Body, u, err)
		}
		active := konstantly.User{User: offboard.User{ID: "u1", Status: offboard.Active}}
		if proof, err := client(t, vendortest.CannedURL, "mock-key", way).Close(ctx, active, offboard.NotSent); err == nil {
			t.Errorf("HTTP %d %q to everything: got a closure (%v), want none", way.Status, way.Body, proof)
		}
	})
}
