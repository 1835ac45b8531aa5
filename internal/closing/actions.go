package closing

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// PlannedActions are what one plan does with each account. Two addresses can hold the same account:
// a key of for_each that is renamed without a moved block is an import at the new address and a
// destroy at the old one, and would close a person who stays. A vendor that is declared twice, with two base
// paths, is the same. IDs that differ in letter case only clash too.
type PlannedActions struct {
	mu           sync.Mutex
	kept, closed actions
	unknown      map[string]bool // tenants of which a block keeps an ID that is not known yet
	closing      map[string]bool // tenants in which the plan closes an account
}

// NewPlannedActions returns those of a plan that does nothing yet.
func NewPlannedActions() *PlannedActions {
	return &PlannedActions{kept: actions{}, closed: actions{}, unknown: map[string]bool{}, closing: map[string]bool{}}
}

// actions are accounts by the host of their tenant and their ID.
type actions map[string][]action

// action is one account, as a tenant shows it.
type action struct {
	tenant place
	email  string // what is shown as the email address
}

func (all actions) add(tenant string, u offboard.User) {
	at := placeOf(tenant)
	key := at.host + " " + offboard.Normal(u.ID)
	all[key] = append(all[key], action{at, u.Email})
}

// has reports whether the account is among them: with its tenant and ID, or with its host and ID, unless the two
// tenants are two organizations, or show two email addresses. What else they show may be one person in two forms.
func (all actions) has(tenant string, u offboard.User) bool {
	at := placeOf(tenant)
	return slices.ContainsFunc(all[at.host+" "+offboard.Normal(u.ID)], func(other action) bool {
		return at == other.tenant || !at.isBesides(other.tenant) && !offboard.OfOthers(u.Email, other.email)
	})
}

// place is a tenant in its parts.
type place struct{ host, path, settings string }

func placeOf(tenant string) (p place) {
	tenant, p.settings, _ = strings.Cut(tenant, "#")
	p.host, p.path, _ = strings.Cut(tenant, "/")
	return p
}

// isBesides reports whether two tenants at one address are told apart by the values of the same settings.
func (p place) isBesides(other place) bool {
	return p.path == other.path && slices.Equal(p.names(), other.names())
}

// names are those of the settings.
func (p place) names() []string {
	settings, _ := url.ParseQuery(p.settings) // as the tenant has encoded them
	return slices.Sorted(maps.Keys(settings))
}

// Keep notes that a block manages the account u, and reports whether the same plan closes it.
func (p *PlannedActions) Keep(tenant string, u offboard.User) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept.add(tenant, u)
	return p.closed.has(tenant, u)
}

// KeepUnknown notes that a block manages an account whose ID is not known yet, and reports whether
// the plan closes an account in that tenant: it may be the same one.
func (p *PlannedActions) KeepUnknown(tenant string) (clash bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unknown[tenant] = true
	return p.closing[tenant]
}

// Close notes that a destroy closes the account u, and reports whether the same plan has a block that
// manages it, or may do so.
func (p *PlannedActions) Close(tenant string, u offboard.User) (clash, unknown bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed.add(tenant, u)
	p.closing[tenant] = true
	return p.kept.has(tenant, u), p.unknown[tenant]
}
