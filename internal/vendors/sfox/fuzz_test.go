package sfox_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

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
		c := client(t, vendortest.CannedURL, way)
		_, _ = c.User(t.Context(), id)
		_, _ = c.Close(
			t.Context(), sfox.User{User: offboard.User{ID: id, Status: offboard.Active}}, offboard.NotSent, unchecked,
		)
		if sfox.CheckID(id) != nil {
			vendortest.WantNoRequest(t, way)
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
			if got := append([]string{req.Method}, mock.Segments(req, vendortest.CannedURL)...); !slices.Equal(got, want[i]) {
				t.Errorf("got %q, want %q", got, want[i])
			}
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, and one answer to everything
// never closes a user.
func FuzzAnswer(f *testing.F) {
	vendortest.FuzzAnswers(f, []string{
		"", "{}", "null", "[]", `{"data":null}`, `{"data":{}}`, `{"data":[]}`, `{"data":{"user_id":"c1","email":"i@a.test"}}`,
		`{"data":{"user_id":"c2"}}`, `{"data":{"user_id":1}}`,
		`{"data":{"token":"t","partner_user_id":"c1"}}`, `[{"currency":"btc","balance":0}]`,
		`[{"currency":"btc","balance":"1e-9"}]`, `{"error":"no"}`, "<html>", `{"data":`, "\xff\xfe",
	}, func(ctx context.Context, t *testing.T, way *mock.Canned) {
		u, err := client(t, vendortest.CannedURL, way).User(ctx, "c1")
		absent := errors.Is(err, offboard.ErrNotFound)
		if err == nil && (u.ID != "c1" || way.Status/100 != 2) ||
			absent && way.Status/100 != 2 && way.Status != 404 && way.Status != 410 {
			t.Errorf("HTTP %d %q: got %+v and %v", way.Status, way.Body, u, err)
		}
		user := sfox.User{User: offboard.User{ID: "c1", Status: offboard.Active}}
		if proof, err := client(t, vendortest.CannedURL, way).Close(ctx, user, offboard.NotSent, nil); err == nil {
			t.Errorf("HTTP %d %q to everything: got a closure (%v), want none", way.Status, way.Body, proof)
		}
	})
}
