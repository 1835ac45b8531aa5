package closing_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ines is an account that may be closed: each case changes one thing.
func ines() *closing.Candidate {
	user := offboard.User{ID: "30400", Email: inesEmail, Name: inesName, Status: offboard.Active}
	return &closing.Candidate{
		Record: &closing.Record{Person: user.Person(), Facts: closing.Facts{"login": "ivarga"}},
		Before: user, Live: user, Facts: closing.Facts{"login": "ivarga"},
		Key: func(context.Context) (string, error) { return "acme", nil },
	}
}

func reasonOf(r *closing.Refusal) closing.Reason {
	if r == nil {
		return 0
	}
	return r.Reason
}

func TestInForce_refusesAnAccount(t *testing.T) {
	t.Parallel()
	otto := offboard.User{ID: "30400", Email: ottoEmail, Name: ottoName, Status: offboard.Active}
	for name, c := range map[string]struct {
		entry  string
		change func(*closing.Candidate)
		want   closing.Reason
	}{
		"nothing speaks against it":  {"", func(*closing.Candidate) {}, 0},
		"another entry":              {"otto@acme.test", func(*closing.Candidate) {}, 0},
		"its ID":                     {"30400", func(*closing.Candidate) {}, closing.NeverClose},
		"its address, in other case": {"INES@ACME.TEST", func(*closing.Candidate) {}, closing.NeverClose},
		"its login":                  {"ivarga", func(*closing.Candidate) {}, closing.NeverClose},
		"the login that was imported": {"ivarga", func(c *closing.Candidate) {
			c.Facts = nil
		}, closing.NeverClose},
		"a login that it had before": {"iv0", func(c *closing.Candidate) { c.Record.NoteNames("iv0") }, closing.NeverClose},
		"an alias":                   {"iv2", func(c *closing.Candidate) { c.Aliases = []string{"iv2"} }, closing.NeverClose},
		"the address that was imported": {inesEmail, func(c *closing.Candidate) {
			c.Before.Email, c.Live.Email = "", ""
		}, closing.NeverClose},
		"the address of whom it shows now": {ottoEmail, func(c *closing.Candidate) { c.Live = otto }, closing.NeverClose},
		"an address beside a display name": {inesEmail, func(c *closing.Candidate) {
			c.Live.Email, c.Before.Email, c.Record.Person.Email = "Ines <ines@acme.test>", "", ""
		}, closing.NeverClose},
		"another person":  {"", func(c *closing.Candidate) { c.Live = otto }, closing.AnotherPerson},
		"nobody is shown": {"", func(c *closing.Candidate) { c.Live = offboard.User{ID: "30400"} }, closing.AnotherPerson},
		"nobody is shown where that is no change": {"", func(c *closing.Candidate) {
			c.Indirect, c.Live = true, offboard.User{ID: "30400"}
		}, 0},
		"another person was shown last": {"", func(c *closing.Candidate) {
			c.Indirect, c.Live, c.Before = true, offboard.User{ID: "30400"}, otto
		}, closing.AnotherPerson},
		"another person before, and the imported one in this run": {"", func(c *closing.Candidate) {
			c.Indirect, c.Before, c.Last, c.Live = true, otto, c.Live, offboard.User{ID: "30400"}
		}, 0},
		"the imported person before, and another one in this run": {"", func(c *closing.Candidate) {
			c.Indirect, c.Last, c.Live = true, otto, offboard.User{ID: "30400"}
		}, closing.AnotherPerson},
		"only strangers are shown": {"", func(c *closing.Candidate) {
			c.Indirect, c.Live = true, offboard.User{ID: "30400"}
			c.Shown = []offboard.Person{otto.Person(), {Name: "Zoe New"}}
		}, closing.OtherPeople},
		"the imported person is shown beside a stranger": {"", func(c *closing.Candidate) {
			c.Indirect, c.Live = true, offboard.User{ID: "30400"}
			c.Shown = []offboard.Person{otto.Person(), c.Record.Person}
		}, 0},
		"strangers are shown, and nobody was imported": {"", func(c *closing.Candidate) {
			c.Indirect, c.Live, c.Before = true, offboard.User{ID: "30400"}, offboard.User{ID: "30400"}
			c.Shown, c.Record.Person = []offboard.Person{otto.Person()}, offboard.Person{}
		}, 0},
		"a stranger is shown beside the account": {"", func(c *closing.Candidate) {
			c.Indirect, c.Shown = true, []offboard.Person{otto.Person()}
		}, 0},
		"no key was noted": {"", func(c *closing.Candidate) {
			c.KeyOwner = "partner"
		}, 0},
		"somebody else is in the state, nobody is shown at a vendor that shows all": {"", func(c *closing.Candidate) {
			c.Live, c.Before, c.Record.Person = otto, ines().Before, otto.Person()
		}, 0},
		"nobody was ever shown where that is no change": {"", func(c *closing.Candidate) {
			c.Indirect, c.Live, c.Before = true, offboard.User{ID: "30400"}, offboard.User{ID: "30400"}
		}, 0},
		"another key": {"", func(c *closing.Candidate) {
			c.KeyOwner, c.Record.Key = "partner", "other"
		}, closing.AnotherKey},
		"another key, where no two have the same IDs": {"", func(c *closing.Candidate) { c.Record.Key = "other" }, 0},
		"the same key": {"", func(c *closing.Candidate) {
			c.KeyOwner, c.Record.Key = "partner", "acme"
		}, 0},
		"a key that cannot be told": {"", func(c *closing.Candidate) {
			c.KeyOwner, c.Record.Key = "partner", "acme"
			c.Key = func(context.Context) (string, error) { return "acme", errors.New("busy") }
		}, closing.AnotherKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			candidate := ines()
			c.change(candidate)
			f := closing.EffectiveGuards{}
			if c.entry != "" {
				f.NeverClose = []string{c.entry}
			}
			if got := reasonOf(f.Refuses(t.Context(), candidate)); got != c.want {
				t.Errorf("got the reason %d, want %d", got, c.want)
			}
		})
	}
}

