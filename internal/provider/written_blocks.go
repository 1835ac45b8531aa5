package provider

import (
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// writtenBlocks are what the blocks of this run say. ModifyPlan does not see it where ignore_changes
// hides it.
type writtenBlocks struct {
	mu      sync.Mutex
	blocks  map[string][]writtenBlock // by vendor and ID
	unknown map[string]bool           // vendors of which a block has an ID that is not known yet
}

// writtenBlock is what one block says beside its ID.
type writtenBlock struct {
	email    string // empty for a block without an address
	settings writtenSettings
}

// writtenSettings are the other attributes that are written in a block, by name. One with a default
// counts as written. One that is not known yet is hidden by a plan that has a known value. So is an email
// address.
type writtenSettings map[string]tftypes.Value

// settingsIn returns what a block says that decides how the account is closed, or whether.
func (k userKind) settingsIn(config tfsdk.Config) writtenSettings {
	said, all := writtenSettings{}, map[string]tftypes.Value{}
	if err := config.Raw.As(&all); err != nil {
		panic("a block is an object: " + err.Error())
	}
	for name, value := range all {
		if otherwise, ok := k.defaults[name]; ok && value.IsNull() {
			value = tftypes.NewValue(value.Type(), otherwise)
		}
		told := name == "id" || name == "email" && value.IsKnown() || name == "timeouts" // elsewhere, or guards nobody
		if !told && !value.IsNull() {
			said[name] = value
		}
	}
	return said
}

// hiddenIn returns the names of the settings that a plan has not, or has with another value.
func (s writtenSettings) hiddenIn(plan writtenSettings) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if got, ok := plan[name]; !ok || !got.Equal(s[name]) {
			names = append(names, name)
		}
	}
	return names
}

func (w *writtenBlocks) add(vendor string, id, email types.String, settings writtenSettings) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.blocks == nil {
		w.blocks, w.unknown = map[string][]writtenBlock{}, map[string]bool{}
	}
	if id.IsUnknown() {
		w.unknown[vendor] = true
		return
	}
	key := vendor + " " + id.ValueString()
	w.blocks[key] = append(w.blocks[key], writtenBlock{email.ValueString(), settings})
}

// confirms reports whether a block says this ID and this email address.
func (w *writtenBlocks) confirms(vendor, id, email string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.blocks[vendor+" "+id], func(b writtenBlock) bool {
		return offboard.Same(b.email, email)
	})
}

// has reports whether a block says this ID, and this email address or none. hidden are the settings
// that ignore_changes hides, if it hides some in each of these blocks.
func (w *writtenBlocks) has(vendor, id, email string, settings writtenSettings) (hidden []string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	blocks := w.blocks[vendor+" "+id]
	if len(blocks) == 0 && w.unknown[vendor] {
		return nil, true
	}
	for _, b := range blocks {
		if b.email != "" && !offboard.Same(b.email, email) {
			continue
		}
		if hidden = b.settings.hiddenIn(settings); hidden == nil {
			return nil, true
		}
	}
	return hidden, hidden != nil
}
