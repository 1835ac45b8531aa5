package closing_test

import (
	"errors"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

type lostError struct{ error }

func (lostError) Ambiguous() bool { return true }

func TestAttempt_outcome(t *testing.T) {
	t.Parallel()
	no, lost := errors.New("HTTP 400"), lostError{errors.New("connection reset")}
	nothing := []offboard.Finding{{Kind: offboard.NothingThere}}
	for name, c := range map[string]struct {
		attempt closing.Attempt
		result  evidence.Result
		sent    evidence.Sent
		proof   bool
	}{
		"proven":           {closing.Attempt{Call: offboard.Accepted}, evidence.Closed, "", true},
		"closed elsewhere": {closing.Attempt{Call: offboard.NotSent}, evidence.AlreadyClosed, "", true},
		"suspended":        {closing.Attempt{Call: offboard.NotSent, Reversible: true}, evidence.Suspended, "", true},
		"nothing there": {
			closing.Attempt{Call: offboard.Accepted, Findings: nothing}, evidence.NotVisible, "", false,
		},
		"refused by the preflight": {closing.Attempt{Err: &offboard.RefusedError{}}, evidence.Refused, "", false},
		"refused by the vendor":    {closing.Attempt{Err: offboard.WrapStep("delete", no)}, evidence.Failed, "", false},
		"lost": {
			closing.Attempt{Err: offboard.WrapStep("delete", lost)}, evidence.Failed, evidence.Lost, false,
		},
		"lost, and nobody to ask": {closing.Attempt{
			Err: offboard.WrapStep("delete", &offboard.UnprovenError{Sent: lost, Read: no}),
		},
			evidence.Unproven, evidence.Lost, false},
		"lost, and open at the last read": {closing.Attempt{
			Err: offboard.WrapStep("delete", &offboard.UnprovenError{Sent: lost, Read: no, Open: true}),
		},
			evidence.Failed, evidence.Lost, false},
		"accepted, and open at the last read": {closing.Attempt{
			Err: offboard.WrapStep("delete", &offboard.UnprovenError{Read: no, Open: true}),
		},
			evidence.Unproven, evidence.Accepted, false},
		"accepted, still open": {
			closing.Attempt{Err: offboard.WrapStep("delete", offboard.ErrStillOpen)}, evidence.Unproven, evidence.Accepted,
			false,
		},
		"accepted, unvouched": {
			closing.Attempt{Err: offboard.WrapStep("delete", offboard.ErrUnverified)}, evidence.Unproven, evidence.Accepted,
			false,
		},
		"not visible": {
			closing.Attempt{Err: offboard.WrapStep("delete", offboard.ErrNotVisible)}, evidence.NotVisible, "", false,
		},
		"a step before the call is lost": {closing.Attempt{
			Err: offboard.WrapStepBefore("block", &offboard.UnprovenError{Sent: lost, Read: no}),
		},
			evidence.Failed, "", false},
		"the block itself is lost": {closing.Attempt{
			Reversible: true, Err: offboard.WrapStepBefore("block", &offboard.UnprovenError{Sent: lost, Read: no}),
		},
			evidence.Unproven, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.attempt.Proof = "said so"
			got := c.attempt.Outcome()
			if got.Result != c.result || got.Sent != c.sent || (got.Proof != "") != c.proof ||
				(got.Error != "") != (c.attempt.Err != nil) {
				t.Errorf("got %+v, want %q, %q, a proof %t and the error", got, c.result, c.sent, c.proof)
			}
		})
	}
}

// A further look before a call that finds a reason against the closing is a refusal by a guard, as
// the first one is, unless a call has left.
func TestAttempt_refusedAgain(t *testing.T) {
	t.Parallel()
	refused := &closing.RefusalError{Refusal: &closing.Refusal{Guard: "never_close"}}
	held := &offboard.UnprovenError{Sent: &offboard.DeclinedError{Err: errors.New("HTTP 429")}, Read: refused}
	lost := &offboard.UnprovenError{Sent: lostError{errors.New("connection reset")}, Read: refused}
	for name, c := range map[string]struct {
		attempt closing.Attempt
		want    evidence.Outcome
	}{
		"before the call": {
			closing.Attempt{Err: offboard.WrapStep("delete", held)},
			evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"},
		},
		"before the block": {
			closing.Attempt{Err: offboard.WrapStepBefore("block", held)},
			evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"},
		},
		"before the call, after the block": {
			closing.Attempt{Err: offboard.WrapStep("delete", held, "block")},
			evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"},
		},
		"after a lost call": {
			closing.Attempt{Err: offboard.WrapStep("delete", lost)},
			evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Lost},
		},
		"after an accepted block": {
			closing.Attempt{Err: offboard.WrapStepBefore("block", &offboard.UnprovenError{Read: refused})},
			evidence.Outcome{Result: evidence.Failed},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.attempt.Outcome(); got.Result != c.want.Result || got.Guard != c.want.Guard || got.Sent != c.want.Sent {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
