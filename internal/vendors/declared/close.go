package declared

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
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
	last := c.def.lastStep()
	err := c.mayChange(ctx, u)
	if err == nil {
		err = c.mayClose(ctx, u)
	}
	if err != nil {
		return offboard.Open, wrapBefore(last, err)
	}
	if len(c.def.traces) > 0 {
		c.begun.Store(u.ID, u)
	}
	calls, err := c.Calls(ctx, u)
	if err != nil {
		return offboard.Open, wrapBefore(last, err)
	}
	steps := c.def.closure()
	run := &closure{
		client: c, first: u, now: u, then: then, last: last, calls: calls, called: sent != offboard.NotSent,
	}
	ctx, err = run.before(ctx, steps[:len(steps)-1])
	if err != nil {
		return offboard.Open, err
	}
	needed, err := run.needs(last)
	switch {
	case err != nil:
		return offboard.Open, offboard.WrapStepBefore(last.name, err, run.done...)
	case !needed:
		proof, err := run.proveSkipped(ctx)
		return proof, offboard.WrapStepBefore(last.name, err, run.done...)
	}
	proof, err := run.end(ctx, sent, len(steps) > 1)
	if err != nil {
		err = &offboard.StepError{
			Step: last.name, Done: run.done, Hidden: run.mayBeHidden(len(steps) > 1), Err: err,
		}
	}
	return proof, err
}

// mayChange returns why no call may be made for u.
func (c *Client) mayChange(ctx context.Context, u User) error {
	if err := c.def.CheckID(u.ID); err != nil {
		return fmt.Errorf("the ID %q is refused: %w", u.ID, err)
	}
	return refusedFor(c.ownUser(ctx, u))
}

// mayClose returns which obstacles block the closure of u.
func (c *Client) mayClose(ctx context.Context, u User) error {
	return refusedFor(c.obstacles(ctx, u, func(o obstacleBlock) bool { return o.blocks }))
}

func refusedFor(findings []offboard.Finding, err error) error {
	if err == nil && len(findings) > 0 {
		return &offboard.RefusedError{Findings: findings}
	}
	return err
}

// wrapBefore is offboard.WrapStepBefore, except for a refusal, which is no step.
func wrapBefore(s *stepBlock, err error) error {
	if refused := (*offboard.RefusedError)(nil); errors.As(err, &refused) {
		return refused
	}
	return offboard.WrapStepBefore(s.name, err)
}

// closure is one run of the steps for one user.
type closure struct {
	client   *Client
	first    User   // as read before the first step
	now      User   // as read last
	then     string // the rights of the key
	last     *stepBlock
	suspends bool       // it ends in a suspension, so that the last step is like the others
	done     []string   // the steps that the vendor has confirmed
	sent     bool       // a step before the last one was sent in this run
	calls    string     // what Calls returned for first; empty for a suspension
	changed  bool       // a call was accepted or lost in this run, so that the account may be another
	tried    bool       // a call of the last step was tried in this run, whatever came of it
	called   bool       // the last step was accepted or lost, in this run or an earlier one
	hidden   error      // why the step before the last one is not shown, after it was accepted
	shown    *stepBlock // the step whose effect its own answer showed, if it was the last one sent
	refusal  error      // why the user in that answer, or in the read after a step, must not be closed
}

// needs reports whether a step is needed for the user as read last.
func (r *closure) needs(s *stepBlock) (bool, error) {
	if s.when == nil {
		return true, nil
	}
	return s.when.truth(variables{varUser: r.now.variable(), varSetting: r.client.def.set})
}

// before makes steps before the last one. It returns the context for the next call, which knows when
// the user was last read. A step that was accepted and after which the vendor shows nothing of the user
// does not hold the next one back: otherwise a user would stay who is suspended and not closed.
func (r *closure) before(ctx context.Context, steps []*stepBlock) (context.Context, error) {
	for i, s := range steps {
		needed, err := r.needs(s)
		if err != nil {
			return ctx, offboard.WrapStepBefore(s.name, err, r.done...)
		}
		if !needed {
			continue
		}
		r.shown = nil
		_, err = offboard.Settle(rest.WithoutBreaker(ctx), offboard.Step{
			Verifier: offboard.Verifier{Observe: r.observeStep(ctx, s)}, Send: r.sender(s),
			Shown: func() bool { return r.shown == s },
		})
		switch {
		case r.refusal != nil:
			return ctx, offboard.WrapStep(r.last.name, r.refusal, append(r.done, s.name)...)
		case err == nil:
			r.done = append(r.done, s.name)
			ctx = offboard.WithReadTime(ctx, time.Now())
		case r.sent && i == len(steps)-1 && errors.Is(err, offboard.ErrNotVisible) && !offboard.Delayed(err):
			r.hidden = offboard.WrapStepBefore(s.name, err, r.done...)
			return offboard.WithReadTime(ctx, time.Now()), nil
		default:
			return ctx, offboard.WrapStepBefore(s.name, err, r.done...)
		}
	}
	return ctx, nil
}

