package provider

import (
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// guards are what the provider block says against closing. Each is asked at plan and again before a closing.
type guards struct {
	readOnly   bool
	strictPlan bool
	neverClose map[string]bool // ids and e-mail addresses in lower case
	unknown    string          // a guard whose value is not known yet; empty for none

	planned, closing *closures
	fates            *fates
}

// newGuards reads the guards from the provider block. A guard whose value is not known at plan takes effect at apply; if it is not known then either, nothing is closed.
func newGuards(m providerModel) *guards {
	g := &guards{readOnly: m.ReadOnly.ValueBool(), strictPlan: m.StrictPlan.ValueBool(), neverClose: map[string]bool{}}
	for _, element := range m.NeverClose.Elements() {
		if element.IsUnknown() {
			g.unknown = "never_close"
		}
		if protected, ok := element.(types.String); ok && protected.ValueString() != "" {
			g.neverClose[strings.ToLower(strings.TrimSpace(protected.ValueString()))] = true
		}
	}
	for name, value := range map[string]attr.Value{"never_close": m.NeverClose, "max_closures": m.MaxClosures, "read_only": m.ReadOnly} {
		if value.IsUnknown() {
			g.unknown = name
		}
	}
	g.planned, g.closing = newClosures(m.MaxClosures), newClosures(m.MaxClosures)
	g.fates = &fates{kept: map[string]bool{}, closed: map[string]bool{}}
	return g
}

// protects tells by which entry of never_close one of the users is protected: the user as the state has it, and as the vendor shows it.
func (g *guards) protects(users ...offboard.User) (string, bool) {
	for _, u := range users {
		for _, entry := range []string{u.ID, u.Email} {
			if g.neverClose[strings.ToLower(entry)] {
				return entry, true
			}
		}
	}
	return "", false
}

// closures counts the users who are closed through one configuration of the provider, against its limit.
type closures struct {
	limited bool
	limit   int

	mu    sync.Mutex
	users map[string]bool
	names []string // in the order of counting
}

func newClosures(limit types.Int64) *closures {
	return &closures{limited: !limit.IsNull() && !limit.IsUnknown(), limit: int(limit.ValueInt64()), users: map[string]bool{}}
}

// tally is a closing limit and what has been counted against it.
type tally struct {
	limit, count int
	first        []string // the first ten
}

// add counts a user, once however often they are added, and tells whether the limit allows them. Users beyond a limit are counted too, so that a message
// can say how many there are.
func (c *closures) add(key, name string) (tally, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.users[key] {
		c.users[key] = true
		c.names = append(c.names, name)
	}
	t := tally{limit: c.limit, count: len(c.names), first: append([]string(nil), c.names[:min(len(c.names), 10)]...)}
	return t, !c.limited || t.count <= c.limit
}

// fates are what one plan does with each user. Two addresses can hold the same user: a key of for_each that is renamed without a moved block is
// an import at the new address and a destroy at the old one, and would close somebody who stays.
type fates struct {
	mu           sync.Mutex
	kept, closed map[string]bool
}

// keep notes that a block manages the user, and tells whether the same plan closes them.
func (f *fates) keep(key string) (clash bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept[key] = true
	return f.closed[key]
}

// close notes that a destroy closes the user, and tells whether the same plan has a block that manages them.
func (f *fates) close(key string) (clash bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed[key] = true
	return f.kept[key]
}
