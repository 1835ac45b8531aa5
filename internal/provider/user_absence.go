package provider

import (
	"context"
	"errors"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// confirm asks about an absence that was just seen: it reads again, and checks the access. It
// returns what observe returns.
func (r *userResource) confirm(
	ctx context.Context,
	w offboard.Verifier,
	state userState,
	remembered *closing.Record,
) (live account, _ offboard.Observation, _ error) {
	w.Observe = func(ctx context.Context) (offboard.Observation, error) {
		var err error
		live, err = r.vendor().read(ctx, state.common().ID.ValueString())
		return r.observation(ctx, state, remembered, live, err)
	}
	seen, err := w.Confirm(ctx)
	return live, seen, err
}

// errAnotherKey is why an absence says nothing.
var errAnotherKey = errors.New("the API key is not the one that last saw the account")

// verifier is how the vendor is asked about the account. What the key of another owner does not
// show is no absence: that owner can have other accounts, or none, under the same ID. A row may be of the
// person who was imported, whom a later reading has shown wrongly.
func (r *userResource) verifier(
	ctx context.Context, state userState, remembered *closing.Record,
) offboard.Verifier {
	u, key := state.common().user(), remembered.Key
	w := r.vendor().verifierOf(u, state, key)
	if imported := remembered.Person; imported.Known() && imported != u.Person() && w.CheckList != nil {
		asImported := u
		asImported.Email, asImported.Name = imported.Email, imported.Name
		of := r.vendor().verifierOf(asImported, state, key)
		list := w.CheckList
		w.CheckList = func(ctx context.Context) error {
			err := list(ctx)
			if errors.Is(err, offboard.ErrAnotherPerson) {
				err = of.CheckList(ctx)
			}
			return err
		}
	}
	if r.kind.KeyOwner == "" || key == "" {
		return w
	}
	if now, err := r.vendor().key(ctx, u.ID); err != nil || now != key {
		w.CheckAccess = func(context.Context) error { return errAnotherKey }
	}
	return w
}

// verifierFor is how the vendor is asked about an absence, which a call of an earlier run may explain.
func (r *userResource) verifierFor(
	ctx context.Context, state userState, remembered *closing.Record, call offboard.Call,
) offboard.Verifier {
	w := r.verifier(ctx, state, remembered)
	if call == offboard.NotSent {
		return w.Unexplained()
	}
	return w.AfterLost()
}
