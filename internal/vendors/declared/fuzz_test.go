package declared_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// Whatever a definition says, it is refused with a place in it, or it can be used.
func FuzzDefinition(f *testing.F) {
	for _, file := range []string{"testdata/evening", examples + "/konstantly", examples + "/ecgrid"} {
		source, err := os.ReadFile(file + ".vendor.hcl")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	f.Fuzz(func(t *testing.T, source string) {
		d, problems := declared.Parse("fuzz", source)
		if (d == nil) != (len(problems) > 0) {
			t.Fatalf("got %v and %v, want a definition or problems", d, problems)
		}
		for _, p := range problems {
			if lines := strings.Count(source, "\n") + 1; p.Line < 1 || p.Line > lines+1 || p.Text == "" {
				t.Errorf("got %v, want a place in the %d lines", p, lines)
			}
		}
		if d == nil {
			return
		}
		way := &mock.Canned{Status: 200, Body: `{"id":"u1","user":{"id":"u1"}}`}
		config := rest.Config{APIKey: "mock-key", BaseURL: vendortest.CannedURL, Transport: way, RequestsPerSecond: 1e6}
		if c, err := declared.New(d, declared.Config{Config: config}); err == nil {
			_, _ = c.User(t.Context(), "u1")
		}
	})
}

// Whatever a vendor answers, no user is shown under another ID, and nothing closes a user without a
// later answer that shows the user closed or absent.
func FuzzAnswers(f *testing.F) {
	source, err := os.ReadFile(examples + "/ecgrid.vendor.hcl")
	if err != nil {
		f.Fatal(err)
	}
	d, problems := declared.Parse("ecgrid", string(source))
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	bodies := slices.Concat([]string{
		`{"success":true,"data":{"userId":98234,"email":"ines@acme.test","status":"Active"}}`,
		`{"success":true,"data":true}`, `{"success":true,"data":[]}`,
		`{"success":false,"errorCode":"ObjectNotFound"}`, `{}`, ``, vendortest.HTML,
	})
	vendortest.FuzzAnswers(f, bodies, func(ctx context.Context, t *testing.T, way *mock.Canned) {
		c, err := declared.New(d, declared.Config{Config: rest.Config{
			APIKey: "mock-key", BaseURL: vendortest.CannedURL, Transport: way, RequestsPerSecond: 1e6,
		}})
		if err != nil {
			t.Fatal(err)
		}
		u, err := c.User(ctx, "98234")
		if err == nil && u.ID != "98234" {
			t.Errorf("got %+v, want the user that was asked for", u)
		}
		var setup *declared.SetupError
		if err != nil && !errors.Is(err, offboard.ErrClosed) && !errors.As(err, &setup) && ctx.Err() == nil {
			t.Errorf("got %v, want the check before the first use to fail: one answer cannot pass it", err)
		}
		known := declared.User{User: offboard.User{ID: "98234", Email: "ines@acme.test", Status: offboard.Active}}
		if proof, err := c.Close(ctx, known, "", offboard.NotSent); err == nil {
			t.Errorf("got %v, want no closure by one answer to everything", proof)
		}
		for _, err := range c.Users(ctx) {
			if err == nil {
				t.Error("got a user in the list, want none before the check")
			}
		}
	})
}
