package declared

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Close makes the steps of the definition for u, which the caller has just read, and returns what
// proved the last one. Each step is skipped if it is not needed, else sent once, and then the user is
// read until the step is done. then are the rights with which the key last saw u. sent is how far the
// last call came in an earlier run. The error is an *offboard.RefusedError for the key's own user and
// for an obstacle that blocks, else an *offboard.StepError around what offboard.Settle returns. After
// an error, read the user again and call Close again.
func (c *Client) Close(ctx context.Context, u User, then string, sent offboard.Call) (offboard.Observation, error) {
	last := len(c.def.steps) - 1
	if err := c.mayClose(ctx, u); err != nil {
		return offboard.Open, wrapBefore(c.def.lastStep(), err)
	}
	run := &closure{client: c, first: u, now: u}
	ctx, err := run.before(ctx, last)
	if err != nil {
		return offboard.Open, err
	}
	step := c.def.lastStep()
	if needed, err := run.needs(step); err != nil {
		return offboard.Open, offboard.WrapStepBefore(step.name, err, run.done...)
	} else if !needed {
		proof, err := run.proveSkipped(ctx, step, then)
		return proof, offboard.WrapStepBefore(step.name, err, run.done...)
	}
	call := offboard.Step{
		Verifier: c.verifier(u, then, run.observeEnd(step)), Send: run.sender(step), Sent: sent,
		Hidden: run.sent, HiddenEarlier: !run.sent && last > 0,
	}
	if run.sent {
		call.Before = afterStep(call.Observe)
	}
	proof, err := offboard.Settle(rest.WithoutBreaker(ctx), call)
	if err == nil {
		return proof, nil
	}
	return proof, &offboard.StepError{Step: step.name, Done: run.done, Hidden: last > 0, Err: err}
}

// Suspend makes the steps that can be undone, and returns nil only when the vendor then shows the user
// as the last of them leaves one. The error is as in Close.
func (c *Client) Suspend(ctx context.Context, u User) (offboard.Observation, error) {
	until := c.def.lastReversible() + 1
	if until == 0 {
		return offboard.Open, errors.New("the definition has no step that can be undone")
	}
	if err := c.mayClose(ctx, u); err != nil {
		return offboard.Open, wrapBefore(&c.def.steps[until-1], err)
	}
	run := &closure{client: c, first: u, now: u}
	if _, err := run.before(ctx, until); err != nil {
		return offboard.Open, err
	}
	if run.hidden != nil {
		return offboard.Open, run.hidden
	}
	return offboard.Done, nil
}

// mayClose returns why no call may be made for u.
func (c *Client) mayClose(ctx context.Context, u User) error {
	if err := c.def.CheckID(u.ID); err != nil {
		return fmt.Errorf("the ID %q is refused: %w", u.ID, err)
	}
	findings, err := c.ownUser(ctx, u)
	if err == nil && len(findings) == 0 {
		findings, err = c.obstacles(ctx, u, func(o obstacle) bool { return o.blocks })
	}
	if err == nil && len(findings) > 0 {
		return &offboard.RefusedError{Findings: findings}
	}
	return err
}

// wrapBefore is offboard.WrapStepBefore, except for a refusal, which is no step.
func wrapBefore(s *step, err error) error {
	if refused := (*offboard.RefusedError)(nil); errors.As(err, &refused) {
		return refused
	}
	return offboard.WrapStepBefore(s.name, err)
}

// closure is one run of the steps for one user.
type closure struct {
	client *Client
	first  User     // as read before the first step
	now    User     // as read last
	done   []string // the steps that the vendor has confirmed
	sent   bool     // a step before the last one was sent in this run
	hidden error    // why the step before the last one is not shown, after it was accepted
}

// needs reports whether a step is needed for the user as read last.
func (r *closure) needs(s *step) (bool, error) {
	if s.when == nil {
		return true, nil
	}
	return s.when.truth(variables{varUser: r.now.variable()})
}

// before makes the steps before one. It returns the context for the next call, which knows when the
// user was last read. A step that was accepted and after which the vendor shows nothing of the user
// does not hold the next one back: otherwise a user would stay who is suspended and not closed.
func (r *closure) before(ctx context.Context, until int) (context.Context, error) {
	for i := range until {
		s := &r.client.def.steps[i]
		needed, err := r.needs(s)
		if err != nil {
			return ctx, offboard.WrapStepBefore(s.name, err, r.done...)
		}
		if !needed {
			continue
		}
		_, err = offboard.Settle(rest.WithoutBreaker(ctx), offboard.Step{
			Verifier: offboard.Verifier{Observe: r.observeStep(s)}, Send: r.sender(s),
		})
		switch {
		case err == nil:
			r.done = append(r.done, s.name)
			ctx = offboard.WithReadTime(ctx, time.Now())
		case r.sent && errors.Is(err, offboard.ErrNotVisible) && !offboard.Delayed(err):
			r.hidden = offboard.WrapStepBefore(s.name, err, r.done...)
			return offboard.WithReadTime(ctx, time.Now()), nil
		default:
			return ctx, offboard.WrapStepBefore(s.name, err, r.done...)
		}
	}
	return ctx, nil
}

