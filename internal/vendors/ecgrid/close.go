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

// Preflight tells whether u holds the key: ECGrid would terminate that user too, and the key with
// it. The subject is the login. It tells too that file transfers may run with the login, which the
// API cannot be asked for. An error is one of reading the key's own user, which is done once in the
// life of the client.
// https://api.ecgridos.io/docs/rest-api/users/get-me
func (c *Client) Preflight(ctx context.Context, u User) ([]offboard.Finding, error) {
	own, err := c.ownUser(ctx)
	switch {
	case err != nil:
		return nil, err
	case u.ID == own.ID:
		return []offboard.Finding{{Kind: offboard.OwnUser, Subject: own.Login}}, nil
	}
	return []offboard.Finding{{Kind: offboard.FileTransfers}}, nil
}

// Close terminates u, which the caller has just read, whatever its status. It returns what proved
// it only when ECGrid then shows the user as terminated, or when it accepted the call (or the
// answer was lost), shows no such user, and a sign of life vouches for that. then is with which
// rights the key last saw the user, sent how far the call came in an earlier run. After an error,
// read the user again and call it again. The error is an *offboard.RefusedError for the key's own
// user, else an *offboard.StepError around what offboard.Settle returns.
// https://api.ecgridos.io/docs/rest-api/users/terminate-user
func (c *Client) Close(ctx context.Context, u User, then Sight, sent offboard.Call) (offboard.Sight, error) {
	if err := CheckID(u.ID); err != nil {
		return offboard.Open, offboard.StoppedBefore(StepTerminate, fmt.Errorf("the ID %q is refused: %w", u.ID, err))
	}
	own, err := c.ownUser(ctx)
	switch {
	case err != nil:
		return offboard.Open, offboard.StoppedBefore(StepTerminate, err)
	case u.ID == own.ID:
		return offboard.Open, &offboard.RefusedError{Findings: []offboard.Finding{{Kind: offboard.OwnUser, Subject: own.Login}}}
	}
	proof, err := offboard.Settle(rest.Patient(ctx), offboard.Step{
		Witness: c.Witness(u, then), Send: func(ctx context.Context) error { return c.terminate(ctx, u.ID) }, Sent: sent,
	})
	return proof, offboard.Stopped(StepTerminate, err)
}

// terminate makes the call. It is accepted with a 2xx, success true and data true together. What ECGrid may also answer for a user who is
// terminated already, which is not documented, is an *offboard.DeclinedError.
// https://api.ecgridos.io/docs/rest-api/users/terminate-user
// https://api.ecgridos.io/docs/appendix/error-codes
func (c *Client) terminate(ctx context.Context, id string) error {
	answer, err := c.rest.Change(ctx, rest.Request{Method: http.MethodDelete, Path: []string{"users", id}})
	if err != nil {
		return err
	}
	if answer.Status == http.StatusNotFound || answer.Status == http.StatusGone {
		return &offboard.DeclinedError{Err: fault(answer)}
	}
	var accepted bool
	err = open(answer, &accepted)
	switch {
	case denied(answer) && (answer.OK() || answer.Status == http.StatusBadRequest):
		return &offboard.DeclinedError{Err: err}
	case err == nil && !accepted:
		return &offboard.DeclinedError{Err: answer.Fault("", "data is false: the vendor says that it did not terminate the user")}
	}
	return err
}
