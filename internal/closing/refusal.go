package closing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Reason is why an account is not closed.
type Reason int

// The reasons, in the order in which they are looked for.
const (
	NotReviewed Reason = iota + 1
	GuardUnreadable
	EvidenceLost
	GuardUnknown
	ReadOnly
	NeverClose
	TooEarly
	StrictPlan
	AnotherPerson
	OtherPeople
	AnotherKey
	OtherRights // of the key than at the review
	PlanTooOld
	LogNotRead  // the plan could not read the evidence log
	NoLogAtPlan // the plan found no evidence log
	AnotherLog
	ChangedSinceReview
	TooMany
	OverBudget
)

// Refusal is one reason not to close an account, with what a message needs to say of it.
type Refusal struct {
	Reason       Reason
	Guard        string                // as the evidence log names it
	Err          error                 // of GuardUnreadable
	Unknown      string                // the guard of GuardUnknown
	Entry        string                // of never_close
	Former       bool                  // of NeverClose: the account had the name of the entry before
	Early        *Early                // of TooEarly
	Shown        offboard.User         // of AnotherPerson and OtherPeople: whom the vendor shows, or showed last
	Person       offboard.Person       // likewise: who was imported
	Changes      []Change              // of the last reasons before TooMany
	ClosureCount ClosureCount          // of TooMany
	Budget       *evidence.BudgetError // of OverBudget
}

// RefusalError is a Refusal of an account that was read again before a call.
type RefusalError struct {
	*Refusal
	Live offboard.User // as the vendor showed it
}

func (e *RefusalError) Error() string {
	return "the account was read again before the call, and is refused by the guard " + e.Guard
}

// RefusedAgain returns the RefusalError in the error of a closure of which no closing call has
// left; nil if there is none.
func RefusedAgain(err error) *RefusalError {
	var refused *RefusalError
	var unproven *offboard.UnprovenError
	left := errors.As(err, &unproven) && (unproven.Sent == nil || offboard.Ambiguous(unproven.Sent))
	if !errors.As(err, &refused) || left {
		return nil
	}
	return refused
}

// Unreviewed returns the refusal of a closure that no plan showed.
func Unreviewed() *Refusal { return &Refusal{Reason: NotReviewed, Guard: "review"} }

// BudgetSpent returns the refusal in the error of Recording.Begin; nil if there is none.
func BudgetSpent(err error) *Refusal {
	spent, ok := errors.AsType[*evidence.BudgetError](err)
	if !ok {
		return nil
	}
	return &Refusal{Reason: OverBudget, Guard: "closure_budget", Budget: spent}
}

// Lost returns the refusal by guards that cannot be read, or that were kept and cannot be obeyed
// without the provider block; nil if there are none.
func (f *EffectiveGuards) Lost() *Refusal {
	const guard = "kept guards"
	switch {
	case f.Problem != nil:
		return &Refusal{Reason: GuardUnreadable, Guard: guard, Err: f.Problem}
	case f.Kept && f.EvidenceLog:
		return &Refusal{Reason: EvidenceLost, Guard: guard}
	case f.Kept && f.Unknown != "":
		return &Refusal{Reason: GuardUnknown, Guard: guard, Unknown: f.Unknown}
	}
	return nil
}

// RefusesAll returns the refusal that holds for every account; nil if there is none.
func (f *EffectiveGuards) RefusesAll() *Refusal {
	switch lost := f.Lost(); {
	case lost != nil:
		return lost
	case f.ReadOnly:
		return &Refusal{Reason: ReadOnly, Guard: "read_only"}
	case f.Unknown != "":
		return &Refusal{Reason: GuardUnknown, Guard: f.Unknown, Unknown: f.Unknown}
	}
	return nil
}

// Candidate is an account that is to be closed, with all that is known of it.
type Candidate struct {
	VendorTraits
	Record  *Record
	Before  offboard.User // as the state has it, with the label of the person
	Last    offboard.User // as this run has shown it last; the zero User if it has not
	Live    offboard.User // as the vendor shows it now; the zero User while it is not visible
	Facts   Facts
	Aliases []string // further IDs, logins and addresses that the vendor shows
	// Shown are all people whom the vendor shows under the ID, if it may show several.
	Shown []offboard.Person
	// NotBefore is close_not_before of the user; empty for none. It holds back no suspension.
	NotBefore string
	Suspends  bool // the account is only to be suspended, and the user stays managed
	// VendorTime is what time it is at the vendor, as its answers show it; zero if they do not.
	VendorTime time.Time
	// Key returns what the vendor tells of the key now, as Record.Key.
	Key func(context.Context) (string, error)
}

// Login is the fact that never_close holds for, too.
const Login = "login"

// Names returns the logins and addresses that the vendor shows of the account now.
func (c *Candidate) Names() []string {
	return append([]string{c.Live.Email, c.Facts[Login]}, c.Aliases...)
}

