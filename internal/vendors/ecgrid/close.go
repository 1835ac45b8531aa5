package ecgrid

import (
	"context"
	"fmt"
	"net/http"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// StepTerminate is the one step of a closing, as StepError names it.
const StepTerminate = "terminate"

// confirmations is how many answers in a row count as proof. Nothing says that ECGrid is eventually consistent.
const confirmations = 1

// Preflight tells whether u holds the key: ECGrid would terminate that user too, and the key with it. The subject is the login.
// An error is one of reading the key's own user, which is done once in the life of the client.
// https://api.ecgridos.io/docs/rest-api/users/get-me
func (c *Client) Preflight(ctx context.Context, u User) ([]offboard.Finding, error) {
	own, err := c.ownUser(ctx)
	if err != nil || u.ID != own.ID {
		return nil, err
	}
	return []offboard.Finding{{Kind: offboard.OwnUser, Subject: own.Login}}, nil
}

// Close terminates u, which the caller has just read, whatever its status, and returns nil only when ECGrid then shows the user
// as terminated, or no longer while the key still answers. After an error, read the user again and call it again. The error is an
// *offboard.RefusedError for the key's own user, else an *offboard.StepError.
// https://api.ecgridos.io/docs/rest-api/users/terminate-user
func (c *Client) Close(ctx context.Context, u User) error {
	if err := CheckID(u.ID); err != nil {
		return offboard.Stopped(StepTerminate, fmt.Errorf("%q cannot be a user's id: %w", u.ID, err))
	}
	findings, err := c.Preflight(ctx, u)
	switch {
	case err != nil:
		return offboard.Stopped(StepTerminate, err)
	case len(findings) > 0:
		return &offboard.RefusedError{Findings: findings}
	}
	return offboard.Stopped(StepTerminate, offboard.Settle(ctx, c.terminate(u.ID), offboard.Gone(c.User, u.ID), confirmations))
}

// terminate makes the call. It is accepted with a 2xx, success true and data true together.
// https://api.ecgridos.io/docs/rest-api/users/terminate-user
func (c *Client) terminate(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		answer, err := c.rest.Change(ctx, rest.Request{Method: http.MethodDelete, Path: []string{"users", id}})
		if err != nil {
			return err
		}
		var accepted bool
		err = open(answer, &accepted)
		switch {
		case err != nil && perhapsGone(answer):
			return doubtError{err}
		case err != nil:
			return err
		case !accepted:
			return answer.Garbled("the vendor says that it did not terminate the user (data is not true)")
		}
		return nil
	}
}

// perhapsGone tells whether ECGrid refused in a way in which it may also answer for a user who is terminated already, which is
// not documented.
// https://api.ecgridos.io/docs/appendix/error-codes
func perhapsGone(a rest.Answer) bool {
	_, ok := refusal(a)
	return ok && (a.Status == http.StatusNotFound || a.Status == http.StatusBadRequest)
}

// doubtError is a refusal that only a look at the user can settle.
type doubtError struct{ error }

// Ambiguous makes Settle look.
func (doubtError) Ambiguous() bool { return true }

// Unwrap gives the refusal.
func (e doubtError) Unwrap() error { return e.error }
