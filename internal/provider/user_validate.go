package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ValidateConfig implements resource.ResourceWithValidateConfig. In a plan it is called with what
// is written in the block just before ModifyPlan, which does not see that where ignore_changes
// hides it: an email address that the account does not have is refused here. What else is hidden is
// refused by planUpdate.
func (r *userResource) ValidateConfig(
	ctx context.Context,
	req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse,
) {
	var id, email types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("email"), &email)...)
	resp.Diagnostics.Append(checkTimeouts(ctx, req.Config)...)
	if resp.Diagnostics.HasError() || r.clients == nil || r.clients.problems[r.kind.name] != nil {
		return
	}
	r.clients.written.add(r.kind.name, id, email, r.kind.settingsIn(req.Config))
	if id.IsUnknown() || email.IsNull() || email.IsUnknown() || r.kind.checkID(id.ValueString()) != nil {
		return
	}
	live, seen := r.clients.readings.get(r.kind.name, id.ValueString())
	if !seen {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		now, err := r.vendor().refresh(ctx, id.ValueString())
		if err != nil {
			return // Read and ModifyPlan tell
		}
		live = keptReading{observed: now}
	}
	if u := live.user(); !offboard.Same(u.Email, email.ValueString()) && !r.kind.Unseen(u) {
		resp.Diagnostics.Append(emailMismatch(r.kind, u, email.ValueString()))
	}
}

// shortestTimeout is the least that a request and its answer need.
const shortestTimeout = time.Second

// checkTimeouts refuses timeouts in which nothing can be done.
func checkTimeouts(ctx context.Context, config tfsdk.Config) (diags diag.Diagnostics) {
	for _, name := range []string{"read", "delete"} {
		at := path.Root("timeouts").AtName(name)
		var value types.String
		diags.Append(config.GetAttribute(ctx, at, &value)...)
		if d, err := time.ParseDuration(value.ValueString()); err == nil && d < shortestTimeout {
			diags.Append(timeoutTooShort(at, value.ValueString()))
		}
	}
	return diags
}

// idValidators check an id before any request is made with it.
func idValidators(k userKind) []validator.String {
	return []validator.String{check("the ID of a user in "+k.title, k.checkID)}
}

// keepLetterCase plans the email as the vendor writes it when the configuration writes the same one
// in another way.
type keepLetterCase struct{}

// Description implements planmodifier.String.
func (keepLetterCase) Description(context.Context) string { return "letter case does not matter" }

// MarkdownDescription implements planmodifier.String.
func (m keepLetterCase) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (keepLetterCase) PlanModifyString(
	_ context.Context,
	req planmodifier.StringRequest,
	resp *planmodifier.StringResponse,
) {
	if !req.StateValue.IsNull() && offboard.Same(req.StateValue.ValueString(), req.ConfigValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}
