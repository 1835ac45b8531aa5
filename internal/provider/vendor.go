package provider

import (
	"context"
	"iter"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// vendor is a session with one vendor, made once from the configuration.
type vendor interface {
	// Tenant returns the address that accounts belong to: host and base path.
	Tenant() string
	// read asks the vendor for one account. The error is offboard.ErrNotFound when the vendor says
	// that there is no open account, and offboard.ErrClosed when it shows the account as closed.
	read(ctx context.Context, id string) (account, error)
	// refresh is read for showing how the account is: the answer may come from one reading of the
	// vendor's list for many users.
	refresh(ctx context.Context, id string) (observed, error)
	// list returns the accounts that the vendor lists, narrowed down by what the vendor itself filters
	// by.
	list(ctx context.Context, by chosen) iter.Seq2[snapshot, error]
	// find returns the accounts with an email address. It is asked only where the kind says that the
	// vendor can tell.
	find(ctx context.Context, email string) ([]offboard.User, error)
	// key tells with what kind of key the account is seen, for comparing later; empty where the vendor
	// tells nothing. It never holds the key.
	key(ctx context.Context, id string) (string, error)
	// verifierOf is how the vendor is asked about the account u, whose other attributes the state has, and
	// that was last seen with this kind of key.
	verifierOf(u offboard.User, state userState, key string) offboard.Verifier
	// Contract returns what the contract check needs.
	Contract() contract.Vendor
}

// keyed is a session with a vendor that tells which user holds the key.
type keyed interface {
	keyOwner(ctx context.Context) (ownership, error)
}

// ownership reports whether an account holds the key, and whether it may, for all that the vendor shows.
type ownership func(row snapshot) (owns, may bool)

// keyOwnerOf returns who holds the key of a session. That is no account if the vendor does not tell it.
func keyOwnerOf(ctx context.Context, v vendor) (ownership, error) {
	of, ok := v.(keyed)
	if !ok {
		return noOwner, nil
	}
	return of.keyOwner(ctx)
}

func noOwner(snapshot) (owns, may bool) { return false, false }

// narrow is a session with a vendor whose list may depend on the rights of the key.
type narrow interface {
	// seesPart reports whether the key may see a part of the users alone.
	seesPart(ctx context.Context) (bool, error)
}

// snapshot is what the vendor shows of an account. It may be a row of a list.
type snapshot interface {
	user() offboard.User
	// fill puts the vendor's own attributes into the state.
	fill(state userState)
}

// observed is what a refresh shows of an account. It is enough for a plan.
type observed interface {
	snapshot
	// aliases are further IDs, logins and addresses that the vendor showed: never_close holds for them,
	// too.
	aliases() []string
	// preflight tells what a person should know before the account is closed. It changes nothing.
	// reversible says that the account is only to be suspended.
	preflight(ctx context.Context, state userState, reversible bool) ([]offboard.Finding, error)
}

// caller is an observed account of a vendor whose calls hold more than the ID.
type caller interface {
	// calls returns a hash of what the closure would send.
	calls(ctx context.Context) (string, error)
}

// callsFor returns the hash of what the closure of an account would send; empty if that is only the ID.
func callsFor(ctx context.Context, read observed) (string, error) {
	if c, ok := read.(caller); ok {
		return c.calls(ctx)
	}
	return "", nil
}

// crowd is an observed account of a vendor that may show several people under one ID.
type crowd interface {
	people() []offboard.Person
}

// lister is a session with a vendor that lists its users.
type lister interface {
	// row returns the row of an account in what this run has read of the list, and whether there is one.
	row(id string) (offboard.User, bool)
}

// defined is a session with a vendor of which a definition says how it is asked.
type defined interface {
	// definition returns a hash of the definition and of the settings that are no credentials.
	definition() string
}

// definition is that of the vendor; empty for a vendor that has none.
func (r *userResource) definition() string {
	if v, ok := r.vendor().(defined); ok {
		return v.definition()
	}
	return ""
}

// peopleIn returns all people whom a reading shows under its ID, if it may show several.
func peopleIn(read observed) []offboard.Person {
	if c, ok := read.(crowd); ok {
		return c.people()
	}
	return nil
}

// account is what one read of an account brought. Only an account can be closed: a state or a row
// of a list has no such method.
type account interface {
	observed
	// close closes the account, or suspends it, as the request says, and returns what proves it, and what a
	// person should know of it. No error means that the vendor's own answers prove it. After an error,
	// read the account and call close again.
	close(ctx context.Context, state userState, how closeRequest) (offboard.Observation, []offboard.Finding, error)
}

// closeRequest is what a vendor needs to know of a closure beside the account.
type closeRequest struct {
	key  string        // as in closing.Record
	sent offboard.Call // how far the closing call came in an earlier run
	// reversible says that the account is only to be suspended.
	reversible bool
	reviewed   []offboard.Finding // what the reviewer of the plan was shown
	shown      bool               // whether the vendor has shown the person in this run or in its plan
	seen       bool               // whether it has shown the account or something of it there
	// check returns why an account that is read again before a call must not be closed.
	check func(context.Context, account) error
}

// fill puts one reading into the state.
func (k userKind) fill(state userState, s snapshot) {
	s.fill(state)
	state.common().setFrom(k, s.user())
}

// snapshots are listed accounts as what they show. An error that leaves the list readable does not
// end it.
func snapshots[U any](listed iter.Seq2[U, error], of func(U) snapshot) iter.Seq2[snapshot, error] {
	return func(yield func(snapshot, error) bool) {
		for u, err := range listed {
			if err != nil {
				if !yield(nil, err) || !rest.Incomplete(err) {
					return
				}
				continue
			}
			if !yield(of(u), nil) {
				return
			}
		}
	}
}
