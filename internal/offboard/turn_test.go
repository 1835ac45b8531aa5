package offboard_test

import (
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestStale(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		read time.Time
		want bool
	}{
		"just now":                     {now, false},
		"an hour ago":                  {now.Add(-time.Hour), true},
		"later, as the clock says":     {now.Add(time.Hour), true},
		"now, without monotonic clock": {now.Round(0), false},
		"it is not known when":         {time.Time{}, false},
	} {
		if got := offboard.Stale(offboard.WithReadTime(t.Context(), c.read)); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
	if offboard.Stale(t.Context()) {
		t.Error("got a stale read in a context that has none")
	}
}

// A request for something else, such as a token, has no part in the turn.
func TestWithoutTurn(t *testing.T) {
	t.Parallel()
	turn := offboard.WithTurn(t.Context())
	if offboard.TurnOf(turn) == nil || offboard.TurnOf(offboard.WithoutTurn(turn)) != nil {
		t.Error("want a turn, and none without it")
	}
	if offboard.Stale(offboard.WithoutTurn(offboard.WithReadTime(turn, time.Now().Add(-time.Hour)))) {
		t.Error("got a stale read in a context that has none")
	}
}
