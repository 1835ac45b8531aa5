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
	// LastCall is when the last closure began that the evidence log told of; nil if it was not read.
	LastCall *time.Time `json:"last_call,omitempty"`
}

// Change is one fact that is not as it was.
type Change struct{ Fact, Was, Is string }

// Changes returns the facts that matter and differ between the review and the account now: the
// person, the vendor's own facts, and an account that was closed or showed nothing, and that is
// open now, because nobody has looked at the person behind it. An account that shows nothing of the
// person now is compared by nothing but that.
func (r *Review) Changes(m VendorTraits, u offboard.User, now Facts) []Change {
	var all []Change
	add := func(fact, was, is string, differ bool) {
		if differ {
			all = append(all, Change{fact, was, is})
		}
	}
	then, person := r.User.Person(), u.Person()
	switch {
	case m.Unseen(u) && (u.Status == offboard.Unknown || r.User.Status != offboard.Unknown):
	case then.Known() && !then.Is(person):
		add("email", then.Email, person.Email, then.Email != "" && !offboard.Same(then.Email, person.Email))
		oneAddress := then.Email == "" || person.Email == ""
		add("name", then.Name, person.Name, oneAddress && !offboard.Same(then.Name, person.Name))
	case !then.Known() && person.Known():
		add("person", "not visible", u.Label(), true)
	case r.User.Status == offboard.Closed || m.Indirect && r.User.Status == offboard.Unknown && u.Status != r.User.Status,
		r.User.Status == offboard.Suspended && u.Status == offboard.Active:
		add("status", string(r.User.Status), string(u.Status), true)
	}
	for _, fact := range slices.Sorted(maps.Keys(r.Facts)) {
		add(fact, r.Facts[fact], now[fact], r.Facts[fact]+now[fact] != "" && !offboard.Same(r.Facts[fact], now[fact]))
	}
	return all
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
