package skillable

import (
	"context"
	"errors"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// seenReads is how often a person who is still seen is read after a close that touched no row. The
// end of labs takes a while.
const seenReads = 5

// afterZeroRows returns what a close that touched no row means.
func (s *closureRun) afterZeroRows(ctx context.Context) ([]offboard.Finding, error) {
	s.delayed = nil // this call was answered
	ctx, cancel := offboard.DetachKeepDeadline(ctx)
	defer cancel()
	u, unseen, err := s.readUntilUnseen(ctx)
	switch {
	case unseen:
		return s.nothingSeen(ctx)
	case err != nil:
		return nil, s.unproven(err)
	case u.Status == offboard.Unknown:
		return nil, s.unproven(errSomebodyShown)
	case s.touched > 0:
		return nil, offboard.ErrStillOpen
	case s.lost > 0:
		return nil, s.unproven(errStillSeen)
	}
	return nil, errStillSeen
}

// readUntilUnseen reads the user until nothing is seen of the person, a few times at most. The
// error is that of the last read.
func (s *closureRun) readUntilUnseen(ctx context.Context) (u User, unseen bool, err error) {
	answered := 0 // reads that did not end in a transient error
	for asked := 1; ; asked++ {
		u, err = s.client.User(ctx, s.id)
		if err == nil && u.Status == offboard.Unknown && len(u.Shown) == 0 {
			return u, true, nil
		}
		offboard.ResetProof(ctx)
		partial := rest.Incomplete(err) // a total may lag behind the rows
		if err == nil || partial {
			answered++
		}
		if err != nil && !partial && !offboard.Transient(err) || answered >= seenReads || !offboard.Pause(ctx, asked) {
			return u, false, err
		}
	}
}

var errStillSeen = errors.New(
	"the vendor answers that it has no record to close, and still shows the person: " +
		"the API key sees more than it may close",
)

// errSomebodyShown is a search that shows people, and does not say which of them the user is.
var errSomebodyShown = errors.New(
	"the search still shows people under this ID, so nothing shows whether the person is gone")

// nothingSeen returns what a close that touched no row means if nothing is seen of the person after
// it.
func (s *closureRun) nothingSeen(ctx context.Context) ([]offboard.Finding, error) {
	accepted, lost := s.touched > 0 || s.how.Sent.WasAccepted(), s.lost > 0 || s.how.Sent == offboard.Lost
	if accepted || lost && s.how.Shown {
		return nil, nil
	}
	if err := s.client.CheckAccess(ctx); err != nil {
		return nil, s.unproven(err)
	}
	return []offboard.Finding{{Kind: offboard.NothingThere}}, nil
}

// statsRequest returns the cheapest call that shows whether the key works.
func statsRequest() rest.Request { return command([]string{"stats"}, nil) }

// CheckAccess returns nil if the key works. That does not show which users the key sees.
// https://docs.skillable.com/apidocs/retrieve-statistics
func (c *Client) CheckAccess(ctx context.Context) error {
	answer, err := c.rest.Read(ctx, statsRequest())
	if err != nil {
		return err
	}
	var status answerStatus
	if err := decode(answer, &status); err != nil {
		return err
	}
	return status.check(answer)
}
