package provider

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// defaultMaxClosures is how many users one run may close where neither the provider block nor the environment says so; unlimited is the value that lifts it.
const (
	defaultMaxClosures = 10
	unlimited          = -1
)

// guardSettings are the guards as one place says them. They are kept beside each user too, so that losing the provider block is no
// permission.
type guardSettings struct {
	ReadOnly    bool     `json:"read_only,omitempty"`
	StrictPlan  bool     `json:"strict_plan,omitempty"`
	NeverClose  []string `json:"never_close,omitempty"`
	MaxClosures *int64   `json:"max_closures,omitempty"`
	EvidenceLog bool     `json:"evidence_log,omitempty"`
	Unknown     string   `json:"unknown,omitempty"` // a guard whose value was not known; empty for none
	Silent      bool     `json:"-"`                 // says nothing at all
}

// blockGuards reads the guards from the provider block. A guard whose value is not known yet counts as one that refuses.
func blockGuards(m providerModel) guardSettings {
	s := guardSettings{
		ReadOnly: m.ReadOnly.ValueBool(), StrictPlan: m.StrictPlan.ValueBool() || m.StrictPlan.IsUnknown(),
		MaxClosures: m.MaxClosures.ValueInt64Pointer(), EvidenceLog: !m.EvidenceLog.IsNull(), Silent: true,
	}
	for _, element := range m.NeverClose.Elements() {
		protected, ok := element.(types.String)
		switch {
		case !ok || element.IsUnknown():
			s.Unknown = "never_close"
		case protected.ValueString() != "":
			s.NeverClose = append(s.NeverClose, protected.ValueString())
		}
	}
	slices.Sort(s.NeverClose)
	for _, guard := range []struct {
		name    string
		value   attr.Value
		refuses bool // while it is not known
	}{
		{"never_close", m.NeverClose, true}, {"max_closures", m.MaxClosures, true}, {"read_only", m.ReadOnly, true},
		{"strict_plan", m.StrictPlan, false}, {"evidence_log", m.EvidenceLog, false},
	} {
		s.Silent = s.Silent && guard.value.IsNull()
		if guard.value.IsUnknown() && guard.refuses {
			s.Unknown, s.MaxClosures = guard.name, nil
		}
	}
	return s
}

// The environment variables of the guards.
const (
	readOnlyVariable    = "OFFBOARD_READ_ONLY"
	maxClosuresVariable = "OFFBOARD_MAX_CLOSURES"
	neverCloseVariable  = "OFFBOARD_NEVER_CLOSE"
)

// environmentGuards reads the guards from the environment: the floor that the provider block can only tighten. The error names a
// variable that cannot be understood; nothing may be closed then.
func environmentGuards() (guardSettings, error) {
	s := guardSettings{Silent: true}
	if value := os.Getenv(readOnlyVariable); value != "" {
		on, err := strconv.ParseBool(value)
		if err != nil {
			return s, fmt.Errorf("%s must be true or false", readOnlyVariable)
		}
		s.ReadOnly, s.Silent = on, s.Silent && !on // "false" says nothing
	}
	if value := os.Getenv(maxClosuresVariable); value != "" {
		limit, err := strconv.ParseInt(value, 10, 64)
		if err != nil || limit < unlimited {
			return s, fmt.Errorf("%s must be a whole number, -1 for no limit", maxClosuresVariable)
		}
		s.MaxClosures, s.Silent = &limit, false
	}
	value := os.Getenv(neverCloseVariable)
	for _, entry := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == '\n' }) {
		entry = strings.TrimSpace(entry)
		err := checkEntry(entry)
		if err == nil && strings.ContainsAny(entry, " \t;") {
			err = errors.New("separate entries with commas")
		}
		if err != nil {
			return s, fmt.Errorf("an entry of %s cannot be used: %w", neverCloseVariable, err)
		}
		s.NeverClose, s.Silent = append(s.NeverClose, entry), false
	}
	if value != "" && len(s.NeverClose) == 0 {
		return s, fmt.Errorf("%s is set and has no entry", neverCloseVariable)
	}
	return s, nil
}

// guards are what speaks against closing anybody. Each is asked at plan and again before a closing.
type guards struct {
	block guardSettings

	planned, closing *closures
	actions          *plannedActions
}

func newGuards(m providerModel) *guards {
	return &guards{
		block: blockGuards(m), planned: newClosures(), closing: newClosures(),
		actions: &plannedActions{
			kept: map[string]bool{}, closed: map[string]bool{}, unknown: map[string]bool{}, closing: map[string]bool{},
		},
	}
}

