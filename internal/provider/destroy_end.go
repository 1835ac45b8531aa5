package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// longestLastLook is how long a failed closure may take to find out how the account is left.
const longestLastLook = 15 * time.Second

// noteEnd tells further closures of the account in this run how this one ended. One whose outcome is
// not recorded is Open: the log has its intent alone.
func (d *destruction) noteEnd(o *evidence.Outcome, intent *evidence.Intent, recorded bool) {
	key, named := d.key(d.before), d.namedKey(d.before)
	told, tells := o.Earlier(intent, d.began)
	if !tells && recorded {
		told = d.clients.locks.Earlier(named)
	}
	told.Open = told.Open || !recorded
	told.Used.Record = d.recorded.Last()
	told.Record = told.Used.Record
	d.clients.locks.Ended(named, told)
	switch {
	case o.Result == evidence.Suspended:
		d.clients.locks.NoteLeft(key, offboard.Suspended)
	case o.Result.Done() || o.Result == evidence.NotVisible || d.goneAfter:
		d.clients.locks.NoteLeft(key, offboard.Closed)
	}
}

// outcome returns what the evidence log says of an attempt.
func (d *destruction) outcome(attempt *closing.Attempt, intent *evidence.Intent) evidence.Outcome {
	o := attempt.Outcome()
	if intent.Status != "" || !d.opened(attempt.Err) {
		return o
	}
	switch { // nothing was shown before the intent, so that the outcome must tell what was shown after it
	case o.Result == evidence.Refused || o.Result == evidence.RefusedByGuard:
		o.Open = true
	case o.Result == evidence.Failed && o.Sent == "":
		o.Result = evidence.Unproven // which tells that the account was shown after the call alone
	}
	return o
}

// opened reports whether a read after the first one showed the account open: one before the call that
// ended in the error, or the last look.
func (d *destruction) opened(err error) bool {
	again := closing.RefusedAgain(err)
	return d.openAfter || again != nil && d.kind.ShowsOpen(again.Live)
}

// forgetIntent notes that no call of this closure left, although the log may hold its intent without
// an outcome: it explains no later absence.
func (d *destruction) forgetIntent() {
	if d.earlierCall() == offboard.NotSent {
		d.remembered.InvalidateCall(time.Now())
	}
}

// attempt makes the closing. After one that failed it reads the account again.
func (d *destruction) attempt(ctx context.Context, live account, sent offboard.Call) closing.Attempt {
	proof, findings, err := live.close(offboard.WithReadTime(ctx, d.readAt), d.state, closeRequest{
		key: d.remembered.Key, sent: sent, reversible: d.reversible(), reviewed: d.shown.Findings, check: d.checkAgain,
		shown: live.user().Person().Known() || d.shown.PersonShown, seen: d.shown.User.Status != offboard.Unknown,
	})
	call, reversible := offboard.Accepted, d.reversible()
	if d.recorded.NoCall() {
		call = offboard.NotSent // another look showed that somebody else had closed it
	}
	if err != nil && !errors.Is(err, offboard.ErrUnverified) {
		call = offboard.CallOf(err)
		if closing.RefusedAgain(err) == nil {
			proof, err = d.lastLook(ctx, err)
		}
		if err != nil {
			call = offboard.CallOf(err) // the last look can have shown the account open
		} else {
			reversible = false // the last look proves the end of an account, and no suspension
		}
	}
	a := closing.Attempt{Reversible: reversible, Findings: findings, Call: call, Err: err}
	if a.Proof = d.proof(proof); reversible && proof == offboard.Done {
		a.Proof = d.kind.suspension.shows
	}
	return a
}

// keptByGuard returns the guard that keeps a user in the state who would leave it without a proof: the
// vendor had nothing to close, or accepted the call and shows no other user. It returns nil if none
// does.
func (d *destruction) keptByGuard(attempt *closing.Attempt) *closing.Refusal {
	nothingThere := attempt.Err == nil && attempt.Outcome().Result == evidence.NotVisible
	if d.suspends || !nothingThere && !errors.Is(attempt.Err, offboard.ErrUnverified) {
		return nil
	}
	return d.guards.KeepsInState(d.unseenCandidate(d.state, d.before, &d.remembered))
}

// keepUnproven leaves such a user in the state, and notes that the saved plan is stale.
func (d *destruction) keepUnproven(
	ctx context.Context, user offboard.User, attempt closing.Attempt, guard *closing.Refusal,
) {
	d.diags.Append(keptUnproven(d.kind, user, attempt.Err != nil, guardInWords(d.guards, guard)))
	d.remembered.NoteUnseen()
	d.remembered.Progress = d.remembered.Progress.After(attempt.Err, d.recorded.Last())
	d.remember(ctx)
	d.keepState(ctx)
}