// NeverCloses returns the refusal by an entry of never_close; nil if no entry names the account.
func (f *EffectiveGuards) NeverCloses(c *Candidate) *Refusal {
	current := append(c.Names(), c.Before.ID, c.Before.Email, c.Before.Whose, c.Live.ID, c.Live.Whose)
	for _, name := range []string{c.Live.Name, c.Before.Name, c.Record.Person.Name} {
		if strings.Contains(name, "@") { // of an account that was made by an invitation, for example
			current = append(current, name)
		}
	}
	if entry, protected := f.Protects(current...); protected {
		return &Refusal{Reason: NeverClose, Guard: "never_close", Entry: entry}
	}
	former := append([]string{c.Record.Person.Email, c.Record.Facts[Login]}, c.Record.Former...)
	if entry, protected := f.Protects(former...); protected {
		return &Refusal{Reason: NeverClose, Guard: "never_close", Entry: entry, Former: true}
	}
	return nil
}

// Forbids returns the refusal by what a person has written about the account: an entry of
// never_close, or a close_not_before that is not reached. It is nil if neither forbids its closure.
func (f *EffectiveGuards) Forbids(c *Candidate) *Refusal {
	if refusal := f.NeverCloses(c); refusal != nil {
		return refusal
	}
	return c.tooEarly(time.Now())
}

// Refuses returns the refusal to close this very account, at plan and at apply alike; nil if there
// is none.
func (f *EffectiveGuards) Refuses(ctx context.Context, c *Candidate) *Refusal {
	if refusal := f.Forbids(c); refusal != nil {
		return refusal
	}
	shown := c.Live // or the person that it showed last, if it shows no person now
	switch {
	case !c.Unseen(c.Live):
	case c.Last.Person().Known():
		shown = c.Last
	case c.Before.Person().Known():
		shown = c.Before
	}
	if !c.Unseen(shown) && !c.Record.Person.Is(shown.Person()) {
		return &Refusal{Reason: AnotherPerson, Guard: "person", Shown: shown, Person: c.Record.Person}
	}
	if stranger := c.onlyStranger(); stranger.Known() {
		shown.Email, shown.Name = stranger.Email, stranger.Name
		return &Refusal{Reason: OtherPeople, Guard: "person", Shown: shown, Person: c.Record.Person}
	}
	if c.Record.Key != "" && !c.sameKey(ctx, c.Record.Key) {
		return &Refusal{Reason: AnotherKey, Guard: "key"}
	}
	return nil
}

// onlyStranger returns one of the people whom the vendor shows under the ID, if nothing says which of
// them has the account, and if none of them is the imported person. Else it returns nobody.
func (c *Candidate) onlyStranger() offboard.Person {
	if !c.Unseen(c.Live) || len(c.Shown) == 0 || slices.ContainsFunc(c.Shown, c.Record.Person.Is) {
		return offboard.Person{}
	}
	return c.Shown[0]
}

// KeepsInState returns the refusal to let an account leave the state that is not visible and that
// no call of this provider explains; nil if there is none.
func (f *EffectiveGuards) KeepsInState(c *Candidate) *Refusal {
	if refusal := f.Forbids(c); refusal != nil {
		return refusal
	}
	switch {
	case f.ReadOnly:
		return &Refusal{Reason: ReadOnly, Guard: "read_only"}
	case f.StrictPlan:
		return &Refusal{Reason: StrictPlan, Guard: "strict_plan"}
	case f.Problem != nil:
		return &Refusal{Reason: GuardUnreadable, Guard: "kept guards", Err: f.Problem}
	case f.Unknown != "":
		return &Refusal{Reason: GuardUnknown, Guard: f.Unknown, Unknown: f.Unknown}
	}
	return nil
}

// SinceReview returns the refusal to close an account that is not as the reviewer saw it; nil if it
// is.
func (c *Candidate) SinceReview(ctx context.Context, shown *Review) *Refusal {
	changes := shown.Changes(c.VendorTraits, c.Live, c.Facts)
	if len(changes) == 0 {
		changes = shown.newPeople(c.Record.Person, c.Shown)
	}
	if len(changes) > 0 {
		return &Refusal{Reason: ChangedSinceReview, Guard: "review", Changes: changes}
	}
	if !c.sameKey(ctx, shown.Key) {
		return &Refusal{Reason: AnotherKey, Guard: "review"}
	}
	if c.KeyTells && shown.Key != "" && !c.isKey(ctx, shown.Key) {
		return &Refusal{Reason: OtherRights, Guard: "review"}
	}
	return nil
}

// sameKey reports whether the key sees the same accounts as the one that was noted. A key that
// cannot be told is another one.
func (c *Candidate) sameKey(ctx context.Context, noted string) bool {
	return c.KeyOwner == "" || c.isKey(ctx, noted)
}

// isKey reports whether the vendor tells of the key what was noted.
func (c *Candidate) isKey(ctx context.Context, noted string) bool {
	key, err := c.Key(ctx)
	return err == nil && key == noted
}