// observeStep observes the effect of a step before the last one. The user must still be the same
// person, and pass the check of ctx.
func (r *closure) observeStep(s *step) func(context.Context) (offboard.Observation, error) {
	return func(ctx context.Context) (offboard.Observation, error) {
		now, err := r.client.User(ctx, r.first.ID)
		if err == nil {
			err = offboard.CheckRead(ctx, r.first.User, now)
		}
		if err != nil {
			return offboard.ObservationOf(err)
		}
		r.now = now
		done, err := s.done.truth(r.variables(now, now.variable()))
		if err != nil || !done {
			return offboard.Open, err
		}
		return offboard.Done, nil
	}
}

// observeEnd observes the effect of the last step. It is done if the definition says so of the user
// as read, and if no trace of the user is found.
func (r *closure) observeEnd(s *step) func(context.Context) (offboard.Observation, error) {
	return func(ctx context.Context) (offboard.Observation, error) {
		now, err := r.client.User(ctx, r.first.ID)
		if err == nil {
			return r.observeOpen(ctx, s, now)
		}
		if errors.Is(err, offboard.ErrClosed) {
			_, err = offboard.ObserveWith(r.first.User, func(context.Context) (User, error) { return now, err })(ctx)
			if err != nil {
				return offboard.Open, err
			}
			return r.withoutTrace(ctx, offboard.Done)
		}
		seen, err := offboard.ObservationOf(err)
		if err != nil || seen != offboard.Absent {
			return seen, err
		}
		return r.withoutTrace(ctx, seen)
	}
}

// observeOpen observes a user whom the vendor shows as open. A record that says nothing of the person
// any more is the end only if done compares it with the record of before.
func (r *closure) observeOpen(ctx context.Context, s *step, now User) (offboard.Observation, error) {
	done, err := s.done.truth(r.variables(now, now.variable()))
	if err != nil {
		return offboard.Open, err
	}
	if done && s.done.uses(varWas) {
		return r.withoutTrace(ctx, offboard.Done)
	}
	if err := offboard.CheckRead(ctx, r.first.User, now); err != nil {
		return offboard.Open, err
	}
	r.now = now
	if done {
		return r.withoutTrace(ctx, offboard.Done)
	}
	return offboard.Open, nil
}

// withoutTrace returns what was seen if no trace of the user is found, else that the account is open.
func (r *closure) withoutTrace(ctx context.Context, seen offboard.Observation) (offboard.Observation, error) {
	for i := range r.client.def.traces {
		t := &r.client.def.traces[i]
		vars := variables{varUser: r.first.variable(), varWas: r.first.record}
		a, err := r.client.exchange(ctx, &t.request, vars)
		switch {
		case err != nil:
			return offboard.Open, err
		case !t.succeeds(a):
			return offboard.Open, r.client.def.fault(a)
		}
		vars[varAnswer] = a.value
		found, err := t.found.value(vars)
		if err != nil {
			return offboard.Open, a.unreadable(err)
		}
		if !isNothing(found) {
			return offboard.Open, nil
		}
	}
	return seen, nil
}

// variables are those of done.
func (r *closure) variables(now User, user cty.Value) variables {
	return variables{varUser: user, varRecord: now.record, varWas: r.first.record}
}

// proveSkipped proves the end of a closure whose last step is not needed.
func (r *closure) proveSkipped(ctx context.Context, s *step, then string) (offboard.Observation, error) {
	seen, err := r.observeEnd(s)(offboard.WithoutCache(ctx))
	switch {
	case err != nil:
		return offboard.Open, err
	case seen == offboard.Absent:
		return r.client.verifier(r.first, then, r.observeEnd(s)).Confirm(ctx)
	case seen == offboard.Open:
		return offboard.Open, offboard.ErrStillOpen
	}
	return seen, nil
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
	return c.verifier(User{User: u}, then, observe)
}

func (c *Client) verifier(
	u User, then string, observe func(context.Context) (offboard.Observation, error),
) offboard.Verifier {
	return offboard.Verifier{
		Observe:     observe,
		CheckAccess: func(ctx context.Context) error { return c.CheckAccess(ctx, u.User, then) },
	}
}

// sender makes the call of a step for the user as read last.
func (r *closure) sender(s *step) func(context.Context) error {
	return func(ctx context.Context) error {
		made, err := r.client.build(ctx, &s.request, variables{varUser: r.now.variable(), varRecord: r.now.record})
		if err != nil {
			return err
		}
		r.sent = r.sent || s != r.client.def.lastStep()
		answer, err := r.client.rest.Change(ctx, made)
		if err != nil {
			return err
		}
		return r.client.def.judge(s, newAnswer(answer))
	}
}
