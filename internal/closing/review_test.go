package closing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

const (
	inesName, inesEmail = "Ines Varga", "ines@acme.test"
	ottoName, ottoEmail = "Otto Lang", "otto@acme.test"
)

// The name tells people apart where the vendor showed no address, at the plan or now.
func TestReview_namesAreComparedWithoutAnAddress(t *testing.T) {
	t.Parallel()
	person := func(name, email string) offboard.User {
		return offboard.User{ID: "1", Name: name, Email: email, Status: offboard.Active}
	}
	for name, c := range map[string]struct {
		then, now offboard.User
		want      string
	}{
		"no address":                {person(inesName, ""), person(ottoName, ""), "name"},
		"an address since":          {person(inesName, ""), person(ottoName, ottoEmail), "name"},
		"no address any more":       {person(inesName, inesEmail), person(ottoName, ""), "email name"},
		"the same address":          {person(inesName, inesEmail), person(ottoName, inesEmail), ""},
		"another address":           {person(inesName, inesEmail), person(ottoName, ottoEmail), "email"},
		"the same name, no address": {person(inesName, ""), person(strings.ToUpper(inesName), ""), ""},
	} {
		var facts []string
		for _, change := range (&closing.Review{User: c.then}).Changes(closing.VendorTraits{}, c.now, nil) {
			facts = append(facts, change.Fact)
		}
		if got := strings.Join(facts, " "); got != c.want {
			t.Errorf("%s: got changes of %q, want %q", name, got, c.want)
		}
	}
}

// A closure by another definition than the plan is refused, and so is one of which the plan knew none.
func TestReview_anotherDefinitionIsAChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		then, now string
		refused   bool
	}{{"", "", false}, {"a", "a", false}, {"a", "b", true}, {"a", "", true}, {"", "b", true}} {
		refusal := (&closing.Review{Definition: c.then}).UnderAnother(c.now)
		if got := refusal != nil; got != c.refused {
			t.Errorf("%q, then %q: got refused %v, want %v", c.then, c.now, got, c.refused)
		}
		if refusal != nil && (refusal.Reason != closing.ChangedSinceReview || refusal.Guard != "review") {
			t.Errorf("got %v by %q, want a change since the review", refusal.Reason, refusal.Guard)
		}
	}
}

// What the reviewer saw is compared with what is shown now, at vendors that show each account and
// at those that show people through something else.
func TestReview_changesOfTheStatus(t *testing.T) {
	t.Parallel()
	nobody := func(status offboard.Status) offboard.User { return offboard.User{ID: "1", Status: status} }
	ines := func(status offboard.Status) offboard.User {
		return offboard.User{ID: "1", Name: inesName, Email: inesEmail, Status: status}
	}
	direct, indirect := closing.VendorTraits{}, closing.VendorTraits{Indirect: true}
	for name, c := range map[string]struct {
		manner    closing.VendorTraits
		then, now offboard.User
		want      string
	}{
		"active":                             {direct, ines(offboard.Active), ines(offboard.Active), ""},
		"suspended since":                    {direct, ines(offboard.Active), ines(offboard.Suspended), ""},
		"active again":                       {direct, ines(offboard.Suspended), ines(offboard.Active), "status"},
		"suspended still":                    {direct, ines(offboard.Suspended), ines(offboard.Suspended), ""},
		"open again":                         {direct, ines(offboard.Closed), ines(offboard.Active), "status"},
		"a status that is unknown":           {direct, ines(offboard.Unknown), ines(offboard.Active), ""},
		"shown now":                          {direct, nobody(offboard.Active), ines(offboard.Active), "person"},
		"nobody, then and now":               {direct, nobody(offboard.Active), nobody(offboard.Active), ""},
		"not shown now":                      {direct, ines(offboard.Active), nobody(offboard.Active), "email name"},
		"not shown, where that is no change": {indirect, ines(offboard.Active), nobody(offboard.Unknown), ""},
		"labs without a person":              {indirect, ines(offboard.Active), nobody(offboard.Active), ""},
		"labs again, without a person":       {indirect, nobody(offboard.Unknown), nobody(offboard.Active), "status"},
		"labs again, with a person":          {indirect, nobody(offboard.Unknown), ines(offboard.Active), "person"},
		"still nothing":                      {indirect, nobody(offboard.Unknown), nobody(offboard.Unknown), ""},
		"shown with the status of before":    {indirect, ines(offboard.Unknown), ines(offboard.Unknown), ""},
		"known, and labs now":                {indirect, ines(offboard.Unknown), ines(offboard.Active), "status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var facts []string
			for _, change := range (&closing.Review{User: c.then}).Changes(c.manner, c.now, nil) {
				facts = append(facts, change.Fact)
			}
			if got := strings.Join(facts, " "); got != c.want {
				t.Errorf("got changes of %q, want %q", got, c.want)
			}
		})
	}
}

