package ecgrid_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// Whatever an id holds, it is a number in its one form behind "users", or no request is made.
func FuzzID(f *testing.F) {
	for _, id := range []string{
		"30417", "me", "0", "-1", "+1", "007", "1e3", "0x10", "9223372036854775807", "9223372036854775808", "", " 1", "1/2",
		"..", "list", "１",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		way := &mock.Canned{Status: 200, Body: `{"success":true,"data":{"userId":99,"login":"own","status":"Active"}}`}
		c := client(t, vendortest.CannedURL, way)
		_, _ = c.User(t.Context(), id)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // one call, and no looking for its effect
		_, _ = c.Close(
			ctx, ecgrid.User{User: offboard.User{ID: id, Status: offboard.Active}}, ecgrid.KeyRights{}, offboard.NotSent,
		)
		if n, err := strconv.ParseInt(id, 10, 64); err != nil || n <= 0 || strconv.FormatInt(n, 10) != id {
			vendortest.WantNoRequest(t, way)
			return
		}
		for _, req := range way.Sent {
			got := mock.Segments(req, vendortest.CannedURL)
			if own := slices.Equal(got, []string{"users", "me"}) &&
				req.Method == http.MethodGet; !own &&
				!slices.Equal(got, []string{"users", id}) {
				t.Errorf("got %s %s, want it to be about the user %q", req.Method, req.URL, id)
			}
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, and only a proof that the user
// is gone proves a closure.
func FuzzAnswer(f *testing.F) {
	vendortest.FuzzAnswers(f, []string{
		"", "{}", "null", "[]", `{"success":true,"data":null}`, `{"success":true,"data":true}`,
		`{"success":true,"data":{"userId":7}}`, `{"success":true,"data":{"userId":8}}`,
		`{"success":true,"data":{"userId":7,"status":"Terminated"}}`, `{"success":"true","data":{"userId":7}}`,
		`{"success":false,"errorCode":"ObjectNotFound"}`,
		`{"success":false,"errorCode":"AccessDenied","message":"no"}`, `{"data":{"userId":"7"}}`, "<html>", `{"success":true`,
		"\xff\xfe",
	}, func(ctx context.Context, t *testing.T, way *mock.Canned) {
		u, err := client(t, vendortest.CannedURL, way).User(ctx, "7")
		absent, closed := errors.Is(err, offboard.ErrNotFound), errors.Is(err, offboard.ErrClosed)
		if err == nil && (u.ID != "7" || way.Status/100 != 2) || closed && way.Status/100 != 2 ||
			absent && way.Status/100 != 2 && way.Status != 404 && way.Status != 410 {
			t.Errorf("HTTP %d %q: got %+v and %v", way.Status, way.Body, u, err)
		}
		user := ecgrid.User{User: offboard.User{ID: "7", Status: offboard.Active}}
		rights := ecgrid.KeyRights{ID: "8", AuthLevel: "Root"}
		proof, err := client(t, vendortest.CannedURL, way).Close(ctx, user, rights, offboard.NotSent)
		if err == nil && (!closed || proof != offboard.Done) {
			t.Errorf(
				"HTTP %d %q: got a closure (%v), although the user reads as absent %t, closed %t", way.Status, way.Body, proof,
				absent, closed,
			)
		}
	})
}
