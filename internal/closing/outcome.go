package closing

import (
	"errors"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Attempt is what one attempt to close an account ended in.
type Attempt struct {
	Reversible bool               // the account was only to be suspended
	Proof      string             // what the vendor's last answers say, if Err is nil
	Findings   []offboard.Finding // what the vendor told at the closure
	Call       offboard.Call      // how far the closing call came in this run
	Err        error              // nil if the vendor's own answers prove the closure
}

// Outcome returns what the evidence log says of an attempt.
func (a *Attempt) Outcome() evidence.Outcome {
	switch {
	case a.Err != nil:
		return a.failure()
	case a.Reversible:
		return evidence.Outcome{Result: evidence.Suspended, Proof: a.Proof}
	case slices.ContainsFunc(a.Findings, func(f offboard.Finding) bool { return f.Kind == offboard.NothingThere }):
		return evidence.Outcome{Result: evidence.NotVisible}
	case a.Call == offboard.NotSent: // closed elsewhere, or by an earlier run
		return evidence.Outcome{Result: evidence.AlreadyClosed, Proof: a.Proof}
	}
	return evidence.Outcome{Result: evidence.Closed, Proof: a.Proof}
}

// failure is Outcome for an attempt that ended in an error.
func (a *Attempt) failure() evidence.Outcome {
	var refused *offboard.RefusedError
	var step *offboard.StepError
	sent := evidence.Sent(offboard.CallOf(a.Err))
	listed := offboard.ListedAfter(a.Err)
	again := RefusedAgain(a.Err)
	switch err := a.Err; {
	case again != nil:
		return evidence.Outcome{Result: evidence.RefusedByGuard, Guard: again.Guard}
	case errors.As(err, &refused):
		return evidence.Outcome{Result: evidence.Refused, Error: err.Error()}
	case errors.Is(err, offboard.ErrNotVisible):
		return evidence.Outcome{Result: evidence.NotVisible, Error: err.Error(), Sent: sent, Listed: listed}
	case errors.As(err, &step) && step.Before && !a.Reversible: // no closing call was made, whatever became of the step
		return evidence.Outcome{Result: evidence.Failed, Error: err.Error()}
	case leavesUnproven(err):
		return evidence.Outcome{Result: evidence.Unproven, Error: err.Error(), Sent: sent, Listed: listed}
	}
	return evidence.Outcome{Result: evidence.Failed, Error: a.Err.Error(), Sent: sent, Listed: listed}
}

// leavesUnproven reports whether the account may be closed after an attempt that ended in err. An
// accepted call can still take effect after a read that shows the account open, and no other can.
func leavesUnproven(err error) bool {
	if unproven, ok := errors.AsType[*offboard.UnprovenError](err); ok {
		return !unproven.Open || unproven.Sent == nil
	}
	return errors.Is(err, offboard.ErrStillOpen) || errors.Is(err, offboard.ErrUnverified)
}
