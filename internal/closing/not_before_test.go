package closing_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
)

// The time in a bubble of synctest begins at midnight UTC of 2000-01-01.
func TestRefuses_beforeTheTimeOfCloseNotBefore(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		notBefore string
		wait      time.Duration
		vendor    time.Time // what time it is at the vendor when nothing was waited; zero if it does not tell
		want      bool
		byVendor  bool
	}{
		"none":                            {"", 0, time.Time{}, false, false},
		"a day, at its midnight":          {"2000-01-01", 0, time.Time{}, false, false},
		"a later day":                     {"2000-01-02", 0, time.Time{}, true, false},
		"a later day, one second before":  {"2000-01-02", 24*time.Hour - time.Second, time.Time{}, true, false},
		"a later day, when it begins":     {"2000-01-02", 24 * time.Hour, time.Time{}, false, false},
		"a time, before it":               {"2000-01-01T00:00:01Z", time.Second - 1, time.Time{}, true, false},
		"a time, at it":                   {"2000-01-01T00:00:01Z", time.Second, time.Time{}, false, false},
		"a time that is later in the day": {"2000-01-01T09:00:00+08:00", 59 * time.Minute, time.Time{}, true, false},
		"a time of another zone, at it":   {"2000-01-01T09:00:00+08:00", time.Hour, time.Time{}, false, false},
		"the vendor's clock is behind":    {"2000-01-02", 48 * time.Hour, midnight.Add(-25 * time.Hour), true, true},
		"both clocks have reached it":     {"2000-01-02", 48 * time.Hour, midnight.Add(-24 * time.Hour), false, false},
		"the vendor's clock is ahead":     {"2000-01-02", 0, midnight.Add(48 * time.Hour), true, false},
		"a value that cannot be read":     {"soon", 1e6 * time.Hour, time.Time{}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(c.wait)
				candidate := ines()
				candidate.NotBefore = c.notBefore
				if !c.vendor.IsZero() {
					candidate.VendorTime = c.vendor.Add(c.wait)
				}
				g := closing.EffectiveGuards{}
				for how, got := range map[string]*closing.Refusal{
					"to close it":                  g.Refuses(t.Context(), candidate),
					"to let it leave the state":    g.KeepsInState(candidate),
					"what a person has written":    g.Forbids(candidate),
					"to close it, under the limit": (&closing.EffectiveGuards{Limit: 1}).Refuses(t.Context(), candidate),
				} {
					if refused := got != nil; refused != c.want {
						t.Fatalf("%s: got refused %t, want %t", how, refused, c.want)
					}
					if c.want && (got.Reason != closing.TooEarly || got.Guard != "close_not_before" ||
						got.Early.NotBefore != c.notBefore || got.Early.ByVendor != c.byVendor ||
						got.Early.Now.IsZero() != (c.notBefore == "soon")) {
						t.Errorf("%s: got %+v because of %+v", how, got, got.Early)
					}
				}
			})
		})
	}
}

func TestRefuses_noSuspensionBeforeTheTimeOfCloseNotBefore(t *testing.T) {
	t.Parallel()
	candidate := ines()
	candidate.NotBefore, candidate.Suspends = "9999-12-31", true
	if got := (&closing.EffectiveGuards{}).Refuses(t.Context(), candidate); got != nil {
		t.Errorf("got %+v, want a suspension before the closure", got)
	}
	candidate.Live.Whose = "boss@acme.test" // as the block names the person now
	g := closing.EffectiveGuards{GuardSettings: closing.GuardSettings{NeverClose: []string{"boss@acme.test"}}}
	if got := reasonOf(g.Refuses(t.Context(), candidate)); got != closing.NeverClose {
		t.Errorf("got the reason %d, want never_close to hold for it", got)
	}
}

func TestCheckNotBefore(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"2026-12-31": true, "2026-12-31T18:00:00Z": true, "2026-12-31T18:00:00+01:00": true,
		"2026-12-31T18:00:00.5Z": true, "": false, "2026-12-32": false, "2026-02-29": false, "31.12.2026": false,
		"2026-12-31T18:00:00": false, "2026-12-31 18:00:00Z": false, " 2026-12-31": false, "2026-12-31T18:00Z": false,
		"tomorrow": false, "1798761600": false,
	} {
		if err := closing.CheckNotBefore(text); (err == nil) != want {
			t.Errorf("%q: got %v, want it accepted %t", text, err, want)
		}
	}
}
