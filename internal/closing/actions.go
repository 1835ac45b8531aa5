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
	kept, closed map[string]bool // by tenant and ID
	unknown      map[string]bool // tenants of which a block keeps an ID that is not known yet
	closing      map[string]bool // tenants in which the plan closes an account
}

// NewPlannedActions returns those of a plan that does nothing yet.
func NewPlannedActions() *PlannedActions {
	return &PlannedActions{
		kept: map[string]bool{}, closed: map[string]bool{}, unknown: map[string]bool{}, closing: map[string]bool{},
	}
}

func actionKey(tenant, id string) string { return tenant + " " + offboard.Normal(id) }

// Keep notes that a block manages the account, and reports whether the same plan closes it.
func (p *PlannedActions) Keep(tenant, id string) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[actionKey(tenant, id)] = true
	return p.closed[actionKey(tenant, id)]
}

// KeepUnknown notes that a block manages an account whose ID is not known yet, and reports whether
// the plan closes an account in that tenant: it may be the same one.
func (p *PlannedActions) KeepUnknown(tenant string) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unknown[tenant] = true
	return p.closing[tenant]
}

// Close notes that a destroy closes the account, and reports whether the same plan has a block that
// manages it, or may do so.
func (p *PlannedActions) Close(tenant, id string) (clash, unknown bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed[actionKey(tenant, id)], p.closing[tenant] = true, true
	return p.kept[actionKey(tenant, id)], p.unknown[tenant]
}
