package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// ModifyPlan implements resource.ResourceWithModifyPlan. It is where a reviewer is told what a plan
// would do to people: a destroy looks at the live account, a creation is refused in favor of an
// import, a change of the id is refused.
func (r *userResource) ModifyPlan(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	switch {
	case req.Plan.Raw.IsNull():
		r.planDestroy(ctx, req, resp)
	case req.State.Raw.IsNull():
		r.planCreate(ctx, req, resp)
	default:
		r.planUpdate(ctx, req, resp)
	}
}

// planCreate refuses to create a user that the vendor has, with the import block to write, and to
// replace one, who has private data. A user that the vendor does not have is a warning only:
// `terraform destroy` begins with a plan in which those that an interrupted destroy has closed are
// created again, and an error there would make it impossible to run to its end. Create refuses in
// any case.
func (r *userResource) planCreate(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	state := r.kind.newState()
	resp.Diagnostics.Append(req.Plan.Get(ctx, state)...)
	if resp.Diagnostics.HasError() || r.clients == nil {
		return
	}
	if state.common().ID.IsUnknown() {
		if r.clients.guards.Actions.KeepUnknown(r.place()) {
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
	if r.clients.guards.Actions.Keep(r.place(), wanted) {
		resp.Diagnostics.Append(keptAndClosed(r.kind, wanted))
		return
	}
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	resp.Diagnostics.Append(r.importInstead(ctx, wanted))
}

// importInstead says of a user who is to be created what there is to import. A user whom a refresh
// of this run has read is to be replaced: Terraform gives the plan of a tainted user no private
// data.
func (r *userResource) importInstead(ctx context.Context, wanted offboard.User) diag.Diagnostic {
	read, err := r.vendor().read(ctx, wanted.ID)
	live := offboard.User{Status: offboard.Unknown}
	switch {
	case err == nil:
		live = read.user()
	case !errors.Is(err, offboard.ErrNotFound) && !errors.Is(err, offboard.ErrClosed):
		return r.cannotRead(wanted, err)
	}
	if live.Status != offboard.Unknown || live.Person().Known() {
		return importFirst(r.kind, live)
	}
	if _, managed := r.clients.readings.get(r.kind.name, wanted.ID); managed {
		return replaceRefused(r.kind, wanted)
	}
	return nothingToImport(r.kind, wanted.ID)
}

// planDestroy is the preflight: it looks at the live account, says what stands in the way, and
// leaves what the reviewer was shown for Delete.
func (r *userResource) planDestroy(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || r.clients == nil {
		return
	}
	user := state.common()
	before := user.user()
	remembered.FillFromVersion1(before)
	if !r.ready(before, user.Tenant, &resp.Diagnostics) {
		return
	}
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	resp.Diagnostics.Append(r.planGuards(before, &remembered)...)
	review, diags := r.review(ctx, state, before, remembered)
	resp.Diagnostics.Append(diags...)
	if review == nil {
		return
	}
	remembered.Review = review
	resp.Diagnostics.Append(writeRecord(ctx, remembered, resp.Private)...)
}

// planGuards warns of guards that the plan cannot see, or that do not hold any more.
func (r *userResource) planGuards(before offboard.User, remembered *closing.Record) (diags diag.Diagnostics) {
	guards := r.clients.guards.For(remembered.Guards)
	if guards.Lifted {
		diags.Append(keptLifted(r.kind, before))
	}
	names := append([]string{before.Email, before.Whose, remembered.Person.Email, remembered.Facts[closing.Login]},
		remembered.Former...)
	if guards.ComparesNoAddress(names...) {
		diags.Append(comparesNoAddress(r.kind, before))
	}
	if r.clients.evidence.PathUnknown() {
		diags.Append(logNotRead(r.kind, before))
	}
	return diags
}

// review looks at the live account, and says what stands in the way. It returns what the reviewer
// is shown; nil if that cannot be found out.
func (r *userResource) review(
	ctx context.Context, state userState, before offboard.User, remembered closing.Record,
) (shown *closing.Review, diags diag.Diagnostics) {
	g := r.clients.guards.For(remembered.Guards)
	if r.clients.guards.Planned.Failed() { // the plan fails in any case, so nothing is asked for it
		count := r.clients.guards.Planned.Plan(r.namedKey(before), describe(r.kind, before), g.Limit)
		diags.Append(tooManyPlanned(r.kind, before, count, g))
		return nil, diags
	}
	shown = &closing.Review{User: before, Definition: r.definition(), At: time.Now().UTC()}
	r.clients.readings.plan(r.kind.name, before.ID, shown.At)
	logged, late := r.noteLog(ctx, before, &remembered, shown)
	if late != nil {
		return nil, append(diags, late)
	}
	live, seen, err := r.showAtPlan(ctx, state, &remembered, &logged)
	switch {
	case errors.Is(err, offboard.ErrEmptyList) && remembered.EarlierCall(&logged).WasAccepted():
		shown.User.Status = offboard.Closed
		diags = r.planUnproven(ctx, state, before, &remembered)
	case err != nil && seen == offboard.Absent:
		diags.Append(notVisible(r.kind, before, err))
		return nil, diags
	case err != nil:
		diags.Append(r.cannotCheck(before, err))
		return nil, diags
	case seen != offboard.Open:
		shown.User.Status = offboard.Closed
		diags = r.cannotLeave(ctx, before)
		diags.Append(r.planClosed(state, before, seen, remembered, logged)...)
	default:
		r.kind.fill(state, live)
		remembered.NoteClosed(before.Status, &logged)
		shown.Findings, diags = r.preflight(ctx, &plannedClosure{state, before, remembered, false}, live)
		shown.User, shown.Facts, shown.Shown = state.common().user(), state.facts(), peopleIn(live)
		shown.PersonShown, shown.VendorAt = live.user().Person().Known(), r.clients.clocks[r.kind.name].Now()
	}
	if err := r.noteKey(ctx, live, seen, shown); err != nil && seen == offboard.Open {
		diags.Append(r.cannotCheck(before, err))
		return nil, diags
	}
	return shown, diags
}

// noteLog reads what the log tells of the account, and notes it in the review. The diagnostic says
// that this took all the time, so that none is left to ask the vendor.
func (r *userResource) noteLog(
	ctx context.Context, before offboard.User, remembered *closing.Record, shown *closing.Review,
) (logged evidence.Earlier, late diag.Diagnostic) {
	logged, err := r.clients.evidence.Earlier(ctx, r.account(ctx, before.ID, remembered))
	switch {
	case err == nil:
		shown.LastCall, shown.NoLog, shown.Log = &logged.At, logged.NoFile, closing.NoteOf(&logged)
	case ctx.Err() != nil:
		late = cannotRecord(r.kind, before, err)
	}
	return logged, late
}

// showAtPlan is show, or the account as the refresh of this run has read it: a few moments older is
// as good for a plan, because Delete reads the account again and refuses what differs. That does not
// hold if the log tells of a closure since then: then another closure than before is the last one,
// and show reads the account alone.
func (r *userResource) showAtPlan(
	ctx context.Context, state userState, remembered *closing.Record, logged *evidence.Earlier,
) (observed, offboard.Observation, error) {
	read, ok := r.clients.readings.get(r.kind.name, state.common().ID.ValueString())
	if ok && read.told.Used.Record == logged.Used.Record {
		return read.observed, offboard.Open, nil
	}
	return r.show(ctx, state, remembered, logged)
}

// candidate is an account that was read and is to be closed. The state is filled from it.
func (r *userResource) candidate(
	state userState,
	read observed,
	before offboard.User,
	remembered *closing.Record,
) *closing.Candidate {
	c := r.unseenCandidate(state, before, remembered)
	c.Live, c.Aliases, c.Shown = named(state, read.user()), read.aliases(), peopleIn(read)
	c.Key = func(ctx context.Context) (string, error) { return r.vendor().key(ctx, c.Live.ID) }
	return c
}

// plannedClosure is an account that a plan closes, or suspends.
type plannedClosure struct {
	state      userState     // filled from the reading
	before     offboard.User // as the state had it
	remembered closing.Record
	suspends   bool // the account is only to be suspended, and the user stays managed
}

// preflight collects what a person must know before an open account is closed. Errors are what no
// run can fix.
func (r *userResource) preflight(
	ctx context.Context, p *plannedClosure, read observed,
) (findings []offboard.Finding, diags diag.Diagnostics) {
	live, g := named(p.state, read.user()), r.clients.guards.For(p.remembered.Guards)
	if refusal := g.Lost(); refusal != nil {
		diags.Append(refusalMessage(r.kind, live, g, refusal))
	}
	c := r.candidate(p.state, read, p.before, &p.remembered)
	c.Suspends = p.suspends
	if refusal := g.Refuses(ctx, c); refusal != nil {
		diags.Append(refusalMessage(r.kind, live, g, refusal))
	}
	switch {
	case !p.suspends:
		diags.Append(r.planClose(live)...)
	case live.Status == offboard.Suspended: // nothing will be sent
		return nil, diags
	}
	diags.Append(r.planLog(ctx, live, &p.remembered, g)...)
	checking := ctx
	if !g.StrictPlan { // under which a check that is skipped is an error
		checking = rest.WithStartBy(ctx, r.clients.checks.until())
	}
	findings, err := read.preflight(checking, p.state, p.suspends || p.state.reversible())
	if err != nil {
		diags.Append(r.cannotCheck(live, err))
		return nil, diags
	}
	diags.Append(obstacles(r.kind, live, findings, g.StrictPlan)...)
	count := r.clients.guards.Planned.Plan(r.namedKey(live), describe(r.kind, live), g.Limit)
	switch {
	case !count.Allows():
		diags.Append(tooManyPlanned(r.kind, live, count, g))
	case !diags.HasError() && !stopped(findings):
		diags.Append(willBeClosed(r.kind, p.state.common().user(), findings, r.outlook(p, live, g)))
	}
	return findings, diags
}

// planClose notes that the plan closes an account, and says so if the same plan keeps it.
func (r *userResource) planClose(live offboard.User) (diags diag.Diagnostics) {
	switch kept, unknown := r.clients.guards.Actions.Close(r.place(), live); {
	case kept:
		diags.Append(keptAndClosed(r.kind, live))
	case unknown:
		diags.Append(perhapsKeptAndClosed(r.kind))
	}
	return diags
}

// outlook is what a reviewer is told of a closure beside who it is.
func (r *userResource) outlook(p *plannedClosure, live offboard.User, g closing.EffectiveGuards) closingOutlook {
	return closingOutlook{
		reversible: p.state.reversible(), suspends: p.suspends, earlier: p.remembered.Progress,
		readOnly: readOnlyText(g), unseen: r.kind.Unseen(live),
		reopened: p.remembered.Status == offboard.Closed && r.kind.ShowsOpen(live),
		reason:   r.clients.evidence.ReasonFor(p.state.common().user()),
	}
}
