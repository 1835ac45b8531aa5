package closing_test

import (
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestNoteSuspension(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		was       offboard.Status
		asked     bool
		now, want offboard.Status
	}{
		{"suspended", offboard.Active, true, offboard.Suspended, offboard.Suspended},
		{"asked for, and closed", offboard.Closed, true, offboard.Closed, offboard.Closed},
		{"not asked for any more", offboard.Suspended, false, offboard.Suspended, offboard.Active},
		{"never asked for", offboard.Active, false, offboard.Active, offboard.Active},
		{"closed before", offboard.Closed, false, offboard.Suspended, offboard.Closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := closing.Record{Status: c.was}
			if r.NoteSuspension(c.asked, c.now); r.Status != c.want {
				t.Errorf("got %q, want %q", r.Status, c.want)
			}
		})
	}
}

// A plan to suspend an account holds for one apply, as that of a closure.
func TestReviewOfState_isUsedUp(t *testing.T) {
	t.Parallel()
	used := evidence.Mark{Record: "aa", Time: time.Unix(1, 0)}
	for name, c := range map[string]struct {
		record closing.Record
		logged evidence.Earlier
		want   closing.Reason
	}{
		"no log":              {closing.Record{}, evidence.Earlier{}, 0},
		"a log since then":    {closing.Record{}, evidence.Earlier{Log: "x", Used: used}, closing.LogNotRead},
		"the same record":     {closing.Record{Log: "x", Used: used}, evidence.Earlier{Log: "x", Used: used}, 0},
		"a later closure":     {closing.Record{Log: "x"}, evidence.Earlier{Log: "x", Used: used}, closing.ChangedSinceReview},
		"another log is read": {closing.Record{Log: "x"}, evidence.Earlier{Log: "y"}, closing.AnotherLog},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			review := closing.ReviewOfState(ines().Live, closing.Facts{"login": "ivarga"}, &c.record)
			if got := reasonOf(review.UsedUp(&c.logged)); got != c.want {
				t.Errorf("got the reason %d, want %d", got, c.want)
			}
			candidate := ines()
			if got := candidate.SinceReview(t.Context(), &review); got != nil {
				t.Errorf("got %+v for the account as it was, want nothing", got)
			}
			candidate.Facts = closing.Facts{"login": "boss"}
			if got := reasonOf(candidate.SinceReview(t.Context(), &review)); got != closing.ChangedSinceReview {
				t.Errorf("got the reason %d for another login, want a change", got)
			}
		})
	}
}
