package sfox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The steps of a closing, as StepError names them.
const (
	StepCheck      = "check balances"
	StepDeactivate = "deactivate"
)

// Close deactivates u, which the caller has just read, and returns what proved it only when the
// call was accepted (or its answer lost) and sFOX then has no such user while it still lists others
// of u's role. sent is how far the call came in an earlier run; reviewed are the findings that the
// reviewer of the plan was shown. After an error, read the user again and call it again. While the
// user has money the error is an *offboard.RefusedError and no closing call is made; any other is
// an *offboard.StepError around what offboard.Settle returns. sFOX may refuse all the same, for a
// stake for example: an *rest.Error with status 422 inside it.
// https://docs.sfox.com/connect/rest-api/end-users/deactivate-user
func (c *Client) Close(ctx context.Context, u User, sent offboard.Call, reviewed []offboard.Finding) (offboard.Sight, error) {
	if err := CheckID(u.ID); err != nil {
		return offboard.Open, offboard.StoppedBefore(StepCheck, fmt.Errorf("the ID %q is refused: %w", u.ID, err))
	}
	left, err := c.money(ctx, u.ID)
	// sFOX itself refuses while there is money, so a look that is not permitted may be left out if the reviewer knew that.
	known := slices.Contains(reviewed, offboard.Finding{Kind: offboard.CheckNotPermitted, Subject: checkBalances})
	if err != nil && (!known || !errors.Is(err, errNotPermitted)) {
		return offboard.Open, offboard.StoppedBefore(StepCheck, err)
	}
	if len(left) > 0 {
		return offboard.Open, &offboard.RefusedError{Findings: left}
	}
	proof, err := offboard.Settle(rest.Patient(ctx), offboard.Step{
		Witness: c.Witness(u), Send: func(ctx context.Context) error { return c.deactivate(ctx, u.ID) }, Sent: sent,
	})
	return proof, offboard.Stopped(StepDeactivate, err)
}

func (c *Client) money(ctx context.Context, id string) ([]offboard.Finding, error) {
	token, err := c.token(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.balances(ctx, token)
}

// deactivate makes the call. Its success has no body; one that reports an error, or that is a page of somebody else's, is no acceptance.
// A 404 is the same for a user who was deactivated before and for one whom the key does not see: an *offboard.DeclinedError.
// https://docs.sfox.com/connect/rest-api/end-users/deactivate-user
func (c *Client) deactivate(ctx context.Context, id string) error {
	answer, err := c.rest.Change(ctx, rest.Request{Method: http.MethodDelete, Path: []string{"enterprise", "account", id}})
	switch {
	case err != nil:
		return err
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusGone:
		return &offboard.DeclinedError{Err: fault(answer)}
	case !answer.OK():
		return fault(answer)
	}
	plain, err := answer.Plain()
	if err == nil && !plain {
		return &offboard.DeclinedError{Err: fault(answer)}
	}
	return err
}