// mayBeHidden reports whether something before the last step may make the account absent: another step,
// or a suspension before this run, which a status that is unknown may be, too.
func (r *closure) mayBeHidden(several bool) bool {
	return several || r.first.Status != offboard.Active
}

// end makes the last step. If the step before it was proven by its own answer alone, it may take effect
// later than that answer said. Then a refusal of the last step is waited for, and the step is sent once
// more.
func (r *closure) end(ctx context.Context, sent offboard.Call, several bool) (offboard.Observation, error) {
	call := offboard.Step{
		Verifier: r.client.verifier(r.first.User, r.then, r.observeEnd()), Send: r.sender(r.last), Sent: sent,
		Hidden: r.sent, HiddenEarlier: !r.sent && r.mayBeHidden(several),
	}
	call.Before = r.beforeFurther(call.Observe)
	if r.sent {
		call.Before = afterStep(call.Before)
	}
	proof, err := offboard.Settle(rest.WithoutBreaker(ctx), call)
	if r.shown == nil || !refuses(err) {
		return proof, err
	}
	late, changed := r.awaitShown(ctx)
	switch {
	case changed != nil:
		return offboard.Open, changed
	case late:
		return offboard.Settle(rest.WithoutBreaker(offboard.WithReadTime(ctx, time.Now())), call)
	}
	return proof, err
}

// refuses reports whether an error is a refusal of the vendor after which nothing has changed.
func refuses(err error) bool {
	var fault *rest.Error
	var unproven *offboard.UnprovenError
	var declined *offboard.DeclinedError
	return errors.As(err, &fault) && fault.Status >= http.StatusBadRequest && !offboard.Ambiguous(err) &&
		!fault.Refused() && !errors.As(err, &unproven) && !errors.As(err, &declined)
}

// effectLag is how long a step may take to have an effect after its answer showed it.
const effectLag = 20 * time.Second

// awaitShown waits until a read shows the step that its own answer showed. late reports whether the
// first read did not. The error says why no call may follow.
func (r *closure) awaitShown(ctx context.Context) (late bool, err error) {
	ctx, cancel := context.WithTimeout(rest.WithoutBreaker(ctx), effectLag)
	defer cancel()
	observe := r.observeStep(ctx, r.shown)
	for reads := 1; ; reads++ {
		seen, err := observe(offboard.WithoutCache(ctx))
		var unread *rest.Error
		switch {
		case err != nil && !errors.As(err, &unread) && !offboard.Transient(err):
			return false, err
		case err == nil && seen == offboard.Done:
			return reads > 1, nil
		case err == nil && seen == offboard.Absent && reads > 1:
			return true, nil
		case !offboard.Pause(ctx, reads):
			return false, nil
		}
	}
}

// sender makes the call of a step for the user as read last.
func (r *closure) sender(s *stepBlock) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := r.sameCalls(ctx); err != nil {
			return &NoRequestError{err}
		}
		made, err := r.client.buildCall(ctx, s, r.now)
		if err != nil {
			return &NoRequestError{err}
		}
		r.sent = r.sent || s != r.last
		err = r.call(ctx, s, made)
		r.tried = r.tried || s == r.last
		r.changed = r.changed || err == nil || offboard.Ambiguous(err)
		r.called = r.called || s == r.last && (err == nil || offboard.Ambiguous(err))
		return err
	}
}

// call makes the call of a step once.
func (r *closure) call(ctx context.Context, s *stepBlock, made rest.Request) error {
	answer, err := r.client.rest.Change(contract.In(ctx, s.block), made)
	if err != nil {
		return err
	}
	a := newAnswer(answer)
	err = r.client.def.judge(s, r.first.ID, a)
	if err == nil && s.shows != nil && !r.suspends { // only a read proves an end
		r.noteShown(ctx, s, a)
	}
	return err
}

// noteShown notes that the answer to a step shows its effect, if it does. The user in it must pass the
// same checks as one that was read.
func (r *closure) noteShown(ctx context.Context, s *stepBlock, a answerValue) {
	record, err := s.shows.value(variables{varAnswer: a.value})
	if err != nil {
		return
	}
	now, err := r.client.def.userIn(a, record)
	if err != nil || now.ID != r.first.ID {
		return
	}
	done, err := s.done.truth(r.variables(now, now.variable()))
	if err != nil || !done {
		return
	}
	switch err := offboard.CheckRead(ctx, r.first.User, now); {
	case err == nil:
		r.now, r.shown = now, s
	case !errors.Is(err, offboard.ErrPersonNotShown):
		r.refusal = err
	}
}
