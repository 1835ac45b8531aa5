package declared

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// User is an account of a declared vendor.
type User struct {
	offboard.User

	Login  string
	Facts  map[string]string
	record cty.Value // as the vendor shows it
	listed bool      // it is a row of a list, which may show less than a read

	cleaned []string // the attributes of user whose text the vendor writes otherwise
	altered []string // answerValue.altered
}

// Logins returns the sign-in name, if the definition has one.
func (u User) Logins() []string { return []string{u.Login} }

// Equal reports whether two readings show the same user, whatever else the records hold.
func (u User) Equal(other User) bool {
	return u.User == other.User && u.Login == other.Login && maps.Equal(u.Facts, other.Facts)
}

// shown is what Equal compares, for rest.Pages.
func (u User) shown() any {
	u.record, u.listed, u.cleaned, u.altered = cty.NilVal, false, nil, nil
	return u
}

// variable is the user as expressions see one.
func (u User) variable() cty.Value {
	facts := map[string]cty.Value{}
	for name, fact := range u.Facts {
		facts[name] = cty.StringVal(fact)
	}
	return cty.ObjectVal(map[string]cty.Value{
		"id": cty.StringVal(u.ID), "email": cty.StringVal(u.Email), "name": cty.StringVal(u.Name),
		"login": cty.StringVal(u.Login), "status": cty.StringVal(string(u.Status)), "facts": cty.ObjectVal(facts),
		"absent": cty.False,
	})
}

// User reads one user. The error is offboard.ErrNotFound if the vendor says, in the form that the
// definition gives, that there is none, and offboard.ErrClosed beside a user whom it shows as closed. If
// the traces do not confirm that, it counts no more than an absence. Any other error is an *rest.Error or
// a *SetupError.
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := c.def.CheckID(id); err != nil {
		return User{}, fmt.Errorf("the ID %q is refused: %w", id, err)
	}
	found, err := c.ready(ctx)
	if err != nil {
		return User{}, err
	}
	u, err := c.readUser(ctx, id, found.record)
	c.ended.Delete(id)
	closed := errors.Is(err, offboard.ErrClosed)
	if !closed && !errors.Is(err, offboard.ErrNotFound) {
		return u, err
	}
	if begun, ok := c.begun.Load(id); ok { // here, so that the end counts only without a trace
		if trace := c.checkTraces(ctx, begun.(User)); trace != nil {
			return User{}, trace
		}
		return u, err
	}
	if closed && !c.countsAsClosed(ctx, id) {
		c.ended.Store(id, u)
		return User{}, offboard.ErrNotFound // CheckAccess asks the traces again, with all that is known
	}
	return u, err
}

// readUser reads one user. self is the record of the user who owns the key.
func (c *Client) readUser(ctx context.Context, id string, self cty.Value) (User, error) {
	block := &c.def.read
	asked := User{User: offboard.User{ID: id}}
	a, err := c.exchange(ctx, &block.requestBlock, variables{varUser: asked.variable(), varSelf: self})
	if err != nil {
		return User{}, err
	}
	u, err := c.def.readAnswer(a)
	if errors.Is(err, offboard.ErrNotFound) && c.def.shows(a, block.record, c.def.user.id, id) {
		return User{}, a.Malformed("it says that there is no such account, and shows %q", id)
	}
	if err != nil && !errors.Is(err, offboard.ErrClosed) {
		return User{}, err
	}
	if u.ID != id {
		return User{}, a.Malformed("asked for user %q, the answer is about %q", id, a.Text(u.ID))
	}
	return u, err
}

// readAnswer returns the user in an answer to the block read. The errors are those of User.
func (d *Definition) readAnswer(a answerValue) (User, error) {
	block, vars := &d.read, variables{varAnswer: a.value}
	switch {
	case block.saysAbsent(a):
		return User{}, cmp.Or(a.checkNothing(block.absent), offboard.ErrNotFound)
	case !block.succeeds(a):
		return User{}, d.fault(a)
	}
	record, err := block.record.aRecord(vars)
	if err != nil {
		return User{}, a.unreadable(err)
	}
	u, err := d.userIn(a, record)
	if err != nil {
		return User{}, a.unreadable(err)
	}
	switch err := a.checkFailure(false, block.ok, block.record); {
	case err != nil:
		return User{}, err
	case u.Status == offboard.Closed:
		return u, offboard.ErrClosed
	}
	return u, nil
}

// userIn returns the user in a record. The error is an *EvaluationError or an *rest.Error.
func (d *Definition) userIn(a answerValue, record cty.Value) (User, error) {
	b, vars := &d.user, variables{varRecord: record, varSetting: d.set}
	id, err := b.id.text(vars)
	if err == nil {
		err = a.checkID(id)
	}
	if err != nil {
		return User{}, err
	}
	u := User{User: offboard.User{ID: id}, record: record, Facts: map[string]string{}, altered: a.altered}
	if err := d.nameUser(a, vars, &u); err != nil {
		return User{}, err
	}
	if u.Email == "" && u.Name == "" {
		u.Name = u.Login // nothing else says who has the account
	}
	if u.Status, err = b.statusIn(vars); err != nil {
		return User{}, err
	}
	facts, err := b.facts.fields(vars)
	if err != nil {
		return User{}, err
	}
	for name, fact := range facts {
		said, ok := factOf(fact)
		if !ok {
			return User{}, b.facts.fault(fact, "a text")
		}
		u.Facts[name] = a.clean(said, "facts."+name, &u.cleaned)
	}
	return u, nil
}

// nameUser fills in the email, the name and the login of a user. A guard compares the email and the login,
// so that neither may be masked.
func (d *Definition) nameUser(a answerValue, vars variables, u *User) error {
	for _, field := range []struct {
		name       string
		expression *expression
		into       *string
	}{{"email", d.user.email, &u.Email}, {"name", d.user.name, &u.Name}, {"login", d.user.login, &u.Login}} {
		said, err := field.expression.text(vars)
		if err != nil {
			return err
		}
		if field.into != &u.Name && a.HoldsSecret(said) {
			return a.Malformed("the user's %s holds a part of a credential, so no guard can compare it", field.name)
		}
		*field.into = a.clean(said, field.name, &u.cleaned)
	}
	return nil
}

// statusIn returns the status that a record shows.
func (b *userBlock) statusIn(vars variables) (offboard.Status, error) {
	status, err := b.status.text(vars)
	if err == nil && !slices.Contains(statusWords, status) {
		err = &EvaluationError{b.status, "it must be one of " + strings.Join(statusWords, ", ") + ", and is another text"}
	}
	return offboard.Status(status), err
}

// checkID returns why the ID of a user in the answer cannot be used.
func (v answerValue) checkID(id string) error {
	switch {
	case id == "":
		return v.Malformed("the answer has a user without an ID")
	case v.HoldsSecret(id):
		return v.Malformed("the user's ID holds a credential")
	case v.alters(id):
		return v.Malformed("the answer does not write the ID %q in the Unicode normal form NFC, so two users may have it", id)
	}
	return nil
}
