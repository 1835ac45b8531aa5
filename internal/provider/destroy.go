package provider

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// destruction is one Delete under way, or an Update that suspends the account.
type destruction struct {
	*userResource
	diags       *diag.Diagnostics
	out         *tfsdk.State // what is kept if the account is not closed
	private     privateStore
	state       userState
	suspends    bool          // the account is only to be suspended, and the user stays managed
	before      offboard.User // as the state has it
	last        offboard.User // as the first read of this run showed it
	remembered  closing.Record
	reviewed    bool           // a plan showed the closure
	shown       closing.Review // what its reviewer was shown
	seen        evidence.Seen  // from which state and plan the closure comes
	guards      closing.EffectiveGuards
	recorded    *closing.Recording
	logged      evidence.Earlier // what the log tells of earlier closures of the account
	ownClosure  bool             // the last of them is one of this run, at another address
	readAt      time.Time        // when the account was read; zero if it was not
	began       time.Time        // right before the intent was recorded
	done        bool             // the account is as it was to be, and the log says so
	absent      bool             // the first read of this run did not show the account
	listed      bool             // a list showed it open all the same, or a second read
	openAfter   bool             // the last read after the call showed the account open
	listedAfter error            // of a row with the ID, after a read that did not show the account
	goneAfter   bool             // it did not show the account
}

