package closing

import (
	"maps"
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Review is what the reviewer of a destroy plan was shown. It travels to the apply in private data,
// through a saved plan too.
type Review struct {
	User     offboard.User      `json:"user"`
	Facts    Facts              `json:"facts"`
	Findings []offboard.Finding `json:"findings,omitempty"`
	Key      string             `json:"key,omitempty"` // as in Record
	// PersonShown says that the reading itself showed the person: User may have who was last seen. A
	// review of an older version does not say so. It counts as one that did not show the person, so that
	// less is proven by it.
	PersonShown bool `json:"person_shown,omitempty"`
	// Definition is a hash of the definition and the settings by which the vendor was asked; empty for a
	// vendor that has none.
	Definition string `json:"definition,omitempty"`
	// Calls is a hash of what the closure would send, letter for letter; empty for a vendor whose calls
	// hold nothing but the ID.
	Calls string `json:"calls,omitempty"`
	// Shown are all people whom the vendor showed under the ID, if it may show several.
	Shown []offboard.Person `json:"shown,omitempty"`
	// LastCall is when the last closure began that the evidence log told of; nil if it was not read.
	LastCall *time.Time `json:"last_call,omitempty"`
	NoLog    bool       `json:"no_log,omitempty"` // there was no file of the evidence log
	// Log is what the log told that shows whether a closure has used the plan; nil if it was not read,
	// and in a review of an older version.
	Log *LogNote  `json:"log,omitempty"`
	At  time.Time `json:"at,omitzero"` // when the account was read
	// VendorAt is the same by the clock of the vendor; zero if its answers do not show the time, and in a
	// review of an older version.
	VendorAt time.Time `json:"vendor_at,omitzero"`
}

// ReviewOfState returns what the reviewer of a plan to suspend an account was shown: the account as
// the state has it. Terraform plans an update again right before its apply, and drops what the first
// plan left in private data. Only the state is that of the plan that was reviewed.
func ReviewOfState(u offboard.User, facts Facts, r *Record) Review {
	review := Review{User: u, Facts: facts, Key: r.Key, Definition: r.Definition}
	if r.Log != "" {
		review.Log = &LogNote{Log: r.Log, Used: r.Used}
	}
	return review
}

// Change is one fact that is not as it was.
type Change struct{ Fact, Was, Is string }

// Changes returns the facts that matter and differ between the review and the account now: the
// person, the vendor's own facts, and an account that was closed or showed nothing, and that is
// open now, because no reviewer has seen the person behind it. An account that shows nothing of the
// person now is compared by nothing but that.
func (r *Review) Changes(m VendorTraits, u offboard.User, now Facts) []Change {
	all := r.userChanges(m, u)
	facts := Facts{}
	if r.Facts != nil { // one that was not there at the plan counts, too
		maps.Copy(facts, now)
	}
	maps.Copy(facts, r.Facts)
	for _, fact := range slices.Sorted(maps.Keys(facts)) {
		was, is := r.Facts[fact], now[fact]
		if was+is != "" && !offboard.Same(was, is) {
			all = append(all, Change{fact, was, is})
		}
	}
	return all
}

// userChanges returns how the person and the status differ.
func (r *Review) userChanges(m VendorTraits, u offboard.User) []Change {
	then, person := r.User.Person(), u.Person()
	switch {
	case m.Unseen(u) && (u.Status == offboard.Unknown || r.User.Status != offboard.Unknown):
		return nil
	case then.Known() && !then.Is(person):
		if all := personChanges(then, person); len(all) > 0 {
			return all
		}
		return []Change{{"person", r.User.Label(), u.Label()}} // behind one mask
	case !then.Known() && person.Known():
		return []Change{{"person", notVisible, u.Label()}}
	case r.openedSince(m, u):
		return []Change{{"status", string(r.User.Status), string(u.Status)}}
	}
	return nil
}

// personChanges returns how one person differs from another. Names count where an address is
// missing.
func personChanges(then, now offboard.Person) (all []Change) {
	if then.Email != "" && !offboard.Same(then.Email, now.Email) {
		all = append(all, Change{"email", then.Email, now.Email})
	}
	if (then.Email == "" || now.Email == "") && !offboard.Same(then.Name, now.Name) {
		all = append(all, Change{"name", then.Name, now.Name})
	}
	return all
}

// openedSince reports whether the account is open now, and was closed or suspended, or showed
// nothing, at the review.
func (r *Review) openedSince(m VendorTraits, u offboard.User) bool {
	switch r.User.Status {
	case offboard.Closed:
		return true
	case offboard.Suspended:
		return u.Status == offboard.Active
	case offboard.Unknown:
		return m.Indirect && u.Status != offboard.Unknown
	default:
		return false
	}
}

// newPeople returns those of the people shown now whom nobody has reviewed: they are neither the
// imported person nor shown at the review.
func (r *Review) newPeople(imported offboard.Person, now []offboard.Person) (all []Change) {
	reviewed := append([]offboard.Person{imported, r.User.Person()}, r.Shown...)
	for _, person := range now {
		if !slices.ContainsFunc(reviewed, func(p offboard.Person) bool { return p.Known() && p.Is(person) }) {
			all = append(all, Change{"person", notVisible, person.Label()})
		}
	}
	return all
}

// notVisible is what a Change says of a person who was not shown.
const notVisible = "not visible"

// Reopened returns the refusal to close an account that another closure of this run has left closed,
// not visible or suspended, and that is open again now; nil if it is not. The review of no address of
// the account showed that.
func Reopened(m VendorTraits, left offboard.Status, u offboard.User) *Refusal {
	again := left == offboard.Closed && m.ShowsOpen(u) || left == offboard.Suspended && u.Status == offboard.Active
	if !again {
		return nil
	}
	was := string(left)
	if left == offboard.Closed {
		was = "closed or not visible"
	}
	change := Change{"status", was, string(u.Status)}
	return &Refusal{Reason: ChangedSinceReview, Guard: "review", Changes: []Change{change}}
}

// OtherCalls returns the refusal to close an account by calls that hold something else than at the
// review; nil if they hold the same.
func (r *Review) OtherCalls(now string) *Refusal {
	if r.Calls == "" || r.Calls == now {
		return nil
	}
	change := Change{"what the calls hold", "as reviewed", "something else"}
	return &Refusal{Reason: ChangedSinceReview, Guard: "review", Changes: []Change{change}}
}

// UnderAnother returns the refusal to close an account by another definition than the plan; nil for the
// same one. Terraform reads the file of a definition again when it applies a saved plan.
func (r *Review) UnderAnother(definition string) *Refusal {
	if r.Definition == definition {
		return nil
	}
	change := Change{"definition or settings of the vendor", r.Definition, definition}
	return &Refusal{Reason: ChangedSinceReview, Guard: "review", Changes: []Change{change}}
}

// MaxPlanAge is how old a plan may be at its apply. Terraform takes a saved plan as long as the state is
// the same, also after the removal that it shows was taken back. A week leaves time for an approval.
const MaxPlanAge = 7 * 24 * time.Hour

// maxAhead is how far the clock of the machine that planned may be ahead of that of the apply.
const maxAhead = time.Hour

// TooOld returns the refusal to close an account by a plan that is older than MaxPlanAge, or of a time that
// is still to come, so that its age is not known; nil if it is neither. The clock of this machine may be
// wrong, so that the plan must not be older by that of the vendor either, which is zero if its answers do
// not show the time. A review of the state, which is that of a suspension, has no time.
func (r *Review) TooOld(now, vendor time.Time) *Refusal {
	age := now.Sub(r.At)
	older := !vendor.IsZero() && !r.VendorAt.IsZero() && vendor.Sub(r.VendorAt) > MaxPlanAge
	if r.At.IsZero() || age <= MaxPlanAge && age >= -maxAhead && !older {
		return nil
	}
	return &Refusal{Reason: PlanTooOld, Guard: "review"}
}

// LastBefore returns the latest time at which a closure can have begun that the review is about.
func (r *Review) LastBefore() time.Time {
	if r.LastCall != nil && r.LastCall.After(r.At) {
		return *r.LastCall
	}
	return r.At
}

// Added returns the findings that the reviewer was not shown.
func (r *Review) Added(now []offboard.Finding) []offboard.Finding {
	var fresh []offboard.Finding
	for _, f := range now {
		if !slices.Contains(r.Findings, f) {
			fresh = append(fresh, f)
		}
	}
	return fresh
}
