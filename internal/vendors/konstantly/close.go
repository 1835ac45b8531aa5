package konstantly

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
	StepBlock  = "block"
	StepDelete = "delete"
)

// confirmations is how many answers in a row count as proof. Nothing says that Konstantly is eventually consistent.
const confirmations = 1

// Preflight tells what a person should know before u is closed. Konstantly refuses to block the expert of a course and has no call that
// would tell so beforehand.
// https://docs.konstantly.com/api-reference/users/block-user
func Preflight(u User) []offboard.Finding {
	if u.Status != offboard.Active {
		return nil
	}
	return []offboard.Finding{{Kind: offboard.RefusalNotKnowable}}
}

// Close blocks and deletes u, which the caller has just read, and returns nil only when the site then says that there is no such
// user. After an error, read the user again and call it again: what is done already is skipped. The error is an
// *offboard.StepError; a refusal by the site is an *rest.Error with status 422 inside it.
// https://docs.konstantly.com/api-reference/users/delete-user
func (c *Client) Close(ctx context.Context, u User) error {
	if err := CheckID(u.ID); err != nil {
		return offboard.Stopped(StepDelete, fmt.Errorf("%q cannot be a user's id: %w", u.ID, err))
	}
	var done []string
	if u.Status == offboard.Active {
		gone, err := c.block(ctx, u.ID)
		if err != nil || gone {
			return err
		}
		done = append(done, StepBlock)
	}
	return offboard.Stopped(StepDelete, offboard.Settle(ctx, c.delete(u.ID), offboard.Gone(c.User, u.ID), confirmations), done...)
}

// Block blocks u, which the caller has just read, and returns nil only when the site then shows the user as blocked, or as
// gone. It can be undone. The error is an *offboard.StepError.
// https://docs.konstantly.com/api-reference/users/block-user
func (c *Client) Block(ctx context.Context, u User) error {
	if err := CheckID(u.ID); err != nil {
		return offboard.Stopped(StepBlock, fmt.Errorf("%q cannot be a user's id: %w", u.ID, err))
	}
	if u.Status != offboard.Active {
		return nil
	}
	_, err := c.block(ctx, u.ID)
	return err
}

// block blocks a user until the site shows it, and tells whether what it shows is that the user is gone: then there is nothing left to delete.
func (c *Client) block(ctx context.Context, id string) (gone bool, err error) {
	send := c.change(rest.Request{Method: http.MethodPost, Path: []string{"users", "blocked"}, Body: map[string]string{"id": id}})
	err = offboard.Settle(ctx, send, func(ctx context.Context) (bool, error) {
		u, err := c.User(ctx, id)
		if gone = errors.Is(err, offboard.ErrNotFound); gone {
			return true, nil
		}
		return u.Status == offboard.Suspended, err
	}, confirmations)
	return gone, offboard.Stopped(StepBlock, err)
}

func (c *Client) delete(id string) func(context.Context) error {
	return c.change(rest.Request{Method: http.MethodDelete, Path: []string{"users", id}})
}

// change makes a call of which only the status counts; a user who is gone already is as good as done.
func (c *Client) change(r rest.Request) func(context.Context) error {
	return func(ctx context.Context) error {
		answer, err := c.rest.Change(ctx, r)
		if err != nil || answer.OK() || notFound(answer) {
			return err
		}
		return fault(answer)
	}
}
