package provider

import (
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

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
