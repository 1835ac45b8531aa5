package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	if resp.Diagnostics.HasError() || r.clients == nil {
		return
	}
	if state.common().ID.IsUnknown() {
		if r.clients.guards.actions.keepUnknown(r.kind.name) {
			resp.Diagnostics.Append(perhapsKeptAndClosed(r.kind))
		}
		return
	}
	user := state.common()
	wanted := offboard.User{ID: user.ID.ValueString()}
	if !r.ready(wanted, types.StringNull(), &resp.Diagnostics) {
		return
	}
	if _, there := readRecord(ctx, req.Private, &resp.Diagnostics); there {
		resp.Diagnostics.Append(replaceRefused(r.kind, wanted))
		return
	}
	if r.clients.guards.actions.keep(r.kind.name, wanted.ID) {
		resp.Diagnostics.Append(keptAndClosed(r.kind, wanted))
		return
	}
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	live, err := state.read(ctx, r.clients)
	switch {
	case errors.Is(err, offboard.ErrNotFound), errors.Is(err, offboard.ErrClosed), err == nil && live.Status == offboard.Unknown && !live.Person().Known():
		resp.Diagnostics.Append(nothingToImport(r.kind, wanted.ID))
	case err != nil:
		resp.Diagnostics.Append(r.cannotRead(wanted, err))
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
	if r.clients != nil && r.clients.guards.actions.keep(r.kind.name, was.ID) {
		resp.Diagnostics.Append(keptAndClosed(r.kind, was))
		return
	}
	id := planned.common().ID
	switch {
	case id.IsUnknown() && r.clients != nil && r.clients.guards.actions.keepUnknown(r.kind.name):
		resp.Diagnostics.Append(perhapsKeptAndClosed(r.kind))
		return
	case !id.IsUnknown() && id.ValueString() != was.ID:
		resp.Diagnostics.Append(idChanged(r.kind, was, id.ValueString()))
		return
	case r.clients != nil && !id.IsUnknown() && !r.clients.written.has(r.kind.name, id.ValueString(), configured.ValueString()):
		resp.Diagnostics.Append(hiddenChange(r.kind, was))
		return
	}
	if configured.IsNull() || configured.IsUnknown() {
		return
	}
	if !offboard.Same(configured.ValueString(), was.Email) {
		resp.Diagnostics.Append(emailMismatch(r.kind, was, configured.ValueString()))
		return
	}
	if remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics); !remembered.Person.Is(was.Person()) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("name"), types.StringUnknown())...)
	}
}

// planDestroy is the preflight: it looks at the live account, says what stands in the way, and leaves what the reviewer was shown for Delete.
func (r *userResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || r.clients == nil {
		return
	}
	user := state.common()
	before := user.user()
	remembered.complete(before)
	if !r.ready(before, user.Tenant, &resp.Diagnostics) {
		return
	}
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	shown := review{User: before}
	live, sight, err := r.observe(ctx, state, state.read, remembered.Key)
	switch {
	case errors.Is(err, offboard.ErrEmptyList) && remembered.Progress.Call == offboard.Accepted:
		shown.User.Status = offboard.Closed
		resp.Diagnostics.Append(unvouchedPlanned(r.kind, before))
	case err != nil && sight == offboard.Absent:
		resp.Diagnostics.Append(notVisible(r.kind, before, err))
		return
	case err != nil:
		resp.Diagnostics.Append(r.cannotCheck(before, err))
		return
	case sight != offboard.Open:
		shown.User.Status = offboard.Closed
		resp.Diagnostics.Append(r.planClosed(state, before, sight, remembered)...)
	default:
		user.setFrom(r.kind, live)
		findings, diags := r.preflight(ctx, state, live, before, remembered)
		resp.Diagnostics.Append(diags...)
		shown.User, shown.Facts, shown.Findings = user.user(), state.facts(), findings
	}
	if shown.Key, err = state.key(ctx, r.clients); err != nil && sight == offboard.Open {
		resp.Diagnostics.Append(r.cannotCheck(before, err))
		return
	}
	remembered.Review = &shown
	resp.Diagnostics.Append(remembered.write(ctx, resp.Private)...)
}

