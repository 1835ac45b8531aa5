package skillable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// StepClose is the last step of a closing, as StepError names it. The steps before it are named "cancel lab" with the id of the lab.
const StepClose = "close"

// confirmations is how many answers in a row count as proof. Nothing says that Skillable is eventually consistent.
const confirmations = 1

// maxCloses is how many close calls one run may send while each answers that it touched rows. With the waits between them that is
// about half a minute.
const maxCloses = 10

// errNothingSeen is why a look does not settle a lost close.
var errNothingSeen = errors.New("nothing is seen of the user any more, which does not prove the closing; only another close does")

// Preflight tells what a person should know before u is closed. With cancelRunning, the closing cancels the running labs first;
// without, they stand in its way, as labs being saved or graded always do. It makes no request.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func Preflight(u User, cancelRunning bool) []offboard.Finding {
	var findings []offboard.Finding
	for _, lab := range u.Running {
		switch {
		case !cancelRunning:
			findings = append(findings, offboard.Finding{Kind: offboard.RunningLab, Subject: lab.String()})
		case !lab.Busy:
			findings = append(findings, offboard.Finding{Kind: offboard.CancelledLab, Subject: lab.String()})
		}
	}
	for _, lab := range slices.Concat(u.Running, u.Saved) {
		if lab.Busy {
			findings = append(findings, offboard.Finding{Kind: offboard.BusyLab, Subject: lab.String()})
		}
	}
	if u.Status == offboard.Unknown {
		findings = append(findings, offboard.Finding{Kind: offboard.ExistenceUnprovable})
	}
	return findings
}

// String is the name and the id, for people.
func (l Lab) String() string { return fmt.Sprintf("%q (%d)", l.Name, l.ID) }

// Close cancels the running labs of u, which the caller has just read, if cancelRunning says so, and closes u. It returns nil only
// when Skillable has answered a close with zero rows, which says that nothing is left. When already the first close touches
// no row, offboard.NothingThere is found. After an error, read the user again and call it again. The error is an *offboard.RefusedError
// for labs that stand in the way, else an *offboard.StepError.
// https://docs.skillable.com/apidocs/close-a-user-account-1
func (c *Client) Close(ctx context.Context, u User, cancelRunning bool) ([]offboard.Finding, error) {
	if err := CheckID(u.ID); err != nil {
		return nil, offboard.Stopped(StepClose, fmt.Errorf("%q cannot be a user's id: %w", u.ID, err))
	}
	if reasons := obstacles(Preflight(u, cancelRunning)); len(reasons) > 0 {
		return nil, &offboard.RefusedError{Findings: reasons}
	}
	var done []string
	for _, lab := range u.Running {
		step := "cancel lab " + strconv.FormatInt(lab.ID, 10)
		if err := offboard.Settle(ctx, c.cancel(lab), c.ended(u.ID, lab), confirmations); err != nil {
			return nil, offboard.Stopped(step, err, done...)
		}
		done = append(done, step)
	}
	findings, err := c.close(ctx, u)
	return findings, offboard.Stopped(StepClose, err, done...)
}

func obstacles(findings []offboard.Finding) []offboard.Finding {
	var found []offboard.Finding
	for _, f := range findings {
		if f.Kind == offboard.RunningLab || f.Kind == offboard.BusyLab {
			found = append(found, f)
		}
	}
	return found
}

// cancel asks for the end of a lab. A refusal may be about a lab that is ending already, so it is left to a look.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func (c *Client) cancel(lab Lab) func(context.Context) error {
	return func(ctx context.Context) error {
		answer, err := c.rest.Change(ctx, command([]string{"cancel"}, map[string]string{"labinstanceid": strconv.FormatInt(lab.ID, 10)}))
		if err != nil {
			return err
		}
		var body struct {
			verdict
			Result *int
		}
		if err := decode(answer, &body); err != nil {
			return err
		}
		err = body.check(answer)
		var refusal *refusalError
		switch {
		case errors.As(err, &refusal):
			return refusal.fault // ambiguous, as every fault with HTTP 200 is
		case err != nil:
			return err
		case body.Result == nil || *body.Result != 1:
			return answer.Garbled("the vendor says that it did not cancel the lab (Result is not 1)")
		}
		return nil
	}
}

// ended tells whether a lab is no longer among the running ones; its tear-down takes a while.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func (c *Client) ended(id string, lab Lab) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		running, _, err := c.labs(ctx, id)
		for _, r := range running {
			if r.ID == lab.ID {
				return false, nil
			}
		}
		return err == nil, err
	}
}

// close closes until an answer says that no row was left.
func (c *Client) close(ctx context.Context, u User) ([]offboard.Finding, error) {
	s := &closing{client: c, id: u.ID}
	if err := s.again(ctx); err != nil {
		return nil, err
	}
	if s.rows == 0 && s.sent == 1 {
		return []offboard.Finding{{Kind: offboard.NothingThere}}, c.without(ctx, u)
	}
	if s.rows == 0 {
		return nil, nil // an earlier call, whose answer was lost, did it
	}
	proven, err := offboard.Await(ctx, func(ctx context.Context) (bool, error) {
		err := s.again(ctx)
		return s.rows == 0 || s.sent >= maxCloses, err
	}, confirmations)
	switch {
	case err != nil:
		return nil, &offboard.UnprovenError{Look: err}
	case !proven || s.rows > 0:
		return nil, errors.Join(offboard.ErrStillOpen, context.Cause(ctx))
	}
	return nil, nil
}

// without is nil unless a user who had labs has some still: then a closing that found no record has missed the user, as it may where the key sees more than it
// may close.
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1
func (c *Client) without(ctx context.Context, u User) error {
	if len(u.Running)+len(u.Saved) == 0 {
		return nil
	}
	running, saved, err := c.labs(ctx, u.ID)
	switch {
	case err != nil && !refused(err):
		return &offboard.UnprovenError{Look: err}
	case len(running)+len(saved) > 0:
		return offboard.ErrStillOpen
	}
	return nil
}

// closing is the last step under way.
type closing struct {
	client *Client
	id     string
	sent   int   // calls made
	rows   int64 // rows touched, by the last answer that came
	lost   bool  // whether the answer of the last call was lost
}

// again closes once more until an answer comes. After a lost one it looks first, and sends again only while the user is still seen.
func (s *closing) again(ctx context.Context) error {
	return offboard.Settle(ctx, s.send, s.settled, 1)
}

// send makes the call. https://docs.skillable.com/apidocs/close-a-user-account-1
func (s *closing) send(ctx context.Context) error {
	s.sent, s.lost = s.sent+1, true
	answer, err := s.client.rest.Change(ctx, command([]string{"CloseUserAccount"}, map[string]string{"userId": s.id}))
	if err != nil {
		return err
	}
	var body struct {
		verdict
		RowsAffected *int64
	}
	if err := decode(answer, &body); err != nil {
		return err
	}
	if err := body.check(answer); err != nil {
		return err
	}
	if body.RowsAffected == nil || *body.RowsAffected < 0 {
		return answer.Garbled("the answer does not say how many rows it touched (RowsAffected)")
	}
	s.rows, s.lost = *body.RowsAffected, false
	return nil
}

// settled is true for a call that was answered. For one whose answer was lost it is false while the user is still seen.
func (s *closing) settled(ctx context.Context) (bool, error) {
	if !s.lost {
		return true, nil
	}
	u, err := s.client.User(ctx, s.id)
	if err == nil && u.Status == offboard.Unknown {
		err = errNothingSeen
	}
	return false, err
}
