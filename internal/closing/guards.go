// Package closing is the policy of a closure: what must be true before an account is closed, what
// is remembered of it between runs, and what is recorded. It knows no vendor and nothing of
// Terraform.
package closing

import (
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// DefaultMaxClosures is how many users one run may close if neither the provider block nor the
// environment says so. Unlimited lifts the limit.
const (
	DefaultMaxClosures = 10
	Unlimited          = -1
)

// GuardSettings are the guards as one place says them. They are kept beside each user too, so that
// losing the provider block is no permission.
type GuardSettings struct {
	ReadOnly    bool     `json:"read_only,omitempty"`
	StrictPlan  bool     `json:"strict_plan,omitempty"`
	NeverClose  []string `json:"never_close,omitempty"`
	MaxClosures *int64   `json:"max_closures,omitempty"`
	EvidenceLog bool     `json:"evidence_log,omitempty"`
	// ClosureBudget limits the closures of all runs with the same evidence log; nil for none.
	ClosureBudget *evidence.Budget `json:"closure_budget,omitempty"`
	Unknown       string           `json:"unknown,omitempty"` // a guard whose value was not known; empty for none
	Unset         bool             `json:"-"`                 // says nothing at all
}

// Guards are the guards of one configured provider, and what it has counted.
type Guards struct {
	Block            GuardSettings // as the provider block says them
	Planned, Closing *Counter
	Budgeted         *Counter // planned users for whom closure_budget must have room
	Actions          *PlannedActions
}

// NewGuards returns the guards of a provider block. Nothing is counted yet.
func NewGuards(block GuardSettings) *Guards {
	return &Guards{
		Block:    block,
		Planned:  NewCounter(),
		Closing:  NewCounter(),
		Budgeted: NewCounter(),
		Actions:  NewPlannedActions(),
	}
}

// EffectiveGuards are the guards that hold for one user, and where they come from.
type EffectiveGuards struct {
	GuardSettings
	Limit                 int64 // of closures; Unlimited for none
	Kept                  bool  // the configuration says nothing, so those of the last refresh hold
	Lifted                bool  // the block says nothing, and the environment lifts those of the last refresh
	Problem               error // why the environment's guards cannot be read; nil if they can
	ReadOnlyByEnvironment bool  // the environment sets read_only
}

// For returns the guards that hold for a user beside which guards are kept; nil for none. If the
// configuration sets no guard, for example because its provider block is lost, the kept ones hold.
// A guard of the environment is one that the configuration sets, and lifts them. The environment's
// guards are read each time and only tighten those of the block.
func (g *Guards) For(kept *GuardSettings) EffectiveGuards {
	env, err := environment()
	f := EffectiveGuards{GuardSettings: g.Block, Problem: err}
	if g.Block.Unset && err == nil && kept != nil {
		f.Kept, f.Lifted = env.Unset, !env.Unset
	}
	if f.Kept {
		f.GuardSettings = *kept
	}
	f.ReadOnly, f.ReadOnlyByEnvironment = f.ReadOnly || env.ReadOnly, env.ReadOnly
	f.NeverClose = slices.Concat(f.NeverClose, env.NeverClose)
	f.Limit = lowestLimit(f.MaxClosures, env.MaxClosures)
	return f
}

// lowestLimit returns the lowest of the limits that are set, and the default if none is.
func lowestLimit(limits ...*int64) int64 {
	lowest, set := int64(Unlimited), false
	for _, limit := range limits {
		if limit == nil {
			continue
		}
		set = true
		if *limit != Unlimited && (lowest == Unlimited || *limit < lowest) {
			lowest = *limit
		}
	}
	if !set {
		return DefaultMaxClosures
	}
	return lowest
}

// Protects returns the entry of never_close that matches one of the names, and whether there is
// one. Names are IDs, logins and email addresses, as the state has them and as the vendor shows
// them, and the label of the person.
func (f *EffectiveGuards) Protects(names ...string) (entry string, protected bool) {
	for _, entry := range f.NeverClose {
		for _, name := range names {
			same := func(address string) bool {
				return offboard.Same(entry, address) || offboard.Same(entry, offboard.WithoutTag(address)) ||
					offboard.Same(offboard.Text(entry), address) // names are texts
			}
			if slices.ContainsFunc(offboard.NamesIn(name), same) || offboard.IsCut(name) && offboard.ShowsAddress(entry) {
				return entry, true
			}
		}
	}
	return "", false
}

// ComparesNoAddress reports whether entries of never_close are email addresses, and none of the names is
// one, or a mask may be that of an entry. So nothing shows whether an entry is about the account.
func (f *EffectiveGuards) ComparesNoAddress(names ...string) bool {
	mayBe := func(entry string) bool { // a sign-in name can begin with an at sign
		return offboard.ShowsAddress(entry) && slices.ContainsFunc(names, func(name string) bool {
			return strings.Index(name, "@") > 0 && offboard.MasksAddress(name, entry)
		})
	}
	return slices.ContainsFunc(f.NeverClose, mayBe) ||
		slices.ContainsFunc(f.NeverClose, offboard.ShowsAddress) && !slices.ContainsFunc(names, offboard.ShowsAddress)
}

// Unmatched returns the entries of never_close, as the block and the environment say them, that match
// none of the names. Names are as in Protects.
func (g *Guards) Unmatched(names []string) (entries []string) {
	known := map[string]bool{}
	for _, name := range names {
		for _, one := range offboard.NamesIn(name) {
			known[offboard.Normal(one)], known[offboard.Normal(offboard.WithoutTag(one))] = true, true
		}
	}
	guards := g.For(nil)
	for _, entry := range guards.NeverClose {
		if !known[offboard.Normal(entry)] && !known[offboard.Normal(offboard.Text(entry))] {
			entries = append(entries, entry)
		}
	}
	return entries
}
