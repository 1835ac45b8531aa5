package provider

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// tracer is a session with a vendor of which a definition may have traces.
type tracer interface {
	HasTraces() (has, byEmail bool)
	// CheckTraces returns an offboard.ErrListed if the vendor still shows something of an account, and an
	// offboard.ErrAccessUnproven if more of the account must be known to tell.
	CheckTraces(ctx context.Context, u offboard.User) error
}

// endOfDays is a day on which everybody has left who leaves at all.
var endOfDays = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// askTraces asks about the accounts of those who leave that the vendor shows as closed, or not at all. One of
// which a trace is found is open.
func (l *listing) askTraces(ctx context.Context, session vendor) {
	v, ok := session.(tracer)
	if !ok || l.problems.HasError() {
		return
	}
	has, byEmail := v.HasTraces()
	if !has {
		return
	}
	leaving := map[string]accounts.Account{}
	for _, a := range l.closedOrAbsent() {
		a.Status = offboard.Unknown
		verdict := l.leavers().Verdict(a).Verdict
		mayLeave := verdict == accounts.Leaver || verdict == accounts.Ambiguous && len(l.leavers().AddressesOf(a)) > 0
		if mayLeave && l.kind.usable(a.ID) == nil {
			leaving[a.ID] = a
		}
	}
	l.each(ctx, slices.Sorted(maps.Keys(leaving)), func(ctx context.Context, id string) (note func()) {
		of := leaving[id]
		addresses := append([]string{of.Email}, l.leavers().AddressesOf(of)...)
		if !byEmail {
			addresses = addresses[:1]
		}
		err := checkTraces(ctx, v, of.User, addresses)
		return func() { l.noteTraces(of, err) }
	})
}

// checkTraces asks the traces of an account with each address that it may have had. One that is absent shows none,
// and one that is closed may show another. The error is that of tracer: a trace that is found, or else a request that
// failed.
func checkTraces(ctx context.Context, v tracer, u offboard.User, addresses []string) (err error) {
	asked := map[string]bool{"": len(addresses) > 1}
	for _, address := range addresses {
		if asked[offboard.Normal(address)] {
			continue
		}
		asked[offboard.Normal(address)] = true
		u.Email = address
		found := v.CheckTraces(ctx, u)
		if errors.Is(found, offboard.ErrListed) {
			return found
		}
		if err == nil || errors.Is(err, offboard.ErrAccessUnproven) {
			err = cmp.Or(found, err)
		}
	}
	return err
}

// closedOrAbsent returns the accounts that the vendor shows as closed, and those of the list of people that it
// says that it does not have.
func (l *listing) closedOrAbsent() (all []accounts.Account) {
	for _, a := range l.accounts {
		if a.Status == offboard.Closed {
			all = append(all, a)
		}
	}
	for id := range l.absent {
		all = append(all, accounts.Account{User: offboard.User{ID: id}, Vendor: l.kind.name})
	}
	return all
}

// noteTraces notes what the traces say of an account. One that cannot be asked says nothing.
func (l *listing) noteTraces(of accounts.Account, err error) {
	switch {
	case errors.Is(err, offboard.ErrListed):
		delete(l.absent, of.ID)
		l.accounts = slices.DeleteFunc(l.accounts, func(a accounts.Account) bool { return a.ID == of.ID })
		l.accounts = append(l.accounts, of)
		l.names = append(l.names, of.ID, of.Email)
	case err != nil && !errors.Is(err, offboard.ErrAccessUnproven):
		l.problems.Append(cannotRead(l.kind, of.User, err))
	}
}
