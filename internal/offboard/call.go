package offboard

import "errors"

// Call says how far the closing call of an account has come, in this run or an earlier one.
type Call string

// How far a call can have come.
const (
	NotSent  Call = ""
	Lost     Call = "lost"     // it left, and its answer did not come
	Accepted Call = "accepted" // the vendor answered with its own success marks
	Listed   Call = "listed"   // it was accepted, and then a row of a list had the account's ID
)

// WasAccepted reports whether the vendor accepted the call, whatever a list showed after that.
func (c Call) WasAccepted() bool { return c == Accepted || c == Listed }

// CallOf returns how far the closing call had come in the run that ended in err, as far as it can
// explain an absence. A step before the closing call counts as NotSent, however it ended. So does a
// lost call after a step that may have made the account absent, unless the account was seen open
// after it.
func CallOf(err error) Call {
	var step *StepError
	var unproven *UnprovenError
	switch {
	case errors.As(err, &step) && step.Before:
		return NotSent
	case errors.Is(err, ErrStillOpen), errors.Is(err, ErrUnverified), errors.As(err, &unproven) && unproven.Sent == nil:
		return Accepted
	case step != nil && step.Hidden && unproven != nil && !unproven.Open:
		return NotSent
	case unproven != nil && Ambiguous(unproven.Sent), unproven == nil && Ambiguous(err):
		return Lost
	}
	return NotSent
}

// ExplainingCall returns how far the closing call had come in the run that ended in err, as far as it
// can explain an absence that is read after that. It is CallOf, but NotSent for a lost call after a
// step that may make the account absent: that step explains it, too. It is Listed if ListedAfter.
func ExplainingCall(err error) Call {
	call := CallOf(err)
	if step, ok := errors.AsType[*StepError](err); ok && step.Hidden && call == Lost {
		return NotSent
	}
	if ListedAfter(err) {
		return Listed
	}
	return call
}

// ListedAfter reports whether the call was accepted in the run that ended in err, and a row of a list had
// the account's ID after it.
func ListedAfter(err error) bool { return CallOf(err) == Accepted && errors.Is(err, ErrInList) }

// Hide returns the error of a run that ended in err, if the account is not shown any more after that.
// If its call is lost and explains no absence, the closure is unproven. Any other error stays as it
// is.
func Hide(err error) error {
	step, ok := errors.AsType[*StepError](err)
	if !ok || CallOf(err) == ExplainingCall(err) {
		return err
	}
	hidden := *step
	hidden.Err = &UnprovenError{Sent: step.Err, Read: ErrHidden}
	return &hidden
}

// DeclinedError is an answer to a closing call that is not an acceptance. The vendor may also give
// it if the account is closed, or not visible to the key. Examples are "no such account", and a
// success without the vendor's own success mark. Only a read can settle it.
type DeclinedError struct {
	Err       error
	NoAccount bool // it says in the vendor's own form that there is no such account
}

func (e *DeclinedError) Error() string { return e.Err.Error() }

// Unwrap returns the answer.
func (e *DeclinedError) Unwrap() error { return e.Err }

// Ambiguous returns false: the answer came, and it is not an acceptance.
func (e *DeclinedError) Ambiguous() bool { return false }

// Ambiguous reports whether the call that ended in err may have taken effect. Errors say so with a
// method Ambiguous() bool. Any other error means that the vendor did not do it.
func Ambiguous(err error) bool {
	var a interface{ Ambiguous() bool }
	return errors.As(err, &a) && a.Ambiguous()
}

// Transient reports whether the same request may succeed a little later. Errors say so with a
// method Transient() bool.
func Transient(err error) bool {
	var t interface{ Transient() bool }
	return errors.As(err, &t) && t.Transient()
}

// Unclear reports whether an answer came that says neither how the account is nor that the vendor
// fails: a success whose body is a fault or a page from elsewhere. Errors say so with a method
// Unclear() bool.
func Unclear(err error) bool {
	var u interface{ Unclear() bool }
	return errors.As(err, &u) && u.Unclear()
}

// Delayed reports whether a call was not made because a wait comes first: the vendor did not take
// it, or it would have left too long after the last read of the account. Errors say so with a
// method Delayed() bool.
func Delayed(err error) bool {
	var d interface{ Delayed() bool }
	return errors.As(err, &d) && d.Delayed()
}
