package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ModifyPlan implements resource.ResourceWithModifyPlan. It is where a reviewer is told what a plan would do to people: a destroy looks at
// the live account, a creation is refused in favour of an import, a change of the id is refused.
func (r *userResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	switch {
	case req.Plan.Raw.IsNull():
		r.planDestroy(ctx, req, resp)
	case req.State.Raw.IsNull():
		r.planCreate(ctx, req, resp)
	default:
		r.planUpdate(ctx, req, resp)
	}
}

// planCreate refuses to create a user whom the vendor has, with the import block to write, and to replace one, who has private data. A user whom the vendor does not have is a warning
// only: `terraform destroy` begins with a plan in which those whom an interrupted destroy has closed are created again, and an error there would make it
// impossible to run to its end. Create refuses in any case.
func (r *userResource) planCreate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state := r.kind.newState()
	resp.Diagnostics.Append(req.Plan.Get(ctx, state)...)
	if resp.Diagnostics.HasError() || r.clients == nil || state.common().ID.IsUnknown() {
		return
	}
	user := state.common()
	wanted := offboard.User{ID: user.ID.ValueString()}
	if !r.ready(wanted, types.StringNull(), &resp.Diagnostics) {
		return
	}
	if decode(ctx, req.Private, personKey, &person{}, &resp.Diagnostics) {
		resp.Diagnostics.Append(replaceRefused(r.kind, wanted))
		return
	}
	if r.clients.guards.fates.keep(r.key(wanted)) {
		resp.Diagnostics.Append(keptAndClosed(r.kind, wanted))
		return
	}
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	live, err := state.read(ctx, r.clients)
	switch {
	case errors.Is(err, offboard.ErrNotFound), err == nil && live.Status == offboard.Unknown:
		resp.Diagnostics.Append(nothingToTakeOver(r.kind, wanted.ID))
	case err != nil:
		resp.Diagnostics.Append(cannotRead(r.kind, wanted, err))
	default:
		resp.Diagnostics.Append(importFirst(r.kind, live))
	}
}

// planUpdate refuses another id and an e-mail address that the live account does not have. When the configuration confirms a changed address, the plan
// shows a change, so that an apply records the person anew.
func (r *userResource) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	planned, before := r.kind.newState(), r.state(ctx, req.State, &resp.Diagnostics)
	resp.Diagnostics.Append(req.Plan.Get(ctx, planned)...)
	var configured types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("email"), &configured)...)
	if resp.Diagnostics.HasError() {
		return
	}
	was := before.common().user()
	if r.clients != nil && r.clients.guards.fates.keep(r.key(was)) {
		resp.Diagnostics.Append(keptAndClosed(r.kind, was))
		return
	}
	if id := planned.common().ID; !id.IsUnknown() && id.ValueString() != was.ID {
		resp.Diagnostics.Append(idChanged(r.kind, was, id.ValueString()))
		return
	}
	if configured.IsNull() || configured.IsUnknown() {
		return
	}
	if !strings.EqualFold(configured.ValueString(), was.Email) {
		resp.Diagnostics.Append(emailMismatch(r.kind, was, configured.ValueString()))
		return
	}
	if !readPerson(ctx, req.Private, was, &resp.Diagnostics).is(was) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("name"), types.StringUnknown())...)
	}
}

// planDestroy is the preflight: it looks at the live account, says what stands in the way, and leaves what the reviewer was shown for Delete.
func (r *userResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || r.clients == nil {
		return
	}
	user := state.common()
	before := user.user()
	if !r.ready(before, user.Tenant, &resp.Diagnostics) {
		return
	}
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	shown := review{User: before}
	live, err := state.read(ctx, r.clients)
	switch {
	case errors.Is(err, offboard.ErrNotFound):
		shown.User.Status = offboard.Closed
		resp.Diagnostics.Append(notShown(r.kind, before, err)...)
	case err != nil:
		resp.Diagnostics.Append(cannotCheck(r.kind, before, err))
		return
	default:
		user.take(live)
		shown.User, shown.Facts = user.user(), state.facts()
		who := readPerson(ctx, req.Private, before, &resp.Diagnostics)
		var earlier progress
		decode(ctx, req.Private, progressKey, &earlier, &resp.Diagnostics)
		findings, diags := r.preflight(ctx, state, who, before, earlier)
		resp.Diagnostics.Append(diags...)
		shown.Findings = findings
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, reviewKey, encode(shown))...)
}

// preflight collects what a person must know before an open account is closed. Errors are what no run can fix.
func (r *userResource) preflight(ctx context.Context, state userState, who person, before offboard.User, earlier progress) ([]offboard.Finding, diag.Diagnostics) {
	var diags diag.Diagnostics
	g, live := r.clients.guards, state.common().user()
	if entry, protected := g.protects(before, live); protected {
		diags.Append(protectedUser(r.kind, live, entry))
	}
	if g.fates.close(r.key(live)) {
		diags.Append(keptAndClosed(r.kind, live))
	}
	if !who.is(live) {
		diags.Append(anotherPerson(r.kind, live, who.Email))
	}
	findings, err := state.preflight(ctx, r.clients)
	if err != nil {
		diags.Append(cannotCheck(r.kind, live, err))
		return nil, diags
	}
	diags.Append(obstacles(r.kind, live, findings, g.strictPlan)...)
	if g.readOnly {
		diags.Append(readOnlyPlan(r.kind, live))
	}
	t, allowed := g.planned.add(r.key(live), describe(r.kind, live))
	if !allowed {
		diags.Append(tooManyPlanned(r.kind, live, t))
	}
	if allowed && !diags.HasError() && !stopped(findings) {
		diags.Append(routine(r.kind, live, findings, state.reversible(), earlier))
	}
	return findings, diags
}

// key tells users of all vendors apart.
func (r *userResource) key(u offboard.User) string { return r.kind.name + " " + u.ID }
