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

// The steps of a closure, as StepError names them.
const (
	StepCheck      = "check balances"
	StepDeactivate = "deactivate"
)

// Close deactivates u, which the caller has just read. It returns what proved the closure: the call
// was accepted (or its answer lost), and sFOX then has no such user while it still lists others of
// u's role. sent is how far the call came in an earlier run. reviewed are the findings that the
// reviewer of the plan was shown. If the user has money, the error is an *offboard.RefusedError and
// no closing call is made. Any other error is an *offboard.StepError around what offboard.Settle
// returns. It wraps an *rest.Error with status 422 if sFOX refuses, because of a stake for example.
// After an error, read the user again and call Close again.
// https://docs.sfox.com/connect/rest-api/end-users/deactivate-user
func (c *Client) Close(
	ctx context.Context, u User, sent offboard.Call, reviewed []offboard.Finding,
) (offboard.Observation, error) {
	if err := CheckID(u.ID); err != nil {
		return offboard.Open, offboard.WrapStepBefore(StepCheck, fmt.Errorf("the ID %q is refused: %w", u.ID, err))
	}
	left, err := c.money(ctx, u.ID)
	// A check that is not permitted may be skipped if the reviewer knew that, because sFOX itself
	// refuses while there is money.
	known := slices.Contains(reviewed, offboard.Finding{Kind: offboard.CheckNotPermitted, Subject: checkBalances})
	if err != nil && (!known || !errors.Is(err, errNotPermitted)) {
		return offboard.Open, offboard.WrapStepBefore(StepCheck, err)
	}
	if len(left) > 0 {
		return offboard.Open, &offboard.RefusedError{Findings: left}
	}
	proof, err := offboard.Settle(rest.WithoutBreaker(ctx), offboard.Step{
		Verifier: c.Verifier(u), Send: func(ctx context.Context) error { return c.deactivate(ctx, u.ID) }, Sent: sent,
	})
	return proof, offboard.WrapStep(StepDeactivate, err)
}

func (c *Client) money(ctx context.Context, id string) ([]offboard.Finding, error) {
	token, err := c.token(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.balances(ctx, token)
}

// deactivate makes the call. Its success has no body. A success that reports an error, or that is a
// page from elsewhere, is not an acceptance. A 404 is an *offboard.DeclinedError: it is the same
// for a user who was deactivated before, and for one who is not visible to the key.
// https://docs.sfox.com/connect/rest-api/end-users/deactivate-user
func (c *Client) deactivate(ctx context.Context, id string) error {
	answer, err := c.rest.Change(ctx, rest.Request{Method: http.MethodDelete, Path: []string{"enterprise", "account", id}})
	switch {
	case err != nil:
		return err
	case answer.Gone():
		return &offboard.DeclinedError{Err: fault(answer)}
	case !answer.OK():
		return fault(answer)
	}
	plain, err := answer.EmptySuccess()
	if err == nil && !plain {
		return &offboard.DeclinedError{Err: fault(answer)}
	}
	return err
}
