package provider

import (
	"errors"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// downVendors are the vendors of which a person has been told in this run that they cannot be
// asked. What keeps one from answering is told once, not once for each of its users. Only what fails
// the run is noted: the error of a data source does not, if it is in a check block.
type downVendors struct {
	mu   sync.Mutex
	told map[string]bool
	open map[string]bool // the breaker has opened: what fails from then on fails for the same reason
}

// tell reports whether a person has been told before, and notes it. The request that opened the
// breaker and the ones that it stopped end at the same time, so that any of them can be the first.
func (d *downVendors) tell(vendor string, open bool) (before bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		d.told, d.open = map[string]bool{}, map[string]bool{}
	}
	d.open[vendor] = d.open[vendor] || open
	before, d.told[vendor] = d.told[vendor] && d.open[vendor], true
	return before
}

// told reports whether err is that of a vendor that cannot be asked, and of which a person has been
// told in this run.
func (r *userResource) told(err error) bool {
	var open *rest.BreakerError
	var fault *rest.Error
	opened := errors.As(err, &open) || errors.As(err, new(*declared.SetupError))
	if !opened && (!errors.As(err, &fault) || !fault.Failing()) {
		return false
	}
	return r.clients.down.tell(r.kind.name, opened)
}

// cannotRead is an error for the first user of a vendor that cannot be asked, and a warning with
// one common summary for the others.
func (r *userResource) cannotRead(u offboard.User, err error) diag.Diagnostic {
	if r.told(err) {
		return alsoNotRead(r.kind, u)
	}
	return cannotRead(r.kind, u, err)
}

// cannotCheck is the same for a planned closure.
func (r *userResource) cannotCheck(u offboard.User, err error) diag.Diagnostic {
	if r.told(err) {
		return alsoNotRead(r.kind, u)
	}
	return cannotCheck(r.kind, u, err)
}

// cannotClose is the same for a closure: each account that is not closed has an error, the ones
// after the first in one line.
func (r *userResource) cannotClose(u offboard.User, err error) diag.Diagnostic {
	if r.told(err) {
		return alsoNotClosed(r.kind, u)
	}
	return cannotCheck(r.kind, u, err)
}
