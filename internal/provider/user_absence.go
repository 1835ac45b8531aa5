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
		return observationOf(state, remembered, live, err)
	}
	seen, err := w.Confirm(ctx)
	return live, seen, err
}

// errAnotherKey is why an absence says nothing.
var errAnotherKey = errors.New("the API key is not the one that last saw the account")

// verifier is how the vendor is asked about the account. What the key of another owner does not
// show is no absence: that owner can have other accounts, or none, under the same ID.
func (r *userResource) verifier(ctx context.Context, state userState, key string) offboard.Verifier {
	w := r.vendor().verifierOf(state, key)
	if r.kind.KeyOwner == "" || key == "" {
		return w
	}
	if now, err := r.vendor().key(ctx, state.common().ID.ValueString()); err != nil || now != key {
		w.CheckAccess = func(context.Context) error { return errAnotherKey }
	}
	return w
}

// verifierFor is how the vendor is asked about an absence, which a call may explain.
func (r *userResource) verifierFor(
	ctx context.Context, state userState, key string, call offboard.Call,
) offboard.Verifier {
	w := r.verifier(ctx, state, key)
	if call == offboard.NotSent {
		return w.Unexplained()
	}
	return w
}
