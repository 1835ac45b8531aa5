package skillable

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// StepClose is the last step of a closure, as StepError names it. The steps before it are named
// "cancel lab" with the ID of the lab.
const StepClose = "close"

// CloseOptions says how a user is closed.
type CloseOptions struct {
	CancelRunning bool               // whether running labs are canceled first
	Reviewed      []offboard.Finding // what the reviewer of the plan was shown: no other lab is canceled
	Person        offboard.Person    // the person last seen under the ID, if the user shows none now
	Shown         bool               // whether this key has shown the person in this run or in its plan
	Seen          bool               // whether it has shown the person or a lab there
	Sent          offboard.Call      // how far the closing call came in an earlier run

	canceled []Lab // the labs that this run has canceled, and that have left the list
}

// Close closes u, which the caller has just read. If how says so, it cancels the running labs of u
// first. It returns nil only if
//   - a close touched rows, or its answer was lost and this key had shown the person;
//   - a later close touched none;
//   - nothing is seen of the person any more.
//
// If even the first close touches no row and nothing is seen, the finding is offboard.NothingThere:
// nothing says whether the account ever existed. The error is an *offboard.RefusedError for labs
// that are an obstacle, else an *offboard.StepError. After an error, read the user again and call
// Close again.
// https://docs.skillable.com/apidocs/close-a-user-account-1
func (c *Client) Close(ctx context.Context, u User, how CloseOptions) ([]offboard.Finding, error) {
	if err := CheckID(u.ID); err != nil {
		return nil, offboard.WrapStepBefore(StepClose, fmt.Errorf("the ID %q is refused: %w", u.ID, err))
	}
	if reasons := obstacles(u, how); len(reasons) > 0 {
		return nil, &offboard.RefusedError{Findings: reasons}
	}
	if err := how.checkLists(u); err != nil {
		return nil, offboard.WrapStepBefore(StepClose, err)
	}
	how.Seen = how.Seen || u.Status != offboard.Unknown
	if u.Person().Known() {
		how.Person = u.Person()
	}
	var done []string
	for _, lab := range u.Running {
		step := "cancel lab " + strconv.FormatInt(lab.ID, 10)
		if _, err := offboard.Settle(
			rest.WithoutBreaker(ctx),
			offboard.Step{Verifier: c.ended(u.ID, lab), Before: c.stillRuns(u.ID, lab, how), Send: c.cancel(lab)},
		); err != nil {
			return nil, offboard.WrapStepBefore(step, err, done...)
		}
		done, how.canceled = append(done, step), append(how.canceled, lab)
	}
	call := ctx
	if len(done) > 0 || offboard.Stale(ctx) { // the tear-down of labs takes minutes
		call = offboard.WithTurn(ctx)
		if err := c.stillClosable(call, u.ID, how); err != nil {
			return nil, offboard.WrapStepBefore(StepClose, err, done...)
		}
	}
	closure := closureRun{client: c, id: u.ID, how: how}
	findings, err := closure.run(rest.WithoutBreaker(ctx), rest.WithoutBreaker(call))
	return findings, offboard.WrapStep(StepClose, err, done...)
}

// stillClosable reads the user again after labs were canceled. No lab may run or be busy any more,
// and the person must be the same.
func (c *Client) stillClosable(ctx context.Context, id string, how CloseOptions) error {
	now, err := c.User(ctx, id)
	if err != nil {
		return err
	}
	how.CancelRunning = false
	return how.checkAgain(ctx, now)
}

// stillRuns looks again before the call that cancels a lab: the person who is shown must still be
// the one who may be closed.
func (c *Client) stillRuns(id string, lab Lab, how CloseOptions) func(context.Context) (offboard.Observation, error) {
	return func(ctx context.Context) (offboard.Observation, error) {
		now, err := c.User(ctx, id)
		if err == nil {
			err = how.checkAgain(ctx, now)
		}
		if err != nil || slices.ContainsFunc(now.Running, func(r Lab) bool { return r.ID == lab.ID }) {
			return offboard.Open, err
		}
		return offboard.Done, nil
	}
}

// checkAgain returns why a user who was read again must not be closed; nil if nothing speaks
// against it.
func (how CloseOptions) checkAgain(ctx context.Context, now User) error {
	if err := offboard.Check(ctx, now); err != nil {
		return err
	}
	now.Running = slices.DeleteFunc(slices.Clone(now.Running), how.hasCanceled)
	if reasons := obstacles(now, how); len(reasons) > 0 {
		return &offboard.RefusedError{Findings: reasons}
	}
	if err := how.checkLists(now); err != nil {
		return err
	}
	return how.checkPerson(now)
}

// checkLists returns the refusal of the lists, unless it can be the answer to an ID that no person has. Who
// was shown in this run or in its plan has the ID, as long as no call explains the end: labs may run then
// that nothing shows now.
func (how CloseOptions) checkLists(now User) error {
	if !how.Seen || how.Sent != offboard.NotSent {
		return nil
	}
	return now.Refusal
}

// hasCanceled reports whether this run has canceled a lab that only the search still shows.
func (how CloseOptions) hasCanceled(lab Lab) bool {
	return lab.Unlisted && slices.ContainsFunc(how.canceled, func(c Lab) bool { return c.ID == lab.ID })
}

// checkPerson returns offboard.ErrAnotherPerson if another person is shown than was last seen. If
// none is shown, that is no change, because Skillable shows a person only through labs.
func (how CloseOptions) checkPerson(now User) error {
	then := how.Person
	if now.Person().Known() && (!then.Known() || !then.Is(now.Person())) {
		return offboard.ErrAnotherPerson
	}
	return nil
}
