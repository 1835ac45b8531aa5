package provider

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
)

// blockGuards reads the guards from the provider block. A guard whose value is not known yet counts
// as one that refuses.
func blockGuards(m providerModel) closing.GuardSettings {
	s := closing.GuardSettings{
		ReadOnly: m.ReadOnly.ValueBool(), StrictPlan: m.StrictPlan.ValueBool() || m.StrictPlan.IsUnknown(),
		MaxClosures: m.MaxClosures.ValueInt64Pointer(), EvidenceLog: !m.EvidenceLog.IsNull(), Unset: m.Budget.IsNull(),
	}
	budget, known := budgetIn(m.Budget)
	if s.ClosureBudget = budget; !known {
		s.Unknown = "closure_budget"
	}
	for _, element := range m.NeverClose.Elements() {
		protected, ok := element.(types.String)
		switch {
		case !ok || element.IsUnknown():
			s.Unknown = "never_close"
		case protected.ValueString() != "":
			s.NeverClose = append(s.NeverClose, protected.ValueString())
		}
	}
	slices.Sort(s.NeverClose)
	for _, guard := range []struct {
		name    string
		value   attr.Value
		refuses bool // while it is not known
	}{
		{"never_close", m.NeverClose, true}, {"max_closures", m.MaxClosures, true}, {"read_only", m.ReadOnly, true},
		{"strict_plan", m.StrictPlan, false}, {"evidence_log", m.EvidenceLog, false},
	} {
		s.Unset = s.Unset && guard.value.IsNull()
		if guard.value.IsUnknown() && guard.refuses {
			s.Unknown, s.MaxClosures = guard.name, nil
		}
	}
	return s
}

// entries refuses entries of never_close that cannot match anybody.
type entries struct{}

// Description implements validator.Set.
func (entries) Description(context.Context) string {
	return "each entry must be an ID, a login or an email address"
}

// MarkdownDescription implements validator.Set.
func (e entries) MarkdownDescription(ctx context.Context) string { return e.Description(ctx) }

// ValidateSet implements validator.Set. An entry that is null or invisible would protect
// no account.
func (entries) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		entry, ok := element.(types.String)
		switch {
		case element.IsUnknown():
		case !ok || element.IsNull():
			resp.Diagnostics.Append(unusableEntry(req.Path, "null", errors.New("it is null")))
		default:
			if err := closing.CheckEntry(entry.ValueString()); err != nil {
				resp.Diagnostics.Append(unusableEntry(req.Path, entry.ValueString(), err))
			}
		}
	}
}
