package provider

import (
	"cmp"
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

// verifier is how the vendor is asked about the account of the person who was imported: a later reading may have
// shown somebody else. What the key of another owner does not show is no absence: that owner can have other accounts,
// or none, under the same ID. The same goes for a key that got other rights when somebody else was shown.
func (r *userResource) verifier(
	ctx context.Context, state userState, remembered *closing.Record,
) offboard.Verifier {
	u, key := remembered.Of(state.common().user()), remembered.Key
	w := r.vendor().verifierOf(u, state, key)
	w.SignIn = cmp.Or(remembered.Facts[closing.Login], state.facts()[closing.Login])
	if last := state.common().user(); last.Person() != u.Person() {
		of := r.vendor().verifierOf(last, state, key)
		w.CheckAccess = unlessOfLast(w.CheckAccess, of.CheckAccess)
		w.CheckList = unlessOfLast(w.CheckList, of.CheckList)
		w.CheckShown = unlessOfLast(w.CheckShown, of.CheckShown)
	}
	if v, ok := r.vendor().(tracer); ok {
		w.CheckAccess = withTraces(w.CheckAccess, v, u, append(withAddresses(u, remembered.Former), state.common().user()))
	}
	if key == "" || r.kind.KeyOwner == "" && !remembered.ShowsAnother(state.common().user()) {
		return w
	}
	if now, err := r.vendor().key(ctx, u.ID); err != nil || now != key {
		w.CheckAccess = func(context.Context) error { return errAnotherKey }
	}
	return w
}

// unlessOfLast returns a check of a list for the imported person, which finds rows of the person of the last reading,
// too: the account is open under that name, or has a new ID.
func unlessOfLast(imported, last func(context.Context) error) func(context.Context) error {
	if imported == nil {
		return nil
	}
	return func(ctx context.Context) error {
		err, found := imported(ctx), offboard.ErrPerhapsListed
		switch {
		case errors.Is(err, offboard.ErrAnotherPerson) && !errors.Is(err, offboard.ErrAnotherClosed):
			found = offboard.ErrListed
		case err != nil:
			return err
		}
		if ofLast := last(ctx); errors.Is(ofLast, found) {
			return ofLast
		}
		return err
	}
}

// withAddresses returns u with each of the names that have email addresses.
func withAddresses(u offboard.User, names []string) (all []offboard.User) {
	for _, name := range names {
		if offboard.ShowsAddress(name) {
			u.Email = name
			all = append(all, u)
		}
	}
	return all
}

// withTraces returns a check of the access after which no trace may be found of the person who was seen last, or with
// an address of before: the vendor may have changed those of who is closed.
func withTraces(check func(context.Context) error, v tracer, u offboard.User, before []offboard.User) func(
	context.Context,
) error {
	return func(ctx context.Context) error {
		err := check(ctx)
		if err != nil && !errors.Is(err, offboard.ErrClosed) {
			return err
		}
		for _, was := range before {
			if was.Person() == u.Person() {
				continue
			}
			if found := v.CheckTraces(ctx, was); found != nil && !errors.Is(found, offboard.ErrAccessUnproven) {
				return found
			}
		}
		return err
	}
}

// verifierFor is how the vendor is asked about an absence, which a call of an earlier run may explain.
func (r *userResource) verifierFor(
	ctx context.Context, state userState, remembered *closing.Record, call offboard.Call,
) offboard.Verifier {
	w := r.verifier(ctx, state, remembered)
	if call == offboard.NotSent {
		return w.Unexplained()
	}
	return w.AfterLost().Doubted() // an accepted one, too: it is not known what became of the account since then
}