func TestInForce_refusesEveryAccount(t *testing.T) {
	t.Parallel()
	kept := func(s closing.GuardSettings) closing.EffectiveGuards {
		return closing.EffectiveGuards{GuardSettings: s, Kept: true}
	}
	said := func(s closing.GuardSettings) closing.EffectiveGuards {
		return closing.EffectiveGuards{GuardSettings: s}
	}
	for name, c := range map[string]struct {
		f             closing.EffectiveGuards
		all, lost     closing.Reason
		guard, unread string
	}{
		"nothing": {f: said(closing.GuardSettings{})},
		"read only": {
			f: said(closing.GuardSettings{ReadOnly: true}), all: closing.ReadOnly, guard: "read_only",
		},
		"an unknown guard": {
			f: said(closing.GuardSettings{Unknown: "never_close"}), all: closing.GuardUnknown, guard: "never_close",
		},
		"a log": {f: said(closing.GuardSettings{EvidenceLog: true})},
		"kept, read only": {
			f: kept(closing.GuardSettings{ReadOnly: true}), all: closing.ReadOnly, guard: "read_only",
		},
		"kept, a log": {
			f: kept(closing.GuardSettings{EvidenceLog: true}), all: closing.EvidenceLost, lost: closing.EvidenceLost,
			guard: "kept guards",
		},
		"kept, an unknown guard": {
			f: kept(closing.GuardSettings{Unknown: "x"}), all: closing.GuardUnknown, lost: closing.GuardUnknown,
			guard: "kept guards",
		},
		"the environment's, no word": {
			f: closing.EffectiveGuards{Problem: errors.New("odd")}, all: closing.GuardUnreadable, lost: closing.GuardUnreadable,
			guard: "kept guards",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := c.f.RefusesAll()
			if got := reasonOf(all); got != c.all {
				t.Errorf("got the reason %d, want %d", got, c.all)
			}
			if all != nil && all.Guard != c.guard {
				t.Errorf("got the guard %q, want %q", all.Guard, c.guard)
			}
			if got := reasonOf(c.f.Lost()); got != c.lost {
				t.Errorf("got the reason %d of lost guards, want %d", got, c.lost)
			}
		})
	}
}

