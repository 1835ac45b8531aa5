package provider

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// doubtAbsent says of accounts of the list of people that a vendor without a list does not show that nothing is
// known of them, if its key does not see what it should. An account that it shows proves that it sees others.
func (l *listing) doubtAbsent(ctx context.Context, v vendor) {
	if !l.kind.noList || len(l.absent) == 0 || l.problems.HasError() || l.others {
		return
	}
	absent := slices.Sorted(maps.Keys(l.absent))
	err := l.checkAccess(ctx, v, absent[0])
	switch {
	case errors.Is(err, offboard.ErrAccessUnproven):
		for _, id := range absent {
			delete(l.absent, id)
			l.notClear(id, nothingShown(l.kind))
		}
	case err != nil:
		l.problems.Append(cannotRead(l.kind, offboard.User{ID: absent[0]}, err))
	}
}

// checkAccess asks whether the key sees what it should. With which rights it saw the account before is not
// known here, so rights vouch for nothing.
func (l *listing) checkAccess(ctx context.Context, v vendor, id string) error {
	return v.verifierOf(offboard.User{ID: id}, l.kind.newState(), "").CheckAccess(ctx)
}
