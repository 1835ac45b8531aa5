package declared

import (
	"context"
	"errors"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// ErrCannotSuspend is why an account cannot be suspended.
var ErrCannotSuspend = errors.New("the definition has no step that can be undone")

// Suspend makes the steps that can be undone, and returns nil only when the vendor then shows the user
// as the last of them leaves one. The error is ErrCannotSuspend if there is no such step, else as in
// Close. Obstacles are about closures, so they do not hold it back.
func (c *Client) Suspend(ctx context.Context, u User) (offboard.Observation, error) {
	all := c.def.suspension()
	if len(all) == 0 {
		return offboard.Open, offboard.WrapStepBefore(onlySuspend, ErrCannotSuspend)
	}
	run := &closure{client: c, first: u, now: u, last: all[len(all)-1], suspends: true}
	steps, err := run.leftToSuspend(all)
	switch {
	case err != nil:
		return offboard.Open, offboard.WrapStepBefore(run.last.name, err)
	case len(steps) == 0:
		return offboard.Done, nil
	}
	if err := c.mayChange(ctx, u); err != nil {
		return offboard.Open, wrapBefore(steps[0], err)
	}
	if _, err := run.before(ctx, steps); err != nil {
		return offboard.Open, err
	}
	switch {
	case run.hidden != nil:
		return offboard.Open, run.hidden
	case run.now.Status != offboard.Suspended: // no step was needed, or the steps end otherwise
		return offboard.Open, offboard.WrapStepBefore(run.last.name, offboard.ErrStillOpen, run.done...)
	}
	return offboard.Done, nil
}

// leftToSuspend returns the steps of a suspension that are left to make: those of a suspended user that
// an earlier run did not come to. Nothing tells it of a step whose done compares two readings.
func (r *closure) leftToSuspend(all []*stepBlock) (left []*stepBlock, err error) {
	if r.first.Status != offboard.Suspended {
		return all, nil
	}
	for _, s := range all {
		if s.done.uses(varWas) {
			continue
		}
		done, err := s.done.truth(r.variables(r.first, r.first.variable()))
		if err != nil {
			return nil, err
		}
		if !done {
			left = append(left, s)
		}
	}
	return left, nil
}