// Delete implements resource.Resource. It closes the account that the reviewer saw, and returns
// without an error only when the vendor itself shows that the account is closed, or when there is
// nothing to close and the plan said so. Nothing is taken from the plan unseen: at the apply of a
// saved plan neither Read nor ModifyPlan runs before it.
func (r *userResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	remembered, there := readRecord(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	d := &destruction{
		userResource: r, diags: &resp.Diagnostics, out: &resp.State, private: resp.Private,
		state: state, before: state.common().user(), remembered: remembered,
	}
	d.applyReview()
	if there { // the destroy of a tainted user gets none, and must not forget what there is
		d.remember(ctx)
	}
	ctx, cancel := withTimeout(ctx, state.common().Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.ready(d.before, state.common().Tenant, &resp.Diagnostics) {
		d.recordWrongTenant(ctx)
		return
	}
	d.run(ctx)
}

// applyReview takes the review of the plan. It holds for one apply.
func (d *destruction) applyReview() {
	if d.reviewed = d.remembered.Review != nil; d.reviewed {
		d.shown = *d.remembered.Review
		d.seen = evidence.Seen{Look: d.remembered.Look, Before: d.remembered.LookBefore, Plan: d.shown.At}
		d.applyPlanKnowledge()
	}
	d.remembered.Review = nil
}

// run waits until no other closure of the account runs, and goes on then.
func (d *destruction) run(ctx context.Context) {
	unlock, err := d.clients.locks.Lock(ctx, d.key(d.before))
	if err != nil {
		d.diags.Append(d.cannotClose(d.before, err))
		return
	}
	defer unlock()
	d.begin(offboard.WithoutCache(tellWaits(ctx, d.kind, d.before)))
}

// reversible reports whether the account is only to be suspended.
func (d *destruction) reversible() bool { return d.suspends || d.state.reversible() }

// keepState keeps the user in the state, as last read.
func (d *destruction) keepState(ctx context.Context) { d.diags.Append(d.out.Set(ctx, d.state)...) }

// begin goes on, unless a guard speaks against any closure.
func (d *destruction) begin(ctx context.Context) {
	var unread error
	if d.reviewed {
		unread = d.readLog(ctx)
	}
	d.guards = d.clients.guards.For(d.remembered.Guards)
	ctx, d.recorded = d.clients.evidence.Watch(ctx)
	another := d.shown.UnderAnother(d.definition())
	switch {
	case !d.reviewed:
		d.refuse(ctx, d.before, closing.Unreviewed())
		return
	case another != nil:
		d.refuse(ctx, d.before, another)
		return
	case d.before.Status == offboard.Closed:
		if refusal := d.guards.Lost(); refusal != nil {
			d.refuse(ctx, d.before, refusal)
			return
		}
	default:
		if refusal := d.guards.RefusesAll(); refusal != nil {
			d.refuse(ctx, d.before, refusal)
			return
		}
	}
	if unread != nil {
		d.diags.Append(cannotRecord(d.kind, d.before, unread))
		return
	}
	d.readAndClose(ctx)
}

// remember writes the record to the state, whatever becomes of the closure.
func (d *destruction) remember(ctx context.Context) {
	d.diags.Append(writeRecord(ctx, d.remembered, d.private)...)
}

// readAndClose reads the account as it is now and goes on from there. The read gives way to closures
// that have begun: after any time as many accounts as possible are closed, and an interrupt leaves
// few half closed.
func (d *destruction) readAndClose(ctx context.Context) {
	live, seen, err := d.observe(rest.WithBeginning(ctx, &d.readAt), d.state, &d.remembered, d.earlierCall())
	switch {
	case err != nil && seen != offboard.Absent:
		d.diags.Append(d.cannotClose(d.before, err))
	case d.suspends && seen != offboard.Open:
		d.cannotSuspend(ctx, seen, err)
	case seen == offboard.Absent:
		d.absent = true
		d.handleAbsent(ctx, err)
	case seen == offboard.Done:
		d.clients.locks.NoteLeft(d.key(d.before), offboard.Closed)
		d.nothingToClose(ctx, evidence.Outcome{Result: evidence.AlreadyClosed, Proof: d.proof(offboard.Done)})
	default:
		d.closeOpen(ctx, live)
	}
}

// closeOpen closes an account that is there, if nothing speaks against it.
func (d *destruction) closeOpen(ctx context.Context, live account) {
	u := d.noteOpen(ctx, live)
	d.invalidateCalls(u, &d.remembered, &d.logged) // the account is open after earlier calls
	d.remember(ctx)
	refusal, budget := d.firstRefusal(ctx, live), d.guards.ClosureBudget
	switch {
	case d.suspends && u.Status == offboard.Suspended:
		budget = nil // nothing will be sent
	case refusal == nil:
		refusal = d.clients.guards.Closing.Refuses(d.namedKey(u), describe(d.kind, u), d.guards.Limit)
	}
	if refusal != nil {
		d.keepState(ctx)
		d.refuse(ctx, u, refusal)
		return
	}
	sent := d.earlierCall()
	d.began = time.Now()
	err := d.recorded.Begin(ctx, d.intent(ctx), evidence.Conditions{
		Budget: budget, Used: &d.logged.Used,
	})
	if refusal := closing.UsedMeanwhile(err); refusal != nil {
		d.keepState(ctx)
		d.diags.Append(refusalMessage(d.kind, u, d.guards, refusal))
		d.remembered.InvalidateCall(time.Now()) // the account may be open after the call of the other run
		d.remember(ctx)
		intent := d.intent(ctx)
		intent.Status = "" // the reading may be older than what the other run has proven
		d.recordRefusal(ctx, intent, refusal.Guard)
		return
	}
	if refusal := closing.BudgetSpent(err); refusal != nil {
		d.keepState(ctx)
		d.refuse(ctx, u, refusal)
		return
	}
	if err != nil {
		d.diags.Append(cannotRecord(d.kind, d.state.common().user(), err))
		d.forgetIntent()
		d.remember(ctx)
		d.keepState(ctx)
		return
	}
	d.close(ctx, live, sent)
}

// noteOpen notes the answer that shows the account open, and returns the user in it. It proves nothing,
// unless the account is only to be suspended, and is already. Then no call follows.
func (d *destruction) noteOpen(ctx context.Context, live account) offboard.User {
	if d.reversible() && live.user().Status == offboard.Suspended {
		d.recorded.ProveByLast()
	} else {
		offboard.ResetProof(ctx)
	}
	d.kind.fill(d.state, live)
	d.last = named(d.state, live.user())
	return d.last
}

// refuse says that a guard refused, and records it. If another run has used the log since this one
// read it, the reading may be older than what that run has proven. So the record holds no status.
func (d *destruction) refuse(ctx context.Context, u offboard.User, refusal *closing.Refusal) {
	d.diags.Append(refusalMessage(d.kind, u, d.guards, refusal))
	intent := d.intent(ctx)
	if now, err := d.clients.evidence.Earlier(ctx, intent.Account); err == nil && now.Used.Record != d.logged.Used.Record {
		intent.Status = ""
	}
	d.recordRefusal(ctx, intent, refusal.Guard)
}

// recordRefusal records that a guard refused a closure.
func (d *destruction) recordRefusal(ctx context.Context, intent evidence.Intent, guard string) {
	if err := d.recorded.Refused(ctx, intent, guard); err != nil {
		d.diags.Append(notRecorded(d.kind, d.before, evidence.RefusedByGuard, err))
	}
}

// recordWrongTenant records that the vendor is configured at another address than the one from which
// the user was imported, if that is why it cannot be asked. The record is about the account there.
func (d *destruction) recordWrongTenant(ctx context.Context) {
	tenant := d.state.common().Tenant.ValueString()
	if d.clients.problems[d.kind.name] != nil || sameTenant(tenant, d.tenant()) {
		return
	}
	_, d.recorded = d.clients.evidence.Watch(ctx)
	intent := d.intent(ctx)
	intent.Tenant = tenant
	d.recordRefusal(ctx, intent, "tenant")
}

// close makes the closing call and records what came of it; sent is how far the call came in an
// earlier run.
func (d *destruction) close(ctx context.Context, live account, sent offboard.Call) {
	user, intent := d.state.common().user(), d.intent(ctx)
	attempt := d.attempt(ctx, live, sent)
	o := d.outcome(&attempt, &intent)
	problem := d.recorded.End(ctx, o)
	d.noteEnd(&o, &intent, problem == nil)
	if problem != nil {
		d.diags.Append(notRecorded(d.kind, user, o.Result, problem))
		d.keep(ctx, user, attempt, o.Result, false)
		return
	}
	switch kept := d.keptByGuard(&attempt); {
	case kept != nil:
		d.keepUnproven(ctx, user, attempt, kept)
	case attempt.Err == nil && d.suspends && !attempt.Reversible:
		d.closedInstead(ctx)
	case attempt.Err == nil:
		d.done = o.Result.Done() // not if nothing was there
		d.diags.Append(nothingWasThere(d.kind, user, attempt.Findings)...)
	case errors.Is(attempt.Err, offboard.ErrUnverified) && !d.suspends:
		d.diags.Append(closureUnproven(d.kind, user))
	default:
		d.keep(ctx, user, attempt, o.Result, true)
	}
}

// tellWaits has a proof that takes long write to the log whose closure it waits for.
func tellWaits(ctx context.Context, k userKind, u offboard.User) context.Context {
	id := u.ID
	if strings.Contains(id, "@") {
		id = "***"
	}
	return offboard.WithLog(ctx, func(ctx context.Context, message string, fields ...map[string]any) {
		tflog.Info(ctx, message, append(fields, map[string]any{"vendor": k.name, "id": id})...)
	})
}
