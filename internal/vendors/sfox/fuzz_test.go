package sfox_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
)

// cannedURL is the base URL under which canned answers are given.
const cannedURL = "https://vendor.test/api"

// Whatever an id holds, it is one segment of the paths of that one user, or no request is made.
func FuzzID(f *testing.F) {
	for _, id := range []string{
		"cust-7f31", "", " ", " a", ".", "..", "a/b", "../users", "%2e%2e", "?accountRole=client", "a?b", "#", "\x00", "ä",
		"ines@acme.test", "user-tokens",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		way := &mock.Canned{Status: 422, Body: `{"error":"no"}`}
		c := client(t, cannedURL, way)
		_, _ = c.User(t.Context(), id)
		_, _ = c.Close(
			t.Context(), sfox.User{User: offboard.User{ID: id, Status: offboard.Active}}, offboard.NotSent, unchecked,
		)
		if sfox.CheckID(id) != nil {
			if len(way.Sent) > 0 {
				t.Fatalf("got the request %s %s, want none", way.Sent[0].Method, way.Sent[0].URL)
			}
			return
		}
		want := [][]string{
			{"GET", "enterprise", "users", id},
			{"POST", "enterprise", "user-tokens", id},
			{"DELETE", "enterprise", "account", id},
		}
		if len(way.Sent) != len(want) {
			t.Fatalf("got %d requests, want a read, a token and a deactivation", len(way.Sent))
		}
		for i, req := range way.Sent {
			if got := append([]string{req.Method}, mock.Segments(req, cannedURL)...); !slices.Equal(got, want[i]) {
				t.Errorf("got %q, want %q", got, want[i])
			}
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, and one answer to everything
// never closes anybody.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", "[]", `{"data":null}`, `{"data":{}}`, `{"data":[]}`, `{"data":{"user_id":"c1","email":"i@a.test"}}`,
		`{"data":{"user_id":"c2"}}`, `{"data":{"user_id":1}}`,
		`{"data":{"token":"t","partner_user_id":"c1"}}`, `[{"currency":"btc","balance":0}]`,
		`[{"currency":"btc","balance":"1e-9"}]`, `{"error":"no"}`, "<html>", `{"data":`, "\xff\xfe",
	} {
		for _, status := range []int{200, 204, 301, 400, 401, 403, 404, 422, 429, 500} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			way := &mock.Canned{Status: 100 + (status%500+500)%500, Body: body}
			u, err := client(t, cannedURL, way).User(ctx, "c1")
			absent := errors.Is(err, offboard.ErrNotFound)
			if err == nil && (u.ID != "c1" || way.Status/100 != 2) ||
				absent && way.Status/100 != 2 && way.Status != 404 && way.Status != 410 {
				t.Errorf("HTTP %d %q: got %+v and %v", way.Status, body, u, err)
			}
			user := sfox.User{User: offboard.User{ID: "c1", Status: offboard.Active}}
			if proof, err := client(t, cannedURL, way).Close(ctx, user, offboard.NotSent, nil); err == nil {
				t.Errorf("HTTP %d %q to everything: got a closing (%v), want none", way.Status, body, proof)
			}
		})
	})
}
