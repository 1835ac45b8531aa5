package declared

import (
	"context"
	"errors"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// observeStep observes the effect of a step before the last one. The user must still be the same
// person, also one who is shown as closed. A further call may follow the read that shows the effect, so
// that it must pass the check of checked: settling an accepted call takes the check from its context. No
// call follows the end of a suspension, which may change what the vendor shows.
func (r *closure) observeStep(
	checked context.Context, s *stepBlock,
) func(context.Context) (offboard.Observation, error) {
	return func(ctx context.Context) (offboard.Observation, error) {
		now, err := r.client.User(ctx, r.first.ID)
		switch {
		case err == nil:
			err = offboard.CheckRead(ctx, r.first.User, now)
		case errors.Is(err, offboard.ErrClosed) && r.first.IsAnother(now.User):
			err = offboard.ErrAnotherPerson
		}
		if err != nil {
			return offboard.ObservationOf(err)
		}
		r.now = now
		done, err := s.done.truth(r.variables(now, now.variable()))
		switch {
		case err != nil || !done:
			return offboard.Open, err
		case r.suspends && s == r.last:
			return offboard.Done, nil
		}
		r.refusal = offboard.Check(checked, now)
		return offboard.Done, r.refusal
	}
}

// observeEnd observes the effect of the last step. It is done if the definition says so of the user
// as read. An end of a user whom the vendor shows as open counts only if a second read shows it, too,
// after offboard.AbsencePause: one answer that is not whole may look like an end.
func (r *closure) observeEnd() func(context.Context) (offboard.Observation, error) {
	return func(ctx context.Context) (offboard.Observation, error) {
		now, err := r.client.User(ctx, r.first.ID)
		if err == nil {
			seen, unclear := r.observeOpen(ctx, now)
			if unclear != nil || seen != offboard.Done {
				return seen, unclear
			}
			if !offboard.Sleep(ctx, offboard.AbsencePause) {
				return offboard.Open, context.Cause(ctx)
			}
			now, err = r.client.User(ctx, r.first.ID)
		}
		if err == nil {
			return r.observeOpen(ctx, now)
		}
		return offboard.ObserveWith(r.first.User, func(context.Context) (User, error) { return now, err })(ctx)
	}
}

// observeOpen observes a user whom the vendor shows as open. That is the end only if a call may have made
// it so, and done compares the record with that of before: the vendor may keep a record that says nothing
// of the person any more. Without a call, another record is another person, or a change of this one.
func (r *closure) observeOpen(ctx context.Context, now User) (offboard.Observation, error) {
	done, err := r.last.done.truth(r.variables(now, now.variable()))
	if err != nil {
		return offboard.Open, err
	}
	if done && r.called && r.client.def.EndsAtAnotherRecord() {
		return offboard.Done, r.client.checkTraces(ctx, r.first)
	}
	if err := offboard.CheckRead(ctx, r.first.User, now); err != nil {
		return offboard.Open, err
	}
	r.now = now
	return offboard.Open, nil
}

// variables are those of done.
func (r *closure) variables(now User, user cty.Value) variables {
	return variables{varUser: user, varRecord: now.record, varWas: r.first.record, varSetting: r.client.def.set}
}

// proveSkipped proves the end of a closure whose last step is not needed. No call explains an absence,
// so only the vendor's own words do.
func (r *closure) proveSkipped(ctx context.Context) (offboard.Observation, error) {
	seen, err := r.observeEnd()(offboard.WithoutCache(ctx))
	switch {
	case err != nil:
		return offboard.Open, err
	case seen == offboard.Absent:
		return offboard.Open, offboard.ErrNotVisible
	case seen == offboard.Open:
		return offboard.Open, errNotNeeded
	}
	return seen, nil
}

// errNotNeeded is why nothing ends an account that the vendor shows as open.
var errNotNeeded = errors.New(
	"when says that the step is not needed, and done does not hold, so this run sent no closing call",
)

// beforeFurther observes the user before a further call, which may come long after the first one. What
// blocks a closure is asked again, before the read: no request may come between the read and the call.
func (r *closure) beforeFurther(observe func(context.Context) (offboard.Observation, error)) func(context.Context) (
	offboard.Observation, error,
) {
	return func(ctx context.Context) (offboard.Observation, error) {
		if r.tried {
			if err := r.client.mayClose(offboard.WithoutTurn(ctx), r.now); err != nil {
				return offboard.Open, err
			}
		}
		seen, err := observe(ctx)
		if err == nil && seen == offboard.Open && r.tried {
			err = refusedFor(r.client.obstacles(ctx, r.now, func(o obstacleBlock) bool { return o.blocks && o.request == nil }))
		}
		return seen, err
	}
}

// afterStep observes the user before the last call. The step before it may have hidden the user, so an
// absence does not hold the call back.
func afterStep(observe func(context.Context) (offboard.Observation, error)) func(context.Context) (
	offboard.Observation, error,
) {
	return func(ctx context.Context) (offboard.Observation, error) {
		seen, err := observe(ctx)
		if err == nil && seen == offboard.Absent {
			seen = offboard.Open
		}
		return seen, err
	}
}

// Verifier returns how the vendor is asked about u, as it was last read by a key with the rights
// then.
func (c *Client) Verifier(u offboard.User, then string) offboard.Verifier {
	observe := offboard.ObserveWith(u, func(ctx context.Context) (User, error) { return c.User(ctx, u.ID) })
	return c.verifier(u, then, observe)
}

func (c *Client) verifier(
	u offboard.User, then string, observe func(context.Context) (offboard.Observation, error),
) offboard.Verifier {
	return offboard.Verifier{
		Observe:     observe,
		CheckAccess: func(ctx context.Context) error { return c.CheckAccess(ctx, u, then) },
		CheckList:   c.listCheck(u),
		CheckShown:  c.shownCheck(u),
	}
}
