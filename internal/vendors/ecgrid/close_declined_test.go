package ecgrid_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// An acceptance has a 2xx, success true and data true. All else that says no is no acceptance: the
// read decides.
func TestClose_declined(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"404":               {Status: 404, Body: notFound},
		"404 page":          {Status: 404, Body: vendortest.HTML},
		"404, another code": {Status: 404, Body: `{"success":false,"errorCode":"NoSuchEndpoint"}`},
		"404 called true":   {Status: 404, Body: body("true")},
		"410":               {Status: 410, Body: notFound},
		"400": {
			Status: 400, Body: `{"success":false,"errorCode":"InvalidParameter","message":"The user is terminated."}`,
		},
		"200, data false":     {Status: 200, Body: body("false")},
		"200, data null":      {Status: 200, Body: body("null")},
		"200, success false":  {Status: 200, Body: `{"success":false,"data":true}`},
		"200, not found":      {Status: 200, Body: notFound},
		"200, another code":   {Status: 200, Body: `{"success":false,"errorCode":"InternalError","data":null}`},
		"200, keys in doubt":  {Status: 200, Body: `{"success":false,"errorCode":"InternalError","status":500,"Status":0}`},
		"200, in upper case":  {Status: 200, Body: `{"Success":false,"errorCode":"InternalError","status":500,"Status":0}`},
		"200, other types":    {Status: 200, Body: `{"success":"yes","data":7}`},
		"202, success false":  {Status: 202, Body: `{"success":false,"errorCode":"","data":null}`},
		"400, without a code": {Status: 400, Body: `{"success":false}`},
		"200, beside a code": {
			Status: 200, Body: `{"success":true,"data":true,"errorCode":"ObjectNotFound","message":"No user is visible."}`,
		},
		"200, beside a fault":  {Status: 200, Body: `{"success":true,"data":true,"errorCode":"InternalError"}`},
		"200, beside an error": {Status: 200, Body: `{"success":true,"data":true,"error":"timeout"}`},
		"200, beside errors":   {Status: 200, Body: `{"success":true,"data":true,"errors":["timeout"]}`},
		"200, beside a status": {Status: 200, Body: `{"success":true,"data":true,"status":500}`},
		"200, a code alone":    {Status: 200, Body: `{"errorCode":"ObjectNotFound"}`},
	} {
		for _, there := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", still there", false: ", not there"}[there], func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
					vanishing(m)
					f.Route, f.Effect = routeDelete, !there
					m.Fail(f)
					started := time.Now()
					_, err := c.Close(ctx, read(), key, offboard.NotSent)
					stopped(t, err, offboard.NotSent)
					vendortest.WantFault(t, err)
					if errors.Is(err, offboard.ErrNotVisible) == there || time.Since(started) != 0 {
						t.Errorf("got %v after %s, want ErrNotVisible %t at once", err, time.Since(started), !there)
					}
					vendortest.WantRoutes(t, m, routeMe, routeDelete, routeGet)
				})
			})
		}
	}
}

func TestClose_declinedAndTerminated(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Fail(mock.Fault{Route: routeDelete, Status: 404, Body: notFound, Effect: true})
		if proof, err := c.Close(ctx, read(), key, offboard.NotSent); err != nil || proof != offboard.Done {
			t.Errorf("got %v, %v, want it closed to decide", proof, err)
		}
	})
}

// Words beside a success are no error: some calls are documented with a message.
// https://api.ecgridos.io/docs/rest-api/auth/logout
func TestClose_acceptedWithWords(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"success":true,"data":true,"errorCode":"","message":"The user was terminated."}`,
		`{"success":true,"data":true,"errorCode":null,"message":null}`,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
			vanishing(m)
			m.Fail(mock.Fault{Route: routeDelete, Status: 200, Body: body, Effect: true})
			if proof, err := c.Close(ctx, read(), key, offboard.NotSent); err != nil || proof != offboard.Absent {
				t.Errorf("%s: got %v and %v, want the call accepted, and an absence as the proof", body, proof, err)
			}
		})
	}
}
