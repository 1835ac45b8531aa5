package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// planUpdate refuses another id and an email address that the live account does not have, and plans a
// suspension.
func (r *userResource) planUpdate(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	planned, before := r.kind.newState(), r.state(ctx, req.State, &resp.Diagnostics)
	resp.Diagnostics.Append(req.Plan.Get(ctx, planned)...)
	var configured types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("email"), &configured)...)
	if resp.Diagnostics.HasError() {
		return
	}
	was := before.common().user()
	problem := r.idRefused(was, planned.common().ID)
	if problem == nil {
		problem = r.hiddenRefused(was, planned.common().ID, configured, req.Config)
	}
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	r.planEmail(ctx, req, resp, was, configured)
	if !resp.Diagnostics.HasError() {
		r.planSuspension(ctx, req, resp, before, planned)
	}
}

// planEmail refuses an email address that the live account does not have. When the configuration
// confirms a changed address, the plan shows a change, so that an apply records the person again.
func (r *userResource) planEmail(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, was offboard.User,
	configured types.String,
) {
	if configured.IsNull() || configured.IsUnknown() {
		return
	}
	if !offboard.Same(configured.ValueString(), was.Email) {
		resp.Diagnostics.Append(emailMismatch(r.kind, was, configured.ValueString()))
		return
	}
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	if !remembered.Person.Is(was.Person()) && r.writes(was) && confirms(configured, was) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("name"), types.StringUnknown())...)
	}
}

// confirms reports whether an email address in the configuration is that of a person, letter for letter.
func confirms(configured types.String, was offboard.User) bool {
	email := configured.ValueString()
	return canConfirm(email) && offboard.Person{Email: email}.Is(offboard.Person{Email: was.Email})
}

// canConfirm reports whether what a vendor shows as the email address can say who a person is. A mask may be shown for
// several people.
func canConfirm(email string) bool { return len(offboard.AddressesIn(email)) == 1 }

// idRefused returns why the user must not be kept under this ID; nil if nothing speaks against it.
func (r *userResource) idRefused(was offboard.User, id types.String) diag.Diagnostic {
	switch c := r.clients; {
	case c != nil && c.guards.Actions.Keep(r.place(), was):
		return keptAndClosed(r.kind, was)
	case id.IsUnknown() && c != nil && c.guards.Actions.KeepUnknown(r.place()):
		return perhapsKeptAndClosed(r.kind)
	case !id.IsUnknown() && id.ValueString() != was.ID:
		return idChanged(r.kind, was, id.ValueString())
	}
	return nil
}

// hiddenRefused returns why a plan is refused from which ignore_changes hides what the block says; nil
// if it hides nothing. What is hidden never gets into the state, and so guards nobody.
func (r *userResource) hiddenRefused(was offboard.User, id, email types.String, config tfsdk.Config) diag.Diagnostic {
	if r.clients == nil || id.IsUnknown() {
		return nil
	}
	settings := r.kind.settingsIn(config)
	hidden, ok := r.clients.written.has(r.kind.name, id.ValueString(), email.ValueString(), settings)
	switch {
	case !ok:
		return hiddenChange(r.kind, was)
	case hidden != nil:
		return hiddenSettings(r.kind, was, hidden)
	}
	return nil
}

// writes reports whether a block itself says the ID and the email address of a user. Where
// ignore_changes hides what is written, Terraform passes in the address of the state.
func (r *userResource) writes(u offboard.User) bool {
	return r.clients == nil || r.clients.written.confirms(r.kind.name, u.ID, u.Email)
}