// inForce are the guards that hold for one user, and where they come from.
type inForce struct {
	guardSettings
	limit    int64  // of closures; unlimited for none
	kept     bool   // the configuration says nothing, so that those of the last refresh hold
	problem  error  // why the environment's guards cannot be read; nil when they can
	readOnly string // where read_only is written; empty when it is not set
}

// of gives the guards that hold for a user beside whom some were kept. A configuration that says nothing, as one whose provider block was
// lost, is no permission: what was kept holds then. The environment's guards are read anew each time and only tighten.
func (g *guards) of(kept *guardSettings) inForce {
	env, err := environmentGuards()
	f := inForce{guardSettings: g.block, problem: err}
	if g.block.Silent && env.Silent && err == nil && kept != nil {
		f.guardSettings, f.kept = *kept, true
	}
	switch {
	case env.ReadOnly:
		f.readOnly = readOnlyVariable + " in the environment"
	case f.ReadOnly && f.kept:
		f.readOnly = "read_only = true in the provider block of the last refresh"
	case f.ReadOnly:
		f.readOnly = "read_only = true in the provider block"
	}
	f.ReadOnly = f.ReadOnly || env.ReadOnly
	f.NeverClose = slices.Concat(f.NeverClose, env.NeverClose)
	f.limit = limitOf(f.MaxClosures, env.MaxClosures)
	return f
}

// limitOf is the lower one of two limits; the default where there is none.
func limitOf(limits ...*int64) int64 {
	lowest, said := int64(unlimited), false
	for _, limit := range limits {
		if limit == nil {
			continue
		}
		said = true
		if *limit != unlimited && (lowest == unlimited || *limit < lowest) {
			lowest = *limit
		}
	}
	if !said {
		return defaultMaxClosures
	}
	return lowest
}

// protects tells by which entry of never_close one of the names is protected: IDs, logins and email addresses, as the state has them and as the vendor shows them.
func (f inForce) protects(names ...string) (string, bool) {
	for _, entry := range f.NeverClose {
		for _, name := range names {
			if offboard.Same(entry, name) || slices.ContainsFunc(addressesIn(name), func(a string) bool { return offboard.Same(entry, a) }) {
				return entry, true
			}
		}
	}
	return "", false
}

// closures counts the users who are closed through one configuration of the provider, against its limit.
type closures struct {
	mu    sync.Mutex
	users map[string]bool
	names []string // in the order of counting
}

func newClosures() *closures { return &closures{users: map[string]bool{}} }

// tally is a limit of closures and what has been counted against it.
type tally struct {
	limit, count int
	first        []string // the first ten
}

// add counts a user, once however often they are added, and reports whether the limit allows them. Users beyond a limit are counted too, so that a message
// can say how many there are.
func (c *closures) add(key, name string, limit int64) (tally, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.users[key] {
		c.users[key] = true
		c.names = append(c.names, name)
	}
	t := tally{limit: int(limit), count: len(c.names), first: slices.Clone(c.names[:min(len(c.names), 10)])}
	return t, limit == unlimited || t.count <= t.limit
}

// plannedActions are what one plan does with each account. Two addresses can hold the same account: a key of for_each that is renamed without a moved block is
// an import at the new address and a destroy at the old one, and would close somebody who stays. IDs that differ in letter case only clash too.
type plannedActions struct {
	mu           sync.Mutex
	kept, closed map[string]bool // by vendor and ID
	unknown      map[string]bool // vendors of which a block keeps an ID that is not known yet
	closing      map[string]bool // vendors of which the plan closes somebody
}

func actionKey(vendor, id string) string { return vendor + " " + offboard.Normal(id) }

// keep notes that a block manages the account, and reports whether the same plan closes it.
func (p *plannedActions) keep(vendor, id string) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[actionKey(vendor, id)] = true
	return p.closed[actionKey(vendor, id)]
}

// keepUnknown notes that a block manages an account whose ID is not known yet, and reports whether the plan closes anybody at that vendor: it may be
// the same account.
func (p *plannedActions) keepUnknown(vendor string) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unknown[vendor] = true
	return p.closing[vendor]
}

// close notes that a destroy closes the account, and reports whether the same plan has a block that manages it, or may do so.
func (p *plannedActions) close(vendor, id string) (clash, unknown bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed[actionKey(vendor, id)], p.closing[vendor] = true, true
	return p.kept[actionKey(vendor, id)], p.unknown[vendor]
}
