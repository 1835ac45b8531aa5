package konstantly

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The steps of a closure, as StepError names them.
const (
	StepBlock  = "block"
	StepDelete = "delete"
)

// Preflight returns what a person should know before u is closed. Konstantly refuses to block the
// expert of a course, and has no call that says so before.
// https://docs.konstantly.com/api-reference/users/block-user
func Preflight(u User) []offboard.Finding {
	if u.Status != offboard.Active {
		return nil
	}
	return []offboard.Finding{{Kind: offboard.RefusalNotKnowable}}
}

// Close blocks and deletes u, which the caller has just read. It returns what proved the closure:
// the deletion was accepted (or its answer lost), and the site then has no such user while it still
// lists others. sent is how far the deletion came in an earlier run. A user who is not visible
// after the block is deleted all the same. As the block may be what hides the user, a lost answer to
// the deletion is settled by the answer to another one: the site deletes only a user who is blocked.
// For a user who was blocked before, no deletion follows an absence, and the closure stays unproven:
// nothing says how long the block takes to hide a user.
// The error is an *offboard.StepError around what
// offboard.Settle returns. After an error, read the user again and call Close again: it skips what
// is done.
// https://docs.konstantly.com/api-reference/users/delete-user
func (c *Client) Close(ctx context.Context, u User, sent offboard.Call) (offboard.Observation, error) {
	if err := CheckID(u.ID); err != nil {
		return offboard.Open, offboard.WrapStepBefore(StepDelete, fmt.Errorf("the ID %q is refused: %w", u.ID, err))
	}
	step := offboard.Step{
		Verifier: c.Verifier(u.User), Send: func(ctx context.Context) error { return c.delete(ctx, u.ID) }, Sent: sent,
	}
	if u.Status != offboard.Active {
		step.HiddenEarlier = true
		proof, err := offboard.Settle(rest.WithoutBreaker(ctx), step)
		return proof, wrapDeletion(err)
	}
	step.Before, step.Hidden = afterBlock(step.Observe), true
	return c.blockAndDelete(ctx, u, step)
}

// blockAndDelete blocks u, and makes the deletion.
func (c *Client) blockAndDelete(ctx context.Context, u User, deletion offboard.Step) (offboard.Observation, error) {
	var done []string
	shown, err := c.blockForDeletion(ctx, u)
	switch {
	case err == nil:
		done = append(done, StepBlock)
	case offboard.Delayed(err) || !errors.Is(err, offboard.ErrNotVisible): // no block was sent, or it failed
		return offboard.Open, err
	}
	proof, err := offboard.Settle(rest.WithoutBreaker(offboard.WithReadTime(ctx, time.Now())), deletion)
	if shown && refuses(err) { // the block may take effect later than its answer says
		if unproven, ok := errors.AsType[*offboard.UnprovenError](err); ok {
			deletion.Lost = unproven.Sent
		}
		late, changed := c.awaitBlock(ctx, u)
		switch {
		case changed != nil && deletion.Lost != nil:
			err = &offboard.UnprovenError{Sent: deletion.Lost, Read: changed}
		case changed != nil:
			return offboard.Open, offboard.WrapStep(StepDelete, changed, done...)
		case late:
			proof, err = offboard.Settle(rest.WithoutBreaker(offboard.WithReadTime(ctx, time.Now())), deletion)
		}
	}
	return proof, wrapDeletion(err, done...)
}

// wrapDeletion is offboard.WrapStep for the deletion. Who is deleted is blocked, and the site may
// hide who is blocked, also if somebody else or an earlier run has made the block.
func wrapDeletion(err error, done ...string) error {
	if err == nil {
		return nil
	}
	return &offboard.StepError{Step: StepDelete, Done: done, Hidden: true, Err: err}
}

// refuses reports whether an error is the site's refusal to delete a user, who is not blocked for
// example. A deletion before it may have been lost.
// https://docs.konstantly.com/api-reference/users/delete-user
func refuses(err error) bool {
	if unproven, ok := errors.AsType[*offboard.UnprovenError](err); ok {
		err = unproven.Read
	}
	fault, ok := errors.AsType[*rest.Error](err)
	return ok && fault.Method == http.MethodDelete && fault.Status == http.StatusUnprocessableEntity
}

