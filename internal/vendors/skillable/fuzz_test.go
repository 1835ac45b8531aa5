package skillable_test

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// Whatever an id holds, it is one parameter of the calls about that one user, or no request is
// made.
func FuzzID(f *testing.F) {
	for _, id := range []string{
		"emp-3107", "", " ", "a&userId=b", "a=b", "a+b", "a%26b", "a;b", "#", "a#b", "?", "\x00", "ä", "ines@acme.test",
		strings.Repeat("x", 201), "\xff",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		way := &mock.Canned{Status: 422, Body: `{"Status":0,"Error":"no"}`}
		c := client(t, "mock-key", vendortest.CannedURL, way)
		_, _ = c.User(t.Context(), id)
		_, _ = c.Close(t.Context(), skillable.User{User: offboard.User{ID: id, Status: offboard.Active}}, shown)
		if skillable.CheckID(id) != nil {
			vendortest.WantNoRequest(t, way)
			return
		}
		parameters := map[string]string{
			"/api/userrunningandsavedlabs": "userid",
			"/api/labinstance/search":      "userId",
			"/api/CloseUserAccount":        "userId",
		}
		for _, req := range way.Sent {
			name, known := parameters[req.URL.EscapedPath()]
			query, err := url.ParseQuery(req.URL.RawQuery)
			if err != nil || !known || req.URL.Host != "vendor.test" || len(query[name]) != 1 || query.Get(name) != id {
				t.Errorf("got %s %s, want it to be about the user %q", req.Method, req.URL, id)
			}
		}
		if len(way.Sent) == 0 {
			t.Error("got no request, want some")
		}
	})
}

var zeroRows = regexp.MustCompile(`(?i)rowsaffected"\s*:\s*-?0`)

// Whatever an answer holds, a user who is read is the one asked for, nothing says that there is
// none, and only zero rows prove a closure.
func FuzzAnswer(f *testing.F) {
	vendortest.FuzzAnswers(f, []string{
		"", "{}", "null", "[]", `{"Status":1}`, `{"Status":1,"RowsAffected":0}`, `{"Status":1,"RowsAffected":1}`,
		`{"Status":0,"Error":"no","RowsAffected":0}`, `{"RowsAffected":0}`,
		`{"Status":1,"RowsAffected":"0"}`, `{"Status":1,"RunningLabs":[],"SavedLabs":[],"TotalResults":0}`,
		`{"Status":1,"RunningLabs":null,"SavedLabs":null,"TotalResults":1,` +
			`"Results":[{"UserId":"e1","UserEmail":"i@a.test"}]}`,
		`{"Status":1,"TotalResults":1,"Results":[{"UserId":"e2"}]}`, "<html>", `{"Status":1`, "\xff\xfe",
	}, func(ctx context.Context, t *testing.T, way *mock.Canned) {
		u, err := client(t, "mock-key", vendortest.CannedURL, way).User(ctx, "e1")
		if err == nil && u.ID != "e1" || errors.Is(err, offboard.ErrNotFound) {
			t.Errorf("HTTP %d %q: got %+v and %v", way.Status, way.Body, u, err)
		}
		user := skillable.User{User: offboard.User{ID: "e1", Status: offboard.Active}}
		findings, closed := client(t, "mock-key", vendortest.CannedURL, way).Close(ctx, user, shown)
		if closed == nil && (way.Status/100 != 2 || !zeroRows.MatchString(way.Body) || len(findings) == 0) {
			t.Errorf("HTTP %d %q to everything: got a closure (%v), want none", way.Status, way.Body, findings)
		}
	})
}