// planClosed says what destroying does with an account that is closed already, or that is not visible any more.
func (r *userResource) planClosed(state userState, before offboard.User, sight offboard.Sight, remembered record) (diags diag.Diagnostics) {
	if refusal := r.lost(before, r.clients.guards.of(remembered.Guards)); refusal != nil {
		diags.Append(refusal)
		return diags
	}
	if sight == offboard.Done {
		return nil
	}
	if remembered.Progress.Call != offboard.NotSent {
		if why := r.neverCloseEntry(state, before, remembered); why != "" {
			diags.Append(notVisibleProtected(r.kind, before, why))
		}
		return diags
	}
	if why := r.notVisibleRefused(state, before, remembered); why != "" {
		diags.Append(notVisibleProtected(r.kind, before, why))
		return diags
	}
	diags.Append(notVisiblePlanned(r.kind, before))
	return diags
}

// notVisibleRefused is the guard under which an account that is not visible stays in the state; empty for none.
func (r *userResource) notVisibleRefused(state userState, before offboard.User, remembered record) string {
	g := r.clients.guards.of(remembered.Guards)
	if entry := r.neverCloseEntry(state, before, remembered); entry != "" {
		return entry
	}
	switch {
	case g.ReadOnly:
		return g.readOnly
	case g.StrictPlan:
		return "strict_plan = true in the provider block"
	case g.problem != nil:
		return g.problem.Error()
	case g.Unknown != "":
		return g.Unknown + ", whose value is not known yet"
	}
	return ""
}

// neverCloseEntry is the entry of never_close that protects an account which is not visible; empty for none.
func (r *userResource) neverCloseEntry(state userState, before offboard.User, remembered record) string {
	names := slices.Concat([]string{before.ID, before.Email, remembered.Person.Email, state.facts()["login"], remembered.Facts["login"]}, state.aliases())
	if entry, protected := r.clients.guards.of(remembered.Guards).protects(names...); protected {
		return fmt.Sprintf("the entry %q of never_close", offboard.Text(entry))
	}
	return ""
}

// preflight collects what a person must know before an open account is closed. Errors are what no run can fix.
func (r *userResource) preflight(
	ctx context.Context, state userState, live, before offboard.User, remembered record,
) ([]offboard.Finding, diag.Diagnostics) {
	var diags diag.Diagnostics
	g := r.clients.guards.of(remembered.Guards)
	if refusal := r.lost(live, g); refusal != nil {
		diags.Append(refusal)
	}
	if _, refusal := r.standing(ctx, state, live, before, remembered, g); refusal != nil {
		diags.Append(refusal)
	}
	switch kept, unknown := r.clients.guards.actions.close(r.kind.name, live.ID); {
	case kept:
		diags.Append(keptAndClosed(r.kind, live))
	case unknown:
		diags.Append(perhapsKeptAndClosed(r.kind))
	}
	if err := r.clients.evidence.check(ctx); err != nil {
		diags.Append(cannotRecord(r.kind, live, err))
	}
	findings, err := state.preflight(ctx, r.clients)
	if err != nil {
		diags.Append(r.cannotCheck(live, err))
		return nil, diags
	}
	diags.Append(obstacles(r.kind, live, findings, g.StrictPlan)...)
	t, allowed := r.clients.guards.planned.add(r.key(live), describe(r.kind, live), g.limit)
	switch {
	case !allowed:
		diags.Append(tooManyPlanned(r.kind, live, t, g))
	case !diags.HasError() && !stopped(findings):
		diags.Append(willBeClosed(r.kind, state.common().user(), findings, closingOutlook{
			reversible: state.reversible(), earlier: remembered.Progress, readOnly: g.readOnly, unseen: r.kind.unseen(live),
		}))
	}
	return findings, diags
}

// standing is the guard that speaks against closing this very account, whoever asks and however often, and its name; nil when there is none.
func (r *userResource) standing(
	ctx context.Context, state userState, live, before offboard.User, remembered record, g inForce,
) (string, diag.Diagnostic) {
	names := slices.Concat([]string{
		before.ID, before.Email, live.ID, live.Email, remembered.Person.Email, state.facts()["login"], remembered.Facts["login"],
	}, state.aliases())
	if entry, protected := g.protects(names...); protected {
		return "never_close", protectedUser(r.kind, live, entry, g)
	}
	shown := live // or whom the vendor showed last, where it shows nobody now
	if r.kind.unseen(live) && before.Person().Known() {
		shown = before
	}
	if !r.kind.unseen(shown) && !remembered.Person.Is(shown.Person()) {
		return "person", anotherPerson(r.kind, shown, remembered.Person)
	}
	if r.kind.keyOwner != "" && remembered.Key != "" {
		if key, err := state.key(ctx, r.clients); err != nil || key != remembered.Key {
			return "key", anotherKeyRefused(r.kind, live)
		}
	}
	return "", nil
}

// key tells accounts of all vendors apart.
func (r *userResource) key(u offboard.User) string { return r.kind.name + " " + u.ID }
