package sfox

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The steps of a closing, as StepError names them.
const (
	StepCheck      = "check balances"
	StepDeactivate = "deactivate"
)

// confirmations is how many answers in a row count as proof. Nothing says that sFOX is eventually consistent.
const confirmations = 1

// Close deactivates u, whom the caller has just read, and returns nil only when sFOX then says that there is no such user. After an
// error, read the user again and call it again. While the user has money the error is an *offboard.RefusedError and no closing call
// is made; any other is an *offboard.StepError. sFOX may refuse all the same, for a stake for example: an *rest.Error
// with status 422 inside it.
// https://docs.sfox.com/connect/rest-api/end-users/deactivate-user
func (c *Client) Close(ctx context.Context, u User) error {
	if err := CheckID(u.ID); err != nil {
		return offboard.Stopped(StepCheck, fmt.Errorf("%q cannot be a user's id: %w", u.ID, err))
	}
	left, err := c.money(ctx, u.ID)
	// A look that is not permitted only makes a better message: sFOX itself refuses while there is money.
	if err != nil && !errors.Is(err, errNotPermitted) {
		return offboard.Stopped(StepCheck, err)
	}
	if len(left) > 0 {
		return &offboard.RefusedError{Findings: left}
	}
	return offboard.Stopped(StepDeactivate, offboard.Settle(ctx, c.deactivate(u.ID), offboard.Gone(c.User, u.ID), confirmations))
}

func (c *Client) money(ctx context.Context, id string) ([]offboard.Finding, error) {
	token, err := c.token(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.balances(ctx, token)
}

// deactivate makes a call of which only the status counts: its success has no body. A user who is gone already is as good as
// done.
func (c *Client) deactivate(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		answer, err := c.rest.Change(ctx, rest.Request{Method: http.MethodDelete, Path: []string{"enterprise", "account", id}})
		if err != nil || answer.OK() || notFound(answer) {
			return err
		}
		return fault(answer)
	}
}
