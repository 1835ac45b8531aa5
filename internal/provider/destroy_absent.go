package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// handleAbsent handles an account that is not visible, twice: doubt is why the absence says
// nothing, nil for one that an access check confirms.
func (d *destruction) handleAbsent(ctx context.Context, doubt error) {
	d.clients.locks.NoteLeft(d.key(d.before), offboard.Closed)
	d.noteShown(ctx, doubt)
	call := d.earlierCall()
	c := d.unseenCandidate(d.state, d.before, &d.remembered)
	protected := d.guards.Forbids(c)
	switch {
	case protected != nil && call != offboard.NotSent:
		d.keepUnseen(ctx, protected)
	case doubt == nil && call != offboard.NotSent:
		d.explained(ctx, evidence.Outcome{Result: evidence.AlreadyClosed, Proof: d.proof(offboard.Absent)})
	case errors.Is(doubt, offboard.ErrEmptyList) && call.WasAccepted():
		d.handleEmptyList(ctx)
	case doubt == nil && d.shown.User.Status == offboard.Closed:
		if refusal := d.guards.KeepsInState(c); refusal != nil {
			d.keepUnseen(ctx, refusal)
			return
		}
		d.diags.Append(notVisibleLeft(d.kind, d.before))
		d.nothingToClose(ctx, evidence.Outcome{Result: evidence.NotVisible})
	case doubt == nil:
		d.stayUnseen(ctx, vanished(d.kind, d.before))
	default:
		d.stayUnseen(ctx, notVisible(d.kind, d.before, doubt))
	}
}

// noteShown notes what a row of a list with the account's ID means, if the error of its absence is of one.
func (d *destruction) noteShown(ctx context.Context, doubt error) {
	d.listed = errors.Is(doubt, offboard.ErrListed)
	if errors.Is(doubt, offboard.ErrInList) {
		d.noteListed(doubt, d.before, &d.remembered, &d.logged)
		d.remember(ctx)
	}
}

// keepUnseen says that a guard keeps an account in the state that is not visible, and records it.
func (d *destruction) keepUnseen(ctx context.Context, refusal *closing.Refusal) {
	d.diags.Append(notVisibleProtected(d.kind, d.before, guardInWords(d.guards, refusal)))
	d.noteUnseen(ctx)
	d.recordRefusal(ctx, d.intent(ctx), refusal.Guard)
}

// stayUnseen says why an account stays in the state that is not visible. If the plan or a list showed
// it, the log has a record of that, which uses the plan up.
func (d *destruction) stayUnseen(ctx context.Context, why diag.Diagnostic) {
	d.diags.Append(why)
	if !d.noteUnseen(ctx) && !d.listed {
		return
	}
	if err := d.recorded.Unseen(ctx, d.intent(ctx)); err != nil {
		d.diags.Append(notRecorded(d.kind, d.before, evidence.NotVisible, err))
	}
}

// noteUnseen notes in the state that an account is not visible that the plan showed, and reports
// whether it did. The account can come back, and no reviewer has seen how. Now the saved plan is
// stale, so that Terraform does not apply it again.
func (d *destruction) noteUnseen(ctx context.Context) bool {
	if d.shown.User.Status == offboard.Closed {
		return false // such a plan closes no account that is open
	}
	d.remembered.NoteUnseen()
	d.remember(ctx)
	return true
}

// applyPlanKnowledge notes that the plan showed the account open: a call from before explains no
// absence, even if this apply ends before it asks anything. A call since the plan is one of an apply
// of the same plan, and may explain it. Without any call nothing is noted, so that a saved plan that
// a guard refuses is not stale after that. A log that the plan did not read may tell of a call.
func (d *destruction) applyPlanKnowledge() {
	last := d.shown.LastCall
	called := d.remembered.Progress.Call != offboard.NotSent || last == nil || !last.IsZero() || d.shown.NoLog
	if (called || d.remembered.AnotherLog(&d.shown)) && d.kind.ShowsOpen(d.shown.User) {
		d.remembered.NoteReview(&d.shown)
	}
}

// readLog reads what the evidence log tells of earlier closures of the account. If there is no log,
// this run knows of its own ones. If the plan could not read the log and showed the account open,
// nothing in it explains an absence. After an error nothing shows whether a closure has used the
// plan already.
func (d *destruction) readLog(ctx context.Context) error {
	own := d.clients.locks.Earlier(d.namedKey(d.before))
	d.logged = own
	if d.clients.evidence != nil {
		logged, err := d.clients.evidence.Earlier(ctx, d.account(ctx, d.before.ID, &d.remembered))
		if err != nil {
			return err
		}
		d.logged = logged
		if d.shown.LastCall == nil {
			d.invalidateCalls(d.shown.User, &d.remembered, &d.logged)
			d.remember(ctx)
		}
	}
	d.ownClosure = own != (evidence.Earlier{}) && own.Used.Record == d.logged.Used.Record
	if d.ownClosure && own.Open { // this run knows its outcome, which the log does not have
		own.Open, own.Log, own.Used, own.Record = false, d.logged.Log, d.logged.Used, d.logged.Record
		d.logged = own
	}
	return nil
}

