package skillable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// StepClose is the last step of a closure, as StepError names it. The steps before it are named
// "cancel lab" with the ID of the lab.
const StepClose = "close"

// maxCloses is how many close calls one run may send while each answers that it touched rows. With
// the waits between them, that takes about half a minute.
const maxCloses = 10

// CloseOptions says how a user is closed.
type CloseOptions struct {
	CancelRunning bool               // whether running labs are canceled first
	Reviewed      []offboard.Finding // what the reviewer of the plan was shown: no other lab is canceled
	Person        offboard.Person    // the person last seen under the ID, if the user shows none now
	Shown         bool               // whether this key has shown the person in this run or in its plan
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
	return how.checkPerson(now)
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

// closureRun is the last step of a closure in one run.
type closureRun struct {
	client  *Client
	id      string
	how     CloseOptions
	touched bool  // whether a call of this run touched rows
	lost    int   // how many answers of this run were lost
	lastErr error // how the last of them ended
	unclear error // the last answer that was unclear, after a call that touched rows
	delays  int   // how many calls of this run were delayed
	delayed error // how the last of them ended
}

// run closes until an answer says that no row was left, and then looks whether anything is seen of
// the person. Before each further call it looks who is behind the ID. call is the context of the
// first call.
func (s *closureRun) run(ctx, call context.Context) ([]offboard.Finding, error) {
	for sent := 1; ; sent++ {
		rows, err := s.send(call)
		switch {
		case err == nil && rows == 0:
			return s.afterZeroRows(ctx)
		case err == nil:
			s.touched = true
		case offboard.Delayed(err):
			s.delays, s.delayed = s.delays+1, err
		case offboard.Ambiguous(err):
			s.lost, s.lastErr = s.lost+1, err
		case s.touched && offboard.Unclear(err):
			s.unclear = err
		default:
			return nil, s.refused(err)
		}
		if err := s.waitForNext(ctx, sent); err != nil {
			return nil, err
		}
		call = offboard.WithTurn(ctx)
		if err := s.readForNext(call); err != nil {
			return nil, err
		}
	}
}

// waitForNext waits before the next call. The error says why no call may follow.
func (s *closureRun) waitForNext(ctx context.Context, sent int) error {
	switch {
	case sent >= maxCloses && !s.touched && s.lost == 0:
		return s.delayed
	case sent >= maxCloses && s.unclear != nil:
		return s.unproven(s.unclear)
	case sent >= maxCloses:
		return errors.Join(offboard.ErrStillOpen, errAlwaysRows)
	case !offboard.Pause(ctx, sent):
		return s.interrupted(ctx)
	}
	return nil
}

// readForNext reads the user before the next call. The error says why no call may follow.
func (s *closureRun) readForNext(ctx context.Context) error {
	open, err := s.readBetween(ctx)
	switch {
	case err != nil:
		return s.unproven(err)
	case ctx.Err() != nil:
		return s.interrupted(ctx)
	case s.lost >= maxLost && open && !s.touched:
		return s.lastErr
	case s.lost >= maxLost:
		return s.unproven(errAlwaysLost)
	case s.delays > 1 && !offboard.PauseInTurn(ctx):
		return s.interrupted(ctx)
	}
	return nil
}

// maxLost is how many answers of the closing call may be lost in one run.
const maxLost = 3

var (
	errAlwaysRows = errors.New("each closing call counts rows, so no call proves that nothing is left")
	errAlwaysLost = errors.New("the answer was lost each time")
)

// errNoRecord is the answer to a close that touched no row. It is a success, but not an acceptance.
var errNoRecord = errors.New("the vendor answers that it has no record to close")

// unproven returns an error that says how the calls ended, and why nothing can be concluded from
// them.
func (s *closureRun) unproven(look error) error {
	switch {
	case s.touched:
		return &offboard.UnprovenError{Read: look}
	case s.lost > 0:
		return &offboard.UnprovenError{Sent: s.lastErr, Read: look}
	case s.delayed != nil:
		return &offboard.UnsentError{Delay: s.delayed, Read: look}
	}
	return &offboard.UnprovenError{Sent: &offboard.DeclinedError{Err: errNoRecord}, Read: look}
}

// refused returns the error of a call that the vendor refused. That says nothing of the calls
// before it.
func (s *closureRun) refused(err error) error {
	if s.touched || s.lost > 0 {
		return s.unproven(err)
	}
	return err
}

func (s *closureRun) interrupted(ctx context.Context) error {
	if s.touched {
		return errors.Join(offboard.ErrStillOpen, context.Cause(ctx))
	}
	return s.unproven(context.Cause(ctx))
}

// readBetween asks what can be seen before the call is sent again. It asks on through transient
// trouble, and a few times through a search that is not whole. The error says that the vendor
// cannot be asked, or that another person is behind the ID now. A canceled ctx does not cut the
// look.
func (s *closureRun) readBetween(ctx context.Context) (open bool, err error) {
	free, cancel := offboard.DetachKeepDeadline(ctx)
	defer cancel()
	for asked := 1; ; asked++ {
		u, err := s.client.User(free, s.id)
		if err == nil {
			return u.Status == offboard.Active, s.checkBetween(ctx, u)
		}
		lags := rest.Incomplete(err) && asked < seenReads || s.touched && offboard.Unclear(err) && asked < maxCloses
		if !lags && !offboard.Transient(err) || !offboard.Pause(ctx, asked) {
			return false, err
		}
	}
}

// checkBetween returns why a user who was read again must not get a further call. After a call that
// may have had an effect, the labs say nothing against it.
func (s *closureRun) checkBetween(ctx context.Context, u User) error {
	if s.touched || s.lost > 0 {
		return errors.Join(offboard.Check(ctx, u), s.how.checkPerson(u))
	}
	how := s.how
	how.CancelRunning = false
	return how.checkAgain(ctx, u)
}

// send makes the call and returns how many rows it touched.
// https://docs.skillable.com/apidocs/close-a-user-account-1
func (s *closureRun) send(ctx context.Context) (int64, error) {
	answer, err := s.client.rest.Change(ctx, command([]string{"CloseUserAccount"}, map[string]string{"userId": s.id}))
	if err != nil {
		return 0, err
	}
	var body struct {
		answerStatus
		RowsAffected *int64
	}
	if err := decode(answer, &body); err != nil {
		return 0, err
	}
	if err := body.check(answer); err != nil {
		return 0, err
	}
	if body.RowsAffected == nil || *body.RowsAffected < 0 {
		return 0, answer.Malformed("the answer does not say how many rows it touched (RowsAffected)")
	}
	return *body.RowsAffected, nil
}