func TestReview_added(t *testing.T) {
	t.Parallel()
	lab := offboard.Finding{Kind: offboard.RunningLab, Subject: "Exam (41)"}
	other := offboard.Finding{Kind: offboard.RunningLab, Subject: "Mesh (42)"}
	r := closing.Review{Findings: []offboard.Finding{lab}}
	if got := r.Added([]offboard.Finding{lab, other}); !slices.Equal(got, []offboard.Finding{other}) {
		t.Errorf("got %v, want the finding alone that the reviewer was not shown", got)
	}
}

// What this run has left closed or suspended, and what is open again, is refused.
func TestReopened(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left, now offboard.Status
		indirect  bool
		want      closing.Reason
	}{
		"no closure of this run":       {"", offboard.Active, false, 0},
		"closed, and active":           {offboard.Closed, offboard.Active, false, closing.ChangedSinceReview},
		"closed, and suspended":        {offboard.Closed, offboard.Suspended, false, closing.ChangedSinceReview},
		"closed, and nothing is shown": {offboard.Closed, offboard.Unknown, true, 0},
		"suspended, and still is":      {offboard.Suspended, offboard.Suspended, false, 0},
		"suspended, and active":        {offboard.Suspended, offboard.Active, false, closing.ChangedSinceReview},
	} {
		got := closing.Reopened(closing.VendorTraits{Indirect: c.indirect}, c.left, offboard.User{Status: c.now})
		if reasonOf(got) != c.want {
			t.Errorf("%s: got the reason %d, want %d", name, reasonOf(got), c.want)
		}
	}
}

// A fact that appears after the plan is a change, as one that differs is.
func TestReview_aFactThatAppearsIsAChange(t *testing.T) {
	t.Parallel()
	ines := offboard.User{ID: "1", Name: inesName, Email: inesEmail, Status: offboard.Active}
	for name, c := range map[string]struct {
		then, now closing.Facts
		want      int
	}{
		"the same":        {closing.Facts{"role": "member"}, closing.Facts{"role": "member"}, 0},
		"another":         {closing.Facts{"role": "member"}, closing.Facts{"role": "owner"}, 1},
		"one more":        {closing.Facts{"role": "member"}, closing.Facts{"role": "member", "owners": "member"}, 1},
		"the first":       {closing.Facts{}, closing.Facts{"owners": "member"}, 1},
		"one that is not": {closing.Facts{"role": "member"}, closing.Facts{}, 1},
	} {
		review := closing.Review{User: ines, Facts: c.then}
		if got := review.Changes(closing.VendorTraits{}, ines, c.now); len(got) != c.want {
			t.Errorf("%s: got %+v, want %d changes", name, got, c.want)
		}
	}
}

// A plan from a machine whose clock was far ahead would never be too old.
func TestReview_ofATimeToComeIsTooOld(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for age, refused := range map[time.Duration]bool{
		0: false, -59 * time.Minute: false, -61 * time.Minute: true, -365 * 24 * time.Hour: true,
		closing.MaxPlanAge: false, closing.MaxPlanAge + time.Second: true,
	} {
		review := closing.Review{At: now.Add(-age)}
		if got := review.TooOld(now, time.Time{}); (got != nil) != refused {
			t.Errorf("%v old: got %v, want a refusal: %t", age, got, refused)
		}
	}
}
