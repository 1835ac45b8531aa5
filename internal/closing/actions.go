package closing

import (
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// PlannedActions are what one plan does with each account. Two addresses can hold the same account:
// a key of for_each that is renamed without a moved block is an import at the new address and a
// destroy at the old one, and would close a person who stays. IDs that differ in letter case only
// clash too.
type PlannedActions struct {
	mu           sync.Mutex
	kept, closed map[string]bool // by vendor and ID
	unknown      map[string]bool // vendors of which a block keeps an ID that is not known yet
	closing      map[string]bool // vendors at which the plan closes an account
}

// NewPlannedActions returns those of a plan that does nothing yet.
func NewPlannedActions() *PlannedActions {
	return &PlannedActions{
		kept: map[string]bool{}, closed: map[string]bool{}, unknown: map[string]bool{}, closing: map[string]bool{},
	}
}

func actionKey(vendor, id string) string { return vendor + " " + offboard.Normal(id) }

// Keep notes that a block manages the account, and reports whether the same plan closes it.
func (p *PlannedActions) Keep(vendor, id string) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[actionKey(vendor, id)] = true
	return p.closed[actionKey(vendor, id)]
}

// KeepUnknown notes that a block manages an account whose ID is not known yet, and reports whether
// the plan closes an account at that vendor: it may be the same one.
func (p *PlannedActions) KeepUnknown(vendor string) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unknown[vendor] = true
	return p.closing[vendor]
}

// Close notes that a destroy closes the account, and reports whether the same plan has a block that
// manages it, or may do so.
func (p *PlannedActions) Close(vendor, id string) (clash, unknown bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed[actionKey(vendor, id)], p.closing[vendor] = true, true
	return p.kept[actionKey(vendor, id)], p.unknown[vendor]
}
