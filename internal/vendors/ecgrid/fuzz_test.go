package ecgrid_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

// cannedURL is the base URL under which canned answers are given.
const cannedURL = "https://vendor.test/api"

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
		c := client(t, cannedURL, way)
		_, _ = c.User(t.Context(), id)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // one call, and no looking for its effect
		_, _ = c.Close(
			ctx, ecgrid.User{User: offboard.User{ID: id, Status: offboard.Active}}, ecgrid.KeyRights{}, offboard.NotSent,
		)
		if n, err := strconv.ParseInt(id, 10, 64); err != nil || n <= 0 || strconv.FormatInt(n, 10) != id {
			if len(way.Sent) > 0 {
				t.Fatalf("got the request %s %s, want none", way.Sent[0].Method, way.Sent[0].URL)
			}
			return
		}
		for _, req := range way.Sent {
			got := mock.Segments(req, cannedURL)
			if own := slices.Equal(got, []string{"users", "me"}) &&
				req.Method == http.MethodGet; !own &&
				!slices.Equal(got, []string{"users", id}) {
				t.Errorf("got %s %s, want it to be about the user %q", req.Method, req.URL, id)
			}
		}
	})
}

// Whatever an answer holds, a user who is read is the one asked for, and only a proof that the user
// is gone proves a closing.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", "[]", `{"success":true,"data":null}`, `{"success":true,"data":true}`,
		`{"success":true,"data":{"userId":7}}`, `{"success":true,"data":{"userId":8}}`,
		`{"success":true,"data":{"userId":7,"status":"Terminated"}}`, `{"success":"true","data":{"userId":7}}`,
		`{"success":false,"errorCode":"ObjectNotFound"}`,
		`{"success":false,"errorCode":"AccessDenied","message":"no"}`, `{"data":{"userId":"7"}}`, "<html>", `{"success":true`,
		"\xff\xfe",
	} {
		for _, status := range []int{200, 204, 301, 400, 403, 404, 422, 429, 500} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			way := &mock.Canned{Status: 100 + (status%500+500)%500, Body: body}
			u, err := client(t, cannedURL, way).User(ctx, "7")
			absent, closed := errors.Is(err, offboard.ErrNotFound), errors.Is(err, offboard.ErrClosed)
			if err == nil && (u.ID != "7" || way.Status/100 != 2) || closed && way.Status/100 != 2 {
				t.Errorf("HTTP %d %q: got %+v and %v", way.Status, body, u, err)
			}
			user := ecgrid.User{User: offboard.User{ID: "7", Status: offboard.Active}}
			proof, err := client(
				t, cannedURL, way,
			).Close(ctx, user, ecgrid.KeyRights{ID: "8", AuthLevel: "Root"}, offboard.NotSent)
			if err == nil && (!closed || proof != offboard.Done) {
				t.Errorf(
					"HTTP %d %q: got a closing (%v), although the user reads as absent %t, closed %t", way.Status, body, proof,
					absent, closed,
				)
			}
		})
	})
}