// afterBlock reads a user before the deletion. The block may have hidden the user, so an absence
// does not hold the deletion back: otherwise a user would stay who is blocked and not deleted.
func afterBlock(observe func(context.Context) (offboard.Observation, error)) func(context.Context) (
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

// Block blocks u, which the caller has just read, and returns nil only when the site then shows the
// user as blocked. It can be undone. The error is an *offboard.StepError; an offboard.ErrNotVisible
// in it says that the site does not show the user any more.
// https://docs.konstantly.com/api-reference/users/block-user
func (c *Client) Block(ctx context.Context, u User) (offboard.Observation, error) {
	if err := CheckID(u.ID); err != nil {
		return offboard.Open, offboard.WrapStepBefore(StepBlock, fmt.Errorf("the ID %q is refused: %w", u.ID, err))
	}
	if u.Status != offboard.Active {
		return offboard.Done, nil
	}
	proof, err := offboard.Settle(rest.WithoutBreaker(ctx), c.blocking(u, func(User) error { return nil }))
	return proof, offboard.WrapStepBefore(StepBlock, err)
}

// blockForDeletion blocks u before the deletion. The answer to the block shows the whole user. If
// it is the right one, and blocked, that is the last read before the deletion, and shown is true.
// If it shows another person, or the right one otherwise than before, nothing follows. If it shows
// nobody, or no role, a read decides.
// A block that had no effect does no harm: the site refuses to delete a user who is not blocked,
// and the deletion is proven by later answers. A user who is blocked, and may not be deleted, is
// the error of the deletion.
func (c *Client) blockForDeletion(ctx context.Context, u User) (shown bool, err error) {
	var refusal error
	step := c.blocking(u, func(now User) error {
		refusal = offboard.Check(ctx, now)
		return refusal
	})
	observe := step.Observe
	step.Observe = func(ctx context.Context) (offboard.Observation, error) {
		if refusal != nil {
			return offboard.Open, refusal
		}
		return observe(ctx)
	}
	step.Shown = func() bool { return shown }
	step.Send = func(ctx context.Context) error {
		now, err := c.block(ctx, u.ID)
		if err != nil {
			return err
		}
		err = offboard.CheckRead(ctx, u.User, now)
		shown = err == nil
		if err != nil && !errors.Is(err, offboard.ErrPersonNotShown) {
			now.Role = cmp.Or(now.Role, u.Role)
			refusal = offboard.CheckRead(ctx, u.User, now)
		}
		return nil
	}
	_, err = offboard.Settle(rest.WithoutBreaker(ctx), step)
	if refusal != nil {
		return false, offboard.WrapStep(StepDelete, refusal, StepBlock)
	}
	return shown, offboard.WrapStepBefore(StepBlock, err)
}

// blockLag is how long a block may take to have an effect after the site accepted it.
const blockLag = 20 * time.Second

// awaitBlock waits until the site shows u as blocked, or not at all, after a block that it accepted
// and a deletion that it refused. It sends no other block: somebody may have taken it back. late
// reports whether the effect came after the first read, so that the deletion may be sent again. The
// error says why no call may follow.
func (c *Client) awaitBlock(ctx context.Context, u User) (late bool, err error) {
	ctx, cancel := context.WithTimeout(rest.WithoutBreaker(ctx), blockLag)
	defer cancel()
	step := c.blocking(u, func(User) error { return nil })
	for reads := 1; ; reads++ {
		seen, err := step.Observe(offboard.WithoutCache(ctx))
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

// blocking returns the step that blocks u. The user who is then shown as blocked must pass check.
func (c *Client) blocking(u User, check func(User) error) offboard.Step {
	observe := func(ctx context.Context) (offboard.Observation, error) {
		now, err := c.User(ctx, u.ID)
		if err == nil {
			err = offboard.CheckRead(ctx, u.User, now)
		}
		if err == nil && now.Status == offboard.Suspended {
			return offboard.Done, check(now)
		}
		return offboard.ObservationOf(err)
	}
	return offboard.Step{
		Verifier: offboard.Verifier{Observe: observe},
		Send: func(ctx context.Context) error {
			_, err := c.block(ctx, u.ID)
			return err
		},
	}
}

// Verifier returns how the site is asked about u, as it was last read.
func (c *Client) Verifier(u offboard.User) offboard.Verifier {
	return offboard.Verifier{
		Observe:     offboard.ObserveWith(u, func(ctx context.Context) (User, error) { return c.User(ctx, u.ID) }),
		CheckAccess: func(ctx context.Context) error { return c.CheckAccess(ctx, u) },
		CheckList:   func(ctx context.Context) error { return c.CheckList(ctx, u) },
		CheckShown:  func(ctx context.Context) error { return c.CheckShown(ctx, u) },
	}
}

// block makes the call, and returns the user as its answer shows it. It is accepted with a 2xx that
// shows the user as blocked.
// https://docs.konstantly.com/api-reference/users/block-user
func (c *Client) block(ctx context.Context, id string) (User, error) {
	answer, err := c.change(ctx, rest.Request{
		Method: http.MethodPost, Path: []string{"users", "blocked"}, Body: map[string]string{"id": id},
	})
	if err != nil {
		return User{}, err
	}
	var a account
	switch err := answer.JSON(&a); {
	case err != nil:
		return User{}, err
	case a.ID != rest.ID(id) || a.IsBanned == nil || !*a.IsBanned:
		return User{}, answer.Malformed("the answer does not show the user %q as blocked", id)
	}
	return a.user(answer)
}

// delete makes the call. The body of its success is not documented.
// https://docs.konstantly.com/api-reference/users/delete-user
func (c *Client) delete(ctx context.Context, id string) error {
	answer, err := c.change(ctx, rest.Request{Method: http.MethodDelete, Path: []string{"users", id}})
	if err != nil {
		return err
	}
	plain, err := answer.EmptySuccess()
	if err == nil && !plain {
		return &offboard.DeclinedError{Err: fault(answer)}
	}
	return err
}

// change makes a call and returns its answer if it is a 2xx that reports no fault. The error is an
// *offboard.DeclinedError for a "not found": that of the site, and any 404 or 410, such as "No such
// endpoint". Only the documented one says that there is no such account.
func (c *Client) change(ctx context.Context, r rest.Request) (rest.Answer, error) {
	answer, err := c.rest.Change(ctx, r)
	switch {
	case err != nil:
		return rest.Answer{}, err
	case notFound(answer), answer.Gone():
		return rest.Answer{}, &offboard.DeclinedError{Err: fault(answer), NoAccount: documentedNotFound(answer)}
	case !answer.OK() || faulty(answer):
		return rest.Answer{}, fault(answer)
	}
	return answer, nil
}
