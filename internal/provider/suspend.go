package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// suspendedName is the attribute that asks for a suspension.
const suspendedName = "suspended"

// suspendedAttribute is the attribute of a resource whose vendor can suspend accounts. The state of
// such a user overrides suspension.
func suspendedAttribute(steps string) schema.Attribute {
	return schema.BoolAttribute{
		MarkdownDescription: "If true, an apply suspends the account now, and the user stays managed. " + steps +
			" The same guards hold as for a closure, except `close_not_before`. A plan with a refresh shows an account that " +
			"was enabled again, and suspends it again. False, or no value, never enables an account.",
		Optional: true,
	}
}

// mustSuspend reports whether an update is to suspend the account. An account that is suspended
// already gets no call. But if that was not asked for before, it is read and recorded.
func mustSuspend(before, planned userState) bool {
	status := offboard.Status(before.common().Status.ValueString())
	settled := status == offboard.Suspended && before.suspension().ValueBool()
	return planned.suspension().ValueBool() && status != offboard.Closed && !settled
}

// planSuspension tells a reviewer of a suspension what it will do. Terraform plans an update again
// right before its apply, and that must give the same plan. So all that is planned follows from the
// state and the block. What a refresh of this run has read is only told, and errors are only of that.
func (r *userResource) planSuspension(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, before, planned userState,
) {
	user := before.common().user()
	asks, asked := planned.suspension(), before.suspension()
	switch {
	case asks.IsUnknown():
		resp.Diagnostics.Append(suspensionUnknown(r.kind, user))
		return
	case !asks.ValueBool():
		if !asks.Equal(asked) && user.Status == offboard.Suspended {
			resp.Diagnostics.Append(staysSuspended(r.kind, user))
		}
		return
	case !mustSuspend(before, planned):
		return
	}
	status := types.StringValue(string(offboard.Suspended))
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), status)...)
	if r.clients == nil {
		return
	}
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	read, ok := r.clients.readings.get(r.kind.name, user.ID)
	switch {
	case ok:
	case user.Status == offboard.Suspended:
		return
	default:
		resp.Diagnostics.Append(willBeSuspendedUnread(r.kind, planned.common().user()))
		return
	}
	ctx, cancel := withTimeout(ctx, planned.common().Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	resp.Diagnostics.Append(r.planGuards(user, &remembered)...)
	r.kind.fill(before, read)
	before.common().Person = planned.common().Person
	_, diags := r.preflight(ctx, &plannedClosure{before, user, remembered, true}, read)
	for _, d := range diags {
		resp.Diagnostics.Append(aboutSuspension(r.kind, d))
	}
}

// suspend suspends the account that the reviewer saw, and reports whether the vendor itself shows that
// it is suspended. It is a closure that ends at the reversible step. If not, the state does not say
// that the account is suspended by this configuration, so that the next plan suspends it. What else the
// block says holds: its close_not_before protects the account also if the block goes before that.
func (r *userResource) suspend(
	ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse, planned userState,
	remembered *closing.Record,
) bool {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, planned.common().Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return false
	}
	var diags diag.Diagnostics
	before := state.common().user()
	d := &destruction{
		userResource: r, diags: &diags, out: &resp.State, private: resp.Private, state: state, before: before,
		remembered: *remembered,
	}
	d.onlySuspend()
	state.common().Person = planned.common().Person // never_close holds for the person of the block, too
	if r.ready(d.before, state.common().Tenant, d.diags) {
		d.run(ctx)
	} else {
		d.recordWrongTenant(ctx)
	}
	*remembered = d.remembered
	for _, problem := range diags {
		resp.Diagnostics.Append(aboutSuspension(r.kind, problem))
	}
	if !d.done {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(suspendedName), types.BoolNull())...)
		keepSettings(ctx, &resp.State, planned, &resp.Diagnostics)
	}
	return d.done
}

// keepSettings puts the settings of a block into a state that stays as it is otherwise.
func keepSettings(ctx context.Context, state *tfsdk.State, planned userState, diags *diag.Diagnostics) {
	settings := planned.settings()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		diags.Append(state.SetAttribute(ctx, path.Root(name), settings[name])...)
	}
}

// onlySuspend makes it a closure that ends at the reversible step. Its review is the state at the plan.
func (d *destruction) onlySuspend() {
	d.suspends, d.reviewed = true, true
	d.shown = closing.ReviewOfState(d.before, d.state.facts(), &d.remembered)
	d.seen.Look, d.seen.Before = d.remembered.Look, d.remembered.LookBefore
}

// closedInstead is an account that the vendor shows as closed after the call that was to suspend it.
func (d *destruction) closedInstead(ctx context.Context) {
	d.state.common().Status = types.StringValue(string(offboard.Closed))
	d.remember(ctx)
	d.keepState(ctx)
	d.diags.Append(notSuspendedButClosed(d.kind, d.before))
}

// cannotSuspend is an account that is not there to be suspended. An absence is no suspension.
func (d *destruction) cannotSuspend(ctx context.Context, seen offboard.Observation, doubt error) {
	d.clients.locks.NoteLeft(d.key(d.before), offboard.Closed)
	switch {
	case seen == offboard.Done:
		d.state.common().Status = types.StringValue(string(offboard.Closed))
		d.keepState(ctx)
		d.diags.Append(closedAlready(d.kind, d.before))
	case doubt != nil:
		d.absent = true
		d.stayUnseen(ctx, notVisible(d.kind, d.before, doubt))
	default:
		d.absent = true
		d.stayUnseen(ctx, vanished(d.kind, d.before))
	}
}
