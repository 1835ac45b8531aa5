package provider

import (
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// readings are the open accounts as this run has read them, by vendor and ID.
type readings struct {
	mu  sync.Mutex
	all map[string]keptReading
}

// keptReading is an open account as this run has read it, and what the evidence log told before that of
// its last closure.
type keptReading struct {
	observed
	used evidence.Mark
}

func (r *readings) keep(vendor string, read keptReading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]keptReading{}
	}
	r.all[vendor+" "+read.user().ID] = read
}

// drop forgets an account that a later read did not show as open.
func (r *readings) drop(vendor, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, vendor+" "+id)
}

func (r *readings) get(vendor, id string) (keptReading, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read, ok := r.all[vendor+" "+id]
	return read, ok
}

// longestChecks is how long the checks of a plan wait for rate limits, so that the plan of many
// closures takes no longer than a person waits.
const longestChecks = 19 * time.Second

// planClock knows when the checks of a plan began.
type planClock struct {
	once  sync.Once
	began time.Time
}

// until returns by when a check must have begun.
func (c *planClock) until() time.Time {
	c.once.Do(func() { c.began = time.Now() })
	return c.began.Add(longestChecks)
}

// writtenBlocks are the IDs and email addresses that the blocks of this run say. ModifyPlan does
// not see them where ignore_changes hides them.
type writtenBlocks struct {
	mu      sync.Mutex
	emails  map[string][]string // by vendor and ID; empty for a block without an address
	unknown map[string]bool     // vendors of which a block has an ID that is not known yet
}

func (w *writtenBlocks) add(vendor string, id, email types.String) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.emails == nil {
		w.emails, w.unknown = map[string][]string{}, map[string]bool{}
	}
	if id.IsUnknown() {
		w.unknown[vendor] = true
		return
	}
	key := vendor + " " + id.ValueString() // an address that is not known yet is compared later, as none is
	w.emails[key] = append(w.emails[key], email.ValueString())
}

// confirms reports whether a block says this ID and this email address.
func (w *writtenBlocks) confirms(vendor, id, email string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.emails[vendor+" "+id], func(written string) bool {
		return offboard.Same(written, email)
	})
}

// has reports whether a block says this ID, and this email address or none.
func (w *writtenBlocks) has(vendor, id, email string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, written := range w.emails[vendor+" "+id] {
		if written == "" || offboard.Same(written, email) {
			return true
		}
	}
	return w.unknown[vendor]
}
