package provider

import (
	"errors"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// downVendors are the vendors of which a person has been told in this run that they cannot be asked. What keeps one from answering is told
// once, not once for each of its users.
type downVendors struct {
	mu   sync.Mutex
	told map[string]bool
}

// tell reports whether a person has been told before, and notes it.
func (d *downVendors) tell(vendor string) (before bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		d.told = map[string]bool{}
	}
	before, d.told[vendor] = d.told[vendor], true
	return before
}

// told reports whether err is that of a vendor that cannot be asked, and of which a person has been told in this run.
func (r *userResource) told(err error) bool {
	before := r.clients.down.tell(r.kind.name)
	var open *rest.OpenError
	return before && errors.As(err, &open)
}

// cannotRead is an error for the first user of a vendor that cannot be asked, and a warning with one common summary for the others.
func (r *userResource) cannotRead(u offboard.User, err error) diag.Diagnostic {
	if r.told(err) {
		return alsoNotRead(r.kind, u)
	}
	return cannotRead(r.kind, u, err)
}

// cannotCheck is the same for a closing that is planned.
func (r *userResource) cannotCheck(u offboard.User, err error) diag.Diagnostic {
	if r.told(err) {
		return alsoNotRead(r.kind, u)
	}
	return cannotCheck(r.kind, u, err)
}

// cannotClose is the same for a closing: each account that is not closed has an error, the ones after the first in one line.
func (r *userResource) cannotClose(u offboard.User, err error) diag.Diagnostic {
	if r.told(err) {
		return alsoNotClosed(r.kind, u)
	}
	return cannotCheck(r.kind, u, err)
}
