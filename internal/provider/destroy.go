package provider

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// lastLook is how long a failed closing may take to find out how the account is left.
const lastLook = 15 * time.Second

// Delete implements resource.Resource. It closes the account that the reviewer saw, and returns without an error only when the vendor
// itself says that the account is closed. Nothing may be taken over from the plan unseen: at the apply of a saved plan neither Read nor ModifyPlan runs
// before it.
func (r *userResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	user := state.common()
	before := user.user()
	var shown review
	reviewed := decode(ctx, req.Private, reviewKey, &shown, &resp.Diagnostics)
	who := readPerson(ctx, req.Private, before, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, reviewKey, nil)...) // a review holds for one apply
	ctx, cancel := withTimeout(ctx, user.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() || !r.ready(before, user.Tenant, &resp.Diagnostics) {
		return
	}
	ctx = tellWaits(ctx, r.kind, before)
	if refusal := r.forbidden(before, reviewed); refusal != nil {
		resp.Diagnostics.Append(refusal)
		return
	}
	ctx, recorded := r.clients.evidence.watch(ctx)
	live, err := state.read(ctx, r.clients)
	switch {
	case errors.Is(err, offboard.ErrNotShown) && shown.User.Status != offboard.Closed:
		resp.Diagnostics.Append(vanished(r.kind, before))
		return
	case errors.Is(err, offboard.ErrNotFound): // already gone is success
		resp.Diagnostics.Append(notShown(r.kind, before, err)...)
		user.Status = types.StringValue(string(offboard.Closed))
		r.recordGone(ctx, recorded, resp, state, shown, err)
		return
	case err != nil:
		resp.Diagnostics.Append(cannotCheck(r.kind, before, err))
		return
	}
	user.take(live)
	if refusal := r.refusal(state, before, who, shown); refusal != nil {
		resp.Diagnostics.Append(refusal)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		return
	}
	if err := recorded.begin(ctx, r.intent(state, shown)); err != nil {
		resp.Diagnostics.Append(cannotRecord(r.kind, user.user(), err))
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		return
	}
	r.close(ctx, req, resp, state, shown, recorded)
}

// forbidden is why nothing may be closed, whatever the vendor shows; nil when nothing speaks against it. It comes before any request, and lets go of who is closed already.
func (r *userResource) forbidden(before offboard.User, reviewed bool) diag.Diagnostic {
	switch {
	case !reviewed:
		return notReviewed(r.kind, before)
	case before.Status == offboard.Closed:
		return nil
	}
	return r.barred(before)
}

// barred is the guard that speaks against closing anybody at all; nil when there is none.
func (r *userResource) barred(u offboard.User) diag.Diagnostic {
	switch g := r.clients.guards; {
	case g.readOnly:
		return readOnly(r.kind, u)
	case g.unknown != "":
		return guardUnknown(r.kind, u, g.unknown)
	}
	return nil
}

// refusal is why the account that is there now must not be closed; nil when nothing speaks against it.
func (r *userResource) refusal(state userState, before offboard.User, who person, shown review) diag.Diagnostic {
	g, live := r.clients.guards, state.common().user()
	if barred := r.barred(live); barred != nil {
		return barred // an account that the state had as closed is open
	}
	if entry, protected := g.protects(before, live); protected {
		return protectedUser(r.kind, live, entry)
	}
	if !who.is(live) {
		return anotherPerson(r.kind, live, who.Email)
	}
	if changes := shown.changes(live, state.facts()); len(changes) > 0 {
		return changedSinceReview(r.kind, live, changes)
	}
	if t, allowed := g.closing.add(r.key(live), describe(r.kind, live)); !allowed {
		return tooManyClosed(r.kind, live, t)
	}
	return nil
}

// close makes the closing and records what came of it. When it fails, what is known stays in the state, and the next run goes on from there.
func (r *userResource) close(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse, state userState, shown review, recorded *recording) {
	var before progress
	decode(ctx, req.Private, progressKey, &before, &resp.Diagnostics)
	user := state.common().user()
	findings, err := state.close(ctx, r.clients)
	var refused *offboard.RefusedError
	if err != nil && !errors.As(err, &refused) && r.lookAgain(ctx, state) {
		err = nil // a late answer of the vendor is as good a proof as an early one
	}
	problem := recorded.end(ctx, r.outcome(state, findings, err))
	if problem != nil {
		resp.Diagnostics.Append(notRecorded(r.kind, user, err == nil, problem))
	}
	if err == nil && problem == nil {
		resp.Diagnostics.Append(nothingWasThere(r.kind, user, findings, before)...)
		return
	}
	if err == nil {
		r.lookAgain(ctx, state) // closed and not recorded: the state says what is true
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	if err == nil {
		return
	}
	resp.Diagnostics.Append(notClosed(r.kind, state.common().user(), err, shown))
	var stopped *offboard.StepError
	if errors.As(err, &stopped) {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, progressKey, encode(before.and(stopped)))...)
	}
}

// lookAgain brings the state up to date after a failed closing, if the vendor can be asked, and tells whether the account is gone after all: the effect of
// a call can come later than the time for proving it. An account that may only be out of sight is not taken for gone. A cancelled run still looks once.
func (r *userResource) lookAgain(ctx context.Context, state userState) (gone bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	live, err := state.read(ctx, r.clients)
	switch {
	case errors.Is(err, offboard.ErrNotShown):
		return false
	case errors.Is(err, offboard.ErrNotFound):
		state.common().Status = types.StringValue(string(offboard.Closed))
		return true
	case err == nil:
		state.common().take(live)
	}
	return false
}

// tellWaits has a proof that takes long tell in the log whose closing it waits for.
func tellWaits(ctx context.Context, k userKind, u offboard.User) context.Context {
	id := u.ID
	if strings.Contains(id, "@") {
		id = "***"
	}
	return offboard.WithLog(ctx, func(ctx context.Context, message string, fields ...map[string]any) {
		tflog.Info(ctx, message, append(fields, map[string]any{"vendor": k.name, "id": id})...)
	})
}
