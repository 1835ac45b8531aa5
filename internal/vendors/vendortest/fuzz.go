package vendortest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// CannedURL is the base URL of clients whose transport is a *mock.Canned.
const CannedURL = "https://vendor.test/api"

// FuzzAnswers runs a test with answers of any HTTP status and body. Each is the answer to all
// requests of its run, whose context ends after a minute in a bubble.
func FuzzAnswers(f *testing.F, bodies []string, test func(context.Context, *testing.T, *mock.Canned)) {
	f.Helper()
	for _, body := range bodies {
		for _, status := range []int{200, 204, 301, 400, 401, 403, 404, 422, 429, 500} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			test(ctx, t, &mock.Canned{Status: 100 + (status%500+500)%500, Body: body})
		})
	})
}

// WantNoRequest ends the test if the canned answer was given.
func WantNoRequest(t *testing.T, way *mock.Canned) {
	t.Helper()
	if len(way.Sent) > 0 {
		t.Fatalf("got the request %s %s, want none", way.Sent[0].Method, way.Sent[0].URL)
	}
}
