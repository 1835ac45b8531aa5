package skillable

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// cancel returns the call that ends a lab. A refusal may be about a lab that is already ending, so
// a read settles it.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func (c *Client) cancel(lab Lab) func(context.Context) error {
	return func(ctx context.Context) error {
		answer, err := c.rest.Change(
			ctx, command([]string{"cancel"}, map[string]string{"labinstanceid": strconv.FormatInt(lab.ID, 10)}),
		)
		if err != nil {
			return err
		}
		var body struct {
			answerStatus
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
			return answer.Malformed("the vendor says that it did not cancel the lab (Result is not 1)")
		}
		return nil
	}
}

// ended returns a verifier that a lab is no longer among the running ones. The end of a lab takes a
// while.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func (c *Client) ended(id string, lab Lab) offboard.Verifier {
	return offboard.Verifier{Observe: func(ctx context.Context) (offboard.Observation, error) {
		running, _, err := c.labs(ctx, id)
		if err != nil || slices.ContainsFunc(running, func(r Lab) bool { return r.ID == lab.ID }) {
			return offboard.Open, err
		}
		return offboard.Done, nil
	}}
}
