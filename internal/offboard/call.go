package offboard

import "errors"

// Call says how far the closing call of an account has come, in this run or an earlier one.
type Call string

// How far a call can have come.
const (
	NotSent  Call = ""
	Lost     Call = "lost"     // it left, and its answer did not come
	Accepted Call = "accepted" // the vendor answered with its own success marks
)

// CallOf is how far the closing call had come in the run that ended in err. A step before it counts for nothing, however it ended.
func CallOf(err error) Call {
	var step *StepError
	var unproven *UnprovenError
	switch {
	case errors.As(err, &step) && step.Before:
		return NotSent
	case errors.Is(err, ErrStillOpen), errors.Is(err, ErrUnvouched), errors.As(err, &unproven) && unproven.Sent == nil:
		return Accepted
	case unproven != nil && Ambiguous(unproven.Sent), unproven == nil && Ambiguous(err):
		return Lost
	}
	return NotSent
}
