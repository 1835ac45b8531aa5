package offboard_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestSettle_logsWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var looks []int
		ctx := offboard.WithLog(t.Context(), func(_ context.Context, message string, fields ...map[string]any) {
			if message != "waiting for the vendor to show the effect" {
				t.Errorf("got the message %q", message)
			}
			looks = append(looks, fields[0]["looks"].(int))
		})
		v := &vendor{sends: []error{nil}, reads: []reading{open, open, busy, done}}
		if seen, err := v.settle(ctx, offboard.NotSent); seen != offboard.Done || err != nil {
			t.Fatalf("got %v and %v, want proof", seen, err)
		}
		if want := []int{1, 2, 3}; !slices.Equal(looks, want) {
			t.Errorf("got %v in the log, want one line for each wait, after the looks %v", looks, want)
		}
	})
}
