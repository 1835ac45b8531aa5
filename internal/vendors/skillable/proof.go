package skillable

import (
	"context"
	"errors"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// seenLooks is how often to look at a person who is still seen after a close that touched no row: the tear-down of labs takes a while.
const seenLooks = 5

// verdict says what it means that a close touched no row.
func (s *closing) verdict(ctx context.Context) ([]offboard.Finding, error) {
	ctx, cancel := offboard.DetachKeepDeadline(ctx)
	defer cancel()
	var u User
	var err error
	answered := 0 // looks that transient trouble hit do not count
	for asked := 1; ; asked++ {
		u, err = s.client.User(ctx, s.id)
		if err == nil && u.Status == offboard.Unknown && !u.hidden && len(u.Shown) == 0 {
			return s.nothingSeen(ctx)
		}
		offboard.Doubt(ctx)
		if err == nil {
			answered++
		}
		if err != nil && !offboard.Transient(err) || answered >= seenLooks || !offboard.Pause(ctx, asked) {
			break
		}
	}
	switch {
	case err != nil:
		return nil, s.unproven(err)
	case u.Status == offboard.Unknown:
		return nil, s.unproven(errHiddenRows)
	case s.touched:
		return nil, offboard.ErrStillOpen
	case s.lost > 0:
		return nil, s.unproven(errStillSeen)
	}
	return nil, errStillSeen
}

var errStillSeen = errors.New(
	"the vendor answers that it has no record to close, and still shows the person: the API key sees more than it may close")

// errHiddenRows is a search that contradicts itself.
var errHiddenRows = errors.New("the search still shows people under this ID, or counts more labs than it shows, so nothing shows whether the person is gone")

// nothingSeen says whether a close that touched no row, after which nothing is seen of the person, ends a closing of ours.
func (s *closing) nothingSeen(ctx context.Context) ([]offboard.Finding, error) {
	accepted, lost := s.touched || s.how.Sent == offboard.Accepted, s.lost > 0 || s.how.Sent == offboard.Lost
	if accepted || lost && s.how.Shown {
		return nil, nil
	}
	if err := s.client.SignOfLife(ctx); err != nil {
		return nil, s.unproven(err)
	}
	return []offboard.Finding{{Kind: offboard.NothingThere}}, nil
}

// stats is the cheapest call that shows whether the key works.
func stats() rest.Request { return command([]string{"stats"}, nil) }

// SignOfLife is nil when the key works. It says nothing of what the key sees.
// https://docs.skillable.com/apidocs/retrieve-statistics
func (c *Client) SignOfLife(ctx context.Context) error {
	answer, err := c.rest.Read(ctx, stats())
	if err != nil {
		return err
	}
	var said verdict
	if err := decode(answer, &said); err != nil {
		return err
	}
	return said.check(answer)
}
