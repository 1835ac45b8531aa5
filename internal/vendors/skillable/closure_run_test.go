package skillable_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

// A call that the vendor does not take says nothing of rows. It is sent again as long as there is
// time.
func TestClose_countsNoCallThatWasNotTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		busy   mock.Fault // after the call that touches rows
		closed bool
	}{
		"busy for two minutes": {mock.Fault{Status: 429, For: 2 * time.Minute}, true},
		"busy for 30 calls":    {mock.Fault{Status: 429, Times: 30}, true},
		"busy until the end":   {mock.Fault{Status: 429}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenMinutes := oneUser
			tenMinutes.Timeout = 10 * time.Minute
			tenMinutes.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				c.busy.Route, c.busy.After = routeClose, 1
				m.Fail(c.busy)
				_, err := client.Close(ctx, read(), shown)
				if c.closed {
					if err != nil {
						t.Errorf("got %v, want a closure", err)
					}
					return
				}
				stopped(t, err, skillable.StepClose)
				var fault *rest.Error
				if !errors.As(err, &fault) || fault.Status != 429 || errors.Is(err, offboard.ErrStillOpen) ||
					offboard.CallOf(err) != offboard.Accepted {
					t.Errorf("got %v, want an accepted call, and the 429 that keeps it unproven", err)
				}
			})
		})
	}
}
