package closing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// A review holds for one apply: a closure since then has used it up, whatever became of the account.
// Only the records of the log count, and no clock.
func TestReview_usedUpByAClosureSince(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 17, 0, 0, 0, time.UTC)
	mark := func(record string) evidence.Mark { return evidence.Mark{Record: record, Time: at} }
	told := func(log, record string) evidence.Earlier { return evidence.Earlier{Log: log, Used: mark(record)} }
	noted := func(log, record string) closing.Review {
		return closing.Review{Log: &closing.LogNote{log, mark(record)}}
	}
	for name, c := range map[string]struct {
		plan  closing.Review
		apply evidence.Earlier
		want  closing.Reason
	}{
		"no file, then and now":            {noted("", ""), evidence.Earlier{NoFile: true}, 0},
		"the first records of others":      {noted("", ""), told("one", ""), 0},
		"the first closure since":          {noted("", ""), told("one", "b"), closing.NoLogAtPlan},
		"nothing since":                    {noted("one", "a"), told("one", "a"), 0},
		"no closure ever":                  {noted("one", ""), told("one", ""), 0},
		"one since":                        {noted("one", ""), told("one", "a"), closing.ChangedSinceReview},
		"another one since":                {noted("one", "a"), told("one", "b"), closing.ChangedSinceReview},
		"the log is cut off":               {noted("one", "a"), told("one", ""), closing.ChangedSinceReview},
		"the file is gone":                 {noted("one", ""), evidence.Earlier{NoFile: true}, closing.AnotherLog},
		"no log is configured any more":    {noted("one", "a"), evidence.Earlier{}, closing.AnotherLog},
		"another log":                      {noted("one", ""), told("two", ""), closing.AnotherLog},
		"another log with the same record": {noted("one", "a"), told("two", "a"), closing.AnotherLog},
		"not read by the plan":             {closing.Review{}, told("one", ""), 0},
		"not read by the plan, and a call": {closing.Review{}, told("one", "a"), closing.LogNotRead},
	} {
		if got := reasonOf(c.plan.UsedUp(&c.apply)); got != c.want {
			t.Errorf("%s: got the reason %d, want %d", name, got, c.want)
		}
	}
}

// A review of an older version has noted when the last closure began, and no record.
func TestReview_usedUpByTheTimeThatAnOlderVersionNoted(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 17, 0, 0, 0, time.UTC)
	before, after := at.Add(-time.Hour), at.Add(time.Hour)
	for name, c := range map[string]struct {
		known  time.Time // the last closure that the plan knew of
		logged evidence.Earlier
		want   string // what the message says of the last closure
	}{
		"no closure ever":              {time.Time{}, evidence.Earlier{}, ""},
		"no file, then and now":        {time.Time{}, evidence.Earlier{NoFile: true}, ""},
		"nothing since":                {before, evidence.Earlier{At: before}, ""},
		"nothing since, a clock ahead": {after, evidence.Earlier{At: after}, ""},
		"not known to the plan":        {time.Time{}, evidence.Earlier{At: before}, `"none" "2026-11-03T16:00:00Z"`},
		"the first one since":          {time.Time{}, evidence.Earlier{At: after}, `"none" "2026-11-03T18:00:00Z"`},
		"another one since": {
			before, evidence.Earlier{At: after}, `"2026-11-03T16:00:00Z" "2026-11-03T18:00:00Z"`,
		},
		"the file is gone": {before, evidence.Earlier{NoFile: true}, `"2026-11-03T16:00:00Z" "none"`},
	} {
		r, got := closing.Review{At: at, LastCall: &c.known}, ""
		if refusal := r.UsedUp(&c.logged); refusal != nil {
			got = fmt.Sprintf("%q %q", refusal.Changes[0].Was, refusal.Changes[0].Is)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
