package provider

import (
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// readings are the open accounts as this run has read them, by vendor and ID.
type readings struct {
	mu  sync.Mutex
	all map[string]keptReading
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

func (r *readings) get(vendor, id string) (keptReading, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read, ok := r.all[vendor+" "+id]
	return read, ok
}
