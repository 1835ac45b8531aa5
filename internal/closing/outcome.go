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
	var refused *offboard.RefusedError
	var unproven *offboard.UnprovenError
	var step *offboard.StepError
	sent := evidence.Sent(offboard.CallOf(a.Err))
	again := RefusedAgain(a.Err)
	switch err := a.Err; {
	case again != nil:
		return evidence.Outcome{Result: evidence.RefusedByGuard, Guard: again.Guard}
	case errors.As(err, &refused):
		return evidence.Outcome{Result: evidence.Refused, Error: err.Error()}
	case errors.Is(err, offboard.ErrNotVisible):
		return evidence.Outcome{Result: evidence.NotVisible, Error: err.Error(), Sent: sent}
	case errors.As(err, &step) && step.Before && !a.Reversible: // no closing call was made, whatever became of the step
		return evidence.Outcome{Result: evidence.Failed, Error: err.Error()}
	case errors.As(err, &unproven) && unproven.Open && sent != evidence.Accepted: // which may still take effect
		return evidence.Outcome{Result: evidence.Failed, Error: err.Error(), Sent: sent}
	case errors.As(err, &unproven), errors.Is(err, offboard.ErrStillOpen), errors.Is(err, offboard.ErrUnverified):
		return evidence.Outcome{Result: evidence.Unproven, Error: err.Error(), Sent: sent}
	case err != nil:
		return evidence.Outcome{Result: evidence.Failed, Error: err.Error(), Sent: sent}
	case a.Reversible:
		return evidence.Outcome{Result: evidence.Suspended, Proof: a.Proof}
	case slices.ContainsFunc(a.Findings, func(f offboard.Finding) bool { return f.Kind == offboard.NothingThere }):
		return evidence.Outcome{Result: evidence.NotVisible}
	case a.Call == offboard.NotSent: // closed elsewhere, or by an earlier run
		return evidence.Outcome{Result: evidence.AlreadyClosed, Proof: a.Proof}
	}
	return evidence.Outcome{Result: evidence.Closed, Proof: a.Proof}
}
