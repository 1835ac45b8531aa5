package ecgrid

import (
	"context"
	"fmt"
	"net/http"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// StepTerminate is the one step of a closure, as StepError names it.
const StepTerminate = "terminate"

// Preflight returns what a person should know before u is closed. If u holds the key, ECGrid would
// terminate the key too; the subject is the login. File transfers may run with the login, and the
// API has no call for them. The error is one of reading the key's own user, which is read once in
// the life of the client.
// https://api.ecgridos.io/docs/rest-api/users/get-me
func (c *Client) Preflight(ctx context.Context, u User) ([]offboard.Finding, error) {
	own, err := c.readKeyOwner(rest.WithoutStartBy(ctx))
	switch {
	case err != nil:
		return nil, err
	case u.ID == own.ID:
		return []offboard.Finding{{Kind: offboard.OwnUser, Subject: own.Login}}, nil
	}
	return []offboard.Finding{{Kind: offboard.FileTransfers}}, nil
}

// Close terminates u, which the caller has just read, with any status. It returns what proved the
// closure: ECGrid shows the user as terminated, or it accepted the call (or the answer was lost),
// shows no such user, and CheckAccess succeeds. then has the rights with which the key last saw the
// user. sent is how far the call came in an earlier run. The error is an *offboard.RefusedError for
// the key's own user, else an *offboard.StepError around what offboard.Settle returns. After an
// error, read the user again and call Close again.
// https://api.ecgridos.io/docs/rest-api/users/terminate-user
func (c *Client) Close(ctx context.Context, u User, then KeyRights, sent offboard.Call) (offboard.Observation, error) {
	if err := CheckID(u.ID); err != nil {
		return offboard.Open, offboard.WrapStepBefore(StepTerminate, fmt.Errorf("the ID %q is refused: %w", u.ID, err))
	}
	own, err := c.readKeyOwner(ctx)
	switch {
	case err != nil:
		return offboard.Open, offboard.WrapStepBefore(StepTerminate, err)
	case u.ID == own.ID:
		return offboard.Open, &offboard.RefusedError{
			Findings: []offboard.Finding{{Kind: offboard.OwnUser, Subject: own.Login}},
		}
	}
	proof, err := offboard.Settle(rest.WithoutBreaker(ctx), offboard.Step{
		Verifier: c.Verifier(u, then), Send: func(ctx context.Context) error { return c.terminate(ctx, u.ID) }, Sent: sent,
	})
	return proof, offboard.WrapStep(StepTerminate, err)
}

// terminate makes the call. It is accepted with a 2xx, success true and data true together, and no error
// beside them. The error is an *offboard.DeclinedError for any "no", also one beside a success, and also
// if a doubt about another field keeps the answer from being read: ECGrid may answer so if the user is
// terminated already, which is not documented.
// https://api.ecgridos.io/docs/rest-api/users/terminate-user
// https://api.ecgridos.io/docs/appendix/error-codes
func (c *Client) terminate(ctx context.Context, id string) error {
	answer, err := c.rest.Change(ctx, rest.Request{Method: http.MethodDelete, Path: []string{"users", id}})
	if err != nil {
		return err
	}
	if answer.Gone() {
		return &offboard.DeclinedError{Err: fault(answer)}
	}
	var accepted bool
	err = decodeData(answer, &accepted)
	switch {
	case answer.ReportsFailure(false) && (answer.OK() || answer.Status == http.StatusBadRequest):
		return &offboard.DeclinedError{Err: err}
	case err == nil && !accepted:
		return &offboard.DeclinedError{
			Err: answer.Fault("", "data is false: the vendor says that it did not terminate the user"),
		}
	}
	return err
}