// An account that is not visible leaves the state only if no guard speaks against that.
func TestInForce_keepsInState(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f    closing.EffectiveGuards
		want closing.Reason
	}{
		"nothing": {closing.EffectiveGuards{}, 0},
		"never_close": {
			closing.EffectiveGuards{GuardSettings: closing.GuardSettings{NeverClose: []string{"30400"}}}, closing.NeverClose,
		},
		"read only": {closing.EffectiveGuards{GuardSettings: closing.GuardSettings{ReadOnly: true}}, closing.ReadOnly},
		"a strict plan": {
			closing.EffectiveGuards{GuardSettings: closing.GuardSettings{StrictPlan: true}}, closing.StrictPlan,
		},
		"an unknown guard": {
			closing.EffectiveGuards{GuardSettings: closing.GuardSettings{Unknown: "read_only"}}, closing.GuardUnknown,
		},
		"unreadable": {closing.EffectiveGuards{Problem: errors.New("odd")}, closing.GuardUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			candidate := ines()
			candidate.Live = offboard.User{}
			if got := reasonOf(c.f.KeepsInState(candidate)); got != c.want {
				t.Errorf("got the reason %d, want %d", got, c.want)
			}
		})
	}
}

// Whom the reviewer was not shown is a change, whatever else the ID shows.
func TestCandidate_sinceReviewShowsNobodyNew(t *testing.T) {
	t.Parallel()
	ottoNow, zoe := offboard.Person{Email: ottoEmail, Name: ottoName}, offboard.Person{Name: "Zoe New"}
	inesNow := ines().Live.Person()
	people := func(all ...offboard.Person) []offboard.Person { return all }
	for name, c := range map[string]struct {
		then, now []offboard.Person
		nobody    bool // nothing was known of the person at the import and at the review
		want      closing.Reason
	}{
		"nobody":                        {nil, nil, false, 0},
		"the imported person":           {nil, people(inesNow), false, 0},
		"the imported person by name":   {nil, people(offboard.Person{Name: inesName}), false, 0},
		"who was shown before":          {people(ottoNow, inesNow), people(inesNow, ottoNow), false, 0},
		"one of those":                  {people(ottoNow, inesNow), people(ottoNow), false, 0},
		"a stranger":                    {nil, people(ottoNow), false, closing.ChangedSinceReview},
		"a stranger beside the person":  {people(inesNow), people(inesNow, ottoNow), false, closing.ChangedSinceReview},
		"a further stranger":            {people(ottoNow), people(ottoNow, zoe), false, closing.ChangedSinceReview},
		"a stranger, and nobody before": {nil, people(ottoNow), true, closing.ChangedSinceReview},
		"as before, and nobody known":   {people(ottoNow), people(ottoNow), true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			candidate := ines()
			candidate.Indirect, candidate.Shown = true, c.now
			if c.nobody {
				candidate.Live, candidate.Record.Person = offboard.User{ID: "30400"}, offboard.Person{}
			}
			r := &closing.Review{User: candidate.Live, Facts: closing.Facts{"login": "ivarga"}, Key: "acme", Shown: c.then}
			got := candidate.SinceReview(t.Context(), r)
			if reasonOf(got) != c.want {
				t.Errorf("got the reason %d, want %d", reasonOf(got), c.want)
			}
			if got != nil && (len(got.Changes) != 1 || got.Changes[0].Is != c.now[len(c.now)-1].Label()) {
				t.Errorf("got the changes %v, want the new person alone", got.Changes)
			}
		})
	}
}