// lastLook reads the account after a closure that failed with err. It returns what proves the
// closure after all: a late answer of the vendor is as good a proof as an early one. Else it returns
// err, which then says if the account was open, or that it is not shown any more.
func (d *destruction) lastLook(ctx context.Context, err error) (offboard.Observation, error) {
	call := offboard.ExplainingCall(err)
	seen := d.readAgain(ctx, call)
	switch {
	case seen == offboard.Absent && call == offboard.NotSent:
		return offboard.Open, offboard.Hide(err)
	case seen != offboard.Open:
		return seen, nil
	}
	if unproven, ok := errors.AsType[*offboard.UnprovenError](err); ok {
		unproven.Open = d.openAfter
	}
	if d.listedAfter != nil && !errors.Is(err, offboard.ErrInList) {
		err = fmt.Errorf("%w (%w)", err, d.listedAfter)
	}
	return offboard.Open, err
}

// keep leaves a user in the state whose closing failed or could not be recorded. What is known is
// kept, and the next run goes on from there.
func (d *destruction) keep(
	ctx context.Context, user offboard.User, attempt closing.Attempt, result evidence.Result, recorded bool,
) {
	switch {
	case result == evidence.Closed, result == evidence.AlreadyClosed: // and not recorded: the state says what is true
		d.state.common().Status = types.StringValue(string(offboard.Closed))
		d.remembered.Progress.Call = attempt.Call // none where somebody else has closed it
		d.remembered.Progress.Record = d.recorded.Last()
	case result == evidence.Suspended:
		d.state.common().Status = types.StringValue(string(offboard.Suspended))
	case attempt.Err == nil: // nothing was there, which is no closure
	default:
		d.noteFailure(user, attempt, result, recorded)
	}
	d.remember(ctx)
	d.keepState(ctx)
}

// noteFailure says why an account is not closed, and notes how far the call came, and what was seen.
func (d *destruction) noteFailure(
	user offboard.User, attempt closing.Attempt, result evidence.Result, recorded bool,
) {
	counts := d.earlierCall() != offboard.NotSent // a call of an earlier run
	d.diags.Append(d.notClosed(user, attempt.Err))
	d.remembered.Progress = d.remembered.Progress.After(attempt.Err, d.recorded.Last())
	if attempt.Call == offboard.NotSent && !recorded {
		d.forgetIntent()
	}
	if d.goneAfter || errors.Is(attempt.Err, offboard.ErrNotVisible) {
		d.remembered.NoteUnseen()
	}
	if counts && attempt.Call == offboard.NotSent && d.opened(attempt.Err) {
		d.remembered.InvalidateCall(time.Now())
	}
	// A failed closure has read the account as open after its last call.
	if attempt.Call == offboard.Lost && (d.openAfter || result == evidence.Failed) {
		d.remembered.InvalidateCall(time.Now()) // an accepted call may still take effect, a lost one had its time
	}
}

// notClosed words a closure that failed. If a further look stopped it before anything was done, it
// is worded as at the first look.
func (d *destruction) notClosed(user offboard.User, err error) diag.Diagnostic {
	var stopped *offboard.StepError
	if again := closing.RefusedAgain(err); again != nil && (!errors.As(err, &stopped) || len(stopped.Done) == 0) {
		return refusalMessage(d.kind, again.Live, d.guards, again.Refusal)
	}
	return notClosed(d.kind, user, err, d.shown)
}

// readAgain brings the state up to date after a failed closure, if the vendor can be asked, and
// returns what it shows: the effect of a call can come later than the time for proving it. An
// absence counts as offboard.Settle counts it, and proves nothing if no call explains it. A canceled run
// still looks once.
func (d *destruction) readAgain(ctx context.Context, call offboard.Call) offboard.Observation {
	ctx, cancel := context.WithTimeout(rest.WithoutBreaker(context.WithoutCancel(ctx)), longestLastLook)
	defer cancel()
	offboard.ResetProof(ctx) // what was asked before is no part of the proof
	live, err := d.vendor().read(ctx, d.before.ID)
	seen, err := observationOf(d.state, &d.remembered, live, err)
	d.goneAfter = err == nil && seen == offboard.Absent
	switch {
	case err != nil:
		return offboard.Open
	case seen == offboard.Open:
		d.kind.fill(d.state, live)
		d.openAfter = d.kind.ShowsOpen(live.user())
	case seen == offboard.Absent && call != offboard.NotSent:
		return d.confirmLate(ctx, call)
	}
	return seen
}

// confirmLate confirms the absence that the last look of a run found, by how far its call came.
func (d *destruction) confirmLate(ctx context.Context, call offboard.Call) offboard.Observation {
	w := d.verifier(ctx, d.state, &d.remembered)
	if call != offboard.Accepted {
		w = w.AfterLost()
	}
	seen, err := w.Confirm(ctx)
	if errors.Is(err, offboard.ErrInList) {
		d.listedAfter = err
	}
	if errors.Is(err, offboard.ErrListed) || err == nil && seen == offboard.Open {
		d.openAfter, d.goneAfter = true, false
	}
	if err != nil {
		return offboard.Open
	}
	return seen
}