// earlierCall is how far the closing call came in an earlier run, as far as it can explain an
// absence. The log of this run may tell of calls from before the plan that its log did not have.
func (d *destruction) earlierCall() offboard.Call { return d.callIn(&d.logged) }

// callIn is earlierCall by what the log tells at one time.
func (d *destruction) callIn(logged *evidence.Earlier) offboard.Call {
	known := d.remembered
	if d.reviewed && d.kind.ShowsOpen(d.shown.User) && known.Progress.Call == offboard.NotSent {
		known.NoteReview(&d.shown)
	}
	if d.ownClosure {
		known.Log = d.logged.Log // it is of this run
	}
	return known.EarlierCall(logged)
}

// proof is what proves a closing, for the evidence log. If only a run that was killed explains it,
// nothing shows that a call left.
func (d *destruction) proof(seen offboard.Observation) string {
	killed := d.logged.Open && d.remembered.Progress.Call == offboard.NotSent && d.earlierCall() != offboard.NotSent
	return proofText(d.kind.proofs[seen], killed)
}

// nothingToClose records that there is nothing to close, and lets the user leave the state.
func (d *destruction) nothingToClose(ctx context.Context, o evidence.Outcome) {
	err := d.recorded.BeginAndEnd(ctx, d.intent(ctx), o)
	d.left(ctx, o, err)
}

// explained is nothingToClose for an absence that an earlier call explains. The account was read for
// some time, so that a job may have seen it open meanwhile. The log tells that where this is written. It
// reports whether the call still explains the absence.
func (d *destruction) explained(ctx context.Context, o evidence.Outcome) bool {
	err := d.recorded.BeginAndEndIf(ctx, d.intent(ctx), o, evidence.Conditions{
		Still: func(now *evidence.Earlier) bool { return d.callIn(now) != offboard.NotSent },
	})
	if told, ok := errors.AsType[*evidence.ToldError](err); ok {
		d.stayUnseen(ctx, notVisible(d.kind, d.before, told))
		return false
	}
	d.left(ctx, o, err)
	return true
}

// left keeps the user in the state if the end could not be recorded.
func (d *destruction) left(ctx context.Context, o evidence.Outcome, err error) {
	if err == nil {
		return
	}
	d.diags.Append(notRecorded(d.kind, d.before, o.Result, err))
	if o.Result == evidence.AlreadyClosed { // what proves no closure leaves the state as it was
		d.state.common().Status = types.StringValue(string(offboard.Closed))
		d.keepState(ctx)
	}
}

// handleEmptyList handles the absence of a user whose closing call was accepted, in an empty list.
// It counts if the list is still empty two seconds later.
func (d *destruction) handleEmptyList(ctx context.Context) {
	w := d.verifierFor(ctx, d.state, &d.remembered, d.earlierCall())
	switch seen, err := w.Confirm(ctx); {
	case seen == offboard.Absent && errors.Is(err, offboard.ErrEmptyList):
		d.leaveUnproven(ctx)
	case seen == offboard.Absent && err == nil:
		d.explained(ctx, evidence.Outcome{Result: evidence.AlreadyClosed, Proof: d.proof(seen)})
	case seen == offboard.Done && err == nil:
		d.nothingToClose(ctx, evidence.Outcome{Result: evidence.AlreadyClosed, Proof: d.proof(seen)})
	case err == nil: // the second read shows it, which counts as a row does
		d.noteShown(ctx, offboard.ErrListed)
		d.stayUnseen(ctx, notVisible(d.kind, d.before, offboard.ErrListed))
	default:
		d.noteShown(ctx, err)
		d.stayUnseen(ctx, notVisible(d.kind, d.before, err))
	}
}

// leaveUnproven lets a user leave the state whose closing call was accepted and can never be
// proven, unless a guard keeps such a user there.
func (d *destruction) leaveUnproven(ctx context.Context) {
	if refusal := d.guards.KeepsInState(d.unseenCandidate(d.state, d.before, &d.remembered)); refusal != nil {
		d.keepUnseen(ctx, refusal)
		return
	}
	o := evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted, Error: offboard.ErrUnverified.Error()}
	if d.explained(ctx, o) {
		d.diags.Append(closureUnproven(d.kind, d.before))
	}
}
