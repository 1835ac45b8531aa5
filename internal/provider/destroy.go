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

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// lastLook is how long a failed closing may take to find out how the account is left.
const lastLook = 15 * time.Second

// destruction is one Delete under way.
type destruction struct {
	*userResource
	resp       *resource.DeleteResponse
	state      userState
	before     offboard.User // as the state has it
	remembered record
	shown      review // what the reviewer of the plan was shown
	force      inForce
	recorded   *recording
	told       evidence.Earlier // what the log tells of earlier closings of the account
	looked     time.Time        // when the account was looked at
}

// Delete implements resource.Resource. It closes the account that the reviewer saw, and returns without an error only when the vendor itself
// shows that the account is closed, or when there is nothing to close and the plan said so. Nothing is taken from the plan unseen: at the
// apply of a saved plan neither Read nor ModifyPlan runs before it.
func (r *userResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	d := &destruction{userResource: r, resp: resp, state: state, before: state.common().user(), remembered: remembered}
	reviewed := remembered.Review != nil
	if reviewed {
		d.shown = *remembered.Review
	}
	d.remembered.Review = nil // a review holds for one apply
	d.remember(ctx)
	ctx, cancel := withTimeout(ctx, state.common().Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() || !r.ready(d.before, state.common().Tenant, &resp.Diagnostics) {
		return
	}
	if reviewed {
		d.planRefutes(ctx)
	}
	ctx = tellWaits(ctx, r.kind, d.before)
	d.force = r.clients.guards.of(remembered.Guards)
	ctx, d.recorded = r.clients.evidence.watch(ctx)
	switch {
	case !reviewed:
		d.refuse(ctx, "review", notReviewed(r.kind, d.before))
		return
	case d.before.Status == offboard.Closed:
		if refusal := r.lost(d.before, d.force); refusal != nil {
			d.refuse(ctx, "kept guards", refusal)
			return
		}
	default:
		if guard, refusal := r.barred(d.before, d.force); refusal != nil {
			d.refuse(ctx, guard, refusal)
			return
		}
	}
	d.look(ctx)
}

// remember writes the record to the state, whatever becomes of the closing.
func (d *destruction) remember(ctx context.Context) {
	d.resp.Diagnostics.Append(d.remembered.write(ctx, d.resp.Private)...)
}

// look reads the account as it is now and goes on from there.
func (d *destruction) look(ctx context.Context) {
	d.looked = time.Now()
	live, sight, err := d.observe(ctx, d.state, d.state.read, d.remembered.Key)
	switch {
	case err != nil && sight != offboard.Absent:
		d.resp.Diagnostics.Append(d.cannotClose(d.before, err))
	case sight == offboard.Absent:
		d.absent(ctx, err)
	case sight == offboard.Done:
		d.gone(ctx, evidence.Outcome{Result: evidence.AlreadyClosed, Proof: d.kind.proofs[offboard.Done]})
	default:
		d.open(ctx, live)
	}
}

// open closes an account that is there, if nothing speaks against it.
func (d *destruction) open(ctx context.Context, live offboard.User) {
	d.state.common().setFrom(d.kind, live)
	if guard, refusal := d.refusal(ctx, live); refusal != nil {
		d.resp.Diagnostics.Append(d.resp.State.Set(ctx, d.state)...)
		d.refuse(ctx, guard, refusal)
		return
	}
	if d.earlierCall() != offboard.NotSent && d.kind.showsOpen(live) {
		d.remembered.refute(d.told.At) // the account is open after it
		d.remember(ctx)
	}
	sent := d.earlierCall()
	if err := d.recorded.begin(ctx, d.intent()); err != nil {
		d.resp.Diagnostics.Append(cannotRecord(d.kind, d.state.common().user(), err))
		d.resp.Diagnostics.Append(d.resp.State.Set(ctx, d.state)...)
		return
	}
	d.close(ctx, live, sent)
}

// refuse says that a guard refused, and records it.
func (d *destruction) refuse(ctx context.Context, guard string, refusal diag.Diagnostic) {
	d.resp.Diagnostics.Append(refusal)
	if err := d.recorded.refused(ctx, d.intent(), guard); err != nil {
		d.resp.Diagnostics.Append(notRecorded(d.kind, d.before, evidence.RefusedByGuard, err))
	}
}

// barred is the guard that speaks against closing anybody at all, and its name; nil when there is none.
func (r *userResource) barred(u offboard.User, g inForce) (string, diag.Diagnostic) {
	switch refusal := r.lost(u, g); {
	case refusal != nil:
		return "kept guards", refusal
	case g.ReadOnly:
		return "read_only", readOnly(r.kind, u, g)
	case g.Unknown != "":
		return g.Unknown, guardUnknown(r.kind, u, g.Unknown)
	}
	return "", nil
}

// lost is the refusal for guards that cannot be read, or that were kept and cannot be obeyed without the provider block; nil otherwise.
func (r *userResource) lost(u offboard.User, g inForce) diag.Diagnostic {
	switch {
	case g.problem != nil:
		return unreadableGuard(r.kind, u, g.problem)
	case g.kept && g.EvidenceLog:
		return evidenceLost(r.kind, u)
	case g.kept && g.Unknown != "":
		return guardUnknown(r.kind, u, g.Unknown)
	}
	return nil
}

// refusal is why the account that is there now must not be closed, and the name of the guard; nil when nothing speaks against it.
func (d *destruction) refusal(ctx context.Context, live offboard.User) (string, diag.Diagnostic) {
	if guard, refusal := d.barred(live, d.force); refusal != nil {
		return guard, refusal // an account that the state had as closed is open
	}
	if guard, refusal := d.standing(ctx, d.state, live, d.before, d.remembered, d.force); refusal != nil {
		return guard, refusal
	}
	if changes := d.shown.changes(d.kind, live, d.state.facts()); len(changes) > 0 {
		return "review", changedSinceReview(d.kind, live, changes)
	}
	if d.kind.keyOwner != "" {
		if key, err := d.state.key(ctx, d.clients); err != nil || key != d.shown.Key {
			return "review", anotherKeyRefused(d.kind, live)
		}
	}
	t, allowed := d.clients.guards.closing.add(d.key(live), describe(d.kind, live), d.force.limit)
	if !allowed {
		return "max_closures", tooManyClosed(d.kind, live, t, d.force)
	}
	return "", nil
}

// close makes the closing and records what came of it; sent is how far the call came in an earlier run. When it fails, what is known stays in the state, and the next run goes on from there.
func (d *destruction) close(ctx context.Context, live offboard.User, sent offboard.Call) {
	user := d.state.common().user()
	proof, findings, err := d.state.close(offboard.WithReadTime(ctx, d.looked), d.clients, closing{
		key: d.remembered.Key, sent: sent, reviewed: d.shown.Findings,
		shown: live.Person().Known() || d.shown.User.Person().Known() && d.shown.User.Status == offboard.Active,
	})
	call := offboard.Accepted
	if err != nil && !errors.Is(err, offboard.ErrUnverified) {
		call = offboard.CallOf(err)
		if sight := d.lookAgain(ctx, call); sight != offboard.Open {
			proof, err = sight, nil // a late answer of the vendor is as good a proof as an early one
		}
	}
	o := d.outcome(proof, findings, err)
	if o.Result == evidence.Closed && call == offboard.NotSent {
		o.Result = evidence.AlreadyClosed // by somebody else, or by an earlier run
	}
	problem := d.recorded.end(ctx, o)
	if problem != nil {
		d.resp.Diagnostics.Append(notRecorded(d.kind, user, o.Result, problem))
	}
	switch {
	case err == nil && problem == nil:
		d.resp.Diagnostics.Append(nothingWasThere(d.kind, user, findings)...)
		return
	case errors.Is(err, offboard.ErrUnverified) && problem == nil:
		d.resp.Diagnostics.Append(unvouched(d.kind, user))
		return
	case o.Result == evidence.Closed, o.Result == evidence.AlreadyClosed: // and not recorded: the state says what is true
		d.state.common().Status = types.StringValue(string(offboard.Closed))
		d.remembered.Progress.Call = call // none where somebody else has closed it
	case o.Result == evidence.Suspended:
		d.state.common().Status = types.StringValue(string(offboard.Suspended))
	case err == nil: // nothing was there, which is no closing
	default:
		d.resp.Diagnostics.Append(notClosed(d.kind, user, err, d.shown))
		d.remembered.Progress = d.remembered.Progress.and(err)
	}
	d.remember(ctx)
	d.resp.Diagnostics.Append(d.resp.State.Set(ctx, d.state)...)
}

// lookAgain brings the state up to date after a failed closing, if the vendor can be asked, and returns what it shows: the effect of
// a call can come later than the time for proving it. An absence counts as offboard.Settle counts it. A canceled run still looks once.
func (d *destruction) lookAgain(ctx context.Context, call offboard.Call) offboard.Observation {
	ctx, cancel := context.WithTimeout(rest.WithoutBreaker(context.WithoutCancel(ctx)), lastLook)
	defer cancel()
	offboard.ResetProof(ctx) // what was asked before is no part of the proof
	live, err := d.state.read(ctx, d.clients)
	sight, err := offboard.ObservationOf(err)
	switch {
	case err != nil:
		return offboard.Open
	case sight == offboard.Open:
		d.state.common().setFrom(d.kind, live)
	case sight == offboard.Absent && call != offboard.NotSent:
		w := d.state.witness(d.clients, d.remembered.Key)
		if sight, err = w.Confirm(ctx); err != nil {
			return offboard.Open
		}
	case sight == offboard.Absent:
		return offboard.Open
	}
	return sight
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
