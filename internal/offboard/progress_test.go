package offboard_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestAwait_tellsWhatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits []int64
		ctx := offboard.WithLog(t.Context(), func(_ context.Context, message string, fields ...map[string]any) {
			if message != "waiting for the vendor to show the effect" {
				t.Errorf("got message %q", message)
			}
			waits = append(waits, fields[0]["next_look_ms"].(int64))
		})
		looks := 0
		proven, err := offboard.Await(ctx, func(context.Context) (bool, error) { looks++; return looks == 4, nil }, 1)
		if !proven || err != nil {
			t.Fatalf("got %v, %v, want proof", proven, err)
		}
		if len(waits) != 3 || waits[2] != (400*time.Millisecond).Milliseconds() {
			t.Errorf("got waits of %v ms in the log, want one line for each of three", waits)
		}
	})
}
