package provider

import (
	"sync"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// readings are the open accounts as this run has read them, by vendor and ID.
type readings struct {
	mu      sync.Mutex
	all     map[string]keptReading
	planned map[string]time.Time // when this run planned to close an account
}

// keptReading is an open account as this run has read it, and what the evidence log told before that.
type keptReading struct {
	observed
	told evidence.Earlier
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

// plan notes when this run planned to close an account.
func (r *readings) plan(vendor, id string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.planned == nil {
		r.planned = map[string]time.Time{}
	}
	r.planned[vendor+" "+id] = at
}

// lookTime returns the time by which a look at an account is known from now on. Terraform 1.11
// plans to destroy an account first, and refreshes it then. The look of that refresh has the time of
// the plan, because the plan is all that the closure knows.
func (r *readings) lookTime(vendor, id string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.planned[vendor+" "+id]; ok {
		return at
	}
	return time.Now().UTC()
}

func (r *readings) get(vendor, id string) (keptReading, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read, ok := r.all[vendor+" "+id]
	return read, ok
}
