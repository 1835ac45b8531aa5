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
