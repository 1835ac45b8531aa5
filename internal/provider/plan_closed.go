package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// cannotLeave says why a user who needs no closing call cannot leave the state: the end of the user
// cannot be recorded.
func (r *userResource) cannotLeave(ctx context.Context, u offboard.User) (diags diag.Diagnostics) {
	if err := r.clients.evidence.Check(ctx); err != nil {
		diags.Append(cannotRecordLeaving(r.kind, u, err))
	}
	return diags
}

// planClosed says what destroying does with an account that is closed already, or that is not
// visible any more.
func (r *userResource) planClosed(
	state userState, before offboard.User, seen offboard.Observation, remembered closing.Record, logged evidence.Earlier,
) (diags diag.Diagnostics) {
	g := r.clients.guards.For(remembered.Guards)
	if refusal := g.Lost(); refusal != nil {
		diags.Append(refusalMessage(r.kind, before, g, refusal))
		return diags
	}
	if seen == offboard.Done {
		return nil
	}
	c := r.unseenCandidate(state, before, &remembered)
	if remembered.EarlierCall(&logged) != offboard.NotSent {
		if refusal := g.Forbids(c); refusal != nil {
			diags.Append(notVisibleProtected(r.kind, before, guardInWords(g, refusal)))
		}
		return diags
	}
	if refusal := g.KeepsInState(c); refusal != nil {
		diags.Append(notVisibleProtected(r.kind, before, guardInWords(g, refusal)))
		return diags
	}
	diags.Append(notVisiblePlanned(r.kind, before))
	return diags
}

// planUnproven says what destroying does with an account that is not visible after an accepted call
// that nothing can prove.
func (r *userResource) planUnproven(
	ctx context.Context, state userState, before offboard.User, remembered *closing.Record,
) (diags diag.Diagnostics) {
	diags = r.cannotLeave(ctx, before)
	g := r.clients.guards.For(remembered.Guards)
	if refusal := g.KeepsInState(r.unseenCandidate(state, before, remembered)); refusal != nil {
		diags.Append(notVisibleProtected(r.kind, before, guardInWords(g, refusal)))
		return diags
	}
	diags.Append(unprovenPlanned(r.kind, before))
	return diags
}

// unseenCandidate is an account that is not visible, for the guards that hold for it all the same.
func (r *userResource) unseenCandidate(
	state userState,
	before offboard.User,
	remembered *closing.Record,
) *closing.Candidate {
	return &closing.Candidate{
		VendorTraits: r.kind.VendorTraits, Record: remembered, Before: before, Facts: state.facts(),
		NotBefore: state.common().CloseNotBefore.ValueString(), VendorTime: r.clients.clocks[r.kind.name].Now(),
	}
}

// noteKey notes what the vendor tells of the key, and what the closure of an open account would send.
func (r *userResource) noteKey(
	ctx context.Context, live observed, seen offboard.Observation, shown *closing.Review,
) (err error) {
	if shown.Key, err = r.vendor().key(ctx, shown.User.ID); err == nil && seen == offboard.Open {
		shown.Calls, err = callsFor(ctx, live)
	}
	return err
}
