package skillable

import (
	"context"
	"errors"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// maxCloses is how many close calls of one run may answer that they touched rows, and how many may
// give an answer that is unclear. With the waits between them, ten take about half a minute.
const maxCloses = 10

// closureRun is the last step of a closure in one run.
type closureRun struct {
	client  *Client
	id      string
	how     CloseOptions
	touched int   // how many calls of this run touched rows
	lost    int   // how many answers of this run were lost
	lastErr error // how the last of them ended
	vague   int   // how many answers were unclear, after a call that touched rows
	unclear error // the last of them
	delays  int   // how many calls of this run were delayed
	delayed error // how the last of them ended, if no other answer came after it
}

// run closes until an answer says that no row was left, and then looks whether anything is seen of
// the person. Before each further call it looks who is behind the ID, unless the last look is still
// fresh. call is the context of the first call.
func (s *closureRun) run(ctx, call context.Context) ([]offboard.Finding, error) {
	for sent := 1; ; sent++ {
		rows, err := s.send(call)
		if err == nil && rows == 0 {
			return s.afterZeroRows(ctx)
		}
		if !s.count(err) {
			return nil, s.refused(err)
		}
		if err := s.waitForNext(ctx, sent); err != nil {
			return nil, err
		}
		next, fresh := offboard.WithReadOf(ctx, call)
		if call = next; s.takenAtOnce(sent) && fresh {
			continue
		}
		call = offboard.WithTurn(ctx)
		if err := s.readForNext(call); err != nil {
			return nil, err
		}
	}
}

// takenAtOnce reports whether the first call is the only one that was sent, and touched rows. The
// read before it serves the second call too, as long as it is fresh.
func (s *closureRun) takenAtOnce(sent int) bool { return sent == 1 && s.touched == 1 }

// count counts how a call ended after which another one may follow. It reports whether one may. The
// error is nil for a call that touched rows.
func (s *closureRun) count(err error) bool {
	if offboard.Delayed(err) {
		s.delays, s.delayed = s.delays+1, err
		return true
	}
	s.delayed = nil
	switch {
	case err == nil:
		s.touched++
	case offboard.Ambiguous(err):
		s.lost, s.lastErr = s.lost+1, err
	case s.touched > 0 && offboard.Unclear(err):
		s.vague, s.unclear = s.vague+1, err
	default:
		return false
	}
	return true
}

// waitForNext waits before the next call. The error says why no call may follow. Calls that were
// delayed are bounded by the deadline alone.
func (s *closureRun) waitForNext(ctx context.Context, sent int) error {
	switch {
	case max(s.touched, s.vague) >= maxCloses && s.unclear != nil:
		return s.unproven(s.unclear)
	case s.touched >= maxCloses:
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
	case s.lost >= maxLost && open && s.touched == 0:
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
	case s.touched > 0:
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
	if s.touched > 0 || s.lost > 0 {
		return s.unproven(err)
	}
	return err
}

// interrupted returns the error of a run whose ctx ended. What kept the call from leaving that was
// to prove the others says more than that the time is up.
func (s *closureRun) interrupted(ctx context.Context) error {
	if s.touched > 0 && s.delayed != nil && !errors.Is(context.Cause(ctx), context.Canceled) {
		return s.unproven(s.delayed)
	}
	if s.touched > 0 {
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
		lags := rest.Incomplete(err) && asked < seenReads || s.touched > 0 && offboard.Unclear(err) && asked < maxCloses
		if !lags && !offboard.Transient(err) || !offboard.Pause(ctx, asked) {
			return false, err
		}
	}
}

// checkBetween returns why a user who was read again must not get a further call: the same reasons as
// before the first one. Before that one no lab ran or was busy, except those that this run has
// canceled. So any other one is new to the reviewer, also if it has the ID of a saved lab.
func (s *closureRun) checkBetween(ctx context.Context, u User) error {
	how := s.how
	how.CancelRunning = false
	how.Seen = how.Seen && s.touched == 0 && s.lost == 0
	err := how.checkAgain(ctx, u)
	if refused, ok := errors.AsType[*offboard.RefusedError](err); ok && (s.touched > 0 || s.lost > 0) {
		return &offboard.ObstacleError{Findings: refused.Findings}
	}
	return err
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