func TestCandidate_sinceReview(t *testing.T) {
	t.Parallel()
	reviewed := func(change func(*closing.Review)) *closing.Review {
		c := ines()
		r := &closing.Review{User: c.Live, Facts: closing.Facts{"login": "ivarga"}, Key: "acme"}
		change(r)
		return r
	}
	for name, c := range map[string]struct {
		owner  string
		review func(*closing.Review)
		want   closing.Reason
	}{
		"as it was": {"", func(*closing.Review) {}, 0},
		"another login": {
			"", func(r *closing.Review) { r.Facts["login"] = "olang" }, closing.ChangedSinceReview,
		},
		"another person": {"", func(r *closing.Review) { r.User.Email = ottoEmail }, closing.ChangedSinceReview},
		"it was closed": {
			"", func(r *closing.Review) { r.User.Status = offboard.Closed }, closing.ChangedSinceReview,
		},
		"it was suspended": {
			"", func(r *closing.Review) { r.User.Status = offboard.Suspended }, closing.ChangedSinceReview,
		},
		"another key":                {"partner", func(r *closing.Review) { r.Key = "other" }, closing.AnotherKey},
		"another key, no two keys":   {"", func(r *closing.Review) { r.Key = "other" }, 0},
		"the same key":               {"partner", func(*closing.Review) {}, 0},
		"other rights":               {"tells", func(r *closing.Review) { r.Key = "other" }, closing.OtherRights},
		"the same rights":            {"tells", func(*closing.Review) {}, 0},
		"rights that were not known": {"tells", func(r *closing.Review) { r.Key = "" }, 0},

		"nobody was shown, now Ines": {
			"", func(r *closing.Review) { r.User.Name, r.User.Email = "", "" }, closing.ChangedSinceReview,
		},
		"a fact that was not there": {
			"", func(r *closing.Review) { r.Facts["role"] = "admin" }, closing.ChangedSinceReview,
		},
		"a fact in other letter case": {"", func(r *closing.Review) { r.Facts["login"] = "IVARGA" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			candidate := ines()
			if candidate.KeyTells = c.owner == "tells"; !candidate.KeyTells {
				candidate.KeyOwner = c.owner
			}
			if got := reasonOf(candidate.SinceReview(t.Context(), reviewed(c.review))); got != c.want {
				t.Errorf("got the reason %d, want %d", got, c.want)
			}
		})
	}
}

func TestCounter_refusesBeyondTheLimit(t *testing.T) {
	t.Parallel()
	c := closing.NewCounter()
	for i, want := range []closing.Reason{0, 0, closing.TooMany, closing.TooMany} {
		key := []string{"a", "b", "c", "d"}[i]
		got := c.Refuses(key, key, 2)
		if reasonOf(got) != want {
			t.Errorf("user %s: got the reason %d, want %d", key, reasonOf(got), want)
		}
		if got != nil && (got.ClosureCount.Count != i+1 || got.ClosureCount.Limit != 2) {
			t.Errorf("user %s: got %+v, want number %d of 2", key, got.ClosureCount, i+1)
		}
	}
	if c.Refuses("a", "a", 4) != nil {
		t.Error("got a refusal of a user who was counted before, want none")
	}
	if c.Refuses("e", "e", closing.Unlimited) != nil {
		t.Error("got a refusal without a limit, want none")
	}
}

// The lowest limit of a planned user holds for all. Only the first user who is refused is not told
// as one of several, however often that user is planned.
func TestCounter_plansUnderTheLowestLimit(t *testing.T) {
	t.Parallel()
	type planned struct {
		user  string
		limit int64
	}
	for name, c := range map[string]struct {
		plans   []planned
		refused string // the users who are refused, in order; in upper case if another was refused before
	}{
		"nobody is too many":        {[]planned{{"a", 2}, {"b", 2}, {"a", 2}}, ""},
		"no limit":                  {[]planned{{"a", closing.Unlimited}, {"b", closing.Unlimited}}, ""},
		"the third":                 {[]planned{{"a", 2}, {"b", 2}, {"c", 2}, {"d", 2}}, "cD"},
		"the strict one comes last": {[]planned{{"a", 9}, {"b", 9}, {"c", 9}, {"d", 1}, {"a", 9}}, "dA"},
		"the strict one is first":   {[]planned{{"a", 1}, {"b", 9}, {"c", closing.Unlimited}}, "bC"},
		"none is allowed":           {[]planned{{"a", 0}, {"a", 0}, {"b", 9}, {"a", 0}}, "aaBa"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counter, got := closing.NewCounter(), ""
			for _, p := range c.plans {
				switch count := counter.Plan(p.user, p.user, p.limit); {
				case count.Allows():
				case count.Again:
					got += strings.ToUpper(p.user)
				default:
					got += p.user
				}
			}
			if got != c.refused || counter.Failed() != (got != "") {
				t.Errorf("got %q refused and failed %t, want %q", got, counter.Failed(), c.refused)
			}
		})
	}
}
