package declared

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// isCalled reports whether a text is the user's ID, email address or login. An empty text is none.
func (u User) isCalled(name string) bool { return offboard.Same(name, u.ID) || u.isNamed(name) }

// isNamed reports whether a text is the user's email address or login, or has one of their addresses. Each may
// have a display name, or a second address, beside it.
func (u User) isNamed(name string) bool {
	return slices.ContainsFunc([]string{u.Email, u.Login}, func(shown string) bool {
		hasIt := func(address string) bool { return offboard.HasAddress(shown, address) }
		return offboard.Same(name, shown) || slices.ContainsFunc(offboard.AddressesIn(name), hasIt)
	})
}

// Why nothing says who owns the key, or whether it still sees users.
var (
	errNotInRecord = errors.New("self of the block alive is neither the ID, nor the email address or sign-in name, " +
		"in its record, so nothing says who owns the key")
	errNotID   = errors.New("self of the block alive is no ID, so nothing says who owns the key")
	errNoOwner = errors.New("self of the block alive reads as no user, so nothing says who owns the key. " +
		"Write the ID with which the block read finds that user, or the email address, or add the record of that user")
	errNoSight = errors.New("self of the block alive reads as no open user, so an absence would prove nothing. " +
		"Write the block list, or let self be the ID of a user")
)

// owns reports whether the answer to the block alive says that u owns the key: by self, by the ID in its
// record, or by another name.
func (f *aliveAnswer) owns(u User) bool {
	return u.isCalled(f.self) || offboard.Same(f.id, u.ID) || f.hasNameOf(u)
}

// mayOwn reports whether u, a row of a list, may own the key: also if only names say who does, and u shows no
// name of their kind. A mask is no address.
func (f *aliveAnswer) mayOwn(u User) bool {
	addressed := offboard.ShowsAddress(u.Email + " " + u.Login)
	isTold := func(name string) bool {
		if strings.Contains(name, "@") {
			return addressed
		}
		return u.Login != ""
	}
	return f.owns(u) || f.named && f.id == "" && !isTold(f.self) && !slices.ContainsFunc(f.names, isTold)
}

func (f *aliveAnswer) hasNameOf(u User) bool { return slices.ContainsFunc(f.names, u.isNamed) }

// readOwner fills in what else than self an answer to the block alive says of who owns the key. It returns
// an *rest.Error if nothing can be compared with self.
func (d *Definition) readOwner(a answerValue, found *aliveAnswer) error {
	found.names, found.named = d.addressesBeside(a, found.self), d.isName(found.self)
	if u, err := d.userIn(a, found.record); !found.record.IsNull() && err == nil {
		if !u.isCalled(found.self) {
			return a.Malformed("%w", errNotInRecord)
		}
		found.id, found.names = u.ID, append(found.names, u.Email, u.Login)
		found.named = found.named || !offboard.Same(found.self, u.ID)
	}
	if !found.named && d.CheckID(found.self) != nil {
		return a.Malformed("%w", errNotID)
	}
	return nil
}

// addressesBeside returns the email addresses that an answer shows in the same object as self.
func (d *Definition) addressesBeside(a answerValue, self string) (all []string) {
	for _, traversal := range d.alive.self.traversalsOf(varAnswer) {
		owner := ownerAt(a.value, traversal, self)
		if owner == cty.NilVal || owner.IsNull() || !owner.Type().IsObjectType() {
			continue
		}
		for name, field := range owner.AsValueMap() {
			all = append(all, addressesOf(name, field)...)
		}
	}
	return all
}

// ownerAt returns the object that has self as a field: the one element, if an expression takes self out of a
// list in a loop.
func ownerAt(answer cty.Value, traversal hcl.Traversal, self string) cty.Value {
	isSelf := func(field cty.Value) bool {
		said, isText := textOf(field)
		return isText && offboard.Same(said, self)
	}
	used, _ := traversal[1:].TraverseRel(answer) // nothing, if the answer lacks it
	elements, _ := elementsOf(used)
	elements = slices.DeleteFunc(elements, func(element cty.Value) bool {
		return !element.Type().IsObjectType() ||
			!slices.ContainsFunc(slices.Collect(maps.Values(element.AsValueMap())), isSelf)
	})
	if len(elements) == 1 {
		return elements[0]
	}
	end := len(traversal) - 1
	for end > 0 && len(withoutIndexes(traversal[end:])) == 0 { // self is an element of a list
		end--
	}
	if end < 2 || stepName(traversal[1]) != "json" {
		return cty.NilVal
	}
	owner, _ := traversal[1:end].TraverseRel(answer)
	return owner
}

// addressesOf returns the email address that a field is, or those in it if its name says that it has some.
func addressesOf(name string, field cty.Value) (all []string) {
	hasSome := strings.Contains(strings.ToLower(name), "mail")
	_ = cty.Walk(field, func(_ cty.Path, v cty.Value) (bool, error) { // no error is returned
		if said, isText := textOf(v); isText && strings.Contains(said, "@") {
			all = append(all, said)
		}
		return hasSome, nil
	})
	return all
}

// isName reports whether self is an email address or a sign-in name, if users have one, and no ID.
func (d *Definition) isName(self string) bool {
	_, domain, _ := strings.Cut(offboard.Address(self), "@")
	switch {
	case strings.ContainsAny(self, "/:"):
		return false
	case strings.Contains(self, "@"): // an ID may have one, too
		return strings.Contains(domain, ".") && (d.user.email != nil || d.user.login != nil)
	}
	return d.user.login != nil && !d.looksLikeID(self)
}

// looksLikeID reports whether a text looks like the ID in unknown_id: it has the form in id_pattern, or is a
// number or as long like that one, and has no other character than letters, digits and those of that one.
func (d *Definition) looksLikeID(self string) bool {
	hasMark := func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(d.unknownID, r) }
	isDigits := !strings.ContainsFunc(d.unknownID, func(r rune) bool { return !unicode.IsDigit(r) })
	isOther := func(r rune) bool { return !unicode.IsDigit(r) && (isDigits || hasMark(r)) }
	hasForm := isDigits || len(self) == len(d.unknownID)
	if d.idPattern != nil {
		hasForm = d.idPattern.MatchString(self)
	}
	return hasForm && !strings.ContainsFunc(self, isOther)
}

// checkOwner returns an error if self is no user. An ID must read as one: that of an account or a membership
// may look like it. If the user who is read has one of the names beside self, only self counts. A name need not
// read as a user, unless that user is all that can be seen after an absence.
func (c *Client) checkOwner(ctx context.Context, found *aliveAnswer) error {
	sight := c.def.seesOwner()
	if found.self == "" || found.named && !sight {
		return nil
	}
	u, err := User{}, c.def.CheckID(found.self)
	if err == nil {
		u, err = c.readUser(ctx, found.self, found.record)
	}
	closed := errors.Is(err, offboard.ErrClosed)
	switch {
	case err == nil:
		if found.hasNameOf(u) {
			found.names = nil
		}
		return nil
	case found.named && lasting(err), sight && closed:
		return errNoSight
	case errors.Is(err, offboard.ErrNotFound):
		return errNoOwner
	case closed:
		return nil
	}
	return err
}

// seesOwner reports whether the user who owns the key is all that shows, after an absence, that the key
// still sees users.
func (d *Definition) seesOwner() bool {
	return d.list == nil && d.alive.records == nil && d.alive.rights == nil && d.endsAbsent()
}
